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

check_acs() {
	local port at before

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
	printf '\0\0' | dd of="$PCI/$port/config" bs=1 seek="$at" conv=notrunc \
		2>/dev/null
	check acs-lost "ACS control is $(acs_control "$port" "$at")" \
		[ "$(acs_control "$port" "$at")" -eq 0 ]
	bind "$NVME"
	check acs-enabled-by-bind "ACS control is $(acs_control "$port" "$at")" \
		acs_is_enabled "$port" "$at"
	unbind "$NVME"
	check acs-unload "the module is still loaded" unload
	check acs-restored "ACS control is $(acs_control "$port" "$at"), not $before" \
		[ "$(acs_control "$port" "$at")" -eq "$before" ]
}
