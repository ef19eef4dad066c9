# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC2034,SC2154 # the parts share variables
# Races between adoption and removal. They use two functions of one device: the first is
# bound when the module is loaded (state: waiting), so the second, which is in the same
# group, is not managed either (state: kept). See race/.

HOLD=/sys/module/nyx_hold_test/parameters

# bind_dummy DEVICE: binds it to a driver that does nothing, but that the kernel treats
# like any driver that does DMA.
bind_dummy() {
	echo nyx_dummy_test >"$PCI/$1/driver_override"
	bind "$1"
}

# load_waiting NAME: loads the module with FIRST bound and SECOND unbound, and sets both.
load_waiting() {
	context="$1: "
	find_devices
	unbind_workers
	FIRST=$(find_pci 1b36 0005) SECOND=$(find_pci 1b36 0005 2)
	[ -d /sys/module/nyx_dummy_test ] ||
		/usr/lib/nyx/insmod /nyx/nyx_dummy_test.ko
	check driver-binds "$FIRST has no driver" bind_dummy "$FIRST"
	check load "$(dmesg | tail -n 2)" nyx_load
	check both-not-managed "one has a group" both_wait
}

both_wait() {
	! is_managed "$FIRST" && ! is_managed "$SECOND"
}

both_managed() {
	is_managed "$FIRST" && is_managed "$SECOND"
}

# hold FUNCTION [DEVICE]: has the next call of FUNCTION for DEVICE wait until release_held.
hold() {
	/usr/lib/nyx/insmod /nyx/nyx_hold_test.ko function="$1" \
		${2:+device="$2"}
}

# fail_once FUNCTION DEVICE ERROR: has the next call of FUNCTION for DEVICE return ERROR.
fail_once() {
	/usr/lib/nyx/insmod /nyx/nyx_hold_test.ko function="$1" device="$2" \
		error="$3" release=1
}

is_held() {
	grep -q Y $HOLD/held
}

# Releases the held call and waits until all background jobs end.
release_held() {
	echo 1 >$HOLD/release
	wait
	rmmod nyx_hold_test
}

unload_after_race() {
	echo 1 >/sys/bus/pci/rescan
	unbind "$FIRST"
	check both-are-adopted "one has no group" until_true both_managed
	check unload "$(log_since_mark | tail -n 2)" unload
	check unload-leaves-nothing "resources are left over" nothing_left
	context=
}

# A device is removed while the IOMMU core is about to probe it for an adoption.
check_removal_during_adoption() {
	load_waiting "removed while adopted"
	mark_log
	hold nyx_probe_device "$SECOND"
	unbind "$FIRST" &
	check probe-is-held "no call was held" until_true is_held
	echo 1 >"$PCI/$SECOND/remove" &
	# A removal that does not wait would end in this time.
	sleep 1
	check removal-waits "the device was removed" [ -e "$PCI/$SECOND" ]
	release_held
	check removed "the device still exists" is_gone "$SECOND"
	check other-is-adopted "it has no group" is_managed "$FIRST"
	unload_after_race
}

# A device is being removed while the driver of another device is unbound.
check_adoption_during_removal() {
	load_waiting "adopted while another is removed"
	mark_log
	hold bus_remove_device "$EDU"
	echo 1 >"$PCI/$EDU/remove" &
	check removal-is-held "no call was held" until_true is_held
	unbind "$FIRST"
	check adoption-waits "one has a group" both_wait
	release_held
	check removed "the device still exists" is_gone "$EDU"
	check both-are-adopted-then "one has no group" both_managed
	unload_after_race
}

