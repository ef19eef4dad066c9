# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC2034,SC2154 # the parts share variables
# Several messages of one device; CPUs that go and come back; drivers that give
# their interrupts back and ask for them anew.

# handled_on CPU IRQ
handled_on() {
	tr , '\n' <"/sys/kernel/irq/$2/per_cpu_count" | sed -n "$(($1 + 1))p"
}

# vectors_of DEVICE: a line for each entry, in the table's order.
vectors_of() {
	columns "$INTERRUPTS" device index irq vector dest updates |
		sed -n "s/^$1 //p" | sort -n
}

# column N LINES: as one line.
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

# check_raised NAME PORT MESSAGE CPU IRQ: 200 more, all on that CPU.
check_raised() {
	local before

	before=$(handled_on "$4" "$5")
	echo "$3 200" >"$PCI/$2/raise"
	check "$1-arrives" "$(cat "$PCI/$2/raise")" lost_none "$PCI/$2/raise"
	check "$1-arrives-on-cpu-$4" \
		"$before before, $(handled_on "$4" "$5") now" \
		[ "$(handled_on "$4" "$5")" -eq $((before + 200)) ]
}

# A port with two messages, which come one behind the other in one message's
# data. It had its driver before the module, and is without since then.
# check_two_messages PORT
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
	check have-entries "$irqs, not $(column 1 "$(irqs_of "$1")")" \
		[ "$irqs" = "$(column 1 "$(irqs_of "$1")")" ]
	check entries-follow-each-other "$(column 1 "$lines")" \
		follow_each_other "$(column 1 "$lines")"
	check each-leads-somewhere-else "$lines" \
		[ "$(echo "$lines" | cut -d' ' -f3,4 | sort -u | wc -l)" -eq 2 ]
	host "pcie_aer_inject_error -c msiport 1"
	check error-is-seen "$(cat "$PCI/$1/raise")" \
		until_true error_is_seen "$PCI/$1/raise"
	echo 1 >"/proc/irq/$first/smp_affinity"
	echo 1 >"/proc/irq/$second/smp_affinity"
	check_raised first "$1" 0 0 "$first"
	check_raised second "$1" 1 0 "$second"
	lines=$(vectors_of "$1")
	echo 2 >"/proc/irq/$second/smp_affinity"
	moved=$(vectors_of "$1")
	check move-changes-the-one "$moved" [ "$(echo "$lines" | tail -n 1)" != \
		"$(echo "$moved" | tail -n 1)" ]
	check move-leaves-the-other "$moved" [ "$(echo "$lines" | head -n 1)" = \
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

# follow_each_other "INDEX INDEX": an even one, and the next.
follow_each_other() {
	[ $((${1% *} % 2)) -eq 0 ] && [ "${1#* }" -eq $((${1% *} + 1)) ]
}

# managed_irq DEVICE CPU: of its interrupts the one that the kernel keeps there,
# whatever the user wants.
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

# vector_of IRQ: a dash if its entry blocks.
vector_of() {
	columns "$INTERRUPTS" irq vector | sed -n "s/^$1 //p"
}

# set_cpu 0|1: whether the second CPU is there.
set_cpu() {
	echo "$1" >/sys/devices/system/cpu/cpu1/online &&
		grep -qx "$1" /sys/devices/system/cpu/cpu1/online
}

# read_on MASK DISK: so that the disk's queue of those CPUs is used.
read_on() {
	echo 1 >/proc/sys/vm/drop_caches
	taskset "$1" dd if="$2" of=/dev/null bs=64k count=16 2>/dev/null
}

# CPU 1 goes while interrupts lead there, of a driver that waits for each and of
# a disk with a queue for each CPU, and comes back.
check_cpu_goes() {
	local irq queue before disk

	context="CPU goes: "
	load_edu_driver
	until_true has_block_device "$NVME" && until_true is_bound "$EDU"
	irq=$(irqs_of "$EDU")
	queue=$(managed_irq "$NVME" 1)
	disk=$(block_device "$NVME")
	check disk-has-a-queue-there "'$queue'" [ -n "${queue##* *}" ]
	echo 2 >"/proc/irq/$irq/smp_affinity"
	echo 100 >"$PCI/$EDU/raise"
	before=$(handled_on 1 "$queue")
	check reads "no" read_on 2 "$disk"
	check queue-is-used "$(handled_on 1 "$queue")" \
		[ "$(handled_on 1 "$queue")" -gt "$before" ]

	check cpu-goes "it does not" set_cpu 0
	check queue-is-blocked "$(vector_of "$queue")" \
		[ "$(vector_of "$queue")" = - ]
	before=$(handled_on 0 "$irq")
	echo 100 >"$PCI/$EDU/raise"
	check interrupts-go-on-elsewhere "$before, $(handled_on 0 "$irq") now" \
		[ "$(handled_on 0 "$irq")" -eq $((before + 100)) ]
	check_disk nvme "$NVME" 2

	check cpu-comes-back "it does not" set_cpu 1
	check queue-has-a-vector "$(vector_of "$queue")" \
		[ "$(vector_of "$queue")" != - ]
	before=$(handled_on 1 "$queue")
	check reads-again "no" read_on 2 "$disk"
	check queue-is-used-again "$before, $(handled_on 1 "$queue") now" \
		[ "$(handled_on 1 "$queue")" -gt "$before" ]
	echo 2 >"/proc/irq/$irq/smp_affinity"
	before=$(handled_on 1 "$irq")
	echo 100 >"$PCI/$EDU/raise"
	check interrupts-come-back "$before, $(handled_on 1 "$irq") now" \
		[ "$(handled_on 1 "$irq")" -eq $((before + 100)) ]
	check none-is-lost "$(cat "$PCI/$EDU/moves")" \
		lost_none "$PCI/$EDU/moves"
	check_entries
	context=
}

# The same while two cards talk to each other, all their interrupts there.
# check_cpu_goes_from_cards LEFT RIGHT IRQ...
check_cpu_goes_from_cards() {
	local left=$1 right=$2 irq before

	shift 2
	for irq; do
		echo 2 >"/proc/irq/$irq/smp_affinity"
	done
	check cpu-goes-from-cards "it does not" set_cpu 0
	before=$(handled_by 0 "$E1000E")
	check all-arrives-elsewhere "what arrived differs" \
		transfer "$left" "$right" 10.0.0.2 5003
	check cards-interrupt-elsewhere "$before, $(handled_by 0 "$E1000E") now" \
		[ "$(handled_by 0 "$E1000E")" -gt "$before" ]
	check cpu-comes-back-to-cards "it does not" set_cpu 1
	check all-arrives-again "what arrived differs" \
		transfer "$right" "$left" 10.0.0.1 5004
}

# The unit's own.
fault_irq() {
	sed -nE 's/^ *([0-9]+):.* (vtd|amd)0-fault$/\1/p' /proc/interrupts
}

# check_fault_on NAME CPU IRQ: what edu must not do is shown, and that CPU was told.
check_fault_on() {
	local before

	before=$(handled_on "$2" "$3")
	check_stray "$1" "$EDU" "$EDU"
	check "$1-came-to-cpu-$2" "$before before, $(handled_on "$2" "$3") now" \
		[ "$(handled_on "$2" "$3")" -gt "$before" ]
}

# The unit tells of faults where the user wants it to, and somewhere else when
# that CPU goes. edu has no driver.
check_fault_moves() {
	local irq cpu move=0

	context="fault interrupt: "
	irq=$(fault_irq)
	for cpu in 1 0 1; do
		move=$((move + 1))
		echo $cpu >"/proc/irq/$irq/smp_affinity_list"
		check_fault_on "move-$move" $cpu "$irq"
	done
	check cpu-goes "it does not" set_cpu 0
	check_fault_on without-that-cpu 0 "$irq"
	check cpu-comes-back "it does not" set_cpu 1
	context=
}

# entries_are DEVICE: what the kernel has.
entries_are() {
	[ -n "$(irqs_of "$1")" ] &&
		[ "$(irqs_of "$1" | sort)" = "$(entries_of "$1" | sort)" ]
}

# The youngest are the last.
last_is() {
	[ "$(columns "$INTERRUPTS" device | tail -n 1)" = "$1" ]
}

reset_disk() {
	local path

	for path in "$PCI/$NVME"/nvme/nvme*/reset_controller; do
		echo 1 >"$path"
	done
}

# first_free DEVICE NUMBER: so many entries that no other has, in the table's
# order. On AMD it is a table of its own.
first_free() {
	columns "$INTERRUPTS" device index | grep -v "^$1 " |
		awk -v n="$2" -v own="$([ "$VENDOR" = amd ] && echo 1)" '
			{ if (!own) used[$2] = 1 }
			END { for (i = 0; n; i++)
				if (!(i in used)) {
					line = line (line == "" ? "" : " ") i
					n--
				}
			      print line }'
}

# Drivers give all their interrupts back, and ask for others.
check_asked_anew() {
	local used had

	context="asked anew: "
	used=$(entries_used)
	had=$(entries_of "$IGB" | wc -l)
	unbind "$IGB"
	check unbound-has-none "$(entries_of "$IGB")" [ -z "$(entries_of "$IGB")" ]
	check unbound-frees-them "$used, $(entries_used) now" \
		[ "$(entries_used)" -eq $((used - had)) ]
	check binds-again "it does not" bind "$IGB"
	check has-them-again "$(entries_of "$IGB")" \
		[ "$(entries_of "$IGB" | wc -l)" -eq "$had" ]
	check has-the-first-free "$(column 1 "$(vectors_of "$IGB")")" \
		[ "$(column 1 "$(vectors_of "$IGB")")" = "$(first_free "$IGB" "$had")" ]
	check card-is-last "$(columns "$INTERRUPTS" device)" last_is "$IGB"
	reset_disk
	# Some of the disk's come a little later, with its queues.
	check reset-has-them-again "$(entries_of "$NVME")" \
		until_true entries_are "$NVME"
	check disk-is-last "$(columns "$INTERRUPTS" device)" \
		until_true last_is "$NVME"
	check none-is-left-over "$used, $(entries_used) now" \
		[ "$(entries_used)" -eq "$used" ]
	check_disk nvme "$NVME" 2
	check_entries
	context=
}

# handled_by CPU DEVICE...: all their interrupts together.
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

# mark_moves, then moved_at_least CHANGES DEVICE: since then that many changes of
# its entries, and interrupts on each CPU.
mark_moves() {
	local dev

	for dev; do
		echo "$(updates_of "$dev") $(handled_by 0 "$dev")" \
		     "$(handled_by 1 "$dev")" >"/tmp/moves-$dev"
	done
}

moved_since() {
	local changes on0 on1

	read -r changes on0 on1 <"/tmp/moves-$1"
	echo $(($(updates_of "$1") - changes)) \
		$(($(handled_by 0 "$1") - on0)) $(($(handled_by 1 "$1") - on1))
}

moved_at_least() {
	# shellcheck disable=SC2046 # three numbers
	set -- "$1" $(moved_since "$2")
	[ "$2" -ge "$1" ] && [ "$3" -ge "$1" ] && [ "$4" -ge "$1" ]
}

both_moved() {
	moved_at_least "$1" "$E1000E" && moved_at_least "$1" "$IGB"
}

# check_x2apic UNIT FIELD...: the CPUs are in x2APIC mode, and the unit has what
# its registers call so. Then entries have destinations of 32 bits.
check_x2apic() {
	local unit=$1 field

	shift
	context="x2APIC: "
	mark_log
	check kernel-uses-it "$(dmesg | grep -i x2apic)" \
		sh -c 'dmesg | grep -q "x2apic enabled"'
	check load "$(dmesg | tail -n 2)" nyx_load compat_interrupts=block
	for field; do
		check "unit-has-$field" "$(cat "$DEBUGFS/$unit/registers")" \
			grep -q "$field" "$DEBUGFS/$unit/registers"
	done
	check drivers-bind "a driver does not bind" bind_workers
	check_remapping blocked
	check_entries
	check_edu_moves edu "$EDU" 200
	check_disk nvme "$NVME" 2
	rmmod nyx_intr_test
	check_unload
	context=
}
