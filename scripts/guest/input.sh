# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC2034,SC2154 # the parts share variables
# User input: module parameters, and writes to debugfs and to the file detach.

check_parameters() {
	context="parameters: "
	check_refused levels-out-of-range "levels=7 is invalid: use" levels=7
	check_refused levels-not-a-number "levels=four is invalid: use" levels=four
	check_refused no-names "relax_reserved=, is invalid: use" relax_reserved=,
	check_refused invalid-igfx "igfx=off is invalid: use kernel" igfx=off
	check_refused invalid-shutdown "shutdown=on is invalid: use off or block" \
		shutdown=on
	check_refused no-fault-records "fault_records=0 is out of range" \
		fault_records=0
	check_refused too-many-fault-records \
		"fault_records=65537 is out of range" fault_records=65537
	check_refused few-forensics-records \
		"forensics_records=15 is out of range: use 16 to 16384" \
		forensics_records=15
	check_refused many-forensics-records \
		"forensics_records=16385 is out of range" forensics_records=16385
	check_refused too-many-faults "max_faults=1000001 is invalid: use 0 to" \
		max_faults=1000001
	check_refused no-fault-window "fault_window=0 is invalid: use 1 to" \
		fault_window=0
	check_refused invalid-fault-action \
		"fault_action=drop is invalid: use log or quarantine" \
		fault_action=drop
	check_refused invalid-scope \
		"quarantine_scope=group is invalid: use device or domain" \
		quarantine_scope=group
	# The kernel itself refuses these.
	check_refused strict-not-a-bool "invalid for parameter .strict" strict=maybe
	check_refused negative-fault-records \
		"invalid for parameter .fault_records" fault_records=-1
	check_refused register-based-not-a-bool \
		"invalid for parameter .register_based" register_based=2
	mark_log
	check unknown-parameter-loads "$(cat /tmp/insmod)" \
		nyx_load colour=blue strict=1 fault_records=1 levels=0
	check unknown-parameter-is-logged "the log has no such line" \
		log_has "unknown parameter .colour"
	check parameters-unload "the module is still loaded" unload
	# QEMU's AMD IOMMU supports all numbers of levels that the parameter accepts.
	if [ "$VENDOR" = intel ]; then
		mark_log
		check unsupported-levels-load "$(cat /tmp/insmod)" \
			nyx_load levels=5
		check unsupported-levels-are-logged "$(log_since_mark | head -n 5)" \
			log_has "vtd0: does not support page tables of 5 levels, uses 4; load with levels=3, 4, or 0"
		check unsupported-levels-unload "the module is still loaded" unload
	fi
	check parameters-leave-nothing "resources are left over" nothing_left
	context=
}

# refuses_write FILE WORD: writing WORD to FILE fails with "Invalid argument".
refuses_write() {
	printf "%s" "$2" >/tmp/word
	! dd if=/tmp/word of="$1" bs=128k 2>/tmp/write || return 1
	grep -q "Invalid argument" /tmp/write
}

# Invalid writes are refused and change nothing. The module is loaded, devices are bound.
check_detach_input() {
	local word name before

	before=$(columns "$DEBUGFS/devices" device managed entry domain)
	mark_log
	dd if=/dev/zero bs=64k count=1 2>/dev/null | tr '\0' 1 >/tmp/ones
	for word in 2 0 -1 11 0x1 1x 1.0 " 1" yes detach "1 1" "$(cat /tmp/ones)"
	do
		name=$(printf "%.8s" "$word" | tr ' ' _)
		check "detach-refuses-$name" "the write did not fail with EINVAL" \
			refuses_write "$DETACH" "$word"
	done
	check detach-refuses-an-empty-line "the write did not fail with EINVAL" \
		refuses_write "$DETACH" "
"
	check detach-cannot-be-read "cat succeeded" \
		sh -c "! cat $DETACH >/dev/null 2>&1"
	for name in summary units devices domains faults quarantine; do
		check "$name-cannot-be-written" "the write succeeded" \
			sh -c "! echo 1 2>/dev/null >$DEBUGFS/$name"
	done
	check bad-writes-change-nothing "the table of devices changed" \
		[ "$before" = "$(columns "$DEBUGFS/devices" device managed entry domain)" ]
	check bad-writes-are-not-logged "$(log_since_mark | tail -n 1)" \
		[ -z "$(log_since_mark)" ]
}

# check_cycles TIMES: loads and unloads the module repeatedly with changing parameters. A
# disk is used in the first cycle and in the last.
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
		# shellcheck disable=SC2086 # word splitting is intended
		nyx_load $parameters || break
		if [ $i -eq 1 ] || [ $i -eq "$1" ]; then
			bind "$NVME" || break
			check_disk "cycle-$i" "$NVME" 2
		fi
		unbind "$NVME"
		unload || break
	done
	check load-cycles "stopped in cycle $i: $(cat /tmp/insmod)" \
		[ $i -eq "$1" ]
	check cycles-leave-nothing "resources are left over" nothing_left
}
