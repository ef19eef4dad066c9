# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# The test machine: boots a stock kernel in QEMU and collects the results of the checks.

# machine_devices DIR: QEMU arguments for the devices. They cover every position in a
# PCI hierarchy: on the root bus, below a root port, below a PCIe-to-PCI bridge, below
# a switch, and as one of several functions. The network cards share a wire.
machine_devices() {
	local dir=$1

	cat <<-EOF
	-device pcie-root-port,id=port0,chassis=1,addr=3.0,multifunction=on
	-device pcie-root-port,id=port1,chassis=2,addr=3.1
	-device pcie-root-port,id=port2,chassis=3,addr=3.2
	-device pcie-root-port,id=port3,chassis=4,addr=3.3
	-device pcie-root-port,id=hotport,chassis=5,addr=4
	-device pcie-root-port,id=port5,chassis=6,addr=7
	-device pcie-root-port,id=port6,chassis=7,addr=8
	-drive file=$dir/nvme.img,format=raw,if=none,id=nvme,cache=unsafe
	-device nvme,serial=nvme,drive=nvme,bus=port0
	-netdev hubport,hubid=0,id=left
	-device e1000e,netdev=left,bus=port1
	-netdev hubport,hubid=0,id=right
	-device igb,netdev=right,bus=port2
	-drive file=$dir/virtio.img,format=raw,if=none,id=virtio,cache=unsafe
	-device virtio-blk-pci,drive=virtio,bus=port3,disable-legacy=on,iommu_platform=on,ats=on
	-blockdev driver=file,node-name=hot,filename=$dir/hot.img
	-device edu,addr=5,dma_mask=0xffffffffffffffff
	-device pci-testdev,addr=6.0,multifunction=on
	-device pci-testdev,addr=6.1
	-device pcie-pci-bridge,id=bridge,bus=port5
	-device edu,bus=bridge,addr=1,dma_mask=0xffffffffffffffff
	-device pci-testdev,bus=bridge,addr=2
	-device x3130-upstream,id=up,bus=port6
	-device xio3130-downstream,id=down0,bus=up,chassis=8,slot=0
	-device xio3130-downstream,id=down1,bus=up,chassis=9,slot=1
	-device pci-testdev,bus=down0
	-device pci-testdev,bus=down1
	EOF
}

# vendor_of ROW: prints the vendor of the IOMMU in that row of the matrix.
vendor_of() {
	case $1 in
	amd-*) say amd ;;
	*) say intel ;;
	esac
}

# use_vendor VENDOR: sets `unit` to QEMU's -device argument for the IOMMU, `append` to
# the kernel parameters that disable the built-in driver, and `builtin` to those that
# enable it.
use_vendor() {
	# shellcheck disable=SC2034 # callers use the variables
	case $1 in
	intel) unit=intel-iommu,aw-bits=48
	       append='intel_iommu=off intremap=off'
	       builtin='intel_iommu=on intremap=off' ;;
	# Without dma-remap DMA of QEMU's devices bypasses the IOMMU.
	amd) unit=amd-iommu,dma-remap=on append=amd_iommu=off builtin= ;;
	*) die "VENDOR=$1: use intel or amd" ;;
	esac
}

# QEMU arguments with which the kernel puts the CPUs in x2APIC mode. Without its own
# interrupt remapping the kernel does this only on a hypervisor that allows it. QEMU
# looks like VMware through the serial number and the emulated VMware port.
# shellcheck disable=SC2034 # used by rows
x2apic='-cpu qemu64,-hypervisor,+x2apic -machine vmport=on -smbios type=1,serial=VMware-0'

# pack FOLDER ARCHIVE: archives a folder. Both paths are relative to the build folder.
pack() {
	in_chroot sh -euc "cd '$NYX_IN_BUILD/$1'
		find . | cpio --quiet -o -H newc >'$NYX_IN_BUILD/$2'"
}

# hmp COMMAND: prints the QMP request that executes a monitor command.
hmp() {
	printf '{"execute": "human-monitor-command", "arguments": {"command-line": "%s"}}\n' "$1"
}

# wake EVENTS TIMES: prints the QMP request that wakes the guest, once the file EVENTS
# shows that the guest has suspended TIMES times. Gives up after a minute.
wake() {
	local tries

	for ((tries = 0; tries < 600; tries++)); do
		if [ "$(grep -c '"event": "SUSPEND"' "$1")" -ge "$2" ]; then
			hmp system_wakeup
			return
		fi
		sleep 0.1
	done
}

