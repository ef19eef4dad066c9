# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
# Checks in the booted Debian machine of the packages lane. Its parameter nyx_test names
# the function that runs.

DEBUGFS=/sys/kernel/debug/nyx
MODULE=/sys/module/nyx_iommu
EDU=0000:00:05.0

# check NAME WHY COMMAND...: prints a result.
check() {
	name=$1 why=$2
	shift 2
	if "$@"; then
		echo "ok $name"
	else
		echo "not ok $name - $why"
	fi
}

# until_true COMMAND...: waits for up to five minutes.
until_true() {
	tries=0
	until "$@"; do
		tries=$((tries + 1))
		[ "$tries" -lt 300 ] || return 1
		sleep 1
	done
}

# first PATTERN: number of the first line of the kernel log that matches.
first() {
	dmesg | grep -nE "$1" | sed 's,:.*,,; q'
}

# is_before PATTERN PATTERN: the kernel log has a line like the first one, and before any
# line like the second one.
is_before() {
	[ -n "$(first "$1")" ] && [ "$(first "$1")" -lt "$(first "$2")" ]
}

# root_device: PCI device of the disk with the root file system.
root_device() {
	disk=$(findmnt -no SOURCE /)
	readlink -f "/sys/class/block/${disk#/dev/}" |
		sed -nE 's,.*/([0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-9])/.*,\1,p'
}

# columns DEVICE NAME...: these columns of the device in debugfs.
columns() {
	device=$1
	shift
	awk -v device="$device" -v names="$*" '
		NR == 1 { n = split(names, want, " ")
			  for (i = 1; i <= NF; i++) at[$i] = i }
		$at["device"] == device {
			for (i = 1; i <= n; i++)
				printf "%s%s", $at[want[i]], i < n ? " " : "\n" }' \
		"$DEBUGFS/devices"
}

system_is_running() {
	check system-is-running "$(systemctl --no-pager --no-legend --failed)" \
		[ "$(systemctl is-system-running --wait)" = running ]
}

module_is_absent() {
	check module-is-not-loaded "it is" [ ! -e "$MODULE" ]
}

# The module was loaded from the initramfs, before the disk's driver. A device whose driver
# was bound before the module was loaded would not be managed.
root_is_translated() {
	root=$(root_device)
	check root-disk-is-found "$(findmnt -no SOURCE /)" [ -n "$root" ]
	check module-is-loaded "$(dmesg | grep nyx | tail -n 3)" [ -e "$MODULE" ]
	check root-disk-is-translated "$(grep "$root" "$DEBUGFS/devices")" \
		[ "$(columns "$root" managed entry state)" = "yes translated ACTIVE" ]
	check nyxctl-shows-it "$(nyxctl devices "$root")" \
		sh -c "nyxctl devices $root | grep -q '$root.*translated'"
	check module-is-before-the-disk "$(first 'nyx: ') $(first 'EXT4-fs|nvme nvme0|virtio_blk virtio')" \
		is_before 'nyx: ' 'EXT4-fs|nvme nvme0|virtio_blk virtio'
	check module-is-before-systemd "$(first 'nyx: ') $(first 'systemd\[1\]: ')" \
		is_before 'nyx: ' 'systemd\[1\]: '
	check options-are-used "$(cat "$MODULE/parameters/max_faults")" \
		[ "$(cat "$MODULE/parameters/max_faults")" = 3 ]
}

# exporter_answers: one request to the exporter, over HTTP.
exporter_answers() {
	bash -c 'exec 3<>/dev/tcp/127.0.0.1/9843 &&
		printf "GET /metrics HTTP/1.0\r\n\r\n" >&3 && cat <&3' \
		>/tmp/metrics 2>/dev/null &&
		grep -q '^HTTP/1.* 200 ' /tmp/metrics &&
		grep -q '^nyx_' /tmp/metrics
}

exporter_works() {
	check exporter-is-disabled "$(systemctl is-enabled nyxctl-export)" \
		[ "$(systemctl is-enabled nyxctl-export)" = disabled ]
	check exporter-is-not-active "it is" \
		[ "$(systemctl is-active nyxctl-export)" = inactive ]
	systemctl start nyxctl-export
	check exporter-answers "$(systemctl status --no-pager nyxctl-export | tail -n 5; head -n 5 /tmp/metrics)" \
		until_true exporter_answers
	systemctl stop nyxctl-export
}

