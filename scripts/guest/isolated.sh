# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC2034,SC2154 # the parts share variables
# Two users of VFIO with a device each: neither reaches the other's memory.

# ram_end: prints the end of memory.
ram_end() {
	awk -F '[- ]' '/ : System RAM/ { end = $2 } END { print "0x" end }' /proc/iomem
}

# check_isolated STEP: each device reads every STEP-th address of memory, and where the
# secret of the other user is. Then one of the users maps the secret of the other, and its
# search must find it; that takes no more than a look where the secret is.
check_isolated() {
	local mode line found step=$1

	bind_vfio "$EDU"
	bind_vfio "$EDU_BRIDGED"
	for mode in '' shared; do
		context="isolated${mode:+ except for one page}: "
		[ -z "$mode" ] || step=0x1000000
		line=$(/nyx/isolated "$EDU" "$(group_of "$EDU")" "$EDU_BRIDGED" \
			"$(group_of "$EDU_BRIDGED")" "$step" "$(ram_end)" $mode 2>&1)
		note "isolated${mode:+, $mode}: $line"
		check finds-own-secrets "$line" \
			[ "${line%% *}" = own=1,1 ]
		found=${line##*found=}
		if [ "$mode" = shared ]; then
			check finds-the-shared-secret "$line" [ "$found" = 1,0 ]
		else
			check finds-no-secret-of-the-other "$line" [ "$found" = 0,0 ]
		fi
	done
	context=
	unbind_vfio "$EDU"
	unbind_vfio "$EDU_BRIDGED"
}
