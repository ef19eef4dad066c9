# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC2034,SC2154 # the parts share variables
# What a plan is made of. A phase is one life of the module, from loading to
# unloading, with all checks in between.

# phase NAME [PARAMETER...]: the module comes first, the drivers after it.
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
	fi
	load_drivers
	check drivers-bind "a driver does not bind" bind_workers
	[ "$DRIVER" = builtin ] || check_effects "$@"
	all_checks
}

# What the parameters were given for did happen.
check_effects() {
	local types parameter

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
			check "tables-have-${parameter#*=}-levels" "not all" \
				[ "$(columns "$DEBUGFS/domains" levels | sort -u)" = \
				  "${parameter#*=}" ] ;;
		register_based=1)
			check invalidation-is-register-based "the log says nothing" \
				log_has "register-based invalidation" ;;
		identity_tables=1)
			check identity-has-a-table "an entry passes requests through" \
				[ "$(columns "$DEBUGFS/devices" entry | sort -u)" = \
				  translated ] ;;
		esac
	done
}

# What is in the table has the domain IDs that the module gave, for each requester.
check_shown_entries() {
	columns "$DEBUGFS/devices" device requesters domain_id |
		awk '$3 != "-" { n = split($2, rid, "+")
				 for (i = 1; i <= n; i++)
					 printf "%s %s 0x%x\n", $1, rid[i], $3 }' |
		sort >/tmp/entries.want
	columns "$DEBUGFS"/*/entries device requester fields |
		sed -nE 's/^([^ ]+ [^ ]+) .*,(DID|DomainID)=(0x[0-9a-f]+).*/\1 \3/p' |
		grep -v ' 0x0$' | sort >/tmp/entries.have
	check entries-are-shown "$(diff /tmp/entries.want /tmp/entries.have | tail -n 3)" \
		sh -c '[ -s /tmp/entries.want ] && cmp -s /tmp/entries.want /tmp/entries.have'
}

# adopt NAME [PARAMETER...]: devices are in use when the module comes.
adopt() {
	context="$1: "
	shift
	find_devices
	load_drivers
	check drivers-bind "a driver does not bind" bind_workers
	context="${context}before "
	check_plain_interrupts
	check_disk nvme "$NVME" 2
	context="${context%before }on identity "
	if ! nyx_load "$@"; then
		not_ok load "$(cat /tmp/insmod; dmesg | tail -n 2)"
		return
	fi
	ok load
	check bound-devices-are-left "a bound device is managed" \
		none_of_workers is_managed
	check_plain_interrupts
	check_data
	context="${context%on identity }adopted "
	unbind_workers
	check unbound-devices-are-adopted "a device has no group" \
		until_true all_of_workers is_managed
	check drivers-bind-again "a driver does not bind" bind_workers
	all_checks
	context="${context%adopted }unloaded "
	check_plain_after_unload
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

# With ATS=1 in the plan, the virtio disk has a TLB of its own.
check_device_tlbs() {
	check device-tlb-is-on "$VIRTIO is not 'on translated'" \
		[ "$(columns "$DEBUGFS/devices" device ats entry |
		     grep "^$VIRTIO ")" = "$VIRTIO on translated" ]
	check device-tlb-is-flushed "no such flush was counted" \
		[ "$(counter flush_device)" -gt 0 ]
	echo "@least device-tlb $(counter flush_device)"
}

# Each invalidation that is counted reaches the unit. With a queue, QEMU tells.
tell_flushes() {
	echo "@least iotlb $(iotlb_flushes)"
}

all_checks() {
	local strict

	strict=$(cat /sys/module/nyx_iommu/parameters/strict 2>/dev/null)
	check_groups
	check_data
	[ -z "${ATS:-}" ] || check_device_tlbs
	check_edu
	# With strict=1 no group's type can be changed.
	[ "$DRIVER" = builtin ] || [ "$strict" = Y ] || check_identity
	check_hotplug
	if [ "$DRIVER" = nyx ]; then
		tell_flushes
		check_unload
	fi
	check log-is-clean "the kernel's log has trouble" kernel_is_clean
}
