# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC2034,SC2154 # the parts share variables
# Several messages of one device; CPUs that are taken offline and brought back; drivers that
# free their interrupts and request them again.

# handled_on CPU IRQ: prints how many interrupts this CPU has handled.
handled_on() {
	tr , '\n' <"/sys/kernel/irq/$2/per_cpu_count" | sed -n "$(($1 + 1))p"
}

# vectors_of DEVICE: prints a line for each entry, in the order of the remapping table.
vectors_of() {
	entries device index irq vector dest updates |
		sed -n "s/^$1 //p" | sort -n
}

# column N LINES: prints the Nth word of each line, in one line.
column() {
	echo "$2" | awk -v at="$1" '{ line = line (NR > 1 ? " " : "") $at }
				    END { print line }'
}

lost_none() {
	grep -q ' lost=0 ' "$1"
}

error_is_seen() {
	grep -q 'error=1' "$1"
}

# check_raised NAME PORT MESSAGE CPU IRQ: raises 200 interrupts; that CPU handles them all.
check_raised() {
	local before

	before=$(handled_on "$4" "$5")
	echo "$3 200" >"$PCI/$2/raise"
	check "$1-arrives" "$(cat "$PCI/$2/raise")" lost_none "$PCI/$2/raise"
	check "$1-arrives-on-cpu-$4" \
		"$before before, $(handled_on "$4" "$5") now" \
		[ "$(handled_on "$4" "$5")" -eq $((before + 200)) ]
}

# check_two_messages PORT: a port with two MSI messages. Both have the same address, and
# consecutive data. The port was bound when the machine booted, and is unbound now.
check_two_messages() {
	local lines irqs first second moved

	context="two messages: "
	/usr/lib/nyx/insmod /nyx/nyx_msi_test.ko 2>/tmp/insmod
	if ! until_true bind "$1"; then
		not_ok driver-binds "$(cat /tmp/insmod; dmesg | tail -n 1)"
		context=
		return
	fi
	lines=$(vectors_of "$1")
	irqs=$(column 2 "$lines")
	first=${irqs% *} second=${irqs#* }
	check entries-match-irqs "$irqs, not $(column 1 "$(irqs_of "$1")")" \
		[ "$irqs" = "$(column 1 "$(irqs_of "$1")")" ]
	check entries-are-consecutive "$(column 1 "$lines")" \
		are_consecutive "$(column 1 "$lines")"
	check vectors-differ "$lines" \
		[ "$(echo "$lines" | cut -d' ' -f3,4 | sort -u | wc -l)" -eq 2 ]
	host "pcie_aer_inject_error -c msiport 1"
	check error-is-reported "$(cat "$PCI/$1/raise")" \
		until_true error_is_seen "$PCI/$1/raise"
	echo 1 >"/proc/irq/$first/smp_affinity"
	echo 1 >"/proc/irq/$second/smp_affinity"
	check_raised first "$1" 0 0 "$first"
	check_raised second "$1" 1 0 "$second"
	lines=$(vectors_of "$1")
	echo 2 >"/proc/irq/$second/smp_affinity"
	moved=$(vectors_of "$1")
	check move-changes-second "$moved" [ "$(echo "$lines" | tail -n 1)" != \
		"$(echo "$moved" | tail -n 1)" ]
	check move-leaves-first "$moved" [ "$(echo "$lines" | head -n 1)" = \
		"$(echo "$moved" | head -n 1)" ]
	check_raised moved-second "$1" 1 1 "$second"
	check_raised first-again "$1" 0 0 "$first"
	note "$(vectors_of "$1" | tr '\n' ';')"
	rmmod nyx_msi_test
	check frees-entries "$(vectors_of "$1")" [ -z "$(vectors_of "$1")" ]
	/usr/lib/nyx/insmod /nyx/nyx_msi_test.ko
	until_true bind "$1"
	check same-entries-again \
		"$(column 1 "$lines"), $(column 1 "$(vectors_of "$1")") now" \
		[ "$(column 1 "$(vectors_of "$1")")" = "$(column 1 "$lines")" ]
	rmmod nyx_msi_test
	context=
}

# are_consecutive "INDEX INDEX": the first is even, the second is its successor.
are_consecutive() {
	[ $((${1% *} % 2)) -eq 0 ] && [ "${1#* }" -eq $((${1% *} + 1)) ]
}

# managed_irq DEVICE CPU: prints the interrupt of the device that the kernel assigns to this
# CPU and that userspace cannot move.
managed_irq() {
	local irq movable

	movable=" $(column 1 "$(movable "$1")") "
	for irq in $(irqs_of "$1"); do
		case $movable in
		*" $irq "*) continue ;;
		esac
		[ "$(cat "/proc/irq/$irq/smp_affinity_list")" = "$2" ] &&
			echo "$irq"
	done
}

# vector_of IRQ: prints the vector, or "-" if the entry blocks the interrupt.
vector_of() {
	entries irq vector | sed -n "s/^$1 //p"
}