is_quarantined() {
	[ "$(cat "/sys/bus/pci/devices/$EDU/nyx/state")" = QUARANTINED ] ||
		{ /nyx-test/stray "$EDU" write >/dev/null; return 1; }
}

journal_has() {
	journalctl -q -t nyx -o cat | grep -qE "$1"
}

# edu writes to memory that is not mapped for it until it is cut off.
quarantine_is_told() {
	check edu-is-quarantined "$(columns "$EDU" managed entry faults state)" \
		until_true is_quarantined
	check journal-names-the-device "$(journalctl -q -t nyx)" until_true journal_has \
		"^$EDU is cut off: state QUARANTINED, reason faults, faults [1-9][0-9]*, caused by ${EDU}[.]"
	check no-end-yet "$(journalctl -q -t nyx)" sh -c \
		"! journalctl -q -t nyx -o cat | grep -q 'no longer'"
	nyxctl reset "$EDU" >/dev/null
	check journal-has-the-end "$(journalctl -q -t nyx)" until_true journal_has \
		"^$EDU is no longer cut off"
}

# A file is written to the disk and read back from it.
disk_works() {
	dd if=/dev/urandom of=/nyx-test/data bs=1M count=4 2>/dev/null
	md5sum /nyx-test/data >/tmp/sum
	sync
	echo 3 >/proc/sys/vm/drop_caches
	check disk-works "$(dmesg | tail -n 3)" md5sum --quiet -c /tmp/sum
	rm /nyx-test/data
}

test_translated() {
	root_is_translated
	disk_works
	quarantine_is_told
	exporter_works
	system_is_running
}

# The packages are purged while the module is loaded.
test_purge() {
	root_is_translated
	system_is_running
	apt-get -q -y --no-download purge nyx-iommu-dkms nyx-iommu-tools >/tmp/purge 2>&1
	check purge-succeeds "$(tail -n 3 /tmp/purge)" [ ! -e /usr/sbin/nyxctl ]
	check purge-tells-about-the-module "$(cat /tmp/purge)" \
		grep -q 'the module stays loaded until the next reboot' /tmp/purge
	check module-stays-loaded "it is gone" [ -e "$MODULE" ]
	check purge-removes-all-files "$(ours)" [ -z "$(ours)" ]
	check purge-cleans-the-initramfs "$(in_initramfs)" [ -z "$(in_initramfs)" ]
	disk_works
}

ours() {
	find / -xdev \( -path /nyx-test -o -path /var/log \) \
		-prune -o -name '*nyx*' -print
}

in_initramfs() {
	lsinitramfs "/boot/initrd.img-$(uname -r)" | grep nyx
}

# The same disk afterwards, with the built-in driver.
test_normal() {
	module_is_absent
	check builtin-driver-is-back "none is" [ -n "$(ls /sys/class/iommu)" ]
	disk_works
	system_is_running
}

# The packages are installed, and the built-in driver is active.
test_builtin() {
	module_is_absent
	check builtin-driver-is-active "none is" [ -n "$(ls /sys/class/iommu)" ]
	check log-has-the-reason "$(dmesg | grep nyx)" \
		sh -c 'dmesg | grep -q "nyx: .*intel_iommu=off"'
	disk_works
	system_is_running
}

# Loading would hang, but nyx=off is on the kernel command line.
test_off() {
	module_is_absent
	modprobe nyx_iommu 2>/tmp/refused
	check modprobe-refuses "$(cat /tmp/refused)" grep -q 'nyx=off is on' /tmp/refused
	module_is_absent
	system_is_running
}

# The same with module_blacklist=nyx_iommu.
test_absent() {
	module_is_absent
	system_is_running
}

# shellcheck source=SCRIPTDIR/live.sh
. /nyx-test/live.sh

# shellcheck disable=SC2013 # words
for word in $(cat /proc/cmdline); do
	case $word in
	nyx_test=*) "test_${word#nyx_test=}" ;;
	esac
done
echo end
sync
systemctl --no-block poweroff
