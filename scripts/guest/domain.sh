# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC2034,SC2154 # the parts share variables
# The isolation of domains, and a domain that another kernel driver uses through the IOMMU API: see domain/.

# check_domain: edu and the disk must have no driver.
check_domain() {
	local verdict name count=0 line address number

	context="domain: "
	mark_log
	if ! /usr/lib/nyx/insmod /nyx/nyx_domain_test.ko \
	     device="$EDU,$NVME" 2>/tmp/insmod; then
		not_ok load "$(cat /tmp/insmod)"
		context=
		return
	fi
	log_since_mark | sed -nE 's/.*nyx_domain_test: ((not )?ok) /\1 /p' \
		>/tmp/domain
	while read -r verdict name; do
		count=$((count + 1))
		case $verdict in
		ok) ok "$name" ;;
		*) not_ok "${name#ok }" "the condition in nyx_domain_test.c is false" ;;
		esac
	done </tmp/domain
	check complete "$count checks ran" [ $count -eq 13 ]
	check one-domain-for-both "$(columns "$DEBUGFS/devices" device domain)" \
		[ "$(columns "$DEBUGFS/devices" device domain |
		     grep -E "^($EDU|$NVME) " | cut -d' ' -f2 | sort -u |
		     wc -l)" -eq 1 ]
	mark_log
	check detach-refused "detach did not fail with EBUSY" detach_is_busy
	number=$(columns "$DEBUGFS/domains" domain type |
		sed -n 's/ unmanaged$//p')
	check detach-names-the-domain "$number: $(log_since_mark | tail -n 3)" \
		log_has "nyx: detach: domain $number is still owned by VFIO, IOMMUFD or"
	# The domain still translates DMA.
	line=$(/nyx/stray "$EDU" write)
	address=${line#*address=}
	address=${address%% *}
	# A fault handler needs the address, which QEMU's AMD IOMMU does not report.
	if [ "$VENDOR" = amd ]; then
		check_fault fault-is-shown "$EDU" write "$address"
	else
		check handler-is-called "$(log_since_mark | tail -n 3)" \
			until_true log_has "handler $EDU $address write right"
	fi
	check rmmod-user "nyx_domain_test is still loaded" rmmod nyx_domain_test
	check detach-after-it "$(log_since_mark | tail -n 3)" detach
	check rmmod-after-it "the module is still loaded" rmmod nyx_iommu
	check leaves-nothing "resources are left over" nothing_left
	check load-after-it "$(cat /tmp/insmod)" nyx_load
	context=
}

# isolation_of DEVICE: prints the number of its domain and its isolation, as `devices` shows
# them.
isolation_of() {
	columns "$DEBUGFS/devices" device domain isolation | sed -n "s/^$1 //p"
}

# check_isolation_is NAME DEVICE ISOLATION: `devices` and `domains` agree on it.
check_isolation_is() {
	local domain shown

	shown=$(isolation_of "$2")
	domain=${shown% *}
	check "$1" "$2 has $shown, and $(columns "$DEBUGFS/domains" domain isolation | tr '\n' ';')" \
		[ "${shown#* }" = "$3" ]
	[ "$domain" = - ] ||
		check "$1-in-domains" "$(cat "$DEBUGFS/domains")" \
			[ "$(columns "$DEBUGFS/domains" domain isolation |
			     sed -n "s/^$domain //p")" = "$3" ]
}

# begin_together EDU OTHER: puts two devices of different groups into one VFIO container,
# until end_together EDU OTHER is called.
begin_together() {
	local line

	bind_vfio "$1"
	bind_vfio "$2"
	[ -p /tmp/together-in ] || mkfifo /tmp/together-in /tmp/together-out
	/nyx/together "$1" "$(group_of "$1")" "$(group_of "$2")" \
		<>/tmp/together-in 1<>/tmp/together-out 2>&1 &
	TOGETHER=$!
	read -r line </tmp/together-out
	check share-a-container "$line" [ "$line" = together ]
}

# together_write: has the edu device write to memory that is not mapped for it. Prints
# "changed" if the write reached memory, otherwise "unchanged".
together_write() {
	local line

	echo write 1<>/tmp/together-in
	read -r line </tmp/together-out
	echo "$line"
}

end_together() {
	echo end 1<>/tmp/together-in
	wait "$TOGETHER"
	unbind_vfio "$1"
	unbind_vfio "$2"
}

# check_isolation: edu and the devices below the bridge have no driver. The latter share a
# group. A VFIO container with two groups is shared, and its faults say so.
check_isolation() {
	local type

	context="isolation: "
	check_isolation_is own-group "$EDU" STRICT
	check several-devices "$(cat "$DEBUGFS/devices")" \
		[ "$(columns "$DEBUGFS/devices" domain |
		     grep -cx "$(isolation_of "$EDU_BRIDGED" | cut -d' ' -f1)")" -gt 1 ]
	check_isolation_is one-group "$EDU_BRIDGED" STRICT
	type=$GROUPS_DIR/$(group_of "$EDU")/type
	echo identity >"$type"
	check_isolation_is identity "$EDU" UNMANAGED
	echo auto >"$type"
	check_isolation_is again "$EDU" STRICT

	begin_together "$EDU" "$NVME"
	check_isolation_is shared "$EDU" SHARED
	check_isolation_is shared-too "$NVME" SHARED
	check_isolation_is others "$EDU_BRIDGED" STRICT
	end_together "$EDU" "$NVME"
	check_isolation_is alone-again "$EDU" STRICT
	/nyx/stray "$EDU" write >/dev/null
	check fault-has-isolation "$(tail -n 2 "$DEBUGFS/faults")" \
		until_true fault_has "$(isolation_of "$EDU")"
	context=
}

# fault_has "DOMAIN ISOLATION": a fault has both.
fault_has() {
	columns "$DEBUGFS/faults" domain isolation | grep -qx "$1"
}
