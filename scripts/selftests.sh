#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Builds the kernel's own tests of VFIO.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib/common.sh"
# shellcheck source-path=SCRIPTDIR
. "$NYX_ROOT/scripts/lib/source.sh"

usage() {
	cat <<EOF
Usage: scripts/selftests.sh [--help]

Builds the VFIO selftests in the source of the newest kernel, for the test machine. The
programs are in build/selftests/vfio. They are linked statically, because the guest has
few libraries, and built once for all clones.
EOF
}

take_options
need_root

# The tests need the kernel's own headers, which are newer than those of the C library.
build_selftests() {
	local dir=$NYX_IN_BUILD/selftests

	in_tree make -s O="$dir/headers" headers
	in_tree mkdir "$dir/vfio"
	in_tree make -s -C tools/testing/selftests/vfio top_srcdir="$NYX_TREE" \
		OUTPUT="$dir/vfio" KHDR_INCLUDES="-isystem $dir/headers/usr/include" \
		LDFLAGS=-static
}

load_kernels
kernel_source
shared_build selftests vfio build_selftests
