# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC2034,SC2153,SC2154,SC2317 # the parts share variables; checks are called by name
# The commands in the documents. The host wrote each block to a file: those of
# Documentation/examples.md to /nyx/examples/example/examples-EXAMPLE-BLOCK, and those of other
# documents that the guest runs to /nyx/examples/guest.

# The names in the document, and the test machine's devices.
find_placeholders() {
	# It may have another name after its driver was bound again.
	DISK=$(block_device "$NVME")
	cat >/tmp/placeholders <<-END
	s,0000:01:00\\.0,@NVME@,g
	s,/dev/nvme0n1,@DISK@,g
	s,0000:11:00\\.0,@NVME2@,g
	s,0000:02:00\\.0,@E1000E@,g
	s,0000:03:00\\.0,@IGB@,g
	s,0000:05:00\\.0,@GPU@,g
	s,0000:05:00\\.1,@AUDIO@,g
	s,0000:06:00\\.0,@EDU@,g
	s,@NVME@,$NVME,g
	s,@DISK@,$DISK,g
	s,@NVME2@,$NVME2,g
	s,@E1000E@,$E1000E,g
	s,@IGB@,$IGB,g
	s,@GPU@,$GPU,g
	s,@AUDIO@,$AUDIO,g
	s,@EDU@,$EDU,g
	s,domain == 5,domain == $(domain_of "$NVME"),g
	END
}

# run_block FILE: runs the commands with the test machine's devices. Each must succeed.
# nyxctl may report that something needs attention.
run_block() {
	{
		echo 'nyxctl() { command nyxctl "$@" || [ $? = 1 ]; }'
		sed -f /tmp/placeholders "/nyx/examples/$1"
	} >/tmp/block
	timeout 300 sh -eu /tmp/block >/tmp/shown 2>&1
}

# shows PATTERN: the block printed it.
shows() {
	grep -qE "$1" /tmp/shown
}

# check_block FILE
check_block() {
	if run_block "$1"; then
		ok "block-${1##*-}"
	else
		not_ok "block-${1##*-}" "$(tail -n 3 /tmp/shown)"
	fi
}

# check_example_driver DEVICE DRIVER
check_example_driver() {
	check "driver-of-$1" "$(driver_of "$1")" [ "$(driver_of "$1")" = "$2" ]
}

# patiently COMMAND...: repeats COMMAND until it succeeds, for up to five minutes. Machines within
# a machine take long, and so does Prometheus.
patiently() {
	local tries=0

	until until_true "$@"; do
		tries=$((tries + 1))
		[ $tries -lt 15 ] || return 1
	done
}

has_function() {
	case $(command -V "$1" 2>/dev/null) in
	*function*) ;;
	*) return 1 ;;
	esac
}

# check_example N: runs the blocks of the example in order. Before the first one it calls
# before_example_N, if that exists, and after the block M check_example_N_M.
check_example() {
	local block m=1 checks=0

	context="example $1: "
	until_true has_block_device "$NVME"
	find_placeholders
	! has_function "before_example_$1" || "before_example_$1"
	while block=example/examples-$1-$m; [ -e "/nyx/examples/$block" ]; do
		check_block "$block"
		if has_function "check_example_$1_$m"; then
			"check_example_$1_$m"
			checks=$((checks + 1))
		fi
		sed "s/^/# $1-$m: /" /tmp/shown
		m=$((m + 1))
	done
	! has_function "after_example_$1" || "after_example_$1"
	check has-checks "nothing proves its purpose" [ $checks -gt 0 ]
	check leaves-no-override "$(overrides)" [ -z "$(overrides)" ]
	context=
}

check_examples() {
	local n=0

	NVME2=$(find_pci 1b36 0010 2)
	GPU=$(find_pci 1234 1111)
	AUDIO=$(find_pci 8086 2668)
	WORKERS="$WORKERS NVME2"
	unbind_workers
	# What a distribution has and the initramfs has not.
	mkdir -p /etc/udev/rules.d /etc/cron.daily /var/log /root
	# The examples of quarantine need the default policy.
	QUARANTINE=1
	if ! nyx_load; then
		not_ok load "$(cat /tmp/insmod; dmesg | tail -n 2)"
		return
	fi
	check drivers-bind "a driver did not bind" bind_workers
	while [ -e "/nyx/examples/example/examples-$((n + 1))-1" ]; do
		n=$((n + 1))
		check_example $n
	done
	check fifteen-examples "$n examples" [ $n = 15 ]
	check_unload
}

