#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Measures the module and the built-in driver in the test machine.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib/common.sh"

usage() {
	cat <<EOF
Usage: scripts/bench.sh [--compare OLD.json] [--help]

Boots each stock kernel with the built-in driver and with the module, for both vendors, and
counts the instructions of the IOMMU API and the DMA API (scripts/guest/bench). Prints the
figures of the module, their ratios to those of the built-in driver in the same run, and the
floor, which is the part of the IOMMU core. Writes build/bench/bench.json.

  --compare OLD.json  list what executes more than 2 % more instructions than in that file,
                      and fail if there is something

QEMU emulates one CPU and counts its instructions, so the load of the host does not matter.
The caches of a unit do not exist there: an invalidation is complete at once.
EOF
}

compare=''
take_options --compare=FILE
need_root
load_kernels
out=$NYX_BUILD/bench
mkdir -p "$out"
"$NYX_ROOT/scripts/matrix.sh" --only '*/?(amd-)bench*' >"$out/log" 2>&1 || {
	tail -n 20 "$out/log" >&2
	die "the measurement failed: see $out/log"
}
commit=$(git -C "$NYX_ROOT" describe --always --dirty 2>/dev/null || say unknown)
qemu=$(in_chroot qemu-system-x86_64 --version | sed -n '1s/.*version //p')
in_chroot python3 "$NYX_IN_ROOT/scripts/lib/bench.py" "$NYX_IN_BUILD/cases" \
	"$NYX_IN_BUILD/bench/bench.json" "$commit" "$qemu" "$NYX_LTS" "$NYX_NEW"
if [ -n "$compare" ]; then
	cp "$compare" "$out/old.json"
	in_chroot python3 "$NYX_IN_ROOT/scripts/lib/bench.py" --compare \
		"$NYX_IN_BUILD/bench/old.json" "$NYX_IN_BUILD/bench/bench.json"
fi
