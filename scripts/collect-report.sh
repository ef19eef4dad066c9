#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Collects what a report about a machine needs, see Documentation/report.md. Runs on the
# machine itself, and only reads.
set -eu

usage() {
	cat <<END
Usage: scripts/collect-report.sh [FOLDER]

Collects what a report about this machine needs: the kernel log and command line, the
list of PCI devices, the firmware tables of the IOMMU and of the interrupt controllers,
and the files of the module in debugfs, without the mappings of domains. Must be run as
root. Writes FOLDER/nyx-report.tar.gz (default: /tmp).

Exit codes: 0 if the archive was written, 1 if not, 2 if the arguments are wrong.
END
}

case ${1:-} in
-h|--help) usage; exit 0 ;;
-*) usage >&2; exit 2 ;;
esac
[ $# -le 1 ] || { usage >&2; exit 2; }

target=${1:-/tmp}
debugfs=/sys/kernel/debug/nyx
tables=/sys/firmware/acpi/tables

[ "$(id -u)" = 0 ] || { echo "collect-report: must be run as root" >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
report=$work/nyx-report
mkdir "$report"

# copy FILE NAME: copies a readable file. Files in sysfs and debugfs have no size.
copy() {
	[ -r "$1" ] || return 0
	mkdir -p "$(dirname "$report/$2")"
	cat "$1" >"$report/$2" || echo "collect-report: cannot read $1" >&2
}

uname -a >"$report/uname"
dmesg >"$report/dmesg"
copy /proc/cmdline cmdline
copy /proc/cpuinfo cpuinfo
copy /proc/iomem iomem
copy /proc/interrupts interrupts
copy /etc/os-release os-release
for table in DMAR IVRS APIC FACP; do
	copy "$tables/$table" "tables/$table"
done
for file in sys_vendor product_name product_version board_name bios_version bios_date; do
	copy "/sys/class/dmi/id/$file" "dmi/$file"
done
if command -v lspci >/dev/null; then
	# The lspci of some distributions has fewer options.
	lspci -nnvvv >"$report/lspci" 2>/dev/null || lspci >"$report/lspci"
fi
for file in /sys/module/nyx_iommu/version /sys/module/nyx_iommu/parameters/*; do
	copy "$file" "module/${file##*/}"
done
if [ -d "$debugfs" ]; then
	# Files without read permission are commands.
	find "$debugfs" -type f -perm -0400 ! -name page_table |
		while read -r file; do
			copy "$file" "debugfs/${file#"$debugfs"/}"
		done
else
	echo "collect-report: no $debugfs: the module is not loaded, or there is no debugfs" >&2
fi
tar -C "$work" -czf "$target/nyx-report.tar.gz" nyx-report
echo "$target/nyx-report.tar.gz"
