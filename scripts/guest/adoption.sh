# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC2034,SC2154 # the parts share variables
# Interrupts that are in use when the module is loaded: they are remapped from then on, and
# none is lost, neither then nor when they are returned.

# pins: prints the IRQ numbers of the pins of I/O APICs that are in use.
pins() {
	awk '$0 ~ /IO-APIC/ { sub(":", "", $1); print $1 }' /proc/interrupts
}

# keep_raising DEVICE: raises interrupts of the test driver's device until /tmp/stop-raising
# exists or one is lost. While /tmp/may-move exists the interrupts move. Without remapping
# a move of the kernel may deliver one twice, so they only move with it.
keep_raising() {
	while [ ! -e /tmp/stop-raising ] && lost_none "$PCI/$1/moves"; do
		: >"/tmp/moving-$1"
		[ ! -e /tmp/may-move ] || echo 50 >"$PCI/$1/moves"
		rm "/tmp/moving-$1"
		echo 100 >"$PCI/$1/raise"
	done
}

nothing_moves() {
	! ls /tmp/moving-* >/dev/null 2>&1
}

# rotate_pins: moves each pin to each CPU. The kernel refuses that for some.
rotate_pins() {
	local irq cpus

	for cpus in 1 2; do
		for irq in $(pins); do
			{ echo $cpus >"/proc/irq/$irq/smp_affinity"; } 2>/dev/null
		done
	done
}

# unlisted: prints the MSIs of bound devices and the pins that have no entry.
unlisted() {
	local irq listed

	listed=" $(columns "$INTERRUPTS" irq | tr '\n' ' ') "
	for irq in $(pins) "$PCI"/*/msi_irqs/*; do
		irq=${irq##*/}
		case $listed in
		*" $irq "*) ;;
		*) echo "$irq" ;;
		esac
	done
}

# handled_of DEVICE: prints how many interrupts its test driver has handled.
handled_of() {
	sed 's/.* handled=\([0-9]*\) .*/\1/' "$PCI/$1/moves"
}

# report_entry DEVICE IRQ: prints how many interrupts the device raises through its entry
# within a second, which the host compares with QEMU's trace.
report_entry() {
	local index before

	index=$(columns "$INTERRUPTS" irq index | sed -n "s/^$2 //p")
	before=$(handled_of "$1")
	sleep 1
	echo "@least interrupt-$index $(($(handled_of "$1") - before))"
}

# Loads the module, moves every interrupt, takes a CPU offline, binds a driver, unloads.
adoption_cycle() {
	nyx_load adopt_interrupts=1 fault_action=log || return
	: >/tmp/may-move
	rotate_pins
	set_cpu 0
	set_cpu 1
	bind "$VIRTIO"
	sleep 0.2
	unbind "$VIRTIO"
	rm /tmp/may-move
	until_true nothing_moves
	unload
}

# check_adoption CYCLES
check_adoption() {
	local i=0 dev raisers='' load

	context="adoption: "
	load_edu_driver
	until_true is_bound "$EDU"
	check pin-is-requested "$(dmesg | tail -n 1)" request_vectors "$EDU_BRIDGED" 0
	check messages-are-requested "$(dmesg | tail -n 1)" request_vectors "$IGB" 10
	until_true has_block_device "$NVME"
	unbind "$VIRTIO"
	rm -f /tmp/stop-load
	keep_writing "$(block_device "$NVME")" &
	load=$!
	for dev in "$EDU" "$EDU_BRIDGED" "$IGB"; do
		keep_raising "$dev" &
		raisers="$raisers $!"
	done
	mark_log
	check load "$(cat /tmp/insmod)" nyx_load adopt_interrupts=1 fault_action=log
	check all-have-entries "$(unlisted | tr '\n' ' ')" [ -z "$(unlisted)" ]
	check_remapping blocked
	note "$(columns "$INTERRUPTS" device irq vector dest updates | tr '\n' ';')"
	report_entry "$EDU" "$(irqs_of "$EDU")"
	report_entry "$EDU_BRIDGED" "$(cat "$PCI/$EDU_BRIDGED/irq")"
	check interrupts-are-isolated "$(columns "$DEBUGFS/units" compat)" \
		interrupts_are_isolated
	check unload "$(log_since_mark | tail -n 2)" unload
	while [ $i -lt "$1" ]; do
		adoption_cycle || break
		i=$((i + 1))
	done
	check cycles "stopped in cycle $i: $(dmesg | tail -n 2)" [ $i -eq "$1" ]
	: >/tmp/stop-raising
	# shellcheck disable=SC2086 # word splitting is intended
	wait $raisers
	: >/tmp/stop-load
	check disk-under-load "$(tail -n 3 /tmp/load)" wait $load
	for dev in "$EDU" "$EDU_BRIDGED" "$IGB"; do
		note "$dev: $(cat "$PCI/$dev/moves")"
		check "loses-none-of-$dev" "$(cat "$PCI/$dev/moves")" \
			lost_none "$PCI/$dev/moves"
		note "$dev: miscounted: $(miscounted "$dev")"
		# A move that masks an MSI-X delivers it twice now and then, also
		# without the module.
		[ "$dev" = "$IGB" ] ||
			check "handles-all-of-$dev" "$(miscounted "$dev")" \
				[ -z "$(miscounted "$dev")" ]
	done
	check load-again "$(cat /tmp/insmod)" nyx_load adopt_interrupts=1
	unbind "$EDU"
	check_vfio edu "$EDU" "$EDU"
	unbind "$NVME"
	check unload-again "$(log_since_mark | tail -n 2)" unload
	context=
}
