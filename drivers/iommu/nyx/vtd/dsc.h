/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Invalidation descriptors of 128 bits (6.5.2).
 */
#ifndef NYX_VTD_DSC_H
#define NYX_VTD_DSC_H

#include <linux/bitfield.h>
#include <linux/types.h>

#include <nyx/queue.h>

#include "regs.h"

static inline u32 vtd_dsc_type(const struct nyx_cmd *dsc)
{
	return FIELD_GET(VTD_DSC_TYPE, dsc->lo);
}

/* Forget all context entries (6.5.2.1). */
static inline struct nyx_cmd vtd_dsc_cc_global(void)
{
	return (struct nyx_cmd) {
		.lo = VTD_DSC_CC | FIELD_PREP(VTD_CC_LO_G, VTD_GRAN_GLOBAL),
	};
}

/* Forget the context entry of @sid, which said @did (6.5.2.1). */
static inline struct nyx_cmd vtd_dsc_cc_device(u16 did, u16 sid)
{
	return (struct nyx_cmd) {
		.lo = VTD_DSC_CC | FIELD_PREP(VTD_CC_LO_G, VTD_GRAN_DEVICE) |
		      FIELD_PREP(VTD_CC_LO_DID, did) |
		      FIELD_PREP(VTD_CC_LO_SID, sid),
	};
}

/*
 * Forget all translations. @drain is VTD_IOTLB_LO_DR and VTD_IOTLB_LO_DW as far
 * as the unit has them: requests that were translated already are completed
 * before the next wait descriptor is (6.5.2.3).
 */
static inline struct nyx_cmd vtd_dsc_iotlb_global(u64 drain)
{
	return (struct nyx_cmd) {
		.lo = VTD_DSC_IOTLB |
		      FIELD_PREP(VTD_IOTLB_LO_G, VTD_GRAN_GLOBAL) | drain,
	};
}

/* Forget all translations of @did (6.5.2.3). */
static inline struct nyx_cmd vtd_dsc_iotlb_domain(u16 did, u64 drain)
{
	return (struct nyx_cmd) {
		.lo = VTD_DSC_IOTLB |
		      FIELD_PREP(VTD_IOTLB_LO_G, VTD_GRAN_DOMAIN) |
		      FIELD_PREP(VTD_IOTLB_LO_DID, did) | drain,
	};
}

/*
 * Forget the translations of 2^@am pages of 4 KiB from @addr on, which is
 * aligned to that size. @ih: no table was unlinked, caches of upper levels may
 * stay (6.5.2.3).
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
 * Have the device @sid forget 2^@order pages of 4 KiB from @addr on, which is
 * aligned to that size; order 52 is everything. @mip is its queue depth, 0
 * means 32; @pfsid is 0 on a unit without ECAP.DIT (6.5.2.5).
 *
 * With S set, the lowest 0 among the address bits from bit 12 on gives the size
 * (PCI Express, Address Translation Services, Invalidate Request): bits below
 * it are 1.
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

/* Forget all interrupt entries (6.5.2.8). */
static inline struct nyx_cmd vtd_dsc_iec_global(void)
{
	return (struct nyx_cmd) { .lo = VTD_DSC_IEC };
}

/* Forget 2^@im interrupt entries from @iidx on, aligned to that (6.5.2.8). */
static inline struct nyx_cmd vtd_dsc_iec_index(u16 iidx, u8 im)
{
	return (struct nyx_cmd) {
		.lo = VTD_DSC_IEC | VTD_IEC_LO_G |
		      FIELD_PREP(VTD_IEC_LO_IM, im) |
		      FIELD_PREP(VTD_IEC_LO_IIDX, iidx),
	};
}

/* When all before it is done, write @data to @addr, 4 byte aligned (6.5.2.9). */
static inline struct nyx_cmd vtd_dsc_wait(phys_addr_t addr, u32 data)
{
	return (struct nyx_cmd) {
		.lo = VTD_DSC_WAIT | VTD_WAIT_LO_SW |
		      FIELD_PREP(VTD_WAIT_LO_DATA, data),
		.hi = addr,
	};
}

#endif /* NYX_VTD_DSC_H */
