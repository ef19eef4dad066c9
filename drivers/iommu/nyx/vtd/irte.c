// SPDX-License-Identifier: GPL-2.0-only
/*
 * The interrupt remapping table: encoding IRTEs, allocating them, and storing
 * them so that the unit never uses a half-written one. The caller invalidates
 * the unit's interrupt entry cache.
 */
#include <linux/bitfield.h>
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
#include "lib/store128.h"
#include "quirks/quirks.h"
#include "regs.h"

/* Bits of the source-id that each value of SQ ignores (9.10). */
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
 * Encodes which source-ids may use an IRTE:
 *
 * - If a bridge above the device replaces the source-id of all requests, only
 *   its ID can occur. The uppermost such bridge is last in @ndev->rids.
 * - A bridge from PCI Express to conventional PCI replaces the source-id of
 *   some requests by function 0 of its secondary bus. Others keep the ID of the
 *   device, or of a bridge in between. The IRTE allows all buses from the
 *   secondary bus to the device's, which all are below that bridge.
 * - Aliases on the device's own bus are functions of its slot; if not, the IRTE
 *   allows the bus.
 * - A device with a quirk sends with the ID of another function, which is not
 *   known: SVT = 0 allows all.
 */
static u64 vtd_irte_source(const struct nyx_device *ndev)
{
	u16 top = ndev->nr_rids ? ndev->rids[ndev->nr_rids - 1] : ndev->rid;
	u8 top_bus = top >> 8, bus = ndev->rid >> 8;
	u16 differ = 0;
	unsigned int i;
	u8 ignored;

	if (ndev->quirks & NYX_QUIRK_ANY_SOURCE)
		return 0;
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
 * vtd_irte_encode() - encode an IRTE (9.10)
 * @ndev: the device that may send the interrupt
 * @target: destination and vector
 * @extended: destinations have 32 bits (EIME), not 8
 * @irte: filled in, with fixed delivery mode
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
		   (target->level ? VTD_IRTE_LO_TM : 0) |
		   (ndev->ioapic ? VTD_IRTE_LO_PIN : 0) |
		   FIELD_PREP(VTD_IRTE_LO_V, target->vector) |
		   FIELD_PREP(VTD_IRTE_LO_DST, dst);
	irte->hi = vtd_irte_source(ndev);
	return true;
}

/**
 * vtd_irte_encode_posted() - encode an IRTE in posted format (9.11)
 * @ndev: the device that may send the interrupt; no I/O APIC
 * @posting: the virtual CPU
 * @irte: filled in. URG is clear, so the descriptor can suppress notifications while
 *	the virtual CPU does not run
 *
 * Context: Any.
 */
void vtd_irte_encode_posted(const struct nyx_device *ndev,
			    const struct nyx_intr_posting *posting,
			    struct vtd_irte *irte)
{
	irte->lo = VTD_IRTE_LO_P | VTD_IRTE_LO_IM |
		   FIELD_PREP(VTD_IRTE_LO_V, posting->vector) |
		   FIELD_PREP(VTD_IRTE_LO_PDA,
			      FIELD_GET(VTD_IRTE_PDA_LOW, posting->descriptor));
	irte->hi = vtd_irte_source(ndev) |
		   FIELD_PREP(VTD_IRTE_HI_PDA, posting->descriptor >> 32);
}

/**
 * vtd_irte_message() - compose a message in remappable format (5.1.2.2)
 * @intr: the interrupt
 * @msg: filled in
 *
 * In a run of several IRTEs the position becomes the subhandle, which is in the
 * data: a device that has one message for several interrupts changes the low
 * bits of the data. For a single IRTE, SHV is clear and the unit ignores the
 * data, so a device may change its address first.
 *
 * Context: Any.
 */
void vtd_irte_message(const struct nyx_intr *intr, struct nyx_intr_message *msg)
{
	u16 index = intr->run->index;

	msg->address = VTD_MSI_ADDRESS | VTD_MSI_FORMAT |
		       (intr->run->nr > 1 ? VTD_MSI_SHV : 0) |
		       FIELD_PREP(VTD_MSI_HANDLE_14_0, index & 0x7fff) |
		       (index & 0x8000 ? VTD_MSI_HANDLE_15 : 0);
	msg->data = FIELD_PREP(VTD_MSI_SUBHANDLE, intr->offset);
}

static unsigned int vtd_irt_order(u32 entries)
{
	return get_order(entries * sizeof(struct vtd_irte));
}

/**
 * vtd_irt_init() - allocate a table with no IRTE present
 * @irt: the table
 * @entries: desired number of IRTEs, a power of two from 2 to
 *	VTD_IRT_ENTRIES_MAX; reduced if there is no contiguous memory for it
 * @least: acceptable number of IRTEs, a power of two; a full page is always
 *	tried
 * @coherent: the unit snoops CPU caches (ECAP.C)
 * @nid: NUMA node to allocate memory from, or NUMA_NO_NODE
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
	if (nyx_slots_init(&irt->slots, entries)) {
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
 * @irt: the table, which no unit uses, or an empty one
 *
 * Context: May sleep.
 */
