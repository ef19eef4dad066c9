# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC2034,SC2154 # the parts share variables
# Intel's table of units, the DMAR: see table.sh for what is done with it.
#
# Offsets: VT-d specification, 8.1 to 8.4. QEMU's table has one DRHD, at the
# end of the header, with the scope of every device on the root bus.
TABLE=DMAR
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
	firmware_bug scope-beyond-structure 1 "goes beyond its structure" \
		$((DRHD_SCOPE + 1)) 0xf0
	firmware_bug scope-of-no-length 1 "shorter than its fields" \
		$((DRHD_SCOPE + 1)) 0
	firmware_bug scope-with-half-a-hop 1 "half a hop" \
		$((DRHD_SCOPE + 1)) 9
	firmware_bug scope-of-no-device 1 "no such device" \
		$((DRHD_SCOPE + 6)) 32
	firmware_bug registers-nowhere 2 "usable units is 0" \
		$DRHD_BASE 0 0 0 0
	firmware_bug registers-not-aligned 2 "usable units is 0" \
		$DRHD_BASE 4 0 0xd9 0xfe
	firmware_bug no-unit 1 "usable units is 0" $DRHD 0x7f 0x7f
	# All ones on a real machine; QEMU answers with zeros there.
	broken nobody-answers "nothing answers|cannot serve" \
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
