# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC2034,SC2154 # the parts share variables
# Starts another kernel by kexec while devices do DMA. With shutdown=off the old one leaves
# the unit in the state in which firmware leaves it, with shutdown=block it blocks all DMA.

# restart STATE: restarts from a kernel that loaded the module with shutdown=STATE.
restart() {
	(cd / && find . -xdev | cpio -o -H newc) \
		>/tmp/initrd 2>/tmp/cpio
	fio --name=load --filename="$(block_device "$NVME")" --direct=1 \
	    --ioengine=libaio --rw=randwrite --bs=64k --time_based \
	    --runtime=600 >/dev/null 2>&1 &
	sleep 1
	# stty waits until the serial port has sent all results.
	stty -F /dev/ttyS1 raw -echo
	/nyx/kexec /nyx/vmlinuz /tmp/initrd \
		"$(sed 's/ nyx_after=.*//' /proc/cmdline) nyx_after=$1" >/tmp/kexec 2>&1
	not_ok restart "$(cat /tmp/kexec)"
}

# restarted_after: prints the STATE given to the last restart; nothing after a boot.
restarted_after() {
	sed -n 's/.* nyx_after=//p' /proc/cmdline
}

# Before the module is loaded, the unit that the last kernel left blocks all DMA.
check_still_blocked() {
	context="blocked: "
	find_devices
	check write-stopped "memory changed" \
		[ "$(memory_after "$EDU")" = unchanged ]
	check write-behind-bridge-stopped "memory changed" \
		[ "$(memory_after "$EDU_BRIDGED")" = unchanged ]
	context=
}

check_after_restart() {
	local state

	state=$(restarted_after)
	context="after $state: "
	find_devices
	unbind_workers
	mark_log
	if ! nyx_load; then
		not_ok load "$(cat /tmp/insmod; dmesg | tail -n 2)"
		return
	fi
	ok load
	# The built-in VT-d driver disables units that it finds enabled, even if it is off.
	if [ "$state" = off ] || [ "$VENDOR" = intel ]; then
		check unit-was-disabled "$(log_since_mark | grep "taking the unit over")" \
			sh -c "! dmesg | grep -q 'taking the unit over'"
	else
		check unit-is-taken-over "$(log_since_mark | head -n 3)" \
			log_has "earlier kernel left .* enabled: taking the unit over"
	fi
	load_drivers
	check drivers-bind "a driver did not bind" bind_workers
	check_groups
	check_disk nvme "$NVME" 8
	check_unload
	context=
}
