# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC2034,SC2154 # the parts share variables
# Numbers of instructions that the IOMMU API and the DMA API execute: see bench/.

# measure_with ARGUMENT...: loads the module that measures, which then unloads itself, and passes
# its figures to the host.
measure_with() {
	mark_log
	/usr/lib/nyx/insmod /nyx/nyx_bench.ko device="$EDU" "$@" 2>/tmp/insmod
	log_since_mark | sed -n 's/.*nyx_bench: figure /@figure /p'
	log_has 'nyx_bench: complete'
}

# set_domain_type TYPE: gives the device a default domain of that type.
set_domain_type() {
	echo "$1" >"/sys/kernel/iommu_groups/$(group_of "$EDU")/type"
}

# recorded NAME: prints the ratio to the built-in driver that bench.ratios has for it.
recorded() {
	awk -v kernel="$(uname -r | cut -d. -f1,2)" -v vendor="$VENDOR" -v name="$1" '
		$1 == kernel && $2 == vendor && $3 == name { print $4 }' /nyx/bench.ratios
}

# compare_figures: each figure is at most 5 % larger than recorded, relative to the built-in
# driver of the same kernel. Nothing is recorded for a kernel that has just appeared.
compare_figures() {
	local name figure theirs ratio most

	while read -r name figure; do
		case $name in
		floor-*) continue ;;
		esac
		theirs=$(sed -n "s/^$name //p" /nyx/figures.builtin)
		check "$name-was-measured-before" "no figure" [ -n "$theirs" ] || continue
		ratio=$(ratio "$figure" "$theirs")
		most=$(recorded "$name")
		note "figure: $name: $figure instructions, $ratio of the built-in driver's"
		[ -z "$most" ] ||
			check "$name-is-not-slower" "$ratio, recorded is $most" \
				awk "BEGIN { exit !($ratio <= $most * 1.05) }"
	done <<-END
	$1
	END
}

# check_bench: measures with the driver of the row. The device has no driver.
check_bench() {
	local type figures

	find_devices
	[ "$DRIVER" = builtin ] ||
		check load "$(dmesg | tail -n 2)" nyx_load
	check measures-domains "$(cat /tmp/insmod; dmesg | tail -n 3)" measure_with
	for type in DMA DMA-FQ; do
		check "has-domain-$type" "$(dmesg | tail -n 2)" set_domain_type $type
		check "measures-$type" "$(cat /tmp/insmod; dmesg | tail -n 3)" \
			measure_with dma=$type
	done
	[ "$DRIVER" = builtin ] && return
	figures=$(dmesg | sed -n 's/.*nyx_bench: figure //p')
	check has-all-figures "$figures" [ "$(echo "$figures" | wc -l)" -eq 33 ]
	compare_figures "$figures"
	check unload "$(dmesg | tail -n 2)" unload
}
