# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
# What a plan is made of. A phase is one life of the module, from loading to
# unloading, with all checks in between.

# phase NAME [PARAMETER...]: the module comes first, the drivers after it.
phase() {
	context="$1: "
	shift
	find_devices
	unbind_workers
	if [ "$DRIVER" = nyx ]; then
		if ! nyx_load "$@"; then
			not_ok load "$(cat /tmp/insmod; dmesg | tail -n 2)"
			return
		fi
		ok load
	fi
	load_drivers
	check drivers-bind "a driver does not bind" bind_workers
	all_checks
}

# adopt NAME [PARAMETER...]: devices are in use when the module comes.
adopt() {
	context="$1: "
	shift
	find_devices
	load_drivers
	check drivers-bind "a driver does not bind" bind_workers
	context="${context}before "
	check_data
	context="${context%before }on identity "
	if ! nyx_load "$@"; then
		not_ok load "$(cat /tmp/insmod; dmesg | tail -n 2)"
		return
	fi
	ok load
	check bound-devices-are-left "a bound device is managed" \
		none_of_workers is_managed
	check_data
	context="${context%on identity }adopted "
	unbind_workers
	check unbound-devices-are-adopted "a device has no group" \
		until_true all_of_workers is_managed
	check drivers-bind-again "a driver does not bind" bind_workers
	all_checks
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

all_checks() {
	check_groups
	check_data
	check_edu
	check_hotplug
	[ "$DRIVER" = builtin ] || check_unload
	check log-is-clean "the kernel's log has trouble" kernel_is_clean
}
