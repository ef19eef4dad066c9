# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC2034,SC2154 # the parts share variables
# Loading that fails at each step of nyx_init(): see fail/.

# Each line has: the vendor, or "both"; the step, which the static lane compares with
# main.c; the function that fails, which is the step or a function below it; the number of
# the failing call; its return value; a pattern for insmod's message; a pattern for the
# log, empty if the failing function itself would have logged the error. "Structure needs
# cleaning" is error 117 (EUCLEAN), which no other function returns. 8192 is
# NYX_QUIRK_NO_UNITS.
LOAD_FAILURES='
both nyx_intr_check_parameters nyx_intr_check_parameters 1 -117 Structure|
both nyx_record_init nyx_record_init 1 -117 Structure|
both nyx_shutdown_check_parameter nyx_shutdown_check_parameter 1 -117 Structure|
both nyx_fault_init nyx_fault_init 1 -117 Structure|
both nyx_fault_init nyx_fault_ring_init 1 -12 Cannot allocate|no memory for 256 fault records: set fault_records lower
both nyx_cut_off_init nyx_cut_off_init 1 -117 Structure|
both nyx_vendor_probe nyx_unit_init 1 -117 Structure|
both nyx_vendor_probe __request_region 1 0 No such device or address|another driver claimed its registers .*: boot with
intel nyx_vendor_probe vtd_dmar_parse 1 -117 Structure|
intel nyx_vendor_probe vtd_caps_decode 1 -117 Structure|not supported: it has .*: use the built-in driver
amd nyx_vendor_probe amd_ivrs_parse 1 -117 Structure|
amd nyx_vendor_probe nyx_quirk_machine 1 8192 Operation not permitted|graphics of Stoney Ridge fail
amd nyx_vendor_probe amd_caps_decode 1 -117 Structure|not supported: it has .*: use the built-in driver
both nyx_units_start nyx_units_start 1 -117 Structure|
both nyx_units_start request_threaded_irq 1 -117 Structure|no fault interrupt .-117.: .*: unbind devices
both nyx_units_start nyx_identity_init 1 -117 Structure|
intel nyx_units_start vtd_qi_init 1 -12 Cannot allocate|no memory for its tables: free memory
intel nyx_units_start vtd_intr_get_memory 1 -12 Cannot allocate|no memory for its tables: free memory
intel nyx_units_start vtd_gcmd 1 -117 Structure|cannot be started .-117.: power the machine off and on
amd nyx_units_start amd_log_init 1 -12 Cannot allocate|no memory for its tables: free memory
both nyx_adopt_init nyx_adopt_init 1 -117 Structure|
both nyx_adopt_init bus_register_notifier 1 -117 Structure|
both nyx_adopt_init bus_register_notifier 2 -117 Structure|
both nyx_awake_init nyx_awake_init 1 -117 Structure|
both nyx_awake_init register_pm_notifier 1 -117 Structure|
both nyx_devices_scan nyx_devices_scan 1 -117 Structure|
both nyx_devices_scan nyx_entry_set 5 -117 Structure|cannot set the device.s entry .-117.: power the machine off and on
both nyx_msi_init nyx_msi_init 1 -117 Structure|
both nyx_msi_init __irq_domain_alloc_fwnode 2 0 Cannot allocate|[md]0: no memory for an interrupt domain: free memory
both nyx_detach_init nyx_detach_init 1 -117 Structure|
both nyx_units_enable nyx_units_enable 1 -117 Structure|
intel nyx_units_enable vtd_gcmd 2 -117 Structure|cannot enable translation .-117.: power the machine off and on
intel nyx_units_enable nyx_invalidate_tries 1 -117 Structure|cannot enable translation .-117.: power the machine off and on
intel nyx_units_enable vtd_gcmd 3 -117 Structure|cannot enable translation .-117.: power the machine off and on
intel nyx_units_enable vtd_gcmd 4 -117 Structure|cannot enable translation .-117.: power the machine off and on
intel nyx_units_enable vtd_gcmd 5 -117 Structure|cannot enable translation .-117.: power the machine off and on
intel nyx_units_enable vtd_pmr_disable 1 -117 Structure|cannot enable translation .-117.: power the machine off and on
amd nyx_units_enable amd_wait_running 1 -117 Structure|cannot enable translation .-117.: power the machine off and on
amd nyx_units_enable nyx_invalidate_global 1 -117 Structure|cannot enable translation .-117.: power the machine off and on
both nyx_units_register nyx_units_register 1 -117 Structure|
both nyx_units_register iommu_device_sysfs_add 1 -117 Structure|cannot be listed in /sys/class/iommu .-117.: unload other IOMMU drivers
both nyx_units_register iommu_device_register 1 -12 Cannot allocate|cannot set up the devices of the unit .-12.: free memory
both nyx_units_register nyx_device_group 3 -117 Structure|cannot set up the devices of the unit .-117.: boot with iommu=pt
'

# check_load_fails STEP FUNCTION CALL ERROR "INSMOD-PATTERN|LOG-PATTERN"
check_load_fails() {
	local name="$1-with-$2-$3" message="${5%%|*}" log="${5#*|}"

	if ! /usr/lib/nyx/insmod /nyx/nyx_fail_test.ko function="$2" call="$3" \
	     error="$4" 2>/tmp/insmod; then
		not_ok "$name" "$(cat /tmp/insmod)"
		return
	fi
	mark_log
	if nyx_load; then
		not_ok "$name" "the module loaded"
		unload
	else
		check "$name" "$(cat /tmp/insmod)" grep -q "$message" /tmp/insmod
		[ -z "$log" ] || check "$name-is-logged" \
			"$(log_since_mark | tail -n 3)" log_has "$log"
	fi
	rmmod nyx_fail_test
	check "$name-leaves-nothing" "resources are left over" nothing_left
	check "$name-restores-acs" "ACS control is not $ACS_BEFORE" \
		[ "$(acs_control "$PORT" "$ACS")" -eq "$ACS_BEFORE" ]
	# A notifier that is still registered would be called now.
	echo 1 >"$PCI/$TESTDEV/remove"
	echo 1 >/sys/bus/pci/rescan
	check "$name-write-done" "memory did not change" \
		[ "$(memory_after "$EDU")" = changed ]
}

# Each load also checks the cleanup of the one before: the module refuses a unit that is
# not idle.
check_load_failures() {
	local vendors step function call error patterns

	context="failing: "
	TESTDEV=$(find_pci 1b36 0005)
	PORT=$(basename "$(dirname "$(readlink -f "$PCI/$NVME")")")
	ACS=$(acs_at "$PORT") || { not_ok acs "$PORT has no ACS"; return; }
	ACS_BEFORE=$(acs_control "$PORT" "$ACS")
	echo "$LOAD_FAILURES" >/tmp/failures
	while read -r vendors step function call error patterns; do
		case $vendors in
		both|"$VENDOR")
			check_load_fails "$step" "$function" "$call" "$error" \
				"$patterns" ;;
		esac
	done </tmp/failures
	check load-after-all "$(cat /tmp/insmod)" nyx_load
	check edu-write-stopped "memory changed" \
		[ "$(memory_after "$EDU")" = unchanged ]
	check unload-after-all "the module is still loaded" unload
	check leaves-nothing "resources are left over" nothing_left
	context=
}
