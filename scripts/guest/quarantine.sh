# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC2034,SC2154 # the parts share variables
# Devices that are cut off, by their policy or by a command, and what ends that.

# state_is DEVICE STATE
state_is() {
	[ "$(cat "$PCI/$1/nyx/state")" = "$2" ]
}

# set_policy DEVICE TEXT: writes the policy in sysfs.
set_policy() {
	echo "$2" 2>/dev/null >"$PCI/$1/nyx/policy"
}

command_reset() {
	echo "$1" >"$DEBUGFS/reset"
}

command_disable() {
	echo "$1" >"$DEBUGFS/disable"
}

# entry_has DEVICE PATTERN: the fields of its entries in the unit's table match.
entry_has() {
	columns "$DEBUGFS"/*/entries device fields | grep "^$1 " >/tmp/fields
	grep -qE "$2" /tmp/fields && ! grep -qvE "$2" /tmp/fields
}

# The fields of an entry that blocks, and whose faults the unit does not log. QEMU's AMD
# IOMMU logs them all the same.
quiet_fields() {
	if [ "$VENDOR" = amd ]; then
		echo 'SE=0x1,SA=0x1'
	else
		echo 'P=0x0,FPD=0x1'
	fi
}

# last_episode DEVICE COLUMN...: prints these columns of its last episode.
last_episode() {
	local device=$1

	shift
	columns "$DEBUGFS/quarantine" device "$@" | sed -n "s/^$device //p" | tail -n 1
}

# A device exceeds its limit, and is cut off with all consequences.
check_limit() {
	local i line faults domain

	check policy-is-default "$(cat "$PCI/$EDU/nyx/policy")" \
		[ "$(cat "$PCI/$EDU/nyx/policy")" = \
		  "max_faults=10 window=10 action=quarantine vfio_action=log scope=device" ]
	for line in "max_faults=-1" "window=0" "action=drop" "max_faults=3 scope=all" ""; do
		check "refuses-policy-$(echo "$line" | tr ' ' _)" "the write succeeded" \
			fails set_policy "$EDU" "$line"
	done
	check policy-accepts "the write failed" \
		set_policy "$EDU" "max_faults=3 window=3600"
	check policy-is-shown "$(grep "$EDU" "$DEBUGFS/policy")" \
		grep -q "^$EDU max_faults=3 window=3600 action=quarantine" \
		"$DEBUGFS/policy"
	mark_log
	# One DMA of edu is many events for QEMU's AMD IOMMU, and one fault otherwise.
	if [ "$VENDOR" = intel ]; then
		for i in 1 2 3; do
			memory_after "$EDU" >/dev/null
		done
		check limit-is-not-exceeded "$(cat "$PCI/$EDU/nyx/faults") faults" \
			until_true [ "$(cat "$PCI/$EDU/nyx/faults")" = 3 ]
		check limit-leaves-active "cut off" state_is "$EDU" ACTIVE
	fi
	check write-stopped "memory changed" [ "$(memory_after "$EDU")" = unchanged ]
	check is-quarantined "$(cat "$PCI/$EDU/nyx/state")" \
		until_true state_is "$EDU" QUARANTINED
	check quarantine-is-logged "$(log_since_mark | tail -n 3)" \
		until_true log_has "$EDU: quarantined .faults: 4, episode: 1.: .*debugfs nyx/reset"
	check entry-is-quiet "$(cat /tmp/fields)" entry_has "$EDU" "$(quiet_fields)"
	check device-is-shown "$(grep "$EDU" "$DEBUGFS/devices")" \
		[ "$(columns "$DEBUGFS/devices" device entry domain_id state |
		     grep "^$EDU ")" = "$EDU blocked - QUARANTINED" ]
	domain=$(domain_id_of "$EDU")
	check episode-is-shown "$(tail -n 1 "$DEBUGFS/quarantine")" \
		[ "$(last_episode "$EDU" domain reason caused_by faults episode ended)" = \
		  "$domain faults $EDU 4 1 ongoing" ]
	check uevent-is-sent "$(cat /tmp/uevents)" until_true grep -q \
		"^change@.*/$EDU .*NYX_STATE=QUARANTINED NYX_DEVICE=$EDU NYX_DOMAIN=$domain NYX_FAULTS=4 NYX_REASON=faults NYX_CAUSED_BY=$EDU" \
		/tmp/uevents
	check tracepoint-is-emitted "$(grep -c . /sys/kernel/tracing/trace) lines" \
		grep -q "nyx_quarantine: dev=$EDU domain=$domain faults=4 state=QUARANTINED reason=faults" \
		/sys/kernel/tracing/trace
	check_quiet
}

