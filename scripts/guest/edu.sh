# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC2034,SC2154 # the parts share variables
# DMA of the edu device: DMA that must be blocked and DMA that must reach memory.

# columns FILE NAME...: prints these columns of a debugfs table, found by its header.
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

# fault_logged DEVICE read|write ADDRESS: the same in the log of the built-in driver.
fault_logged() {
	local short=${1#0000:} type=Write

	[ "$2" = write ] || type=Read
	if [ "$VENDOR" = amd ]; then
		dmesg | grep -q "IO_PAGE_FAULT.* device=\(0000:\)\?$short "
	else
		dmesg | grep -qiE "DMA $type.*device \[(0000:)?$short\] fault addr $3 "
	fi
}

# fault_counted DEVICE: events of QEMU's AMD IOMMU do not have the address of the request.
# So any further event of the device counts as the fault.
fault_counted() {
	local count

	count=$(columns "$DEBUGFS/devices" device faults | sed -n "s/^$1 //p")
	[ "${count:-0}" -gt "$(cat "/tmp/faults-$1" 2>/dev/null || echo 0)" ] ||
		return 1
	# One request may cause several events.
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

# check_stray NAME DEVICE NAMED: stray DMA of DEVICE is blocked, and the fault names NAMED:
# see named_for.
check_stray() {
	local access line address

	for access in write read; do
		line=$(/nyx/stray "$2" $access)
		address=${line#*address=}
		address=${address%% *}
		if [ $access = write ]; then
			check "$1-stray-write-stopped" "${line:-no output of stray}" \
				[ "${line#*memory=}" = unchanged ]
		fi
		check_fault "$1-stray-$access-shown" "$3" $access "$address"
	done
}

# check_claimed NAME DEVICE NAMED: a device that VFIO has just claimed is blocked, because
# it still has no address space.
check_claimed() {
	local line address entry

	entry=$(columns "$DEBUGFS/devices" device entry 2>/dev/null |
		sed -n "s/^$2 //p")
	[ "$DRIVER" != nyx ] ||
		check "$1-claimed-is-blocked" "the entry is $entry" \
			[ "$entry" = blocked ]
	line=$(/nyx/stray "$2" write)
	check "$1-claimed-write-stopped" "${line:-no output of stray}" \
		[ "${line#*memory=}" = unchanged ]
	address=${line#*address=}
	# The built-in driver's log is rate-limited.
	[ "$DRIVER" = builtin ] ||
		check_fault "$1-claimed-fault" "$3" write "${address%% *}"
}

# expected_coherency: prints what VFIO_DMA_CC_IOMMU must be. AMD-Vi always enforces cache
# coherency, and VT-d if the unit controls snooping, for which a row sets SNOOP.
expected_coherency() {
	if [ "$VENDOR" = amd ]; then
		echo 1
	else
		echo "${SNOOP:-0}"
	fi
}

# check_mapped NAME DEVICE NAMED: runs mapped, which uses the device through VFIO. It
# prints the results of its tests, and waits while this function checks for faults.
check_mapped() {
	local name=$1 device=$2 named=$3 verdict rest tests=0 pid

	if ! bind_vfio "$device"; then
		not_ok "$name-mapped" "cannot bind $device to vfio-pci"
		unbind_vfio "$device"
		return
	fi
	[ -p /tmp/mapped-out ] || mkfifo /tmp/mapped-out /tmp/mapped-in
	/nyx/mapped "$device" "$(group_of "$device")" \
		<>/tmp/mapped-in >/tmp/mapped-out 2>&1 &
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
			# shellcheck disable=SC2086 # word splitting is intended
			set -- $rest
			# The built-in driver's log is rate-limited.
			[ "$DRIVER" = builtin ] ||
				check_fault "$name-$1" "$named" "$3" "$2"
			echo continue 1<>/tmp/mapped-in ;;
		claimed)
			tests=$((tests + 1))
			check_claimed "$name" "$device" "$named"
			echo continue 1<>/tmp/mapped-in ;;
		coherent)
			tests=$((tests + 1))
			check "$name-coherency" "VFIO_DMA_CC_IOMMU is $rest" \
				[ "$rest" = "$(expected_coherency)" ] ;;
		*)
			note "$verdict $rest" ;;
		esac
	done </tmp/mapped-out
	wait $pid
	check "$name-mapped-ran" "the exit status of mapped is $?" [ $? -eq 0 ]
	check "$name-mapped-complete" "$tests tests ran" [ $tests -eq 10 ]
	unbind_vfio "$device"
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
	# mapped DMA does not reach memory.
	[ "$DRIVER" = nyx ] || { sleep 6; note "mapped DMA below a bridge is not tested"; }
	check_stray bridged-edu "$EDU_BRIDGED" "$(named_for "$EDU_BRIDGED")"
	[ "$DRIVER" != nyx ] ||
		check_mapped bridged-edu "$EDU_BRIDGED" \
			"$(named_for "$EDU_BRIDGED")"
}

# memory_after DEVICE [ADDRESS]: has the device write to ADDRESS, by default to a page that
# no domain maps. Prints "changed" if the write reached memory, otherwise "unchanged".
memory_after() {
	/nyx/stray "$1" write ${2:+"$2"} | sed 's/.*memory=//'
}

# Changes the type of edu's group to identity and back.
check_identity() {
	local type
	type=$GROUPS_DIR/$(group_of "$EDU")/type

	check identity-accepted "the type is $(cat "$type")" \
		sh -c "echo identity >$type"
	check identity-write-done "memory did not change" \
		[ "$(memory_after "$EDU")" = changed ]
	check identity-reverted "the type is $(cat "$type")" \
		sh -c "echo auto >$type"
	check reverted-write-stopped "memory changed" \
		[ "$(memory_after "$EDU")" = unchanged ]
}

# named_for DEVICE: prints the device that faults name for DMA of a device that is not on
# the root bus. A PCIe-to-PCI bridge forwards requests with the requester ID of device 0,
# function 0 of its secondary bus (PCI Express to PCI/PCI-X Bridge specification, section
# 2.3). The module maps that ID to the device; the built-in driver does not. QEMU's AMD
# IOMMU omits the bus.
named_for() {
	if [ "$VENDOR" = amd ]; then
		echo 0000:00:00.0
	elif [ "$DRIVER" = builtin ]; then
		echo "${1%:*}:00.0"
	else
		echo "$1"
	fi
}
