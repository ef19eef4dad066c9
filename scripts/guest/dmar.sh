# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC2034,SC2154 # the parts share variables
# Intel's table of units, the DMAR: see table.sh for what is done with it.
#
# Offsets: VT-d specification, 8.1 to 8.7. QEMU's table has one DRHD, at the
# end of the header, with the scope of every device on the root bus.
TABLE=DMAR
UNIT=vtd0
DRHD=0x30
DRHD_LENGTH=0x32
DRHD_BASE=0x38
DRHD_SCOPE=0x40

check_broken_tables() {
	context="broken table: "
	firmware_bug structure-beyond-table 1 "length goes beyond the table" \
		$DRHD_LENGTH 0xff 0x0f
	firmware_bug structure-of-no-length 1 "length is less than a header's" \
		$DRHD_LENGTH 0 0
	firmware_bug structure-cut-off 1 "length goes beyond the table" \
		"$TABLE_LENGTH" 0x44 0
	firmware_bug table-of-no-length 1 "shorter than a header" \
		"$TABLE_LENGTH" 0x2f 0
	firmware_bug scope-beyond-structure 1 "extends beyond its structure" \
		$((DRHD_SCOPE + 1)) 0xf0
	firmware_bug scope-of-no-length 1 "shorter than its fields" \
		$((DRHD_SCOPE + 1)) 0
	firmware_bug scope-with-half-a-hop 1 "half a hop" \
		$((DRHD_SCOPE + 1)) 9
	firmware_bug scope-of-no-device 1 "invalid device" \
		$((DRHD_SCOPE + 6)) 32
	firmware_bug registers-nowhere 2 "usable units is 0" \
		$DRHD_BASE 0 0 0 0
	firmware_bug registers-not-aligned 2 "usable units is 0" \
		$DRHD_BASE 4 0 0xd9 0xfe
	firmware_bug no-unit 1 "usable units is 0" $DRHD 0x7f 0x7f
	# All ones on a real machine; QEMU answers with zeros there.
	broken nobody-answers "no response|not supported" \
		$DRHD_BASE 0 0x10 0xd9 0xfe
	context=
}

# One unit for all devices, and two pages that firmware has reserved for edu. The
# I/O APIC is below another unit, which is nowhere.
make_reserved_table() {
	dd if=/tmp/table.good of=/tmp/table bs=120 count=1 2>/dev/null
	poke $DRHD_LENGTH 16 0 1
	poke 0x40 1 0 32 0 0 0 0 0 \
		0 0 0 0x30 0 0 0 0 \
		0xff 0x1f 0 0x30 0 0 0 0 \
		1 8 0 0 0 0 5 0 \
		0 0 24 0 0 0 1 0 \
		4 0 0 0 0 0 0 0 \
		3 8 0 0 0 0xff 0 0
	table_ends_at 120
}

# andd OFFSET NUMBER NAME: the structure that has a device scope's number mean an
# object of the ACPI namespace (8.7).
andd() {
	poke "$1" 4 0 $((9 + ${#3})) 0 0 0 0 "$2"
	poke_text $(($1 + 8)) "$3"
}

# One unit for three devices of the ACPI namespace, whose requests come from edu,
# through a root port and a bridge as those of the other edu do, and from a PCI
# device that is named too. The I/O APIC is below it as it was.
make_acpi_table() {
	dd if=/tmp/table.good of=/tmp/table bs=1 count=64 2>/dev/null
	poke $DRHD_LENGTH 60 0 0
	poke $DRHD_SCOPE 5 8 0 0 1 0 5 0 \
		5 12 0 0 2 0 7 0 0 0 0 0 \
		5 8 0 0 3 0 6 0 \
		1 8 0 0 0 0 6 0 \
		3 8 0 0 0 0xff 0 0
	andd 108 1 '\_SB.HID1'
	andd 126 2 '\_SB.HID2'
	andd 144 3 '\_SB.NRTH'
	table_ends_at 162
}

# One unit for all devices of PCI, and for some of the ACPI namespace by mistake: an
# object that does not exist; paths through a bridge that is not there and
# through what is none; a number without a name. A name has a number that nobody uses.
make_wrong_acpi_table() {
	dd if=/tmp/table.good of=/tmp/table bs=1 count=64 2>/dev/null
	poke $DRHD_LENGTH 60 0 1
	poke $DRHD_SCOPE 5 8 0 0 1 0 5 0 \
		5 10 0 0 2 0 29 0 0 0 \
		5 10 0 0 3 0 5 0 0 0 \
		5 8 0 0 9 0 6 1 \
		3 8 0 0 0 0xff 0 0
	andd 108 1 '\NONE'
	andd 122 2 '\_SB.UID6'
	andd 140 3 '\_SB.UID7'
	andd 158 4 '\_SB.STH'
	table_ends_at 175
}

check_acpi() {
	context="ACPI devices: "
	find_devices
	make_acpi_table
	acpi_table_install || return
	check_named HID1 "${EDU#*:}"
	check_named HID2 "$(bridged_id "$EDU_BRIDGED")"
	check_named NRTH 00:06.0
	check_not_named CID1 STH_ UID6 UID7
	check_shown_entries
	check_shared NRTH 0000:00:06.0
	check_requests HID1 "$EDU"
	check_requests HID2 "$EDU_BRIDGED"
	acpi_table_remove

	context="ACPI devices by mistake: "
	make_wrong_acpi_table
	acpi_table_install || return
	check number-without-name-is-told "the log does not tell" \
		log_has "Firmware Bug.*number has no ANDD \(0x9\)"
	check_not_named HID1 HID2 STH_ UID6 UID7
	check others-are-managed "$EDU is not" is_managed "$EDU"
	acpi_table_remove
	context=
}

# bridged_id DEVICE: what its requests carry behind a PCIe-to-PCI bridge.
bridged_id() {
	local bus=${1#*:}

	echo "${bus%:*}:00.0"
}
