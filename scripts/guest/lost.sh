# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC2034,SC2154 # the parts share variables
# A device that does not respond to an invalidation of its device TLB, and what makes it
# work again: see lost/.

# entry_of DEVICE: prints what the unit does with its requests, and the state of its ATS.
entry_of() {
	columns "$DEBUGFS/devices" device entry ats | sed -n "s/^$1 //p"
}

entry_is() {
	[ "$(entry_of "$1")" = "$2" ]
}

# requester_id DEVICE: prints bus, device and function as one number.
requester_id() {
	local bus slot

	bus=${1#*:} slot=${1##*:}
	printf '0x%s%02x\n' "${bus%%:*}" $((0x${slot%.*} << 3 | ${slot#*.}))
}

# lose DEVICE: the next invalidation fails because of the device. It has no driver, which
# could not work meanwhile. It is found again first, because an unresponsive device gets
# ATS no more.
lose() {
	echo 1 >"$PCI/$1/remove"
	echo 1 >/sys/bus/pci/rescan
	until_true is_bound "$1" && unbind "$1"
	check has-ats "$(entry_of "$1")" until_true entry_is "$1" "translated on"
	mark_log
	/usr/lib/nyx/insmod /nyx/nyx_lost_test.ko silent="$(requester_id "$1")"
	check_disk neighbour "$NVME" 2
	check is-isolated "$(entry_of "$1")" entry_is "$1" "isolated lost"
	check isolation-is-logged "$(log_since_mark | tail -n 3)" \
		log_has "$1: does not respond to invalidations of its device TLB: blocked"
	rmmod nyx_lost_test
}

# check_works NAME: the disk works, untranslated requests being translated.
check_works() {
	check "$1-ends-it" "$(entry_of "$VIRTIO")" \
		until_true entry_is "$VIRTIO" "translated lost"
	is_bound "$VIRTIO" || bind "$VIRTIO"
	check_disk "$1" "$VIRTIO" 2
	unbind "$VIRTIO"
}

check_lost() {
	local word

	context="lost: "
	find_devices
	load_drivers
	unbind_workers
	if ! nyx_load; then
		not_ok load "$(cat /tmp/insmod; dmesg | tail -n 2)"
		return
	fi
	bind "$NVME"

	context="lost, reset by the PCI core: "
	lose "$VIRTIO"
	echo 1 >"$PCI/$VIRTIO/reset"
	check_works reset

	context="lost, reset by its driver: "
	lose "$VIRTIO"
	/usr/lib/nyx/insmod /nyx/nyx_lost_test.ko restored="$(requester_id "$VIRTIO")"
	rmmod nyx_lost_test
	check_works restored-state

	context="lost, driver bound: "
	lose "$VIRTIO"
	check binds "it has no driver" bind "$VIRTIO"
	check_works bind

	context="lost, debugfs: "
	lose "$VIRTIO"
	for word in ' ' 1 all 0000:ff:1f.7 "${VIRTIO#0000:}" "$VIRTIO $NVME" "$(seq 99)"
	do
		check "refuses-$(printf %.14s "$word" | tr ' \n' __)" \
			"the write succeeded" \
			sh -c "! printf %s '$word' 2>/dev/null >$DEBUGFS/reset"
	done
	check refused-writes-change-nothing "$(entry_of "$VIRTIO")" \
		entry_is "$VIRTIO" "isolated lost"
	echo "$NVME" >"$DEBUGFS/reset"
	check others-are-left-alone "$(entry_of "$NVME")" \
		entry_is "$NVME" "translated -"
	echo "$VIRTIO" >"$DEBUGFS/reset"
	check_works command
	context="lost: "
	bind_workers
	check_unload
	check log-is-clean "the kernel log has warnings" kernel_is_clean
	context=
}
