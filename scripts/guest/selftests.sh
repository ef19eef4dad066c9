# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC2034,SC2154 # the parts share variables
# The kernel's own tests of VFIO, without unsafe interrupts. Stock kernels have no IOMMUFD, so
# only variants with a container of VFIO run, of the programs that do not need IOMMUFD
# themselves.

# selected: prints the options that select them. The test of overflows expects an error code
# that VFIO returns in newer kernels only.
selected() {
	local mode suffix

	echo "-T overflow"
	for mode in vfio_type1_iommu vfio_type1v2_iommu; do
		for suffix in '' _anonymous _anonymous_hugetlb_2mb \
			      _anonymous_hugetlb_1gb; do
			echo "-v $mode$suffix"
		done
	done
}

# total OUTPUT KIND: prints how many tests of a program have this result.
total() {
	sed -nE "s/^# Totals:.* $2:([0-9]+).*/\\1/p" "$1" | grep . || echo none
}

# run_selftest PROGRAM DEVICE: its tests pass, or are skipped.
run_selftest() {
	local name=${1##*/} output=/tmp/selftest

	# shellcheck disable=SC2046 # word splitting is intended
	timeout 300 "$1" $(selected) "$2" >$output 2>&1
	check "$name" "$(grep -B 3 '^not ok' $output | head -n 8; tail -n 1 $output)" \
		[ "$(total $output fail)$(total $output error)" = 00 ]
	note "$name: $(grep '^# Totals' $output)"
	# A program without a total has failed above.
	SELFTESTS_PASSED=$((SELFTESTS_PASSED + $(total $output pass)))
	SELFTESTS_SKIPPED=$((SELFTESTS_SKIPPED + $(total $output skip)))
}

# check_selftests PASSED SKIPPED: that many pass and are skipped.
check_selftests() {
	local program

	context="selftests: "
	SELFTESTS_PASSED=0 SELFTESTS_SKIPPED=0
	unsafe_interrupts_are_not_allowed
	unbind "$IGB"
	echo vfio-pci >"$PCI/$IGB/driver_override"
	check vfio-binds "vfio-pci did not bind" bind "$IGB"
	for program in vfio_dma_mapping_test vfio_dma_mapping_mmio_test \
		       vfio_pci_device_init_perf_test; do
		run_selftest "/nyx/selftests/$program" "$IGB"
	done
	check all-pass "$SELFTESTS_PASSED passed, $SELFTESTS_SKIPPED skipped" \
		[ "$SELFTESTS_PASSED $SELFTESTS_SKIPPED" = "$1 $2" ]
	unbind_vfio "$IGB"
	context=
}
