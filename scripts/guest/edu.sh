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
	local short=${1#0000:} bare=${3#0x} want

	if [ "$DRIVER" = builtin ]; then
		[ "$2" = read ] && want=Read || want=Write
		dmesg | grep -qiE "DMA $want.*device \[(0000:)?$short\] fault addr $3 "
	else
		# Addresses are padded with zeros there.
		columns /sys/kernel/debug/nyx/faults device access iova |
			sed 's/0x0*/0x/' | grep -qx "$1 $2 0x$bare"
	fi
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

# check_mapped NAME DEVICE NAMED
check_mapped() {
	local verdict rest tests=0

	if ! give_to_vfio "$2"; then
		not_ok "$1-mapped" "cannot bind $2 to vfio-pci"
		take_from_vfio "$2"
		return
	fi
	/nyx/mapped "$2" "$(group_of "$2")" >/tmp/mapped 2>&1
	check "$1-mapped-ran" "mapped ended with $?: $(tail -n 1 /tmp/mapped)" \
		[ $? -eq 0 ]
	while read -r verdict rest; do
		case $verdict in
		ok)
			tests=$((tests + 1))
			ok "$1-$rest" ;;
		not)
			tests=$((tests + 1))
			echo "not ok $context$1-${rest#ok }" ;;
		fault)
			# shellcheck disable=SC2086 # three words
			set -- "$1" "$2" "$3" $rest
			# The built-in driver's log is rate-limited.
			[ "$DRIVER" = builtin ] ||
				check_fault "$1-$4" "$3" "$6" "$5" ;;
		*)
			note "$verdict $rest" ;;
		esac
	done </tmp/mapped
	check "$1-mapped-complete" "$tests tests ran" [ $tests -eq 8 ]
	take_from_vfio "$2"
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
	check_stray bridged-edu "$EDU_BRIDGED" "$(alias_of "$EDU_BRIDGED")"
	[ "$DRIVER" != nyx ] ||
		check_mapped bridged-edu "$EDU_BRIDGED" \
			"$(alias_of "$EDU_BRIDGED")"
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

# A PCIe-to-PCI bridge sends on requests as device 0, function 0 of its
# secondary bus (PCI Express to PCI/PCI-X Bridge specification, section 2.3).
alias_of() {
	if [ "$DRIVER" = builtin ]; then
		echo "${1%:*}:00.0"
	else
		echo "$1"
	fi
}
