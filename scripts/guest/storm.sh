# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC2034,SC2154 # the parts share variables
# A device that causes many faults, and programs that read debugfs under load.

# More faults than the module keeps records of.
FAULTS=400

# The module is loaded, no device is bound.
check_storm() {
	local begin lines allowed seqs device=$NVME record

	record="$NVME read 0x0000000000010000"
	if [ "$VENDOR" = amd ]; then
		device=$(named_for "$NVME")
		record="$device unknown -"
	fi
	mark_log
	begin=$(seconds)
	check storm-is-counted "$(counter faults) faults in 120 s" storm_for 120
	note "$(counter faults) faults, $(counter overflows) overflows"
	lines=$(log_since_mark | grep -c "$device.*blocked")
	# Five lines for one device in each window of 5 s.
	allowed=$(((($(seconds) - begin) / 5 + 2) * 5))
	check storm-log-is-limited "$lines lines, at most $allowed expected" \
		within "$lines" 1 $allowed
	check storm-limit-is-logged "the log has no such line" \
		log_has "further faults are counted, not logged"
	check storm-suppressed-are-logged "the log has no such line" \
		until_true suppressed_reported "$device"
	# The module's default is 256 records.
	seqs=$(columns "$DEBUGFS/faults" seq)
	check storm-keeps-the-last-records "not 256 consecutive records" \
		[ "$(echo "$seqs" | in_sequence)" = "256 $(shown_faults)" ]
	check storm-records-are-whole "a record differs" \
		[ "$(columns "$DEBUGFS/faults" device access iova | sort -u)" = \
		  "$record" ]
	check storm-explains-few-faults "$(explained_faults) of 256" \
		[ "$(explained_faults)" -lt 100 ]
	check storm-counted-for-device "devices and units have different counts" \
		[ "$(columns "$DEBUGFS/devices" device faults | grep "^$device ")" = \
		  "$device $(counter faults)" ]
	check storm-device-rebinds "its driver did not bind" bind "$NVME"
	check_disk storm-device "$NVME" 4
	unbind "$NVME"
}

# Only faults that are logged are explained.
explained_faults() {
	columns "$DEBUGFS/faults" explanation | grep -cvx -e -
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

# suppressed_reported DEVICE: causes a fault. The first logged fault of a new window reports
# how many were not logged.
suppressed_reported() {
	/nyx/storm "$NVME" 1 && log_has "$1.*blocked.*previous faults not logged"
}

# Prints the number of faults in the summary, which is that of the last fault.
shown_faults() {
	awk '$1 == "faults" { print $2 }' "$DEBUGFS/summary"
}

# in_sequence: prints the count and the last of the numbers on standard input. Fails if one
# is not the successor of the one before.
in_sequence() {
	awk 'NR > 1 && $1 != last + 1 { exit 1 } { last = $1 }
	     END { print NR, last }'
}

# Reads all files in debugfs under a load that changes their content.
check_readers() {
	local rounds=0 bad='' shown=0 failed='' tries

	# A slow guest reads few files while the load runs.
	for tries in 1 2 3 4 5; do
		read_under_load
		if [ $shown -gt 2 ] || [ -n "$bad$failed" ]; then
			break
		fi
	done
	check load-succeeds-with-readers "$(grep -m 1 -i err /tmp/load)" \
		[ -z "$failed" ]
	check readers-see-valid-files "$bad after $rounds rounds" [ -z "$bad" ]
	check readers-see-mappings "none in $rounds rounds" [ $shown -gt 2 ]
}

# read_under_load: increases rounds and shown; sets bad to the name of an unreadable or
# invalid file, and failed if the load failed.
read_under_load() {
	local load file

	fio --name=load --filename="$(block_device "$NVME")" --direct=1 \
	    --ioengine=libaio --iodepth=16 --rw=randrw --bsrange=4k-128k \
	    --time_based --runtime=4 >/tmp/load 2>&1 &
	load=$!
	while kill -0 $load 2>/dev/null; do
		for file in "$DEBUGFS"/* "$DEBUGFS"/*/*; do
			[ -f "$file" ] || continue
			case ${file##*/} in
			reset|disable) continue ;;	# commands
			esac
			cat "$file" >/tmp/shown || { bad=$file; break 2; }
			[ "${file##*/}" = page_table ] || continue
			page_table_is_sane /tmp/shown ||
				{ cp /tmp/shown /tmp/insane; bad=$file; break 2; }
			[ "$(wc -l </tmp/shown)" -le 1 ] ||
				only_isa_is_mapped /tmp/shown ||
				shown=$((shown + 1))
		done
		rounds=$((rounds + 1))
	done
	wait $load || failed=1
}

# page_table_is_sane FILE: the intervals are sorted and their columns are plausible.
# Addresses are padded, so comparing them as strings gives the order of the numbers.
page_table_is_sane() {
	columns "$1" first_iova last_iova bytes access | awk '
		NR > 1 && $1 <= last || $2 < $1 || $3 == 0 || $3 % 4096 ||
		$4 !~ /^[-r][-w][-c]$/ { bad = 1 }
		{ last = $2 }
		END { exit bad }'
}
