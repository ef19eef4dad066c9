# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC2034,SC2154 # the parts share variables
# Loading that fails half-way, at each step of nyx_init(): see fail/.

# A line each: the vendor, or "both"; the step, which the static lane compares
# with main.c; the function that fails, at the step itself or below it; which
# call of it; what it returns; what insmod says then; what the log says, a
# pattern, or nothing where only what was put out of action would have spoken.
# "Structure needs cleaning" is error 117, which nobody else returns.
LOAD_FAILURES='
both nyx_intr_check_parameters nyx_intr_check_parameters 1 -117 Structure|
both nyx_fault_init nyx_fault_init 1 -117 Structure|
both nyx_fault_init nyx_fault_ring_init 1 -12 Cannot allocate|no memory for 256 fault records: set fault_records lower
both nyx_vendor_probe nyx_unit_init 1 -117 Structure|
both nyx_vendor_probe __request_region 1 0 Device or resource busy|claimed by another driver: boot with
intel nyx_vendor_probe vtd_dmar_parse 1 -117 Structure|
intel nyx_vendor_probe vtd_caps_decode 1 -117 Structure|cannot serve it: it has .*: leave the IOMMU to the built-in driver
amd nyx_vendor_probe amd_ivrs_parse 1 -117 Structure|
amd nyx_vendor_probe amd_caps_decode 1 -117 Structure|not supported: it has .*: leave the IOMMU to the built-in driver
both nyx_units_start nyx_units_start 1 -117 Structure|
both nyx_units_start request_threaded_irq 1 -117 Structure|no fault interrupt .-117.: .*: unbind devices
both nyx_units_start nyx_identity_init 1 -117 Structure|
intel nyx_units_start vtd_qi_init 1 -12 Cannot allocate|no memory for its tables: free memory
intel nyx_units_start vtd_intr_get_memory 1 -12 Cannot allocate|no memory for its tables: free memory
intel nyx_units_start vtd_gcmd 1 -117 Structure|does not take its tables .-117.: power the machine off and on
intel nyx_units_start vtd_gcmd 2 -117 Structure|does not take its tables .-117.: power the machine off and on
intel nyx_units_start nyx_invalidate_global 1 -117 Structure|does not take its tables .-117.: power the machine off and on
amd nyx_units_start amd_log_init 1 -12 Cannot allocate|no memory for its tables: free memory
both nyx_adopt_init nyx_adopt_init 1 -117 Structure|
both nyx_adopt_init bus_register_notifier 1 -117 Structure|
both nyx_adopt_init bus_register_notifier 2 -117 Structure|
both nyx_acs_init nyx_acs_init 1 -117 Structure|
both nyx_acs_init register_pm_notifier 1 -117 Structure|
both nyx_devices_scan nyx_devices_scan 1 -117 Structure|
both nyx_devices_scan nyx_entry_set 5 -117 Structure|does not take its entry .-117.: power the machine off and on
both nyx_msi_init nyx_msi_init 1 -117 Structure|
both nyx_msi_init __irq_domain_alloc_fwnode 2 0 Cannot allocate|[md]0: no memory for an interrupt domain: free memory
both nyx_units_enable nyx_units_enable 1 -117 Structure|
intel nyx_units_enable vtd_gcmd 3 -117 Structure|translation does not come on .-117.: power the machine off and on
intel nyx_units_enable vtd_gcmd 4 -117 Structure|translation does not come on .-117.: power the machine off and on
intel nyx_units_enable vtd_gcmd 5 -117 Structure|translation does not come on .-117.: power the machine off and on
intel nyx_units_enable vtd_pmr_disable 1 -117 Structure|translation does not come on .-117.: power the machine off and on
amd nyx_units_enable amd_wait_status 1 -117 Structure|translation does not come on .-117.: power the machine off and on
amd nyx_units_enable nyx_invalidate_global 1 -117 Structure|translation does not come on .-117.: power the machine off and on
both nyx_units_register nyx_units_register 1 -117 Structure|
both nyx_units_register iommu_device_sysfs_add 1 -117 Structure|the IOMMU core refuses it .-117.: .*unload other IOMMU drivers
both nyx_units_register iommu_device_register 1 -117 Structure|the IOMMU core refuses it .-117.: .*unload other IOMMU drivers
both nyx_units_register nyx_device_group 3 -117 Structure|the IOMMU core refuses it .-117.: .*unload other IOMMU drivers
'

# check_load_fails STEP FUNCTION CALL ERROR "INSMOD-SAYS|LOG-SAYS"
check_load_fails() {
	local what="$1-with-$2-$3" says="${5%%|*}" log="${5#*|}"

	if ! /usr/lib/nyx/insmod /nyx/nyx_fail_test.ko function="$2" call="$3" \
	     error="$4" 2>/tmp/insmod; then
		not_ok "$what" "$(cat /tmp/insmod)"
		return
	fi
	mark_log
	if nyx_load; then
		not_ok "$what" "the module loaded"
		unload
	else
		check "$what" "$(cat /tmp/insmod)" grep -q "$says" /tmp/insmod
		[ -z "$log" ] || check "$what-is-told" \
			"$(log_since_mark | tail -n 3)" log_has "$log"
	fi
	rmmod nyx_fail_test
	check "$what-leaves-nothing" "something is left behind" nothing_left
	check "$what-puts-acs-back" "it is on" \
		[ "$(acs_control "$PORT" "$ACS")" -eq "$ACS_BEFORE" ]
	# Whoever is told of devices and should not be any more is called now.
	echo 1 >"$PCI/$TESTDEV/remove"
	echo 1 >/sys/bus/pci/rescan
	check "$what-lets-dma-pass" "memory did not change" \
		[ "$(memory_after "$EDU")" = changed ]
}

# A unit that is not idle again would be refused when the module comes next.
check_load_failures() {
	local whose step function call error says

	context="failing: "
	TESTDEV=$(find_pci 1b36 0005)
	PORT=$(basename "$(dirname "$(readlink -f "$PCI/$NVME")")")
	ACS=$(acs_at "$PORT") || { not_ok acs "$PORT has none"; return; }
	ACS_BEFORE=$(acs_control "$PORT" "$ACS")
	echo "$LOAD_FAILURES" >/tmp/failures
	while read -r whose step function call error says; do
		case $whose in
		both|"$VENDOR")
			check_load_fails "$step" "$function" "$call" "$error" \
				"$says" ;;
		esac
	done </tmp/failures
	check load-after-all "$(cat /tmp/insmod)" nyx_load
	check edu-is-held-back "its write arrived" \
		[ "$(memory_after "$EDU")" = unchanged ]
	check unload-after-all "it stays" unload
	check leaves-nothing "something is left behind" nothing_left
	context=
}
