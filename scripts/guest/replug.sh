# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC2034,SC2154 # the parts share variables
# Devices that are removed while their drivers are bound and their interrupts are moved,
# and that are found again.

# keep_moving DEVICE: moves its interrupts until /tmp/stop-moving exists. There is no pause
# while the device exists, so that moves race with its removal. Creates /tmp/moving after
# two rounds.
keep_moving() {
	local mask=1 moves=0 rounds=0 irq

	while [ ! -e /tmp/stop-moving ]; do
		mask=$((3 - mask))
		[ $((rounds += 1)) -ne 3 ] || : >/tmp/moving
		for irq in "$PCI/$1/msi_irqs"/*; do
			{ echo $mask >"/proc/irq/${irq##*/}/smp_affinity"; } \
				2>/dev/null && moves=$((moves + 1))
		done
		[ -e "$irq" ] || sleep 0.01
	done
	echo $moves >/tmp/moves
}

# start_moving DEVICE: runs keep_moving in the background until stop_moving. A busy host
# may start it late, so this waits until interrupts move.
start_moving() {
	rm -f /tmp/stop-moving /tmp/moving
	keep_moving "$1" &
	MOVER=$!
	until_true [ -e /tmp/moving ]
}

stop_moving() {
	touch /tmp/stop-moving
	wait "$MOVER"
}

# has_irqs DEVICE NUMBER
has_irqs() {
	local dev=$1 nr=$2

	set -- "$PCI/$dev/msi_irqs"/*
	[ $# -eq "$nr" ] && [ -e "$1" ]
}

# replug DEVICE INTERRUPTS: removes and finds the device, and waits for its interrupts,
# which some drivers request after their probe.
replug() {
	echo 1 >"$PCI/$1/remove"
	echo 1 >/sys/bus/pci/rescan
	has_irqs "$1" "$2" || until_true has_irqs "$1" "$2"
}

# indices_of DEVICE: prints the indices of its entries.
indices_of() {
	column 1 "$(vectors_of "$1")"
}

# check_replug NAME DEVICE TIMES INTERRUPTS: removes and finds a bound device repeatedly.
# Meanwhile its interrupts are moved if it has several; moving a single one rarely races
# with the removal. The first free entries are allocated, so each time the device gets the
# same entries if all were freed.
check_replug() {
	local i=1 used indices nr

	context="${context}replug $1: "
	used=$(entries_used)
	nr=$(irqs_of "$2" | wc -l)
	check has-interrupts "it has $nr" [ "$nr" -ge "$4" ]
	check reappears "$(irqs_of "$2")" replug "$2" "$nr"
	indices=$(indices_of "$2")
	[ "$4" -eq 1 ] || start_moving "$2"
	while [ $i -lt "$3" ] && replug "$2" "$nr"; do
		i=$((i + 1))
	done
	check reappears-each-time "stopped after $i times" [ $i -eq "$3" ]
	if [ "$4" -gt 1 ]; then
		stop_moving
		note "$1: replugged $i times, interrupts moved $(cat /tmp/moves) times"
		check interrupts-were-moved "$(cat /tmp/moves) times" \
			[ "$(cat /tmp/moves)" -ge "$3" ]
	fi
	check frees-every-entry "$(entries_used) in use, not $used" \
		[ "$(entries_used)" = "$used" ]
	check has-the-same-entries "$(indices_of "$2"), not $indices" \
		[ "$(indices_of "$2")" = "$indices" ]
	context=${context%"replug $1: "}
}

# Replugs devices 200 times in total: a device with one interrupt; a card with ten, bound
# to the test driver, which requests all of them in its probe; and a disk.
check_replugs() {
	local test=nyx_intr_test

	load_edu_driver
	check_replug edu "$EDU" 150 1
	rmmod igb
	echo 10 >/sys/module/$test/parameters/vectors
	echo 8086 10c9 >/sys/bus/pci/drivers/$test/new_id
	check_replug card "$IGB" 40 10
	check_replug_card 3 10
	rmmod $test
	modprobe igb
	check_replug disk "$NVME" 10 3
}

find_hot_card() {
	HOT=$(find_pci 8086 10c9 2)
}

plug_hot_card() {
	host "device_add igb,id=hotcard,bus=hotport"
	sleep 0.5
	find_hot_card
}

# check_replug_card TIMES INTERRUPTS: plugs a card with several interrupts in and unplugs
# it, through QEMU and not only in sysfs.
check_replug_card() {
	local i=0 used indices=

	context="${context}plug card: "
	used=$(entries_used)
	while [ $i -lt "$1" ]; do
		until_true plug_hot_card || break
		until_true has_irqs "$HOT" "$2" || break
		indices="$indices$(indices_of "$HOT")
"
		start_moving "$HOT"
		host "device_del hotcard"
		until_true is_gone "$HOT" || break
		stop_moving
		i=$((i + 1))
	done
	stop_moving
	check reappears-each-time "stopped after $i times: $(dmesg | tail -n 2)" \
		[ $i -eq "$1" ]
	check interrupts-were-moved "$(cat /tmp/moves) times" \
		[ "$(cat /tmp/moves)" -gt 1 ]
	check has-the-same-entries "$indices" \
		[ "$(echo "$indices" | sort -u | grep -c .)" -eq 1 ]
	check frees-every-entry "$(entries_used) in use, not $used" \
		until_true entries_used_are "$used"
	context=${context%"plug card: "}
}

entries_used_are() {
	[ "$(entries_used)" = "$1" ]
}