# While a device is cut off, its faults are neither logged nor shown.
check_quiet() {
	local faults shown

	# Events of earlier requests are still being read.
	sleep 1
	faults=$(counter faults)
	shown=$(shown_faults)
	mark_log
	check cut-off-write-stopped "memory changed" \
		[ "$(memory_after "$EDU")" = unchanged ]
	if [ "$VENDOR" = intel ]; then
		check cut-off-fault-not-logged-by-unit "$(counter faults), not $faults" \
			[ "$(counter faults)" = "$faults" ]
	else
		check cut-off-faults-are-counted "$(last_episode "$EDU" suppressed)" \
			until_true [ "$(last_episode "$EDU" suppressed)" -gt 0 ]
	fi
	check cut-off-fault-not-shown "$(tail -n 1 "$DEBUGFS/faults")" \
		[ "$(shown_faults)" = "$shown" ]
	check cut-off-fault-not-in-log "$(log_since_mark | tail -n 1)" \
		[ -z "$(log_since_mark)" ]
	check_disk neighbour "$NVME" 2
}

# recover DEVICE: events that are still in the log of QEMU's AMD IOMMU may cut the device off
# again.
recover() {
	command_reset "$1" && sleep 0.2 && state_is "$1" ACTIVE
}

# The command recovers a device, and it may be cut off again.
check_recovery() {
	check reset-recovers "$(cat "$PCI/$EDU/nyx/state")" until_true recover "$EDU"
	check reset-restores-entry "$(entry_of "$EDU")" entry_is "$EDU" "translated -"
	check reset-clears-faults "$(cat "$PCI/$EDU/nyx/faults") faults" \
		[ "$(cat "$PCI/$EDU/nyx/faults")" = 0 ]
	check reset-is-shown "$(tail -n 1 "$DEBUGFS/quarantine")" \
		[ "$(last_episode "$EDU" ended)" = command ]
	check reset-sends-uevent "$(tail -n 1 /tmp/uevents)" until_true grep -q \
		"NYX_STATE=ACTIVE NYX_DEVICE=$EDU" /tmp/uevents
	# From now on one fault is too many.
	echo "$EDU max_faults=0" >"$DEBUGFS/policy"
	# Enough episodes for a time that a busy host does not exceed.
	while [ "$(last_episode "$EDU" episode)" -lt 3 ]; do
		/nyx/cycle "$EDU" 1 >/dev/null || break
	done
	check recovers-again "$(cat "$PCI/$EDU/nyx/state")" until_true recover "$EDU"
	check write-stopped-again "memory changed" \
		[ "$(memory_after "$EDU")" = unchanged ]
	check is-quarantined-again "$(cat "$PCI/$EDU/nyx/state")" \
		until_true state_is "$EDU" QUARANTINED
	check episodes-are-counted "$(last_episode "$EDU" episode)" \
		[ "$(last_episode "$EDU" episode)" -gt 3 ]
}

# A driver that is bound recovers a device only after a time that grows.
check_back_off() {
	mark_log
	load_edu_driver
	check early-bind-is-refused "$(cat "$PCI/$EDU/nyx/state")" \
		state_is "$EDU" QUARANTINED
	check early-bind-is-logged "$(log_since_mark | tail -n 3)" \
		log_has "$EDU: stays blocked, because it was cut off .* times: write its name to debugfs nyx/reset, or try again in .* s"
	check late-bind-recovers "$(cat "$PCI/$EDU/nyx/state")" until_true rebind "$EDU"
	check bind-is-shown "$(tail -n 1 "$DEBUGFS/quarantine")" \
		[ "$(last_episode "$EDU" ended)" = bind ]
}

# rebind DEVICE: unbinds its driver and binds it; succeeds if that recovered the device.
# Others than the test driver reset the device as well.
rebind() {
	unbind "$1"
	bind "$1"
	state_is "$1" ACTIVE || { sleep 1; return 1; }
}

