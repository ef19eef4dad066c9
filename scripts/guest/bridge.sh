# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC2034,SC2154 # the parts share variables
# A bridge that is added while the module is loaded. The kernel creates the secondary bus
# after the bridge is managed, so the bus and the devices on it inherit the MSI domain of
# the bridge.

# rescan DEVICE: removes the device and has the kernel find it again.
rescan() {
	echo 1 >"$PCI/$1/remove"
	until_true is_gone "$1"
	echo 1 >/sys/bus/pci/rescan
	until_true [ -e "$PCI/$1" ]
}

# raises_all DEVICE: raises 100 interrupts and waits for each. Succeeds if none was lost.
raises_all() {
	echo 100 >"$PCI/$1/raise"
	grep -q 'raised=[1-9][0-9]* .* lost=0 ' "$PCI/$1/moves"
}

# entry_has_table DEVICE: with AMD-Vi an interrupt remapping table in the device's entry
# keeps the device from sending unmapped interrupts.
entry_has_table() {
	[ "$VENDOR" != amd ] ||
		columns "$DEBUGFS"/*/entries device fields |
		grep "^$1 " | grep -q ',IV=0x1,'
}

check_bridge_added() {
	local bridge

	context="added bridge: "
	find_devices
	unbind_workers
	bridge=$(find_pci 1b36 000e)
	mark_log
	check load "$(dmesg | tail -n 2)" nyx_load
	check bridge-appears "no bridge after the rescan" rescan "$bridge"
	check bridge-is-managed "it has no group" until_true is_managed "$bridge"
	check device-is-managed "it has no group" until_true is_managed "$EDU_BRIDGED"
	load_edu_driver
	check driver-binds "$(log_since_mark | tail -n 2)" \
		until_true is_bound "$EDU_BRIDGED"
	check interrupts-are-remapped "no entries for '$(irqs_of "$EDU_BRIDGED")'" \
		[ -n "$(entries_of "$EDU_BRIDGED")" ]
	check unmapped-interrupts-blocked "$(columns "$DEBUGFS"/*/entries device fields |
		grep "^$EDU_BRIDGED ")" entry_has_table "$EDU_BRIDGED"
	check no-interrupt-lost "$(cat "$PCI/$EDU_BRIDGED/moves")" \
		raises_all "$EDU_BRIDGED"
	rmmod nyx_intr_test
	check unload "$(log_since_mark | tail -n 2)" unload
	check unload-leaves-nothing "resources are left over" nothing_left
	check unloaded-device-appears "no device after the rescan" rescan "$EDU_BRIDGED"
	load_edu_driver
	check unloaded-driver-binds "$(log_since_mark | tail -n 2)" \
		until_true is_bound "$EDU_BRIDGED"
	check unloaded-has-interrupts "'$(irqs_of "$EDU_BRIDGED")'" \
		[ -n "$(irqs_of "$EDU_BRIDGED")" ]
	check unloaded-no-interrupt-lost "$(cat "$PCI/$EDU_BRIDGED/moves")" \
		raises_all "$EDU_BRIDGED"
	rmmod nyx_intr_test
	context=
}
