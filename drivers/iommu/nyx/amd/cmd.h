/* SPDX-License-Identifier: GPL-2.0-only */
/* Encoding of commands, which have 128 bits (2.4). */
#ifndef NYX_AMD_CMD_H
#define NYX_AMD_CMD_H

#include <linux/bitfield.h>
#include <linux/types.h>

#include <nyx/queue.h>

#include "lib/range.h"
#include "regs.h"

/* The largest range with its own encoding. Order 52 means all addresses. */
#define AMD_CMD_MAX_ORDER 40

static inline u64 amd_cmd_opcode(const struct nyx_cmd *cmd)
{
	return FIELD_GET(AMD_CMD_OPCODE, cmd->lo);
}

/*
 * Write @data to @addr, which is 8-byte aligned, after all previous commands
 * are complete (2.4.1).
 */
static inline struct nyx_cmd amd_cmd_wait(u64 addr, u64 data)
{
	return (struct nyx_cmd) {
		.lo = FIELD_PREP(AMD_CMD_OPCODE, AMD_CMD_COMPLETION_WAIT) |
		      (addr & AMD_WAIT_LO_ADDR) | AMD_WAIT_LO_S,
		.hi = data,
	};
}

/* Start no later command before all previous ones are complete (2.4.1). */
static inline struct nyx_cmd amd_cmd_fence(void)
{
	return (struct nyx_cmd) {
		.lo = FIELD_PREP(AMD_CMD_OPCODE, AMD_CMD_COMPLETION_WAIT) |
		      AMD_WAIT_LO_F,
	};
}

/* Invalidate the cached device table entry of @device_id (2.4.2). */
static inline struct nyx_cmd amd_cmd_devtab_entry(u16 device_id)
{
	return (struct nyx_cmd) {
		.lo = FIELD_PREP(AMD_CMD_OPCODE,
				 AMD_CMD_INVALIDATE_DEVTAB_ENTRY) |
		      FIELD_PREP(AMD_DEVTAB_LO_DEVICE_ID, device_id),
	};
}

/*
 * Encode address and size of @range. With S set, the lowest 0 among the address
 * bits from bit 12 upwards gives the size, and all bits below it are 1 (2.4.3).
 * If all bits up to bit 62 are 1, the range is everything.
 */
static inline u64 amd_cmd_range(struct nyx_range range)
{
	if (!range.order)
		return range.addr & AMD_PAGES_HI_ADDR;
	if (range.order > AMD_CMD_MAX_ORDER)
		range = (struct nyx_range) { .order = 52 };
	return AMD_PAGES_HI_S | (range.addr & AMD_PAGES_HI_ADDR) |
	       FIELD_PREP(AMD_PAGES_HI_ADDR, BIT_ULL(range.order - 1) - 1);
}

/*
 * Invalidate translations of @domain_id. @pde includes cached entries of upper
 * levels, which is necessary after a table was unlinked (2.4.3).
 */
static inline struct nyx_cmd amd_cmd_pages(u16 domain_id,
					   struct nyx_range range, bool pde)
{
	return (struct nyx_cmd) {
		.lo = FIELD_PREP(AMD_CMD_OPCODE,
				 AMD_CMD_INVALIDATE_IOMMU_PAGES) |
		      FIELD_PREP(AMD_PAGES_LO_DOMAIN_ID, domain_id),
		.hi = amd_cmd_range(range) | (pde ? AMD_PAGES_HI_PDE : 0),
	};
}

/*
 * Invalidate guest translations of @domain_id and @pasid, which is 0 for requests
 * without PASID (2.4.3).
 */
static inline struct nyx_cmd amd_cmd_guest_pages(u16 domain_id, u32 pasid,
						 struct nyx_range range,
						 bool pde)
{
	struct nyx_cmd cmd = amd_cmd_pages(domain_id, range, pde);

	cmd.lo |= FIELD_PREP(AMD_PAGES_LO_PASID, pasid);
	cmd.hi |= AMD_PAGES_HI_GN;
	return cmd;
}

