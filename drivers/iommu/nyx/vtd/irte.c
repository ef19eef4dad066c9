// SPDX-License-Identifier: GPL-2.0-only
/*
 * The interrupt remapping table: what is in an entry, and how one is changed so
 * that the unit never sees half of it. Its cache is the caller's business.
 */
#include <linux/bitfield.h>
#include <linux/bitmap.h>
#include <linux/cleanup.h>
#include <linux/errno.h>
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/log2.h>
#include <linux/mm.h>

#include <nyx/device.h>
#include <nyx/intr.h>

#include "irte.h"
#include "lib/cache.h"
#include "regs.h"

/* Bits of the source-id that each value of SQ leaves out (9.10). */
static const u16 vtd_sq_ignored[] = {
	[VTD_SQ_ALL] = 0,
	[VTD_SQ_NOT_2] = 4,
	[VTD_SQ_NOT_2_1] = 6,
	[VTD_SQ_SLOT] = 7,
};

static u64 vtd_irte_requester(u16 rid, u8 ignored)
{
	return FIELD_PREP(VTD_IRTE_HI_SVT, VTD_SVT_REQUESTER) |
	       FIELD_PREP(VTD_IRTE_HI_SQ, ignored) |
	       FIELD_PREP(VTD_IRTE_HI_SID, rid);
}

static u64 vtd_irte_buses(u8 first, u8 last)
{
	return FIELD_PREP(VTD_IRTE_HI_SVT, VTD_SVT_BUS) |
	       FIELD_PREP(VTD_IRTE_HI_SID,
			  FIELD_PREP(VTD_SID_FIRST_BUS, first) |
			  FIELD_PREP(VTD_SID_LAST_BUS, last));
}

/*
 * Who may use an entry. What a bridge above sends in its own name, the uppermost
 * of them last in the list, comes under that ID alone. A bridge from PCI Express
 * to conventional PCI gives some requests function 0 of the bus below, and
 * leaves others as they are, be it the device's ID or that of a bridge between:
 * all that can be told is the buses from there to the device's, none of which is
 * anywhere but below that bridge. Aliases on the device's own bus are functions
 * of its slot, or the bus.
 */
static u64 vtd_irte_source(const struct nyx_device *ndev)
{
	u16 top = ndev->nr_rids ? ndev->rids[ndev->nr_rids - 1] : ndev->rid;
	u8 top_bus = top >> 8, bus = ndev->rid >> 8;
	u16 differ = 0;
	unsigned int i;
	u8 ignored;

	if (top_bus != bus)
		return ndev->mixed_rids ? vtd_irte_buses(top_bus, bus) :
					  vtd_irte_requester(top, VTD_SQ_ALL);
	for (i = 0; i < ndev->nr_rids; i++)
		differ |= ndev->rids[i] ^ ndev->rid;
	for (ignored = VTD_SQ_ALL; ignored <= VTD_SQ_SLOT; ignored++)
		if (!(differ & ~vtd_sq_ignored[ignored]))
			return vtd_irte_requester(ndev->rid, ignored);
	return vtd_irte_buses(bus, bus);
}

/**
 * vtd_irte_encode() - an interrupt's way as an entry (9.10)
 * @ndev: the device that may raise it
 * @target: where it goes
 * @extended: destinations have 32 bits (EIME), not 8
 * @irte: filled in: fixed delivery, edge
 *
 * Context: Any.
 * Return: false if the destination does not fit.
 */
bool vtd_irte_encode(const struct nyx_device *ndev,
		     const struct nyx_intr_target *target, bool extended,
		     struct vtd_irte *irte)
{
	u32 dst = target->dest;

	if (!extended) {
		if (dst > FIELD_MAX(VTD_IRTE_DST_XAPIC))
			return false;
		dst = FIELD_PREP(VTD_IRTE_DST_XAPIC, dst);
	}
	irte->lo = VTD_IRTE_LO_P | (target->logical ? VTD_IRTE_LO_DM : 0) |
		   FIELD_PREP(VTD_IRTE_LO_V, target->vector) |
		   FIELD_PREP(VTD_IRTE_LO_DST, dst);
	irte->hi = vtd_irte_source(ndev);
	return true;
}

/**
 * vtd_irte_message() - what a device writes to use an entry (5.1.2.2)
 * @index: first entry of the run that the device has
 * @offset: the entry's place in it
 * @msg: filled in
 *
 * The subhandle is in the data, where a device with one message for several
 * interrupts counts.
 *
 * Context: Any.
 */
void vtd_irte_message(u16 index, unsigned int offset,
		      struct nyx_intr_message *msg)
{
	msg->address = VTD_MSI_ADDRESS | VTD_MSI_FORMAT | VTD_MSI_SHV |
		       FIELD_PREP(VTD_MSI_HANDLE_14_0, index & 0x7fff) |
		       (index & 0x8000 ? VTD_MSI_HANDLE_15 : 0);
	msg->data = FIELD_PREP(VTD_MSI_SUBHANDLE, offset);
}

static unsigned int vtd_irt_order(u32 entries)
{
	return get_order(entries * sizeof(struct vtd_irte));
}

