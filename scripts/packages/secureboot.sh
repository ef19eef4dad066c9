#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The first process of a machine with Secure Boot, in the initramfs with the packages:
# tries to load the module as DKMS signed it, and without a signature.

mkdir -p /proc /sys /dev /run
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mount -t securityfs securityfs /sys/kernel/security
exec >/dev/ttyS1 2>&1

# report NAME COMMAND...: whether the command loads the module, or why not.
report() {
	name=$1
	shift
	if "$@"; then
		echo "$name: loaded"
	else
		echo "$name: refused: $(dmesg | grep 'is rejected' | tail -n 1)"
	fi
}

echo "lockdown: $(cat /sys/kernel/security/lockdown)"
report unsigned insmod /unsigned.ko
report signed modprobe nyx_iommu
echo end
echo o >/proc/sysrq-trigger
sleep 1000