# Detach starts while a device has left its bus, but the IOMMU core has not released it.
check_detach_during_removal() {
	context="detached while removed: "
	find_devices
	unbind_workers
	mark_log
	check load "$(dmesg | tail -n 2)" nyx_load
	hold device_pm_remove "$EDU"
	echo 1 >"$PCI/$EDU/remove" &
	check removal-is-held "no call was held" until_true is_held
	check detach-refused "$(cat /tmp/detach)" detach_is_busy
	check detach-refusal-is-logged "$(log_since_mark | tail -n 1)" \
		log_has "detach: a device is being removed"
	release_held
	check removed "the device still exists" is_gone "$EDU"
	echo 1 >/sys/bus/pci/rescan
	check unload "$(log_since_mark | tail -n 2)" unload
	check unload-leaves-nothing "resources are left over" nothing_left
	context=
}

# The first function is unbound while the driver of the second is still in its probe, which
# then fails.
check_adoption_after_failed_bind() {
	local fails=/sys/module/nyx_dummy_test/parameters/fails

	load_waiting "bind fails"
	mark_log
	echo 1 >$fails
	bind_dummy "$SECOND" &
	check bind-begins "the probe did not start" until_true is_bound "$SECOND"
	unbind "$FIRST"
	check both-wait-for-the-probe "one has a group" both_wait
	echo 0 >$fails
	wait
	check both-are-adopted-then "one has no group" until_true both_managed
	unload_after_race
}

# Two devices share a requester ID. The first has MSIs that bypass remapping, because its
# driver is bound before the module assigns MSI domains to managed devices. The driver of
# the second is bound again after that.
check_bypass_peer() {
	local peer counts

	context="bypassing peer: "
	find_devices
	unbind_workers
	peer=$(find_pci 1234 11e8 3)
	mark_log
	# Loading calls this function, whose name depends on the kernel, just before it
	# assigns MSI domains.
	hold register_syscore || hold register_syscore_ops
	nyx_load adopt_interrupts=0 &
	check load-is-held "no call was held" until_true is_held
	load_edu_driver
	release_held
	check peer-is-managed "it has no group" is_managed "$peer"
	check first-bypasses-remapping "entries: $(entries_of "$EDU_BRIDGED")" \
		[ -n "$(irqs_of "$EDU_BRIDGED")" -a -z "$(entries_of "$EDU_BRIDGED")" ]
	unbind "$peer"
	bind "$peer"
	for dev in "$EDU_BRIDGED" "$peer"; do
		echo 100 >"$PCI/$dev/raise"
		counts=$(cat "$PCI/$dev/moves")
		check "$dev-loses-no-interrupt" "$counts" \
			sh -c "echo '$counts' | grep -q 'raised=100 .* lost=0 '"
	done
	rmmod nyx_intr_test
	# VFIO accepts the device only if no device of the group can forge interrupts.
	[ "$VENDOR" != amd ] || check_vfio peer "$peer" "$(named_for "$peer")"
	check_entries_after_peer "$peer"
	check unload "$(log_since_mark | tail -n 2)" unload
	check unload-leaves-nothing "resources are left over" nothing_left
	context=
}

# check_entries_after_peer PEER: after all drivers were unbound, both devices get entries.
check_entries_after_peer() {
	load_edu_driver
	check both-are-remapped-then "one has no entry" \
		[ -n "$(entries_of "$EDU_BRIDGED")" -a -n "$(entries_of "$1")" ]
	rmmod nyx_intr_test
}

# check_adoption_race SECONDS: adoptions and removals that race without held calls.
check_adoption_race() {
	local end dev kicks=0

	load_waiting "adoption races removal"
	mark_log
	end=$(($(seconds) + $1))
	while [ "$(seconds)" -lt $end ]; do
		for dev in $EDU $E1000E $IGB; do
			echo 1 >"$PCI/$dev/remove"
		done
		echo 1 >/sys/bus/pci/rescan
	done &
	while [ "$(seconds)" -lt $end ]; do
		bind_dummy "$SECOND" || break
		unbind "$SECOND"
		kicks=$((kicks + 1))
	done
	check binding-succeeds "stopped after $kicks times" [ "$(seconds)" -ge $end ]
	wait
	note "$kicks times"
	check both-still-not-managed "one has a group" both_wait
	unload_after_race
}
