#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The static lane: checks of the code that do not run it.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib/common.sh"
. "$(dirname "$0")/lib/checks.sh"
. "$(dirname "$0")/lib/source.sh"
. "$(dirname "$0")/lib/static_build.sh"
. "$(dirname "$0")/lib/static_docs.sh"
. "$(dirname "$0")/lib/static_setup.sh"
. "$(dirname "$0")/lib/static_structure.sh"
. "$(dirname "$0")/lib/static_text.sh"

usage() {
	cat <<EOF
Usage: scripts/static.sh [--all] [--only GLOB] [--list]

Compiles the module against the headers of the oldest and the newest kernel of each
series that setup found and inside a kernel tree, without any warning from gcc,
sparse or modpost. Builds and installs it by DKMS. Checks the sources' style,
comments, spelling and rules, and the messages of a setup that cannot do its work, and
of scripts with wrong arguments.

  --all        compile against every kernel that setup found
  --only GLOB  run only the checks with such a name, among those of --all
  --list       list the checks and end
EOF
}

all='' only='' list=''
take_options --all --only=GLOB --list
[ -z "$only" ] || all=1
only=${only:-*}

need_root
contain
load_kernels
kernel_source
work=$NYX_BUILD/static
mkdir -p "$work"
exec 9>"$work.lock"
flock 9

cd "$NYX_ROOT"
mapfile -t c_files < <(find drivers include kunit scripts -name '*.[ch]' | sort)
mapfile -t doc_files < <(find README.md Documentation -name '*.md' | sort)
mapfile -t make_files < <(find . -path ./build -prune -o \
	\( -name Kbuild -o -name Kconfig -o -name Makefile \
	-o -name '*.mk' \) -print | sort)
mapfile -t sh_files < <(grep -rlE '^#!.*sh$|^# shellcheck shell=' \
	dkms.conf debian .ci scripts | sort)
mapfile -t row_files < <(find scripts/rows -type f | sort)

for rel in $NYX_RELEASES; do
	# shellcheck disable=SC2053 # a glob
	[[ build-$rel == $only ]] || continue
	[ -n "$all" ] || ! is_in_between "$rel" || continue
	if reason=$(cannot_build "$rel"); then
		say "build-$rel is left out: its host tools do not run here: $reason"
	else
		check "build-$rel" build_module "$rel"
	fi
done
check build-in-tree build_in_tree
check build-unknown check_unknown
check build-dkms check_dkms_install
check modinfo check_modinfo
check documented check_documented
check used check_used
check layers check_layers
check suites check_suites
check failures check_failures
check checkpatch check_checkpatch
check kernel-doc check_kernel_doc
check codespell check_codespell
check shellcheck check_shellcheck
check functions check_functions
check spdx check_spdx
check length check_length
check links check_links
check anchors check_anchors
check pictures check_pictures
check proofs check_proofs
check commands check_commands
check columns check_columns
check versions check_versions
check vendors check_vendors
check no-panic check_no_panic
check dkms check_dkms
check options check_options
check setup-user check_setup_user
check setup-mirror check_setup_mirror
check setup-sources check_setup_sources
check setup-room check_setup_room
check setup-done check_setup_done
check arguments check_arguments
check_end
