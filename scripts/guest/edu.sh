# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC2034,SC2154 # the parts share variables
# DMA that must be stopped and DMA that must get through, by the edu device.

# columns FILE NAME...: these columns of a debugfs table, found by its header.
columns() {
	local file=$1

	shift
	awk -v names="$*" '
		NR == 1 { n = split(names, want, " ")
			  for (i = 1; i <= NF; i++) at[$i] = i
			  for (i = 1; i <= n; i++)
				  if (!(want[i] in at)) exit 1
			  next }
		{ line = ""
		  for (i = 1; i <= n; i++)
			  line = line (i > 1 ? " " : "") $at[want[i]]
		  print line }' "$file"
}

# fault_shown DEVICE read|write ADDRESS
fault_shown() {
	if [ "$DRIVER" = builtin ]; then
		fault_logged "$@"
	elif [ "$VENDOR" = amd ]; then
		fault_counted "$1"
	else
		# Addresses are padded with zeros there.
		columns "$DEBUGFS/faults" device access iova |
			sed 's/0x0*/0x/' | grep -qx "$1 $2 0x${3#0x}"
	fi
}

# By the built-in driver.
fault_logged() {
	local short=${1#0000:} want=Write

	[ "$2" = write ] || want=Read
	if [ "$VENDOR" = amd ]; then
		dmesg | grep -q "IO_PAGE_FAULT.* device=\(0000:\)\?$short "
	else
		dmesg | grep -qiE "DMA $want.*device \[(0000:)?$short\] fault addr $3 "
	fi
}

# QEMU's AMD IOMMU does not write into its event log which address a request
# was for: one more event by that device must do.
fault_counted() {
	local count

	count=$(columns "$DEBUGFS/devices" device faults | sed -n "s/^$1 //p")
	[ "${count:-0}" -gt "$(cat "/tmp/faults-$1" 2>/dev/null || echo 0)" ] ||
		return 1
	# One request may have several events.
	sleep 0.2
	columns "$DEBUGFS/devices" device faults | sed -n "s/^$1 //p" \
		>"/tmp/faults-$1"
}

show_faults() {
	if [ "$DRIVER" = builtin ]; then
		dmesg | grep DMAR: | tail -n 3 | sed 's/^/# /'
	else
		tail -n 3 /sys/kernel/debug/nyx/faults | sed 's/^/# /'
	fi
}

# check_fault NAME DEVICE read|write ADDRESS
check_fault() {
	if until_true fault_shown "$2" "$3" "$4"; then
		ok "$1"
	else
		not_ok "$1" "no fault shows $2, $3, $4"
		show_faults
	fi
}

# stray NAME DEVICE NAMED: NAMED is what the fault must name, which is the
# bridge's secondary bus for a device behind a PCIe-to-PCI bridge.
check_stray() {
	local access line address

	for access in write read; do
		line=$(/nyx/stray "$2" $access)
		address=${line#*address=}
		address=${address%% *}
		if [ $access = write ]; then
			check "$1-stray-write-stopped" "${line:-no answer}" \
				[ "${line#*memory=}" = unchanged ]
		fi
		check_fault "$1-stray-$access-shown" "$3" $access "$address"
	done
}

# Nothing can be mapped yet for a device that VFIO has just claimed: it is
# blocked. check_claimed NAME DEVICE NAMED
check_claimed() {
	local line address entry

	entry=$(columns "$DEBUGFS/devices" device entry 2>/dev/null |
		sed -n "s/^$2 //p")
	[ "$DRIVER" != nyx ] ||
		check "$1-claimed-is-blocked" "it is $entry" [ "$entry" = blocked ]
	line=$(/nyx/stray "$2" write)
	check "$1-claimed-write-stopped" "${line:-no answer}" \
		[ "${line#*memory=}" = unchanged ]
	address=${line#*address=}
	# The built-in driver's log is rate-limited.
	[ "$DRIVER" = builtin ] ||
		check_fault "$1-claimed-fault" "$3" write "${address%% *}"
}

# check_mapped NAME DEVICE NAMED
check_mapped() {
	local name=$1 device=$2 named=$3 verdict rest tests=0 pid

	if ! give_to_vfio "$device"; then
		not_ok "$name-mapped" "cannot bind $device to vfio-pci"
		take_from_vfio "$device"
		return
	fi
	[ -p /tmp/said ] || mkfifo /tmp/said /tmp/answer
	/nyx/mapped "$device" "$(group_of "$device")" \
		<>/tmp/answer >/tmp/said 2>&1 &
	pid=$!
	while read -r verdict rest; do
		case $verdict in
		ok)
			tests=$((tests + 1))
			ok "$name-$rest" ;;
		not)
			tests=$((tests + 1))
			echo "not ok $context$name-${rest#ok }" ;;
		fault)
			# shellcheck disable=SC2086 # three words
			set -- $rest
			# The built-in driver's log is rate-limited.
			[ "$DRIVER" = builtin ] ||
				check_fault "$name-$1" "$named" "$3" "$2"
			echo looked-for 1<>/tmp/answer ;;
		claimed)
			tests=$((tests + 1))
			check_claimed "$name" "$device" "$named"
			echo looked-for 1<>/tmp/answer ;;
		*)
			note "$verdict $rest" ;;
		esac
	done </tmp/said
	wait $pid
	check "$name-mapped-ran" "mapped ended with $?" [ $? -eq 0 ]
	check "$name-mapped-complete" "$tests tests ran" [ $tests -eq 9 ]
	take_from_vfio "$device"
}