# Only the command ends what a command began.
check_disabled() {
	check disables "$(cat "$PCI/$EDU/nyx/state")" command_disable "$EDU"
	check is-disabled "$(cat "$PCI/$EDU/nyx/state")" state_is "$EDU" DISABLED
	check disabled-is-shown "$(tail -n 1 "$DEBUGFS/quarantine")" \
		[ "$(last_episode "$EDU" reason ended)" = "command ongoing" ]
	mark_log
	rebind "$EDU"
	check disabled-survives-bind "$(cat "$PCI/$EDU/nyx/state")" \
		state_is "$EDU" DISABLED
	check disabled-is-logged "$(log_since_mark | tail -n 3)" \
		log_has "$EDU: stays blocked, because a command disabled it"
	command_reset "$EDU"
	check reset-enables "$(cat "$PCI/$EDU/nyx/state")" state_is "$EDU" ACTIVE
	check unknown-device-is-refused "the write succeeded" \
		sh -c "! echo 0000:ff:1f.7 2>/dev/null >$DEBUGFS/disable"
}

# edu_handled DEVICE: prints how many interrupts the driver has handled.
edu_handled() {
	cut -d' ' -f3 "$PCI/$1/raised"
}

# raise_interrupt DEVICE: edu raises its interrupt. See edu.c for the register.
raise_interrupt() {
	local bar

	read -r bar _ <"$PCI/$1/resource"
	devmem $((bar + 0x60)) 32 1
}

raises_one() {
	local before

	before=$(edu_handled "$1")
	raise_interrupt "$1"
	sleep 0.2
	[ "$(edu_handled "$1")" -gt "$before" ]
}

# Interrupts are blocked with the DMA. They may move meanwhile.
check_cut_off_interrupts() {
	local irq before faults

	irq=$(irqs_of "$EDU")
	check interrupt-arrives "$(cat "$PCI/$EDU/raised")" until_true raises_one "$EDU"
	command_disable "$EDU"
	before=$(edu_handled "$EDU") faults=$(counter faults)
	raise_interrupt "$EDU"
	echo 2 >"/proc/irq/$irq/smp_affinity"
	raise_interrupt "$EDU"
	sleep 0.5
	check interrupt-is-blocked "$(edu_handled "$EDU"), not $before" \
		[ "$(edu_handled "$EDU")" = "$before" ]
	[ "$VENDOR" = amd ] ||
		check blocked-interrupt-causes-no-fault "$(counter faults), not $faults" \
			[ "$(counter faults)" = "$faults" ]
	mark_log
	command_reset "$EDU"
	check driver-is-not-surprised "$(log_since_mark | tail -n 2)" \
		log_has "$EDU: is bound to nyx_intr_test, which is not prepared for a reset: not reset"
	check interrupt-arrives-again "$(cat "$PCI/$EDU/raised")" \
		until_true raises_one "$EDU"
	rmmod nyx_intr_test
}

# A device is reset and works again while its driver stays bound.
check_reset_with_driver() {
	mark_log
	command_disable "$NVME"
	check disk-is-disabled "$(cat "$PCI/$NVME/nyx/state")" state_is "$NVME" DISABLED
	check disk-is-reset "the write failed" command_reset "$NVME"
	check disk-reset-is-logged "$(log_since_mark | tail -n 3)" \
		log_has "$NVME: was reset"
	check_disk disk-after-reset "$NVME" 4
}

# follows_peer DEVICE: it is cut off because it shares a requester ID.
follows_peer() {
	[ "$(last_episode "$1" reason ended)" = "requester ongoing" ]
}

