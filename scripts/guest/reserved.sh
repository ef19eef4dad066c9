# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC2034,SC2154 # the parts share variables
# Memory that firmware has reserved for a device: see dmar.sh and ivrs.sh for the table.

# Pages of that region, for edu, and the one behind it.
RESERVED_FIRST=0x30000000
RESERVED_LAST=0x30001000
RESERVED_BEHIND=0x30002000

domain_id_of() {
	columns "$DEBUGFS/devices" device domain | sed -n "s/^$1 //p"
}

# All that is mapped there.
is_one_to_one() {
	columns "$1" first_iova last_iova physical bytes access | sed 's/0x0*/0x/g' |
		grep -qx "0x30000000 0x30001fff 0x30000000 8192 rw."
}

check_reserved() {
	local page

	context="reserved: "
	make_reserved_table
	table_install || { not_ok table "cannot change it"; return; }
	find_devices
	nyx_load || { not_ok load "$(cat /tmp/insmod; dmesg | tail -n 2)"; return; }
	ok load
	check region-is-shown "$(cat "$PCI/$EDU/iommu_group/reserved_regions")" \
		grep -qx "0x0*30000000 0x0*30001fff direct" \
		"$PCI/$EDU/iommu_group/reserved_regions"
	check region-is-mapped-one-to-one "it is not" is_one_to_one \
		"$DEBUGFS/domain-$(domain_id_of "$EDU")/page_table"
	for page in $RESERVED_FIRST $RESERVED_LAST; do
		check "dma-to-$page-is-done" "memory did not change" \
			[ "$(memory_after "$EDU" "$page")" = changed ]
	done
	check no-fault-for-it "$(tail -n 1 "$DEBUGFS/faults")" \
		[ "$(counter faults)" = 0 ]
	check dma-behind-it-is-stopped "memory changed" \
		[ "$(memory_after "$EDU" $RESERVED_BEHIND)" = unchanged ]
	check_fault dma-behind-it-is-shown "$EDU" write $RESERVED_BEHIND
	check other-device-is-stopped "memory changed" \
		[ "$(memory_after "$EDU_BRIDGED" $RESERVED_FIRST)" = unchanged ]
	check_fault other-device-is-shown "$(named_for "$EDU_BRIDGED")" write \
		$RESERVED_FIRST
	check_not_for_vfio
	check unload "it stays" unload
	check unload-leaves-nothing "something is left behind" nothing_left
	context=
}

# A device that needs its region cannot have an address space without it.
check_not_for_vfio() {
	give_to_vfio "$EDU"
	echo go-on | /nyx/mapped "$EDU" "$(group_of "$EDU")" >/tmp/mapped 2>&1
	check region-is-not-given-up "VFIO took the device" \
		grep -qE "VFIO_(SET_IOMMU|GROUP_SET_CONTAINER)" /tmp/mapped
	take_from_vfio "$EDU"
	check region-is-still-mapped "memory did not change" \
		[ "$(memory_after "$EDU" $RESERVED_FIRST)" = changed ]
}
