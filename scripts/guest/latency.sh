# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC2034,SC2154 # the parts share variables
# Latency histograms in debugfs.

# latency_of NAME OP COLUMN: prints the column of that operation.
latency_of() {
	columns "$DEBUGFS/latency" name op "$3" | sed -n "s/^$1 $2 //p"
}

# latency_counts: prints name, operation and count of everything that is measured.
latency_counts() {
	columns "$DEBUGFS/latency" name op count
}

# latency_sum: prints the sum of all counts.
latency_sum() {
	latency_counts | awk '{ n += $3 } END { print n + 0 }'
}

# histograms_add_up: the counts of the buckets add up to the count, and the estimates are in
# ascending order.
histograms_add_up() {
	columns "$DEBUGFS/latency" count min_ns median_ns p99_ns max_ns histogram |
		awk '$1 == 0 { bad += $2 != "-" || $6 != "-"; next }
		     { n = 0; parts = split($6, part, ",")
		       for (i = 1; i <= parts; i++) {
			       split(part[i], pair, ":"); n += pair[2] }
		       bad += n != $1 || $2 > $3 || $3 > $4 || $4 > $5 }
		     END { exit bad > 0 }'
}

# has_latency NAME OP: at least one such operation was counted.
has_latency() {
	[ "$(latency_of "$1" "$2" count)" -gt 0 ]
}

# check_latency: the disk has a driver. Its operations are counted while the histograms are
# switched on, and only then.
check_latency() {
	local unit domain name op before word

	context="latency: "
	unit=$(columns "$DEBUGFS/units" unit | head -n 1)
	domain=domain-$(domain_id_of "$NVME")
	check_disk off "$NVME" 1
	check off-counts-nothing "$(cat "$DEBUGFS/latency")" [ "$(latency_sum)" = 0 ]
	check on "the write failed" sh -c "echo on >$DEBUGFS/latency"
	check_disk on "$NVME" 1
	while read -r name op; do
		check "$op-of-${name%[0-9]*}-is-counted" "$(cat "$DEBUGFS/latency")" \
			has_latency "$name" "$op"
	done <<-EOF
	$unit flush
	$unit wait
	$domain map
	$domain unmap
	$domain flush
	EOF
	# A domain that is created while they are on.
	unbind "$NVME"
	echo DMA >"$GROUPS_DIR/$(group_of "$NVME")/type"
	check new-domain "$NVME is still in $domain" \
		[ "domain-$(domain_id_of "$NVME")" != "$domain" ]
	bind "$NVME"
	check new-domain-is-counted "$(cat "$DEBUGFS/latency")" until_true \
		has_latency "domain-$(domain_id_of "$NVME")" map
	unbind "$NVME"
	echo auto >"$GROUPS_DIR/$(group_of "$NVME")/type"
	bind "$NVME"
	check off-again "the write failed" sh -c "echo off >$DEBUGFS/latency"
	check adds-up "$(cat "$DEBUGFS/latency")" histograms_add_up
	before=$(latency_counts)
	check_disk off-again "$NVME" 1
	check off-again-counts-nothing "$(cat "$DEBUGFS/latency")" \
		[ "$(latency_counts)" = "$before" ]
	check clear "the write failed" sh -c "echo clear >$DEBUGFS/latency"
	check cleared "$(cat "$DEBUGFS/latency")" [ "$(latency_sum)" = 0 ]
	for word in ' ' 1 onoff ON "$(seq 9)"; do
		check "refuses-$(printf %.5s "$word" | tr ' \n' __)" \
			"the write succeeded" \
			sh -c "! printf %s '$word' 2>/dev/null >$DEBUGFS/latency"
	done
	context=
}
