# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC2034,SC2154 # the parts share variables
# Memory that firmware reserves for a device (an RMRR or a unity map): dmar.sh and ivrs.sh
# make the table.

# The first and the last page of edu's region, and the page after it.
RESERVED_FIRST=0x30000000
RESERVED_LAST=0x30001000
RESERVED_AFTER=0x30002000

domain_id_of() {
	columns "$DEBUGFS/devices" device domain | sed -n "s/^$1 //p"
}

# is_identity_mapped FILE: the page table has the region as one identity mapping.
is_identity_mapped() {
	columns "$1" first_iova last_iova physical bytes access | sed 's/0x0*/0x/g' |
		grep -qx "0x30000000 0x30001fff 0x30000000 8192 rw."
}

# reserved_types DEVICE FIRST-PAGE: prints the types of the device's regions that start at
# that address.
reserved_types() {
	sed -nE "s/^0x0*${2#0x} 0x[0-9a-f]+ //p" \
		"$PCI/$1/iommu_group/reserved_regions" | sort -u
}

check_reserved() {
	context="reserved: "
	find_devices
	if load_with make_reserved_table; then
		check_region
		check_vfio_refused "$EDU"
		check region-is-still-mapped "memory did not change" \
			[ "$(memory_after "$EDU" $RESERVED_FIRST)" = changed ]
		check_removed
		check_unload_reserved
	fi
	context="reserved page 0: "
	if load_with make_page_0_table; then
		check_page_0
		check_unload_reserved
	fi
	context="reserved, special cases: "
	if load_with make_special_table relax_reserved="${EDU#0000:}"; then
		check_relaxed
		check_beyond_width
		check_virtual_function
		check_unload_reserved
	fi
	# Later checks need a table that does not name the I/O APIC.
	make_reserved_table
	table_install
	context=
}

# load_with FUNCTION [PARAMETER...]: the function makes the table.
load_with() {
	"$1"
	shift
	table_install || { not_ok table "cannot change the table"; return 1; }
	mark_log
	nyx_load "$@" || { not_ok load "$(cat /tmp/insmod; dmesg | tail -n 2)"; return 1; }
	ok load
}

check_unload_reserved() {
	check unload "the module is still loaded" unload
	check unload-leaves-nothing "resources are left over" nothing_left
}

check_region() {
	local page

	check region-is-shown "$(cat "$PCI/$EDU/iommu_group/reserved_regions")" \
		grep -qx "0x0*30000000 0x0*30001fff direct" \
		"$PCI/$EDU/iommu_group/reserved_regions"
	check region-is-identity-mapped "the page table has no such mapping" is_identity_mapped \
		"$DEBUGFS/domain-$(domain_id_of "$EDU")/page_table"
	for page in $RESERVED_FIRST $RESERVED_LAST; do
		check "write-to-$page-done" "memory did not change" \
			[ "$(memory_after "$EDU" "$page")" = changed ]
	done
	check no-fault-in-region "$(tail -n 1 "$DEBUGFS/faults")" \
		[ "$(counter faults)" = 0 ]
	check write-after-region-stopped "memory changed" \
		[ "$(memory_after "$EDU" $RESERVED_AFTER)" = unchanged ]
	check_fault write-after-region-shown "$EDU" write $RESERVED_AFTER
	check other-device-stopped "memory changed" \
		[ "$(memory_after "$EDU_BRIDGED" $RESERVED_FIRST)" = unchanged ]
	check_fault other-device-shown "$(named_for "$EDU_BRIDGED")" write \
		$RESERVED_FIRST
}

vfio_claims() {
	/nyx/mapped "$1" "$(group_of "$1")" </dev/null 2>&1 | grep -qx claimed
}

# check_vfio_refused DEVICE: VFIO refuses the device, because its address space must
# contain a region.
check_vfio_refused() {
	bind_vfio "$1"
	check vfio-refuses-the-device "VFIO accepted the device" fails vfio_claims "$1"
	check vfio-is-refused-by-the-iommu-core "the log has no such line" \
		log_has "$1: Firmware has requested this device have a 1:1"
	unbind_vfio "$1"
}

