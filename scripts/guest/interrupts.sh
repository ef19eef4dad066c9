# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC2034,SC2154 # the parts share variables
# Interrupt remapping: entries, full tables, moves between CPUs, forged interrupts.

INTERRUPTS=$DEBUGFS/interrupts

# irqs_of DEVICE: prints the Linux IRQ numbers of its MSIs.
irqs_of() {
	ls "$PCI/$1/msi_irqs" 2>/dev/null
}

# entries COLUMN...: prints these columns of debugfs for each remapped interrupt.
entries() {
	columns "$INTERRUPTS" state "$@" | sed -nE 's/^(remapped|adopted|posted) //p'
}

# bypassing COLUMN...: prints these columns for what bypasses remapping.
bypassing() {
	columns "$INTERRUPTS" state "$@" | sed -nE 's/^(passes|blocked) //p'
}

# entries_of DEVICE: prints the IRQ numbers that debugfs lists for it.
entries_of() {
	entries device irq | sed -n "s/^$1 //p"
}

entries_used() {
	counter intr_used
}

has_no_entries() {
	[ "$(entries_used)" = 0 ]
}

# Each MSI of each worker has an entry, and debugfs lists no others for the workers.
check_entries() {
	local name dev irq wrong=

	for name in $WORKERS; do
		eval "dev=\$$name"
		[ -n "$(irqs_of "$dev")" ] || wrong="$wrong $dev has no MSI;"
		[ "$(irqs_of "$dev" | sort)" = "$(entries_of "$dev" | sort)" ] ||
			wrong="$wrong $dev;"
		for irq in $(irqs_of "$dev"); do
			grep -q "^Nyx-PCI-MSI" "/sys/kernel/irq/$irq/chip_name" ||
				wrong="$wrong irq $irq;"
		done
	done
	check entries-match-irqs "$wrong" [ -z "$wrong" ]
}

# check_remapping allowed|blocked|none: the state of compatibility format.
check_remapping() {
	local compat=$1 line="vtd0: interrupts are remapped; compatibility format is $1"

	[ "$VENDOR" != amd ] || compat=- line="amd0: interrupts are remapped"
	check interrupts-are-remapped "$(columns "$DEBUGFS/units" intr compat)" \
		[ "$(columns "$DEBUGFS/units" intr compat)" = "on $compat" ]
	check remapping-is-logged "$(log_since_mark | grep interrupts)" log_has "$line"
}

check_interrupt_parameters() {
	context="parameters: "
	check_refused entries-not-a-power-of-two "intr_entries=3 is invalid" \
		intr_entries=3
	check_refused one-entry "intr_entries=1 is invalid" intr_entries=1
	check_refused too-many-entries "intr_entries=131072 is invalid" \
		intr_entries=131072
	check_refused invalid-compat-interrupts \
		"compat_interrupts=maybe is invalid" \
		compat_interrupts=maybe
	check_refused invalid-any-source "intr_any_source=, is invalid" \
		intr_any_source=,
	context=
}

load_edu_driver() {
	[ -e /sys/module/nyx_intr_test ] ||
		/usr/lib/nyx/insmod /nyx/nyx_intr_test.ko 2>/tmp/insmod
}

# The disk and the first card leave too few entries for the other drivers, which fall back
# to INTx. A driver that requests an MSI gets -ENOSPC.
check_full_table() {
	local used

	load_edu_driver
	used=$(entries_used)
	check table-is-full "$used entries are in use" [ "$used" -eq 8 ]
	check full-table-is-logged-once "$(log_since_mark | grep entries)" \
		[ "$(log_since_mark | grep -c "has no .* free interrupt entries of 8")" -eq 1 ]
	check full-table-returns-enospc "no request failed" \
		log_has "nyx_intr_test: .*: no interrupt: -28"
	rmmod nyx_intr_test
}

