/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Encoding of 128-bit invalidation descriptors (6.5.2).
 */
#ifndef NYX_VTD_DSC_H
#define NYX_VTD_DSC_H

#include <linux/bitfield.h>
#include <linux/types.h>

#include <nyx/page_request.h>
#include <nyx/queue.h>

#include "regs.h"

static inline u32 vtd_dsc_type(const struct nyx_cmd *dsc)
{
	return FIELD_GET(VTD_DSC_TYPE, dsc->lo);
}

/* Whether a device has to confirm a descriptor; @sid is set to its source-id then. */
static inline bool vtd_dsc_device(const struct nyx_cmd *dsc, u16 *sid)
{
	switch (vtd_dsc_type(dsc)) {
	case VTD_DSC_DEV_TLB:
		*sid = FIELD_GET(VTD_DEV_TLB_LO_SID, dsc->lo);
		return true;
	case VTD_DSC_P_DEV_TLB:
		*sid = FIELD_GET(VTD_P_DEV_TLB_LO_SID, dsc->lo);
		return true;
	default:
		return false;
	}
}

/* Invalidates all context entries (6.5.2.1). */
static inline struct nyx_cmd vtd_dsc_cc_global(void)
{
	return (struct nyx_cmd) {
		.lo = VTD_DSC_CC | FIELD_PREP(VTD_CC_LO_G, VTD_GRAN_GLOBAL),
	};
}

/* Invalidates the context entry of @sid, which had domain ID @did (6.5.2.1). */
static inline struct nyx_cmd vtd_dsc_cc_device(u16 did, u16 sid)
{
	return (struct nyx_cmd) {
		.lo = VTD_DSC_CC | FIELD_PREP(VTD_CC_LO_G, VTD_GRAN_DEVICE) |
		      FIELD_PREP(VTD_CC_LO_DID, did) |
		      FIELD_PREP(VTD_CC_LO_SID, sid),
	};
}

/* Invalidates all PASID-table entries (6.5.2.2). */
static inline struct nyx_cmd vtd_dsc_pasid_global(void)
{
	return (struct nyx_cmd) {
		.lo = VTD_DSC_PASID |
		      FIELD_PREP(VTD_PASID_DSC_LO_G, VTD_PASID_GRAN_GLOBAL),
	};
}

/* Invalidates the entries of @pasid that have domain ID @did (6.5.2.2). */
static inline struct nyx_cmd vtd_dsc_pasid(u16 did, u32 pasid)
{
	return (struct nyx_cmd) {
		.lo = VTD_DSC_PASID |
		      FIELD_PREP(VTD_PASID_DSC_LO_G, VTD_PASID_GRAN_PASID) |
		      FIELD_PREP(VTD_PASID_DSC_LO_DID, did) |
		      FIELD_PREP(VTD_PASID_DSC_LO_PASID, pasid),
	};
}

/*
 * Invalidates all translations. @drain is the combination of VTD_IOTLB_LO_DR
 * and VTD_IOTLB_LO_DW that the unit supports: requests that it has already
 * translated complete before the next invalidation wait descriptor (6.5.2.3).
 */
static inline struct nyx_cmd vtd_dsc_iotlb_global(u64 drain)
{
	return (struct nyx_cmd) {
		.lo = VTD_DSC_IOTLB |
		      FIELD_PREP(VTD_IOTLB_LO_G, VTD_GRAN_GLOBAL) | drain,
	};
}

/* Invalidates all translations of domain ID @did (6.5.2.3). */
static inline struct nyx_cmd vtd_dsc_iotlb_domain(u16 did, u64 drain)
{
	return (struct nyx_cmd) {
		.lo = VTD_DSC_IOTLB |
		      FIELD_PREP(VTD_IOTLB_LO_G, VTD_GRAN_DOMAIN) |
		      FIELD_PREP(VTD_IOTLB_LO_DID, did) | drain,
	};
}