# Devices that share a requester ID cannot be distinguished. QEMU's AMD IOMMU does not report
# the bus.
check_shared_requester() {
	local peer

	[ "$VENDOR" = intel ] || return 0
	peer=$(basename "$(dirname "$(readlink -f "$PCI/$EDU_BRIDGED")")")
	peer=$(columns "$DEBUGFS/devices" device requesters |
		awk -v own="$EDU_BRIDGED" '
			$1 == own { sub(/.*\+/, "", $2); shared = $2 }
			{ ids[$1] = $2 }
			END { for (d in ids) if (d != own && index(ids[d], "+" shared)) print d }' |
		head -n 1)
	check has-peer "none shares a requester ID with $EDU_BRIDGED" [ -n "$peer" ]
	set_policy "$EDU_BRIDGED" "max_faults=0"
	set_policy "$peer" "max_faults=0"
	memory_after "$EDU_BRIDGED" >/dev/null
	check bridged-is-quarantined "$(cat "$PCI/$EDU_BRIDGED/nyx/state")" \
		until_true state_is "$EDU_BRIDGED" QUARANTINED
	check peer-is-quarantined "$(cat "$PCI/$peer/nyx/state")" \
		until_true state_is "$peer" QUARANTINED
	# Found again, it must not open the entry that it shares with its peer.
	echo 1 >"$PCI/$EDU_BRIDGED/remove"
	echo 1 >/sys/bus/pci/rescan
	check found-again-is-quarantined "$(cat "$PCI/$EDU_BRIDGED/nyx/state")" \
		until_true state_is "$EDU_BRIDGED" QUARANTINED
	check found-again-is-quiet "$(cat /tmp/fields)" \
		entry_has "$EDU_BRIDGED" "$(quiet_fields)"
	check found-again-is-shown "$(tail -n 1 "$DEBUGFS/quarantine")" \
		until_true follows_peer "$EDU_BRIDGED"
	command_reset "$peer"
	check both-are-recovered "$(cat "$PCI/$EDU_BRIDGED/nyx/state")" \
		state_is "$EDU_BRIDGED" ACTIVE
	check peer-is-recovered "$(cat "$PCI/$peer/nyx/state")" state_is "$peer" ACTIVE
}

# has_faults DEVICE NUMBER: it has caused at least as many.
has_faults() {
	[ "$(cat "$PCI/$1/nyx/faults")" -ge "$2" ]
}

# Two devices in one VFIO container, which are in different groups. One of them does DMA
# that is not mapped: nothing happens as long as vfio_action is log, and afterwards both
# are cut off, because the scope is the domain.
check_container() {
	local before

	unbind "$NVME"
	begin_together "$EDU" "$NVME"
	check container-policy "the write failed" set_policy "$EDU" \
		"max_faults=0 window=3600 action=quarantine vfio_action=log scope=domain"
	# The first fault has had its consequences when the second one is counted.
	before=$(cat "$PCI/$EDU/nyx/faults")
	together_write >/dev/null
	check first-fault-is-counted "$(cat "$PCI/$EDU/nyx/faults"), not over $before" \
		until_true has_faults "$EDU" $((before + 1))
	check second-write-stopped "memory changed" [ "$(together_write)" = unchanged ]
	check second-fault-is-counted "$(cat "$PCI/$EDU/nyx/faults"), not over $before" \
		until_true has_faults "$EDU" $((before + 2))
	check vfio-action-log-leaves-active "$(cat "$PCI/$EDU/nyx/state")" \
		state_is "$EDU" ACTIVE
	check vfio-action-log-leaves-others "$(cat "$PCI/$NVME/nyx/state")" \
		state_is "$NVME" ACTIVE

	set_policy "$EDU" "vfio_action=quarantine"
	together_write >/dev/null
	check vfio-action-quarantines "$(cat "$PCI/$EDU/nyx/state")" \
		until_true state_is "$EDU" QUARANTINED
	check scope-includes-other-group "$(cat "$PCI/$NVME/nyx/state")" \
		until_true state_is "$NVME" QUARANTINED
	check scope-is-shown "$(tail -n 2 "$DEBUGFS/quarantine")" until_true \
		[ "$(last_episode "$NVME" reason caused_by ended)" = "domain $EDU ongoing" ]
	check other-entry-is-quiet "$(cat /tmp/fields)" \
		entry_has "$NVME" "$(quiet_fields)"
	check scope-excludes-other-domains "$(cat "$PCI/$VIRTIO/nyx/state")" \
		state_is "$VIRTIO" ACTIVE

	# Events that QEMU's AMD IOMMU has logged already must not have consequences.
	set_policy "$EDU" "vfio_action=log"
	command_reset "$NVME"
	check other-recovers-alone "$(cat "$PCI/$NVME/nyx/state")" state_is "$NVME" ACTIVE
	check cause-stays-cut-off "$(cat "$PCI/$EDU/nyx/state")" \
		state_is "$EDU" QUARANTINED
	check cause-recovers "the write failed" command_reset "$EDU"
	check cause-is-active "$(cat "$PCI/$EDU/nyx/state")" state_is "$EDU" ACTIVE
	end_together "$EDU" "$NVME"
	set_policy "$EDU" "window=10 scope=device"
	check disk-is-bound-again "no driver" bind "$NVME"
	check_disk disk-after-container "$NVME" 2
}