# check_pins_pass: the table was too small to adopt the pins of the I/O APIC.
check_pins_pass() {
	check pins-are-not-adopted "$(entries device irq | tr '\n' ';')" \
		[ -z "$(entries device | grep IO-APIC)" ]
	check pins-pass "$(bypassing device irq reason | tr '\n' ';')" \
		[ "$(bypassing device reason | sort -u | grep IO-APIC)" = \
			"IO-APIC-0 adopting_its_pins_failed" ]
	check failed-adoption-is-logged "$(log_since_mark | grep APIC)" \
		log_has "vtd0: interrupts of I/O APIC 0 are not remapped \(-28\)"
}

# check_reasons REASON: everything that bypasses remapping does so for this reason.
check_reasons() {
	check "reason-$1" "$(bypassing reason | sort -u | tr '\n' ' ')" \
		[ "$(bypassing reason | sort -u)" = "$1" ]
}

# most_entries: prints the largest number of entries of one device.
most_entries() {
	entries device | sort | uniq -c |
		awk '$1 > most { most = $1 } END { print most + 0 }'
}

# short_devices ENTRIES: prints the devices whose tables of this size are full, as logged.
short_devices() {
	log_since_mark | sed -n \
		"s/.* \([^ ]*\): [^ ]* has no .* free interrupt entries of $1[:,].*/\1/p"
}

# request_vectors DEVICE NUMBER: binds it to the test driver, which requests this many.
request_vectors() {
	load_edu_driver
	unbind "$1"
	echo nyx_intr_test >"$PCI/$1/driver_override"
	echo "$2" >/sys/module/nyx_intr_test/parameters/vectors
	bind "$1"
}

# free_vectors DEVICE: undoes request_vectors.
free_vectors() {
	unbind "$1"
	echo >"$PCI/$1/driver_override"
	rmmod nyx_intr_test
}

# Each device has its own table of two entries. The cards' drivers request more and accept
# fewer; the module logs each device once. A driver that requires three gets none; one that
# requires two gets them. e1000e's "MSI interrupt test failed" is expected: QEMU ignores
# that cause in IMS.
check_full_tables() {
	check tables-are-full "a device has $(most_entries) entries" \
		[ "$(most_entries)" -eq 2 ]
	check full-tables-are-logged "$(log_since_mark | grep entries)" \
		[ "$(short_devices 2 | wc -l)" -ge 2 ]
	check full-tables-are-logged-once "$(log_since_mark | grep entries)" \
		[ -z "$(short_devices 2 | sort | uniq -d)" ]
	check three-vectors-refused "$(irqs_of "$IGB")" \
		fails request_vectors "$IGB" 3
	check full-table-returns-enospc "$(log_since_mark | tail -n 2)" \
		log_has "nyx_intr_test: $IGB: no interrupt: -28"
	check two-vectors-allocated "$(log_since_mark | tail -n 2)" \
		request_vectors "$IGB" 2
	check two-vectors-have-entries "$(entries_of "$IGB")" \
		[ "$(entries_of "$IGB" | wc -l)" -eq 2 ]
	free_vectors "$IGB"
	check card-rebinds "its driver did not bind" bind "$IGB"
}

# all_have_at_least NUMBER DEVICE: each CPU handled each interrupt at least NUMBER times.
all_have_at_least() {
	local irq counts

	for irq in $(irqs_of "$2"); do
		counts=$(cat "/sys/kernel/irq/$irq/per_cpu_count")
		[ "${counts%%,*}" -ge "$1" ] && [ "${counts##*,}" -ge "$1" ] ||
			return 1
	done
}

# handled_by_cpus DEVICE: prints how many of each interrupt each CPU handled.
handled_by_cpus() {
	local irq

	for irq in $(irqs_of "$1"); do
		echo "irq $irq: $(cat "/sys/kernel/irq/$irq/per_cpu_count");"
	done
}

# miscounted DEVICE: prints the interrupts that were not handled exactly as often as the
# driver had the device send them.
miscounted() {
	local irq raised handled

	while read -r irq raised handled; do
		[ "$raised" -gt 0 ] && [ "$handled" -eq "$raised" ] ||
			echo "irq $irq: $raised sent, $handled handled;"
	done <"$PCI/$1/raised"
}

