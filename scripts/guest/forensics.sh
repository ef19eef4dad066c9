# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC2034,SC2154 # the parts share variables
# Recording of operations, explanations of faults, and the hunt for uses of a buffer after
# its unmap: see stray/.

# err MISTAKE [PARAMETER...]: has edu use an address that it must not use. With CALLERS=1,
# checks the history before the driver is unloaded.
err() {
	local mistake=$1

	shift
	mark_log
	/usr/lib/nyx/insmod /nyx/nyx_stray_test.ko device="$EDU" \
		mistake="$mistake" "$@" 2>/tmp/insmod
	check "$mistake-complete" "$(cat /tmp/insmod)" \
		log_has "nyx_stray_test: complete"
	[ -z "${CALLERS:-}" ] || check_history
	rmmod nyx_stray_test
}

# check_explained NAME PATTERN: the log explains the last fault of edu.
check_explained() {
	check "$1-is-explained" "$(log_since_mark | grep blocked: | tail -n 1)" \
		until_true log_has "$EDU .*blocked: .*0x[0-9a-f]+\): $2\$"
}

# The first five lines of a device within five seconds are logged and explained.
wait_for_log() {
	sleep 5.5
}

# recording_of DEVICE: prints the mode and the number of operations.
recording_of() {
	columns "$DEBUGFS/forensics" device mode operations | sed -n "s/^$1 //p"
}

domain_of() {
	columns "$DEBUGFS/devices" device domain | sed -n "s/^$1 //p"
}

# mapped_for DEVICE: prints an address that is mapped for it.
mapped_for() {
	columns "$DEBUGFS/domain-$(domain_of "$1")/page_table" first_iova |
		sed -n '1s/^0x0*/0x/p'
}

# The caller of an operation on edu's domain is a function of its driver.
check_history() {
	columns "$DEBUGFS/domain-$(domain_of "$EDU")/history" \
		operation first_iova access caller >/tmp/history
	check history-has-maps "$(tail -n 5 /tmp/history)" \
		grep -qE '^map 0x[0-9a-f]+ r- edu_map_buffer[^ ]*\+0x' /tmp/history
	check history-has-unmaps "$(tail -n 5 /tmp/history)" \
		grep -qE '^unmap 0x[0-9a-f]+ - edu_unmap_buffer[^ ]*\+0x' /tmp/history
	check history-has-flushes "$(tail -n 5 /tmp/history)" \
		grep -qE '^flush 0x[0-9a-f]+ - -$' /tmp/history
}

explanation_shown() {
	columns "$DEBUGFS/faults" explanation | grep -qxE "$1"
}

# check_explanations: each kind of mistake. QEMU's AMD IOMMU reports no address, so its
# faults are not explained.
check_explanations() {
	local by='[0-9]+ .?s earlier by' on='on CPU [01]' other

	# What was never mapped, before anything is.
	other=$(mapped_for "$NVME")
	err address address=0x1234500000
	check_explained address "never mapped"
	err address address="$other"
	check_explained other-domain "mapped in domain $(domain_of "$NVME") of $NVME"
	err past-end
	check_explained past-end \
		"in the page past the end of a 4096-byte mapping made $by edu_map_buffer[^ ]*\+0x.* $on"
	err read-only
	check_explained read-only \
		"mapped read-only $by edu_map_buffer[^ ]*\+0x.*\[nyx_stray_test\] $on"
	wait_for_log
	err unmapped
	check_explained unmapped \
		"unmapped $by edu_unmap_buffer[^ ]*\+0x.* $on, invalidation completed [0-9]+ .?s earlier"
	err physical
	check_explained physical \
		"physical address of a page that was mapped at 0x[0-9a-f]+ $by edu_map_buffer[^ ]*\+0x.* $on"
	check explanations-are-shown "$(columns "$DEBUGFS/faults" explanation)" \
		explanation_shown "unmapped_.*_by_edu_unmap_buffer.*_\[nyx_stray_test\]_on_CPU_[01],_invalidation_completed_.*"
}

