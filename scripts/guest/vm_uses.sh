# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC2034,SC2154 # the parts share variables
# A virtual machine with a device of the test machine: its guest uses the device, also after a
# reset of the machine, and after the device was unplugged and plugged in again.

# What the guest writes to a disk before a change, and reads after it.
KEEP='fio --name=keep --filename=/dev/nvme0n1 --direct=1 --ioengine=libaio --iodepth=4 --rw=randwrite --bs=16k --offset=32M --size=4M --verify=crc32c --verify_fatal=1'

# vm_check MACHINE NAME COMMAND: the check NAME is that COMMAND succeeds in the guest, and the result
# is the same.
vm_check() {
	local status

	vm_do "$1" "$3"
	status=$?
	check "$2" "status $status: $(vm_why "$1")" [ $status = 0 ]
	return $status
}

# sum_of FILE: prints its SHA-256.
sum_of() {
	sha256sum <"$1" | cut -d ' ' -f 1
}

# vm_says MACHINE WORD: prints the last line of the guest that begins with WORD, without it.
vm_says() {
	sed -n "s/^$2 //p" "/tmp/vm-$1/output" | tail -n 1 | tr -d '\r'
}

disk_driver_of() {
	vm_check machine driver "modprobe nvme && until_true test -b /dev/nvme0n1"
}

disk_gone() {
	vm_check machine gone "until_true test ! -e /dev/nvme0n1"
}

disk_use() {
	vm_check machine appears "until_true test -b /dev/nvme0n1"
	vm_check machine write-and-verify "write_and_verify vm /dev/nvme0n1 4"
}

disk_keep() {
	vm_check machine write-data "$KEEP --do_verify=0 >/tmp/fio 2>&1"
	disk_kept
}

disk_kept() {
	vm_check machine data-are-kept "$KEEP --verify_only=1 >/tmp/fio 2>&1"
}

card_driver_of() {
	vm_check machine driver "modprobe igb && until_true test -e /sys/class/net/eth0"
}

card_gone() {
	vm_check machine gone "until_true test ! -e /sys/class/net/eth0"
}

# card_use: the other card has its driver in the test machine, and an address in LEFT.
card_use() {
	local receiver

	vm_check machine appears "until_true test -e /sys/class/net/eth0"
	vm_check machine address "ip addr add 10.0.0.2/24 dev eth0 && ip link set eth0 up"
	vm_check machine ping "until_true ping -c 1 -W 2 10.0.0.1"

	vm_check machine data "dd if=/dev/urandom of=/tmp/blob bs=1M count=2 2>/dev/null"
	vm_check machine sum "echo sum \$(sha256sum </tmp/blob | cut -d ' ' -f 1)"
	enter "$LEFT" nc -l -p 5001 <>/tmp/never >/tmp/received &
	receiver=$!
	until_true listens "$LEFT" 5001
	vm_check machine sends "nc 10.0.0.1 5001 </tmp/blob" || kill $receiver
	wait $receiver
	check sent-data-arrive "$(wc -c </tmp/received) bytes" \
		[ "$(sum_of /tmp/received)" = "$(vm_says machine sum)" ]

	vm_check machine listens "receive 5002"
	timeout 120 nsenter -t "$LEFT" -n nc 10.0.0.2 5002 </tmp/blob >/dev/null
	vm_check machine receives "wait && echo got \$(sha256sum </tmp/got | cut -d ' ' -f 1)"
	check received-data-are-right "$(vm_says machine got)" \
		[ "$(sum_of /tmp/blob)" = "$(vm_says machine got)" ]
	check other-data "both are the same" \
		[ "$(vm_says machine got)" != "$(vm_says machine sum)" ]
	vm_check machine rest "ip addr flush dev eth0"
}

# A card keeps nothing.
card_keep() {
	:
}

card_kept() {
	:
}

# vm_reset: resets the machine until its init process starts again. A machine that crashes before
# that is reset again.
vm_reset() {
	local tries=0 ready

	while [ $tries -lt 4 ]; do
		ready=$(($(grep -c '^@ready' /tmp/vm-machine/output) + 1))
		: >/tmp/vm-machine/console
		vm_qmp machine system_reset || return 1
		! vm_ready machine $ready || return 0
		note "machine: crashed after a reset: $(vm_why machine)"
		VM_CRASHES=$((VM_CRASHES + 1))
		tries=$((tries + 1))
	done
	return 1
}

not_given() {
	! is_given "$1"
}

# as_json ARGUMENTS: prints the arguments of -device as those of device_add.
as_json() {
	echo "driver=$1" | sed -E 's/([^=,]*)=([^,]*)/"\1": "\2"/g; s/,/, /g'
}

