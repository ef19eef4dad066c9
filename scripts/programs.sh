#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Collects the programs of the chroot that the examples of the documents use, with their
# libraries, for the guest.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib/common.sh"

usage() {
	cat <<USAGE
Usage: scripts/programs.sh

Writes QEMU, its firmware and its libraries to build/programs, which rows with programs=1
add to the initramfs.
USAGE
}

PROGRAMS=(/usr/bin/qemu-system-x86_64)
FILES=(/usr/share/seabios/bios-256k.bin /usr/share/qemu/kvmvapic.bin)

# make_tree TREE: runs in the chroot.
make_tree() {
	local tree=$1 file

	rm -rf "$tree.part"
	for file in "${PROGRAMS[@]}" "${FILES[@]}"; do
		install -D -m 755 "$file" "$tree.part$file"
	done
	ldd "${PROGRAMS[@]}" | sed -nE 's,^[^/]*(/[^ ]*) .*,\1,p' | sort -u |
	while read -r file; do
		install -D -m 755 "$file" "$tree.part$file"
	done
	rm -rf "$tree"
	mv "$tree.part" "$tree"
}

case ${1:-} in
--in-chroot) make_tree "$2"; exit ;;
-h|--help) usage; exit 0 ;;
esac
need_root
alone programs
inputs=$({ cat "$0"; stat -c '%s %Y' "$NYX_CHROOT${PROGRAMS[0]}"; } | cksum)
[ "$(cat "$NYX_BUILD/programs.inputs" 2>/dev/null)" != "$inputs" ] || exit 0
in_chroot "$NYX_IN_ROOT/scripts/programs.sh" --in-chroot "$NYX_IN_BUILD/programs"
say "$inputs" >"$NYX_BUILD/programs.inputs"
