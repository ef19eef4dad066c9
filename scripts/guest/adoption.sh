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

# adopted: prints the IRQ numbers of adopted interrupts.
adopted() {
	columns "$INTERRUPTS" state irq | sed -n 's/^adopted //p'
}

# rotate_adopted: moves each adopted interrupt and each pin to each CPU. The kernel refuses
# that for some.
rotate_adopted() {
	local irq cpus

	for cpus in 1 2; do
		for irq in $(adopted) $(pins); do
			{ echo $cpus >"/proc/irq/$irq/smp_affinity"; } 2>/dev/null
		done
	done
}

# requested_before: prints the interrupts that must be adopted: the MSIs of bound devices and,
# with VT-d, all pins.
requested_before() {
	local dev

	for dev in "$PCI"/*; do
		! is_bound "${dev##*/}" || irqs_of "${dev##*/}"
	done
	[ "$VENDOR" = amd ] || pins
}

# unlisted STATES: prints those of them that are in none of the states, a pattern of grep -E.
unlisted() {
	local irq listed

	listed=" $(columns "$INTERRUPTS" state irq | sed -En "s/^($1) //p" | tr '\n' ' ') "
	for irq in $(requested_before); do
		case $listed in
		*" $irq "*) ;;
		*) echo "$irq" ;;
		esac
	done
}

# unexplained: prints what bypasses remapping, except for what never is adopted with AMD-Vi.
unexplained() {
	bypassing device irq reason | if [ "$VENDOR" = amd ]; then
		grep -vxE "IO-APIC-[0-9]+ [0-9]+ its_unit_cannot_adopt_pins|$EDU_BRIDGED - it_shares_.*"
	else
		cat
	fi
}

# handled_of DEVICE: prints how many interrupts its test driver has handled.
handled_of() {
	sed 's/.* handled=\([0-9]*\) .*/\1/' "$PCI/$1/moves"
}

# report_entry DEVICE IRQ: prints how many interrupts the device raises through its entry
# within a second, which the host compares with QEMU's trace.
report_entry() {
	local index before

	index=$(entries irq index | sed -n "s/^$2 //p")
	before=$(handled_of "$1")
	sleep 1
	echo "@least interrupt-$index$(at_table "$1") $(($(handled_of "$1") - before))"
}

# adoption_cycle [DEVICE]: loads the module, moves every interrupt, takes a CPU offline, unbinds
# the driver of DEVICE, which frees adopted interrupts, binds it and another driver, which
# request interrupts from the unit, unbinds both, unloads, and binds the driver again.
adoption_cycle() {
	nyx_load fault_action=log || return
	: >/tmp/may-move
	rotate_adopted
	set_cpu 0
	set_cpu 1
	[ -z "$1" ] || { unbind "$1"; bind "$1" || return; }
	bind "$VIRTIO" || return
	sleep 0.2
	[ -z "$1" ] || unbind "$1"
	unbind "$VIRTIO"
	rm /tmp/may-move
	until_true nothing_moves
	unload || return
	[ -z "$1" ] || bind "$1"
}

# adoption_cycles CYCLES [DEVICE]
adoption_cycles() {
	local i=0

	while [ $i -lt "$1" ] && adoption_cycle "$2"; do
		i=$((i + 1))
	done
	check cycles "stopped in cycle $i: $(dmesg | tail -n 2)" [ $i -eq "$1" ]
}

# keep_transferring: transfers data between the cards until /tmp/stop-load exists.
keep_transferring() {
	while [ ! -e /tmp/stop-load ]; do
		transfer "$LEFT" "$RIGHT" 10.0.0.2 5001 || return
		transfer "$RIGHT" "$LEFT" 10.0.0.1 5002 || return
	done
}

# check_adoption_under_traffic CYCLES: the same cycles while two network cards are in use by
# their own drivers.
check_adoption_under_traffic() {
	local load

	if connect_cards; then
		rm -f /tmp/stop-load
		keep_transferring &
		load=$!
		adoption_cycles "$1"
		: >/tmp/stop-load
		check cards-under-load "the received data differ" wait $load
	else
		not_ok cards-connect "the cards do not reach each other"
	fi
	disconnect_cards
}

# A pin gets its driver while the I/O APIC is adopted. The kernel gives it a chip, IR-IO-APIC,
# that does not complete moves.
check_late_pin() {
	local chip

	check late-pin-is-requested "$(dmesg | tail -n 1)" request_vectors "$EDU" 0
	chip=$(cat "/sys/kernel/irq/$(cat "$PCI/$EDU/irq")/chip_name")
	check late-pin-has-chip-of-others "$chip" [ "$chip" = IO-APIC ]
	echo 50 >"$PCI/$EDU/moves"
	check late-pin-loses-none "$(cat "$PCI/$EDU/moves")" lost_none "$PCI/$EDU/moves"
	unbind "$EDU"
}

# check_adoption CYCLES CYCLES-UNDER-TRAFFIC
check_adoption() {
	local dev raisers='' load

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
	check load "$(cat /tmp/insmod)" nyx_load fault_action=log
	check all-are-adopted "$(unlisted adopted | tr '\n' ' ')" [ -z "$(unlisted adopted)" ]
	check nothing-bypasses-remapping "$(unexplained)" [ -z "$(unexplained)" ]
	check_remapping blocked
	note "$(entries device irq vector dest updates | tr '\n' ';')"
	report_entry "$EDU" "$(irqs_of "$EDU")"
	[ "$VENDOR" = amd ] ||
		report_entry "$EDU_BRIDGED" "$(cat "$PCI/$EDU_BRIDGED/irq")"
	check interrupts-are-isolated "$(columns "$DEBUGFS/units" compat)" \
		interrupts_are_isolated
	check_chipset
	check unload "$(log_since_mark | tail -n 2)" unload
	adoption_cycles "$1" "$E1000E"
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
	unbind "$IGB"
	echo >"$PCI/$IGB/driver_override"
	check card-binds "$IGB did not bind" bind "$IGB"
	context="traffic: "
	check_adoption_under_traffic "$2"
	context="adoption: "
	check load-again "$(cat /tmp/insmod)" nyx_load
	check_network
	check_late_pin
	check_vfio edu "$EDU" "$EDU"
	unbind "$NVME"
	check unload-again "$(log_since_mark | tail -n 2)" unload
	context=
}
