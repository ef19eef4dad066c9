# SPDX-License-Identifier: GPL-2.0-only
# Sleep states of the machine.

# load_firmware: QEMU's firmware does not restore the chipset after a sleep.
load_firmware() {
	check firmware "the test driver was not loaded" \
		/usr/lib/nyx/insmod /nyx/nyx_firmware_test.ko
}

# sleep_to_ram: suspends the machine to RAM. The host wakes it as soon as it sleeps.
sleep_to_ram() {
	echo deep >/sys/power/mem_sleep || return 1
	echo "@wake"
	echo mem >/sys/power/state
}

has_more_faults() {
	[ "$(faults_of "$1")" -gt "$2" ]
}

# check_edu_is_blocked: the unit refuses a stray write, and its fault interrupt works.
check_edu_is_blocked() {
	local before

	before=$(faults_of "$EDU")
	check edu-write-stopped "memory changed" \
		[ "$(/nyx/stray "$EDU" write | sed s/.*=//)" = unchanged ]
	check edu-fault-is-counted "$before faults as before" \
		until_true has_more_faults "$EDU" "$before"
}

# hibernate DISK: writes an image of the memory to a disk, then reads it back and continues
# with it, as after a boot.
hibernate() {
	local dev=$1

	mkswap "$dev" >/dev/null && swapon "$dev" || return 1
	cat "/sys/class/block/${dev##*/}/dev" >/sys/power/resume
	echo test_resume >/sys/power/disk || return 1
	echo disk >/sys/power/state || return 1
	swapoff "$dev"
}

# check_hibernation DEVICE: hibernates to the disk of a device.
check_hibernation() {
	check_disk before-hibernation "$NVME" 2
	mark_log
	until_true has_block_device "$1"
	check hibernates "$(log_since_mark | tail -n 5)" \
		hibernate "$(block_device "$1")"
	# The memory of the image does not contain the messages about its writing.
	check image-continues "the image was not read" \
		sh -c "! dmesg | grep -q 'Image saving'"
	check_disk after-hibernation "$NVME" 2
	check_disk after-hibernation-swap "$1" 2
	check_edu_is_blocked
}

# sleep_to_idle: suspends to idle, except that the CPUs do not wait for a device that wakes
# the machine: QEMU's machine has none.
sleep_to_idle() {
	echo platform >/sys/power/pm_test || return 1
	echo freeze >/sys/power/state || return 1
	echo none >/sys/power/pm_test
}

# check_idle: the units keep their state in suspend to idle.
check_idle() {
	context="idle: "
	mark_log
	check sleeps "$(log_since_mark | tail -n 3)" sleep_to_idle
	check_disk after-sleep "$NVME" 2
	context=
}

# check_sleeps TIMES: suspends to RAM and uses the devices afterwards.
check_sleeps() {
	local n

	for n in $(seq "$1"); do
		context="sleep $n: "
		check_disk before-sleep "$NVME" 2
		mark_log
		check sleeps "$(log_since_mark | tail -n 3)" sleep_to_ram
		check_disk after-sleep "$NVME" 2
		check_edu_is_blocked
	done
	context=
}