/*
 * Invalidates the translations of 2^@am pages of 4 KiB at @addr, which is
 * aligned to that size. @ih: no table was unlinked, so cached entries of upper
 * levels remain valid (6.5.2.3).
 */
static inline struct nyx_cmd vtd_dsc_iotlb_page(u16 did, u64 addr, u8 am,
						bool ih, u64 drain)
{
	return (struct nyx_cmd) {
		.lo = VTD_DSC_IOTLB |
		      FIELD_PREP(VTD_IOTLB_LO_G, VTD_GRAN_PAGE) |
		      FIELD_PREP(VTD_IOTLB_LO_DID, did) | drain,
		.hi = (addr & VTD_IOTLB_HI_ADDR) |
		      FIELD_PREP(VTD_IOTLB_HI_AM, am) |
		      (ih ? VTD_IOTLB_HI_IH : 0),
	};
}

/*
 * Invalidates all first-stage translations of @pasid with domain ID @did, after which
 * requests that the unit has already translated are complete (6.5.2.4).
 */
static inline struct nyx_cmd vtd_dsc_p_iotlb(u16 did, u32 pasid)
{
	return (struct nyx_cmd) {
		.lo = VTD_DSC_P_IOTLB |
		      FIELD_PREP(VTD_P_IOTLB_LO_G, VTD_P_IOTLB_GRAN_PASID) |
		      FIELD_PREP(VTD_P_IOTLB_LO_DID, did) |
		      FIELD_PREP(VTD_P_IOTLB_LO_PASID, pasid),
	};
}

/* The same of 2^@am pages of 4 KiB; @addr and @ih as for vtd_dsc_iotlb_page(). */
static inline struct nyx_cmd vtd_dsc_p_iotlb_page(u16 did, u32 pasid, u64 addr,
						  u8 am, bool ih)
{
	return (struct nyx_cmd) {
		.lo = VTD_DSC_P_IOTLB |
		      FIELD_PREP(VTD_P_IOTLB_LO_G, VTD_P_IOTLB_GRAN_PAGE) |
		      FIELD_PREP(VTD_P_IOTLB_LO_DID, did) |
		      FIELD_PREP(VTD_P_IOTLB_LO_PASID, pasid),
		.hi = (addr & VTD_IOTLB_HI_ADDR) |
		      FIELD_PREP(VTD_IOTLB_HI_AM, am) |
		      (ih ? VTD_IOTLB_HI_IH : 0),
	};
}

/*
 * Invalidates 2^@order pages of 4 KiB at @addr, which is aligned to that size,
 * in the device TLB of @sid; order 52 covers everything. @mip is the device's
 * invalidate queue depth, 0 means 32; @pfsid is 0 on a unit without ECAP.DIT
 * (6.5.2.5).
 *
 * If S is set, the lowest clear bit of the address, from bit 12 on, encodes the
 * size, and all bits below it are set (PCI Express, Address Translation
 * Services, Invalidate Request).
 */
static inline struct nyx_cmd vtd_dsc_dev_tlb(u16 sid, u16 pfsid, u8 mip,
					     u64 addr, u8 order)
{
	struct nyx_cmd dsc = {
		.lo = VTD_DSC_DEV_TLB | FIELD_PREP(VTD_DEV_TLB_LO_SID, sid) |
		      FIELD_PREP(VTD_DEV_TLB_LO_MIP, mip) |
		      FIELD_PREP(VTD_DEV_TLB_LO_PFSID_3_0, pfsid & 0xf) |
		      FIELD_PREP(VTD_DEV_TLB_LO_PFSID_15_4, pfsid >> 4),
		.hi = addr & VTD_DEV_TLB_HI_ADDR,
	};

	if (order)
		dsc.hi |= VTD_DEV_TLB_HI_S |
			  FIELD_PREP(VTD_DEV_TLB_HI_ADDR,
				     BIT_ULL(order - 1) - 1);
	return dsc;
}

