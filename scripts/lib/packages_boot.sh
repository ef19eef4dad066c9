# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2016,SC2046,SC2154
# SC2016: other shells expand it; SC2046: word splitting is intended; SC2154: packages.sh
# has the variables
# Checks of the packages lane that boot a Debian machine with the packages in QEMU.

# guest_configuration FOLDER: what the tests change in that machine.
guest_configuration() {
	local etc=$1/etc

	say 'LABEL=nyx / ext4 defaults 0 1' >"$etc/fstab"
	say nyx >"$etc/hostname"
	# A small initramfs, because the emulated machine builds it again.
	say 'MODULES=list' >"$etc/initramfs-tools/conf.d/test"
	printf '%s\n' ext4 nvme >>"$etc/initramfs-tools/modules"
	# The host may be slow.
	mkdir -p "$etc/systemd/system.conf.d" "$etc/systemd/system/multi-user.target.wants"
	printf '[Manager]\nDefaultTimeoutStartSec=%s\nDefaultDeviceTimeoutSec=%s\n' \
		30min 30min >"$etc/systemd/system.conf.d/test.conf"
	cat >"$etc/systemd/system/test.service" <<-EOT
	[Service]
	Type=exec
	ExecStart=/bin/sh /nyx-test/guest.sh
	StandardOutput=file:/dev/ttyS1
	EOT
	ln -s ../test.service "$etc/systemd/system/multi-user.target.wants/"
	ln -s /dev/null "$etc/systemd/system/apt-daily.timer"
	ln -s /dev/null "$etc/systemd/system/apt-daily-upgrade.timer"
	mkdir "$1/nyx-test"
	cp "$NYX_ROOT"/scripts/packages/{guest,live}.sh "$1/nyx-test/"
	# The program that makes edu write to memory.
	in_chroot cpio -i --quiet --to-stdout '*nyx/stray' \
		<"$NYX_BUILD/$NYX_LTS/initramfs.cpio" >"$1/nyx-test/stray"
	[ -s "$1/nyx-test/stray" ] || die "the initramfs of the test machine has no stray"
	chmod 755 "$1/nyx-test/stray"
}

# The packages are installed in a machine with Debian's kernel, whose disk becomes an image.
check_image() {
	local machine=$work/boot/root

	"$NYX_ROOT/scripts/initramfs.sh" "$NYX_LTS"
	copy_machine boot
	rm -rf "${machine:?}/usr/lib/modules/$NYX_NEW" "${machine:?}"/boot/*"$NYX_NEW"
	in_machine boot rm -f "/var/lib/initramfs-tools/$NYX_NEW"
	apt_in boot install $(debs deb)
	guest_configuration "$machine"
	sed -i 's/^#options nyx_iommu max_faults=.*/options nyx_iommu max_faults=3/' \
		"$machine/etc/modprobe.d/nyx-iommu.conf"
	in_machine boot update-initramfs -u
	cp "$machine/boot/initrd.img-$NYX_LTS" "$work/boot/initrd"
	# Mounts of in_chroot are left out of a bind mount.
	rm -f "$work/boot/disk"
	in_machine boot sh -euc 'mount --bind / /mnt
		rm -rf /mnt/usr/src/linux-headers-* /mnt/var/cache/apt
		mke2fs -q -t ext4 -L nyx -d /mnt "$1" 2G' sh "$NYX_IN_BUILD/packages/boot/disk"
}

# parameters_for PLAN: the kernel parameters of such a machine.
parameters_for() {
	local khz

	read -r khz <"$NYX_BUILD/$NYX_LTS/tsc_khz"
	say "console=ttyS0 panic=-1 mitigations=off no_timer_check tsc_early_khz=$khz" \
		"systemd.service_watchdogs=0 udev.event_timeout=1800 nyx_test=$1"
}

# run_machine NAME LIMIT VENDOR DISK [QEMU-ARGUMENT...]: runs a machine with that disk for
# at most LIMIT seconds, with all files in build/packages/NAME.
run_machine() {
	local dir=$work/$1 in=$NYX_IN_BUILD/packages/$1 limit=$2 disk=$4 unit append builtin
	local -a qemu

	use_vendor "$3"
	shift 4
	mkdir -p "$dir"
	rm -f "$dir"/{console,results}
	# Debian's kernels contain the driver virtio-pci, so it is bound before any module can
	# be loaded.
	# shellcheck disable=SC2054 # the commas are part of the arguments
	qemu=(qemu-system-x86_64 -accel tcg,thread=multi -machine q35
	      -cpu qemu64,+rdrand -smp 2 -nodefaults -no-user-config -display none
	      -serial "file:$in/console" -serial "file:$in/results"
	      -device "$unit" -device edu,addr=5,dma_mask=0xffffffffffffffff
	      -device pcie-root-port,id=port0,chassis=1,addr=3
	      -drive "file=$NYX_IN_BUILD/packages/$disk,format=raw,if=none,id=root,cache=unsafe"
	      -device nvme,serial=root,drive=root,bus=port0)
	in_chroot timeout -k 5 "$limit" "${qemu[@]}" "$@" 2>"$dir/qemu" </dev/null
}

