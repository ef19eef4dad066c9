# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC2154 # guest.sh has the other functions and variables
# Checks in a Debian machine without the packages: it installs them, boots with them,
# upgrades and removes them. Each boot runs the next step.

LIVE=/nyx-test

export CCACHE_DIR=/var/cache/ccache CCACHE_COMPILERCHECK=content
export DEBIAN_KERNEL_USE_CCACHE=1 DEBIAN_FRONTEND=noninteractive

# apt_runs NAME FOLDER COMMAND: runs a command of apt in that folder.
apt_runs() {
	name=$1 begin=$(date +%s)
	ccache -z >/dev/null
	(cd "$2" && sh -c "$3") >"$LIVE/$name.log" 2>&1 </dev/null
	status=$?
	echo "# $3: $(($(date +%s) - begin)) s;" \
		"$(ccache --print-stats | awk '$1 == "direct_cache_hit" { print $2 }') hits," \
		"$(ccache --print-stats | awk '$1 == "cache_miss" { print $2 }') misses of ccache"
	check "$name-succeeds" "$(cat "$LIVE/$name.log")" [ "$status" = 0 ]
}

# apt_said NAME RUN TEXT: apt's output has the text.
apt_said() {
	check "$1" "$(cat "$LIVE/$2.log")" grep -q "$3" "$LIVE/$2.log"
}

# dkms_has VERSION: DKMS has installed this version of the module, and has no other.
dkms_has() {
	check "dkms-has-$1" "$(dkms status)" \
		[ "$(dkms status)" = "nyx-iommu/$1, $(uname -r), x86_64: installed" ]
}

# initramfs_has VERSION: the initramfs has this version of the module.
initramfs_has() {
	rm -rf /var/tmp/initramfs
	unmkinitramfs "/boot/initrd.img-$(uname -r)" /var/tmp/initramfs
	ko=$(find /var/tmp/initramfs -name 'nyx_iommu.ko*')
	check "initramfs-has-$1" "$ko" [ "$(modinfo -F version "$ko")" = "$1" ]
	rm -rf /var/tmp/initramfs
}

version_is_loaded() {
	check "version-$1-is-loaded" "$(cat "$MODULE/version")" \
		[ "$(cat "$MODULE/version")" = "$1" ]
}

root_stays_translated() {
	check root-disk-stays-translated "$(grep "$root" "$DEBUGFS/devices")" \
		[ "$(columns "$root" managed entry faults state)" = "yes translated 0 ACTIVE" ]
	disk_works
}

exporter_is() {
	check "exporter-is-$1" "$(systemctl status --no-pager nyxctl-export)" \
		[ "$(systemctl is-active nyxctl-export)" = "$1" ]
}

exporter_serves() {
	rm -f /tmp/metrics
	exporter_is active
	check exporter-answers "$(systemctl status --no-pager nyxctl-export)" \
		until_true exporter_answers
	exe=$(readlink "/proc/$(systemctl show -P MainPID nyxctl-export)/exe")
	check exporter-runs-the-installed-file "$exe" [ "$exe" = /usr/sbin/nyxctl ]
}

# in_menu PATTERN: a line of the boot menu that boots a kernel matches.
in_menu() {
	grep -E '^[[:space:]]*linux[[:space:]]' /boot/grub/grub.cfg | grep -qE "$1"
}

not_in_menu() {
	! in_menu "$1"
}

# keep_writing: writes to the disk and reads it back, until the file stop exists.
keep_writing() {
	while [ ! -e /tmp/stop ]; do
		dd if=/dev/urandom of=/tmp/written bs=1M count=4 2>/dev/null
		dd if=/tmp/written of=$LIVE/written bs=1M oflag=direct 2>/dev/null
		if dd if=$LIVE/written bs=1M iflag=direct 2>/dev/null | cmp -s - /tmp/written; then
			echo same
		else
			echo different
		fi
		sleep 1
	done >/tmp/rounds
	rm -f $LIVE/written
}

