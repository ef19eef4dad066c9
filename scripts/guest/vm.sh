# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC2034,SC2154 # the parts share variables
# Virtual machines inside the test machine: QEMU, which emulates, with a device of the test
# machine. The files of each machine are in /tmp/vm-NAME: console (its kernel log), output (what
# its commands print) and qmp (what QEMU's monitor prints).

VM_IDS=0
VM_CRASHES=0

# vm_khz: prints the frequency of the time stamp counter, which the host measured.
vm_khz() {
	sed -nE 's/.*tsc_early_khz=([0-9]+).*/\1/p' /proc/cmdline
}

# vm_start NAME ARGUMENT...: starts QEMU.
vm_start() {
	local dir=/tmp/vm-$1

	shift
	rm -rf "$dir"
	mkdir -p "$dir"
	mkfifo "$dir/com.in" "$dir/com.out" "$dir/mon.in" "$dir/mon.out"
	: >"$dir/output"
	: >"$dir/console"
	# The readers hold both ends, so they do not end before QEMU has opened its own.
	cat <>"$dir/com.out" >"$dir/output" &
	echo $! >"$dir/readers"
	cat <>"$dir/mon.out" >"$dir/qmp" &
	echo $! >>"$dir/readers"
	qemu-system-x86_64 -machine q35,accel=tcg -cpu qemu64,+rdrand -m 192M -nodefaults \
		-no-user-config -display none -bios qboot.rom \
		-kernel /nyx/vm/vmlinux -initrd /nyx/vm/initramfs \
		-append "console=ttyS0 mitigations=off no_timer_check tsc_early_khz=$(vm_khz)" \
		-chardev "file,id=log,path=$dir/console" -serial chardev:log \
		-chardev "pipe,id=com,path=$dir/com" -serial chardev:com \
		-chardev "pipe,id=mon,path=$dir/mon" -mon chardev=mon,mode=control \
		-device pcie-root-port,id=vmport,chassis=1 "$@" >"$dir/qemu" 2>&1 &
	echo $! >"$dir/pid"
}

# vm_pid NAME
vm_pid() {
	cat "/tmp/vm-$1/pid"
}

vm_runs() {
	kill -0 "$(vm_pid "$1")" 2>/dev/null &&
		! grep -q 'Kernel panic' "/tmp/vm-$1/console"
}

# vm_why NAME: prints the end of its kernel log, and what QEMU reported.
vm_why() {
	tail -q -n 2 "/tmp/vm-$1/console" "/tmp/vm-$1/qemu" "/tmp/vm-$1/output" | tr '\n\r' '; '
}

# vm_ready NAME TIMES: its init process has started TIMES times. On a busy host this takes minutes.
vm_ready() {
	local end=$(($(seconds) + 900))

	until [ "$(grep -c '^@ready' "/tmp/vm-$1/output")" -ge "$2" ]; do
		vm_runs "$1" && [ "$(seconds)" -lt $end ] || return 1
		sleep 0.5
	done
}

# vm_boot NAME ARGUMENT...: starts a machine, and again if it crashes before its init process
# starts, which it does now and then without any device. Its kernel has no driver for the
# device until then, and its firmware has none.
vm_boot() {
	local tries=0 name=$1 begin

	while [ $tries -lt 4 ]; do
		begin=$(seconds)
		vm_start "$@"
		if vm_ready "$name" 1; then
			note "$name: started in $(($(seconds) - begin)) s"
			return
		fi
		note "$name: crashed while it started: $(vm_why "$name")"
		VM_CRASHES=$((VM_CRASHES + 1))
		vm_kill "$name"
		tries=$((tries + 1))
	done
	return 1
}

# vm_send NAME COMMAND: has the machine run COMMAND, whose number is then VM_IDS.
vm_send() {
	VM_IDS=$((VM_IDS + 1))
	echo "$VM_IDS $2" 1<>"/tmp/vm-$1/com.in"
}

# vm_status NAME ID: prints the status of that command, once it has ended.
vm_status() {
	sed -n "s/^@done $2 \([0-9]*\).*/\1/p" "/tmp/vm-$1/output"
}

