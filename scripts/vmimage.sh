#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Builds what virtual machines inside the test machine boot.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib/common.sh"
# shellcheck source-path=SCRIPTDIR
. "$NYX_ROOT/scripts/lib/source.sh"

usage() {
	cat <<USAGE
Usage: scripts/vmimage.sh [--help]

Builds the newest kernel's source with the options in scripts/guest/vm.config, once for all
clones, and writes the files that rows with vm=1 add to the initramfs of the test machine to
build/vm:
  nyx/vm/vmlinux    that kernel
  nyx/vm/initramfs  tools, the kernel's modules, and the init process scripts/guest/vm_init
  usr               QEMU with its firmware and libraries
The initramfs of the newest kernel, see scripts/initramfs.sh, must exist.
USAGE
}

QEMU=/usr/bin/qemu-system-x86_64
FIRMWARE=(/usr/share/qemu/qboot.rom /usr/share/qemu/kvmvapic.bin)
FIO=/usr/bin/fio
CONFIG=scripts/guest/vm.config

# build_kernel: leaves the image and the modules in build/vm-kernel.
build_kernel() {
	local dir=$NYX_IN_BUILD/vm-kernel missing

	in_tree make -s ARCH=x86_64 O="$dir" KCONFIG_ALLCONFIG="$NYX_IN_ROOT/$CONFIG" allnoconfig
	missing=$(comm -23 <(grep '^CONFIG_' "$NYX_ROOT/$CONFIG" | sort) \
		<(sort "$NYX_BUILD/vm-kernel/.config"))
	[ -z "$missing" ] || die "the kernel's configuration lacks: ${missing//$'\n'/ }"
	in_tree make -s ARCH=x86_64 O="$dir" -j"$(nproc)" vmlinux modules
	in_chroot strip -o "$dir/image" "$dir/vmlinux"
	find "$NYX_BUILD/vm-kernel" -type f ! -name '*.ko' ! -name image ! -name .config -delete
}

# make_tree KERNEL INITRAMFS TREE: runs in the chroot.
make_tree() {
	local kernel=$1 initramfs=$2 tree=$3.part root=$3.root file rel
	local -a files

	rm -rf "$tree" "$root"
	mkdir -p "$tree/nyx/vm" "$root"/{bin,sbin,usr/bin,usr/sbin,dev,proc,run,sys,tmp,nyx}
	cp "$kernel/image" "$tree/nyx/vm/vmlinux"
	cp /usr/bin/busybox "$root/bin/"
	chroot "$root" /bin/busybox --install -s
	mapfile -t files < <(ldd "$FIO" | sed -nE 's,^[^/]*/([^ :]*) \(.*,\1,p')
	(cd "$root" && cpio -idm --quiet "${FIO#/}" "${files[@]}" <"$initramfs")
	rel=$(find "$kernel" -name nvme.ko -exec modinfo -F vermagic {} + | cut -d' ' -f1)
	mkdir -p "$root/lib/modules/$rel"
	find "$kernel" -name '*.ko' -exec cp -t "$root/lib/modules/$rel" {} +
	depmod -b "$root" "$rel" 2>/dev/null
	cp "$NYX_ROOT/scripts/guest"/{report,devices,data}.sh "$root/nyx/"
	install -m 755 "$NYX_ROOT/scripts/guest/vm_init" "$root/init"
	(cd "$root" && find . | cpio --quiet -o -H newc) >"$tree/nyx/vm/initramfs"

	{
		printf '%s\n' "$QEMU" "${FIRMWARE[@]}"
		ldd "$QEMU" | sed -nE 's,^[^/]*(/[^ :]*) \(.*,\1,p' | sort -u
	} | while read -r file; do
		install -D -m 755 "$file" "$tree$file"
	done
	rm -rf "$3" "$root"
	mv "$tree" "$3"
}

if [ "${1:-}" = --in-chroot ]; then
	make_tree "$2" "$3" "$4"
	exit
fi
take_options
need_root
contain
load_kernels
alone vmimage
kernel_source
shared_build vm-kernel "$(cat "$NYX_ROOT/$CONFIG")" build_kernel
inputs=$({ cat "$0" "$NYX_ROOT/scripts/guest"/{vm_init,report.sh,devices.sh,data.sh} "$NYX_BUILD/vm-kernel/.base" "$NYX_BUILD/$NYX_NEW/initramfs.cpio.inputs"
	   stat -c '%s %Y' "$NYX_CHROOT$QEMU"; } | cksum)
[ "$(cat "$NYX_BUILD/vm.inputs" 2>/dev/null)" != "$inputs" ] || exit 0
in_chroot "$NYX_IN_ROOT/scripts/vmimage.sh" --in-chroot "$NYX_IN_BUILD/vm-kernel" \
	"$NYX_IN_BUILD/$NYX_NEW/initramfs.cpio" "$NYX_IN_BUILD/vm"
say "$inputs" >"$NYX_BUILD/vm.inputs"