# set_cpu 0|1: takes the second CPU offline or brings it online.
set_cpu() {
	echo "$1" >/sys/devices/system/cpu/cpu1/online &&
		grep -qx "$1" /sys/devices/system/cpu/cpu1/online
}

# read_on MASK DISK: reads the disk on these CPUs, so that their queue is used.
read_on() {
	echo 1 >/proc/sys/vm/drop_caches
	taskset "$1" dd if="$2" of=/dev/null bs=64k count=16 2>/dev/null
}

# Takes CPU 1 offline while it is the target of interrupts, and brings it back. The devices
# are edu, whose driver waits for each interrupt, and a disk with a queue for each CPU.
check_cpu_offline() {
	local irq queue before disk

	context="CPU offline: "
	load_edu_driver
	until_true has_block_device "$NVME" && until_true is_bound "$EDU"
	irq=$(irqs_of "$EDU")
	queue=$(managed_irq "$NVME" 1)
	disk=$(block_device "$NVME")
	check cpu-has-a-queue "interrupt '$queue'" [ -n "${queue##* *}" ]
	echo 2 >"/proc/irq/$irq/smp_affinity"
	echo 100 >"$PCI/$EDU/raise"
	before=$(handled_on 1 "$queue")
	check read-succeeds "dd failed" read_on 2 "$disk"
	check queue-is-used "$before before, $(handled_on 1 "$queue") now" \
		[ "$(handled_on 1 "$queue")" -gt "$before" ]

	check cpu-offline "CPU 1 is online" set_cpu 0
	check queue-is-blocked "its vector is $(vector_of "$queue")" \
		[ "$(vector_of "$queue")" = - ]
	before=$(handled_on 0 "$irq")
	echo 100 >"$PCI/$EDU/raise"
	check other-cpu-handles-all "$before before, $(handled_on 0 "$irq") now" \
		[ "$(handled_on 0 "$irq")" -eq $((before + 100)) ]
	check_disk nvme "$NVME" 2

	check cpu-online "CPU 1 is offline" set_cpu 1
	check queue-has-a-vector "its vector is $(vector_of "$queue")" \
		[ "$(vector_of "$queue")" != - ]
	before=$(handled_on 1 "$queue")
	check read-succeeds-again "dd failed" read_on 2 "$disk"
	check queue-is-used-again "$before before, $(handled_on 1 "$queue") now" \
		[ "$(handled_on 1 "$queue")" -gt "$before" ]
	echo 2 >"/proc/irq/$irq/smp_affinity"
	before=$(handled_on 1 "$irq")
	echo 100 >"$PCI/$EDU/raise"
	check cpu-handles-all-again "$before before, $(handled_on 1 "$irq") now" \
		[ "$(handled_on 1 "$irq")" -eq $((before + 100)) ]
	check no-interrupt-lost "$(cat "$PCI/$EDU/moves")" \
		lost_none "$PCI/$EDU/moves"
	check_entries
	context=
}

# check_cards_cpu_offline LEFT RIGHT IRQ...: takes CPU 1 offline while it is the target of
# all interrupts of two cards that exchange data.
check_cards_cpu_offline() {
	local left=$1 right=$2 irq before

	shift 2
	for irq; do
		echo 2 >"/proc/irq/$irq/smp_affinity"
	done
	check cards-cpu-offline "CPU 1 is online" set_cpu 0
	before=$(handled_by 0 "$E1000E")
	check offline-transfer-succeeds "the received data differ" \
		transfer "$left" "$right" 10.0.0.2 5003
	check cards-use-other-cpu "$before before, $(handled_by 0 "$E1000E") now" \
		[ "$(handled_by 0 "$E1000E")" -gt "$before" ]
	check cards-cpu-online "CPU 1 is offline" set_cpu 1
	check online-transfer-succeeds "the received data differ" \
		transfer "$right" "$left" 10.0.0.1 5004
}

# Prints the unit's fault interrupt.
fault_irq() {
	sed -nE 's/^ *([0-9]+):.* (vtd|amd)0-fault$/\1/p' /proc/interrupts
}

# check_fault_on NAME CPU IRQ: a stray DMA is shown, and this CPU got the fault interrupt.
check_fault_on() {
	local before

	before=$(handled_on "$2" "$3")
	check_stray "$1" "$EDU" "$EDU"
	check "$1-reaches-cpu-$2" "$before before, $(handled_on "$2" "$3") now" \
		[ "$(handled_on "$2" "$3")" -gt "$before" ]
}

# The fault interrupt follows its affinity, and moves when its CPU is taken offline. edu
# has no driver.
check_fault_moves() {
	local irq cpu move=0

	context="fault interrupt: "
	irq=$(fault_irq)
	for cpu in 1 0 1; do
		move=$((move + 1))
		echo $cpu >"/proc/irq/$irq/smp_affinity_list"
		check_fault_on "move-$move" $cpu "$irq"
	done
	check cpu-offline "CPU 1 is online" set_cpu 0
	check_fault_on offline 0 "$irq"
	check cpu-online "CPU 1 is offline" set_cpu 1
	context=
}