# boot RELEASE NAME IOMMU COMMAND-LINE THREADS LIMIT [QEMU-ARGUMENT...]
#
# Boots once, with all files in build/NAME. IOMMU is QEMU's -device argument for the
# unit, or empty. THREADS is "multi" if the guest's CPUs run in parallel, or "single"
# if they take turns. build/NAME/overlay holds the plan and the other files that are
# unpacked over the initramfs.
#
# Writes these files to build/NAME:
#   results  the results of the checks, one on each line
#   groups   the IOMMU groups, if the plan prints them
#   figures  measurements, with which other rows compare theirs
#   least    names and minimum counts, which matrix.sh compares with QEMU's trace
#   console  the kernel log
#   times    the CPU time that QEMU used
#
# Fails if the plan does not end within LIMIT seconds.
boot() {
	local rel=$1 name=$2 iommu=$3 append=$4 threads=$5 limit=$6
	local dir=$NYX_BUILD/$2 in=$NYX_IN_BUILD/$2 ended='' sleeps=0 line monitor khz
	local -a qemu more=("${@:7}")

	rm -f "$dir"/{mon.in,mon.out,groups,figures,least,console,initrd}
	: >"$dir/results"
	truncate -s 64M "$dir/nvme.img"
	truncate -s 16M "$dir/virtio.img" "$dir/hot.img"
	mkfifo "$dir/mon.in" "$dir/mon.out"
	pack "$name/overlay" "$name/overlay.cpio"
	cat "$NYX_BUILD/$rel/initramfs.cpio" "$dir/overlay.cpio" >"$dir/initrd"

	# A guest on a busy host measures a wrong frequency.
	read -r khz <"$NYX_BUILD/$rel/tsc_khz"

	# Mitigations of processor bugs cost a fifth of the time under emulation, which
	# has no such bugs.
	#
	# Without RDRAND the first user of random numbers spins until the kernel has
	# gathered enough entropy.
	# shellcheck disable=SC2054 # the commas are part of the arguments
	qemu=(qemu-system-x86_64 -accel "tcg,thread=$threads" -machine q35
	      -cpu "${NYX_CPU:-qemu64,+rdrand}" -smp 2 -m 1G -nodefaults -no-user-config
	      -display none -no-reboot -kernel "$NYX_IN_BUILD/$rel/vmlinux"
	      -initrd "$in/initrd"
	      -append "console=ttyS0 panic=-1 mitigations=off no_timer_check tsc_early_khz=$khz $append"
	      -serial "file:$in/console" -serial stdio
	      -chardev "pipe,id=mon,path=$in/mon" -mon chardev=mon,mode=control)
	[ -z "$iommu" ] || qemu+=(-device "$iommu")
	# shellcheck disable=SC2046 # word splitting is intended
	set -- $(machine_devices "$in")
	qemu+=("$@" "${more[@]}")
	printf '%s\n' "${qemu[*]@Q}" >"$dir/command"

	# The FIFO is opened for reading and writing: open() then does not wait for
	# QEMU.
	exec {monitor}<>"$dir/mon.in"
	printf '{"execute": "qmp_capabilities"}\n' >&"$monitor"
	while IFS= read -r line; do
		line=${line%$'\r'}
		case $line in
		@wake) sleeps=$((sleeps + 1)); wake "$dir/monitor" "$sleeps" >&"$monitor" & ;;
		"@hmp "*) hmp "${line#@hmp }" >&"$monitor" ;;
		"@group "*) printf '%s\n' "${line#@group }" >>"$dir/groups" ;;
		"@figure "*) printf '%s\n' "${line#@figure }" >>"$dir/figures" ;;
		"@least "*) printf '%s\n' "${line#@least }" >>"$dir/least" ;;
		@end) ended=1 ;;
		*) printf '%s\n' "$line" >>"$dir/results" ;;
		esac
	done < <(cat "$dir/mon.out" >"$dir/monitor" &
		 in_chroot timeout -k 5 "$limit" "${qemu[@]}" 2>"$dir/qemu" \
			</dev/null; times >"$dir/times")
	exec {monitor}>&-
	rm -f "$dir"/{mon.in,mon.out,initrd,overlay.cpio,*.img}
	[ -n "$ended" ]
}
