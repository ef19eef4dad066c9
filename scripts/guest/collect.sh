# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC2154 # the parts share variables
# The script that collects the data of a report.

# check_collect: it collects the firmware tables, the log and the files in debugfs.
check_collect() {
	local report=/tmp/nyx-report table file missing=

	check collect-succeeds "$(cat /tmp/collect)" \
		sh -c "/nyx/collect-report.sh /tmp >/tmp/collect 2>&1"
	check collect-names-the-archive "$(cat /tmp/collect)" \
		[ "$(cat /tmp/collect)" = "$report.tar.gz" ]
	tar -C /tmp -xzf "$report.tar.gz"
	for table in DMAR IVRS APIC; do
		cmp -s "/sys/firmware/acpi/tables/$table" "$report/tables/$table" ||
			[ ! -e "/sys/firmware/acpi/tables/$table" ] ||
			missing="$missing $table"
	done
	for file in summary units devices domains interrupts faults \
		    "$(columns "$DEBUGFS/units" unit | head -n 1)/entries"; do
		[ -s "$report/debugfs/$file" ] || missing="$missing $file"
	done
	grep -q "nyx:" "$report/dmesg" || missing="$missing dmesg"
	check collect-has-all "missing:$missing" [ -z "$missing" ]
	check collect-refuses "unknown options are accepted" \
		sh -c "/nyx/collect-report.sh --colour 2>/dev/null; [ \$? -eq 2 ]"
	rm -rf "$report" "$report.tar.gz"
}
