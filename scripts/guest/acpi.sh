# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC2034,SC2154 # the parts share variables
# Devices of the ACPI namespace, which firmware's table names by what they are called
# there: see dmar.sh and ivrs.sh for the table, the row for the devices. None has
# hardware behind it. What the table says that its requests carry is what those of
# a PCI device carry, which the table does not name.

# find_acpi NAME: the platform device that \_SB.NAME became.
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

# acpi_table_install: what was made, and a module that knows no other.
acpi_table_install() {
	table_install || { not_ok table "cannot change it"; return 1; }
	mark_log
	nyx_load || { not_ok load "$(cat /tmp/insmod; dmesg | tail -n 2)"; return 1; }
	ok load
}

# acpi_table_remove: and nothing of its devices is left.
acpi_table_remove() {
	check unload "it stays" unload
	check unload-leaves-nothing "something is left behind" nothing_left
	check log-is-clean "the kernel's log has trouble" kernel_is_clean
}

# known_as DEVICE: what the module says of it.
known_as() {
	columns "$DEBUGFS/devices" device unit requesters managed entry |
		sed -n "s/^$1 //p"
}

# check_named NAME REQUESTER: it is managed, and has that ID alone.
check_named() {
	local dev

	dev=$(find_acpi "$1")
	check "$1-has-its-requester-id" "$1, $dev, is '$(known_as "$dev")'" \
		[ "$(known_as "$dev")" = "$UNIT $2 yes translated" ]
}

# check_not_named NAME...: there are such devices, and no unit serves them.
check_not_named() {
	local name dev

	for name; do
		dev=$(find_acpi "$name") || { not_ok "$name" "is not there"; continue; }
		check "$name-is-not-managed" "$dev is '$(known_as "$dev")'" \
			[ -z "$(known_as "$dev")$(group_of_acpi "$dev")" ]
	done
}

group_of_acpi() {
	basename "$(readlink "/sys/bus/platform/devices/$1/iommu_group")" 2>/dev/null
}

# check_requests NAME DEVICE: what that PCI device sends comes under the ID of NAME,
# so its entry decides, and it is blamed.
check_requests() {
	local dev type

	dev=$(find_acpi "$1")
	type=$GROUPS_DIR/$(group_of_acpi "$dev")/type
	check_stray "$1" "$2" "$dev"
	check "$1-identity-is-accepted" "it is $(cat "$type")" \
		sh -c "echo identity >$type"
	check "$1-identity-lets-dma-pass" "memory did not change" \
		[ "$(memory_after "$2")" = changed ]
	check "$1-identity-is-taken-back" "it is $(cat "$type")" \
		sh -c "echo auto >$type"
	check "$1-identity-is-over" "memory changed" \
		[ "$(memory_after "$2")" = unchanged ]
}

# check_shared NAME DEVICE: they have an ID in common, and so a group.
check_shared() {
	local dev

	dev=$(find_acpi "$1")
	check "$1-shares-a-group-with-its-id" \
		"$(group_of_acpi "$dev"), not $(group_of "$2")" \
		[ "$(group_of_acpi "$dev")" = "$(group_of "$2")" ]
}
