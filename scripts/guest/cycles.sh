# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC2034,SC2154 # the parts share variables
# Cycles of loading and unloading the module, and of adding and removing devices, without a
# leak. The kernel records who allocated each object: slub_debug=U,kmalloc-*.

# Prints the number of objects that were allocated by a call of the module, as it is loaded
# now or was loaded in a load_cycle: addresses in an unloaded module have no name. Their
# stacks are in the file $1. Sheaves do not count: the slab allocator of newer kernels
# allocates one during an allocation of an object now and then, and keeps it.
objects() {
	cat /sys/kernel/debug/slab/*/alloc_traces | awk -v stacks="$1" '
		function finish() {
			if (hit && !sheaf) {
				printf "%s", stack >stacks
				sum += hit
			}
			hit = 0
			stack = ""
		}
		BEGIN { while ((getline line <"/tmp/places") > 0) {
				n++
				split(line, place, " ")
				from[n] = place[1]
				to[n] = place[2]
			}
			printf "" >stacks }
		/^ *[0-9]+ / { finish()
			count = $1
			sheaf = $2 ~ /^(__pcs_replace_|__kfree_rcu_sheaf)/ }
		{ stack = stack $0 "\n" }
		/nyx_iommu/ { hit = count }
		$1 ~ /^0xffffffff/ {
			for (i = 1; i <= n; i++)
				if ($1 "" >= from[i] "" && $1 "" < to[i] "")
					hit = count }
		END { finish()
		      print sum + 0 }'
}

objects_are() {
	OBJECTS=$(objects /tmp/stacks)
	[ "$OBJECTS" -le "$1" ]
}

# Prints the memory in use, in KiB: the least of some values, because the kernel frees some
# memory later. The kernel does not count free pages that it keeps for each CPU as free. The
# load on the disk pauses, because its memory comes and goes.
memory_in_use() {
	local tries=0

	touch /tmp/pause-load
	until_true no_load_runs
	while [ $tries -lt 5 ]; do
		tries=$((tries + 1))
		sync
		echo 3 >/proc/sys/vm/drop_caches
		awk '/^MemTotal:/ { kib += $2 }
		     /^MemFree:/ { kib -= $2 }
		     $1 == "count:" { kib -= 4 * $2 }
		     END { print kib }' /proc/meminfo /proc/zoneinfo
		sleep 0.2
	done | sort -n | head -n 1
	rm /tmp/pause-load
}

no_load_runs() {
	! pidof fio >/dev/null
}

# What the module counts: devices, domain IDs, interrupt entries; nothing if it is not loaded.
module_counts() {
	[ ! -e "$DEBUGFS/units" ] ||
		columns "$DEBUGFS/units" devices domain_ids intr_used
}

module_counts_are() {
	[ "$(module_counts)" = "$1" ]
}

# cycle NAME TIMES STEP: runs STEP that often. What was allocated after the first tenth of the
# cycles must have been freed at the end: each object of the module and, with 200 cycles or
# more, all memory but half a page for each cycle.
cycle() {
	local i=0 warm=$((($2 + 9) / 10)) objects memory counts grown

	context="$1: "
	counts=$(module_counts)
	while [ $i -lt "$2" ]; do
		if [ $i -eq $warm ]; then
			objects=$(objects /tmp/stacks-before)
			[ "$2" -lt 200 ] || memory=$(memory_in_use)
		fi
		"$3" || break
		i=$((i + 1))
	done
	check completes "stopped in cycle $i: $(dmesg | tail -n 2)" [ $i -eq "$2" ]
	check restores-counts "$(module_counts), not $counts" \
		until_true module_counts_are "$counts"
	if until_true objects_are "$objects"; then
		ok leaves-no-object
	else
		not_ok leaves-no-object "$objects before, $OBJECTS after"
		diff -U 30 /tmp/stacks-before /tmp/stacks | sed 's/^/# /'
	fi
	if [ "$2" -ge 200 ]; then
		grown=$(($(memory_in_use) - memory))
		note "$1: $2 cycles, memory in use grew by $grown KiB"
		check leaves-no-memory "$grown KiB more are in use" \
			[ $grown -lt $((2 * $2)) ]
	fi
	context=
}

load_cycle() {
	local base size

	nyx_load || return
	# Since it was loaded last, it may have moved.
	awk '$1 == "nyx_iommu" { print $6, $2 }' /proc/modules >/tmp/place
	read -r base size </tmp/place
	printf '0x%x 0x%x\n' "$((base))" "$((base + size))" >>/tmp/places
	sort -u -o /tmp/places /tmp/places
	until_true unload
}

# slot_of DEVICE: prints the folder of its hot-plug slot.
slot_of() {
	dirname "$(grep -lx "${1%.*}" /sys/bus/pci/slots/*/address)"
}