check_edu() {
	check_stray edu "$EDU" "$EDU"
	if [ "$DRIVER" = nyx ]; then
		check_traced edu "$EDU" "$EDU"
	else
		check_mapped edu "$EDU" "$EDU"
	fi
	# The built-in driver limits the rate of its log lines. On 6.12 it also
	# leaves a stale entry cached for the requester ID of a bridge, so that
	# mapped DMA does not arrive.
	[ "$DRIVER" = nyx ] || { sleep 6; note "no mapped DMA behind a bridge"; }
	check_stray bridged-edu "$EDU_BRIDGED" "$(named_for "$EDU_BRIDGED")"
	[ "$DRIVER" != nyx ] ||
		check_mapped bridged-edu "$EDU_BRIDGED" \
			"$(named_for "$EDU_BRIDGED")"
}

# memory_after DEVICE [ADDRESS]: "changed" if its write arrives there, by default
# at a page of which no domain knows.
memory_after() {
	/nyx/stray "$1" write ${2:+"$2"} | sed 's/.*memory=//'
}

# edu's group is told to pass its DMA untranslated, and then not any more.
check_identity() {
	local type
	type=$GROUPS_DIR/$(group_of "$EDU")/type

	check identity-is-accepted "it is $(cat "$type")" \
		sh -c "echo identity >$type"
	check identity-lets-dma-pass "memory did not change" \
		[ "$(memory_after "$EDU")" = changed ]
	check identity-is-taken-back "it is $(cat "$type")" \
		sh -c "echo auto >$type"
	check identity-is-over "memory changed" \
		[ "$(memory_after "$EDU")" = unchanged ]
}

# named_for DEVICE: what a fault names that is not on the root bus. A
# PCIe-to-PCI bridge sends on requests as device 0, function 0 of its secondary
# bus (PCI Express to PCI/PCI-X Bridge specification, section 2.3), which the
# module knows to be the device's. QEMU's AMD IOMMU leaves the bus out.
named_for() {
	if [ "$VENDOR" = amd ]; then
		echo 0000:00:00.0
	elif [ "$DRIVER" = builtin ]; then
		echo "${1%:*}:00.0"
	else
		echo "$1"
	fi
}
