# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC2034,SC2154 # the parts share variables
# Two cards that a program of DPDK drives, and the sizes of the entries that map huge pages.

# table_of DEVICE: prints the mappings of its domain.
table_of() {
	cat "$DEBUGFS/domain-$(domain_of "$1")/page_table"
}

# received: prints the number of packets that both cards have received, as DPDK shows it.
received() {
	sed -nE 's/.*RX-packets: ([0-9]+).*/\1/p' /tmp/testpmd | tail -n 2 |
		awk '{ n += $1 } END { print n + 0 }'
}

# drive_cards PACKETS: prints commands for testpmd, until that many packets have arrived.
drive_cards() {
	local end=$(($(seconds) + 1200))

	# The links come up.
	sleep 10
	echo 'start tx_first 8'
	while [ "$(received)" -lt "$1" ] && [ "$(seconds)" -lt $end ]; do
		sleep 2
		echo 'show port stats all'
		[ -e /tmp/table ] || [ "$(received)" = 0 ] || table_of "$IGB" >/tmp/table
	done
	printf 'stop\nquit\n'
}

# large_leaves FILE PATTERN BYTES: the mappings are at least that large, and the sizes of all leaves
# match.
large_leaves() {
	columns "$1" bytes leaf_sizes | awk -v pattern="^($2)\$" -v least="$3" '
		{ bytes += $1 }
		$2 !~ pattern { other = 1 }
		END { exit other || bytes < least }'
}

# check_packets NUMBER: the cards share a wire. DPDK sends what one has received by the other, so
# the packets go around.
check_packets() {
	context="dpdk: "
	rm -f /tmp/table
	: >/tmp/testpmd
	drive_cards "$1" | dpdk-testpmd -l 0,1 --in-memory -m 64 -a "$IGB" -a "$E1000E" -- -i \
		--forward-mode=io --total-num-mbufs=4096 >/tmp/testpmd 2>&1
	check packets-return "$(received) of $1: $(tail -n 3 /tmp/testpmd)" [ "$(received)" -ge "$1" ]
	note "$(received) packets"
	check no-error "$(grep RX-errors /tmp/testpmd | tail -n 1)" \
		fails grep -qE 'RX-errors: [1-9]|TX-errors: [1-9]' /tmp/testpmd
	check leaves-are-huge-pages "$(columns /tmp/table bytes leaf_sizes | sort | uniq -c)" \
		large_leaves /tmp/table "2M|1G|2M.1G" $((64 << 20))
	check no-fault "$(faults_of "$IGB") $(faults_of "$E1000E")" \
		[ "$(faults_of "$IGB") $(faults_of "$E1000E")" = "0 0" ]
	context=
}

# check_leaf PAGE LEAF: 1 GiB in pages of this size is mapped by entries of the size LEAF.
check_leaf() {
	local holder line

	[ -p /tmp/hold ] || mkfifo /tmp/hold /tmp/held
	/nyx/maps type1 "$IGB" "$(group_of "$IGB")" "$1" 1 hold <>/tmp/hold 1<>/tmp/held 2>&1 &
	holder=$!
	read -r line </tmp/held
	check "maps-pages-of-$1" "$line" [ "$line" = mapped ]
	table_of "$IGB" >/tmp/table
	check "entries-of-$2" "$(columns /tmp/table bytes leaf_sizes | sort | uniq -c)" \
		large_leaves /tmp/table "$2" $((1 << 30))
	echo 1<>/tmp/hold
	wait $holder
}

check_dpdk() {
	find_devices
	unbind_workers
	check load "$(dmesg | tail -n 2)" nyx_load
	load_drivers
	unbind "$IGB"
	unbind "$E1000E"
	check vfio-binds "vfio-pci did not bind" bind_vfio "$IGB"
	check vfio-binds-other "vfio-pci did not bind" bind_vfio "$E1000E"
	huge_pages 2048 48
	check_leaf 4K 4K
	check_leaf 2M 2M
	check_leaf 1G 1G
	huge_pages 2048 0
	huge_pages 2048 128
	check_packets "$1"
	unbind_vfio "$IGB"
	unbind_vfio "$E1000E"
	bind_workers
	check_unload
}