# check_awaited_moves NAME DEVICE MOVES: moves the interrupts of the test driver, which
# waits for each interrupt. Several interrupts are moved in turn.
check_awaited_moves() {
	local counts updates nr

	nr=$(irqs_of "$2" | wc -l)
	updates=$(updates_of "$2")
	echo "$3" >"$PCI/$2/moves"
	counts=$(cat "$PCI/$2/moves")
	updates=$(($(updates_of "$2") - updates))
	note "$1: $counts, $nr entries changed $updates times"
	check "$1-moves-all" "$counts" \
		sh -c "echo '$counts' | grep -q 'moved=$3 refused=0'"
	# A move that the kernel accepts may still be pending; here about half are.
	check "$1-entry-follows" "changed $updates times" \
		[ "$updates" -ge $(($3 / 4)) ]
	check "$1-reaches-each-cpu" "$(handled_by_cpus "$2")" \
		all_have_at_least $(($3 / nr / 100)) "$2"
	check "$1-loses-none" "$counts" \
		sh -c "echo '$counts' | grep -q ' lost=0 '"
	check "$1-handles-all-sent" "$(miscounted "$2")" \
		[ -z "$(miscounted "$2")" ]
}

# check_edu_moves NAME DEVICE MOVES
check_edu_moves() {
	load_edu_driver
	if ! until_true is_bound "$2"; then
		not_ok "$1-moves" "the driver did not bind: $(cat /tmp/insmod)"
		return
	fi
	check_awaited_moves "$@"
}

# check_posting DEVICE: a unit that cannot post refuses, and the interrupts of the test
# driver go on as before.
check_posting() {
	local updates

	updates=$(updates_of "$1")
	{ echo 1 >"$PCI/$1/post"; } 2>/tmp/posted
	check posting-is-refused "$(cat /tmp/posted)" \
		grep -q "Operation not supported" /tmp/posted
	check refused-posting-changes-no-entry "$(updates_of "$1") updates" \
		[ "$(updates_of "$1")" = "$updates" ]
	echo 10 >"$PCI/$1/raise"
	check refused-posting-loses-none "$(miscounted "$1")" \
		[ -z "$(miscounted "$1")" ]
}

# check_card_moves VECTORS MOVES: moves all MSI-X interrupts of a card.
check_card_moves() {
	if ! request_vectors "$IGB" "$1"; then
		not_ok card-moves \
			"the driver did not bind: $(cat /tmp/insmod; dmesg | tail -n 2)"
		return
	fi
	check card-has-all-vectors "$(irqs_of "$IGB")" \
		[ "$(entries_of "$IGB" | wc -l)" -eq "$1" ]
	check_awaited_moves card "$IGB" "$2"
	report_handled "$IGB"
	free_vectors "$IGB"
	check card-rebinds "its driver did not bind" bind "$IGB"
}

# movable DEVICE...: prints the interrupts that userspace may move. The kernel manages the
# affinity of some itself.
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

# rotate MOVES IRQ...: moves the interrupts in turn from CPU to CPU. Pauses let the kernel
# release old vectors, without which moves stay pending.
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

# rotate_enough IRQ...: continues until enough moves have changed an entry. A move that is
# requested while the last is pending changes nothing.
rotate_enough() {
	local more=10

	rotate 10000 "$@" || return
	until both_moved 100 || [ $more -eq 0 ]; do
		rotate 2000 "$@" || return
		more=$((more - 1))
	done
}

# handled IRQ: prints the count of all CPUs, also for an IRQ without a handler.
handled() {
	tr , '\n' <"/sys/kernel/irq/$1/per_cpu_count" |
		awk '{ n += $1 } END { print n + 0 }'
}

updates_of() {
	entries device updates | sed -n "s/^$1 //p" |
		awk '{ n += $1 } END { print n + 0 }'
}

# work_on_disk DISK: writes and verifies until /tmp/stop-disk exists. Errors are in /tmp/fio.
work_on_disk() {
	local rounds=0

	until [ -e /tmp/stop-disk ]; do
		write_and_verify traffic "$1" 4 || return
		rounds=$((rounds + 1))
		echo $rounds >/tmp/disk-rounds
		sleep 0.5
	done
}

