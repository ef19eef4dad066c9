#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Builds the initramfs that all boots of a kernel share: tools, kernel modules, checks.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib/common.sh"

usage() {
	cat <<EOF
Usage: scripts/initramfs.sh RELEASE

Writes three files to build/RELEASE:
  initramfs.cpio  the files that all boots of this kernel share. The plan and the
                  module under test differ between boots and are in a second
                  archive: see lib/machine.sh
  vmlinux         the unpacked kernel, which saves one second at each boot
  tsc_khz         the frequency of the host's time stamp counter, measured at each
                  run of this script
EOF
}

# Drivers that the checks use. Modules that they depend on are added.
MODULES=(nvme e1000e igb virtio_blk vfio-pci vfio_iommu_type1 button)

# What may be built from disks and network cards. The debug kernel has none of them.
OPTIONAL=(8021q bonding bridge dm-mod loop macvlan md-mod minix pppoe raid1)

PROGRAMS=(/usr/bin/fio /usr/bin/ip /usr/bin/kmod /usr/bin/makedumpfile /usr/sbin/dmsetup)

# Libraries that the programs link against but no check uses: network storage and
# RDMA (fio), eBPF (ip), module signatures (kmod), debug information
# (makedumpfile). They would be most of the initramfs, which a slow guest unpacks at
# each boot, and most of what the dynamic linker loads at each start of a program.
UNUSED=(libbpf.so.1 libcrypto.so.3 libdw.so.1 libelf.so.1 libgfapi.so.0 libibverbs.so.1
	libnbd.so.0 libnfs.so.14 libpmem.so.1 librados.so.2 librbd.so.1
	librdmacm.so.1)

compile() {
	local out=$1

	shift
	gcc -static -O2 -Wall -Wextra -Werror -o "$out" "$@"
}

# number FILE OFFSET SIZE: prints the little-endian number at OFFSET.
number() {
	od -An -t"u$3" -j "$2" -N "$3" "$1" | tr -d ' '
}

# unpack_kernel BZIMAGE FILE: writes the ELF image in BZIMAGE to FILE. The header
# has its position (Linux/x86 boot protocol: setup_sects, payload_offset,
# payload_length). The payload's last four bytes are its unpacked size.
unpack_kernel() {
	local start length

	start=$((($(number "$1" 0x1f1 1) + 1) * 512 + $(number "$1" 0x248 4)))
	length=$(($(number "$1" 0x24c 4) - 4))
	head -c "$((start + length))" "$1" | tail -c "$length" |
		zstd -d -q -f -o "$2"
}

# is_needed LIBRARY PROGRAM
is_needed() {
	readelf -d "$2" | grep -q "NEEDED.*\[$1\]"
}