# entries_match DEVICE: debugfs lists an entry for each MSI.
entries_match() {
	[ -n "$(irqs_of "$1")" ] &&
		[ "$(irqs_of "$1" | sort)" = "$(entries_of "$1" | sort)" ]
}

# last_is DEVICE: the last interrupt in debugfs, which is the newest, is this device's.
last_is() {
	[ "$(entries device | tail -n 1)" = "$1" ]
}

reset_disk() {
	local path

	for path in "$PCI/$NVME"/nvme/nvme*/reset_controller; do
		echo 1 >"$path"
	done
}

# first_free DEVICE NUMBER: prints the first indices that no other device uses. With AMD-Vi
# the device has its own table.
first_free() {
	entries device index | grep -v "^$1 " |
		awk -v n="$2" -v own="$([ "$VENDOR" = amd ] && echo 1)" '
			{ if (!own) used[$2] = 1 }
			END { for (i = 0; n; i++)
				if (!(i in used)) {
					line = line (line == "" ? "" : " ") i
					n--
				}
			      print line }'
}

# Drivers free all their interrupts and request them again.
check_reallocation() {
	local used had

	context="reallocation: "
	used=$(entries_used)
	had=$(entries_of "$IGB" | wc -l)
	unbind "$IGB"
	check unbound-not-listed "$(entries_of "$IGB")" [ -z "$(entries_of "$IGB")" ]
	check unbound-frees-entries "$used in use before, $(entries_used) now" \
		[ "$(entries_used)" -eq $((used - had)) ]
	check card-rebinds "its driver did not bind" bind "$IGB"
	check card-has-as-many-again "$(entries_of "$IGB")" \
		[ "$(entries_of "$IGB" | wc -l)" -eq "$had" ]
	check card-has-first-free "$(column 1 "$(vectors_of "$IGB")")" \
		[ "$(column 1 "$(vectors_of "$IGB")")" = "$(first_free "$IGB" "$had")" ]
	check card-is-last "$(entries device)" last_is "$IGB"
	reset_disk
	# The disk's driver requests some interrupts later, with its queues.
	check reset-disk-has-entries "$(entries_of "$NVME")" \
		until_true entries_match "$NVME"
	check disk-is-last "$(entries device)" \
		until_true last_is "$NVME"
	check no-entry-left-over "$used in use before, $(entries_used) now" \
		[ "$(entries_used)" -eq "$used" ]
	check_disk nvme "$NVME" 2
	check_entries
	context=
}

# handled_by CPU DEVICE...: prints how many interrupts of these devices the CPU has handled.
handled_by() {
	local cpu=$1 dev irq n=0

	shift
	for dev; do
		for irq in $(irqs_of "$dev"); do
			n=$((n + $(handled_on "$cpu" "$irq")))
		done
	done
	echo $n
}

# mark_moves DEVICE...: stores the counts that moved_since and moved_at_least start from.
mark_moves() {
	local dev

	for dev; do
		echo "$(updates_of "$dev") $(handled_by 0 "$dev")" \
		     "$(handled_by 1 "$dev")" >"/tmp/moves-$dev"
	done
}

# moved_since DEVICE: prints the updates of its entries and its interrupts on each CPU.
moved_since() {
	local changes on0 on1

	read -r changes on0 on1 <"/tmp/moves-$1"
	echo $(($(updates_of "$1") - changes)) \
		$(($(handled_by 0 "$1") - on0)) $(($(handled_by 1 "$1") - on1))
}

# moved_at_least NUMBER DEVICE: all three counts of moved_since are at least NUMBER.
moved_at_least() {
	# shellcheck disable=SC2046 # word splitting is intended
	set -- "$1" $(moved_since "$2")
	[ "$2" -ge "$1" ] && [ "$3" -ge "$1" ] && [ "$4" -ge "$1" ]
}

both_moved() {
	moved_at_least "$1" "$E1000E" && moved_at_least "$1" "$IGB"
}

# check_x2apic UNIT FIELD...: the CPUs are in x2APIC mode, and the unit's registers show
# each FIELD (such as EIME=0x1). Entries then have 32-bit destinations.
check_x2apic() {
	local unit=$1 field

	shift
	context="x2APIC: "
	mark_log
	check x2apic-is-enabled "$(dmesg | grep -i x2apic)" \
		sh -c 'dmesg | grep -q "x2apic enabled"'
	check load "$(dmesg | tail -n 2)" nyx_load compat_interrupts=block
	for field; do
		check "unit-has-$field" "$(cat "$DEBUGFS/$unit/registers")" \
			grep -q "$field" "$DEBUGFS/$unit/registers"
	done
	check drivers-bind "a driver did not bind" bind_workers
	check_remapping blocked
	check_entries
	check_edu_moves edu "$EDU" 200
	check_disk nvme "$NVME" 2
	rmmod nyx_intr_test
	check_unload
	context=
}
