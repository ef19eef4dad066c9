# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC2034,SC2154 # the parts share variables
# What `nyxctl firmware` says before the module is loaded, against what the module does then.
# /tmp/firmware has the former.

# short_numbers: removes zeroes at the start of hexadecimal numbers.
short_numbers() {
	sed 's/0x0*\([0-9a-f]\)/0x\1/g'
}

said_units() {
	sed -nE 's/^  ([a-z]+[0-9]+), registers (0x[0-9a-f]+), .*: used, .*/\1 \2/p' /tmp/firmware
}

said_devices() {
	sed -nE 's/^  ([0-9a-f:]+\.[0-7]) +([a-z]+[0-9]+) .*/\1 \2/p' /tmp/firmware | sort
}

# said_regions: prints group, first and last address of the memory that keeps VFIO away.
said_regions() {
	local dev first last

	awk '/^  0x.* mapped 1:1/ { sub(":", "", $3); first = $1; last = $3 }
	     /^    for .*VFIO refuses/ { sub(":$", "", $2); print $2, first, last }' /tmp/firmware |
	while read -r dev first last; do
		echo "$(group_of "$dev") $first $last"
	done | sort -u
}

# real_regions: the same from the IOMMU core, which asks the module.
real_regions() {
	local group

	for group in /sys/kernel/iommu_groups/*; do
		sed -nE "s/^(0x[0-9a-f]+) (0x[0-9a-f]+) direct\$/${group##*/} \1 \2/p" \
			"$group/reserved_regions"
	done | short_numbers | sort -u
}

# check_same NAME WHAT-IT-SAID WHAT-IS: neither is empty.
check_same() {
	check "$1" "said: $(echo "$2" | tr '\n' ',') is: $(echo "$3" | tr '\n' ',')" \
		[ "$2" = "$3" ]
	check "$1-is-not-empty" "there are none" [ -n "$2" ]
}

# check_firmware_agrees NAME CODE: `nyxctl firmware` ends with the exit code, and the module
# then does as it says.
check_firmware_agrees() {
	check_code "firmware-$1" "$2" firmware --live
	cp /tmp/nyxctl /tmp/firmware
	if ! nyx_load; then
		not_ok "firmware-$1-load" "$(cat /tmp/insmod; dmesg | tail -n 2)"
		return 1
	fi
	check_same "firmware-$1-units" "$(said_units)" \
		"$(columns "$DEBUGFS/units" unit registers | short_numbers)"
	check_same "firmware-$1-devices" "$(said_devices)" \
		"$(columns "$DEBUGFS/devices" device unit | sort)"
}

check_firmware() {
	check_firmware_agrees original 0 && check_unload_reserved
	# Two pages for edu, and more with AMD-Vi.
	make_reserved_table
	table_install || { not_ok firmware-table "cannot change the table"; return; }
	if check_firmware_agrees reserved 1; then
		check_same firmware-regions "$(said_regions)" "$(real_regions)"
		check firmware-region-is-mapped "$(cat /tmp/firmware)" is_identity_mapped \
			"$DEBUGFS/domain-$(domain_id_of "$EDU")/page_table"
		check firmware-region-is-said "$(cat /tmp/firmware)" grep -q \
			"^  0x30000000 to 0x30001fff: mapped 1:1" /tmp/firmware
		check_unload_reserved
	fi
	poke $((TABLE_CHECKSUM)) 0
	poke "$TABLE_LENGTH" 0x2f 0
	table_install
	check_code firmware-refused 5 firmware
	check_refused firmware-refused-by-module "table is shorter than a header"
	table_restore
}