# check_cycles_of_quarantine TIMES
check_cycles_of_quarantine() {
	local before after

	set_policy "$EDU" "max_faults=0"
	# Caches of the kernel are filled.
	/nyx/cycle "$EDU" 5 >/dev/null
	before=$(slab_kib)
	check cycles "it stopped" /nyx/cycle "$EDU" "$1"
	after=$(slab_kib)
	note "unreclaimable slab: $before KiB, then $after KiB"
	# A record of 1 KiB for each cycle would be found with 1000 of them.
	check cycles-leak-nothing "$((after - before)) KiB" \
		[ $((after - before)) -lt 700 ]
	check history-keeps-256 "$(columns "$DEBUGFS/quarantine" device | wc -l) lines" \
		[ "$(columns "$DEBUGFS/quarantine" device | wc -l)" -le 256 ]
}

slab_kib() {
	awk '$1 == "SUnreclaim:" { print $2 }' /proc/meminfo
}

# check_storm_is_ended SECONDS: while a device causes as many faults as it can, its neighbour
# works. The first faults cut it off, and nothing more is logged.
check_storm_is_ended() {
	local end device=$NVME lines verify

	[ "$VENDOR" = intel ] || device=$(named_for "$NVME")
	unbind "$NVME"
	# Earlier checks may have cut off the device that QEMU's AMD IOMMU names.
	command_reset "$device"
	mark_log
	check_disk storm-neighbour-before "$VIRTIO" 2
	verify_for "$1" "$(block_device "$VIRTIO")" >/tmp/verify 2>&1 &
	verify=$!
	end=$(($(seconds) + $1))
	while [ "$(seconds)" -lt "$end" ]; do
		/nyx/storm "$NVME" 5000 || break
	done
	check storm-quarantines "$(cat "$PCI/$device/nyx/state")" \
		state_is "$device" QUARANTINED
	lines=$(log_since_mark | grep -c "$device.*blocked: ")
	note "$(counter faults) faults, $lines lines"
	check storm-log-is-short "$lines lines" within "$lines" 1 12
	wait $verify
	check storm-neighbour-verifies "$(grep -m 1 -i err /tmp/verify)" \
		grep -q "verified" /tmp/verify
	check storm-device-recovers "$(cat "$PCI/$device/nyx/state")" \
		until_true recover "$device"
	bind "$NVME"
	check_disk storm-device "$NVME" 2
}

# verify_for SECONDS DISK: writes and verifies the disk repeatedly.
verify_for() {
	local end=$(($(seconds) + $1))

	while [ "$(seconds)" -lt $end ]; do
		write_and_verify neighbour "$2" 4 || { cat /tmp/fio; return 1; }
	done
	echo verified
}

# check_quarantine CYCLES STORM-SECONDS
check_quarantine() {
	local listener

	find_devices
	load_drivers
	unbind_workers
	mark_log
	QUARANTINE=1
	if ! nyx_load; then
		not_ok load "$(cat /tmp/insmod; dmesg | tail -n 2)"
		return
	fi
	bind_workers
	echo 1 >/sys/kernel/tracing/events/nyx/nyx_quarantine/enable
	/nyx/uevent >/tmp/uevents &
	listener=$!
	until_true grep -q listening /tmp/uevents
	context="limit: "
	check_limit
	context="recovery: "
	check_recovery
	check_back_off
	check_disabled
	context="interrupts: "
	check_cut_off_interrupts
	check_reset_with_driver
	context="shared: "
	check_shared_requester
	context="vfio: "
	check_container
	context="cycles: "
	check_cycles_of_quarantine "$1"
	context="storm: "
	check_storm_is_ended "$2"
	context="unload: "
	QUARANTINE=
	kill $listener
	echo 0 >/sys/kernel/tracing/events/nyx/nyx_quarantine/enable
	command_disable "$EDU"
	mark_log
	check_unload
	check unload-names-device "$(log_since_mark | tail -n 3)" \
		log_has "$EDU: was cut off; its DMA is not blocked any more"
	check unload-passes-dma "memory did not change" \
		[ "$(memory_after "$EDU")" = changed ]
	check log-is-clean "the kernel log has warnings" kernel_is_clean
	context=
}
