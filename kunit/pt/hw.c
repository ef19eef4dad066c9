// SPDX-License-Identifier: GPL-2.0-only
#include <linux/io.h>
#include <linux/memblock.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "hw.h"

/* Physical memory in tests lies below this, and what they map above. */
#define PT_HW_RAM_END	BIT_ULL(36)

/**
 * pt_hw_init() - a walker with nothing cached
 * @hw: its decode, root, levels, haw, snoops and snoop_control are set
 *
 * Context: May sleep.
 * Return: 0 or -ENOMEM.
 */
int pt_hw_init(struct pt_hw *hw)
{
	spin_lock_init(&hw->lock);
	hw->memory = kvcalloc(PFN_UP(min(PT_HW_RAM_END, PFN_PHYS(max_pfn))),
			      sizeof(*hw->memory), GFP_KERNEL);
	return hw->memory ? 0 : -ENOMEM;
}

/**
 * pt_hw_cleanup() - free what stands for memory
 * @hw: the walker
 *
 * Context: May sleep.
 */
void pt_hw_cleanup(struct pt_hw *hw)
{
	unsigned long pfn;

	for (pfn = 0; pfn < PFN_UP(min(PT_HW_RAM_END, PFN_PHYS(max_pfn))); pfn++)
		kfree(hw->memory[pfn]);
	kvfree(hw->memory);
}

/* A link may reach memory only after the table that it leads to. */
static void pt_hw_check_link(struct pt_hw *hw, u64 entry)
{
	u64 addr = entry & 0x000ffffffffff000ULL;
	u64 *copy;
	int i = 0;

	if (!entry || addr >= PT_HW_RAM_END)
		return;
	copy = hw->memory[addr >> 12];
	for (; copy && i < 512 && copy[i] != ~0ULL; i++)
		;
	if (i < 512)
		hw->early_links++;
}

/* A page's copy in memory. Pages that were never flushed hold anything. */
static u64 *pt_hw_page(struct pt_hw *hw, u64 pfn)
{
	if (!hw->memory[pfn]) {
		hw->memory[pfn] = kmalloc(4096, GFP_ATOMIC);
		if (hw->memory[pfn])
			memset(hw->memory[pfn], 0xff, 4096);
	}
	return hw->memory[pfn];
}

/**
 * pt_hw_flush() - CPU cache lines are written back to memory
 * @hw: the walker
 * @virt: first byte
 * @len: bytes
 *
 * Context: Any.
 */
void pt_hw_flush(struct pt_hw *hw, void *virt, size_t len)
{
	unsigned long at = (unsigned long)virt & ~63UL;
	unsigned long end = (unsigned long)virt + len;
	u64 *copy = NULL, *line;
	unsigned long flags;
	int i;

	/* As the hardware does it: no older content after a newer. */
	spin_lock_irqsave(&hw->lock, flags);
	for (; at < end; at += 64) {
		if (!copy || !(at & 4095))
			copy = pt_hw_page(hw, virt_to_phys((void *)at) >> 12);
		if (!copy)
			break;
		line = copy + (at & 4095) / 8;
		for (i = 0; i < 8; i++) {
			u64 entry = READ_ONCE(((u64 *)at)[i]);

			if (entry != line[i])
				pt_hw_check_link(hw, entry);
			WRITE_ONCE(line[i], entry);
		}
		hw->lines++;
	}
	spin_unlock_irqrestore(&hw->lock, flags);
}

/**
 * pt_hw_forget() - a table's page is about to be freed
 * @hw: the walker
 * @table: the page
 *
 * Context: Any.
 * Return: false if the walker could still walk it.
 */
bool pt_hw_forget(struct pt_hw *hw, u64 *table)
{
	u64 phys = virt_to_phys(table);
	bool ok = true;
	u64 *copy;
	int i, j;

	for (i = 0; i < PT_HW_LEVELS; i++)
		for (j = 0; j < PT_HW_PSC; j++)
			if (hw->psc[i][j].valid && hw->psc[i][j].table == phys)
				ok = false;
	copy = hw->memory[phys >> 12];
	if (copy)
		memset(copy, 0xff, 4096);
	return ok;
}

static u64 pt_hw_read(struct pt_hw *hw, u64 phys)
{
	u64 *copy;

	if (hw->snoops)
		return READ_ONCE(*(u64 *)phys_to_virt(phys));
	copy = READ_ONCE(hw->memory[phys >> 12]);
	return copy ? READ_ONCE(copy[(phys & 4095) / 8]) : ~0ULL;
}

static int pt_hw_entry(struct pt_hw *hw, u64 table, u64 iova, int level,
		       u64 *entry, struct pt_hw_entry *e)
{
	*entry = pt_hw_read(hw, table + (iova >> pt_hw_shift(level)) % 512 * 8);
	return hw->decode(hw, *entry, level, e);
}

static int pt_hw_walk_from(struct pt_hw *hw, u64 table, int level, u64 iova,
			   struct pt_hw_leaf *out, bool cache)
{
	bool read = true, write = true;
	struct pt_hw_entry e;
	u64 entry;
	int ret;

