# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC2034,SC2154 # the parts share variables
# Interrupts through the unit: given, moved, forged, used up.

INTERRUPTS=$DEBUGFS/interrupts

# irqs_of DEVICE: the kernel's numbers of its MSIs.
irqs_of() {
	ls "$PCI/$1/msi_irqs" 2>/dev/null
}

# entries_of DEVICE: the same, as the module has them.
entries_of() {
	columns "$INTERRUPTS" device irq | sed -n "s/^$1 //p"
}

entries_used() {
	counter intr_used
}

has_no_entries() {
	[ "$(entries_used)" = 0 ]
}

# Every interrupt of every device that has one, and no other, has an entry.
check_entries() {
	local name dev irq wrong=

	for name in $WORKERS; do
		eval "dev=\$$name"
		[ -n "$(irqs_of "$dev")" ] || wrong="$wrong $dev has none;"
		[ "$(irqs_of "$dev" | sort)" = "$(entries_of "$dev" | sort)" ] ||
			wrong="$wrong $dev;"
		for irq in $(irqs_of "$dev"); do
			grep -q "^Nyx-PCI-MSI" "/sys/kernel/irq/$irq/chip_name" ||
				wrong="$wrong irq $irq;"
		done
	done
	check entries-are-those-of-the-kernel "$wrong" [ -z "$wrong" ]
}

# check_remapping COMPATIBILITY-FORMAT: AMD-Vi has none.
check_remapping() {
	local compat=$1 line="vtd0: interrupts are remapped; compatibility format is $1"

	[ "$VENDOR" != amd ] || compat=- line="amd0: interrupts are remapped"
	check interrupts-are-remapped "$(columns "$DEBUGFS/units" intr compat)" \
		[ "$(columns "$DEBUGFS/units" intr compat)" = "on $compat" ]
	check log-says-so "$(log_since_mark | grep interrupts)" log_has "$line"
}

check_interrupt_parameters() {
	context="parameters: "
	check_refused entries-are-no-power-of-two "intr_entries=3: give" \
		intr_entries=3
	check_refused one-entry "intr_entries=1: give" intr_entries=1
	check_refused too-many-entries "intr_entries=131072: give" \
		intr_entries=131072
	check_refused compatibility-is-maybe \
		"compat_interrupts=maybe: give allow or block" \
		compat_interrupts=maybe
	context=
}

load_edu_driver() {
	[ -e /sys/module/nyx_intr_test ] ||
		/usr/lib/nyx/insmod /nyx/nyx_intr_test.ko 2>/tmp/insmod
}

# The disk and the first card leave too little for the others, who go on with
# what they had before MSI; who asks for one and gets none is told.
check_full_table() {
	local used

	load_edu_driver
	used=$(entries_used)
	check table-is-full "$used entries are used" [ "$used" -eq 8 ]
	check full-table-is-told-once "$(log_since_mark | grep entries)" \
		[ "$(log_since_mark | grep -c "has no .* interrupt entries left of 8")" -eq 1 ]
	check who-asked-gets-enospc "no device was refused" \
		log_has "nyx_intr_test: .*: no interrupt: -28"
	rmmod nyx_intr_test
}

# most_entries: of one device.
most_entries() {
	columns "$INTERRUPTS" device | sort | uniq -c |
		awk '$1 > most { most = $1 } END { print most + 0 }'
}

# short_devices ENTRIES: by the log, which of those have tables that are full.
short_devices() {
	log_since_mark | sed -n \
		"s/.* \([^ ]*\): [^ ]* has no .* interrupt entries left of $1[:,].*/\1/p"
}

# take_vectors DEVICE NUMBER: by the test driver instead of its own.
take_vectors() {
	load_edu_driver
	unbind "$1"
	echo nyx_intr_test >"$PCI/$1/driver_override"
	echo "$2" >/sys/module/nyx_intr_test/parameters/vectors
	bind "$1"
}