# Without power the slot releases its device at once, and does not wait 5 seconds for
# somebody to press the button again.
hotplug_cycle() {
	until_true plug_hot &&
	until_true has_block_device "$HOT" &&
	echo 0 >"$(slot_of "$HOT")/power" &&
	until_true is_gone "$HOT"
}

vf_cycle() {
	echo 3 >"$PCI/$IGB/sriov_numvfs" &&
	is_managed "$(find_pci 8086 10ca 3)" &&
	echo 0 >"$PCI/$IGB/sriov_numvfs"
}

# The disk has ATS, and is used when the kernel learns that it is gone, as from a port whose
# link is down: see nyx_lost_test.c. QEMU's ports have no such event. The requests under way
# end before the driver is unbound, which would wait for them in vain.
surprise_cycle() {
	entry_is "$VIRTIO" "translated on" || return
	fio --name=lost --filename="$(block_device "$VIRTIO")" --direct=1 --rw=randwrite \
	    --ioengine=libaio --iodepth=8 --bs=64k --time_based --runtime=60 \
	    >/dev/null 2>&1 &
	LOSER=$!
	FLUSHES=$(counter flush_device)
	until_true flushes_exceed "$FLUSHES" || return
	/usr/lib/nyx/insmod /nyx/nyx_lost_test.ko unplugged="$(requester_id "$VIRTIO")"
	rmmod nyx_lost_test
	sleep 0.1
	kill $LOSER
	wait $LOSER
	echo 1 >"$PCI/$VIRTIO/remove"
	echo 1 >/sys/bus/pci/rescan
	until_true has_block_device "$VIRTIO"
}

flushes_exceed() {
	[ "$(counter flush_device)" -gt "$1" ]
}

# Writes and verifies a disk until /tmp/stop-load exists, but not while /tmp/pause-load does.
keep_writing() {
	while [ ! -e /tmp/stop-load ]; do
		if [ -e /tmp/pause-load ]; then
			sleep 0.1
			continue
		fi
		fio --name=load --filename="$1" --ioengine=libaio --direct=1 --rate=2m \
		    --iodepth=4 --rw=randwrite --bs=64k --size=4M --verify=crc32c \
		    --do_verify=1 --verify_fatal=1 --randrepeat=0 \
		    >/tmp/load 2>&1 || return
	done
}

# check_leaks LOADS TIMES
check_leaks() {
	local load

	find_devices
	load_drivers
	unbind_workers
	cycle load "$1" load_cycle
	nyx_load strict=1
	bind_workers
	until_true has_block_device "$NVME"
	until_true has_block_device "$VIRTIO"
	keep_writing "$(block_device "$NVME")" &
	load=$!
	cycle hot-plug "$2" hotplug_cycle
	cycle functions "$2" vf_cycle
	cycle surprise "$2" surprise_cycle
	touch /tmp/stop-load
	check disk-under-load "$(tail -n 3 /tmp/load)" wait $load
	check_unload
	check log-is-clean "the kernel log has warnings" kernel_is_clean
}