# start_machine NAME VENDOR DISK INITRD APPEND PLAN [QEMU-ARGUMENT...]: boots it, until the
# plan ends or for half an hour.
start_machine() {
	local name=$1 vendor=$2 disk=$3 initrd=$4 parameters=$5 plan=$6

	shift 6
	run_machine "$name" 1800 "$vendor" "$disk" -m 1G -no-reboot \
		-kernel "$NYX_IN_BUILD/$NYX_LTS/vmlinux" \
		-initrd "$NYX_IN_BUILD/packages/$initrd" \
		-append "root=LABEL=nyx ro $(parameters_for "$plan") $parameters" "$@"
}

# check_boot NAME ...: the same; fails unless all checks of the plan succeed.
check_boot() {
	start_machine "$@" || true
	check_results "$1"
}

# check_results NAME: fails unless all checks of the plan succeeded in that machine.
check_results() {
	local dir=$work/$1 counted

	cat "$dir/results"
	! grep -a '^not ok ' "$dir/results" || die "a check failed; see $dir/console"
	grep -qax $'end\r*' "$dir/results" ||
		die "the plan did not end; see $dir/console: $(tail -n 3 "$dir/console")"
	! grep -aE "$TROUBLE" "$dir/console" || die "the kernel log has a warning"
	counted=$(grep -ac '^ok ' "$dir/results") || true
	[ "$counted" -gt 0 ] || die "there was no check"
}

off_for() {
	# shellcheck disable=SC2034 # use_vendor sets them all
	local unit append builtin

	use_vendor "$1"
	say "$append"
}

check_intel() {
	check_boot intel intel boot/disk boot/initrd "$(off_for intel)" translated -snapshot
}

check_amd() {
	check_boot amd amd boot/disk boot/initrd "$(off_for amd)" translated -snapshot
}

check_builtin() {
	check_boot builtin intel boot/disk boot/initrd 'intel_iommu=on' builtin -snapshot
}

# The disk is purged while the module is loaded, and boots again with what is left.
check_purged() {
	cp --reflink=auto "$work/boot/disk" "$work/boot/purged"
	check_boot purge amd boot/purged boot/initrd "$(off_for amd)" purge
	with_machine debugfs -R \
		"dump /boot/initrd.img-$NYX_LTS $NYX_IN_BUILD/packages/boot/initrd.purged" \
		"$NYX_IN_BUILD/packages/boot/purged"
	check_boot normal amd boot/purged boot/initrd.purged '' normal
	rm "$work/boot/purged"
}

# hanging_initramfs: boot/initrd.hang, in which loading the module never ends.
hanging_initramfs() {
	local path

	mkdir -p "$work/hang"
	cp "$NYX_ROOT"/scripts/packages/hang/* "$work/hang/"
	in_chroot make -s -C "$(headers_of "$NYX_LTS")" M="$NYX_IN_BUILD/packages/hang" modules
	path=$(with_machine lsinitramfs "$NYX_IN_BUILD/packages/boot/initrd" |
		grep '/nyx_iommu\.ko')
	rm -rf "$work/hang/tree"
	mkdir -p "$work/hang/tree/${path%/*}"
	case $path in
	*.xz) xz --check=crc32 -c "$work/hang/nyx_iommu.ko" >"$work/hang/tree/$path" ;;
	*) cp "$work/hang/nyx_iommu.ko" "$work/hang/tree/$path" ;;
	esac
	# The kernel unpacks one archive after the other, each aligned to four bytes.
	pack packages/hang/tree packages/hang/tree.cpio
	cp "$work/boot/initrd" "$work/boot/initrd.hang"
	truncate -s %4 "$work/boot/initrd.hang"
	cat "$work/hang/tree.cpio" >>"$work/boot/initrd.hang"
}

# Without a parameter the machine does not get past the initramfs.
check_hang() {
	local console=$work/hangs/console tries

	hanging_initramfs
	start_machine hangs intel boot/disk boot/initrd.hang "$(off_for intel)" off \
		-snapshot &
	for ((tries = 0; tries < 1800; tries++)); do
		! grep -qa 'loading hangs since 60 s' "$console" 2>/dev/null || break
		kill -0 $! 2>/dev/null || break
		sleep 1
	done
	kill $! || true
	wait || true
	grep -a 'loading hangs since 60 s' "$console" ||
		die "the module does not hang; see $console"
	! grep -aE 'EXT4-fs|systemd\[1\]: ' "$console" ||
		die "the machine boots all the same"
}

# With nyx=off it boots.
check_off() {
	[ -e "$work/boot/initrd.hang" ] || hanging_initramfs
	check_boot off intel boot/disk boot/initrd.hang "$(off_for intel) nyx=off" off \
		-snapshot
}

# So it does with the kernel's own parameter.
check_blacklist() {
	[ -e "$work/boot/initrd.hang" ] || hanging_initramfs
	check_boot blacklist intel boot/disk boot/initrd.hang \
		"$(off_for intel) module_blacklist=nyx_iommu" absent -snapshot
}
