# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC2034,SC2154 # the parts share variables
# The tracepoints during mapped DMA, and their order.

TRACING=/sys/kernel/tracing

# watch COMMAND...: runs COMMAND with all tracepoints of the module enabled.
watch() {
	echo >"$TRACING/trace"
	echo 1 >"$TRACING/events/nyx/enable"
	"$@"
	echo 0 >"$TRACING/events/nyx/enable"
	grep -o 'nyx_[a-z]*: .*' "$TRACING/trace" >/tmp/events
}

iotlb_flushes() {
	echo $(($(counter flush_page) + $(counter flush_domain) +
		$(counter flush_global)))
}

# The fault of the write to the unmapped page. QEMU's AMD IOMMU does not report the address.
FAULT_EVENT='^nyx_fault: .* iova=0x100000000 access=write '
[ "$VENDOR" != amd ] || FAULT_EVENT='^nyx_fault: '

# check_event NAME PATTERN: the trace has a line that matches PATTERN.
check_event() {
	check "traced-$1" "no line matches $2" grep -qE "$2" /tmp/events
}

# check_traced NAME DEVICE NAMED: runs check_mapped and checks the trace. The addresses are
# those in mapped.c.
check_traced() {
	local before counted flushed maps

	before=$(iotlb_flushes)
	watch check_mapped "$@"
	counted=$(($(iotlb_flushes) - before))
	[ -s /tmp/events ] || { not_ok traced "no event was seen"; return; }
	check_event attach "^nyx_attach: dev=$2 .* entry=translated ret=0"
	check_event map \
		"^nyx_map: domain=.* iova=0x100000000 .* len=0x1000 prot=read\|write.* ret=0"
	check_event read-only-map \
		"^nyx_map: domain=.* iova=0x100010000 .* len=0x1000 prot=read(\|cache)? ret=0"
	check_event unmap \
		"^nyx_unmap: domain=.* iova=0x100000000 len=0x1000 unmapped=0x1000"
	check_event fault "$FAULT_EVENT"
	check traced-flush-between-unmap-and-fault "there is no such flush" \
		flushed_before_fault
	# Each flush causes at least one invalidation.
	flushed=$(grep -c nyx_flush: /tmp/events)
	check traced-flushes-are-counted "$flushed flushes, $counted counted" \
		[ "$counted" -ge "$flushed" ]
	# mapped.c maps four ranges.
	maps=$(grep -c "nyx_flush: .* map=1 ret=0" /tmp/events)
	if [ -n "${CACHING:-}" ]; then
		# One flush for each map, not for each page: one range has 2 MiB.
		check traced-maps-are-flushed "$maps flushes" [ "$maps" -ge 4 ]
		check traced-maps-are-flushed-whole "$maps flushes" \
			[ "$maps" -le 16 ]
	else
		check traced-maps-are-not-flushed "$maps flushes" \
			[ "$maps" -eq 0 ]
	fi
}

# A flush follows the unmap of the page and precedes the fault of the DMA to it.
flushed_before_fault() {
	awk -v fault="$FAULT_EVENT" '
	     /^nyx_unmap: .* iova=0x100000000 / { unmapped = 1 }
	     /^nyx_flush: .* map=0 ret=0$/ && unmapped { flushed = 1 }
	     $0 ~ fault && unmapped { exit }
	     END { exit !flushed }' /tmp/events
}
