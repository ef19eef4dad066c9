# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC2034,SC2154 # the parts share variables
# How fast user space maps memory for a device, and how large the entries are. See maps.c.

# huge_pages KIB NUMBER
huge_pages() {
	echo "$2" >"/sys/kernel/mm/hugepages/hugepages-$1kB/nr_hugepages"
}

# compare KIND PAGE GIB MAP UNMAP TABLES: prints the figures as ratios to those of the built-in
# driver, which a row of that driver measured.
compare() {
	local theirs map unmap tables

	theirs=$(sed -n "s/^$1 $2 $3 //p" /nyx/figures.builtin)
	read -r map unmap tables <<-END
		$theirs
	END
	check has-figures-of-the-built-in-driver "none" [ -n "$tables" ] || return
	note "figure: $1, $3 GiB in pages of $2: map $(ratio "$4" "$map") and unmap" \
		"$(ratio "$5" "$unmap") of the built-in driver's time ($4 and $5 ns), $6 pages" \
		"of tables ($tables)"
	check "$1-$2-$3-tables" "$6 pages, $tables of the built-in driver" \
		[ "$6" -gt 0 ] && [ "$6" -le $((tables + 2)) ]
}

ratio() {
	awk -v ours="$1" -v theirs="$2" 'BEGIN { printf "%.3f", ours / theirs }'
}

# check_map_speed GIB...: maps that much with pages of both sizes.
check_map_speed() {
	local way page size line

	for way in $(ways); do
		for page in 4K 2M; do
			for size; do
				line=$(/nyx/maps "$way" "$IGB" "$(group_of "$IGB")" $page "$size" 2>&1)
				check "$way-$page-$size" "$line" \
					[ "${line#"$way $page $size "}" != "$line" ]
				echo "@figure $line"
				# shellcheck disable=SC2086 # words
				[ "$DRIVER" = builtin ] || compare $line
			done
		done
	done
}

# check_maps GIB...: with either driver.
check_maps() {
	find_devices
	[ "$DRIVER" = builtin ] ||
		check load "$(dmesg | tail -n 2)" nyx_load
	huge_pages 2048 32
	check vfio-binds "vfio-pci did not bind" bind_machine "$IGB"
	check_map_speed "$@"
	unbind_vfio "$IGB"
	huge_pages 2048 0
	[ "$DRIVER" = builtin ] && return
	load_drivers
	bind_workers
	check_unload
}