# The built-in driver is active, so the module is installed but not loaded. Then it is
# disabled, and an option is set, as the documents say.
live_step_1() {
	module_is_absent
	check builtin-driver-is-active "none is" [ -n "$(ls /sys/class/iommu)" ]
	check nothing-is-installed "$(ours)" [ -z "$(ours)" ]
	check no-dkms "it is there" [ ! -e /usr/sbin/dkms ]
	apt_runs install "$LIVE/first" "$(cat "$LIVE/first/command")"
	apt_said install-tells-about-the-builtin-driver install \
		'built-in IOMMU driver is active, so the module is not loaded'
	dkms_has "$FIRST"
	check module-is-signed "$(modinfo nyx_iommu)" [ -n "$(modinfo -F signer nyx_iommu)" ]
	initramfs_has "$FIRST"
	module_is_absent
	exporter_is inactive
	check menu-has-a-way-out "$(cat /boot/grub/grub.cfg)" in_menu 'nyx=off'
	check menu-enables-nothing "$(cat /boot/grub/grub.cfg)" not_in_menu '(intel|amd)_iommu=off'
	system_is_running
	disk_works
	if [ -e /sys/firmware/acpi/tables/DMAR ]; then
		unit=intel
	else
		unit=amd
	fi
	sed -i "s/#\(GRUB_CMDLINE_LINUX=.* ${unit}_iommu=off\)/\1/" \
		/etc/default/grub.d/nyx-iommu.cfg
	sed -i 's/^#options nyx_iommu max_faults=.*/options nyx_iommu max_faults=3/' \
		/etc/modprobe.d/nyx-iommu.conf
	apt_runs configure / 'update-grub && update-initramfs -u'
	check menu-disables-the-builtin-driver "$(cat /boot/grub/grub.cfg)" \
		in_menu "${unit}_iommu=off"
}

# The packages are upgraded while the module translates the root disk and the exporter
# runs.
live_step_2() {
	root_is_translated
	version_is_loaded "$FIRST"
	system_is_running
	systemctl -q enable --now nyxctl-export
	exporter_serves
	rm -f /tmp/stop
	keep_writing &
	writer=$!
	apt_runs upgrade "$LIVE/second" "$(cat "$LIVE/second/command")"
	touch /tmp/stop
	wait "$writer"
	echo "# $(grep -c same /tmp/rounds) rounds of writing and reading"
	check disk-works-during-the-upgrade "$(sort /tmp/rounds | uniq -c)" \
		[ "$(sort -u /tmp/rounds)" = same ]
	apt_said upgrade-tells-that-the-old-version-stays upgrade \
		"version $FIRST of the module stays loaded"
	version_is_loaded "$FIRST"
	root_stays_translated
	check installed-module-is-newer "$(modinfo nyx_iommu)" \
		[ "$(modinfo -F version nyx_iommu)" = "$SECOND" ]
	dkms_has "$SECOND"
	initramfs_has "$SECOND"
	check menu-still-disables-the-builtin-driver "$(cat /boot/grub/grub.cfg)" \
		in_menu '(intel|amd)_iommu=off'
	check nyxctl-shows-the-old-module "$(nyxctl devices "$root")" \
		sh -c "nyxctl devices $root | grep -q '$root.*translated'"
	check doctor-names-both-versions "$(nyxctl doctor)" \
		sh -c "nyxctl doctor | grep -q 'version $FIRST, and nyxctl $SECOND'"
	exporter_serves
	system_is_running
}

# After the reboot the newer version runs. The packages are removed, and then purged, while
# it does.
live_step_3() {
	root_is_translated
	version_is_loaded "$SECOND"
	exporter_serves
	system_is_running
	apt_runs remove / 'apt remove nyx-iommu-dkms nyx-iommu-tools'
	apt_said remove-tells-about-the-module remove \
		'the module stays loaded until the next reboot'
	version_is_loaded "$SECOND"
	root_stays_translated
	exporter_is inactive
	check no-exporter-is-left "$(pgrep -a nyxctl)" [ -z "$(pidof nyxctl)" ]
	check initramfs-is-clean "$(in_initramfs)" [ -z "$(in_initramfs | grep -v /modprobe.d/)" ]
	check menu-has-no-parameter "$(cat /boot/grub/grub.cfg)" \
		not_in_menu '(intel|amd)_iommu=off|nyx=off'
	check options-of-the-user-stay "$(ours)" grep -q '^options nyx_iommu max_faults=3' \
		/etc/modprobe.d/nyx-iommu.conf
	apt_runs purge / "$(cat "$LIVE/purge")"
	check nothing-is-left "$(ours)" [ -z "$(ours)" ]
	check initramfs-has-nothing "$(in_initramfs)" [ -z "$(in_initramfs)" ]
	check dkms-has-nothing "$(dkms status)" [ -z "$(dkms status)" ]
	version_is_loaded "$SECOND"
	root_stays_translated
}

# The machine is as before.
live_step_4() {
	check builtin-driver-is-not-disabled "$(cat /proc/cmdline)" \
		sh -c "! grep -E '(intel|amd)_iommu=off' /proc/cmdline"
	test_normal
	check nothing-is-left "$(ours)" [ -z "$(ours)" ]
}

# test_live: runs the next step. It is counted first, so that no step runs twice.
test_live() {
	# shellcheck disable=SC1091 # only this machine has it
	. "$LIVE/versions"
	step=$(($(cat "$LIVE/step" 2>/dev/null || echo 0) + 1))
	echo "$step" >"$LIVE/step"
	sync
	echo "# step $step, $(cut -d' ' -f1 /proc/uptime) s after the start of the kernel"
	"live_step_$step"
	[ "$step" = 4 ] && return
	sync
	systemctl --no-block reboot
	exit 0
}
