// SPDX-License-Identifier: GPL-2.0-only
/*
 * The device table (2.2.2), contiguous or, if the unit supports it, in segments
 * (DevTblSegSup). Segments need less contiguous memory.
 */
#include <kunit/static_stub.h>
#include <linux/bitfield.h>
#include <linux/errno.h>
#include <linux/gfp.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/sched.h>

#include <nyx/compat.h>
#include <nyx/unit.h>

#include "devtab.h"
#include "dte.h"
#include "regs.h"

/* Number of DeviceIDs that belong to each segment. */
static unsigned int amd_devtab_share(const struct amd_devtab *tab)
{
	return AMD_DEVICE_IDS / tab->segments;
}

/* Number of entries in a segment. */
static unsigned int amd_devtab_entries(const struct amd_devtab *tab,
				       unsigned int segment)
{
	return (PAGE_SIZE << tab->order[segment]) / sizeof(struct amd_dte);
}

static int amd_devtab_alloc(struct amd_devtab *tab, unsigned int segment,
			    unsigned int entries, int nid)
{
	const gfp_t gfp = GFP_KERNEL | __GFP_ZERO | __GFP_NOWARN;
	u8 order = get_order(entries * sizeof(struct amd_dte));
	struct page *page;

	page = alloc_pages_node(nid, gfp | nyx_shutdown_gfp(), order);
	if (!page && nyx_shutdown_gfp())
		page = alloc_pages_node(nid, gfp, order);
	if (!page)
		return -ENOMEM;
	tab->segment[segment] = page_address(page);
	tab->order[segment] = order;
	return 0;
}

static void amd_devtab_fill(struct amd_devtab *tab, unsigned int segment,
			    amd_devtab_setting setting, const void *arg)
{
	static const struct nyx_entry blocked = { .kind = NYX_ENTRY_BLOCKED };
	unsigned int nr = amd_devtab_entries(tab, segment);
	u32 device_id = segment * amd_devtab_share(tab);
	unsigned int i;

	for (i = 0; i < nr; i++) {
		tab->segment[segment][i] =
			amd_dte_encode(&blocked, setting(arg, device_id + i),
				       tab->nowhere);
		/* Each lookup searches all device entries of the IVRS. */
		cond_resched();
	}
}

/**
 * amd_devtab_init() - allocate a table in which every entry blocks
 * @tab: the table
 * @segments: number of segments, a power of two up to AMD_SEGMENTS_MAX
 * @last: largest DeviceID that needs an entry
 * @nid: NUMA node to allocate memory from, or NUMA_NO_NODE
 * @setting: looks up the settings of a DeviceID
 * @arg: argument for @setting
 *
 * The unit refuses requests of DeviceIDs beyond the end of the table.
 *
 * Context: May sleep.
 * Return: 0 or -ENOMEM.
 */
int amd_devtab_init(struct amd_devtab *tab, unsigned int segments, u16 last,
		    int nid, amd_devtab_setting setting, const void *arg)
{
	unsigned int i, first, share;
	int ret;

	/* A test cannot make a larger allocation fail and a smaller one not. */
	KUNIT_STATIC_STUB_REDIRECT(amd_devtab_init, tab, segments, last, nid,
				   setting, arg);
	*tab = (struct amd_devtab) { .segments = segments };
	share = amd_devtab_share(tab);
	tab->nowhere = iommu_alloc_pages_node_sz(nid, GFP_KERNEL, PAGE_SIZE);
	if (!tab->nowhere)
		return -ENOMEM;
	for (i = 0; i < segments; i++) {
		first = i * share;
		/* Each segment has at least one page; none may be missing. */
		ret = amd_devtab_alloc(tab, i, last < first ? 1 :
				       min(last - first + 1, share), nid);
		if (ret) {
			amd_devtab_destroy(tab);
			return ret;
		}
		amd_devtab_fill(tab, i, setting, arg);
	}
	return 0;
}

/**
 * amd_devtab_destroy() - free a table
 * @tab: the table; no unit uses it
 *
 * Context: May sleep.
 */