# give_vectors_back DEVICE: any driver may have it then.
give_vectors_back() {
	unbind "$1"
	echo >"$PCI/$1/driver_override"
	rmmod nyx_intr_test
}

# Each device has a table of its own, of two entries: the cards ask for more, and
# are content with less: each is told so once. Who wants three or nothing is
# refused, and may have two.
# e1000e's "MSI interrupt test failed" is no loss: QEMU takes no such cause in IMS.
check_full_tables() {
	check tables-are-full "$(most_entries) entries are used of one" \
		[ "$(most_entries)" -eq 2 ]
	check full-tables-are-told "$(log_since_mark | grep entries)" \
		[ "$(short_devices 2 | wc -l)" -ge 2 ]
	check none-is-told-twice "$(log_since_mark | grep entries)" \
		[ -z "$(short_devices 2 | sort | uniq -d)" ]
	check who-asks-for-three-gets-none "$(irqs_of "$IGB")" \
		fails take_vectors "$IGB" 3
	check who-asked-gets-enospc "$(log_since_mark | tail -n 2)" \
		log_has "nyx_intr_test: $IGB: no interrupt: -28"
	check who-asks-for-two-gets-them "$(log_since_mark | tail -n 2)" \
		take_vectors "$IGB" 2
	check two-have-entries "$(entries_of "$IGB")" \
		[ "$(entries_of "$IGB" | wc -l)" -eq 2 ]
	give_vectors_back "$IGB"
	check card-binds-again "it does not" bind "$IGB"
}

# all_have_at_least NUMBER DEVICE: each of its interrupts, on each of two CPUs.
all_have_at_least() {
	local irq counts

	for irq in $(irqs_of "$2"); do
		counts=$(cat "/sys/kernel/irq/$irq/per_cpu_count")
		[ "${counts%%,*}" -ge "$1" ] && [ "${counts##*,}" -ge "$1" ] ||
			return 1
	done
}

# miscounted DEVICE: its interrupts that were not handled just as often as the
# device was told to send them.
miscounted() {
	local irq raised handled

	while read -r irq raised handled; do
		[ "$raised" -gt 0 ] && [ "$handled" -eq "$raised" ] ||
			echo "irq $irq: $raised sent, $handled handled;"
	done <"$PCI/$1/raised"
}

# Of a driver that waits for each. Moves of several interrupts take turns.
# check_awaited_moves NAME DEVICE MOVES
check_awaited_moves() {
	local said updates nr

	nr=$(irqs_of "$2" | wc -l)
	updates=$(updates_of "$2")
	echo "$3" >"$PCI/$2/moves"
	said=$(cat "$PCI/$2/moves")
	updates=$(($(updates_of "$2") - updates))
	note "$1: $said, $nr entries changed $updates times"
	check "$1-moves-all" "$said" \
		sh -c "echo '$said' | grep -q 'moved=$3 refused=0'"
	# A move that the kernel takes may yet be pending, one of two here.
	check "$1-entry-follows" "changed $updates times" \
		[ "$updates" -ge $(($3 / 4)) ]
	check "$1-goes-to-each-cpu" "$(cat "$PCI/$2/raised")" \
		all_have_at_least $(($3 / nr / 100)) "$2"
	check "$1-loses-none" "$said" \
		sh -c "echo '$said' | grep -q ' lost=0 '"
	check "$1-handles-what-was-sent" "$(miscounted "$2")" \
		[ -z "$(miscounted "$2")" ]
}

# check_edu_moves NAME DEVICE MOVES
check_edu_moves() {
	load_edu_driver
	if ! until_true is_bound "$2"; then
		not_ok "$1-moves" "no driver: $(cat /tmp/insmod)"
		return
	fi
	check_awaited_moves "$@"
}

