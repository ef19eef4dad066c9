# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC2034,SC2154 # the parts share variables
# Devices that go and come back.

# check_replug DEVICE TIMES: gone and back, with its driver, time after time.
check_replug() {
	local i=0 before

	load_edu_driver
	before=$(entries_used)
	while [ $i -lt "$2" ]; do
		echo 1 >"$PCI/$1/remove"
		echo 1 >/sys/bus/pci/rescan
		[ -n "$(irqs_of "$1")" ] || break
		i=$((i + 1))
	done
	check replug "stopped at the ${i}th" [ $i -eq "$2" ]
	check replug-frees-every-entry "$(entries_used) in use, not $before" \
		[ "$(entries_used)" = "$before" ]
	rmmod nyx_intr_test
}
