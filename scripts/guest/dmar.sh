# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC2034,SC2154 # the parts share variables
# Firmware's table of remapping units, as it should not be. It lies in memory
# that is nobody else's, so it can be changed there, and the module loads anew.
#
# Offsets: VT-d specification, 8.1 to 8.4. QEMU's table has one DRHD, at the
# end of the header, with the scope of every device on the root bus.
DMAR_LENGTH=0x04
DMAR_SUM=9
DRHD=0x30
DRHD_LENGTH=0x32
DRHD_BASE=0x38
DRHD_SCOPE=0x40

find_dmar() {
	DMAR_AT=$(dmesg | sed -nE 's/.*ACPI: DMAR (0x[0-9A-F]+) .*/\1/p' | head -n 1)
	[ -n "$DMAR_AT" ] && cp /sys/firmware/acpi/tables/DMAR /tmp/dmar.good
}

# poke OFFSET BYTE...: into the table that is being made.
poke() {
	local at=$(($1)) byte

	shift
	for byte; do
		# shellcheck disable=SC2059 # an octal escape
		printf "\\$(printf %03o "$byte")"
	done | dd of=/tmp/dmar bs=1 seek="$at" conv=notrunc 2>/dev/null
}

# An ACPI table's bytes add up to nothing.
dmar_correct_sum() {
	local sum length

	length=$(od -An -j $((DMAR_LENGTH)) -N 1 -tu1 /tmp/dmar)
	poke $DMAR_SUM 0
	sum=$(od -An -v -N $((length)) -tu1 /tmp/dmar |
		awk '{ for (i = 1; i <= NF; i++) s += $i } END { print s % 256 }')
	poke $DMAR_SUM $(((256 - sum) % 256))
}

# What is in memory becomes what was made.
dmar_install() {
	/nyx/physical "$DMAR_AT" </tmp/dmar
}

dmar_restore() {
	cp /tmp/dmar.good /tmp/dmar
	dmar_install
}

# broken NAME PATTERN OFFSET BYTE...: a table with these bytes is refused, for
# this reason, and for the same one when asked again.
broken() {
	local name=$1 pattern=$2

	shift 2
	cp /tmp/dmar.good /tmp/dmar
	poke "$@"
	dmar_correct_sum
	dmar_install || { not_ok "$name" "cannot change the table"; return; }
	check_refused "$name" "$pattern"
	check_refused "$name-again" "$pattern"
}

# firmware_bug NAME LINES PATTERN OFFSET BYTE...: the log calls it that, in so
# many lines, the last of which says why the table is refused.
firmware_bug() {
	local name=$1 lines=$2 pattern=$3

	shift 3
	broken "$name" "\[Firmware Bug\]: DMAR: .*($pattern).*table refused" "$@"
	check "$name-lines" "not $lines: $(log_since_mark | tail -n 3)" \
		[ "$(log_since_mark | grep -c "Firmware Bug")" -eq "$lines" ]
}

check_broken_tables() {
	context="broken table: "
	firmware_bug structure-beyond-table 1 "length goes beyond the table" \
		$DRHD_LENGTH 0xff 0x0f
	firmware_bug structure-of-no-length 1 "length is less than a header's" \
		$DRHD_LENGTH 0 0
	firmware_bug structure-cut-off 1 "length goes beyond the table" \
		$DMAR_LENGTH 0x44 0
	firmware_bug table-of-no-length 1 "shorter than a header" \
		$DMAR_LENGTH 0x2f 0
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

# A sum that is wrong is told, and no more: many machines live with it.
check_wrong_sum() {
	cp /tmp/dmar.good /tmp/dmar
	poke $DMAR_SUM $((($(od -An -j $DMAR_SUM -N 1 -tu1 /tmp/dmar) + 1) % 256))
	dmar_install || { not_ok wrong-sum "cannot change the table"; return; }
	mark_log
	check wrong-sum-loads "$(cat /tmp/insmod)" nyx_load
	check wrong-sum-is-told "the log does not tell" log_has "do not add up"
	check wrong-sum-unloads "it stays" unload
}

# One unit for all devices, and two pages that firmware has reserved for edu.
make_reserved_table() {
	dd if=/tmp/dmar.good of=/tmp/dmar bs=96 count=1 2>/dev/null
	poke $DMAR_LENGTH 96 0 0 0
	poke $DRHD_LENGTH 16 0 1
	poke 0x40 1 0 32 0 0 0 0 0 \
		0 0 0 0x30 0 0 0 0 \
		0xff 0x1f 0 0x30 0 0 0 0 \
		1 8 0 0 0 0 5 0
	dmar_correct_sum
	# What is behind stays, for ACPI took note of the length at boot.
	dd if=/tmp/dmar.good bs=1 skip=96 2>/dev/null >>/tmp/dmar
}
