# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC2034,SC2154 # the parts share variables
# Checks with modified IVRS tables, which describe the IOMMUs of AMD-Vi: see table.sh.
#
# Offsets: AMD I/O Virtualization Technology Specification, 48882, 5.2. QEMU's
# table has two IVHD blocks for its IOMMU: one of type 10h after the header, and one of
# type 11h after that. The module uses the second, whose last entry has 8 bytes.
TABLE=IVRS
UNIT=amd0
PRE_BOOT_AT=0x24
PRE_BOOT=2
IVHD_10=0x30
IVHD_HEADER=40

# find_ivhd: sets IVHD, IVHD_LENGTH, IVHD_DEVICE, IVHD_CAPABILITY, IVHD_BASE,
# IVHD_ENTRIES and IVHD_END to the offsets of these parts of the second block.
find_ivhd() {
	IVHD=$((IVHD_10 + $(table_word $((IVHD_10 + 2)))))
	IVHD_LENGTH=$((IVHD + 2))
	IVHD_DEVICE=$((IVHD + 4))
	IVHD_CAPABILITY=$((IVHD + 6))
	IVHD_BASE=$((IVHD + 8))
	IVHD_ENTRIES=$((IVHD + IVHD_HEADER))
	IVHD_END=$((IVHD + $(table_word "$IVHD_LENGTH")))
}

check_broken_blocks() {
	firmware_bug block-beyond-table 1 "length exceeds the table" \
		"$IVHD_LENGTH" 0xff 0x0f
	firmware_bug block-of-no-length 1 "length is less than a header's" \
		"$IVHD_LENGTH" 0 0
	firmware_bug block-without-fields 1 "length is less than that of its fields" \
		"$IVHD_LENGTH" 0x20 0
	firmware_bug block-cut-off 1 "length exceeds the table" \
		"$TABLE_LENGTH" 0x44 0
	firmware_bug table-of-no-length 1 "shorter than a header" \
		"$TABLE_LENGTH" 0x2f 0
	firmware_bug no-unit 1 "usable units is 0" "$TABLE_LENGTH" 0x30 0
	firmware_bug two-of-one-type 1 "has two blocks of one type" $IVHD_10 0x11
	# The other IVHD block still describes the IOMMU that exists.
	firmware_bug registers-of-two-units 1 "registers overlap another unit's" \
		"$IVHD_DEVICE" 0xf8 0
	firmware_bug registers-nowhere 3 "usable units is 0" "$IVHD_BASE" 0 0 0 0
	firmware_bug registers-not-aligned 3 "usable units is 0" \
		"$IVHD_BASE" 0 0x10 0xd8 0xfe
}

check_broken_entries() {
	firmware_bug entry-beyond-block 1 "length extends beyond its block" \
		$((IVHD_END - 8)) 0 0 0 0 0x46
	firmware_bug entry-of-no-length 1 "length of its type is not known" \
		$((IVHD_END - 8)) 0xf1
	firmware_bug range-in-a-range 1 "range starts inside another" \
		"$IVHD_ENTRIES" 3 0 0 0 3
	firmware_bug range-without-start 1 "range has no start" "$IVHD_ENTRIES" 4
	firmware_bug range-without-end 1 "range has no end" $((IVHD_END - 8)) 3
	firmware_bug range-backwards 1 "range ends before it starts" \
		"$IVHD_ENTRIES" 3 9 0 0 4 8 0 0
}

check_broken_tables() {
	find_ivhd
	context="broken table: "
	check_broken_blocks
	check_broken_entries
	broken no-capability "no IOMMU at" "$IVHD_CAPABILITY" 0
	# Unclaimed addresses read as all ones on real machines, and as 0 in QEMU.
	broken registers-do-not-respond "no response|cannot enable translation" \
		"$IVHD_BASE" 0 0x40 0xd8 0xfe
	context=
}

# ivmd TYPE FLAGS FIRST LAST BYTE...: appends an IVMD block for these DeviceIDs to
# /tmp/table. The bytes are those of the address and of the length.
ivmd() {
	local type=$1 flags=$2 first=$3 last=$4 at

	at=$(stat -c %s /tmp/table)
	shift 4
	poke "$at" "$type" "$flags" 32 0 $((first & 255)) $((first >> 8)) \
		$((last & 255)) $((last >> 8)) 0 0 0 0 0 0 0 0 "$@"
}