# Faults of a device whose operations are not recorded.
check_unrecorded() {
	err address address=0x1234500000
	[ "$VENDOR" = amd ] || check_explained unrecorded "not mapped"
	err read-only
	[ "$VENDOR" = amd ] || check_explained unrecorded-permission "mapped read-only"
}

check_forensics_command() {
	local word

	for word in '' on "$EDU" "$EDU off on" "all maybe" "0000:ff:1f.7 on" "$(seq 99)"; do
		check "refuses-$(printf %.14s "$word" | tr ' \n' __)" \
			"the write succeeded" \
			sh -c "! printf '%s\n' '$word' 2>/dev/null >$DEBUGFS/forensics"
	done
	check refused-writes-change-nothing "$(recording_of "$EDU")" \
		[ "$(recording_of "$EDU")" = "off -" ]
	echo "$EDU on" >"$DEBUGFS/forensics"
	check on-for-one "$(recording_of "$EDU")" [ "$(recording_of "$EDU")" = "on 0" ]
	check off-for-others "$(recording_of "$NVME")" \
		[ "$(recording_of "$NVME")" = "off -" ]
	CALLERS=1
	err unmapped
	CALLERS=
	[ "$VENDOR" = amd ] || check_explained command \
		"unmapped .* by edu_unmap_buffer[^ ]*\+0x.*, invalidation completed .* earlier"
	echo "all on" >"$DEBUGFS/forensics"
	check_disk recorded "$NVME" 2
	check on-for-all "$(recording_of "$NVME")" \
		sh -c "[ '$(recording_of "$NVME")' != 'on -' ]"
	echo "all off" >"$DEBUGFS/forensics"
	check off-for-all "$(columns "$DEBUGFS/forensics" mode operations | sort -u)" \
		[ "$(columns "$DEBUGFS/forensics" mode operations | sort -u)" = "off -" ]
}

check_forensics() {
	context="forensics: "
	find_devices
	load_drivers
	unbind_workers
	if ! nyx_load forensics=1; then
		not_ok load "$(cat /tmp/insmod; dmesg | tail -n 2)"
		return
	fi
	bind "$NVME"
	check_disk before "$NVME" 2
	[ "$VENDOR" = amd ] || { check_explanations; wait_for_log; }
	echo "all off" >"$DEBUGFS/forensics"
	check_unrecorded
	check_forensics_command
	bind_workers
	check_unload
	check log-is-clean "the kernel log has warnings" kernel_is_clean
	context=
}

# check_reuse NAME REUSED READ: edu reads a buffer after its unmap. REUSED is 1 if another
# buffer got its address meanwhile, and READ is what edu read: "other" or "nothing".
check_reuse() {
	err reused
	check "$1-reads" "$(log_since_mark | grep -a reused)" \
		log_has "nyx_stray_test: reused $2 read $3\$"
}

# check_unnoticed: with the built-in driver, such a read causes no fault.
check_unnoticed() {
	check_reuse late-read 1 other
	check late-read-is-no-fault "$(log_since_mark | tail -n 3)" \
		sh -c "! dmesg | grep -qE 'DMAR: .*fault|IO_PAGE_FAULT'"
}

check_hunt() {
	context="hunt: "
	find_devices
	load_drivers
	unbind_workers
	nyx_load
	check_reuse deferred 1 other
	check deferred-is-no-fault "$(counter faults) faults" [ "$(counter faults)" = 0 ]
	unload
	nyx_load hunt=1
	check_reuse hunt 0 nothing
	check hunt-is-a-fault "no fault" until_true sh -c \
		"awk '\$1 == \"faults\" { exit !(\$2 > 0) }' $DEBUGFS/summary"
	[ "$VENDOR" = amd ] || check_explained hunt \
		"unmapped .* by edu_unmap_buffer[^ ]*\+0x.*, invalidation completed .* earlier"
	check hunt-is-shown "$(recording_of "$EDU")" \
		sh -c "case '$(recording_of "$EDU")' in 'hunt '[1-9]*) ;; *) false ;; esac"
	check drivers-bind "a driver did not bind" bind_workers
	check_disk hunt "$NVME" 4
	check_network
	check_unload
	check log-is-clean "the kernel log has warnings" kernel_is_clean
	context=
}
