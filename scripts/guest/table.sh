# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC2034,SC2154 # the parts share variables
# Firmware's table of units, as it should not be. It lies in memory that is
# nobody else's, so it can be changed there, and the module loads anew. Which
# table, where what is in it, and what is wrong with it: dmar.sh and ivrs.sh.
#
# Offsets of each table's header: ACPI specification 6.5, 5.2.6.
TABLE_LENGTH=0x04
TABLE_SUM=9

find_table() {
	TABLE_AT=$(dmesg |
		sed -nE "s/.*ACPI: $TABLE (0x[0-9A-F]+) .*/\1/p" | head -n 1)
	[ -n "$TABLE_AT" ] &&
		cp "/sys/firmware/acpi/tables/$TABLE" /tmp/table.good
}

# table_word OFFSET: two bytes of the good table.
table_word() {
	od -An -j $(($1)) -N 2 -tu2 /tmp/table.good | tr -d ' '
}

# poke OFFSET BYTE...: into the table that is being made.
poke() {
	local at=$(($1)) byte

	shift
	for byte; do
		# shellcheck disable=SC2059 # an octal escape
		printf "\\$(printf %03o "$byte")"
	done | dd of=/tmp/table bs=1 seek="$at" conv=notrunc 2>/dev/null
}

# poke_text OFFSET TEXT: with the zero that ends it.
poke_text() {
	printf '%s\0' "$2" |
		dd of=/tmp/table bs=1 seek=$(($1)) conv=notrunc 2>/dev/null
}

# table_length_is NUMBER: of the table that is being made.
table_length_is() {
	poke "$TABLE_LENGTH" $(($1 & 255)) $(($1 >> 8))
}

# An ACPI table's bytes add up to nothing.
table_correct_sum() {
	local sum length

	length=$(od -An -j $((TABLE_LENGTH)) -N 2 -tu2 /tmp/table)
	poke $TABLE_SUM 0
	sum=$(od -An -v -N $((length)) -tu1 /tmp/table |
		awk '{ for (i = 1; i <= NF; i++) s += $i } END { print s % 256 }')
	poke $TABLE_SUM $(((256 - sum) % 256))
}

# table_ends_at OFFSET: the table that is being made is complete. What is behind
# stays, for ACPI took note of the length at boot.
table_ends_at() {
	table_length_is "$1"
	table_correct_sum
	dd if=/tmp/table.good bs=1 skip=$(($1)) 2>/dev/null >>/tmp/table
}

# What is in memory becomes what was made.
table_install() {
	/nyx/physical "$TABLE_AT" </tmp/table
}

table_restore() {
	cp /tmp/table.good /tmp/table
	table_install
}

# broken NAME PATTERN OFFSET BYTE...: a table with these bytes is refused, for
# this reason, and for the same one when asked again.
broken() {
	local name=$1 pattern=$2

	shift 2
	cp /tmp/table.good /tmp/table
	poke "$@"
	table_correct_sum
	table_install || { not_ok "$name" "cannot change the table"; return; }
	check_refused "$name" "$pattern"
	check_refused "$name-again" "$pattern"
}

# firmware_bug NAME LINES PATTERN OFFSET BYTE...: the log calls it that, in so
# many lines, the last of which says why the table is refused.
firmware_bug() {
	local name=$1 lines=$2 pattern=$3

	shift 3
	broken "$name" "\[Firmware Bug\]: $TABLE: .*($pattern).*table refused" "$@"
	check "$name-lines" "not $lines: $(log_since_mark | tail -n 3)" \
		[ "$(log_since_mark | grep -c "Firmware Bug")" -eq "$lines" ]
}

# A sum that is wrong is told, and no more: many machines live with it.
check_wrong_sum() {
	cp /tmp/table.good /tmp/table
	poke $TABLE_SUM $((($(od -An -j $TABLE_SUM -N 1 -tu1 /tmp/table) + 1) % 256))
	table_install || { not_ok wrong-sum "cannot change the table"; return; }
	mark_log
	check wrong-sum-loads "$(cat /tmp/insmod)" nyx_load
	check wrong-sum-is-told "the log does not tell" log_has "checksum is wrong"
	check wrong-sum-unloads "it stays" unload
}