/* The same for requests with @pasid (6.5.2.6). */
static inline struct nyx_cmd vtd_dsc_p_dev_tlb(u16 sid, u16 pfsid, u8 mip,
					       u32 pasid, u64 addr, u8 order)
{
	struct nyx_cmd dsc = {
		.lo = VTD_DSC_P_DEV_TLB | FIELD_PREP(VTD_P_DEV_TLB_LO_SID, sid) |
		      FIELD_PREP(VTD_P_DEV_TLB_LO_MIP, mip) |
		      FIELD_PREP(VTD_P_DEV_TLB_LO_PASID, pasid) |
		      FIELD_PREP(VTD_P_DEV_TLB_LO_PFSID_3_0, pfsid & 0xf) |
		      FIELD_PREP(VTD_P_DEV_TLB_LO_PFSID_15_4, pfsid >> 4),
		.hi = addr & VTD_DEV_TLB_HI_ADDR,
	};

	if (order)
		dsc.hi |= VTD_P_DEV_TLB_HI_S |
			  FIELD_PREP(VTD_DEV_TLB_HI_ADDR,
				     BIT_ULL(order - 1) - 1);
	return dsc;
}

/* Invalidates all IRTEs (6.5.2.8). */
static inline struct nyx_cmd vtd_dsc_iec_global(void)
{
	return (struct nyx_cmd) { .lo = VTD_DSC_IEC };
}

/* Invalidates 2^@im IRTEs at @iidx, which is aligned to that (6.5.2.8). */
static inline struct nyx_cmd vtd_dsc_iec_index(u16 iidx, u8 im)
{
	return (struct nyx_cmd) {
		.lo = VTD_DSC_IEC | VTD_IEC_LO_G |
		      FIELD_PREP(VTD_IEC_LO_IM, im) |
		      FIELD_PREP(VTD_IEC_LO_IIDX, iidx),
	};
}

/*
 * Writes @data to @addr, 4 byte aligned, when all earlier descriptors are
 * completed (6.5.2.9).
 */
static inline struct nyx_cmd vtd_dsc_wait(phys_addr_t addr, u32 data)
{
	return (struct nyx_cmd) {
		.lo = VTD_DSC_WAIT | VTD_WAIT_LO_SW |
		      FIELD_PREP(VTD_WAIT_LO_DATA, data),
		.hi = addr,
	};
}

/*
 * Makes the unit write all page requests that it has received to its queue before it
 * executes the next descriptor (6.5.2.9, 7.10). It writes no status.
 */
static inline struct nyx_cmd vtd_dsc_drain_requests(void)
{
	return (struct nyx_cmd) {
		.lo = VTD_DSC_WAIT | VTD_WAIT_LO_FN | VTD_WAIT_LO_PD,
	};
}

/* Sends the response to the group of @req to the device (7.7.1). */
static inline struct nyx_cmd
vtd_dsc_page_response(const struct nyx_page_request *req,
		      enum nyx_page_response response)
{
	u8 code = response == NYX_PAGE_SUCCESS ? VTD_PRS_CODE_SUCCESS :
		  response == NYX_PAGE_INVALID ? VTD_PRS_CODE_INVALID :
						 VTD_PRS_CODE_FAILURE;

	return (struct nyx_cmd) {
		.lo = VTD_DSC_PAGE_RESPONSE |
		      (req->has_pasid ? VTD_PRS_DSC_LO_PP : 0) |
		      FIELD_PREP(VTD_PRS_DSC_LO_CODE, code) |
		      FIELD_PREP(VTD_PRS_DSC_LO_RID, req->rid) |
		      FIELD_PREP(VTD_PRS_DSC_LO_PASID,
				 req->has_pasid ? req->pasid : 0),
		.hi = FIELD_PREP(VTD_PRS_DSC_HI_PRGI, req->group),
	};
}

#endif /* NYX_VTD_DSC_H */
