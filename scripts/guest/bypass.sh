# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC2034,SC2154 # the parts share variables
# Interrupts that bypass remapping: in compatibility format (VT-d) or unmapped (AMD-Vi).
# VFIO refuses devices where such interrupts can be forged.

# Every worker has MSIs, none of them from the unit. The MSIs are checked too, because
# drivers fall back to INTx if the MSI domain does not work.
check_bypass_interrupts() {
	local name dev irq wrong=

	for name in $WORKERS; do
		eval "dev=\$$name"
		[ -n "$dev" ] || continue
		[ -n "$(irqs_of "$dev")" ] || wrong="$wrong $dev has no MSI;"
		for irq in $(irqs_of "$dev"); do
			! grep -q "^Nyx" "/sys/kernel/irq/$irq/chip_name" ||
				wrong="$wrong $dev irq $irq;"
		done
	done
	check interrupts-bypass-remapping "$wrong" [ -z "$wrong" ]
}

# Drivers are bound after the module was unloaded.
check_after_unload() {
	check drivers-bind "a driver did not bind" bind_workers
	check_bypass_interrupts
	check_disk nvme "$NVME" 2
}

unsafe_interrupts_are_not_allowed() {
	modprobe vfio-pci
	modprobe vfio_iommu_type1
	check unsafe-interrupts-not-allowed "allow_unsafe_interrupts is set" \
		grep -qx N /sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts
}

# check_vfio NAME DEVICE NAMED: check_mapped without allow_unsafe_interrupts. VFIO accepts
# the device because it cannot forge interrupts.
check_vfio() {
	unsafe_interrupts_are_not_allowed
	check_mapped "$@"
}

# check_no_vfio DEVICE: VFIO refuses a device that could forge interrupts which bypass
# remapping.
check_no_vfio() {
	local message

	unsafe_interrupts_are_not_allowed
	echo vfio-pci >"$PCI/$1/driver_override"
	check vfio-binds "vfio-pci did not bind" bind "$1"
	message=$(echo continue | /nyx/mapped "$1" "$(group_of "$1")" 2>&1 | tail -n 1)
	check vfio-refuses-the-device "$message" \
		[ "$message" = "VFIO_SET_IOMMU: Operation not permitted" ]
	check vfio-logs-the-reason "$(log_since_mark | tail -n 2)" \
		log_has "No interrupt remapping"
	unbind_vfio "$1"
}

# compat_is allowed|blocked: the state of compatibility format in debugfs.
compat_is() {
	[ "$(columns "$DEBUGFS/units" intr compat)" = "on $1" ]
}

# bound_unmanaged: prints the devices that were bound before the module was loaded.
bound_unmanaged() {
	local dev

	for dev in "$PCI"/*; do
		dev=${dev##*/}
		! is_bound "$dev" || is_managed "$dev" || echo "$dev"
	done
}

# A unit without an I/O APIC blocks compatibility format when the last driver that uses it
# is unbound. A port that is bound after that has remapped interrupts, and keeps the module
# from detaching.
check_compat_users() {
	local dev port

	context="compatibility format: "
	mark_log
	nyx_load adopt_interrupts=0 ||
		{ not_ok load "$(cat /tmp/insmod; dmesg | tail -n 2)"; return; }
	check is-allowed "$(columns "$DEBUGFS/units" intr compat)" \
		compat_is allowed
	check allowed-for-drivers-is-logged "$(log_since_mark | tail -n 2)" \
		log_has "compatibility format is allowed for drivers that were bound"
	for dev in $(bound_unmanaged); do
		[ -z "$(irqs_of "$dev")" ] || port=$dev
		unbind "$dev"
	done
	check is-blocked-without-drivers "still bound: $(bound_unmanaged)" \
		until_true compat_is blocked
	check blocked-is-logged "$(log_since_mark | tail -n 2)" \
		log_has "compatibility format is blocked"
	check port-rebinds "$port did not bind" bind "$port"
	check port-has-entries "$port has no entries" [ -n "$(entries_of "$port")" ]
	check is-still-blocked "compatibility format is allowed" compat_is blocked
	check port-prevents-detach "$(cat /tmp/detach)" detach_is_busy
	check port-is-logged "$(log_since_mark | tail -n 2)" \
		log_has "detach: $port is bound to pcieport"
	unbind "$port"
	check port-frees-entries "$(entries_used) are in use" has_no_entries
	check_vfio bridged-edu "$EDU_BRIDGED" "$(named_for "$EDU_BRIDGED")"
	check_opened_under_vfio
	check unload "the module is still loaded" unload
	check unload-leaves-nothing "resources are left over" nothing_left
	context=
}

# assign DEVICE: assigns it to a program that maps memory for it and runs until unassign.
assign() {
	bind_vfio "$1"
	[ -p /tmp/mapped-in ] || mkfifo /tmp/mapped-out /tmp/mapped-in
	/nyx/mapped "$1" "$(group_of "$1")" <>/tmp/mapped-in >/tmp/assigned 2>&1 &
	ASSIGNED_PID=$!
	until_true grep -q '^claimed' /tmp/assigned
	echo continue 1<>/tmp/mapped-in
	until_true grep -q '^fault' /tmp/assigned
}

# unassign DEVICE
unassign() {
	kill "$ASSIGNED_PID"
	wait "$ASSIGNED_PID"
	unbind_vfio "$1"
}

# A device is assigned while compatibility format is blocked. Then a device appears whose
# probe by the IOMMU core failed. Its driver gets interrupts in compatibility format, so
# the module allows the format, and logs that the assigned device can forge interrupts.
check_opened_under_vfio() {
	local late

	late=$(find_pci 1b36 0005 2)
	[ -d /sys/module/nyx_dummy_test ] ||
		/usr/lib/nyx/insmod /nyx/nyx_dummy_test.ko
	mark_log
	check device-is-assigned "$(cat /tmp/assigned)" assign "$EDU_BRIDGED"
	echo 1 >"$PCI/$late/remove"
	fail_once nyx_probe_device "$late" -12
	echo 1 >/sys/bus/pci/rescan
	rmmod nyx_hold_test
	check late-device-not-managed "it has a group" fails is_managed "$late"
	check blocked-before-late-bind "compatibility format is allowed" \
		compat_is blocked
	check late-driver-binds "the driver did not bind" bind_dummy "$late"
	check allowed-after-late-bind "compatibility format is blocked" \
		compat_is allowed
	check assigned-device-is-logged "$(log_since_mark | tail -n 2)" log_has \
		"is now allowed for $late. $EDU_BRIDGED was assigned to VFIO .*can now forge"
	check log-level-is-critical "no line has this level" \
		sh -c "dmesg -r | grep -q '^<2>.*is now allowed for'"
	unassign "$EDU_BRIDGED"
	unbind "$late"
	check blocked-after-late-unbind "compatibility format is allowed" \
		until_true compat_is blocked
	echo >"$PCI/$late/driver_override"
	rmmod nyx_dummy_test
}
