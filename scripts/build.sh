#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Build the module for one of the stock kernels, in the chroot.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib/common.sh"

usage() {
	cat <<EOF
Usage: scripts/build.sh lts|new|newest|RELEASE [MAKE-ARGUMENT...]

Builds a copy of this tree in build/RELEASE/tree against the headers in the
chroot, and prints the path of nyx_iommu.ko.
The modules that only the test machine loads are built beside it.
EOF
}

case ${1:-} in
-h|--help) usage; exit 0 ;;
'') usage >&2; exit 2 ;;
esac
need_root
load_kernels
case $1 in
lts) rel=$NYX_LTS ;;
new) rel=$NYX_NEW ;;
newest) rel=$NYX_NEWEST ;;
*) rel=$1 ;;
esac
shift

# compile FOLDER [MAKE-ARGUMENT...]: the modules of a folder of the copy.
compile() {
	local folder=$NYX_IN_BUILD/$rel/tree$1

	shift
	in_chroot make -C "$(headers_of "$rel")" M="$folder" -j"$(nproc)" modules "$@"
}

compile_all() {
	compile '' "$@" && compile /scripts/guest
}

# Builds in a copy, so that kernels do not overwrite each other's objects. The copy
# has sources only, so that no leftover object is used.
tree=$NYX_BUILD/$rel/tree
mkdir -p "$tree"
alone "$rel/build"
in_chroot rsync -a --delete --exclude=/build --exclude=/.git \
	--include='*/' --include='*.[ch]' --include='*.mk' --include=Kbuild \
	--include=Kconfig --exclude='*' "$NYX_IN_ROOT/" "$NYX_IN_BUILD/$rel/tree/"
log=$NYX_BUILD/$rel/build.log
if ! compile_all "$@" >"$log" 2>&1; then
	grep -E 'error|\*\*\*|undefined' "$log" | head -n 20 >&2
	die "the module does not build for $rel; the whole log is $log"
fi

# The modules for the test machine have no debug information, which is thirty times
# as large as the rest: a slow guest would unpack it at each boot and read it at each
# load. They replace the old ones atomically, because another script may be reading
# those.
modules=$NYX_BUILD/$rel/modules
rm -rf "$modules.part"
mkdir -p "$modules" "$modules.part"
cp "$tree"/drivers/iommu/nyx/*.ko "$tree"/scripts/guest/*/*.ko "$modules.part/"
in_chroot sh -euc "strip --strip-debug '$NYX_IN_BUILD/$rel/modules.part'/*.ko"
mv "$modules.part"/*.ko "$modules/"
rmdir "$modules.part"
say "$tree/drivers/iommu/nyx/nyx_iommu.ko"
