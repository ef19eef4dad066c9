# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC2034,SC2154 # the parts share variables
# A unit that firmware left running: left/nyx_left_test.c enables it before the module is
# loaded. A disk is used all the time.

# leave WHAT [PARAMETER...]: enables the unit; see the parameter "what" of the test module.
leave() {
	local what=$1

	shift
	[ "$VENDOR" = intel ] || set -- amd=1 "$@"
	/usr/lib/nyx/insmod /nyx/nyx_left_test.ko what="$what" "$@"
}

# check_takeover NAME WHAT: the module takes the unit over while a disk is written.
check_takeover() {
	context="$1 left running: "
	leave "$2" || { not_ok leave "cannot enable the unit"; return; }
	check_disk nvme "$NVME" 2
	mark_log
	write_and_verify taken "$(block_device "$NVME")" 8 &
	check load "$(cat /tmp/insmod)" nyx_load
	check disk-under-way-is-verified "$(grep -m 1 -i err /tmp/fio)" wait $!
	check takeover-is-logged "$(log_since_mark | head -n 3)" \
		log_has "left .* enabled: taking the unit over"
	check_disk nvme-after-load "$NVME" 2
	check no-fault "$(tail -n 1 "$DEBUGFS/faults")" [ "$(counter faults)" = 0 ]
	check edu-write-stopped "memory changed" \
		[ "$(memory_after "$EDU")" = unchanged ]
	check unload "the module is still loaded" unload
	check_disk nvme-after-unload "$NVME" 2
	rmmod nyx_left_test
	check leaves-nothing "resources are left over" nothing_left
}

# check_not_taken NAME WHAT PATTERN PARAMETER...: loading is refused, and the unit works on.
check_not_taken() {
	local what=$2 pattern=$3

	context="$1: "
	shift 3
	leave "$what" "${LEAVE_HOW:-elsewhere=0}" ||
		{ not_ok leave "cannot enable the unit"; return; }
	check_refused refused "$pattern" "$@"
	check_disk nvme "$NVME" 2
	rmmod nyx_left_test
}

check_left_running() {
	find_devices
	unbind_workers
	modprobe nvme
	is_bound "$NVME" || bind "$NVME"
	check_takeover "translation" 1
	check_takeover "second function" 2
	check_takeover "queue" 4
	check_takeover "everything" 7
	check_not_taken "takeover forbidden" 7 "enabled, and takeover=0" takeover=0
	LEAVE_HOW=elsewhere=1
	check_not_taken "other addresses" 1 "translate to other addresses"
	LEAVE_HOW=elsewhere=2
	check_not_taken "registers" 1 "its tables cannot be read"
	LEAVE_HOW=
	unbind "$NVME"
	context=
}
