# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC2034,SC2154 # the parts share variables
# What users may hand to the module: parameters, and writes to debugfs.

check_parameters() {
	context="parameters: "
	check_refused levels-out-of-range "levels=7: give" levels=7
	check_refused levels-are-no-number "levels=four: give" levels=four
	check_refused no-fault-records "fault_records=0 is out of range" \
		fault_records=0
	check_refused too-many-fault-records \
		"fault_records=65537 is out of range" fault_records=65537
	# These are judged by the kernel.
	check_refused strict-is-maybe "invalid for parameter .strict" strict=maybe
	check_refused negative-fault-records \
		"invalid for parameter .fault_records" fault_records=-1
	check_refused register-based-is-2 \
		"invalid for parameter .register_based" register_based=2
	mark_log
	check unknown-parameter-is-no-obstacle "$(cat /tmp/insmod)" \
		nyx_load colour=blue strict=1 fault_records=1 levels=0
	check unknown-parameter-is-named "the log does not" \
		log_has "unknown parameter .colour"
	check parameters-unload "it stays" unload
	# QEMU's AMD IOMMU walks whatever can be asked for.
	if [ "$VENDOR" = intel ]; then
		mark_log
		check levels-of-no-unit-are-no-obstacle "$(cat /tmp/insmod)" \
			nyx_load levels=5
		check levels-of-no-unit-are-told "$(log_since_mark | head -n 5)" \
			log_has "vtd0: walks no tables of 5 levels: they get 4; give 3, 4, or 0"
		check levels-of-no-unit-unload "it stays" unload
	fi
	check parameters-leave-nothing "something is left behind" nothing_left
	context=
}

# refuses_write FILE WORD: with "Invalid argument".
refuses_write() {
	printf "%s" "$2" >/tmp/word
	! dd if=/tmp/word of="$1" bs=128k 2>/tmp/write || return 1
	grep -q "Invalid argument" /tmp/write
}

# Writes that mean nothing do nothing. The module is loaded, devices are bound.
check_detach_input() {
	local word name before

	before=$(columns "$DEBUGFS/devices" device managed entry domain)
	mark_log
	dd if=/dev/zero bs=64k count=1 2>/dev/null | tr '\0' 1 >/tmp/ones
	for word in 2 0 -1 11 0x1 1x 1.0 " 1" yes detach "1 1" "$(cat /tmp/ones)"
	do
		name=$(printf "%.8s" "$word" | tr ' ' _)
		check "detach-refuses-$name" "it does not" \
			refuses_write "$DEBUGFS/detach" "$word"
	done
	check detach-refuses-an-empty-line "it does not" \
		refuses_write "$DEBUGFS/detach" "
"
	check detach-cannot-be-read "it can" \
		sh -c "! cat $DEBUGFS/detach >/dev/null 2>&1"
	for name in summary units devices domains faults; do
		check "$name-cannot-be-written" "it can" \
			sh -c "! echo 1 2>/dev/null >$DEBUGFS/$name"
	done
	check bad-writes-change-nothing "the devices changed" \
		[ "$before" = "$(columns "$DEBUGFS/devices" device managed entry domain)" ]
	check bad-writes-are-not-logged "$(log_since_mark | tail -n 1)" \
		[ -z "$(log_since_mark)" ]
}

# A sleep state that takes the units' power is refused, and all goes on.
check_suspend() {
	mark_log
	grep -q deep /sys/power/mem_sleep ||
		note "this machine has no sleep state but idle"
	echo deep >/sys/power/mem_sleep
	check suspend-is-refused "the machine slept" \
		sh -c "! echo mem 2>/dev/null >/sys/power/state"
	check suspend-says-why "$(log_since_mark | tail -n 3)" \
		log_has "nyx: .*does not survive this sleep state: detach first"
	check_disk after-refused-suspend "$NVME" 2
}

# Loaded and unloaded time after time, with a device at work the first time and
# the last, and some with every parameter there is.
check_cycles() {
	local i=0 parameters

	while [ $i -lt "$1" ]; do
		i=$((i + 1))
		case $((i % 4)) in
		1) parameters= ;;
		2) parameters="strict=1 levels=3" ;;
		3) parameters="register_based=1 fault_records=7" ;;
		0) parameters="identity_tables=1" ;;
		esac
		# shellcheck disable=SC2086 # words
		nyx_load $parameters || break
		if [ $i -eq 1 ] || [ $i -eq "$1" ]; then
			bind "$NVME" || break
			check_disk "cycle-$i" "$NVME" 2
		fi
		unbind "$NVME"
		unload || break
	done
	check "cycles-of-loading" "stopped at the ${i}th: $(cat /tmp/insmod)" \
		[ $i -eq "$1" ]
	check cycles-leave-nothing "something is left behind" nothing_left
}
