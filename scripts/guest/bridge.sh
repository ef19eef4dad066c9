# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC2034,SC2154 # the parts share variables
# A bridge that comes while the module is loaded. The kernel makes its bus after the
# bridge was managed, and what is behind it inherits from there.

# rescan DEVICE: pulled, and found again.
rescan() {
	echo 1 >"$PCI/$1/remove"
	until_true is_gone "$1"
	echo 1 >/sys/bus/pci/rescan
	until_true [ -e "$PCI/$1" ]
}

# raises_all DEVICE: 100 interrupts, each awaited.
raises_all() {
	echo 100 >"$PCI/$1/raise"
	grep -q 'raised=[1-9][0-9]* .* lost=0 ' "$PCI/$1/moves"
}

# On AMD it is the device's entry that keeps it from sending others.
entry_has_table() {
	[ "$VENDOR" != amd ] ||
		columns "$DEBUGFS"/*/entries device fields |
		grep "^$1 " | grep -q ',IV=0x1,'
}

check_bridge_comes() {
	local bridge

	context="bridge comes: "
	find_devices
	unbind_workers
	bridge=$(find_pci 1b36 000e)
	mark_log
	check load "$(dmesg | tail -n 2)" nyx_load
	check bridge-comes "it does not" rescan "$bridge"
	check bridge-is-managed "it is not" until_true is_managed "$bridge"
	check device-is-managed "it is not" until_true is_managed "$EDU_BRIDGED"
	load_edu_driver
	check driver-binds "$(log_since_mark | tail -n 2)" \
		until_true is_bound "$EDU_BRIDGED"
	check its-interrupts-are-remapped "'$(irqs_of "$EDU_BRIDGED")'" \
		[ -n "$(entries_of "$EDU_BRIDGED")" ]
	check it-can-send-no-others "$(columns "$DEBUGFS"/*/entries device fields |
		grep "^$EDU_BRIDGED ")" entry_has_table "$EDU_BRIDGED"
	check none-is-lost "$(cat "$PCI/$EDU_BRIDGED/moves")" \
		raises_all "$EDU_BRIDGED"
	rmmod nyx_intr_test
	check unload "$(log_since_mark | tail -n 2)" unload
	check unload-leaves-nothing "something is left behind" nothing_left
	check device-comes-again "it does not" rescan "$EDU_BRIDGED"
	load_edu_driver
	check driver-binds-again "$(log_since_mark | tail -n 2)" \
		until_true is_bound "$EDU_BRIDGED"
	check interrupts-are-plain-then "'$(irqs_of "$EDU_BRIDGED")'" \
		[ -n "$(irqs_of "$EDU_BRIDGED")" ]
	check none-is-lost-then "$(cat "$PCI/$EDU_BRIDGED/moves")" \
		raises_all "$EDU_BRIDGED"
	rmmod nyx_intr_test
	context=
}
