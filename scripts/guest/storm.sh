# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC2034,SC2154 # the parts share variables
# A device that faults without end, and readers that look on.

# More than the kernel keeps records of.
FAULTS=400

# The module is loaded, nothing is bound.
check_storm() {
	local begin lines allowed seqs device=$NVME record

	record="$NVME read 0x0000000000010000"
	if [ "$VENDOR" = amd ]; then
		device=$(named_for "$NVME")
		record="$device unknown -"
	fi
	mark_log
	begin=$(seconds)
	check storm-is-counted "$(counter faults) in 120 s" storm_for 120
	note "$(counter faults) faults, $(counter overflows) overflows"
	lines=$(log_since_mark | grep -c "$device.*blocked")
	# Five lines in 5 s, for one device; and the windows that began.
	allowed=$(((($(seconds) - begin) / 5 + 2) * 5))
	check storm-is-logged-in-part "$lines lines, at most $allowed expected" \
		within "$lines" 1 $allowed
	check storm-last-line-says-so "it does not" \
		log_has "next are counted, not logged"
	check storm-suppressed-are-told "the log does not" \
		until_true storm_told "$device"
	# The kernel's default is 256 records.
	seqs=$(columns "$DEBUGFS/faults" seq)
	check storm-keeps-the-last "not 256 in sequence" \
		[ "$(echo "$seqs" | in_sequence)" = "256 $(shown_faults)" ]
	check storm-records-are-whole "a record differs" \
		[ "$(columns "$DEBUGFS/faults" device access iova | sort -u)" = \
		  "$record" ]
	check storm-device-has-counted "the devices' column is not the units'" \
		[ "$(columns "$DEBUGFS/devices" device faults | grep "^$device ")" = \
		  "$device $(counter faults)" ]
	check storm-device-works-again "its driver does not bind" bind "$NVME"
	check_disk storm-device "$NVME" 4
	unbind "$NVME"
}

within() {
	[ "$1" -ge "$2" ] && [ "$1" -le "$3" ]
}

seconds() {
	cut -d. -f1 /proc/uptime
}

storm_for() {
	local end=$(($(seconds) + $1))

	while [ "$(counter faults)" -lt $FAULTS ]; do
		[ "$(seconds)" -lt $end ] || return 1
		/nyx/storm "$NVME" 200 || return 1
	done
}

# storm_told DEVICE
storm_told() {
	/nyx/storm "$NVME" 1 && log_has "$1.*blocked.*before it not logged"
}

# The number of the last fault of all.
shown_faults() {
	awk '$1 == "faults" { print $2 }' "$DEBUGFS/summary"
}

# in_sequence: how many numbers, and the last, if each follows the one before.
in_sequence() {
	awk 'NR > 1 && $1 != last + 1 { exit 1 } { last = $1 }
	     END { print NR, last }'
}

# Files that show the module, under load that changes what they show.
check_readers() {
	local rounds=0 bad='' shown=0 failed='' tries

	# A guest that is slow reads few files while the load lasts.
	for tries in 1 2 3 4 5; do
		read_under_load
		if [ $shown -gt 2 ] || [ -n "$bad$failed" ]; then
			break
		fi
	done
	check readers-leave-the-load-alone "$(grep -m 1 -i err /tmp/load)" \
		[ -z "$failed" ]
	check readers-see-what-is-sane "$bad after $rounds rounds" [ -z "$bad" ]
	check readers-see-mappings "none in $rounds rounds" [ $shown -gt 2 ]
}

# Adds to rounds and shown; sets bad, failed.
read_under_load() {
	local load file

	fio --name=load --filename="$(block_device "$NVME")" --direct=1 \
	    --ioengine=libaio --iodepth=16 --rw=randrw --bsrange=4k-128k \
	    --time_based --runtime=4 >/tmp/load 2>&1 &
	load=$!
	while kill -0 $load 2>/dev/null; do
		for file in "$DEBUGFS"/* "$DEBUGFS"/*/*; do
			[ -f "$file" ] || continue
			[ "${file##*/}" != detach ] || continue
			cat "$file" >/tmp/shown || { bad=$file; break 2; }
			[ "${file##*/}" = page_table ] || continue
			page_table_is_sane /tmp/shown ||
				{ cp /tmp/shown /tmp/insane; bad=$file; break 2; }
			[ "$(wc -l </tmp/shown)" -le 1 ] || shown=$((shown + 1))
		done
		rounds=$((rounds + 1))
	done
	wait $load || failed=1
}

# Intervals in order, each as long as it says. Addresses are padded, so words
# compare as numbers.
page_table_is_sane() {
	columns "$1" first_iova last_iova bytes access | awk '
		$1 <= last || $2 < $1 || $3 == 0 || $3 % 4096 ||
		$4 !~ /^[-r][-w][-c]$/ { bad = 1 }
		{ last = $2 }
		END { exit bad }'
}
