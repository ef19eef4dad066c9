# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC2034,SC2154 # the parts share variables
# The kernel's own tests of VFIO, without unsafe interrupts.

has_iommufd() {
	modprobe iommufd 2>/dev/null
	[ -c /dev/iommu ]
}

# programs: prints those that do not need IOMMUFD, or all if the kernel has it.
programs() {
	if has_iommufd; then
		echo /nyx/selftests/*_test
	else
		echo /nyx/selftests/vfio_dma_mapping_test \
			/nyx/selftests/vfio_dma_mapping_mmio_test \
			/nyx/selftests/vfio_pci_device_init_perf_test
	fi
}

# selected: prints the options that select tests. Without IOMMUFD those with a container of
# VFIO run, but not the test of overflows: the oldest kernel returns another error code.
selected() {
	local mode suffix

	has_iommufd && return
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
	timeout 1500 "$1" $(selected) "$2" >$output 2>&1
	check "$name" "$(grep -B 3 '^not ok' $output | head -n 8; tail -n 3 $output)" \
		[ "$(total $output fail)$(total $output error)" = 00 ]
	note "$name: $(grep '^# Totals' $output)"
	# A program without a total has failed above.
	SELFTESTS_PASSED=$((SELFTESTS_PASSED + $(total $output pass)))
	SELFTESTS_SKIPPED=$((SELFTESTS_SKIPPED + $(total $output skip)))
}

# check_selftests PASSED SKIPPED PASSED SKIPPED: that many pass and are skipped, without and
# with IOMMUFD.
check_selftests() {
	local program

	context="selftests: "
	! has_iommufd || shift 2
	[ ! -e /proc/sys/vm/nr_hugepages ] || echo 64 >/proc/sys/vm/nr_hugepages
	SELFTESTS_PASSED=0 SELFTESTS_SKIPPED=0
	unsafe_interrupts_are_not_allowed
	# One program creates virtual functions.
	modprobe vfio-pci
	echo 1 >/sys/module/vfio_pci/parameters/enable_sriov
	unbind "$IGB"
	echo vfio-pci >"$PCI/$IGB/driver_override"
	check vfio-binds "vfio-pci did not bind" bind "$IGB"
	for program in $(programs); do
		run_selftest "$program" "$IGB"
	done
	check all-pass "$SELFTESTS_PASSED passed, $SELFTESTS_SKIPPED skipped" \
		[ "$SELFTESTS_PASSED $SELFTESTS_SKIPPED" = "$1 $2" ]
	unbind_vfio "$IGB"
	context=
}