void amd_devtab_destroy(struct amd_devtab *tab)
{
	unsigned int i;

	for (i = 0; i < tab->segments; i++) {
		free_pages((unsigned long)tab->segment[i], tab->order[i]);
		tab->segment[i] = NULL;
	}
	iommu_free_pages(tab->nowhere);
	tab->nowhere = NULL;
}

/**
 * amd_devtab_base() - encode the location of a segment
 * @tab: the table
 * @segment: index of the segment, below @tab->segments
 *
 * Context: Any.
 * Return: the value of its Device Table Base Address Register (MMIO offset
 *	0000h, or 0100h and up).
 */
u64 amd_devtab_base(const struct amd_devtab *tab, unsigned int segment)
{
	return (amd_phys(tab->segment[segment]) & AMD_DEV_TAB_ADDR) |
	       FIELD_PREP(AMD_DEV_TAB_SIZE, (1U << tab->order[segment]) - 1);
}

/**
 * amd_devtab_lookup() - find the entry of a DeviceID
 * @tab: the table
 * @device_id: the DeviceID
 *
 * Context: Any. Needs no lock, because segments live as long as the table.
 * Return: the entry, or NULL if the table is too small.
 */
struct amd_dte *amd_devtab_lookup(const struct amd_devtab *tab, u16 device_id)
{
	unsigned int share = amd_devtab_share(tab);
	unsigned int segment = device_id / share;
	unsigned int i = device_id % share;

	if (i >= amd_devtab_entries(tab, segment))
		return NULL;
	return &tab->segment[segment][i];
}

/**
 * amd_devtab_block() - make all entries block translated requests
 * @tab: the table
 * @identity: the identity page table of the unit, or NULL
 *
 * Entries that pass requests untranslated continue to do so: what their devices
 * may access does not depend on any invalidation. But they refuse requests with a
 * PASID, which guest tables translate. Entries that block already are
 * not changed: those of I/O APICs and HPETs pass the messages that firmware
 * requests (SysMgt).
 *
 * Remapped interrupts are blocked, too, except for those of entries that pass
 * requests untranslated: their devices, which may have been in use when the module
 * was loaded, keep working. Unmapped interrupts keep passing: their senders did not
 * get them from the unit.
 *
 * The unit may use cached entries until they are invalidated.
 *
 * Context: Any; nyx_unit.store_lock is held. A table of 65536 entries takes
 *	some milliseconds.
 */
void amd_devtab_block(struct amd_devtab *tab, const void *identity)
{
	unsigned int segment, i;
	struct amd_dte *dte;

	for (segment = 0; segment < tab->segments; segment++) {
		for (i = 0; i < amd_devtab_entries(tab, segment); i++) {
			dte = &tab->segment[segment][i];
			if (amd_dte_is_identity(dte, identity)) {
				if (amd_dte_has_guest(dte))
					amd_dte_drop_guest(dte);
				continue;
			}
			if (amd_dte_passes(dte))
				amd_dte_stop(dte, tab->nowhere);
			amd_dte_stop_interrupts(dte);
		}
	}
}

/**
 * amd_devtab_block_all() - make all entries block DMA for good
 * @tab: the table
 * @interrupts: make them pass all interrupts; else only remapped ones are
 *	blocked
 *
 * Entries that block DMA already keep their DMA half, and the others what
 * firmware requests about messages (SysMgt): I/O APICs and HPETs may send
 * interrupts as such messages.
 *
 * The unit may use cached entries until they are invalidated.
 *
 * Context: Any; nyx_unit.store_lock is held. A table of 65536 entries takes
 *	some milliseconds.
 */
void amd_devtab_block_all(struct amd_devtab *tab, bool interrupts)
{
	unsigned int segment, i;
	struct amd_dte *dte;

	for (segment = 0; segment < tab->segments; segment++) {
		for (i = 0; i < amd_devtab_entries(tab, segment); i++) {
			dte = &tab->segment[segment][i];
			if (amd_dte_passes(dte))
				amd_dte_shut(dte, tab->nowhere);
			if (interrupts)
				amd_dte_pass_interrupts(dte);
			else
				amd_dte_stop_interrupts(dte);
		}
	}
}