# An IVHD block for all devices, to which IVMD blocks can be appended.
start_reserved_table() {
	find_ivhd
	{
		dd if=/tmp/table.good bs=1 count=$((IVHD_10))
		dd if=/tmp/table.good bs=1 skip="$IVHD" count="$IVHD_HEADER"
	} >/tmp/table 2>/dev/null
	poke $((IVHD_10 + 2)) $((IVHD_HEADER + 4)) 0
	poke $((IVHD_10 + IVHD_HEADER)) 1 0 0 0
}

# A unity map of two pages for edu, and an exclusion range of one byte for all devices on the
# virtio disk's bus, and twice for all on the network card igb's. Type 21h: for one device.
# Type 22h: for a range of devices. Flags: unity mapped, readable, writable.
make_reserved_table() {
	local dev bus

	find_devices
	start_reserved_table
	ivmd 0x21 7 0x28 0 0 0 0 0x30 0 0 0 0 0 0x20 0 0 0 0 0 0
	for dev in "$VIRTIO" "$IGB" "$IGB"; do
		bus=${dev#*:}
		bus=$((0x${bus%%:*} << 8))
		ivmd 0x22 8 $bus $((bus | 255)) 0 0 1 0x30 0 0 0 0 1 0 0 0 0 0 0 0
	done
	table_ends_at "$(stat -c %s /tmp/table)"
}

# Two exclusion ranges with byte 0 for all devices of the root bus, as some firmware has
# them, and a unity map of 16 pages for edu.
make_page_0_table() {
	start_reserved_table
	ivmd 0x22 8 0 0xff 0 0 0 0 0 0 0 0 1 0 0 0 0 0 0 0
	ivmd 0x22 8 0 0xff 0 0 0 0 0 0 0 0 1 0 0 0 0 0 0 0
	ivmd 0x21 7 0x28 0 0 0 0 0 0 0 0 0 0 0 1 0 0 0 0 0
	table_ends_at "$(stat -c %s /tmp/table)"
}

# Unity maps: two pages for edu; the same pages for the network card igb; for a PCI device,
# a page above 50 bits.
make_special_table() {
	local bus=${IGB#*:}

	start_reserved_table
	ivmd 0x21 7 0x28 0 0 0 0 0x30 0 0 0 0 0 0x20 0 0 0 0 0 0
	ivmd 0x21 7 $((0x${bus%%:*} << 8)) 0 0 0 0 0x30 0 0 0 0 0 0x20 0 0 0 0 0 0
	ivmd 0x21 7 0x30 0 0 0 0 0 0 0 4 0 0 0x10 0 0 0 0 0 0
	table_ends_at "$(stat -c %s /tmp/table)"
}

# check_reserved_buses: after check_reserved.
check_reserved_buses() {
	local bus=${VIRTIO%:*}

	check reserved-buses-are-logged "$(dmesg | grep 'whole buses' | tail -n 1)" \
		sh -c "dmesg | grep -q 'whole buses: VFIO refuses .*(functions: 2, IVMD blocks: 3, the widest for $bus to ${bus#*:})'"
}

# Two IVHD blocks: for all devices, and for edu. The second one names a function that is no
# IOMMU, as if the IOMMU's function were hidden.
check_units_off() {
	local second=$((IVHD_10 + IVHD_HEADER + 4))

	context="units off: "
	find_devices
	find_ivhd
	{
		dd if=/tmp/table.good bs=1 count=$((IVHD_10))
		dd if=/tmp/table.good bs=1 skip="$IVHD" count=$((IVHD_HEADER + 4))
		dd if=/tmp/table.good bs=1 skip="$IVHD" count=$((IVHD_HEADER + 4))
	} >/tmp/table 2>/dev/null
	poke $((IVHD_10 + 2)) $((IVHD_HEADER + 4)) 0
	poke $((IVHD_10 + IVHD_HEADER)) 1 0 0 0
	poke $((second + 2)) $((IVHD_HEADER + 4)) 0 0xf8 0
	poke $((second + 8)) 0 0x40 0xd8 0xfe
	poke $((second + IVHD_HEADER)) 2 0x28 0 0
	table_ends_at $((second + IVHD_HEADER + 4))
	check_other_units_work 1 "amd1: no IOMMU at 0000:00:1f.0"
	context=
}

# Replaces the range of DeviceIDs below the virtio disk's root port by an entry for the
# disk that disables ATS.
check_ats_disabled() {
	local bus at

	context="ATS disabled: "
	find_devices
	bus=${VIRTIO#*:}
	bus=${bus%%:*}
	at=$(od -An -v -tx1 -w4 /tmp/table.good | grep -n "03 00 $bus 00" |
		tail -n 1 | cut -d: -f1)
	cp /tmp/table.good /tmp/table
	poke $(((at - 1) * 4)) 0x46 0 "0x$bus" 0 0 0 0 0x80
	table_fix_checksum
	table_install || { not_ok table "cannot change the table"; return; }
	unbind "$VIRTIO"
	check load "$(cat /tmp/insmod)" nyx_load
	check driver-binds "the driver did not bind" bind "$VIRTIO"
	modprobe virtio_blk
	check_disk virtio "$VIRTIO" 4
	check ats-is-disabled "$VIRTIO is not '- translated'" \
		[ "$(columns "$DEBUGFS/devices" device ats entry |
		     grep "^$VIRTIO ")" = "$VIRTIO - translated" ]
	check no-device-tlb-invalidation "$(counter flush_device) were counted" \
		[ "$(counter flush_device)" = 0 ]
	unbind "$VIRTIO"
	check unload "the module is still loaded" unload
	context=
}

# acpi_entry OFFSET DEVICE-ID HID UID-FORMAT [UID-BYTE...]: writes an IVHD entry for a
# device of the ACPI namespace.
acpi_entry() {
	local at=$(($1)) id=$(($2)) hid=$3 format=$4

	shift 4
	poke $at 0xf0 $((id & 255)) $((id >> 8)) 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 \
		"$format" $# "$@"
	poke_text $((at + 4)) "$hid"
	poke $((at + 12)) 0
}

# make_acpi_table TYPE: an IVHD block of that type for a PCI device, the I/O APIC and
# devices of the ACPI namespace: one without _UID, which means the first device with the
# _HID; one with a numeric _UID; one with a string _UID, which has the DeviceID of the PCI
# device; one that does not exist; one with its path in place of a _UID; and one with
# another _UID than its device.
make_acpi_table() {
	local start=$((IVHD_10 + IVHD_HEADER))

	find_ivhd
	{
		dd if=/tmp/table.good bs=1 count=$((IVHD_10))
		dd if=/tmp/table.good bs=1 skip="$IVHD" count="$IVHD_HEADER"
	} >/tmp/table 2>/dev/null
	poke $IVHD_10 "$1"
	poke $((IVHD_10 + 2)) $((IVHD_HEADER + 174)) 0
	acpi_entry $start 0x28 NYXT0001 0
	acpi_entry $((start + 22)) 0xc8 NYX0002 1 7 0 0 0 0 0 0 0
	acpi_entry $((start + 52)) 0x30 NYXT0003 2 110 111 114 116 104
	acpi_entry $((start + 79)) 0xd0 NYXT0003 2 119 101 115 116
	# \_SB.UID6
	acpi_entry $((start + 105)) 0xc9 NYX0002 2 92 95 83 66 46 85 73 68 54
	acpi_entry $((start + 136)) 0xcc NYXT0004 2 101 108 115 101
	poke $((start + 162)) 2 0x30 0 0
	dd if=/tmp/table.good bs=1 skip=$((IVHD_END - 8)) count=8 \
		2>/dev/null >>/tmp/table
	table_ends_at $((start + 174))
}

check_acpi() {
	context="ACPI devices: "
	find_devices
	check_refused invalid-correction "ivrs_ioapic=10 is invalid" ivrs_ioapic=10
	make_acpi_table 0x40
	acpi_table_install ivrs_acpihid=NYXT0003:south@00:19.2 \
		ivrs_hpet=3@0000:00:19.3,4@0001:00:19.3 ivrs_ioapic=9@00:19.5,9@0000:00:19.5 || return
	check correction-is-logged "the log has no such line" \
		log_has "ivrs_hpet=3@0000:00:19.3 replaces"
	check ioapic-correction-is-logged "the log has no such line" \
		log_has "ivrs_ioapic=9@0000:00:19.5 replaces"
	check repeated-correction-counts-once "$(log_since_mark | grep ivrs_ioapic=)" \
		[ "$(log_since_mark | grep -c 'ivrs_ioapic=9@.* replaces')" = 1 ]
	check correction-for-no-unit-is-logged "the log has no such line" \
		log_has "ivrs_hpet=4@0001:00:19.3 is ignored"
	check_named HID1 "${EDU#*:}"
	check_named UID7 00:19.0
	check_named NRTH 00:06.0
	check_named UID6 00:19.1
	check_named STH_ 00:19.2
	check_named UIDX 00:19.4
	check wrong-uid-is-logged "the log has no such line" \
		log_has "Firmware Bug.*using the only entry with its _HID NYXT0004"
	check_not_named CID1 HID2
	check_shown_entries
	check_shared NRTH 0000:00:06.0
	check_requests HID1 "$EDU"
	acpi_table_remove

	context="ACPI devices in an old block: "
	make_acpi_table 0x11
	acpi_table_install || return
	check old-block-is-logged "the log has no such line" \
		log_has "Firmware Bug.*not of type 40h"
	check_not_named HID1 HID2 UID6 UID7 UIDX NRTH STH_
	check other-is-managed "0000:00:06.0 has no group" is_managed 0000:00:06.0
	acpi_table_remove
	context=
}

# fields_of REGISTER VALUE: prints the lines that debugfs must show. Standard input has a
# line for each field: its name, its lowest bit and its width.
fields_of() {
	local field low bits

	while read -r field low bits; do
		printf '%s %s 0x%x\n' "$1" "$field" $(($2 >> low & ((1 << bits) - 1)))
	done
}

# The expected fields, with bit numbers from 48882: the Capability Header in the
# configuration space of the IOMMU's PCI function, and the Extended Feature Register (MMIO
# offset 0030h) from the IVHD block.
wanted_capabilities() {
	local function id

	id=$(table_word "$IVHD_DEVICE")
	function=$(printf '0000:%02x:%02x.%x' $((id >> 8)) $((id >> 3 & 31)) $((id & 7)))
	fields_of CapHdr "0x$(od -An -tx4 -j "$(table_word "$IVHD_CAPABILITY")" -N 4 \
		"$PCI/$function/config" | tr -d ' ')" <<-EOF
	CapRev 19 5
	IotlbSup 24 1
	HtTunnel 25 1
	NpCache 26 1
	EFRSup 27 1
	CapExt 28 1
	EOF
	# shellcheck disable=SC2046 # word splitting is intended
	set -- $(od -An -tx4 -j $((IVHD + 24)) -N 8 /tmp/table.good)
	fields_of EFR $((0x$2 << 32 | 0x$1)) <<-EOF
	PreFSup 0 1
	PPRSup 1 1
	XTSup 2 1
	GTSup 4 1
	IASup 6 1
	GASup 7 1
	HESup 8 1
	PCSup 9 1
	HATS 10 2
	GATS 12 2
	PASmax 32 5
	DevTblSegSup 38 2
	EOF
}

check_capabilities() {
	context="capabilities: "
	find_ivhd
	nyx_load || { not_ok load "$(cat /tmp/insmod; dmesg | tail -n 2)"; return; }
	wanted_capabilities >/tmp/capabilities
	awk '{ print $1, $2, $3 }' "$DEBUGFS/$UNIT/capabilities" >/tmp/shown
	check fields-are-shown "missing: $(grep -vxFf /tmp/shown /tmp/capabilities)" \
		sh -c '[ -s /tmp/capabilities ] &&
			! grep -qvxFf /tmp/shown /tmp/capabilities'
	# QEMU's unit does not report HTRangeIgnore.
	check hypertransport-is-reserved "$(cat "$PCI/$EDU/iommu_group/reserved_regions")" \
		[ "$(reserved_types "$EDU" 0xfd00000000)" = reserved ]
	check interrupts-are-shown "$(tail -n 1 "$DEBUGFS/$UNIT/capabilities")" \
		grep -qx -- '- intr remapped' /tmp/shown
	check unload "the module is still loaded" unload
	context=
}
