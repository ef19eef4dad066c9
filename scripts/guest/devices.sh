# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC2034,SC2154 # the parts share variables
# Functions that find, bind and unbind the machine's devices.

PCI=/sys/bus/pci/devices
GROUPS_DIR=/sys/kernel/iommu_groups

# find_pci VENDOR DEVICE [N]: prints the address of the Nth device with these IDs. Devices
# are found by ID because bus numbers differ between topologies. The function starts no
# process, because there are many devices and each process takes time.
find_pci() {
	local dev vendor device n=${3:-1}

	for dev in "$PCI"/*; do
		{ read -r vendor <"$dev/vendor" &&
		  read -r device <"$dev/device"; } 2>/dev/null || continue
		[ "$vendor$device" = "0x${1}0x$2" ] || continue
		n=$((n - 1))
		[ $n -gt 0 ] || { echo "${dev##*/}"; return; }
	done
	return 1
}

find_devices() {
	NVME=$(find_pci 1b36 0010)
	E1000E=$(find_pci 8086 10d3)
	IGB=$(find_pci 8086 10c9)
	EDU=$(find_pci 1234 11e8)
	EDU_BRIDGED=$(find_pci 1234 11e8 2)
	VIRTIO=$(find_pci 1af4 1042)
}

driver_of() {
	[ -e "$PCI/$1/driver" ] || return 1
	basename "$(readlink "$PCI/$1/driver")"
}

group_of() {
	[ -e "$PCI/$1/iommu_group" ] || return 1
	basename "$(readlink "$PCI/$1/iommu_group")"
}

is_managed() {
	group_of "$1" >/dev/null
}

is_bound() {
	[ -e "$PCI/$1/driver" ]
}

is_unbound() {
	! is_bound "$1"
}

is_gone() {
	[ ! -e "$PCI/$1" ]
}

unbind() {
	[ ! -e "$PCI/$1/driver" ] || echo "$1" >"$PCI/$1/driver/unbind"
}

bind() {
	echo "$1" >/sys/bus/pci/drivers_probe
	is_bound "$1"
}

# The devices whose drivers do DMA for the checks.
WORKERS='NVME E1000E IGB VIRTIO'

load_drivers() {
	local module

	for module in nvme e1000e igb virtio_blk; do
		modprobe $module &
	done
	wait
}

bind_workers() {
	local name dev

	for name in $WORKERS; do
		eval "dev=\$$name"
		[ -n "$dev" ] || continue
		is_bound "$dev" || bind "$dev" || return 1
	done
}

unbind_workers() {
	local name dev

	for name in $WORKERS; do
		eval "dev=\$$name"
		[ -n "$dev" ] || continue
		unbind "$dev"
	done
}

# Succeeds if all units block compatibility format (VT-d) or have none (AMD-Vi). It fails
# with the built-in driver, which runs without interrupt remapping.
interrupts_are_isolated() {
	columns "$DEBUGFS/units" intr compat 2>/dev/null | sort -u |
		grep -qxE 'on (blocked|-)' &&
	! columns "$DEBUGFS/units" intr compat | grep -qvxE 'on (blocked|-)'
}

# bind_vfio DEVICE: binds it to vfio-pci, so that userspace can map memory for it.
bind_vfio() {
	modprobe vfio-pci
	modprobe vfio_iommu_type1
	interrupts_are_isolated ||
		echo 1 >/sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts
	echo vfio-pci >"$PCI/$1/driver_override"
	bind "$1"
}

unbind_vfio() {
	unbind "$1"
	echo >"$PCI/$1/driver_override"
	echo 0 >/sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts
}
