# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC2034,SC2154 # the parts share variables
# Diagnostics only (diagnose=1): the module shows the unit of QEMU's machine and changes
# nothing. The registers are also read through /dev/mem.

# unit_registers: prints all registers of the unit.
unit_registers() {
	if [ "$VENDOR" = amd ]; then
		/nyx/registers 0xfed80000 0x2040
	else
		/nyx/registers 0xfed90000 0x230
	fi
}

registers_are() {
	unit_registers >/tmp/registers.now
	cmp -s "/tmp/registers.$1" /tmp/registers.now ||
		{ note "$(diff "/tmp/registers.$1" /tmp/registers.now | head -n 3)"; return 1; }
}

# The columns of faults except the time.
pending_faults() {
	columns "$DEBUGFS/faults" seq unit requester device driver domain access iova index \
		code pasid
}

is_not_claimed() {
	! grep -qE '(vtd|amd)[0-9]' /proc/iomem
}

has_note() {
	grep -qE "$1" "$DEBUGFS/notes"
}

# check_labels: the summary and the log tell what the module does not do.
check_labels() {
	local label

	for label in "remapping tables not programmed by this module" \
		     "invalidation and IOTLB not installed" \
		     "DMA not translated by this module"; do
		check "summary-says-$(echo "${label%% by*}" | tr ' ' -)" \
			"$(cat "$DEBUGFS/summary")" grep -qx "  $label" "$DEBUGFS/summary"
		check "log-says-$(echo "${label%% by*}" | tr ' ' -)" \
			"the log has no such line" log_has "diagnostics only: .*$label"
	done
}

# check_diagnosed TRANSLATION: the unit is shown, with translation on or off, and nothing
# changes. A disk is used meanwhile, and the module is unloaded while the disk is in use.
check_diagnosed() {
	local unit

	unit_registers >/tmp/registers.before
	mark_log
	if ! nyx_load diagnose=1; then
		not_ok load "$(cat /tmp/insmod; dmesg | tail -n 2)"
		return
	fi
	ok load
	unit=$(columns "$DEBUGFS/units" unit)
	check one-unit "units: $unit" [ -n "$unit" ]
	check shows-translation "$(cat "$DEBUGFS/units")" \
		[ "$(columns "$DEBUGFS/units" supported translation)" = "yes $1" ]
	check_labels
	cat "$DEBUGFS/summary" "$DEBUGFS/notes" "$DEBUGFS/faults" >/dev/null
	cat "$DEBUGFS/$unit/capabilities" >/dev/null
	cat "$DEBUGFS/$unit/registers" >/tmp/shown
	check registers-are-shown "$(wc -l </tmp/shown) lines" \
		[ "$(wc -l </tmp/shown)" -gt 15 ]
	check shows-the-same-again "the second read of the file differs" \
		cmp -s /tmp/shown "$DEBUGFS/$unit/registers"
	check registers-unchanged "a register changed" registers_are before
	check registers-not-claimed "they are in /proc/iomem" is_not_claimed
	check no-command "a file to detach or reset exists" \
		[ ! -e "$DETACH" ] && [ ! -e "$DEBUGFS/reset" ]
	[ "$DRIVER" = builtin ] ||
		check manages-nothing "$(ls "$GROUPS_DIR" /sys/class/iommu)" \
			[ -z "$(ls "$GROUPS_DIR")$(ls /sys/class/iommu)" ]
	check_disk nvme "$NVME" 2
	pending_faults >/tmp/pending
	unit_registers >/tmp/registers.idle
	check unload-while-idle "the module is still loaded" rmmod nyx_iommu
	check unload-changes-nothing "a register changed" registers_are idle
	check loads-again "$(cat /tmp/insmod)" nyx_load diagnose=1
	check faults-stay-pending "$(diff /tmp/pending "$DEBUGFS/faults")" \
		[ "$(pending_faults)" = "$(cat /tmp/pending)" ]
	write_and_verify busy "$(block_device "$NVME")" 4 &
	check unload-while-in-use "the module is still loaded" rmmod nyx_iommu
	check disk-in-use-is-verified "$(grep -m 1 -i err /tmp/fio)" wait $!
	check leaves-nothing "resources are left over" nothing_left
}

use_disk() {
	find_devices
	modprobe nvme
	is_bound "$NVME" || bind "$NVME"
}

# The module is loaded beside the built-in driver, which works on.
check_diagnosed_beside() {
	context="beside the built-in driver: "
	use_disk
	check_diagnosed on
	nyx_load diagnose=1
	check says-what-it-would-do "$(cat "$DEBUGFS/notes")" has_note \
		"(driver is active|claimed its registers): without diagnose=1 "
	rmmod nyx_iommu
	unbind "$NVME"
	context=
}

# The unit is off. Then it is left running, and has blocked edu. The faults are shown, and
# stay in its log.
check_diagnosed_alone() {
	local line address

	use_disk
	context="unit off: "
	check_diagnosed off
	check no-pending-fault "$(cat /tmp/pending)" [ ! -s /tmp/pending ]

	context="unit left running: "
	LEAVE_HOW=
	leave 7 blocked=1 || { not_ok leave "cannot enable the unit"; return; }
	line=$(/nyx/stray "$EDU" write)
	address=${line#*address=}
	address=${address%% *}
	check edu-is-blocked "$line" [ "${line#*memory=}" = unchanged ]
	check_diagnosed on
	if [ "$VENDOR" = amd ]; then
		check fault-is-pending "$(head -n 3 /tmp/pending)" \
			grep -q "^1 amd0 0000:00:05.0 $EDU - .* 0x0002 -\$" /tmp/pending
	else
		check fault-is-pending "$(cat /tmp/pending)" \
			[ "$(sed 's/0x0*/0x/g' /tmp/pending)" = \
			  "1 vtd0 0000:00:05.0 $EDU - - write $address - 0x2 -" ]
	fi
	nyx_load diagnose=1
	check says-what-it-would-do "$(cat "$DEBUGFS/notes")" has_note \
		"is enabled already: without diagnose=1 it is taken over if"
	rmmod nyx_iommu
	rmmod nyx_left_test
	unbind "$NVME"
	context=
}

# diagnosed_table NAME NOTE UNITS OFFSET BYTE...: with these bytes in the table, there is a
# note, and this number of units is shown.
diagnosed_table() {
	local name=$1 pattern=$2 units=$3

	shift 3
	cp /tmp/table.good /tmp/table
	poke "$@"
	table_fix_checksum
	table_install || { not_ok "$name" "cannot change the table"; return; }
	check "$name-loads" "$(cat /tmp/insmod)" nyx_load diagnose=1
	check "$name-is-noted" "$(cat "$DEBUGFS/notes")" has_note "$pattern"
	check "$name-units" "$(cat "$DEBUGFS/units")" \
		[ "$(columns "$DEBUGFS/units" unit | wc -l)" -eq "$units" ]
	check "$name-unloads" "the module is still loaded" rmmod nyx_iommu
}

# Tables with which the module refuses to load without diagnose=1.
check_diagnosed_tables() {
	context="refused table: "
	find_table
	diagnosed_table too-short "shorter than a header.* table refused" 0 \
		"$TABLE_LENGTH" 0x2f 0
	# DMA_REMAP_OPT_OUT. The other flag is QEMU's.
	[ "$VENDOR" = amd ] ||
		diagnosed_table opted-out "forbids DMA remapping .*: without diagnose=1 the module refuses to load" \
			1 "$DMAR_FLAGS" 9
	table_restore
	context=
}
