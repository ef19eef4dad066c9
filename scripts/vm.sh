#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Runs the rows of the matrix in which user space drives devices: virtual machines, DPDK, and
# programs that are killed.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib/common.sh"

usage() {
	cat <<EOF
Usage: scripts/vm.sh [-v] [--help]

Boots each row of scripts/rows whose name begins with "vm-" or "amd-vm-" with the newest
kernel, where devices are given away through containers of VFIO, and with the debug kernel,
where they are given away through IOMMUFD. Ends with "N passed, N failed". It takes long.

  -v   print every check, not only failed ones
EOF
}

v=''
take_options -v
need_root
load_kernels
new=$(sed -E 's/^([0-9]+\.[0-9]+).*/\1/' <<<"$NYX_NEW")
exec "$NYX_ROOT/scripts/matrix.sh" ${v:+-v} --only "@($new|debug)/?(amd-)vm-*"
