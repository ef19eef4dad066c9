# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
# The output of `make demo`. The host prints the lines that start with "| ".

show() {
	sed 's/^/| /'
}

title() {
	printf '| \n| == %s\n' "$*"
}

# groups_table: prints a line for each group, with its devices and their drivers.
groups_table() {
	local group dev line

	for group in $(cd "$GROUPS_DIR" && printf '%s\n' * | sort -n); do
		line=
		for dev in "$GROUPS_DIR/$group"/devices/*; do
			dev=${dev##*/}
			line="$line ${dev#0000:}"
			! driver_of "$dev" >/dev/null ||
				line="$line ($(driver_of "$dev"))"
		done
		printf 'group %2s:%s\n' "$group" "$line"
	done
}

demo_found() {
	title "Units found"
	log_since_mark | grep -o 'nyx: .*' | show
	nyxctl units | show
	title "Groups: devices that can only be assigned together"
	groups_table | show
}

demo_disk() {
	local before after

	title "An NVMe disk, written and verified through translation"
	before=$(domain_counters_of "$NVME")
	check_disk nvme "$NVME" 32
	after=$(domain_counters_of "$NVME")
	echo "32 MiB of random writes, read back, each block's CRC32C as written" | show
	echo "before: domain ${before:-none}" | show
	echo "after:  domain ${after:-none}" | show
}

# domain_counters_of DEVICE: prints the number of its domain and the domain's counters.
domain_counters_of() {
	local domain

	domain=$(columns "$DEBUGFS/devices" device domain | awk -v dev="$1" '$1 == dev { print $2 }')
	columns "$DEBUGFS/domains" domain map_calls map_bytes unmap_calls |
		awk -v id="$domain" '$1 == id {
			print $1 ", " $2 " maps of " $3 " bytes, " $4 " unmaps" }'
}

demo_stray() {
	local line address

	title "A device writes to memory that is not mapped for it"
	line=$(/nyx/stray "$EDU" write)
	address=${line#*address=}
	address=${address%% *}
	check stray-write-stopped "${line:-no output of stray}" \
		[ "${line#*memory=}" = unchanged ]
	check_fault stray-write-named "$EDU" write "$address"
	echo "edu ($EDU) wrote to $address; the memory there is ${line#*memory=}" | show
	log_since_mark | grep -o 'nyx: .*blocked: .*' | head -n 1 | show
	title "nyxctl explain"
	nyxctl explain | show
	[ "$VENDOR" != amd ] || show <<-EOF
	(A real unit reports the address and the type of the access. QEMU's unit omits
	both from the event, and the bus, and logs about 512 events for one DMA.)
	EOF
}

demo_end() {
	title "Detaching and unloading"
	check detach-refused-while-bound "detach succeeded while devices were bound" \
		fails detach
	echo "detach while disks and cards are bound: refused, and the log names them" | show
	unbind_workers
	check detach "$(log_since_mark | tail -n 2)" detach
	check rmmod "the module is still loaded" rmmod nyx_iommu
	echo "drivers unbound, detached, module unloaded" | show
}

demo() {
	find_devices
	unbind_workers
	mark_log
	if ! nyx_load; then
		not_ok load "$(cat /tmp/insmod; dmesg | tail -n 2)"
		return
	fi
	ok load
	load_drivers
	check drivers-bind "a driver did not bind" bind_workers
	demo_found
	demo_disk
	demo_stray
	title "nyxctl status"
	nyxctl status | show
	demo_end
	check log-is-clean "the kernel log has warnings" kernel_is_clean
}