# vm_do NAME COMMAND: runs COMMAND in the machine, and returns its status, or 99 if the machine
# crashed.
vm_do() {
	local end=$(($(seconds) + 900)) id

	vm_send "$1" "$2"
	id=$VM_IDS
	while [ -z "$(vm_status "$1" $id)" ]; do
		vm_runs "$1" && [ "$(seconds)" -lt $end ] || return 99
		sleep 0.3
	done
	return "$(vm_status "$1" $id)"
}

# vm_qmp NAME COMMAND [ARGUMENTS]: has QEMU's monitor execute COMMAND. Its event EVENT is awaited
# with vm_event.
vm_qmp() {
	local dir=/tmp/vm-$1

	if ! [ -e "$dir/negotiated" ]; then
		: >"$dir/negotiated"
		echo '{"execute": "qmp_capabilities"}' 1<>"$dir/mon.in"
	fi
	VM_IDS=$((VM_IDS + 1))
	echo "{\"execute\": \"$2\", \"id\": $VM_IDS, \"arguments\": {${3:-}}}" 1<>"$dir/mon.in"
	until_true grep -q "\"id\": ${VM_IDS}[,}]" "$dir/qmp" &&
		! grep "\"id\": ${VM_IDS}[,}]" "$dir/qmp" | grep '"error"' >&2
}

# vm_event NAME EVENT DEVICE: QEMU has reported it.
vm_event() {
	grep "\"event\": \"$2\"" "/tmp/vm-$1/qmp" | grep -q "\"device\": \"$3\""
}

# vm_kill NAME: kills QEMU, and waits for its end.
vm_kill() {
	local pid

	pid=$(vm_pid "$1")
	kill -9 "$pid" 2>/dev/null
	wait "$pid" 2>/dev/null
	# shellcheck disable=SC2046 # words
	kill $(cat "/tmp/vm-$1/readers") 2>/dev/null
	rm -f "/tmp/vm-$1/negotiated"
}

# ways: prints how QEMU gets its devices on this kernel: by containers of VFIO, or by IOMMUFD.
ways() {
	if has_iommufd; then
		echo iommufd
	else
		echo type1
	fi
}

# vm_objects WAY: prints the arguments that QEMU needs once.
vm_objects() {
	[ "$1" = type1 ] || echo "-object iommufd,id=iommufd"
}

# vm_device WAY DEVICE: prints the argument of -device.
vm_device() {
	echo "vfio-pci,id=dev,bus=vmport,host=$2$([ "$1" = type1 ] || echo ,iommufd=iommufd)"
}

# bind_machine DEVICE: binds it to vfio-pci for a virtual machine.
bind_machine() {
	if has_iommufd; then
		unbind "$1"
		modprobe vfio-pci
		echo vfio-pci >"$PCI/$1/driver_override"
		bind "$1"
	else
		unbind "$1"
		bind_vfio "$1"
	fi
}

# is_given DEVICE: its domain has the memory of a virtual machine.
is_given() {
	columns "$DEBUGFS/domains" domain type mapped_bytes | awk -v id="$(domain_of "$1")" '
		$1 == id && $2 == "unmanaged" && $3 >= 192 * 1024 * 1024 { found = 1 }
		END { exit !found }'
}

# begin_machines NAME...: loads the module and binds the devices in these variables for virtual
# machines.
begin_machines() {
	local name dev

	find_devices
	modprobe nvme
	modprobe igb
	modprobe e1000e
	unbind_workers
	check load "$(dmesg | tail -n 2)" nyx_load
	for name; do
		eval "dev=\$$name"
		check "vfio-binds-$dev" "vfio-pci did not bind" bind_machine "$dev"
	done
	HELD=$(held)
}

# end_machines DEVICE...
end_machines() {
	local dev

	context=
	note "$VM_CRASHES machines crashed before they used a device"
	check nothing-is-held "$(held | xargs), not $(echo "$HELD" | xargs)" \
		until_true held_are "$HELD"
	for dev; do
		unbind_vfio "$dev"
	done
	load_drivers
	bind_workers
	check_unload
	check log-is-clean "the kernel log has warnings" kernel_is_clean
}