# Network traffic both ways and disk traffic while the cards' interrupts move 10,000 times,
# then while a CPU is offline, which also affects the disk's managed interrupts.
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
	rm -f /tmp/rotated /tmp/stop-disk /tmp/disk-rounds
	check cards-are-reachable "they do not reach each other" \
		bring_cards_up $left $right
	before=$(lost $left $right "$cards")
	irqs=$(movable "$E1000E" "$IGB")
	check cards-have-movable-interrupts "$irqs" \
		[ "$(echo "$irqs" | wc -l)" -ge 4 ]
	mark_moves "$E1000E" "$IGB"
	work_on_disk "$(block_device "$NVME")" &
	disk=$!
	# shellcheck disable=SC2086 # word splitting is intended
	{ rotate_enough $irqs 2>/tmp/rotate; echo $? >/tmp/rotated; } &
	mover=$!
	while [ ! -e /tmp/rotated ]; do
		transfer $left $right 10.0.0.2 5001 || break
		transfer $right $left 10.0.0.1 5002 || break
		transfers=$((transfers + 2))
	done
	check transfers-succeed "the received data differ" [ -e /tmp/rotated ]
	wait $mover
	check all-moves-accepted "$(cat /tmp/rotate)" \
		[ "$(cat /tmp/rotated)" -eq 0 ]
	# shellcheck disable=SC2086 # word splitting is intended
	check_cards_cpu_offline $left $right $irqs
	touch /tmp/stop-disk
	wait $disk
	check disk-traffic-verified "$(grep -m 1 -i err /tmp/fio)" [ $? -eq 0 ]
	note "the disk was written and verified $(cat /tmp/disk-rounds) times"
	check no-packet-lost "$before before, $(lost $left $right "$cards") now" \
		until_true lost_is "$before" $left $right "$cards"
	note "$transfers transfers"
	for dev in "$E1000E" "$IGB"; do
		moves=$(moved_since "$dev")
		note "$dev: entry updates, interrupts on each CPU: $moves"
		check "$dev-moved" "$moves" \
			moved_at_least 100 "$dev"
	done
	enter $left ip link set "${cards% *}" down
	enter $right ip link set "${cards#* }" down
	sleep 1
	report_handled "$E1000E" "$IGB"
	kill $left $right
	wait $left $right 2>/dev/null
}

# bring_cards_up LEFT RIGHT: configures the cards. The checks count packets, so IPv6, which
# sends unsolicited packets, is disabled.
bring_cards_up() {
	local no_ipv6='echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6'

	enter "$1" sh -c "$no_ipv6" && enter "$2" sh -c "$no_ipv6" &&
	# Packets that the card segments could not be counted.
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

# lost LEFT RIGHT CARDS: prints how many packets were sent but not received, both ways.
lost() {
	echo "$(($(packets "$1" "${3% *}" TX) - $(packets "$2" "${3#* }" RX)))" \
	     "$(($(packets "$2" "${3#* }" TX) - $(packets "$1" "${3% *}" RX)))"
}

lost_is() {
	[ "$(lost "$2" "$3" "$4")" = "$1" ]
}

# at_table DEVICE: with AMD-Vi prints "@" and the address of its interrupt remapping table.
at_table() {
	local root

	[ "$VENDOR" = amd ] || return 0
	root=$(columns "$DEBUGFS"/amd0/entries device fields |
		sed -nE "s/^$1 .*IntTabRoot=0x([0-9a-f]+).*/\\1/p" | head -n 1)
	printf '@0x%x\n' $((0x$root * 64))
}

# report_handled DEVICE...: has the host compare the counts with QEMU's trace. The devices
# send no more interrupts. The kernel may handle fewer than were sent, because it merges
# interrupts that arrive before the first is handled.
report_handled() {
	local dev index irq n

	for dev; do
		entries device index irq | grep "^$dev "
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

# check_forged NAME ADDRESS CODE INDEX: QEMU does not report the device.
check_forged() {
	/nyx/forge "$EDU" "$2"
	check "$1-is-blocked-and-shown" "$(tail -n 2 "$DEBUGFS/faults")" \
		until_true forged_is_shown "$3" "$4"
}
