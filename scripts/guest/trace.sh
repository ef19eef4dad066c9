# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC2034,SC2154 # the parts share variables
# What the tracepoints tell of mapped DMA, and in which order.

TRACING=/sys/kernel/tracing

# watch COMMAND...: with every tracepoint of the module on.
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

# The write to what was unmapped. QEMU's AMD IOMMU does not tell the address.
FAULT_EVENT='^nyx_fault: .* iova=0x100000000 access=write '
[ "$VENDOR" != amd ] || FAULT_EVENT='^nyx_fault: '

# check_event NAME PATTERN
check_event() {
	check "traced-$1" "no line is $2" grep -qE "$2" /tmp/events
}

# check_traced NAME DEVICE NAMED: check_mapped, looked on. See mapped.c for the
# addresses.
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
	check traced-flush-between-unmap-and-fault "there is none" \
		flushed_before_fault
	# Each flush is an invalidation at least.
	flushed=$(grep -c nyx_flush: /tmp/events)
	check traced-flushes-are-counted "$flushed flushes, $counted counted" \
		[ "$counted" -ge "$flushed" ]
	# Four ranges are mapped.
	maps=$(grep -c "nyx_flush: .* map=1 ret=0" /tmp/events)
	if [ -n "${CACHING:-}" ]; then
		# One flush a map, not one a page: two megabytes are among them.
		check traced-maps-are-flushed "$maps were" [ "$maps" -ge 4 ]
		check traced-maps-are-flushed-whole "$maps were" \
			[ "$maps" -le 16 ]
	else
		check traced-maps-are-not-flushed "$maps were" [ "$maps" -eq 0 ]
	fi
}

# The page whose unmapping is followed by DMA to it.
flushed_before_fault() {
	awk -v fault="$FAULT_EVENT" '
	     /^nyx_unmap: .* iova=0x100000000 / { unmapped = 1 }
	     /^nyx_flush: .* map=0 ret=0$/ && unmapped { flushed = 1 }
	     $0 ~ fault && unmapped { exit }
	     END { exit !flushed }' /tmp/events
}
