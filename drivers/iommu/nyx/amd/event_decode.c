// SPDX-License-Identifier: GPL-2.0-only
/* Decoding of event log entries (2.5). */
#include <linux/bitfield.h>
#include <linux/kernel.h>

#include <nyx/fault.h>

#include "event.h"
#include "regs.h"

/**
 * struct amd_event_kind - fields of the entries with one event code
 * @reason: name of the event code in the specification
 * @device: the entry has a DeviceID; otherwise it is about the unit itself
 * @address: it has the address that the device used
 * @phys: it has an address that the unit used: of an entry or a command
 * @pasid: it has a PASID if GN is set
 * @access: it has the bits I, RW and TR
 */
struct amd_event_kind {
	const char *reason;
	bool device;
	bool address;
	bool phys;
	bool pasid;
	bool access;
};

static const struct amd_event_kind amd_event_kinds[] = {
	[AMD_EVENT_ILLEGAL_DEV_TABLE_ENTRY] = {
		.reason = "ILLEGAL_DEV_TABLE_ENTRY",
		.device = true,
		.address = true,
		.pasid = true,
		.access = true,
	},
	[AMD_EVENT_IO_PAGE_FAULT] = {
		.reason = "IO_PAGE_FAULT",
		.device = true,
		.address = true,
		.pasid = true,
		.access = true,
	},
	[AMD_EVENT_DEV_TAB_HARDWARE_ERROR] = {
		.reason = "DEV_TAB_HARDWARE_ERROR",
		.device = true,
		.phys = true,
		.access = true,
	},
	[AMD_EVENT_PAGE_TAB_HARDWARE_ERROR] = {
		.reason = "PAGE_TAB_HARDWARE_ERROR",
		.device = true,
		.phys = true,
		.pasid = true,
		.access = true,
	},
	[AMD_EVENT_ILLEGAL_COMMAND_ERROR] = {
		.reason = "ILLEGAL_COMMAND_ERROR",
		.phys = true,
	},
	[AMD_EVENT_COMMAND_HARDWARE_ERROR] = {
		.reason = "COMMAND_HARDWARE_ERROR",
		.phys = true,
	},
	[AMD_EVENT_IOTLB_INV_TIMEOUT] = {
		.reason = "IOTLB_INV_TIMEOUT",
		.device = true,
		.phys = true,
	},
	[AMD_EVENT_INVALID_DEVICE_REQUEST] = {
		.reason = "INVALID_DEVICE_REQUEST",
		.device = true,
		.address = true,
		.pasid = true,
	},
	[AMD_EVENT_INVALID_PPR_REQUEST] = {
		.reason = "INVALID_PPR_REQUEST",
		.device = true,
		.address = true,
	},
	[AMD_EVENT_EVENT_COUNTER_ZERO] = {
		.reason = "EVENT_COUNTER_ZERO",
	},
	[AMD_EVENT_GUEST_EVENT_FAULT] = {
		.reason = "GUEST_EVENT_FAULT",
	},
	[AMD_EVENT_VIOMMU_HARDWARE_ERROR] = {
		.reason = "VIOMMU_HARDWARE_ERROR",
	},
	[AMD_EVENT_RMP_PAGE_FAULT] = {
		.reason = "RMP_PAGE_FAULT",
		.device = true,
		.address = true,
	},
	[AMD_EVENT_RMP_HARDWARE_ERROR] = {
		.reason = "RMP_HARDWARE_ERROR",
		.device = true,
	},
};

static const struct amd_event_kind amd_event_reserved = {
	.reason = "Reserved event code",
};

/* PE and RZ are valid only with PR, for interrupts as well as pages (2.5.3). */
static const char *amd_event_page_fault(u64 lo, bool interrupt)
{
	if (interrupt && (lo & AMD_EVENT_PR) && (lo & AMD_EVENT_RZ))
		return "IO_PAGE_FAULT: interrupt entry with a reserved bit not zero";
	if (interrupt)
		return "IO_PAGE_FAULT: interrupt blocked";
	if (!(lo & AMD_EVENT_PR))
		return "IO_PAGE_FAULT: page not present";
	if (lo & AMD_EVENT_PE)
		return "IO_PAGE_FAULT: lack of permission";
	if (lo & AMD_EVENT_RZ)
		return "IO_PAGE_FAULT: reserved bit not zero";
	return "IO_PAGE_FAULT: invalid level encoding";
}

/*
 * Units report interrupts with an address in the interrupt range of
 * HyperTransport. An event that claims to be an interrupt but has another
 * address is not one: QEMU sets I for any request.
 */