# check_card_moves VECTORS MOVES: those of a card with MSI-X, all at once.
check_card_moves() {
	if ! take_vectors "$IGB" "$1"; then
		not_ok card-moves "no driver: $(cat /tmp/insmod; dmesg | tail -n 2)"
		return
	fi
	check card-has-all-vectors "$(irqs_of "$IGB")" \
		[ "$(entries_of "$IGB" | wc -l)" -eq "$1" ]
	check_awaited_moves card "$IGB" "$2"
	tell_handled "$IGB"
	give_vectors_back "$IGB"
	check card-binds-again "it does not" bind "$IGB"
}

# movable DEVICE...: what may be moved by hand: kernel drivers spread some
# interrupts themselves.
movable() {
	local dev irq mask

	for dev; do
		for irq in $(irqs_of "$dev"); do
			mask=$(cat "/proc/irq/$irq/smp_affinity")
			{ echo "$mask" >"/proc/irq/$irq/smp_affinity"; } \
				2>/dev/null && echo "$irq"
		done
	done
}

# rotate MOVES IRQ...: in turn, from CPU to CPU; pauses let old vectors
# go, without which a move stays pending.
rotate() {
	local left=$1 mask=1 round=0 irq

	shift
	while [ "$left" -gt 0 ]; do
		mask=$((3 - mask))
		for irq; do
			echo $mask >"/proc/irq/$irq/smp_affinity" || return 1
			left=$((left - 1))
		done
		round=$((round + 1))
		[ $((round % 4)) -ne 0 ] || sleep 0.005
	done
}

# A move that is asked for while the last is pending changes nothing: so it goes
# on until enough were made.
rotate_enough() {
	local more=10

	rotate 10000 "$@" || return
	until both_moved 100 || [ $more -eq 0 ]; do
		rotate 2000 "$@" || return
		more=$((more - 1))
	done
}

# handled IRQ: on all CPUs, whether it is in use now or not.
handled() {
	tr , '\n' <"/sys/kernel/irq/$1/per_cpu_count" |
		awk '{ n += $1 } END { print n + 0 }'
}

updates_of() {
	columns "$INTERRUPTS" device updates | sed -n "s/^$1 //p" |
		awk '{ n += $1 } END { print n + 0 }'
}

# The disk works until /tmp/disk-rests is there. What went wrong is in /tmp/fio.
work_on_disk() {
	local rounds=0

	until [ -e /tmp/disk-rests ]; do
		write_and_verify meanwhile "$1" 4 || return
		rounds=$((rounds + 1))
		echo $rounds >/tmp/disk-rounds
		sleep 0.5
	done
}

# Traffic both ways, and of the disk, while the cards' interrupts move 10,000 times;
# the disk's own, which the kernel keeps where they are, when a CPU goes.
check_moves() {
	local irqs before mover disk left right transfers=0 cards dev moves

	until_true has_netdev "$E1000E" && until_true has_netdev "$IGB"
	cards="$(netdev_of "$E1000E") $(netdev_of "$IGB")"
	unshare -n sleep 600 &
	left=$!
	unshare -n sleep 600 &
	right=$!
	sleep 0.2
	dd if=/dev/urandom of=/tmp/blob bs=1M count=1 2>/dev/null
	rm -f /tmp/rotated /tmp/disk-rests /tmp/disk-rounds
	check cards-come-up "they do not reach each other" \
		cards_come_up $left $right
	before=$(lost $left $right "$cards")
	irqs=$(movable "$E1000E" "$IGB")
	check cards-have-movable-interrupts "$irqs" \
		[ "$(echo "$irqs" | wc -l)" -ge 4 ]
	mark_moves "$E1000E" "$IGB"
	work_on_disk "$(block_device "$NVME")" &
	disk=$!
	# shellcheck disable=SC2086 # words
	{ rotate_enough $irqs 2>/tmp/rotate; echo $? >/tmp/rotated; } &
	mover=$!
	while [ ! -e /tmp/rotated ]; do
		transfer $left $right 10.0.0.2 5001 || break
		transfer $right $left 10.0.0.1 5002 || break
		transfers=$((transfers + 2))
	done
	check all-arrives-meanwhile "what arrived differs" [ -e /tmp/rotated ]
	wait $mover
	check all-moves-are-accepted "$(cat /tmp/rotate)" \
		[ "$(cat /tmp/rotated)" -eq 0 ]
	# shellcheck disable=SC2086 # words
	check_cpu_goes_from_cards $left $right $irqs
	touch /tmp/disk-rests
	wait $disk
	check disk-verifies-meanwhile "$(grep -m 1 -i err /tmp/fio)" [ $? -eq 0 ]
	note "the disk was written and verified $(cat /tmp/disk-rounds) times"
	check no-packet-is-lost "$before before, $(lost $left $right "$cards") now" \
		until_true lost_is "$before" $left $right "$cards"
	note "$transfers transfers"
	for dev in "$E1000E" "$IGB"; do
		moves=$(moved_since "$dev")
		note "$dev: changes, interrupts on each CPU: $moves"
		check "$dev-moved" "$moves" \
			moved_at_least 100 "$dev"
	done
	enter $left ip link set "${cards% *}" down
	enter $right ip link set "${cards#* }" down
	sleep 1
	tell_handled "$E1000E" "$IGB"
	kill $left $right
	wait $left $right 2>/dev/null
}