void vtd_irt_destroy(struct vtd_irt *irt)
{
	if (!irt->base)
		return;
	__free_pages(virt_to_page(irt->base), vtd_irt_order(irt->entries));
	nyx_slots_destroy(&irt->slots);
	irt->base = NULL;
}

/**
 * vtd_irt_register() - encode IRTA for a table (11.4.10)
 * @irt: the table
 * @extended: destinations have 32 bits
 *
 * Context: Any.
 * Return: the value of the register.
 */
u64 vtd_irt_register(const struct vtd_irt *irt, bool extended)
{
	/* S = n means 2^(n+1) entries. */
	return (virt_to_phys(irt->base) & VTD_IRTA_IRTA) |
	       (extended ? VTD_IRTA_EIME : 0) |
	       FIELD_PREP(VTD_IRTA_S, ilog2(irt->entries) - 1);
}

/**
 * vtd_irt_get() - allocate consecutive IRTEs
 * @irt: the table
 * @nr: number of IRTEs, a power of two; the first is aligned to it
 *
 * Context: May sleep.
 * Return: index of the first IRTE, or -ENOSPC.
 */
int vtd_irt_get(struct vtd_irt *irt, unsigned int nr)
{
	guard(mutex)(&irt->lock);
	return nyx_slots_get(&irt->slots, nr);
}

/**
 * vtd_irt_put() - free consecutive IRTEs
 * @irt: the table
 * @index: the first IRTE
 * @nr: number of IRTEs; none is present, and none is cached
 *
 * Context: May sleep.
 */
void vtd_irt_put(struct vtd_irt *irt, u16 index, unsigned int nr)
{
	guard(mutex)(&irt->lock);
	nyx_slots_put(&irt->slots, index, nr);
}

/**
 * vtd_irt_is_clear() - test whether an IRTE has its initial value
 * @irt: the table
 * @index: the IRTE
 *
 * Context: Any.
 * Return: false if it is present, or suppresses the logging of faults (FPD).
 */
bool vtd_irt_is_clear(const struct vtd_irt *irt, u16 index)
{
	return !READ_ONCE(irt->base[index].lo);
}

static void vtd_irt_store_half(struct vtd_irt *irt, u64 *half, u64 value)
{
	WRITE_ONCE(*half, value);
	if (!irt->coherent) {
		nyx_cache_flush(half, sizeof(*half));
		return;
	}
	/*
	 * Orders the halves, and orders them before the invalidation. A cache
	 * flush implies this.
	 */
	wmb();
}

/* Returns false if this CPU cannot store both halves at once. */
static bool vtd_irt_store_both(struct vtd_irt *irt, struct vtd_irte *slot,
			       const struct vtd_irte *irte)
{
	if (!nyx_store128(&slot->lo, irte->lo, irte->hi))
		return false;
	if (!irt->coherent)
		nyx_cache_flush(slot, sizeof(*slot));
	return true;
}

/**
 * vtd_irt_store() - change an IRTE
 * @irt: the table
 * @index: the IRTE
 * @irte: its new value
 *
 * The unit uses either the old or the new value. In remapped format, vector and
 * destination are in the same half as the P field, and the other half changes only
 * while P is clear. Both halves have parts of a descriptor's address, so where an IRTE
 * in posted format replaces another one or is replaced, both change at once. Such
 * IRTEs need a CPU that can do this: see vtd_intr_init().
 *
 * Context: Any; stores to one IRTE are serialized.
 */
void vtd_irt_store(struct vtd_irt *irt, u16 index, const struct vtd_irte *irte)
{
	struct vtd_irte *slot = &irt->base[index];

	if ((irte->lo & VTD_IRTE_LO_P) && slot->hi != irte->hi) {
		if ((slot->lo & VTD_IRTE_LO_P) &&
		    vtd_irt_store_both(irt, slot, irte))
			return;
		vtd_irt_store_half(irt, &slot->hi, irte->hi);
	}
	vtd_irt_store_half(irt, &slot->lo, irte->lo);
}

/**
 * vtd_irt_block_all() - make all IRTEs of devices not present
 * @irt: the table, or an empty one
 *
 * I/O APICs keep theirs: keyboards, serial ports, power buttons and devices below other
 * units use them. A concurrent vtd_intr_set() removes the IRTE that it stored.
 *
 * Context: Any.
 */
void vtd_irt_block_all(struct vtd_irt *irt)
{
	u32 i;

	if (!irt->base)
		return;
	for (i = 0; i < irt->entries; i++)
		if (!vtd_irt_is_clear(irt, i) &&
		    !(READ_ONCE(irt->base[i].lo) & VTD_IRTE_LO_PIN))
			vtd_irt_store_half(irt, &irt->base[i].lo, 0);
}
