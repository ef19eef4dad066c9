# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC2034,SC2154 # the parts share variables
# Users of VFIO that are killed while their devices do DMA leave nothing behind, and the next
# user's device reaches the next user's memory. The host uses a disk meanwhile.

# start_user NAME DEVICE: starts a process that copies memory by an edu device: see user.c.
start_user() {
	: >"/tmp/user-$1"
	/nyx/user "$2" "$(group_of "$2")" >"/tmp/user-$1" 2>&1 &
}

user_runs() {
	grep -qx running "/tmp/user-$1"
}

# kill_cycle: two users with a device each are killed. The times at which this happens are
# spread over those of a DMA, which takes a tenth of a second.
kill_cycle() {
	local first second

	KILLS=$((${KILLS:-0} + 2))
	start_user first "$EDU"
	first=$!
	start_user second "$EDU_BRIDGED"
	second=$!
	if ! until_true user_runs first || ! until_true user_runs second; then
		note "$(cat /tmp/user-first /tmp/user-second)"
		return 1
	fi
	sleep "0.$(printf %02d $((KILLS * 7 % 43)))"
	kill -9 $first
	sleep "0.$(printf %02d $((KILLS * 11 % 37)))"
	kill -9 $second
	wait $first $second 2>/dev/null
	! grep -h wrong /tmp/user-first /tmp/user-second | sed 's/^/# /' | grep .
}

# pinned_pages: prints the number of pages that are pinned for DMA by user space.
pinned_pages() {
	awk '$1 == "nr_foll_pin_acquired" { n += $2 }
	     $1 == "nr_foll_pin_released" { n -= $2 }
	     END { print n }' /proc/vmstat
}

# table_pages: prints the number of pages of all tables, without those of the domains that drivers
# of the host use, which grow while a disk is used.
table_pages() {
	{
		columns "$DEBUGFS/domains" type table_pages
		grep nr_iommu_pages /proc/vmstat
	} | awk '$1 ~ /^dma/ { n -= $2 }
		 $1 == "nr_iommu_pages" { n += $2 }
		 END { print n }'
}

# held: prints what users of VFIO may leave behind: the domains, the pages of tables, and the
# pinned pages. The counters of all CPUs are added first.
held() {
	echo 1 >/proc/sys/vm/stat_refresh
	columns "$DEBUGFS/domains" type | grep -c unmanaged
	table_pages
	pinned_pages
}

held_are() {
	[ "$(held)" = "$1" ]
}

# check_kills TIMES: kills that many users in pairs.
check_kills() {
	local load before

	find_devices
	load_drivers
	unbind_workers
	check load "$(dmesg | tail -n 2)" nyx_load
	bind "$NVME"
	bind_vfio "$EDU"
	bind_vfio "$EDU_BRIDGED"
	before=$(held)
	until_true has_block_device "$NVME"
	keep_writing "$(block_device "$NVME")" &
	load=$!
	cycle kills $(($1 / 2)) kill_cycle
	touch /tmp/stop-load
	check disk-under-load "$(tail -n 3 /tmp/load)" wait $load
	check nothing-is-held "$(held | xargs), not $(echo "$before" | xargs)" \
		until_true held_are "$before"
	check no-fault-of-the-disk "$(faults_of "$NVME")" [ "$(faults_of "$NVME")" = 0 ]
	unbind_vfio "$EDU"
	unbind_vfio "$EDU_BRIDGED"
	check_edu
	check_unload
	check log-is-clean "the kernel log has warnings" kernel_is_clean
}
