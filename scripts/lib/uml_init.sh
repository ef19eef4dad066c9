#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Init process of User-mode Linux after the KUnit suites: copies gcov's data to the
# build folder. The file names below debugfs are paths in that folder.
mount -t sysfs sysfs /sys
mount -t debugfs debugfs /sys/kernel/debug
find /sys/kernel/debug/gcov -name '*.gcda' | while read -r data; do
	cat "$data" >"${data#/sys/kernel/debug/gcov}"
done
exec busybox poweroff -f