# read_disk: reads a disk until /tmp/stop exists.
read_disk() {
	until_true has_block_device "$NVME"
	while [ ! -e /tmp/stop ]; do
		dd if="$(block_device "$NVME")" of=/dev/null bs=64k count=16 iflag=direct 2>/dev/null
		sleep 0.1
	done
}

# check_commands: the commands of other documents succeed, while a disk is read, or after all
# drivers were unbound if a block detaches.
check_commands() {
	local file block reader ran=0

	for file in /nyx/examples/guest/*; do
		block=guest/${file##*/}
		context="document ${file##*/}: "
		is_loaded || check load "$(dmesg | tail -n 2)" nyx_load
		if grep -q detach "$file"; then
			unbind_workers
			check_block "$block"
			check unloads "it is loaded" fails is_loaded
		else
			check drivers-bind "a driver did not bind" bind_workers
			rm -f /tmp/stop
			read_disk &
			reader=$!
			until_true has_block_device "$NVME"
			find_placeholders
			check_block "$block"
			touch /tmp/stop
			wait $reader
		fi
		sed "s/^/# /" /tmp/shown
		ran=$((ran + 1))
	done
	context=
	check commands-ran "$ran blocks" [ $ran -gt 3 ]
	! is_loaded || check_unload
}

# Checks of single examples.

# has_machine DEVICE: its domain has the memory of a virtual machine. The machine's firmware
# removes parts of it and adds them again.
has_machine() {
	columns "$DEBUGFS/domains" domain type mapped_bytes | awk -v id="$(domain_of "$1")" '
		$1 == id && $2 == "unmanaged" && $3 >= 262144000 { found = 1 }
		END { exit !found }'
}

