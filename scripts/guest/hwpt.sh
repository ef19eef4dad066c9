# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC2034,SC2154 # the parts share variables
# What user space gets from IOMMUFD, see hwpt.c. The units of the test machine cannot
# record which pages devices have written.

# registers_of NAME...: prints their values, as debugfs shows them for the first unit.
registers_of() {
	local name file

	file=$(find "$DEBUGFS" -name registers | sort | head -n 1)
	for name; do
		columns "$file" register value | sed -n "s/^$name //p"
	done | xargs
}

# hwpt_says LINE...: the program has printed these lines.
hwpt_says() {
	local line

	for line; do
		grep -qxF "$line" /tmp/hwpt || return 1
	done
}

# check_hwpt: does nothing on kernels without IOMMUFD.
check_hwpt() {
	local type=1 registers='CAP ECAP' not='Operation not supported'

	has_iommufd || return 0
	context="hwpt: "
	[ "$VENDOR" != amd ] || { type=4; registers='EFR EFR2'; }
	unbind "$IGB"
	echo vfio-pci >"$PCI/$IGB/driver_override"
	check vfio-binds "vfio-pci did not bind" bind "$IGB"
	mark_log
	/nyx/hwpt "$IGB" >/tmp/hwpt 2>&1
	check unit-is-described "$(cat /tmp/hwpt)" hwpt_says "info: ok" "type: $type"
	# shellcheck disable=SC2086 # words
	check registers-are-those-of-debugfs "$(cat /tmp/hwpt)" \
		hwpt_says "registers: $(registers_of $registers)"
	check no-dirty-tracking "$(cat /tmp/hwpt)" hwpt_says "dirty: no" "tracked: $not"
	check no-other-features "$(cat /tmp/hwpt)" \
		hwpt_says "parent: $not" "unknown: $not"
	check plain-table "$(cat /tmp/hwpt)" hwpt_says "map: ok" "plain: ok" "attach: ok"
	check nothing-is-tracked "$(cat /tmp/hwpt)" hwpt_says "track: $not" "bitmap: $not"
	check log-is-silent "$(log_since_mark | grep nyx:)" fails log_has "nyx:"
	unbind_vfio "$IGB"
	context=
}
