# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC2034,SC2154 # the parts share variables
# Devices that go, with their drivers at work and their interrupts on the move,
# and come back.

# keep_moving DEVICE: until /tmp/stay is there, those that may be, without a pause
# while the device is there: so it meets its end whenever that comes.
keep_moving() {
	local mask=1 moves=0 irq

	while [ ! -e /tmp/stay ]; do
		mask=$((3 - mask))
		for irq in "$PCI/$1/msi_irqs"/*; do
			{ echo $mask >"/proc/irq/${irq##*/}/smp_affinity"; } \
				2>/dev/null && moves=$((moves + 1))
		done
		[ -e "$irq" ] || sleep 0.01
	done
	echo $moves >/tmp/moves
}

# start_moving DEVICE, stop_moving.
start_moving() {
	rm -f /tmp/stay
	keep_moving "$1" &
	MOVER=$!
}

stop_moving() {
	touch /tmp/stay
	wait "$MOVER"
}

# has_irqs DEVICE NUMBER
has_irqs() {
	local dev=$1 nr=$2

	set -- "$PCI/$dev/msi_irqs"/*
	[ $# -eq "$nr" ] && [ -e "$1" ]
}

# replug DEVICE INTERRUPTS: some drivers ask for them a little later.
replug() {
	echo 1 >"$PCI/$1/remove"
	echo 1 >/sys/bus/pci/rescan
	has_irqs "$1" "$2" || until_true has_irqs "$1" "$2"
}

indices_of() {
	column 1 "$(vectors_of "$1")"
}

# Gone and back, with its driver, time after time, and several interrupts on the
# move: moving just one would cost more than it meets. The first free entries are
# taken, which are the same each time if all come back.
# check_replug NAME DEVICE TIMES INTERRUPTS
check_replug() {
	local i=1 used indices nr

	context="${context}replug $1: "
	used=$(entries_used)
	nr=$(irqs_of "$2" | wc -l)
	check has-interrupts "$nr" [ "$nr" -ge "$4" ]
	check comes-back "$(irqs_of "$2")" replug "$2" "$nr"
	indices=$(indices_of "$2")
	[ "$4" -eq 1 ] || start_moving "$2"
	while [ $i -lt "$3" ] && replug "$2" "$nr"; do
		i=$((i + 1))
	done
	check each-time "stopped at the ${i}th" [ $i -eq "$3" ]
	if [ "$4" -gt 1 ]; then
		stop_moving
		note "$1: $i times, moved $(cat /tmp/moves) times meanwhile"
		check moves-meanwhile "$(cat /tmp/moves) times" \
			[ "$(cat /tmp/moves)" -ge "$3" ]
	fi
	check frees-every-entry "$(entries_used) in use, not $used" \
		[ "$(entries_used)" = "$used" ]
	check has-the-same-entries "$(indices_of "$2"), not $indices" \
		[ "$(indices_of "$2")" = "$indices" ]
	context=${context%"replug $1: "}
}

# All the replugging, 200 times together: a device with one interrupt; a card with
# ten, whose driver is one that has them in use at once; and a disk.
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

# A card with several interrupts is really plugged in and pulled.
# check_replug_card TIMES INTERRUPTS
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
	check each-time "stopped at the ${i}th: $(dmesg | tail -n 2)" [ $i -eq "$1" ]
	check moves-meanwhile "$(cat /tmp/moves) times" \
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