# is_isolated DEVICE ISOLATION
is_isolated() {
	[ "$(columns "$DEBUGFS/devices" device isolation | sed -n "s/^$1 //p")" = "$2" ]
}

check_has_machine() {
	check "$1-has-machine" "$(grep " unmanaged " "$DEBUGFS/domains")" until_true has_machine "$1"
}

check_example_1_1() {
	check prints-line "$(tail -n 3 /tmp/shown)" shows "^-device vfio-pci,host=$IGB\$"
	check_example_driver "$IGB" vfio-pci
}

check_example_1_2() {
	check names-process "$(tail -n 3 /tmp/shown)" shows "^$IGB .*:qemu-system-x86"
	check_has_machine "$IGB"
}

check_example_1_3() {
	check_example_driver "$IGB" igb
}

check_example_2_1() {
	local dev bus

	for dev in $E1000E $IGB $NVME; do
		check_example_driver "$dev" vfio-pci
		bus=${dev#*:}
		check "prints-$dev" "$(cat /tmp/shown)" shows "<address domain='0x0000' bus='0x${bus%%:*}' "
	done
}

check_example_2_2() {
	check_example_driver "$E1000E" e1000e
	check_example_driver "$IGB" igb
	check_example_driver "$NVME" nvme
}

check_example_3_1() {
	check_example_driver "$GPU" vfio-pci
	check_example_driver "$AUDIO" vfio-pci
	check one-group "$(group_of "$AUDIO")" [ "$(group_of "$GPU")" = "$(group_of "$AUDIO")" ]
	check prints-both "$(cat /tmp/shown)" shows "^-device vfio-pci,host=$AUDIO"
}

check_example_3_2() {
	check gpu-is-released "it has a driver" is_unbound "$GPU"
	check audio-is-released "it has a driver" is_unbound "$AUDIO"
}

check_example_4_1() {
	check_has_machine "$E1000E"
	check shared "$(isolation_of "$E1000E")" is_isolated "$E1000E" SHARED
	check same-domain "$(domain_of "$IGB")" [ "$(domain_of "$E1000E")" = "$(domain_of "$IGB")" ]
	check shows-it "$(cat /tmp/shown)" shows "$IGB .* SHARED "
}

check_example_4_2() {
	check policy "$(cat "$PCI/$IGB/nyx/policy")" \
		grep -q "vfio_action=quarantine scope=domain" "$PCI/$IGB/nyx/policy"
}

check_example_4_3() {
	check_example_driver "$IGB" igb
	check policy-again "$(cat "$PCI/$IGB/nyx/policy")" \
		grep -q "vfio_action=log scope=device" "$PCI/$IGB/nyx/policy"
}

check_example_5_1() {
	local dev

	for dev in $E1000E $IGB; do
		check_has_machine "$dev"
		check "$dev-is-strict" "$(isolation_of "$dev")" is_isolated "$dev" STRICT
	done
	check two-domains "both have $(domain_of "$IGB")" \
		[ "$(domain_of "$E1000E")" != "$(domain_of "$IGB")" ]
	check two-processes "$(cat /tmp/shown)" \
		[ "$(grep -oE '[0-9]+:qemu-system-x86' /tmp/shown | sort -u | wc -l)" = 2 ]
}

check_example_5_2() {
	check_example_driver "$E1000E" e1000e
	check_example_driver "$IGB" igb
}

# make_bootable DISK TEXT: writes a boot sector that prints TEXT on the serial port.
make_bootable() {
	{
		# xor ax,ax; mov ds,ax; mov si,0x7c15; next: lodsb; test al,al; jz end;
		# mov dx,0x3f8; out dx,al; jmp next; end: hlt; jmp end
		printf '\061\300\216\330\276\025\174\254\204\300\164\006\272\370\003\356'
		printf '\353\365\364\353\375%s\n' "$2"
		dd if=/dev/zero bs=512 count=1
	} 2>/dev/null | head -c 510 >/tmp/sector
	printf '\125\252' >>/tmp/sector
	dd if=/tmp/sector of="$1" bs=512 conv=fsync 2>/dev/null
}

before_example_6() {
	until_true has_block_device "$NVME2"
	make_bootable "$(block_device "$NVME")" "the first disk has booted"
	make_bootable "$(block_device "$NVME2")" "the second disk has booted"
}

check_example_6_1() {
	check first-boots "$(cat /run/vm1.log)" \
		patiently grep -q "the first disk has booted" /run/vm1.log
	check second-boots "$(cat /run/vm2.log)" \
		patiently grep -q "the second disk has booted" /run/vm2.log
	check no-fault "$(cat "$PCI/$NVME/nyx/faults" "$PCI/$NVME2/nyx/faults")" \
		[ "$(cat "$PCI/$NVME/nyx/faults" "$PCI/$NVME2/nyx/faults")" = "0
0" ]
}

check_example_6_2() {
	check_example_driver "$NVME" nvme
	check_example_driver "$NVME2" nvme
}

check_example_7_1() {
	check is-gone "it is still there" is_gone "$E1000E"
	check is-not-shown "it is still shown" fails grep -q "^$E1000E " "$DEBUGFS/devices"
}

check_example_7_2() {
	check_example_driver "$E1000E" e1000e
	check is-translated "$(cat /tmp/shown)" shows "^$E1000E .* translated +0 +ACTIVE"
}

check_example_8_1() {
	check_example_driver "$IGB" vfio-pci
}

check_example_8_2() {
	check uses-virtual-addresses "$(cat /tmp/shown)" shows "Selected IOVA mode 'VA'"
	check sends-packets "$(cat /tmp/shown)" shows 'TX-packets: [1-9]'
	check no-fault "$(cat "$PCI/$IGB/nyx/faults")" [ "$(cat "$PCI/$IGB/nyx/faults")" = 0 ]
}

check_example_8_3() {
	check_example_driver "$IGB" igb
}

# group_type DEVICE
group_type() {
	cat "$PCI/$1/iommu_group/type"
}

check_example_9_1() {
	check measures "$(cat /tmp/shown)" shows 'IOPS='
	check shows-latency "$(cat /tmp/shown)" shows "^domain-$(domain_of "$NVME") +map +[1-9]"
	check is-deferred "$(group_type "$NVME")" [ "$(group_type "$NVME")" = DMA-FQ ]
}

check_example_9_2() {
	check is-strict "$(group_type "$NVME")" [ "$(group_type "$NVME")" = DMA ]
	check flushes "$(cat /tmp/shown)" shows "^domain-$(domain_of "$NVME") +flush +[1-9]"
}

check_example_9_3() {
	check is-deferred-again "$(group_type "$NVME")" [ "$(group_type "$NVME")" = DMA-FQ ]
}

check_example_10_1() {
	check_has_machine "$E1000E"
	check_has_machine "$IGB"
}

check_example_10_2() {
	check names-domains "$(cat /tmp/shown)" shows "^$(domain_of "$E1000E") $(domain_of "$IGB")\$"
	check compares-pages "$(cat /tmp/shown)" shows '^[1-9][0-9]* intervals$'
	check compares-both "$(sort -u -k 3 /tmp/pages)" \
		[ "$(awk '{ print $3 }' /tmp/pages | sort -u | wc -l)" = 2 ]
}

check_example_10_3() {
	check_example_driver "$IGB" igb
}

before_example_11() {
	# One DMA of edu is many events for QEMU's AMD IOMMU.
	[ "$VENDOR" = intel ] || set_policy "$EDU" action=log
	rm -f /tmp/stop
	while [ ! -e /tmp/stop ]; do
		memory_after "$EDU" >/dev/null
		sleep 0.5
	done &
	STRAY=$!
}

check_example_11_1() {
	check shows-faults "$(cat /tmp/shown)" shows "^ *[0-9]+ .* $EDU "
	check explains "$(cat /tmp/shown)" shows "^what .*$EDU"
	check stays-active "$(cat "$PCI/$EDU/nyx/state")" state_is "$EDU" ACTIVE
}

check_example_11_2() {
	check counts "$(cat /tmp/shown)" shows '^[1-9][0-9]* (write|-|unknown) '
}

check_example_11_3() {
	check is-disabled "$(cat "$PCI/$EDU/nyx/state")" state_is "$EDU" DISABLED
	check shows-episode "$(cat /tmp/shown)" shows " $EDU +command .* ongoing"
	touch /tmp/stop
	wait "$STRAY"
}

check_example_11_4() {
	check is-active "$(cat "$PCI/$EDU/nyx/state")" state_is "$EDU" ACTIVE
	check policy-is-default "$(cat "$PCI/$EDU/nyx/policy")" \
		grep -q " action=quarantine vfio_action=log" "$PCI/$EDU/nyx/policy"
}

before_example_12() {
	local i=0

	until state_is "$EDU" QUARANTINED; do
		i=$((i + 1))
		[ $i -lt 40 ] || break
		memory_after "$EDU" >/dev/null
	done
	# Events of the DMA are still being read.
	sleep 1
}

check_example_12_1() {
	check shows-episode "$(cat /tmp/shown)" shows " $EDU +faults .* ongoing"
}

check_example_12_2() {
	check is-active "$(cat "$PCI/$EDU/nyx/state")" state_is "$EDU" ACTIVE
	check shows-end "$(cat /tmp/shown)" shows " $EDU +faults .* command"
	check shows-active "$(cat /tmp/shown)" shows "^$EDU .* 0 +ACTIVE"
}

check_example_12_3() {
	check rule-exists "there is none" grep -q NYX_STATE /etc/udev/rules.d/60-nyx.rules
}

check_example_13_1() {
	check is-up "$(cat /tmp/shown)" shows '^nyx_up 1$'
	check shows-devices "$(cat /tmp/shown)" shows "^nyx_device_faults_total.*$EDU"
}

check_example_13_2() {
	check is-served "$(cat /tmp/shown)" shows '^nyx_up 1$'
	check_alert
}

check_example_13_3() {
	check is-written "there is no file" \
		grep -qx 'nyx_up 1' /var/lib/prometheus/node-exporter/nyx.prom
}

check_example_14_1() {
	check names-device "$(cat /tmp/shown)" shows "$EDU"
	check is-a-page "$(head -c 100 /tmp/nyx-report.html)" grep -q '</html>' /tmp/nyx-report.html
	check page-names-device "it does not" grep -q "$EDU" /tmp/nyx-report.html
}

check_example_14_2() {
	check is-written "there is no file" grep -q '</html>' /var/log/nyx-report.html
}

check_example_15_1() {
	check shows-snapshot "$(cat /tmp/shown)" shows '^module '
}

check_example_15_2() {
	check names-change "$(cat /tmp/shown)" shows "$EDU"
	check names-policy "$(cat /tmp/shown)" shows "$E1000E"
}

check_example_15_3() {
	check sets-policy "$(cat /tmp/shown)" shows "^$E1000E +max_faults=50 "
}

check_example_15_4() {
	check edu-is-active "$(cat "$PCI/$EDU/nyx/state")" state_is "$EDU" ACTIVE
	check policy-is-default "$(cat "$PCI/$E1000E/nyx/policy")" \
		grep -q "^max_faults=10 " "$PCI/$E1000E/nyx/policy"
}
