# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC2034,SC2154 # the parts share variables
# Data transfers through translation: a disk, two network cards, a hot-added disk.

# block_device DEVICE: prints the disk of a PCI device.
block_device() {
	local path

	for path in "$PCI/$1"/nvme/nvme*/nvme*n1 "$PCI/$1"/virtio*/block/vd*; do
		[ -e "$path" ] || continue
		[ -b "/dev/${path##*/}" ] || continue
		echo "/dev/${path##*/}"
		return
	done
	return 1
}

has_block_device() {
	block_device "$1" >/dev/null
}

# write_and_verify NAME DISK MEGABYTES: runs fio with its output in /tmp/fio.
write_and_verify() {
	fio --name="$1" --filename="$2" --ioengine=libaio --direct=1 \
	    --iodepth=8 --rw=randwrite --bsrange=4k-256k --size="$3M" \
	    --verify=crc32c --do_verify=1 --verify_fatal=1 --randrepeat=0 \
	    >/tmp/fio 2>&1
}

# check_disk NAME DEVICE MEGABYTES: writes the disk, reads it back and verifies the data.
check_disk() {
	if ! until_true has_block_device "$2"; then
		not_ok "$1-write-and-verify" "$2 has no disk"
		return
	fi
	if write_and_verify "$1" "$(block_device "$2")" "$3"; then
		ok "$1-write-and-verify"
	else
		not_ok "$1-write-and-verify" "$(grep -m 1 -i err /tmp/fio)"
		tail -n 5 /tmp/fio | sed 's/^/# /'
	fi
}

netdev_of() {
	ls "$PCI/$1/net" 2>/dev/null
}

has_netdev() {
	[ -n "$(netdev_of "$1")" ]
}

# enter PID COMMAND...: runs COMMAND in the network namespace of that process.
enter() {
	local pid=$1

	shift
	nsenter -t "$pid" -n "$@"
}

# bring_up PID NETDEV ADDRESS: moves NETDEV to that process's network namespace.
bring_up() {
	ip link set "$2" netns "$1" &&
	enter "$1" ip addr add "$3/24" dev "$2" &&
	enter "$1" ip link set "$2" up
}

reachable() {
	enter "$1" ping -c 1 -W 1 "$2" >/dev/null 2>&1
}

# listens PID PORT: a program listens at that TCP port in the process's network namespace.
listens() {
	enter "$1" cat /proc/net/tcp /proc/net/tcp6 2>/dev/null |
		grep -q ":$(printf '%04X' "$2") 0*:0000 0A "
}

# transfer FROM TO ADDRESS PORT: sends /tmp/blob. Succeeds if the received data is the same.
transfer() {
	local sent got receiver

	# nc exits when its input ends, so the receiver gets an input that never ends.
	[ -p /tmp/never ] || mkfifo /tmp/never
	enter "$2" nc -l -p "$4" <>/tmp/never >/tmp/received &
	receiver=$!
	until_true listens "$2" "$4" || { kill $receiver; return 1; }
	enter "$1" nc "$3" "$4" </tmp/blob >/dev/null
	wait $receiver
	sent=$(sha256sum </tmp/blob)
	got=$(sha256sum </tmp/received)
	rm -f /tmp/received
	[ "$sent" = "$got" ]
}

# connect_cards: the two cards share a wire. Each gets its own network namespace, of a
# process in LEFT or RIGHT. In one namespace the kernel would pass the packets internally,
# without using the cards.
connect_cards() {
	LEFT='' RIGHT=''
	until_true has_netdev "$E1000E" && until_true has_netdev "$IGB" || return
	unshare -n sleep 86400 &
	LEFT=$!
	unshare -n sleep 86400 &
	RIGHT=$!
	sleep 0.2
	[ -e /tmp/blob ] ||
		dd if=/dev/urandom of=/tmp/blob bs=1M count=4 2>/dev/null
	bring_up "$LEFT" "$(netdev_of "$E1000E")" 10.0.0.1 &&
		bring_up "$RIGHT" "$(netdev_of "$IGB")" 10.0.0.2 &&
		until_true reachable "$LEFT" 10.0.0.2
}

# disconnect_cards: the cards return to this namespace.
disconnect_cards() {
	[ -n "$LEFT" ] || return
	kill "$LEFT" "$RIGHT"
	wait "$LEFT" "$RIGHT" 2>/dev/null
	until_true has_netdev "$E1000E" && until_true has_netdev "$IGB"
}

check_network() {
	if connect_cards; then
		check e1000e-to-igb-transfer "the received data differ" \
			transfer "$LEFT" "$RIGHT" 10.0.0.2 5001
		check igb-to-e1000e-transfer "the received data differ" \
			transfer "$RIGHT" "$LEFT" 10.0.0.1 5002
	else
		not_ok network-transfer "the cards do not reach each other"
	fi
	disconnect_cards
}

# Plugs a disk in, uses it and unplugs it.
check_hotplug() {
	local dev before devices entries

	before=$(echo "$PCI"/*)
	devices=$(known_devices)
	entries=$(known_interrupts)
	if ! until_true plug_hot; then
		not_ok hot-added "QEMU added no device"
		return
	fi
	dev=$HOT
	check hot-added-is-managed "$dev has no group" until_true is_managed "$dev"
	check_disk hot-added-disk "$dev" 4
	host "device_del hot"
	check hot-removed "$dev still exists" until_true is_gone "$dev"
	check hot-removed-restores-sysfs "the PCI devices in sysfs differ" \
		[ "$before" = "$(echo "$PCI"/*)" ]
	# The module is notified after the device is removed from sysfs.
	check hot-removed-not-listed "debugfs still lists the device" \
		until_true devices_are "$devices"
	check hot-removed-frees-entries "$(known_interrupts) in use, not $entries" \
		[ "$(known_interrupts)" = "$entries" ]
}

devices_are() {
	[ "$(known_devices)" = "$1" ]
}

# The module's list of devices.
known_devices() {
	[ "$DRIVER" = nyx ] || return 0
	columns "$DEBUGFS/devices" device requesters entry domain
}

# The number of interrupt entries in use; nothing for the built-in driver.
known_interrupts() {
	[ "$DRIVER" = nyx ] || return 0
	counter intr_used
}

# plug_hot: adds the disk; callers repeat it, because QEMU refuses to until it has
# released the disk of the previous device. QEMU also refuses to add the device twice.
plug_hot() {
	host "device_add nvme,id=hot,serial=hot,drive=hot,bus=hotport"
	sleep 0.5
	find_hot
}

find_hot() {
	HOT=$(find_pci 1b36 0010 2)
}

check_data() {
	check_disk nvme "$NVME" 16
	[ -z "$VIRTIO" ] || check_disk virtio "$VIRTIO" 8
	check_network
}
