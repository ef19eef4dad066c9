# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC2034,SC2154 # the parts share variables
# Interrupts of the chipset: each arrives.

# irq_of ACTION: prints the number of the interrupt that has this handler.
irq_of() {
	sed -nE "s/^ *([0-9]+):.* $1(,.*)?\$/\\1/p" /proc/interrupts | head -n 1
}

# handled_exceed IRQ NUMBER
handled_exceed() {
	[ "$(handled "$1")" -gt "$2" ]
}

# check_arrives NAME IRQ COMMAND...: the command has a source raise the interrupt.
check_arrives() {
	local name=$1 irq=$2 before

	shift 2
	before=$(handled "$irq")
	"$@"
	check "$name-arrives" "irq $irq: $(handled "$irq") handled, $before before" \
		until_true handled_exceed "$irq" "$before"
}

# The handler of a serial port exists while the port is open.
check_serial() {
	exec 3>/dev/ttyS0
	check_arrives serial-port "$(irq_of ttyS0)" eval 'echo >&3'
	exec 3>&-
}

raise_alarm() {
	echo 0 >/sys/class/rtc/rtc0/wakealarm
	echo +2 >/sys/class/rtc/rtc0/wakealarm
}

# check_chipset: interrupts of a serial port, of the clock, and of ACPI: a power button, and
# a slot, which QEMU handles through ACPI.
check_chipset() {
	modprobe button
	check_serial
	check_arrives clock "$(irq_of rtc0)" raise_alarm
	check_arrives power-button "$(irq_of acpi)" host system_powerdown
	check_arrives slot "$(irq_of acpi)" plug_hot
	check slot-has-a-device "nothing appeared" until_true find_hot
	check slot-has-a-disk "$HOT has no driver" until_true has_block_device "$HOT"
	echo 0 >"$(slot_of "$HOT")/power"
	check slot-is-empty "$HOT is still there" until_true is_gone "$HOT"
}