# The kernel removes the device, but it is still there, and so is firmware that uses it.
# After the kernel has found it again it is translated as before.
check_removed() {
	local bar

	bar=$(sed -n '1s/ .*//p' "$PCI/$EDU/resource")
	echo 1 >"$PCI/$EDU/remove"
	check removed-device-writes "memory did not change" \
		[ "$(memory_after "$bar" $RESERVED_FIRST)" = changed ]
	echo 1 >/sys/bus/pci/rescan
	check found-again "$EDU has no group" until_true is_managed "$EDU"
	check found-again-writes-region "memory did not change" \
		[ "$(memory_after "$EDU" $RESERVED_FIRST)" = changed ]
	check found-again-writes-nothing-else "memory changed" \
		[ "$(memory_after "$EDU" $RESERVED_AFTER)" = unchanged ]
}

# Page 0 is reserved twice for edu, and for two functions that share a group with the ISA
# bridge.
check_page_0() {
	local dev

	for dev in "$EDU" 0000:00:1f.2 0000:00:1f.3; do
		check "$dev-is-managed" "$dev has no group" is_managed "$dev"
		check "$dev-has-page-0" "$(cat "$PCI/$dev/iommu_group/reserved_regions")" \
			[ "$(reserved_types "$dev" 0x0 | head -n 1)" = direct ]
	done
	[ "$VENDOR" = amd ] || check_isa_bridge 0000:00:1f.0
	dev=$DEBUGFS/domain-$(domain_id_of "$EDU")/page_table
	check page-0-is-mapped "$(columns "$dev" first_iova physical bytes access)" \
		first_pages_are_mapped "$dev"
}

# check_isa_bridge DEVICE: memory below 16 MiB is mapped for ISA DMA of floppy drives.
check_isa_bridge() {
	local table

	check "isa-bridge-has-16-mib" "$(cat "$PCI/$1/iommu_group/reserved_regions")" \
		grep -qxE "0x0+ 0x0+ffffff direct-relaxable" \
		"$PCI/$1/iommu_group/reserved_regions"
	table=$DEBUGFS/domain-$(domain_id_of "$1")/page_table
	check isa-memory-is-mapped "$(columns "$table" first_iova physical bytes access)" \
		first_16_mib_are_mapped "$table"
}

first_16_mib_are_mapped() {
	columns "$1" first_iova physical bytes access | sed 's/0x0*/0x/g' |
		grep -qx "0x 0x 16777216 rw."
}

# The second region of edu has 16 pages.
first_pages_are_mapped() {
	columns "$1" first_iova physical bytes access | sed 's/0x0*/0x/g' |
		grep -qx "0x 0x 65536 rw."
}

# VFIO may have a device that relax_reserved names, and the kernel still maps its region.
check_relaxed() {
	check relaxed-is-shown "$(cat "$PCI/$EDU/iommu_group/reserved_regions")" \
		[ "$(reserved_types "$EDU" $RESERVED_FIRST)" = direct-relaxable ]
	check relaxed-is-logged "the log has no such line" \
		log_has "$EDU: reserved region 0x30000000 to 0x30001fff is relaxed"
	check relaxed-is-mapped "memory did not change" \
		[ "$(memory_after "$EDU" $RESERVED_FIRST)" = changed ]
	bind_vfio "$EDU"
	check vfio-accepts-relaxed "$(log_since_mark | tail -n 1)" vfio_claims "$EDU"
	unbind_vfio "$EDU"
}

# The unit cannot map the region of this device.
check_beyond_width() {
	local dev=0000:00:06.0 types

	check region-beyond-width-is-logged "the log has no such line" \
		log_has "Firmware Bug.*exceeds the address width"
	types=$(sed -nE 's/^0x0*[14]000000000000 0x[0-9a-f]+ //p' \
		"$PCI/$dev/iommu_group/reserved_regions")
	check region-beyond-width-is-reserved "$types" [ "$types" = reserved ]
	check_vfio_refused "$dev"
}

# A virtual function has no region, although its physical function has one.
check_virtual_function() {
	local dev

	modprobe igb
	check pf-binds "the driver did not bind" bind "$IGB"
	check pf-has-the-region "$(cat "$PCI/$IGB/iommu_group/reserved_regions")" \
		[ "$(reserved_types "$IGB" $RESERVED_FIRST)" = direct ]
	echo 1 >"$PCI/$IGB/sriov_numvfs"
	dev=$(basename "$(readlink "$PCI/$IGB/virtfn0")")
	check vf-is-managed "'$dev' has no group" until_true is_managed "$dev"
	check vf-has-no-region "$(cat "$PCI/$dev/iommu_group/reserved_regions")" \
		[ -z "$(grep direct "$PCI/$dev/iommu_group/reserved_regions")" ]
	echo 0 >"$PCI/$IGB/sriov_numvfs"
	unbind "$IGB"
}