static bool amd_event_is_interrupt(u64 address)
{
	return FIELD_GET(AMD_INT_ADDR_RANGE, address) == AMD_INT_RANGE;
}

/* The index takes the place of vector and message type (2.2.5). */
static u16 amd_event_index(u64 address)
{
	return FIELD_GET(AMD_INT_ADDR_MT, address) << 8 |
	       FIELD_GET(AMD_INT_ADDR_VECTOR, address);
}

/*
 * Accesses of a device to the interrupt range. Other requests are not
 * described.
 */
static void amd_event_device_request(u64 lo, struct nyx_fault *fault)
{
	if (lo & AMD_EVENT_TR)
		return;
	switch (FIELD_GET(AMD_EVENT_TYPE, lo)) {
	case AMD_EVENT_TYPE_INT_READ:
		fault->reason = "INVALID_DEVICE_REQUEST: read of the interrupt range";
		fault->access = NYX_ACCESS_READ;
		break;
	case AMD_EVENT_TYPE_INT_ABORT:
		fault->reason = "INVALID_DEVICE_REQUEST: interrupt blocked";
		fault->access = NYX_ACCESS_INTERRUPT;
		break;
	case AMD_EVENT_TYPE_INT_RSVD:
		fault->reason = "INVALID_DEVICE_REQUEST: write to the reserved interrupt range";
		fault->access = NYX_ACCESS_WRITE;
		break;
	}
}

/* NX is valid only with a PASID; RW is not valid for a translation request. */
static enum nyx_access amd_event_access(u64 lo)
{
	if (lo & AMD_EVENT_I)
		return NYX_ACCESS_INTERRUPT;
	if (lo & AMD_EVENT_TR)
		return NYX_ACCESS_UNKNOWN;
	if (lo & AMD_EVENT_RW)
		return NYX_ACCESS_WRITE;
	if ((lo & AMD_EVENT_GN) && (lo & AMD_EVENT_NX))
		return NYX_ACCESS_EXECUTE;
	return NYX_ACCESS_READ;
}

/**
 * amd_event_decode() - decode an event log entry (2.5)
 * @lo: bits 63:0
 * @hi: bits 127:64
 * @unit_id: DeviceID of the unit, which is reported for its own errors
 * @remaps: the unit remaps interrupts, so it may block them
 * @fault: filled in
 *
 * Translation requests, and events that do not describe the request, give
 * NYX_ACCESS_UNKNOWN. So does an interrupt if the unit does not remap
 * interrupts or if the address is not in the interrupt range: then all fields
 * that describe the request are ignored.
 *
 * Context: Any.
 */
void amd_event_decode(u64 lo, u64 hi, u16 unit_id, bool remaps,
		      struct nyx_fault *fault)
{
	u8 code = FIELD_GET(AMD_EVENT_CODE, lo);
	const struct amd_event_kind *kind = &amd_event_reserved;

	if (code < ARRAY_SIZE(amd_event_kinds) && amd_event_kinds[code].reason)
		kind = &amd_event_kinds[code];

	*fault = (struct nyx_fault) {
		.rid = kind->device ? FIELD_GET(AMD_EVENT_DEVICE_ID, lo) :
				      unit_id,
		.access = kind->access ? amd_event_access(lo) :
					 NYX_ACCESS_UNKNOWN,
		.code = code,
		.reason = kind->reason,
		.phys = kind->phys ? hi : 0,
		.has_phys = kind->phys,
	};
	if (kind->address && !amd_event_is_interrupt(hi))
		remaps = false;
	if (code == AMD_EVENT_IO_PAGE_FAULT)
		fault->reason = amd_event_page_fault(lo, remaps &&
						     (lo & AMD_EVENT_I));
	if (code == AMD_EVENT_INVALID_DEVICE_REQUEST)
		amd_event_device_request(lo, fault);
	/*
	 * For an interrupt, the address gives the index, and the PASID is
	 * invalid.
	 */
	if (fault->access == NYX_ACCESS_INTERRUPT) {
		if (!remaps)
			fault->access = NYX_ACCESS_UNKNOWN;
		fault->has_index = remaps && code == AMD_EVENT_IO_PAGE_FAULT;
		if (fault->has_index)
			fault->index = amd_event_index(hi);
		return;
	}
	if (kind->address) {
		fault->iova = hi;
		fault->has_iova = true;
	}
	fault->has_pasid = kind->pasid && (lo & AMD_EVENT_GN);
	if (fault->has_pasid)
		fault->pasid = FIELD_GET(AMD_EVENT_PASID_19_16, lo) << 16 |
			       FIELD_GET(AMD_EVENT_PASID_15_0, lo);
}