# check_vm WAY KIND DEVICE: a machine uses the disk or the card.
check_vm() {
	local way=$1 kind=$2 dev=$3

	context="$way: "
	# shellcheck disable=SC2046 # words
	if ! vm_boot machine $(vm_objects "$way") -device "$(vm_device "$way" "$dev")"; then
		not_ok starts "$(vm_why machine)"
		return
	fi
	ok starts
	check memory-is-mapped "$(grep unmanaged "$DEBUGFS/domains")" is_given "$dev"
	"${kind}_driver_of"
	"${kind}_use"
	"${kind}_keep"

	context="$way, after a reset: "
	if ! vm_reset; then
		not_ok starts "$(vm_why machine)"
		vm_kill machine
		return
	fi
	ok starts
	"${kind}_driver_of"
	"${kind}_kept"
	"${kind}_use"

	context="$way, plugged in again: "
	check unplug "$(tail -n 2 /tmp/vm-machine/qmp)" vm_qmp machine device_del '"id": "dev"'
	check unplugged "$(tail -n 2 /tmp/vm-machine/qmp)" \
		until_true vm_event machine DEVICE_DELETED dev
	check memory-is-unmapped "$(grep unmanaged "$DEBUGFS/domains")" not_given "$dev"
	"${kind}_gone"
	check plug "$(tail -n 2 /tmp/vm-machine/qmp)" vm_qmp machine device_add \
		"$(as_json "$(vm_device "$way" "$dev")")"
	check memory-is-mapped-again "$(grep unmanaged "$DEBUGFS/domains")" \
		until_true is_given "$dev"
	"${kind}_use"
	"${kind}_kept"
	context="$way: "
	check no-fault "$(faults_of "$dev")" [ "$(faults_of "$dev")" = 0 ]
	vm_kill machine
	context=
}

check_vm_disk() {
	local way

	begin_machines NVME
	for way in $(ways); do
		# shellcheck disable=SC2153 # devices.sh sets it
		check_vm "$way" disk "$NVME"
	done
	end_machines "$NVME"
}

# check_vm_card: the test machine uses the other card on the wire.
check_vm_card() {
	local way

	begin_machines IGB
	dd if=/dev/urandom of=/tmp/blob bs=1M count=2 2>/dev/null
	[ -p /tmp/never ] || mkfifo /tmp/never
	bind "$E1000E"
	until_true has_netdev "$E1000E"
	unshare -n sleep 86400 &
	LEFT=$!
	sleep 0.5
	check other-card "it cannot be brought up" bring_up "$LEFT" "$(netdev_of "$E1000E")" 10.0.0.1
	for way in $(ways); do
		check_vm "$way" card "$IGB"
	done
	kill "$LEFT"
	wait "$LEFT" 2>/dev/null
	until_true has_netdev "$E1000E"
	end_machines "$IGB"
}

# busy MACHINE: its guest writes and verifies its disk until it is killed.
busy() {
	vm_send "$1" "while write_and_verify vm /dev/nvme0n1 8; do echo round; done"
}

rounds() {
	grep -c '^round' "/tmp/vm-$1/output"
}

more_rounds() {
	[ "$(rounds "$1")" -gt "$2" ]
}

# check_vm_kills TIMES: two machines with a disk each, of which one is killed during DMA, in turn,
# and started again. The test machine uses a third disk.
check_vm_kills() {
	local load way kills=0 victim other begin
	local first second

	NVME2=$(find_pci 1b36 0010 2)
	WORKERS="$WORKERS NVME2"
	begin_machines NVME NVME2
	modprobe virtio_blk
	bind "$VIRTIO"
	until_true has_block_device "$VIRTIO"
	keep_writing "$(block_device "$VIRTIO")" &
	load=$!
	way=$(ways | head -n 1)
	first=$NVME second=$NVME2
	for victim in first second; do
		eval "dev=\$$victim"
		# shellcheck disable=SC2046 # words
		vm_boot $victim $(vm_objects "$way") -device "$(vm_device "$way" "$dev")" || break
		vm_check $victim "$victim-driver" "modprobe nvme && until_true test -b /dev/nvme0n1"
		busy $victim
	done
	while [ $kills -lt "$1" ]; do
		kills=$((kills + 1))
		context="kill $kills: "
		eval "dev=\$$victim"
		check writes "$(vm_why $victim)" patiently more_rounds $victim 0
		vm_kill $victim
		check memory-is-unmapped "$(grep unmanaged "$DEBUGFS/domains")" not_given "$dev"
		other=first
		[ $victim = second ] || other=second
		begin=$(rounds $other)
		# shellcheck disable=SC2046 # words
		if ! vm_boot $victim $(vm_objects "$way") -device "$(vm_device "$way" "$dev")"; then
			not_ok starts-again "$(vm_why $victim)"
			break
		fi
		vm_check $victim works-again \
			"modprobe nvme && until_true test -b /dev/nvme0n1 && write_and_verify vm /dev/nvme0n1 4"
		busy $victim
		check other-goes-on "$(vm_why $other)" patiently more_rounds $other "$begin"
		victim=$other
	done
	context=
	vm_kill first
	vm_kill second
	check kills "$kills" [ $kills = "$1" ]
	touch /tmp/stop-load
	check disk-under-load "$(tail -n 3 /tmp/load)" wait $load
	end_machines "$NVME" "$NVME2"
}
