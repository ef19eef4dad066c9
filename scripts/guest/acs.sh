# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC2034,SC2154 # the parts share variables
# Access Control Services of the port above the disk: on while the module is
# loaded, on again after something switched it off, and then as it was.
# (PCI Express Base Specification, 7.7.11: the capability's ID is 0Dh, its control
# register is at 6; bits 0, 2, 3 and 4 are SV, RR, CR and UF.)

# acs_at DEVICE: where in its configuration space the control register is.
acs_at() {
	local at=256 head

	while [ $at -ne 0 ]; do
		head=0x$(od -An -tx4 -j $at -N 4 "$PCI/$1/config" | tr -d ' ')
		[ $((head & 0xffff)) -ne 13 ] || { echo $((at + 6)); return; }
		at=$((head >> 20))
	done
	return 1
}

# acs_control DEVICE AT
acs_control() {
	echo $(($(od -An -tu2 -j "$2" -N 2 "$PCI/$1/config")))
}

acs_is_on() {
	[ $(($(acs_control "$1" "$2") & 0x1d)) -eq $((0x1d)) ]
}

check_acs() {
	local port at before

	port=$(basename "$(dirname "$(readlink -f "$PCI/$NVME")")")
	at=$(acs_at "$port") || { not_ok acs "$port has none"; return; }
	before=$(acs_control "$port" "$at")
	# The kernel asks for it where there is an IVRS, even with amd_iommu=off.
	[ "$VENDOR" = amd ] ||
		check acs-is-off-before "it is $before" [ "$((before & 0x1d))" -eq 0 ]
	nyx_load || { not_ok acs-load "$(cat /tmp/insmod)"; return; }
	check acs-is-switched-on "$(acs_control "$port" "$at")" \
		acs_is_on "$port" "$at"
	printf '\0\0' | dd of="$PCI/$port/config" bs=1 seek="$at" conv=notrunc \
		2>/dev/null
	check acs-was-lost "$(acs_control "$port" "$at")" \
		[ "$(acs_control "$port" "$at")" -eq 0 ]
	bind "$NVME"
	check acs-is-back-for-a-driver "$(acs_control "$port" "$at")" \
		acs_is_on "$port" "$at"
	unbind "$NVME"
	check acs-unload "it stays" unload
	check acs-is-as-before "$(acs_control "$port" "$at")" \
		[ "$(acs_control "$port" "$at")" -eq "$before" ]
}
