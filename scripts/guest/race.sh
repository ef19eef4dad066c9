# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC2034,SC2154 # the parts share variables
# Adoption against removal: two functions of one device, one of which has a
# driver when the module comes, so that none of them is managed. See race/.

HOLD=/sys/module/nyx_hold_test/parameters

# take_plain DEVICE: its driver does DMA, as far as the kernel knows.
take_plain() {
	echo nyx_plain_test >"$PCI/$1/driver_override"
	bind "$1"
}

# load_waiting NAME: sets FIRST, which has a driver, and SECOND.
load_waiting() {
	context="$1: "
	find_devices
	unbind_workers
	FIRST=$(find_pci 1b36 0005) SECOND=$(find_pci 1b36 0005 2)
	[ -d /sys/module/nyx_plain_test ] ||
		/usr/lib/nyx/insmod /nyx/nyx_plain_test.ko
	check driver-binds "$FIRST has none" take_plain "$FIRST"
	check load "$(dmesg | tail -n 2)" nyx_load
	check both-wait "one is managed" both_wait
}

both_wait() {
	! is_managed "$FIRST" && ! is_managed "$SECOND"
}

both_managed() {
	is_managed "$FIRST" && is_managed "$SECOND"
}

# hold FUNCTION [DEVICE]
hold() {
	/usr/lib/nyx/insmod /nyx/nyx_hold_test.ko function="$1" \
		${2:+device="$2"}
}

# fail_once FUNCTION DEVICE ERROR: at once.
fail_once() {
	/usr/lib/nyx/insmod /nyx/nyx_hold_test.ko function="$1" device="$2" \
		error="$3" release=1
}

is_held() {
	grep -q Y $HOLD/held
}

# Whatever was in the background goes on, and comes to its end.
let_go() {
	echo 1 >$HOLD/release
	wait
	rmmod nyx_hold_test
}

unload_after_race() {
	echo 1 >/sys/bus/pci/rescan
	unbind "$FIRST"
	check both-are-adopted "they are not" until_true both_managed
	check unload "$(log_since_mark | tail -n 2)" unload
	check unload-leaves-nothing "something is left behind" nothing_left
	context=
}

# The core has found a device, and is about to probe it, when it is pulled.
check_removal_during_adoption() {
	load_waiting "pulled while adopted"
	mark_log
	hold nyx_probe_device "$SECOND"
	unbind "$FIRST" &
	check probe-is-held "it is not" until_true is_held
	echo 1 >"$PCI/$SECOND/remove" &
	# Long enough for a removal that does not wait.
	sleep 1
	check removal-waits "it does not" [ -e "$PCI/$SECOND" ]
	let_go
	check removed "it is still there" is_gone "$SECOND"
	check other-is-adopted "it is not" is_managed "$FIRST"
	unload_after_race
}

# A device is being removed when another loses its driver.
check_adoption_during_removal() {
	load_waiting "adopted while pulled"
	mark_log
	hold bus_remove_device "$EDU"
	echo 1 >"$PCI/$EDU/remove" &
	check removal-is-held "it is not" until_true is_held
	unbind "$FIRST"
	check adoption-waits "one is managed" both_wait
	let_go
	check removed "it is still there" is_gone "$EDU"
	check both-are-adopted-then "they are not" both_managed
	unload_after_race
}

# All devices are to be given back when one has left its bus, and the core has not
# released it yet.
check_detach_during_removal() {
	context="detached while pulled: "
	find_devices
	unbind_workers
	mark_log
	check load "$(dmesg | tail -n 2)" nyx_load
	hold device_pm_remove "$EDU"
	echo 1 >"$PCI/$EDU/remove" &
	check removal-is-held "it is not" until_true is_held
	check detach-is-refused "$(cat /tmp/detach)" detach_says_busy
	check detach-says-why "$(log_since_mark | tail -n 1)" \
		log_has "detach: a device is being removed"
	let_go
	check removed "it is still there" is_gone "$EDU"
	echo 1 >/sys/bus/pci/rescan
	check unload "$(log_since_mark | tail -n 2)" unload
	check unload-leaves-nothing "something is left behind" nothing_left
	context=
}

# A driver comes to one function when the other loses its own, and finds that the
# device is not for it.
check_adoption_after_failed_bind() {
	local fails=/sys/module/nyx_plain_test/parameters/fails

	load_waiting "bind fails"
	mark_log
	echo 1 >$fails
	take_plain "$SECOND" &
	check bind-begins "it does not" until_true is_bound "$SECOND"
	unbind "$FIRST"
	check both-wait-for-it "one is managed" both_wait
	echo 0 >$fails
	wait
	check both-are-adopted-after-it "they are not" until_true both_managed
	unload_after_race
}

# A driver has plain MSIs already, because it came before interrupts were remapped,
# when one comes to a device that sends under the same requester ID.
check_plain_peer() {
	local peer said

	context="plain peer: "
	find_devices
	unbind_workers
	peer=$(find_pci 1234 11e8 3)
	mark_log
	# By either name it is what comes before.
	hold register_syscore || hold register_syscore_ops
	nyx_load &
	check load-is-held "it is not" until_true is_held
	load_edu_driver
	let_go
	check devices-are-managed "one is not" is_managed "$peer"
	check driver-has-plain-interrupts "$(entries_of "$EDU_BRIDGED")" \
		[ -n "$(irqs_of "$EDU_BRIDGED")" -a -z "$(entries_of "$EDU_BRIDGED")" ]
	unbind "$peer"
	bind "$peer"
	for dev in "$EDU_BRIDGED" "$peer"; do
		echo 100 >"$PCI/$dev/raise"
		said=$(cat "$PCI/$dev/moves")
		check "$dev-loses-none" "$said" \
			sh -c "echo '$said' | grep -q 'raised=100 .* lost=0 '"
	done
	rmmod nyx_intr_test
	# VFIO wants to know that none of the group can forge any.
	[ "$VENDOR" != amd ] || check_vfio peer "$peer" "$(named_for "$peer")"
	check_entries_after_peer "$peer"
	check unload "$(log_since_mark | tail -n 2)" unload
	check unload-leaves-nothing "something is left behind" nothing_left
	context=
}

# With all drivers gone both get theirs from the unit.
check_entries_after_peer() {
	load_edu_driver
	check both-are-remapped-then "one is not" \
		[ -n "$(entries_of "$EDU_BRIDGED")" -a -n "$(entries_of "$1")" ]
	rmmod nyx_intr_test
}

# check_adoption_race SECONDS: as it comes, time after time.
check_adoption_race() {
	local end dev kicks=0

	load_waiting "adopted and pulled"
	mark_log
	end=$(($(seconds) + $1))
	while [ "$(seconds)" -lt $end ]; do
		for dev in $EDU $E1000E $IGB; do
			echo 1 >"$PCI/$dev/remove"
		done
		echo 1 >/sys/bus/pci/rescan
	done &
	while [ "$(seconds)" -lt $end ]; do
		take_plain "$SECOND" || break
		unbind "$SECOND"
		kicks=$((kicks + 1))
	done
	check goes-on "stopped after $kicks" [ "$(seconds)" -ge $end ]
	wait
	note "$kicks times"
	check both-wait-still "one is managed" both_wait
	unload_after_race
}
