# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC2034,SC2154 # the parts share variables
# Checks with modified DMAR tables, which describe the units of VT-d: see table.sh.
#
# Offsets: VT-d specification, 8.1 to 8.7. QEMU's table has one DRHD after the header,
# with a device scope for every device on the root bus.
TABLE=DMAR
UNIT=vtd0
DMAR_FLAGS=0x25
PRE_BOOT_AT=$DMAR_FLAGS
PRE_BOOT=4
DRHD=0x30
DRHD_LENGTH=0x32
DRHD_BASE=0x38
DRHD_SCOPE=0x40

check_broken_tables() {
	context="broken table: "
	firmware_bug structure-beyond-table 1 "length exceeds the table" \
		$DRHD_LENGTH 0xff 0x0f
	firmware_bug structure-of-no-length 1 "length is less than a header's" \
		$DRHD_LENGTH 0 0
	firmware_bug structure-cut-off 1 "length exceeds the table" \
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
	# DMA_REMAP_OPT_OUT. The other flag is QEMU's.
	broken opted-out "forbids DMA remapping" $DMAR_FLAGS 9
	# Unclaimed addresses read as all ones on real machines, and as 0 in QEMU.
	broken registers-do-not-respond "no response|not supported" \
		$DRHD_BASE 0 0x10 0xd9 0xfe
	context=
}

# A DRHD for all devices, and an RMRR with two pages for edu. The I/O APIC is in the scope
# of another DRHD, whose unit does not exist.
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

# rmrr OFFSET BASE-BYTE... LIMIT-BYTE... LENGTH: an RMRR without its device scopes.
rmrr() {
	local at=$(($1))

	shift
	poke $at 1 0 "${17}" 0 0 0 0 0 "$1" "$2" "$3" "$4" "$5" "$6" "$7" "$8" \
		"$9" "${10}" "${11}" "${12}" "${13}" "${14}" "${15}" "${16}"
}

# A DRHD for all devices and the I/O APIC. An RMRR with page 0 for edu and two functions of
# one device, and one with 16 pages for edu.
make_page_0_table() {
	dd if=/tmp/table.good of=/tmp/table bs=1 count=64 2>/dev/null
	poke $DRHD_LENGTH 24 0 1
	poke $DRHD_SCOPE 3 8 0 0 0 0xff 0 0
	rmrr 72 0 0 0 0 0 0 0 0 0xff 0x0f 0 0 0 0 0 0 48
	poke 96 1 8 0 0 0 0 5 0 1 8 0 0 0 0 0x1f 2 1 8 0 0 0 0 0x1f 3
	rmrr 120 0 0 0 0 0 0 0 0 0xff 0xff 0 0 0 0 0 0 32
	poke 144 1 8 0 0 0 0 5 0
	table_ends_at 152
}

# A DRHD for all devices, and RMRRs: two pages for edu; the same pages for the network card
# igb; for a PCI device, a page above 48 bits.
make_special_table() {
	dd if=/tmp/table.good of=/tmp/table bs=1 count=64 2>/dev/null
	poke $DRHD_LENGTH 16 0 1
	rmrr 64 0 0 0 0x30 0 0 0 0 0xff 0x1f 0 0x30 0 0 0 0 32
	poke 88 1 8 0 0 0 0 5 0
	rmrr 96 0 0 0 0x30 0 0 0 0 0xff 0x1f 0 0x30 0 0 0 0 34
	poke 120 1 10 0 0 0 0 3 2 0 0
	rmrr 130 0 0 0 0 0 0 1 0 0xff 0x0f 0 0 0 0 1 0 32
	poke 154 1 8 0 0 0 0 6 0
	table_ends_at 162
}

# drhd OFFSET FLAGS PAGE [DEVICE...]: writes a DRHD of segment 0 whose registers are at
# 0xfedPP000, where PP is PAGE, and which lists these devices of the root bus.
drhd() {
	local at=$(($1)) flags=$2 page=$3 device

	shift 3
	poke $at 0 0 $((16 + 8 * $#)) 0 "$flags" 0 0 0 \
		0 $(((page & 15) << 4)) $((0xd0 | page >> 4)) 0xfe 0 0 0 0
	at=$((at + 16))
	for device; do
		poke $at 1 8 0 0 0 0 "$device" 0
		at=$((at + 8))
	done
}

# Units that cannot be used stay off: one does not respond, and none of another's devices
# is present. A duplicate adds a device to the unit that works.
check_units_off() {
	context="units off: "
	find_devices
	cp /tmp/table.good /tmp/table
	drhd 0x30 1 0x90
	drhd 0x40 0 0xa0 5
	drhd 0x58 0 0xb0 30
	drhd 0x70 0 0x90 6
	table_ends_at 0x88
	check_other_units_work 1 "vtd1: (no response|not supported)" \
		"vtd2: stays off: none of its devices is present" \
		"Firmware Bug.*register base is that of an earlier DRHD.*continuing"
	context="unit claimed: "
	check claim "the test driver was not loaded" /usr/lib/nyx/insmod \
		/nyx/nyx_fail_test.ko function=__request_region call=2 error=0
	check_other_units_work 1 "vtd1: stays off: another driver claimed its registers"
	rmmod nyx_fail_test
	context="INCLUDE_PCI_ALL unit off: "
	cp /tmp/table.good /tmp/table
	# 00:06.0, and the root port 00:03.0 with the disk below it.
	drhd 0x30 0 0x90 6 3
	poke 0x48 2
	drhd 0x50 1 0xa0
	table_ends_at 0x60
	check_other_units_work $(($(nr_devices) - 3)) "vtd1: (no response|not supported)"
	context=
}

nr_devices() {
	set -- "$PCI"/*
	echo $#
}

# andd OFFSET NUMBER NAME: writes an ANDD structure, which assigns the ACPI device number
# of a device scope to an object of the ACPI namespace (8.7).
andd() {
	poke "$1" 4 0 $((9 + ${#3})) 0 0 0 0 "$2"
	poke_text $(($1 + 8)) "$3"
}

# A DRHD for three devices of the ACPI namespace. The paths of their scopes lead to edu, to
# the other edu device through a root port and a bridge, and to a PCI device that has its
# own scope. The I/O APIC stays below this unit.
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

# A DRHD for all PCI devices, with invalid scopes for devices of the ACPI namespace: an
# object that does not exist; a path through a bridge that does not exist; a path through
# a device that is not a bridge; a number without an ANDD. One ANDD has a number that no
# scope uses.
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

	context="invalid ACPI devices: "
	make_wrong_acpi_table
	acpi_table_install || return
	check number-without-name-is-logged "the log has no such line" \
		log_has "Firmware Bug.*number has no ANDD \(0x9\)"
	check_not_named HID1 HID2 STH_ UID6 UID7
	check others-are-managed "$EDU has no group" is_managed "$EDU"
	acpi_table_remove
	context=
}

# bridged_id DEVICE: prints the source-id of its requests below a PCIe-to-PCI bridge.
bridged_id() {
	local bus=${1#*:}

	echo "${bus%:*}:00.0"
}
