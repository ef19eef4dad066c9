# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC2034,SC2154 # the parts share variables
# A kernel crashes while devices do DMA through translation. The capture kernel takes the
# unit over and writes the dump to a disk.

# What the dump has to contain.
SECRET="in the log of the kernel that crashed"

# crash: starts the capture kernel, with the same initramfs.
crash() {
	local how

	echo "$SECRET" >/dev/kmsg
	(cd / && find . -xdev ! -name vmlinuz | cpio -o -H newc) \
		>/tmp/initrd 2>/tmp/cpio
	how=$(sed 's/crashkernel=[^ ]*//' /proc/cmdline)
	/nyx/kexec /nyx/vmlinuz /tmp/initrd \
		"$how nyx_stage=capture irqpoll nr_cpus=1 reset_devices" \
		on-crash >/tmp/kexec 2>&1 ||
		{ not_ok capture-kernel-is-loaded "$(cat /tmp/kexec)"; return; }
	rm /tmp/initrd
	fio --name=load --filename="$(block_device "$NVME")" --direct=1 \
	    --ioengine=libaio --rw=randwrite --bs=64k --time_based \
	    --runtime=600 >/dev/null 2>&1 &
	ip link set "$(netdev_of "$E1000E")" up
	sleep 1
	[ "$VENDOR" = amd ] || echo "@least crash 1"
	# stty waits until the serial port has sent all results.
	stty -F /dev/ttyS1 raw -echo
	echo c >/proc/sysrq-trigger
	not_ok crash "the kernel did not crash"
}

is_captured() {
	grep -qw nyx_stage=capture /proc/cmdline
}

# entry_kind_of DEVICE: prints how the unit treats the device's requests.
entry_kind_of() {
	columns "$DEBUGFS/devices" device entry | sed -n "s/^$1 //p"
}

# check_packets_go_to_the_old_kernel: one card sends packets to the other one, which writes
# them to memory of the crashed kernel, because no driver has stopped it.
check_packets_go_to_the_old_kernel() {
	check igb-binds "no network device" until_true has_netdev "$IGB"
	ip addr add 10.0.0.2/24 dev "$(netdev_of "$IGB")"
	ip link set "$(netdev_of "$IGB")" up
	# The driver maps memory when the link is set up.
	check igb-is-translated "its entry is $(entry_kind_of "$IGB")" \
		[ "$(entry_kind_of "$IGB")" = translated ]
	sleep 3
	ping -c 3 -W 1 10.0.0.1 >/dev/null 2>&1
	check packets-are-sent "no packet was sent" \
		[ "$(cat "$PCI/$IGB/net/"*/statistics/tx_packets)" -gt 2 ]
	check e1000e-keeps-its-tables "its entry is $(entry_kind_of "$E1000E")" \
		[ "$(entry_kind_of "$E1000E")" = foreign ]
	check e1000e-writes-to-the-old-kernel "$(tail -n 2 "$DEBUGFS/faults")" \
		[ "$(faults_of "$E1000E")" = 0 ]
}

# check_dump DISK: writes the dump to a disk, and finds the line in it.
check_dump() {
	local disk status

	check disk-binds "no disk" until_true has_block_device "$1"
	check disk-is-translated "its entry is $(entry_kind_of "$1")" \
		[ "$(entry_kind_of "$1")" = translated ]
	disk=$(block_device "$1") || return
	makedumpfile -l -d 31 -f /proc/vmcore "$disk" >/tmp/makedumpfile 2>&1
	status=$?
	check dump-is-written "$(tail -n 2 /tmp/makedumpfile)" [ $status -eq 0 ]
	sync
	echo 3 >/proc/sys/vm/drop_caches
	makedumpfile --dump-dmesg -f "$disk" /tmp/dmesg >/tmp/makedumpfile 2>&1
	check dump-has-the-log "$(tail -n 2 /tmp/makedumpfile)" \
		grep -q "$SECRET" /tmp/dmesg
}

check_capture() {
	context="capture: "
	find_devices
	mark_log
	if ! nyx_load; then
		not_ok load "$(cat /tmp/insmod; log_since_mark | tail -n 3)"
		return
	fi
	ok load
	check tables-are-copied "$(log_since_mark | tail -n 3)" \
		log_has "the crashed kernel"
	check_reasons this_is_a_capture_kernel
	check disk-keeps-its-tables "its entry is $(entry_kind_of "$NVME")" \
		[ "$(entry_kind_of "$NVME")" = foreign ]
	# The tables of the crashed kernel map nothing for it.
	check edu-write-stopped "memory changed" \
		[ "$(memory_after "$EDU")" = unchanged ]
	modprobe igb
	check_packets_go_to_the_old_kernel
	modprobe e1000e
	modprobe nvme
	check_dump 0000:00:09.0
	check_disk nvme "$NVME" 2
	check e1000e-binds "no network device" until_true has_netdev "$E1000E"
	ip link set "$(netdev_of "$E1000E")" up
	check e1000e-is-translated "its entry is $(entry_kind_of "$E1000E")" \
		[ "$(entry_kind_of "$E1000E")" = translated ]
	check detach-refused "the detach succeeded" detach_is_busy
	check detach-refused-for-the-reason "$(log_since_mark | tail -n 2)" \
		log_has "may still do DMA for the kernel that crashed"
	context=
}