# Nobody sends anything that is not asked for.
cards_come_up() {
	local no_ipv6='echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6'

	enter "$1" sh -c "$no_ipv6" && enter "$2" sh -c "$no_ipv6" &&
	# What is sent as one and cut up by the card could not be counted.
	/usr/bin/ip link set "$(netdev_of "$E1000E")" gso_max_segs 1 &&
	/usr/bin/ip link set "$(netdev_of "$IGB")" gso_max_segs 1 &&
	bring_up "$1" "$(netdev_of "$E1000E")" 10.0.0.1 &&
	bring_up "$2" "$(netdev_of "$IGB")" 10.0.0.2 &&
	until_true reachable "$1" 10.0.0.2
}

# packets PID CARD RX|TX
packets() {
	tr : ' ' <"/proc/$1/net/dev" |
		awk -v card="$2" -v at="$([ "$3" = RX ] && echo 3 || echo 11)" \
			'$1 == card { print $at }'
}

# lost LEFT RIGHT CARDS: packets that one sent and the other has not had, both
# ways, since the cards are up.
lost() {
	echo "$(($(packets "$1" "${3% *}" TX) - $(packets "$2" "${3#* }" RX)))" \
	     "$(($(packets "$2" "${3#* }" TX) - $(packets "$1" "${3% *}" RX)))"
}

lost_is() {
	[ "$(lost "$2" "$3" "$4")" = "$1" ]
}

# at_table DEVICE: "@" and where its interrupt remapping table is, on AMD.
at_table() {
	local root

	[ "$VENDOR" = amd ] || return 0
	root=$(columns "$DEBUGFS"/amd0/entries device fields |
		sed -nE "s/^$1 .*IntTabRoot=0x([0-9a-f]+).*/\\1/p" | head -n 1)
	printf '@0x%x\n' $((0x$root * 64))
}

# tell_handled DEVICE...: QEMU tells the host what they sent. The kernel takes
# several for one that come before the first is handled. They are down: nothing
# comes any more.
tell_handled() {
	local dev index irq n

	for dev; do
		columns "$INTERRUPTS" device index irq | grep "^$dev "
	done | while read -r dev index irq; do
		n=$(handled "$irq")
		note "$dev: entry $index, irq $irq: $n handled"
		[ "$n" -eq 0 ] ||
			echo "@least interrupt-$index$(at_table "$dev") $n"
	done
}

# forged_is_shown CODE INDEX
forged_is_shown() {
	columns "$DEBUGFS/faults" access code index |
		grep -qx "interrupt $1 $2"
}

# check_forged NAME ADDRESS CODE INDEX: QEMU does not tell whose it was.
check_forged() {
	/nyx/forge "$EDU" "$2"
	check "$1-is-blocked-and-shown" "$(tail -n 2 "$DEBUGFS/faults")" \
		until_true forged_is_shown "$3" "$4"
}
