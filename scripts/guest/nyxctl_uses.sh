# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC2034,SC2154 # the parts share variables
# Devices that the machine uses, which nyxctl assign refuses. The debug kernel has no
# modules for most of these uses.

# has_module NAME...: they are loaded, or can be.
has_module() {
	modprobe -a "$@" 2>/dev/null
}

# check_use NAME DEVICE USE...: assign refuses the device, names each use, and changes nothing.
check_use() {
	local name=$1 device=$2 driver

	shift 2
	driver=$(driver_of "$device")
	check_code "$name" 5 assign --yes "$device"
	while [ $# -gt 0 ]; do
		check "$name-is-named" "not '$1': $(cat /tmp/nyxctl)" said "^  in use: $1\$"
		shift
	done
	check "$name-has-remedy" "$(cat /tmp/nyxctl)" said 'nothing was changed; --force assigns it'
	check_driver "$name-keeps-driver" "$device" "$driver"
	check "$name-changes-nothing" "$(overrides)" [ -z "$(overrides)" ]
	# So that the next checks do not fail, too.
	[ "$(driver_of "$device")" = "$driver" ] || nyxctl release "$device"
}

# check_no_use NAME DEVICE: assign finds no use of the device. It ends with 2, because it cannot ask
# for a confirmation.
check_no_use() {
	check_code "$1-is-over" 2 assign "$2"
	check "$1-is-over-asks" "$(cat /tmp/nyxctl)" said 'nobody can answer'
	check "$1-is-over-names-none" "$(cat /tmp/nyxctl)" fails said 'in use:'
}

# Routes without an address of the interface. Another card has a route, too.
check_uses_routes() {
	local card other

	card=$(netdev_of "$IGB")
	other=$(netdev_of "$E1000E")
	ip address add 10.3.0.1/24 dev "$other"
	ip link set "$card" up
	ip link set "$other" up
	check_no_use interface-without-route "$IGB"
	check_use route-of-other-card "$E1000E" "$other has a network route" \
		"$other has the address 10.3.0.1"
	ip address flush dev "$other"
	check_no_use route-of-other-card "$E1000E"
	if [ -e /proc/net/if_inet6 ]; then
		ip -6 route add 2001:db8::/32 dev "$card"
		check_use ipv6-route "$IGB" "$card has a network route"
		ip -6 route del 2001:db8::/32 dev "$card"
		check_no_use ipv6-route "$IGB"
	fi
	ip route add 10.2.0.0/16 dev "$card" table 100
	check_use route-of-other-table "$IGB" "$card has a network route"
	ip route del 10.2.0.0/16 dev "$card" table 100
	check_no_use route-of-other-table "$IGB"
}

# check_upper TYPE MODULE: an interface of that type is built from the card.
check_upper() {
	local card

	has_module "$2" || return 0
	card=$(netdev_of "$IGB")
	case $1 in
	bridge|bond)
		# A bond takes only interfaces that are down.
		ip link set "$card" down
		ip link add over0 type "$1"
		ip link set "$card" master over0 ;;
	vlan) ip link add link "$card" name over0 type vlan id 5 ;;
	*) ip link add link "$card" name over0 type "$1" ;;
	esac
	check_use "$1" "$IGB" "$card is part of over0"
	ip link del over0
	check_no_use "$1" "$IGB"
}

check_uses_pppoe() {
	local card session

	has_module pppoe || return 0
	card=$(netdev_of "$IGB")
	ip link set "$card" up
	/nyx/pppoe "$card" &
	session=$!
	check pppoe-begins "$(cat /proc/net/pppoe)" until_true grep -q "$card" /proc/net/pppoe
	check_use pppoe "$IGB" "$card has a PPPoE session"
	kill $session
	wait $session 2>/dev/null
	check_no_use pppoe "$IGB"
}

# check_in_namespace NAME NAMESPACE PATH: no process is in the namespace, only a file leads to
# it.
check_in_namespace() {
	local card

	card=$(netdev_of "$IGB")
	/usr/bin/ip link set "$card" netns "$2"
	check "$1-hides" "$(netdev_of "$IGB")" fails has_netdev "$IGB"
	check_use "$1" "$IGB" "$card is in the network namespace $3"
}

# busybox has no namespaces with names.
ip_netns() {
	/usr/bin/ip netns "$@"
}

