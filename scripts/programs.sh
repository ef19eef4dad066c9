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

Writes QEMU, Prometheus, DPDK's test program, and their firmware, drivers and
libraries to build/programs, which rows with examples=NAME add to the initramfs.
USAGE
}

PROGRAMS=(/usr/bin/qemu-system-x86_64 /usr/bin/prometheus)
FIRMWARE=(/usr/share/seabios/bios-256k.bin /usr/share/qemu/kvmvapic.bin)

# DPDK loads its drivers itself, so ldd does not show them. Their names have the version.
LIBS=usr/lib/x86_64-linux-gnu
TESTPMD=/usr/bin/dpdk-testpmd
DRIVERS=(librte_net_e1000 librte_mempool_ring)

# make_tree TREE DPDK: runs in the chroot. DPDK is the folder with DPDK's packages.
make_tree() {
	local tree=$1 dpdk=$2 file
	local -a programs=("${PROGRAMS[@]}" "$dpdk$TESTPMD")

	for file in "${DRIVERS[@]}"; do
		programs+=("$dpdk/$LIBS"/dpdk/pmds-*/"$file".so.*.*)
	done
	rm -rf "$tree.part"
	for file in "${programs[@]}" "${FIRMWARE[@]}"; do
		install -D -m 755 "$file" "$tree.part${file#"$dpdk"}"
	done
	LD_LIBRARY_PATH=$dpdk/$LIBS ldd "${programs[@]}" |
	sed -nE 's,^[^/]*(/[^ :]*) \(.*,\1,p' | sort -u |
	while read -r file; do
		install -D -m 755 "$file" "$tree.part${file#"$dpdk"}"
	done
	rm -rf "$tree"
	mv "$tree.part" "$tree"
}

case ${1:-} in
--in-chroot) make_tree "$2" "$3"; exit ;;
-h|--help) usage; exit 0 ;;
esac
need_root
alone programs
inputs=$({ cat "$0"; stat -c '%s %Y' "${PROGRAMS[@]/#/$NYX_CHROOT}" "$NYX_CACHE/dpdk$TESTPMD"; } | cksum)
[ "$(cat "$NYX_BUILD/programs.inputs" 2>/dev/null)" != "$inputs" ] || exit 0
in_chroot "$NYX_IN_ROOT/scripts/programs.sh" --in-chroot "$NYX_IN_BUILD/programs" "$NYX_IN_CACHE/dpdk"
say "$inputs" >"$NYX_BUILD/programs.inputs"