	for (;; level--) {
		ret = pt_hw_entry(hw, table, iova, level, &entry, &e);
		if (ret)
			return ret;
		read &= e.read;
		write &= e.write;
		if (e.leaf)
			break;
		table = e.addr;
		if (cache) {
			u64 page = iova >> pt_hw_shift(level);

			hw->psc[level - 1][page % PT_HW_PSC] =
				(struct pt_hw_link) {
					.valid = true,
					.iova = page << pt_hw_shift(level),
					.table = table,
				};
		}
	}
	*out = (struct pt_hw_leaf) {
		.iova = iova & ~(e.size - 1),
		.size = e.size,
		.slot = 1ULL << pt_hw_shift(level),
		.paddr = e.addr,
		.read = read,
		.write = write,
		.snoop = e.snoop,
	};
	return 0;
}

/**
 * pt_hw_walk() - translate an address from the tables alone
 * @hw: the walker
 * @iova: the address
 * @leaf: what maps it
 *
 * Context: Any.
 * Return: as pt_hw_decode.
 */
int pt_hw_walk(struct pt_hw *hw, u64 iova, struct pt_hw_leaf *leaf)
{
	return pt_hw_walk_from(hw, hw->root, hw->levels, iova, leaf, false);
}

/**
 * pt_hw_access() - translate an address as a device's request has it
 * @hw: the walker, whose IOTLB and paging-structure caches are used and filled
 * @iova: the address
 * @leaf: what it was translated with
 *
 * Context: Any, one call at a time.
 * Return: as pt_hw_walk().
 */
int pt_hw_access(struct pt_hw *hw, u64 iova, struct pt_hw_leaf *leaf)
{
	struct pt_hw_leaf *tlb = &hw->iotlb[(iova >> 12) % PT_HW_IOTLB];
	u64 table = hw->root;
	int level, ret;

	if (iova - tlb->iova < tlb->size) {
		*leaf = *tlb;
		return 0;
	}
	/* The lowest that is cached saves the most. */
	for (level = 2; level <= hw->levels; level++) {
		u64 page = iova >> pt_hw_shift(level);
		struct pt_hw_link *link = &hw->psc[level - 1][page % PT_HW_PSC];

		if (link->valid && link->iova >> pt_hw_shift(level) == page) {
			table = link->table;
			break;
		}
	}
	ret = pt_hw_walk_from(hw, table, level - 1, iova, leaf, true);
	if (!ret)
		*tlb = *leaf;
	return ret;
}

/**
 * pt_hw_invalidate() - page-selective invalidation
 * @hw: the walker
 * @start: first address
 * @last: last address
 * @leaf_only: the invalidation hint
 *
 * As little is dropped as section 6.5 allows: an IOTLB entry only if all that it
 * translates is in the range (6.5.3.2).
 *
 * Context: Any, one call at a time.
 */
void pt_hw_invalidate(struct pt_hw *hw, u64 start, u64 last, bool leaf_only)
{
	int i, j;

	for (i = 0; i < PT_HW_IOTLB; i++) {
		struct pt_hw_leaf *tlb = &hw->iotlb[i];

		if (tlb->iova >= start && tlb->iova + tlb->size - 1 <= last)
			tlb->size = 0;
	}
	for (i = 0; i < PT_HW_LEVELS && !leaf_only; i++) {
		for (j = 0; j < PT_HW_PSC; j++) {
			struct pt_hw_link *link = &hw->psc[i][j];
			u64 span = 1ULL << pt_hw_shift(i + 1);

			if (link->iova <= last && link->iova + span - 1 >= start)
				link->valid = false;
		}
	}
}

/* Those that a leaf takes are all alike, as section 2.2.3 of AMD's demands. */
static bool pt_hw_alike(struct pt_hw *hw, u64 table, int i, int n, u64 entry)
{
	int j;

	if (i % n || i + n > 512)
		return false;
	for (j = i; j < i + n; j++)
		if (pt_hw_read(hw, table + j * 8) != entry)
			return false;
	return true;
}

static int pt_hw_each_table(struct pt_hw *hw, u64 table, int level, u64 base,
			    pt_hw_visit visit, void *arg)
{
	/* Of a sixth level, 64 bits reach 128 entries. */
	int i, ret, max = level == 6 ? 128 : 512;
	u64 slot = 1ULL << pt_hw_shift(level);
	struct pt_hw_leaf leaf;
	struct pt_hw_entry e;
	u64 entry;

	hw->tables++;
	for (i = 0; i < max; i++) {
		u64 iova = base + i * slot;

		ret = pt_hw_entry(hw, table, iova, level, &entry, &e);
		if (ret == -ENOENT)
			continue;
		if (!ret && e.leaf) {
			if (!pt_hw_alike(hw, table, i, e.size / slot, entry))
				return -EINVAL;
			if (visit) {
				pt_hw_walk_from(hw, table, level, iova, &leaf,
						false);
				visit(&leaf, arg);
			}
			i += e.size / slot - 1;
		} else if (!ret) {
			ret = pt_hw_each_table(hw, e.addr, level - 1, iova,
					       visit, arg);
		}
		if (ret)
			return ret;
	}
	return 0;
}

/**
 * pt_hw_each() - visit all leaves in order, and count tables
 * @hw: the walker; its tables is set to how many there are
 * @visit: called for each leaf; or NULL. Rights are the leaf's own
 * @arg: passed to @visit
 *
 * Context: Any.
 * Return: as pt_hw_walk(), but for -ENOENT; -EINVAL for a leaf that not all of its
 *	entries agree on.
 */
int pt_hw_each(struct pt_hw *hw, pt_hw_visit visit, void *arg)
{
	hw->tables = 0;
	return pt_hw_each_table(hw, hw->root, hw->levels, 0, visit, arg);
}