# Network namespaces without a process.
check_uses_namespaces() {
	local sleeper

	ip_netns add pod
	check_in_namespace mounted-namespace pod '/run/netns/pod'
	ip_netns del pod
	check mounted-namespace-returns "the interface did not" until_true has_netdev "$IGB"
	check_no_use mounted-namespace "$IGB"

	# The kernel writes the blank as \040.
	ip_netns add 'a pod'
	check_in_namespace named-with-blank 'a pod' '/run/netns/a.040pod'
	ip_netns del 'a pod'
	check named-with-blank-returns "the interface did not" until_true has_netdev "$IGB"

	ip_netns add pod
	sleep 1000 3</run/netns/pod &
	sleeper=$!
	until_true grep -qx sleep /proc/$sleeper/comm
	/usr/bin/ip link set "$(netdev_of "$IGB")" netns pod
	ip_netns del pod
	check_use opened-namespace "$IGB" \
		".* is in the network namespace that process $sleeper:sleep has opened"
	kill $sleeper
	wait $sleeper 2>/dev/null
	check opened-namespace-returns "the interface did not" until_true has_netdev "$IGB"
	check_no_use opened-namespace "$IGB"
}

# The interface that is built from the card is in another namespace, as that of a container.
check_uses_upper_elsewhere() {
	has_module macvlan || return 0
	ip_netns add pod
	ip link add link "$(netdev_of "$IGB")" name over0 type macvlan
	/usr/bin/ip link set over0 netns pod
	check_use upper-elsewhere "$IGB" \
		"$(netdev_of "$IGB") is part of over0 in the network namespace /run/netns/pod"
	# Another card is not part of it.
	check_no_use upper-of-another-card "$E1000E"
	ip_netns del pod
	check_no_use upper-elsewhere "$IGB"
}

# put DISK BLOCK FORMAT: writes the beginning of a block of 1 KiB.
put() {
	# shellcheck disable=SC2059 # it is a format
	printf "$3" | dd of="$1" bs=1k seek="$2" conv=sync 2>/dev/null
}

# make_minix DISK: makes a file system of version 1 of Minix with an empty root folder. It has
# 64 blocks: the boot block, the superblock, a bitmap of inodes, one of zones, 32 inodes, data.
make_minix() {
	put "$1" 0 ''
	# 32 inodes, 64 zones, blocks of each bitmap, first zone 5, maximum size, magic, state
	put "$1" 1 '\040\000\100\000\001\000\001\000\005\000\000\000\000\034\010\020\177\023\001\000'
	put "$1" 2 '\003'
	put "$1" 3 '\003'
	# mode 040755, user, size 32, time, group, 2 links, zone 5
	put "$1" 4 '\355\101\000\000\040\000\000\000\000\000\000\000\000\002\005\000'
	# Names have 14 bytes.
	put "$1" 5 '\001\000.\000\000\000\000\000\000\000\000\000\000\000\000\000\001\000..'
}

# has_partition DISK
has_partition() {
	[ -b "$1p1" ]
}

