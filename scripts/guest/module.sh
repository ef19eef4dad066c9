# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC2034,SC2154 # the parts share variables
# Loading and unloading the module.

DEBUGFS=/sys/kernel/debug/nyx
DETACH=/sys/kernel/nyx/detach

# kmod's insmod: that of busybox tries a second time if loading fails.
#
# One DMA of edu is hundreds of events for QEMU's AMD IOMMU. So only the checks of quarantine,
# which set QUARANTINE, leave its policy as it is.
nyx_load() {
	rm -f /tmp/faults-*
	[ "$VENDOR" != amd ] || [ -n "${QUARANTINE:-}" ] ||
		set -- fault_action=log "$@"
	/usr/lib/nyx/insmod /nyx/nyx_iommu.ko "$@" 2>/tmp/insmod
}

is_loaded() {
	[ -d /sys/module/nyx_iommu ]
}

# check_refused NAME PATTERN PARAMETER...: loading fails, one line of the log matches
# PATTERN, and nothing is left over.
check_refused() {
	local name=$1 pattern=$2 lines

	shift 2
	mark_log
	if nyx_load "$@"; then
		not_ok "$name" "the module loaded"
		rmmod nyx_iommu
		return
	fi
	lines=$(log_since_mark | grep -c -iE "nyx.*($pattern)")
	check "$name" "$lines lines match '$pattern': $(log_since_mark | tail -n 3)" \
		[ "$lines" -eq 1 ]
	check "$name-leaves-nothing" "resources are left over" nothing_left
}

nothing_left() {
	! is_loaded || { note "the module is loaded"; return 1; }
	[ ! -e "$DEBUGFS" ] || { note "$DEBUGFS exists"; return 1; }
	[ ! -e "${DETACH%/*}" ] || { note "${DETACH%/*} exists"; return 1; }
	! ls -d "$PCI"/*/nyx >/dev/null 2>&1 ||
		{ note "a device has a folder nyx"; return 1; }
	! grep -qE '(vtd|amd)[0-9]' /proc/iomem /proc/interrupts ||
		{ note "a resource is still claimed"; return 1; }
	[ "$DRIVER" != builtin ] || return 0
	[ -z "$(ls "$GROUPS_DIR")$(ls /sys/class/iommu)" ] ||
		{ note "groups or units are left over"; return 1; }
	# Some pages are freed from RCU callbacks.
	until_true no_table_page_left ||
		{ note "$(grep nr_iommu_pages /proc/vmstat)"; return 1; }
}

# The built-in driver's interrupt remapping uses such pages too.
TABLE_PAGES=$(grep nr_iommu_pages /proc/vmstat)

no_table_page_left() {
	grep -qx "$TABLE_PAGES" /proc/vmstat
}

# bound_managed: prints the managed devices that have a driver.
bound_managed() {
	local dev

	for dev in "$GROUPS_DIR"/*/devices/*; do
		[ ! -e "$dev/driver" ] || echo "${dev##*/}"
	done
}

detach() {
	echo 1 2>/dev/null >"$DETACH"
}

# detach_is_busy: detach fails with EBUSY.
detach_is_busy() {
	! echo 1 2>/tmp/detach >"$DETACH" || return 1
	grep -qi "resource busy" /tmp/detach
}

check_detach_refused() {
	local dev missing=

	mark_log
	check detach-refused-while-bound "$(cat /tmp/detach)" detach_is_busy
	for dev in $(bound_managed); do
		log_since_mark | grep "$dev" | grep -q "is bound" ||
			missing="$missing $dev"
	done
	check detach-names-bound-devices "not named:$missing" [ -z "$missing" ]
}

# counter COLUMN: prints the sum over all units.
counter() {
	columns "$DEBUGFS/units" "$1" | awk '{ n += $1 } END { print n + 0 }'
}

# faults_of DEVICE: prints the number of its faults.
faults_of() {
	columns "$DEBUGFS/devices" device faults | sed -n "s/^$1 //p"
}

# only_isa_is_mapped FILE: the page table maps the memory for ISA DMA, and nothing else.
only_isa_is_mapped() {
	[ "$(wc -l <"$1")" -eq 2 ] && first_16_mib_are_mapped "$1"
}

# Drivers that were unbound have unmapped everything. On Intel machines the memory for ISA
# DMA stays mapped in the domain of the bridge to ISA.
nothing_mapped() {
	local table isa=none

	[ "$VENDOR" = amd ] || isa=$(domain_id_of 0000:00:1f.0)
	for table in "$DEBUGFS"/domain-*/page_table; do
		[ "$table" = "$DEBUGFS/domain-$isa/page_table" ] &&
			only_isa_is_mapped "$table" && continue
		[ "$(wc -l <"$table")" -eq 1 ] ||
			{ note "$table: $(tail -n 1 "$table")"; return 1; }
	done
	! columns "$DEBUGFS/domains" domain mapped_bytes |
		grep -vx "$isa 16777216" | grep -qv " 0$"
}

unload() {
	detach && rmmod nyx_iommu
}

check_unload() {
	check_detach_refused
	unbind_workers
	check nothing-mapped "a domain has mappings" nothing_mapped
	check no-flush-errors "$(counter flush_errors) errors" \
		[ "$(counter flush_errors)" = 0 ]
	check detach "$(log_since_mark | tail -n 2)" detach
	check rmmod "the module is still loaded" rmmod nyx_iommu
	check unload-leaves-nothing "resources are left over" nothing_left
}
