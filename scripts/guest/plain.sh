# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC2034,SC2154 # the parts share variables
# Interrupts that are not remapped: who has such, and who gets no device then.

# Every worker has MSIs, none of them from the unit: with an MSI domain that does
# not work, drivers would go on with what they had before MSI.
check_plain_interrupts() {
	local name dev irq wrong=

	for name in $WORKERS; do
		eval "dev=\$$name"
		[ -n "$dev" ] || continue
		[ -n "$(irqs_of "$dev")" ] || wrong="$wrong $dev has none;"
		for irq in $(irqs_of "$dev"); do
			! grep -q "^Nyx" "/sys/kernel/irq/$irq/chip_name" ||
				wrong="$wrong $dev irq $irq;"
		done
	done
	check interrupts-are-plain "$wrong" [ -z "$wrong" ]
}

# The module is gone, and drivers come back.
check_plain_after_unload() {
	check drivers-bind "a driver does not bind" bind_workers
	check_plain_interrupts
	check_disk nvme "$NVME" 2
}

unsafe_interrupts_are_not_allowed() {
	modprobe vfio-pci
	modprobe vfio_iommu_type1
	check unsafe-interrupts-are-not-allowed "they are" \
		grep -qx N /sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts
}

# A user's driver gets a device although nobody says that this is unsafe.
# check_vfio NAME DEVICE NAMED: as check_mapped
check_vfio() {
	unsafe_interrupts_are_not_allowed
	check_mapped "$@"
}

# It gets none where it could have it forge what passes as it is.
# check_no_vfio DEVICE
check_no_vfio() {
	local said

	unsafe_interrupts_are_not_allowed
	echo vfio-pci >"$PCI/$1/driver_override"
	check vfio-binds "it does not" bind "$1"
	said=$(echo go-on | /nyx/mapped "$1" "$(group_of "$1")" 2>&1 | tail -n 1)
	check vfio-gets-no-device "$said" \
		[ "$said" = "VFIO_SET_IOMMU: Operation not permitted" ]
	check vfio-names-interrupts "$(log_since_mark | tail -n 2)" \
		log_has "No interrupt remapping"
	take_from_vfio "$1"
}

compat_is() {
	[ "$(columns "$DEBUGFS/units" intr compat)" = "on $1" ]
}

# bound_unmanaged: devices whose drivers came before the module.
bound_unmanaged() {
	local dev

	for dev in "$PCI"/*; do
		dev=${dev##*/}
		! is_bound "$dev" || is_managed "$dev" || echo "$dev"
	done
}

# Below a unit without I/O APIC compatibility format is blocked when the last is
# gone that sends it. A port gets interrupts through the unit then, and keeps the
# module from detaching.
check_compat_users() {
	local dev port

	context="compatibility format: "
	mark_log
	nyx_load || { not_ok load "$(cat /tmp/insmod; dmesg | tail -n 2)"; return; }
	check is-allowed "$(columns "$DEBUGFS/units" intr compat)" \
		compat_is allowed
	check is-allowed-for-drivers "$(log_since_mark | tail -n 2)" \
		log_has "compatibility format is allowed for drivers that came"
	for dev in $(bound_unmanaged); do
		[ -z "$(irqs_of "$dev")" ] || port=$dev
		unbind "$dev"
	done
	check is-blocked-without-them "$(bound_unmanaged)" \
		until_true compat_is blocked
	check that-is-told "$(log_since_mark | tail -n 2)" \
		log_has "compatibility format is blocked"
	check port-binds-again "$port does not" bind "$port"
	check port-has-interrupts "$port has none" [ -n "$(entries_of "$port")" ]
	check is-still-blocked "it is not" compat_is blocked
	check port-keeps-from-detaching "$(cat /tmp/detach)" detach_says_busy
	check port-is-named "$(log_since_mark | tail -n 2)" \
		log_has "detach: $port is bound to pcieport"
	unbind "$port"
	check port-frees-them "$(entries_used)" has_no_entries
	check_vfio bridged-edu "$EDU_BRIDGED" "$(named_for "$EDU_BRIDGED")"
	check_opened_under_vfio
	check unload "it stays" unload
	check unload-leaves-nothing "something is left behind" nothing_left
	context=
}

# lend DEVICE: to a program that maps memory for it, and keeps it until take_back.
lend() {
	give_to_vfio "$1"
	[ -p /tmp/answer ] || mkfifo /tmp/said /tmp/answer
	/nyx/mapped "$1" "$(group_of "$1")" <>/tmp/answer >/tmp/lent 2>&1 &
	LENT_TO=$!
	until_true grep -q '^claimed' /tmp/lent
	echo go-on 1<>/tmp/answer
	until_true grep -q '^fault' /tmp/lent
}

# take_back DEVICE
take_back() {
	kill "$LENT_TO"
	wait "$LENT_TO"
	take_from_vfio "$1"
}

# A device is lent when no other can forge its interrupts. Then one comes that could
# not be managed, and so has plain ones as soon as it has a driver.
check_opened_under_vfio() {
	local late

	late=$(find_pci 1b36 0005 2)
	[ -d /sys/module/nyx_plain_test ] ||
		/usr/lib/nyx/insmod /nyx/nyx_plain_test.ko
	mark_log
	check lent "$(cat /tmp/lent)" lend "$EDU_BRIDGED"
	echo 1 >"$PCI/$late/remove"
	fail_once nyx_probe_device "$late" -12
	echo 1 >/sys/bus/pci/rescan
	rmmod nyx_hold_test
	check late-device-is-not-managed "it is" fails is_managed "$late"
	check is-blocked-without-driver "it is not" compat_is blocked
	check late-driver-binds "it does not" take_plain "$late"
	check is-allowed-for-it "it is not" compat_is allowed
	check lent-device-is-named "$(log_since_mark | tail -n 2)" log_has \
		"allowed from now on, for $late: $EDU_BRIDGED, which VFIO .*can forge"
	check it-is-critical "no line of that level" \
		sh -c "dmesg -r | grep -q '^<2>.*allowed from now on'"
	take_back "$EDU_BRIDGED"
	unbind "$late"
	check is-blocked-again "it is not" until_true compat_is blocked
	echo >"$PCI/$late/driver_override"
	rmmod nyx_plain_test
}
