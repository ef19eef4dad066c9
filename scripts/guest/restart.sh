# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC2034,SC2154 # the parts share variables
# Starts another kernel by kexec while devices do DMA. The module loads in the new kernel
# only if the old one left the unit in the state in which firmware leaves it.

restart() {
	(cd / && find . -xdev ! -name vmlinuz | cpio -o -H newc) \
		>/tmp/initrd 2>/tmp/cpio
	fio --name=load --filename="$(block_device "$NVME")" --direct=1 \
	    --ioengine=libaio --rw=randwrite --bs=64k --time_based \
	    --runtime=600 >/dev/null 2>&1 &
	sleep 1
	# stty waits until the serial port has sent all results.
	stty -F /dev/ttyS1 raw -echo
	/nyx/kexec /nyx/vmlinuz /tmp/initrd \
		"$(cat /proc/cmdline) nyx_stage=restarted" >/tmp/kexec 2>&1
	not_ok restart "$(cat /tmp/kexec)"
}

is_restarted() {
	grep -qw nyx_stage=restarted /proc/cmdline
}

check_after_restart() {
	context="restarted: "
	find_devices
	unbind_workers
	if ! nyx_load; then
		not_ok load "$(cat /tmp/insmod; dmesg | tail -n 2)"
		return
	fi
	ok load
	load_drivers
	check drivers-bind "a driver did not bind" bind_workers
	check_groups
	check_disk nvme "$NVME" 8
	check_unload
	context=
}