# A file system on a partition, and a loop device that is built from a file in it.
check_uses_partition() {
	local disk name numbers

	has_module minix loop || return 0
	disk=$(block_device "$NVME")
	name=${disk##*/}
	printf 'o\nn\np\n1\n\n\nw\n' | fdisk "$disk" >/dev/null 2>&1
	blockdev --rereadpt "$disk"
	check has-partition "$(ls /dev/nvme*)" until_true has_partition "$disk"
	check_no_use partition "$NVME"

	mkswap "${disk}p1" >/dev/null
	swapon "${disk}p1"
	check_use swap-partition "$NVME" "${name}p1 is used for swapping"
	swapoff "${disk}p1"
	check_no_use swap-partition "$NVME"

	make_minix "${disk}p1"
	mkdir -p '/tmp/a disk'
	mount -t minix "${disk}p1" '/tmp/a disk'
	check_use mounted-partition "$NVME" "${name}p1 is mounted at /tmp/a.040disk"

	dd if=/dev/zero of='/tmp/a disk/image' bs=1k count=16 2>/dev/null
	losetup /dev/loop0 '/tmp/a disk/image'
	check_use loop-of-file "$NVME" "${name}p1 is mounted at /tmp/a.040disk" \
		"${name}p1 has the file of loop0"
	# The file system is not seen any more.
	umount -l '/tmp/a disk'
	check_use loop-of-hidden-file "$NVME" "${name}p1 has the file of loop0"
	losetup -d /dev/loop0
	check loop-ends "$(losetup -a)" until_true fails test -e /sys/block/loop0/loop/backing_file
	check_no_use loop-of-hidden-file "$NVME"

	losetup /dev/loop0 "${disk}p1"
	check_use loop-of-partition "$NVME" "${name}p1 is part of loop0"
	mount -t minix /dev/loop0 '/tmp/a disk'
	check_use mounted-loop "$NVME" "${name}p1 is part of loop0" \
		"loop0 is mounted at /tmp/a.040disk"
	umount '/tmp/a disk'
	losetup -d /dev/loop0
	# Another name of the partition
	numbers=$(tr : " " <"/sys/class/block/${name}p1/dev")
	# shellcheck disable=SC2086 # two numbers
	mknod /tmp/partition b $numbers
	losetup /dev/loop0 /tmp/partition
	check_use loop-of-other-name "$NVME" "${name}p1 is part of loop0"
	losetup -d /dev/loop0
	rm /tmp/partition
	check_no_use loop-of-partition "$NVME"
	dd if=/dev/zero of="$disk" bs=1k count=1 conv=fsync 2>/dev/null
	blockdev --rereadpt "$disk"
	check has-no-partition "$(ls /dev/nvme*)" until_true fails has_partition "$disk"
}

# Logical volumes, and swap on one.
check_uses_mapper() {
	local disk name upper

	has_module dm-mod || return 0
	disk=$(block_device "$NVME")
	name=${disk##*/}
	dmsetup create --noudevsync volume --table "0 65536 linear $disk 0"
	upper=$(dmsetup info -c --noheadings -o blkdevname volume)
	check_use mapper "$NVME" "$name is part of $upper"
	mkswap "/dev/$upper" >/dev/null
	swapon "/dev/$upper"
	check_use swap-on-mapper "$NVME" "$name is part of $upper" "$upper is used for swapping"
	swapoff "/dev/$upper"
	dmsetup remove --noudevsync volume
	check_no_use mapper "$NVME"
}

# A RAID without metadata
check_uses_raid() {
	local disk md=/sys/block/md127/md

	has_module md-mod raid1 || return 0
	disk=$(block_device "$NVME")
	echo md127 >/sys/module/md_mod/parameters/new_array
	echo none >$md/metadata_version
	echo raid1 >$md/level
	echo 1 >$md/raid_disks
	cat "/sys/class/block/${disk##*/}/dev" >$md/new_dev
	echo 1024 >$md/component_size
	echo 0 >"$md/dev-${disk##*/}/slot"
	echo clean >$md/array_state
	check raid-runs "$(cat $md/array_state)" grep -qE 'clean|active' $md/array_state
	check_use raid "$NVME" "${disk##*/} is part of md127"
	echo clear >$md/array_state
	check_no_use raid "$NVME"
}

# multipath_disk: prints the name of the only disk that is below a subsystem.
multipath_disk() {
	local path

	for path in /sys/devices/virtual/nvme-subsystem/*/nvme*n*; do
		[ -b "/dev/${path##*/}" ] || continue
		echo "${path##*/}"
		return
	done
	return 1
}

has_multipath_disk() {
	multipath_disk >/dev/null
}

# With multipath, the disk is not below the controller. The second NVMe controller has it.
check_uses_multipath() {
	local disk

	[ -e /sys/module/nvme_core/parameters/multipath ] || return 0
	check has-multipath "$(ls /sys/class/block)" until_true has_multipath_disk
	disk=$(multipath_disk)
	check_no_use multipath "$NVME2"
	mkswap "/dev/$disk" >/dev/null
	swapon "/dev/$disk"
	check_use swap-by-multipath "$NVME2" "$disk is used for swapping"
	swapoff "/dev/$disk"
	check_no_use swap-by-multipath "$NVME2"
	dmsetup create --noudevsync volume --table "0 1024 linear /dev/$disk 0"
	check_use mapper-by-multipath "$NVME2" "$disk is part of dm-[0-9]+"
	dmsetup remove --noudevsync volume
	check_no_use mapper-by-multipath "$NVME2"
}

# Afterwards both can be given away.
check_uses() {
	context="nyxctl, uses: "
	check_uses_routes
	check_upper vlan 8021q
	check_upper macvlan macvlan
	check_upper bridge bridge
	check_upper bond bonding
	check_uses_pppoe
	check_uses_namespaces
	check_uses_upper_elsewhere
	check_uses_partition
	check_uses_mapper
	check_uses_raid
	check_uses_multipath
	check_code unused 0 assign --yes "$NVME" "$IGB"
	check_code unused-release 0 release "$NVME" "$IGB"
	check_driver unused-disk-returns "$NVME" nvme
	check_driver unused-card-returns "$IGB" igb
	check_disk unused "$NVME" 2
	context="nyxctl: "
}
