#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The packages lane: builds the Debian packages, and installs, upgrades, removes and purges
# them. Also installs from source.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib/common.sh"
. "$(dirname "$0")/lib/checks.sh"
. "$(dirname "$0")/lib/mirror.sh"
. "$(dirname "$0")/lib/machine.sh"

usage() {
	cat <<EOF
Usage: scripts/packages.sh [--all] [--only GLOB] [--list] [--help]

Builds the packages, checks them with lintian, and installs, upgrades, removes and
purges them in a copy of a Debian 13 system. Installs from source in another copy, as
the documents describe it. With --all it also boots such a system in QEMU, with each
kind of IOMMU, and installs, upgrades and removes them while it runs. Ends with
"N passed, N failed".

  --all        also boot
  --only GLOB  only checks with such a name, among those of --all. Some need others:
               headers, upgrade, remove and purge those before them, all need build,
               live-* need plain, and everything else that boots needs image
  --list       list the checks and end
EOF
}

all='' only='' list=''
take_options --all --only=GLOB --list
[ -z "$only" ] || all=1
only=${only:-*}

need_root
contain
alone packages
[ -n "$list" ] || "$NYX_ROOT/scripts/setup.sh"
load_kernels
. "$NYX_ROOT/scripts/lib/packages_root.sh"
. "$NYX_ROOT/scripts/lib/packages_install.sh"
. "$NYX_ROOT/scripts/lib/packages_source.sh"
. "$NYX_ROOT/scripts/lib/packages_boot.sh"
. "$NYX_ROOT/scripts/lib/packages_secureboot.sh"
. "$NYX_ROOT/scripts/lib/packages_live.sh"
work=$NYX_BUILD/packages
mkdir -p "$work"
version=$(sed -nE 's/^#define NYX_VERSION "(.*)"$/\1/p' \
	"$NYX_ROOT/drivers/iommu/nyx/version.h")
newer=$version.1
TROUBLE=$(sed -n "s/^TROUBLE='\(.*\)'$/\1/p" "$NYX_ROOT/scripts/guest/report.sh")

check build check_build
check lintian check_lintian
check install check_install
check headers check_headers
check upgrade check_upgrade
check remove check_remove
check purge check_purge
check source check_source
if [ -n "$all" ]; then
	check image check_image
	check intel check_intel
	check amd check_amd
	check builtin check_builtin
	check hang check_hang
	check off check_off
	check blacklist check_blacklist
	check purged check_purged
	check secureboot check_secureboot
	check plain check_plain
	check live-intel check_live_intel
	check live-amd check_live_amd
fi
check_end