# empty_library LIBRARY FOLDER PROGRAM...: builds a replacement for LIBRARY in FOLDER. It
# has empty functions with the names and symbol versions that the programs import.
empty_library() {
	local imported source versions

	imported=$(comm -12 \
		<(nm -D --undefined-only "${@:3}" | awk 'NF == 2 { print $2 }' | sort -u) \
		<(nm -D --defined-only "/usr/lib/x86_64-linux-gnu/$1" |
		  awk '{ sub(/@@/, "@"); print $3 }' | sort))
	source=$(sed 's/\(.*\)@.*/\1/; s/.*/void &(void) {}/' <<<"$imported")
	versions=$(awk -F@ 'NF == 2 { names[$2] = names[$2] $1 ";" }
		END { for (v in names) print v " { " names[v] " };"
		      if (!length(names)) print "{ *; };" }' \
		<<<"$imported")
	gcc -shared -fPIC -nostdlib -w -Wl,-soname,"$1" \
		-Wl,--version-script=<(say "$versions") -x c -o "$2/$1" - \
		<<<"$source"
}

# copy_libraries PROGRAM TREE: copies those that TREE does not have.
copy_libraries() {
	local file

	LD_LIBRARY_PATH=$2/lib/x86_64-linux-gnu ldd "$1" |
	sed -nE 's,^[^/]*(/[^ ]*) .*,\1,p' | grep -v "^$2/" |
	while read -r file; do
		mkdir -p "$2${file%/*}"
		cp -L "$file" "$2$file"
	done
}

# make_tree RELEASE KERNEL-DIR IMAGE GUEST-DIR TREE MODULE...: runs in the chroot.
make_tree() {
	local rel=$1 kernel=$2 image=$3 guest=$4 tree=$5 file program
	local -a needed
	shift 5

	unpack_kernel "$image" "${tree%/*}/vmlinux"
	rm -rf "$tree"
	mkdir -p "$tree"/{bin,sbin,usr/bin,usr/sbin,dev,proc,run,sys,tmp,nyx} \
		 "${tree%/*}/nyxctl" "$tree/lib/modules/$rel"
	cp /usr/bin/busybox "$tree/bin/"
	chroot "$tree" /bin/busybox --install -s
	install -m 755 "$guest/init" "$tree/init"
	cp "$guest"/*.sh "$guest/bench.ratios" "$guest/../collect-report.sh" "$tree/nyx/"
	compile "$tree/nyx/stray" "$guest"/{stray,edu,pci}.c
	compile "$tree/nyx/mapped" "$guest"/{mapped,edu,pci,vfio}.c
	compile "$tree/nyx/together" "$guest"/{together,edu,pci,vfio}.c
	compile "$tree/nyx/user" "$guest"/{user,edu,pci,vfio}.c
	compile "$tree/nyx/isolated" "$guest"/{isolated,edu,pci,vfio}.c
	compile "$tree/nyx/forge" "$guest"/{forge,edu,pci}.c
	compile "$tree/nyx/storm" "$guest"/{storm,pci}.c
	compile "$tree/nyx/physical" "$guest"/{physical,pci}.c
	compile "$tree/nyx/registers" "$guest"/{registers,pci}.c
	compile "$tree/nyx/kexec" "$guest"/kexec.c
	compile "$tree/nyx/uevent" "$guest"/{uevent,pci}.c
	compile "$tree/nyx/hwpt" "$guest"/{hwpt,cdev,pci}.c
	compile "$tree/nyx/maps" "$guest"/{maps,cdev,pci,vfio}.c
	compile "$tree/nyx/cycle" "$guest"/{cycle,edu,pci}.c
	compile "$tree/nyx/pppoe" "$guest"/pppoe.c

	mkdir -p "$tree/lib/x86_64-linux-gnu"
	for file in "${UNUSED[@]}"; do
		needed=()
		for program in "${PROGRAMS[@]}"; do
			! is_needed "$file" "$program" || needed+=("$program")
		done
		empty_library "$file" "$tree/lib/x86_64-linux-gnu" "${needed[@]}"
	done
	make -s -C "$guest/../nyxctl" OUT="${tree%/*}/nyxctl"
	cp "${tree%/*}/nyxctl/nyxctl" "$tree/usr/sbin/nyxctl"
	copy_libraries "$tree/usr/sbin/nyxctl" "$tree"
	for program in "${PROGRAMS[@]}"; do
		rm -f "$tree$program" "$tree/bin/${program##*/}"
		cp -L "$program" "$tree$program"
		copy_libraries "$program" "$tree"
	done

	# Under this name kmod acts as insmod. busybox's insmod tries a refused module
	# twice.
	mkdir -p "$tree/usr/lib/nyx"
	ln -s ../../bin/kmod "$tree/usr/lib/nyx/insmod"

	# Modules are unpacked here once, not by the slow guest at each load.
	{
		for program; do
			modprobe -d "$kernel" -S "$rel" --show-depends "$program"
		done
		for program in "${OPTIONAL[@]}"; do
			modprobe -d "$kernel" -S "$rel" --show-depends "$program" || :
		done
	} | awk '$1 == "insmod" { print $2 }' | sort -u |
	while read -r file; do
		cp "$file" "$tree/lib/modules/$rel/"
	done
	xz -d "$tree/lib/modules/$rel"/*.xz
	cp "$kernel/lib/modules/$rel/modules."{order,builtin,builtin.modinfo} \
		"$tree/lib/modules/$rel/"
	depmod -b "$tree" "$rel"
}

if [ "${1:-}" = --in-chroot ]; then
	shift
	make_tree "$@"
	exit
fi
case ${1:-} in
-h|--help) usage; exit 0 ;;
'') usage >&2; exit 2 ;;
esac
need_root
rel=$1
out=$NYX_BUILD/$rel/initramfs.cpio
alone "$rel/initramfs"

mkdir -p "$NYX_BUILD/$rel"
in_chroot sh -euc "gcc -O2 -Wall -Wextra -Werror -o /tmp/tsc \
		'$NYX_IN_ROOT/scripts/host/tsc.c'
	/tmp/tsc" >"$NYX_BUILD/$rel/tsc_khz.part"
mv "$NYX_BUILD/$rel/tsc_khz.part" "$NYX_BUILD/$rel/tsc_khz"

# Nothing is rebuilt while the inputs are the same.
image=$(vmlinuz_of "$rel")
inputs=$({ cat "$0" "$NYX_ROOT"/scripts/{collect-report.sh,guest/*.*,guest/init,nyxctl/*.[ch],nyxctl/*/*.[ch],nyxctl/Makefile,parsers/sources,parsers/include/*/*}
	   cat "$NYX_ROOT"/drivers/iommu/nyx/{firmware,vtd,amd}/*.[ch]
	   stat -c '%s %Y' "$NYX_CACHE${image#"$NYX_IN_CACHE"}"; } | cksum)
[ ! -e "$out" ] || [ ! -e "$NYX_BUILD/$rel/vmlinux" ] || [ "$(cat "$out.inputs" 2>/dev/null)" != "$inputs" ] ||
	exit 0
rm -f "$out.inputs"
in_chroot "$NYX_IN_ROOT/scripts/initramfs.sh" --in-chroot "$rel" \
	"$NYX_IN_KERNELS/$rel" "$image" "$NYX_IN_ROOT/scripts/guest" \
	"$NYX_IN_BUILD/$rel/initramfs" "${MODULES[@]}" \
	>"$NYX_BUILD/$rel/initramfs.log" 2>&1 ||
	die "cannot build the initramfs: see $NYX_BUILD/$rel/initramfs.log"
in_chroot sh -euc "cd '$NYX_IN_BUILD/$rel/initramfs'
	find . | cpio --quiet -o -H newc >'$NYX_IN_BUILD/$rel/initramfs.cpio'"
rm -rf "$NYX_BUILD/$rel/initramfs"
say "$inputs" >"$out.inputs"