/* Invalidate all guest translations of @domain_id and @pasid (2.4.3). */
static inline struct nyx_cmd amd_cmd_guest_all(u16 domain_id, u32 pasid)
{
	return amd_cmd_guest_pages(domain_id, pasid,
				   (struct nyx_range) { .order = 52 }, true);
}

/* Invalidate all host translations of @domain_id (2.4.3). */
static inline struct nyx_cmd amd_cmd_domain(u16 domain_id)
{
	return amd_cmd_pages(domain_id, (struct nyx_range) { .order = 52 },
			     true);
}

/*
 * Invalidate translations in the device TLB of @device_id. At most @max_pend
 * such requests are outstanding in the queue @queue_id, which virtual functions
 * share with their physical function (2.4.4).
 */
static inline struct nyx_cmd amd_cmd_iotlb(u16 device_id, u16 queue_id,
					   u8 max_pend, struct nyx_range range)
{
	return (struct nyx_cmd) {
		.lo = FIELD_PREP(AMD_CMD_OPCODE,
				 AMD_CMD_INVALIDATE_IOTLB_PAGES) |
		      FIELD_PREP(AMD_IOTLB_LO_DEVICE_ID, device_id) |
		      FIELD_PREP(AMD_IOTLB_LO_MAX_PEND, max_pend) |
		      FIELD_PREP(AMD_IOTLB_LO_QUEUE_ID, queue_id),
		.hi = amd_cmd_range(range),
	};
}

/* As amd_cmd_iotlb(), for translations of @pasid (2.4.4). */
static inline struct nyx_cmd amd_cmd_guest_iotlb(u16 device_id, u16 queue_id,
						 u8 max_pend, u32 pasid,
						 struct nyx_range range)
{
	struct nyx_cmd cmd = amd_cmd_iotlb(device_id, queue_id, max_pend,
					   range);

	cmd.lo |= FIELD_PREP(AMD_IOTLB_LO_PASID_7_0, pasid & 0xff) |
		  FIELD_PREP(AMD_IOTLB_LO_PASID_15_8, pasid >> 8 & 0xff) |
		  FIELD_PREP(AMD_IOTLB_LO_PASID_19_16, pasid >> 16);
	cmd.hi |= AMD_PAGES_HI_GN;
	return cmd;
}

/*
 * Invalidate cached entries of the interrupt remapping table that @device_id
 * uses (2.4.5).
 */
static inline struct nyx_cmd amd_cmd_interrupt_table(u16 device_id)
{
	return (struct nyx_cmd) {
		.lo = FIELD_PREP(AMD_CMD_OPCODE,
				 AMD_CMD_INVALIDATE_INTERRUPT_TABLE) |
		      FIELD_PREP(AMD_INTTAB_LO_DEVICE_ID, device_id),
	};
}

/*
 * Respond to a page request. The upper bits of @tag hold the response (2.4.7).
 */
static inline struct nyx_cmd amd_cmd_complete_ppr(u16 device_id, bool has_pasid,
						  u32 pasid, u16 tag)
{
	return (struct nyx_cmd) {
		.lo = FIELD_PREP(AMD_CMD_OPCODE,
				 AMD_CMD_COMPLETE_PPR_REQUEST) |
		      FIELD_PREP(AMD_PPR_LO_DEVICE_ID, device_id) |
		      FIELD_PREP(AMD_PPR_LO_PASID, has_pasid ? pasid : 0),
		.hi = (has_pasid ? AMD_PPR_HI_GN : 0) |
		      FIELD_PREP(AMD_PPR_HI_TAG, tag),
	};
}

/* Invalidate all cached entries of all tables (2.4.8). */
static inline struct nyx_cmd amd_cmd_all(void)
{
	return (struct nyx_cmd) {
		.lo = FIELD_PREP(AMD_CMD_OPCODE, AMD_CMD_INVALIDATE_IOMMU_ALL),
	};
}

#endif /* NYX_AMD_CMD_H */
