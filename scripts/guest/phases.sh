# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC2034,SC2154 # the parts share variables
# The parts of a plan. A phase loads the module, runs all checks, and unloads the module.

# phase NAME [PARAMETER...]: a phase in which drivers are bound after the module is loaded.
phase() {
	context="$1: "
	shift
	find_devices
	unbind_workers
	mark_log
	if [ "$DRIVER" = nyx ]; then
		if ! nyx_load "$@"; then
			not_ok load "$(cat /tmp/insmod; dmesg | tail -n 2)"
			return
		fi
		ok load
		ENTRIES_AT_LOAD=$(counter flush_entry)
	fi
	load_drivers
	check drivers-bind "a driver did not bind" bind_workers
	[ "$DRIVER" = builtin ] || check_effects "$@"
	all_checks
}

# check_effects PARAMETER...: the parameters have their effects.
check_effects() {
	local types parameter pgtt

	types=$(columns "$DEBUGFS/domains" type | sort -u)
	case " $* " in
	*" strict=1 "*)
		check unmaps-are-not-deferred "domains of type $types" \
			[ "$types" = dma ] ;;
	*)
		check unmaps-are-deferred "domains of type $types" \
			[ "$types" = dma-fq ] ;;
	esac
	check_shown_entries
	for parameter; do
		case $parameter in
		levels=*)
			check "tables-have-${parameter#*=}-levels" \
				"domains have other numbers of levels" \
				[ "$(columns "$DEBUGFS/domains" levels | sort -u)" = \
				  "${parameter#*=}" ] ;;
		register_based=1)
			check invalidation-is-register-based "the log has no such line" \
				log_has "register-based invalidation" ;;
		scalable=1)
			# 2: second-stage tables, 1: first-stage tables
			pgtt=2
			grep -qE '^ECAP +SSTS +0x0' "$DEBUGFS"/*/capabilities &&
				pgtt=1
			check scalable-mode-is-used "no entry has PGTT $pgtt" \
				sh -c "grep -q ,PGTT=0x$pgtt, $DEBUGFS/*/entries" ;;
		identity_tables=1)
			check identity-has-a-table "an entry passes requests through" \
				[ "$(columns "$DEBUGFS/devices" entry | sort -u)" = \
				  translated ] ;;
		esac
	done
}

# The entries in the unit's tables have the domain IDs that the module assigned, for each
# requester ID.
check_shown_entries() {
	columns "$DEBUGFS/devices" device requesters domain_id |
		awk '$3 != "-" { n = split($2, rid, "+")
				 for (i = 1; i <= n; i++)
					 printf "%s %s 0x%x\n", $1, rid[i], $3 }' |
		sort >/tmp/entries.expected
	columns "$DEBUGFS"/*/entries device requester fields |
		sed -nE 's/^([^ ]+ [^ ]+) .*,(DID|DomainID)=(0x[0-9a-f]+).*/\1 \3/p' |
		grep -v ' 0x0$' | sort >/tmp/entries.shown
	check entries-are-shown "$(diff /tmp/entries.expected /tmp/entries.shown | tail -n 3)" \
		sh -c '[ -s /tmp/entries.expected ] && cmp -s /tmp/entries.expected /tmp/entries.shown'
}

# adopt NAME [PARAMETER...]: a phase in which devices are bound before the module is loaded.
adopt() {
	context="$1: "
	shift
	find_devices
	load_drivers
	check drivers-bind "a driver did not bind" bind_workers
	context="${context}before "
	check_bypass_interrupts
	check_disk nvme "$NVME" 2
	context="${context%before }on identity "
	if ! nyx_load "$@"; then
		not_ok load "$(cat /tmp/insmod; dmesg | tail -n 2)"
		return
	fi
	ok load
	check bound-devices-not-managed "a bound device is managed" \
		none_of_workers is_managed
	check_bypass_interrupts
	check_data
	context="${context%on identity }adopted "
	unbind_workers
	check unbound-devices-are-adopted "a device has no group" \
		until_true all_of_workers is_managed
	check drivers-rebind "a driver did not bind" bind_workers
	all_checks
	context="${context%adopted }unloaded "
	check_after_unload
}

all_of_workers() {
	local name dev

	for name in $WORKERS; do
		eval "dev=\$$name"
		[ -z "$dev" ] || "$@" "$dev" || return 1
	done
}

none_of_workers() {
	local name dev

	for name in $WORKERS; do
		eval "dev=\$$name"
		[ -z "$dev" ] || ! "$@" "$dev" || return 1
	done
}

# With ATS=1 in the plan, the virtio disk has a device TLB. On Intel machines there is a
# second one, whose translation requests are not aligned to pages.
check_device_tlbs() {
	local unaligned

	check ats-is-enabled "$VIRTIO is not 'on translated'" \
		[ "$(columns "$DEBUGFS/devices" device ats entry |
		     grep "^$VIRTIO ")" = "$VIRTIO on translated" ]
	if [ "$VENDOR" = intel ]; then
		unaligned=$(find_pci 1af4 1042 2)
		check no-ats-if-unaligned "ATS of $unaligned is not '-'" \
			[ "$(columns "$DEBUGFS/devices" device ats |
			     grep "^$unaligned ")" = "$unaligned -" ]
	fi
	check device-tlb-is-invalidated "no such invalidation was counted" \
		[ "$(counter flush_device)" -gt 0 ]
	echo "@least device-tlb $(counter flush_device)"
}

# Has the host check that each counted invalidation reached the unit. QEMU traces only
# queued invalidations.
report_flushes() {
	local early=0

	echo "@least iotlb $(iotlb_flushes)"
	[ "$(cat /sys/module/nyx_iommu/parameters/scalable)" = Y ] || return 0
	# Before its root table is set, the unit has no PASID-cache. Only in caching mode
	# are entries invalidated that early.
	[ -z "${CACHING:-}" ] || early=$ENTRIES_AT_LOAD
	echo "@least pasid-cache $(($(counter flush_entry) - early))"
}

all_checks() {
	local strict

	strict=$(cat /sys/module/nyx_iommu/parameters/strict 2>/dev/null)
	check_groups
	check_data
	[ -z "${ATS:-}" ] || check_device_tlbs
	check_edu
	# With strict=1 the type of a group cannot be changed.
	[ "$DRIVER" = builtin ] || [ "$strict" = Y ] || check_identity
	check_hotplug
	if [ "$DRIVER" = nyx ]; then
		report_flushes
		check_unload
	fi
	check log-is-clean "the kernel log has warnings" kernel_is_clean
}
