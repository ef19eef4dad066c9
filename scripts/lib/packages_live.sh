# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2016,SC2046,SC2154
# SC2016: other shells expand it; SC2046: word splitting is intended; SC2154: packages.sh
# has the variables
# The checks of the packages lane that install, upgrade and remove the packages in a
# running Debian machine. OVMF and GRUB boot it from its disk again and again.

# live_commands FOLDER: puts the packages of this version and of a newer one into FOLDER,
# with README's commands that install and purge them.
live_commands() {
	local install purge

	install=$(sed -n 's/^    \(apt install \.\/.*\)$/\1/p' "$NYX_ROOT/README.md")
	purge=$(sed -n 's/.*`\(apt purge [^`]*\)`.*/\1/p' "$NYX_ROOT/README.md")
	grep -qF "_${version}_" <<<"$install" ||
		die "README.md has no command that installs version $version"
	mkdir -p "$1"/{first,second}/build/deb
	cp "$NYX_BUILD"/deb/nyx-iommu-{dkms,tools}_*.deb "$1/first/build/deb/"
	cp "$NYX_BUILD"/packages/newer/nyx-iommu-{dkms,tools}_*.deb "$1/second/build/deb/"
	say "$install" >"$1/first/command"
	say "${install//_"$version"_/_"${newer}"_}" >"$1/second/command"
	say "${purge%%$'\n'*}" >"$1/purge"
	printf 'FIRST=%s\nSECOND=%s\n' "$version" "$newer" >"$1/versions"
}

# fill_ccache FOLDER: compiles both versions as DKMS will do it in the machine, at the same
# paths, because that takes long there. The machine gets the compiler cache.
fill_ccache() {
	local debs

	copy_machine filled
	rm -rf "${work:?}/filled/root/usr/lib/modules/$NYX_NEW" \
		"$work"/filled/root/boot/*"$NYX_NEW"
	in_machine filled rm -f "/var/lib/initramfs-tools/$NYX_NEW"
	rm -rf "$work/ccache"
	for debs in deb packages/newer; do
		in_machine filled env CCACHE_DIR="$NYX_IN_BUILD/packages/ccache" \
			CCACHE_COMPILERCHECK=content \
			apt-get -q -y --no-install-recommends install $(debs "$debs")
	done
	cp -a "$work/ccache" "$1"
}

# grub_configuration FOLDER: GRUB boots the machine, and update-grub makes its menu.
grub_configuration() {
	mkdir -p "$1/boot/grub"
	cat >"$1/etc/default/grub" <<-EOT
	GRUB_TIMEOUT=0
	GRUB_TERMINAL=console
	GRUB_CMDLINE_LINUX="$(parameters_for live)"
	EOT
	cat >"$1/boot/grub/grub.cfg" <<-EOT
	linux /boot/vmlinuz-$NYX_LTS root=LABEL=nyx ro $(parameters_for live)
	initrd /boot/initrd.img-$NYX_LTS
	boot
	EOT
}

# live_firmware: the files of OVMF, and a disk with Debian's GRUB, which reads what is on
# the other disk.
live_firmware() {
	cat >"$work/live/grub.cfg" <<-EOT
	search --label nyx --set root
	set prefix=(\$root)/boot/grub
	configfile \$prefix/grub.cfg
	EOT
	debian_root firmware true "${FIRMWARE_PACKAGES[@]}"
	NYX_CHROOT=$root in_chroot sh -euc 'cd "$1"
		cp /usr/share/OVMF/OVMF_CODE_4M.fd code
		cp /usr/share/OVMF/OVMF_VARS_4M.fd variables
		rm -f esp
		truncate -s 64M esp
		mkfs.vfat esp
		mmd -i esp ::/EFI ::/EFI/BOOT ::/EFI/debian
		mcopy -i esp /usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed \
			::/EFI/BOOT/BOOTX64.EFI
		mcopy -i esp grub.cfg ::/EFI/debian/' \
		sh "$NYX_IN_BUILD/packages/live"
}

# A machine in which nothing of Nyx, no DKMS, no compiler and no headers are installed. It
# has no network: apt has the files of all that is needed.
check_plain() {
	local machine=$work/live/root

	"$NYX_ROOT/scripts/initramfs.sh" "$NYX_LTS"
	"$NYX_ROOT/scripts/deb.sh" --as "$newer" --to packages/newer
	copy_plain live
	guest_configuration "$machine"
	grub_configuration "$machine"
	say 'APT::Get::Assume-Yes "true";' >"$machine/etc/apt/apt.conf.d/test"
	live_commands "$machine/nyx-test"
	fill_ccache "$machine/var/cache/ccache"
	in_machine live update-initramfs -u
	live_firmware
	rm -f "$work/live/disk"
	in_machine live sh -euc 'mount --bind / /mnt
		mke2fs -q -t ext4 -L nyx -d /mnt "$1" 4G' sh "$NYX_IN_BUILD/packages/live/disk"
}

# live VENDOR: one machine runs from the installation to the end.
live() {
	local name=live-$1 in=$NYX_IN_BUILD/packages/live

	mkdir -p "$work/$name"
	cp --reflink=auto --sparse=always "$work/live/disk" "$work/$name/disk"
	cp "$work/live/variables" "$work/$name/variables"
	run_machine "$name" 7200 "$1" "$name/disk" -m 2G \
		-drive "if=pflash,format=raw,unit=0,readonly=on,file=$in/code" \
		-drive "if=pflash,format=raw,unit=1,file=$NYX_IN_BUILD/packages/$name/variables" \
		-drive "file=$in/esp,format=raw,if=none,id=esp,snapshot=on" \
		-device nvme,serial=esp,drive=esp || true
	check_results "$name"
	rm "$work/$name/disk"
}

check_live_intel() {
	live intel
}

check_live_amd() {
	live amd
}
