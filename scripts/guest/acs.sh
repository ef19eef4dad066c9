# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC2034,SC2154 # the parts share variables
# Access Control Services (ACS) of the port above the disk. The module enables ACS when it
# is loaded, enables it again if it was lost, and restores the register when unloaded.
# (PCI Express Base Specification, 7.7.11: the capability's ID is 0Dh, its control
# register is at offset 6; bits 0, 2, 3 and 4 are SV, RR, CR and UF.)

# acs_at DEVICE: prints the offset of the control register in configuration space.
acs_at() {
	local at=256 head

	while [ $at -ne 0 ]; do
		head=0x$(od -An -tx4 -j $at -N 4 "$PCI/$1/config" | tr -d ' ')
		[ $((head & 0xffff)) -ne 13 ] || { echo $((at + 6)); return; }
		at=$((head >> 20))
	done
	return 1
}

# acs_control DEVICE OFFSET: prints the control register.
acs_control() {
	echo $(($(od -An -tu2 -j "$2" -N 2 "$PCI/$1/config")))
}

# acs_is_enabled DEVICE OFFSET
acs_is_enabled() {
	[ $(($(acs_control "$1" "$2") & 0x1d)) -eq $((0x1d)) ]
}

# disable_acs DEVICE OFFSET: as a reset does.
disable_acs() {
	printf '\0\0' | dd of="$PCI/$1/config" bs=1 seek="$2" conv=notrunc 2>/dev/null
	check acs-lost "ACS control is $(acs_control "$1" "$2")" \
		[ "$(acs_control "$1" "$2")" -eq 0 ]
}

is_suspended() {
	[ "$(cat "$PCI/$1/power/runtime_status")" = suspended ]
}

# check_acs_resume PORT DEVICE OFFSET: the PCI core restores the registers of a port that
# resumes, but not ACS. A port can be suspended if neither it nor the device below it has
# a driver.
check_acs_resume() {
	disable_acs "$1" "$3"
	echo auto >"$PCI/$1/power/control"
	echo auto >"$PCI/$2/power/control"
	check acs-suspended "$(cat "$PCI/$1/power/runtime_status")" \
		until_true is_suspended "$1"
	echo on >"$PCI/$1/power/control"
	echo on >"$PCI/$2/power/control"
	check acs-enabled-by-resume "ACS control is $(acs_control "$1" "$3")" \
		acs_is_enabled "$1" "$3"
}

check_acs() {
	local port driver at before

	port=$(basename "$(dirname "$(readlink -f "$PCI/$NVME")")")
	at=$(acs_at "$port") || { not_ok acs "$port has no ACS"; return; }
	before=$(acs_control "$port" "$at")
	# With an IVRS the kernel enables ACS itself, even with amd_iommu=off.
	[ "$VENDOR" = amd ] ||
		check acs-disabled-before "ACS control is $before" \
			[ "$((before & 0x1d))" -eq 0 ]
	nyx_load || { not_ok acs-load "$(cat /tmp/insmod)"; return; }
	check acs-enabled "ACS control is $(acs_control "$port" "$at")" \
		acs_is_enabled "$port" "$at"
	disable_acs "$port" "$at"
	bind "$NVME"
	check acs-enabled-by-bind "ACS control is $(acs_control "$port" "$at")" \
		acs_is_enabled "$port" "$at"
	unbind "$NVME"
	driver=$(readlink -f "$PCI/$port/driver")
	echo "$port" >"$driver/unbind"
	check_acs_resume "$port" "$NVME" "$at"
	check acs-unload "the module is still loaded" unload
	check acs-restored "ACS control is $(acs_control "$port" "$at"), not $before" \
		[ "$(acs_control "$port" "$at")" -eq "$before" ]
	echo "$port" >"$driver/bind"
}
