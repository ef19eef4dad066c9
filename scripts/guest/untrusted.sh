# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC2034,SC2154 # the parts share variables
# A device below an external-facing port never has an identity entry and never uses ATS.

# managed_is DEVICE STATE
managed_is() {
	[ "$(columns "$DEBUGFS/devices" device managed | sed -n "s/^$1 //p")" = "$2" ]
}

# check_untrusted: the second virtio disk is below such a port, and the first one is not.
check_untrusted() {
	local external type

	context="untrusted: "
	find_devices
	external=$(find_pci 1af4 1042 2)
	check port-is-external-facing "the kernel trusts $external" \
		[ "$(cat "$PCI/$external/removable")" = removable ]
	load_drivers
	check has-driver "it has no driver" until_true is_bound "$external"
	unbind "$VIRTIO"
	mark_log
	if ! nyx_load; then
		not_ok load "$(cat /tmp/insmod; dmesg | tail -n 2)"
		return
	fi
	check bound-is-blocked "$(entry_of "$external")" \
		entry_is "$external" "blocked -"
	check bound-waits "not waiting" managed_is "$external" waiting
	check bound-is-logged "$(log_since_mark | tail -n 3)" \
		log_has "$external: DMA of the device is blocked: it is below an external-facing port and was bound to virtio-pci"
	check neighbour-has-identity "$(entry_of "$NVME")" \
		entry_is "$NVME" "identity -"
	check trusted-has-ats "$(entry_of "$VIRTIO")" \
		entry_is "$VIRTIO" "translated on"

	unbind "$external"
	check unbound-is-translated "$(entry_of "$external")" \
		until_true entry_is "$external" "translated -"
	type=$(cat "$PCI/$external/iommu_group/type")
	check is-strict "its domain has the type $type" [ "$type" = DMA ]
	check refuses-identity "the write succeeded" sh -c \
		"! echo identity 2>/dev/null >$PCI/$external/iommu_group/type"
	bind "$external"
	check_disk translated "$external" 2

	mark_log
	echo 1 >"$PCI/$external/remove"
	echo 1 >/sys/bus/pci/rescan
	check found-again-is-translated "$(entry_of "$external")" \
		until_true entry_is "$external" "translated -"
	check_disk found-again "$external" 2
	check found-again-is-not-logged "$(log_since_mark | tail -n 3)" \
		sh -c "! dmesg | sed '1,/check mark $mark\\./d' | grep -q external-facing"
	unbind "$external"
	bind_workers
	check_unload
	check log-is-clean "the kernel log has warnings" kernel_is_clean
	context=
}
