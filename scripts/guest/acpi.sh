# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC2034,SC2154 # the parts share variables
# Checks of devices of the ACPI namespace, which the firmware table identifies by their
# ACPI names. dmar.sh and ivrs.sh make the tables; the row defines the devices. The
# devices have no hardware. The table assigns each a requester ID that a PCI device
# uses, so DMA of that PCI device stands for DMA of the ACPI device.

# find_acpi NAME: prints the platform device of \_SB.NAME.
find_acpi() {
	local dev path

	for dev in /sys/bus/platform/devices/*; do
		{ read -r path <"$dev/firmware_node/path"; } 2>/dev/null || continue
		[ "$path" = "\\_SB_.$1" ] || continue
		echo "${dev##*/}"
		return
	done
	return 1
}

# acpi_table_install [PARAMETER...]: installs /tmp/table and loads the module.
acpi_table_install() {
	table_install || { not_ok table "cannot change the table"; return 1; }
	mark_log
	nyx_load "$@" ||
		{ not_ok load "$(cat /tmp/insmod; dmesg | tail -n 2)"; return 1; }
	ok load
}

# acpi_table_remove: unloads the module and checks that nothing is left over.
acpi_table_remove() {
	check unload "the module is still loaded" unload
	check unload-leaves-nothing "resources are left over" nothing_left
	check log-is-clean "the kernel log has warnings" kernel_is_clean
}

# shown_as DEVICE: prints the device's line in debugfs.
shown_as() {
	columns "$DEBUGFS/devices" device unit requesters managed entry |
		sed -n "s/^$1 //p"
}

# check_named NAME REQUESTER: the device is managed and has only this requester ID.
check_named() {
	local dev

	dev=$(find_acpi "$1")
	check "$1-has-its-requester-id" "$1, $dev, is shown as '$(shown_as "$dev")'" \
		[ "$(shown_as "$dev")" = "$UNIT $2 yes translated" ]
}

# check_not_named NAME...: the devices exist, but no unit manages them.
check_not_named() {
	local name dev

	for name; do
		dev=$(find_acpi "$name") ||
			{ not_ok "$name" "there is no such device"; continue; }
		check "$name-is-not-managed" "$dev is shown as '$(shown_as "$dev")'" \
			[ -z "$(shown_as "$dev")$(group_of_acpi "$dev")" ]
	done
}

group_of_acpi() {
	basename "$(readlink "/sys/bus/platform/devices/$1/iommu_group")" 2>/dev/null
}

# check_requests NAME DEVICE: the requests of PCI device DEVICE carry the requester ID of
# NAME. So the entry of NAME translates them, and faults name the ACPI device.
check_requests() {
	local dev type

	dev=$(find_acpi "$1")
	type=$GROUPS_DIR/$(group_of_acpi "$dev")/type
	check_stray "$1" "$2" "$dev"
	check "$1-identity-accepted" "the type is $(cat "$type")" \
		sh -c "echo identity >$type"
	check "$1-identity-write-done" "memory did not change" \
		[ "$(memory_after "$2")" = changed ]
	check "$1-identity-reverted" "the type is $(cat "$type")" \
		sh -c "echo auto >$type"
	check "$1-reverted-write-stopped" "memory changed" \
		[ "$(memory_after "$2")" = unchanged ]
}

# check_shared NAME DEVICE: both devices have the same requester ID, so they share a group.
check_shared() {
	local dev

	dev=$(find_acpi "$1")
	check "$1-shares-the-group-of-its-id" \
		"the group is $(group_of_acpi "$dev"), not $(group_of "$2")" \
		[ "$(group_of_acpi "$dev")" = "$(group_of "$2")" ]
}
