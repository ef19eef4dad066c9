# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2016,SC2046,SC2154
# SC2016: other shells expand it; SC2046: word splitting is intended; SC2154: packages.sh
# has the variables
# Checks of the packages lane that install the packages in a copy of a Debian system.

# Both packages exist, and the tools contain what is documented.
check_build() {
	local out

	"$NYX_ROOT/scripts/deb.sh"
	out=$(in_chroot sh -euc 'for deb; do dpkg-deb -c "$deb"; done' sh $(debs deb))
	for file in usr/sbin/nyxctl usr/share/man/man8/nyxctl.8.gz \
		    usr/share/bash-completion/completions/nyxctl \
		    usr/share/zsh/vendor-completions/_nyxctl \
		    usr/lib/udev/rules.d/60-nyx-iommu-tools.rules \
		    usr/lib/systemd/system/nyxctl-export.service \
		    etc/modprobe.d/nyx-iommu.conf; do
		grep -q " \./$file$" <<<"$out" || die "no package contains $file"
	done
}

# lintian reports neither an error nor a warning, and nothing is overridden.
check_lintian() {
	local out

	debian_root lintian true "${LINTIAN_PACKAGES[@]}"
	out=$(NYX_CHROOT=$root in_chroot sh -euc '
		lintian --allow-root --fail-on none --show-overrides "$1"/*.changes' \
		sh "$NYX_IN_BUILD/deb" 2>&1)
	say "$out"
	! grep -E '^[EWO]: ' <<<"$out" || die "lintian has something to say"
}

# state NAME: all files of that machine, those in each initramfs, and the sums of those in
# /etc. Left out is what apt and dpkg keep about each run, and caches.
state() {
	in_machine "$1" sh -euc '
		find / -xdev \( -path /var/log -o -path /var/cache -o -path /root \
			-o -path /src -o -path /cache -o -path "/var/lib/dpkg/*-old" \
			-o -path /var/lib/apt \) -prune -o -print
		for initrd in /boot/initrd.img-*; do
			lsinitramfs "$initrd" | sed "s,^,$initrd: ,"
		done
		find /etc -type f ! -name ld.so.cache -exec md5sum {} +' | sort
}

# initramfs_of NAME RELEASE: unpacks that initramfs into build/packages/initramfs.
initramfs_of() {
	rm -rf "$work/initramfs"
	in_machine "$1" unmkinitramfs "/boot/initrd.img-$2" "$NYX_IN_BUILD/packages/initramfs"
	initramfs=$(find "$work/initramfs" -path '*/scripts/init-top' -printf '%h')
	initramfs=${initramfs%/scripts}
}

# check_initramfs NAME RELEASE VERSION: that initramfs has this version of the module, and
# loads it before the script udev, which loads the drivers of disks.
check_initramfs() {
	local order=$work/initramfs/scripts/init-top/ORDER ko

	initramfs_of "$1" "$2"
	order=$initramfs/scripts/init-top/ORDER
	ko=$(find "$initramfs/usr/lib/modules/$2" -name 'nyx_iommu.ko*')
	[ -n "$ko" ] || die "the initramfs of $2 does not have the module"
	[ "$(in_chroot modinfo -F version "$NYX_IN_ROOT${ko#"$NYX_ROOT"}")" = "$3" ] ||
		die "the initramfs of $2 has another version than $3"
	grep -oE '^/scripts/init-top/(nyx-iommu|udev) ' "$order" | tr -d '\n' |
		grep -q 'nyx-iommu .*udev' ||
		die "the initramfs of $2 loads the module too late: $(cat "$order")"
	[ -x "$initramfs/usr/libexec/nyx-iommu/load" ] ||
		die "the initramfs of $2 does not have the script that loads the module"
	[ -e "$initramfs/etc/modprobe.d/nyx-iommu.conf" ] ||
		die "the initramfs of $2 does not have the options"
}

# An older version is installed while the built-in driver is active. One of the kernels has
# no headers, and so no module.
check_install() {
	local out build=/usr/lib/modules/$NYX_LTS/build

	copy_machine cycle
	# Small ones, because they are built again and again.
	say 'MODULES=list' >"$work/cycle/root/etc/initramfs-tools/conf.d/test"
	in_machine cycle update-initramfs -u -k all
	state cycle >"$work/before"
	in_machine cycle mv "$build" "$build.away"
	"$NYX_ROOT/scripts/deb.sh" --as 0.0.1 --to packages/old
	# The built-in driver and the module are shown in sysfs, which is not mounted here.
	mkdir -p "$work/cycle/root/sys/class/iommu/dmar0"
	out=$(apt_in cycle install $(debs packages/old))
	say "$out"
	rm -r "$work/cycle/root/sys/class"
	grep -q 'built-in IOMMU driver is active, so the module is not loaded' <<<"$out" ||
		die "it does not report that the built-in driver is active"
	grep -q "nyx-iommu/0.0.1, $NYX_NEW, x86_64: installed" \
		<<<"$(in_machine cycle dkms status)" ||
		die "DKMS did not install the module"
	check_initramfs cycle "$NYX_NEW" 0.0.1
	initramfs_of cycle "$NYX_LTS"
	none < <(find "$initramfs" -name 'nyx_iommu.ko*')
}

# The headers of that kernel are installed later: DKMS builds its module, which gets into
# its initramfs. If that is newer already, it is not built again.
check_headers() {
	local out build=/usr/lib/modules/$NYX_LTS/build

	in_machine cycle mv "$build.away" "$build"
	in_machine cycle linux-run-hooks headers postinst "$NYX_LTS" -- configure
	check_initramfs cycle "$NYX_LTS" 0.0.1
	out=$(in_machine cycle linux-run-hooks headers postinst "$NYX_LTS" -- configure)
	! grep 'update-initramfs' <<<"$out" || die "it builds the initramfs again"
}

# The newer version replaces it while it is loaded. Both kernels get it.
check_upgrade() {
	local out

	mkdir -p "$work/cycle/root/sys/module/nyx_iommu"
	say 0.0.1 >"$work/cycle/root/sys/module/nyx_iommu/version"
	out=$(apt_in cycle install $(debs deb))
	say "$out"
	grep -q 'version 0.0.1 of the module stays loaded' <<<"$out" ||
		die "it does not report that the old version stays loaded"
	out=$(in_machine cycle dkms status)
	grep -q "nyx-iommu/$version, $NYX_NEW, x86_64: installed" <<<"$out" ||
		die "DKMS did not install the module"
	! grep -F 'nyx-iommu/0.0.1' <<<"$out" || die "DKMS still has the old version"
	check_initramfs cycle "$NYX_NEW" "$version"
	check_initramfs cycle "$NYX_LTS" "$version"
}

# The packages are removed while the module is loaded.
check_remove() {
	local out rel

	out=$(apt_in cycle remove nyx-iommu-dkms nyx-iommu-tools)
	say "$out"
	grep -q 'the module stays loaded until the next reboot' <<<"$out" ||
		die "it does not report that the module stays loaded"
	rm -r "$work/cycle/root/sys/module"
	for rel in "$NYX_LTS" "$NYX_NEW"; do
		initramfs_of cycle "$rel"
		none < <(find "$initramfs" -name '*nyx*' ! -path '*/etc/modprobe.d/*')
	done
	none < <(find "$work/cycle/root/usr" "$work/cycle/root/var/lib/dkms" -name '*nyx*')
	[ -e "$work/cycle/root/etc/modprobe.d/nyx-iommu.conf" ] ||
		die "remove deletes the options of the user"
}

# Afterwards the machine is as before.
check_purge() {
	apt_in cycle purge nyx-iommu-dkms nyx-iommu-tools
	state cycle >"$work/after"
	diff "$work/before" "$work/after" || die "something is left"
}