/**
 * vtd_irt_init() - get memory for a table, with no entry present
 * @irt: the table
 * @entries: how many it should have, a power of two from VTD_IRT_ENTRIES_MIN to
 *	VTD_IRT_ENTRIES_MAX. Where there is not as much memory in one piece, it has
 *	fewer
 * @least: how few will do, such a power of two; a page's are tried at least
 * @coherent: the unit snoops CPU caches (ECAP.C)
 * @nid: NUMA node to take memory from, or NUMA_NO_NODE
 *
 * Context: May sleep.
 * Return: 0 or -ENOMEM.
 */
int vtd_irt_init(struct vtd_irt *irt, u32 entries, u32 least, bool coherent,
		 int nid)
{
	const gfp_t gfp = GFP_KERNEL | __GFP_ZERO | __GFP_NOWARN |
			  __GFP_RETRY_MAYFAIL;
	struct page *page;

	for (;; entries /= 2) {
		page = alloc_pages_node(nid, gfp, vtd_irt_order(entries));
		if (page)
			break;
		if (entries <= least || !vtd_irt_order(entries))
			return -ENOMEM;
	}
	irt->used = bitmap_zalloc(entries, GFP_KERNEL);
	if (!irt->used) {
		__free_pages(page, vtd_irt_order(entries));
		return -ENOMEM;
	}
	irt->base = page_address(page);
	irt->entries = entries;
	irt->coherent = coherent;
	mutex_init(&irt->lock);
	if (!coherent)
		nyx_cache_flush(irt->base, entries * sizeof(*irt->base));
	return 0;
}

/**
 * vtd_irt_destroy() - undo vtd_irt_init()
 * @irt: the table, which no unit uses; or one without memory
 *
 * Context: May sleep.
 */
void vtd_irt_destroy(struct vtd_irt *irt)
{
	if (!irt->base)
		return;
	__free_pages(virt_to_page(irt->base), vtd_irt_order(irt->entries));
	bitmap_free(irt->used);
	irt->base = NULL;
	irt->used = NULL;
}

/**
 * vtd_irt_register() - what IRTA says of a table (11.4.10)
 * @irt: the table
 * @extended: destinations have 32 bits
 *
 * Context: Any.
 * Return: the register's value.
 */
u64 vtd_irt_register(const struct vtd_irt *irt, bool extended)
{
	/* S = n means 2^(n+1) entries. */
	return (virt_to_phys(irt->base) & VTD_IRTA_IRTA) |
	       (extended ? VTD_IRTA_EIME : 0) |
	       FIELD_PREP(VTD_IRTA_S, ilog2(irt->entries) - 1);
}

/**
 * vtd_irt_get() - take entries that nobody has
 * @irt: the table
 * @nr: how many, a power of two; they follow each other, the first at a multiple
 *
 * Context: May sleep.
 * Return: the first one's index, or -ENOSPC.
 */
int vtd_irt_get(struct vtd_irt *irt, unsigned int nr)
{
	unsigned long index;

	guard(mutex)(&irt->lock);
	index = bitmap_find_next_zero_area(irt->used, irt->entries, 0, nr,
					   nr - 1);
	if (index >= irt->entries)
		return -ENOSPC;
	bitmap_set(irt->used, index, nr);
	return index;
}

/**
 * vtd_irt_put() - let entries be taken again
 * @irt: the table
 * @index: the first of them
 * @nr: how many; none is present, and the unit has confirmed that it knows
 *
 * Context: May sleep.
 */
void vtd_irt_put(struct vtd_irt *irt, u16 index, unsigned int nr)
{
	guard(mutex)(&irt->lock);
	bitmap_clear(irt->used, index, nr);
}

/**
 * vtd_irt_is_present() - whether an entry leads anywhere
 * @irt: the table
 * @index: the entry
 *
 * Context: Any.
 * Return: its P field.
 */
bool vtd_irt_is_present(const struct vtd_irt *irt, u16 index)
{
	return READ_ONCE(irt->base[index].lo) & VTD_IRTE_LO_P;
}

static void vtd_irt_store_half(struct vtd_irt *irt, u64 *half, u64 value)
{
	WRITE_ONCE(*half, value);
	if (!irt->coherent) {
		nyx_cache_flush(half, sizeof(*half));
		return;
	}
	/*
	 * The halves reach the unit in this order, and before the call that has
	 * it forget the old entry. A flush does as much.
	 */
	wmb();
}

/**
 * vtd_irt_store() - change an entry
 * @irt: the table
 * @index: the entry
 * @irte: what it shall say
 *
 * The unit sees the entry as it was or as it is now: vector and destination are
 * in one half with the P field, and the other half only changes while that is 0.
 *
 * Context: Any; stores to one entry are serialized.
 */
void vtd_irt_store(struct vtd_irt *irt, u16 index, const struct vtd_irte *irte)
{
	struct vtd_irte *slot = &irt->base[index];

	if ((irte->lo & VTD_IRTE_LO_P) && slot->hi != irte->hi)
		vtd_irt_store_half(irt, &slot->hi, irte->hi);
	vtd_irt_store_half(irt, &slot->lo, irte->lo);
}

/**
 * vtd_irt_block_all() - have no entry lead anywhere
 * @irt: the table, or one without memory
 *
 * Whoever stores an entry meanwhile takes it back: see vtd_intr_set().
 *
 * Context: Any.
 */
void vtd_irt_block_all(struct vtd_irt *irt)
{
	u32 i;

	if (!irt->base)
		return;
	for (i = 0; i < irt->entries; i++)
		if (vtd_irt_is_present(irt, i))
			vtd_irt_store_half(irt, &irt->base[i].lo, 0);
}
