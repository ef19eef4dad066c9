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

check_reserved() {
	local page

	context="reserved: "
	make_reserved_table
	table_install || { not_ok table "cannot change the table"; return; }
	find_devices
	nyx_load || { not_ok load "$(cat /tmp/insmod; dmesg | tail -n 2)"; return; }
	ok load
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
	check_vfio_refused
	check unload "the module is still loaded" unload
	check unload-leaves-nothing "resources are left over" nothing_left
	context=
}

# VFIO refuses the device, because its address space must contain the region.
check_vfio_refused() {
	bind_vfio "$EDU"
	echo continue | /nyx/mapped "$EDU" "$(group_of "$EDU")" >/tmp/mapped 2>&1
	check vfio-refuses-the-device "VFIO accepted the device" \
		grep -qE "VFIO_(SET_IOMMU|GROUP_SET_CONTAINER)" /tmp/mapped
	unbind_vfio "$EDU"
	check region-is-still-mapped "memory did not change" \
		[ "$(memory_after "$EDU" $RESERVED_FIRST)" = changed ]
}
