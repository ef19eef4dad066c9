# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC2034,SC2154 # the parts share variables
# Sleeps, kexec and reboots of a machine whose interrupts have been adopted.

# adopt_in_use [PARAMETER...]: loads the module while a disk, an MSI and a pin are in use.
adopt_in_use() {
	load_drivers
	find_devices
	check drivers-bind "a driver did not bind" bind_workers
	load_edu_driver
	until_true is_bound "$EDU"
	check pin-is-requested "$(dmesg | tail -n 1)" request_vectors "$EDU_BRIDGED" 0
	until_true has_block_device "$NVME"
	mark_log
	check load "$(cat /tmp/insmod)" nyx_load fault_action=log "$@"
	check_remapping blocked
	check all-are-adopted "$(unlisted adopted | tr '\n' ' ')" [ -z "$(unlisted adopted)" ]
	check_remapped
}

# check_arrive: interrupts of the test driver's devices arrive.
check_arrive() {
	local dev

	for dev in "$EDU" "$EDU_BRIDGED"; do
		echo 100 >"$PCI/$dev/raise"
		check "loses-none-of-$dev" "$(cat "$PCI/$dev/moves")" \
			lost_none "$PCI/$dev/moves"
		check "handles-all-of-$dev" "$(miscounted "$dev")" \
			[ -z "$(miscounted "$dev")" ]
	done
}

# check_remapped: they are remapped, and arrive. Some drivers free their interrupts for a sleep and
# request them from the unit afterwards.
check_remapped() {
	local states='adopted|remapped'

	check all-are-remapped "$(unlisted "$states" | tr '\n' ' ')" [ -z "$(unlisted "$states")" ]
	check interrupts-are-isolated "$(columns "$DEBUGFS/units" compat)" \
		interrupts_are_isolated
	check_arrive
	check_disk nvme "$NVME" 2
}

# check_returned: they arrive after the module is unloaded, too.
check_returned() {
	check unload "$(dmesg | tail -n 2)" unload
	check_arrive
	check_disk nvme-again "$NVME" 2
}

# check_adopted_sleeps TIMES
check_adopted_sleeps() {
	local n

	adopt_in_use
	for n in $(seq "$1"); do
		context="sleep $n: "
		mark_log
		check sleeps "$(log_since_mark | tail -n 3)" sleep_to_ram
		check_remapped
	done
	context="idle: "
	check sleeps "$(log_since_mark | tail -n 3)" sleep_to_idle
	check_remapped
	context="unloaded: "
	check_returned
	context=
}

# The last sector of a disk that other checks of a row with a reboot do not use tells
# whether the machine has been rebooted.
has_rebooted() {
	modprobe virtio_blk
	find_devices
	until_true has_block_device "$VIRTIO"
	tail -c 512 "$(block_device "$VIRTIO")" | grep -q rebooted
}

reboot_machine() {
	local size

	size=$(cat "/sys/class/block/$(basename "$(block_device "$VIRTIO")")/size")
	echo rebooted | dd of="$(block_device "$VIRTIO")" bs=512 seek=$((size - 1)) \
		conv=sync,fsync 2>/dev/null
	# stty waits until the serial port has sent all results.
	stty -F /dev/ttyS1 raw -echo
	reboot -f
	not_ok reboot "the machine goes on"
}

# check_adopted_restarts: a plan that runs again after each restart.
check_adopted_restarts() {
	if has_rebooted; then
		context="after reboot: "
		adopt_in_use
		check_returned
		context=
		return
	fi
	case $(restarted_after) in
	'')	adopt_in_use
		restart off ;;
	off)	check_after_restart
		adopt_in_use shutdown=block
		restart block ;;
	block)	check_after_restart
		adopt_in_use
		reboot_machine ;;
	esac
}
