# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2016,SC2154 # other shells, and packages.sh, have the variables
# The check of the packages lane that boots with Secure Boot: Debian's shim, GRUB and
# kernel, verified by OVMF with Microsoft's keys.

# debootstrap does not find python3-cffi-backend, which another package provides.
FIRMWARE_PACKAGES=(ovmf python3-virt-firmware python3-cffi-backend dosfstools mtools
		   openssl shim-signed grub-efi-amd64-signed)

# The owner's name that goes with the key; any will do.
OWNER=605dab50-e046-4300-abb6-3dd810dd8b23

# secure_disk: a disk that starts Debian's kernel with the initramfs of the machine, to
# which secureboot.sh and a module without signature are added.
secure_disk() {
	local dir=$work/secureboot path

	rm -rf "$dir"
	mkdir -p "$dir/tree"
	path=$(with_machine sh -euc 'cd "$1/secureboot"
		unmkinitramfs "$1/boot/initrd" initrd
		find initrd -name "nyx_iommu.ko*"
		cp /var/lib/dkms/mok.pub "/boot/vmlinuz-$2" .' \
		sh "$NYX_IN_BUILD/packages" "$NYX_LTS")
	case $path in
	*.xz) xz -dc "$dir/$path" >"$dir/tree/unsigned.ko" ;;
	*) cp "$dir/$path" "$dir/tree/unsigned.ko" ;;
	esac
	# The signature is behind the end of the ELF file, which strip writes again.
	in_chroot strip --strip-debug "$NYX_IN_BUILD/packages/secureboot/tree/unsigned.ko"
	install -m 755 "$NYX_ROOT/scripts/packages/secureboot.sh" "$dir/tree/test"
	pack packages/secureboot/tree packages/secureboot/tree.cpio
	cp "$work/boot/initrd" "$dir/initrd.img"
	truncate -s %4 "$dir/initrd.img"
	cat "$dir/tree.cpio" >>"$dir/initrd.img"
	cat >"$dir/grub.cfg" <<-EOT
	linux /vmlinuz rdinit=/test console=ttyS0 $(off_for intel)
	initrd /initrd.img
	boot
	EOT
	debian_root firmware true "${FIRMWARE_PACKAGES[@]}"
	NYX_CHROOT=$root in_chroot sh -euc 'cd "$1"
		openssl x509 -inform der -in mok.pub -out mok.pem
		cp /usr/share/OVMF/OVMF_CODE_4M.ms.fd code
		cp /usr/share/OVMF/OVMF_VARS_4M.ms.fd variables.unknown
		virt-fw-vars -i variables.unknown -o variables.enrolled --add-mok "$3" mok.pem
		truncate -s 128M disk
		mkfs.vfat disk
		mmd -i disk ::/EFI ::/EFI/BOOT ::/EFI/debian
		mcopy -i disk /usr/lib/shim/shimx64.efi.signed ::/EFI/BOOT/BOOTX64.EFI
		mcopy -i disk /usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed \
			::/EFI/BOOT/grubx64.efi
		mcopy -i disk grub.cfg ::/EFI/debian/
		mcopy -i disk "vmlinuz-$2" ::/vmlinuz
		mcopy -i disk initrd.img ::/' \
		sh "$NYX_IN_BUILD/packages/secureboot" "$NYX_LTS" "$OWNER"
}

# secure_boot VARIABLES: boots with these variables of the firmware, and prints what
# secureboot.sh reports.
secure_boot() {
	# shellcheck disable=SC2034 # use_vendor sets them all
	local dir=$work/secureboot in=$NYX_IN_BUILD/packages/secureboot unit append builtin

	use_vendor intel
	rm -f "$dir/$1".*
	in_chroot timeout -k 5 1800 qemu-system-x86_64 -accel tcg,thread=multi \
		-machine q35,smm=on -cpu qemu64,+rdrand -smp 1 -m 1G -nodefaults \
		-no-user-config -display none -no-reboot \
		-global driver=cfi.pflash01,property=secure,value=on \
		-drive "if=pflash,format=raw,unit=0,readonly=on,file=$in/code" \
		-drive "if=pflash,format=raw,unit=1,file=$in/variables.$1" \
		-drive "file=$in/disk,format=raw,if=none,id=disk,snapshot=on" \
		-device nvme,serial=disk,drive=disk -device "$unit" \
		-serial "file:$in/$1.console" -serial "file:$in/$1.results" \
		</dev/null >"$dir/$1.qemu" 2>&1 || true
	tr -d '\r' <"$dir/$1.results"
}

# A module that DKMS signed is refused until its key is enrolled, and accepted then. One
# without a signature is always refused.
check_secureboot() {
	local out unsigned='^unsigned: refused: .*Loading of unsigned module is rejected'

	secure_disk
	out=$(secure_boot unknown)
	say "$out"
	grep -q '^lockdown: .*\[integrity\]' <<<"$out" || die "the kernel is not locked down"
	grep -q "$unsigned" <<<"$out" || die "a module without signature is not refused"
	grep -q '^signed: refused: .*module with unavailable key is rejected' <<<"$out" ||
		die "a module with an unknown key is not refused"
	out=$(secure_boot enrolled)
	say "$out"
	grep -q "$unsigned" <<<"$out" || die "a module without signature is not refused"
	grep -q '^signed: loaded' <<<"$out" ||
		die "a module with an enrolled key is refused"
}
