#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The first command in README.md: sets up, builds and demonstrates the module.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib/common.sh"
. "$(dirname "$0")/lib/machine.sh"

usage() {
	cat <<EOF
Usage: scripts/demo.sh
       make demo [VENDOR=intel|amd]

Runs setup, builds the module and boots a virtual machine with the newest stock
kernel. Shows what Nyx does in it: it lists devices and groups, writes and
verifies a disk through translation, and blocks and reports a stray DMA.
EOF
}

take_options

vendor=${VENDOR:-intel}
use_vendor "$vendor"

need_root
contain
alone demo
"$NYX_ROOT/scripts/setup.sh"
load_kernels
say "demo: build the module for $NYX_NEW"
mkdir -p "$NYX_BUILD/logs"
if ! "$NYX_ROOT/scripts/build.sh" "$NYX_NEW" >"$NYX_BUILD/logs/demo-build" 2>&1
then
	die "the module does not build; see build/logs/demo-build"
fi
"$NYX_ROOT/scripts/initramfs.sh" "$NYX_NEW"

dir=$NYX_BUILD/demo
rm -rf "$dir"
mkdir -p "$dir/overlay/nyx"
printf 'DRIVER=nyx\nROW=demo\nVENDOR=%s\n' "$vendor" >"$dir/overlay/nyx/row.conf"
printf '. /nyx/demo.sh\ndemo\n' >"$dir/overlay/nyx/plan"
cp "$NYX_ROOT/scripts/guest/demo.sh" \
	"$NYX_BUILD/$NYX_NEW/modules/nyx_iommu.ko" \
	"$dir/overlay/nyx/"

say "demo: boot a machine with $unit, kernel parameters $append (about half a minute)"
ended=1
boot "$NYX_NEW" demo "$unit" "$append" multi "${NYX_LIMIT:-300}" || ended=
sed -n 's/^| \?//p' "$dir/results"
say
if failures=$(grep '^not ok ' "$dir/results"); then
	say "$failures"
	die "checks failed; the kernel log is build/demo/console"
fi
[ -n "$ended" ] ||
	die "the machine did not finish; the kernel log is build/demo/console"
say "All $(grep -c '^ok ' "$dir/results") checks passed. The kernel log is build/demo/console."
