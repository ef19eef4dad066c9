# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC2034,SC2154 # the parts share variables
# Modified firmware tables. The kernel does not use the memory of the table otherwise, so
# the checks change the table in place and load the module again. dmar.sh and ivrs.sh
# define the tables and the modifications.
#
# Offsets of fields in the header: ACPI specification 6.5, 5.2.6.
TABLE_LENGTH=0x04
TABLE_CHECKSUM=9

# find_table: sets TABLE_AT to the physical address, and saves the original table.
find_table() {
	TABLE_AT=$(dmesg |
		sed -nE "s/.*ACPI: $TABLE (0x[0-9A-F]+) .*/\1/p" | head -n 1)
	[ -n "$TABLE_AT" ] &&
		cp "/sys/firmware/acpi/tables/$TABLE" /tmp/table.good
}

# table_word OFFSET: prints a 16-bit number of the original table.
table_word() {
	od -An -j $(($1)) -N 2 -tu2 /tmp/table.good | tr -d ' '
}

# poke OFFSET BYTE...: writes bytes to /tmp/table, the modified table.
poke() {
	local at=$(($1)) byte

	shift
	for byte; do
		# shellcheck disable=SC2059 # an octal escape
		printf "\\$(printf %03o "$byte")"
	done | dd of=/tmp/table bs=1 seek="$at" conv=notrunc 2>/dev/null
}

# poke_text OFFSET TEXT: writes a zero-terminated string to /tmp/table.
poke_text() {
	printf '%s\0' "$2" |
		dd of=/tmp/table bs=1 seek=$(($1)) conv=notrunc 2>/dev/null
}

# table_length_is NUMBER: sets the length in the header of /tmp/table.
table_length_is() {
	poke "$TABLE_LENGTH" $(($1 & 255)) $(($1 >> 8))
}

# table_fix_checksum: the bytes of an ACPI table must add up to 0 modulo 256.
table_fix_checksum() {
	local sum length

	length=$(od -An -j $((TABLE_LENGTH)) -N 2 -tu2 /tmp/table)
	poke $TABLE_CHECKSUM 0
	sum=$(od -An -v -N $((length)) -tu1 /tmp/table |
		awk '{ for (i = 1; i <= NF; i++) s += $i } END { print s % 256 }')
	poke $TABLE_CHECKSUM $(((256 - sum) % 256))
}

# table_ends_at OFFSET: sets the length and the checksum of /tmp/table. The bytes after the
# end are those of the original table, because ACPI uses the length that it read at boot.
table_ends_at() {
	table_length_is "$1"
	table_fix_checksum
	dd if=/tmp/table.good bs=1 skip=$(($1)) 2>/dev/null >>/tmp/table
}

# Copies /tmp/table to the table in memory.
table_install() {
	/nyx/physical "$TABLE_AT" </tmp/table
}

table_restore() {
	cp /tmp/table.good /tmp/table
	table_install
}

# broken NAME PATTERN OFFSET BYTE...: the module refuses the table with these bytes and logs
# PATTERN, also when it is loaded a second time.
broken() {
	local name=$1 pattern=$2

	shift 2
	cp /tmp/table.good /tmp/table
	poke "$@"
	table_fix_checksum
	table_install || { not_ok "$name" "cannot change the table"; return; }
	check_refused "$name" "$pattern"
	check_refused "$name-again" "$pattern"
}

# firmware_bug NAME LINES PATTERN OFFSET BYTE...: the module also logs this number of lines
# that start with "[Firmware Bug]". The last has the reason of the refusal.
firmware_bug() {
	local name=$1 lines=$2 pattern=$3

	shift 3
	broken "$name" "\[Firmware Bug\]: $TABLE: .*($pattern).*table refused" "$@"
	check "$name-lines" "not $lines lines: $(log_since_mark | tail -n 3)" \
		[ "$(log_since_mark | grep -c "Firmware Bug")" -eq "$lines" ]
}

# check_other_units_work NUMBER PATTERN...: with /tmp/table, the module loads. This number
# of devices, edu among them, stays untranslated. The log has one line for each pattern.
check_other_units_work() {
	local off=$1 pattern lines

	shift
	mark_log
	table_install || { not_ok table "cannot change the table"; return; }
	nyx_load || { not_ok load "$(cat /tmp/insmod; dmesg | tail -n 2)"; return; }
	ok load
	for pattern in "$@" "because their unit is off: $off\$"; do
		lines=$(log_since_mark | grep -cE "$pattern")
		check "one-line-$(echo "${pattern%%[(:]*}" | tr -c 'a-zA-Z0-9\n' -)" \
			"$lines lines match '$pattern'" [ "$lines" -eq 1 ]
	done
	check device-of-other-unit-not-managed "$EDU has a group" \
		fails is_managed "$EDU"
	check listed-device-is-managed "0000:00:06.0 has no group" \
		is_managed 0000:00:06.0
	modprobe nvme
	is_bound "$NVME" || bind "$NVME"
	check_disk nvme "$NVME" 2
	unbind "$NVME"
	check unload "the module is still loaded" unload
	check unload-leaves-nothing "resources are left over" nothing_left
}

# An invalid checksum is only logged, because many machines have one.
check_bad_checksum() {
	cp /tmp/table.good /tmp/table
	poke $TABLE_CHECKSUM $((($(od -An -j $TABLE_CHECKSUM -N 1 -tu1 /tmp/table) + 1) % 256))
	table_install || { not_ok bad-checksum "cannot change the table"; return; }
	mark_log
	check bad-checksum-loads "$(cat /tmp/insmod)" nyx_load
	check bad-checksum-is-logged "the log has no such line" \
		log_has "checksum is wrong"
	check bad-checksum-unloads "the module is still loaded" unload
}

# check_pre_boot: the kernel learns that firmware blocks DMA before it starts the system if
# and only if the flag PRE_BOOT is set in the byte of the table at PRE_BOOT_AT.
check_pre_boot() {
	local flag byte answer

	context="pre-boot protection: "
	find_devices
	byte=$(($(table_word "$PRE_BOOT_AT") & 255 & ~PRE_BOOT))
	for flag in 0 $PRE_BOOT; do
		cp /tmp/table.good /tmp/table
		poke "$PRE_BOOT_AT" $((byte | flag))
		table_fix_checksum
		table_install || { not_ok table "cannot change the table"; return; }
		check "load-with-$flag" "$(cat /tmp/insmod)" nyx_load
		check "ask-with-$flag" "the test driver was not loaded" \
			/usr/lib/nyx/insmod /nyx/nyx_capable_test.ko device="$EDU"
		answer=$(cat /sys/module/nyx_capable_test/parameters/pre_boot)
		case $flag in
		0) check not-reported "the answer is $answer" [ "$answer" = N ] ;;
		*) check is-reported "the answer is $answer" [ "$answer" = Y ] ;;
		esac
		rmmod nyx_capable_test
		check "unload-with-$flag" "the module is still loaded" unload
	done
	table_restore
	context=
}
