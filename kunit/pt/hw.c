// SPDX-License-Identifier: GPL-2.0-only
#include <linux/io.h>
#include <linux/memblock.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "hw.h"

/* The machine's memory is below this address, mapped addresses are above it. */
#define PT_HW_RAM_END	BIT_ULL(36)

/**
 * pt_hw_init() - initialize a walker with empty caches
 * @hw: the walker; decode, levels, haw, snoops and snoop_control are set
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
 * pt_hw_cleanup() - free the modelled contents of memory
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

/* A link must not be flushed before the table to which it links. */
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

/* The contents of a page in memory, undefined before the first flush. */
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
 * pt_hw_flush() - model a flush of CPU cache lines
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

	/* Under the lock, so that old contents cannot replace new ones. */
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
 * pt_hw_free_table() - a table is about to be freed
 * @hw: the walker
 * @table: the table
 *
 * Context: Any.
 * Return: false if the walker has cached a link to it.
 */
bool pt_hw_free_table(struct pt_hw *hw, u64 *table)
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
		.at = table + (iova >> pt_hw_shift(level)) % 512 * 8,
		.entry = entry,
		.read = read,
		.write = write,
		.snoop = e.snoop,
		.dirty = e.dirty,
	};
	return 0;
}

/**
 * pt_hw_walk() - translate an address without using caches
 * @hw: the walker
 * @iova: the address
 * @leaf: set to the leaf that translates it
 *
 * Context: Any.
 * Return: 0 or an error of pt_hw_decode.
 */
int pt_hw_walk(struct pt_hw *hw, u64 iova, struct pt_hw_leaf *leaf)
{
	return pt_hw_walk_from(hw, hw->root, hw->levels, iova, leaf, false);
}

/**
 * pt_hw_access() - translate an address for a request of a device
 * @hw: the walker, whose IOTLB and paging-structure caches are used and filled
 * @iova: the address
 * @leaf: set to the leaf that translates it
 *
 * Context: Any, one call at a time.
 * Return: 0 or an error of pt_hw_decode.
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
	/* Start at the lowest level that is cached. */
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

/* Sets A in all links on the way to an address. */
static void pt_hw_set_accessed(struct pt_hw *hw, u64 iova)
{
	u64 table = hw->root;
	struct pt_hw_entry e;
	int level;
	u64 entry;

	for (level = hw->levels;; level--) {
		if (pt_hw_entry(hw, table, iova, level, &entry, &e) || e.leaf)
			return;
		atomic64_or(hw->set_accessed,
			    phys_to_virt(table +
					 (iova >> pt_hw_shift(level)) % 512 * 8));
		table = e.addr;
	}
}

/**
 * pt_hw_write() - write for a device, after setting A and D in the leaf
 * @hw: the walker, which records accesses and snoops
 * @iova: the address
 *
 * A cached leaf whose D is known to be set is written without looking at its entry
 * again. Else the bits are set by a compare-and-exchange with the value that was
 * read; if that fails, the walk is repeated (VT-d, sections 3.7 and 9.8; AMD,
 * section 2.2.3).
 *
 * Context: Any, one call at a time.
 * Return: 0; an error of pt_hw_decode, and nothing was written; -EACCES if the
 *	leaf does not permit writes.
 */
int pt_hw_write(struct pt_hw *hw, u64 iova)
{
	struct pt_hw_leaf *tlb = &hw->iotlb[(iova >> 12) % PT_HW_IOTLB];
	struct pt_hw_leaf leaf;
	u64 *entry;
	int ret;

	if (iova - tlb->iova < tlb->size && tlb->dirty)
		return 0;
	pt_hw_set_accessed(hw, iova);
	do {
		ret = pt_hw_walk(hw, iova, &leaf);
		if (ret)
			return ret;
		if (!leaf.write)
			return -EACCES;
		if (hw->late)
			hw->late(hw);
		entry = phys_to_virt(leaf.at);
	} while (cmpxchg64(entry, leaf.entry, leaf.entry | hw->set_accessed |
			   hw->set_dirty) != leaf.entry);
	leaf.dirty = true;
	*tlb = leaf;
	return 0;
}

/**
 * pt_hw_invalidate() - page-selective invalidation
 * @hw: the walker
 * @start: first address
 * @last: last address
 * @leaf_only: the invalidation hint
 *
 * Removes as little as section 6.5 allows: an IOTLB entry is removed only if
 * the range contains all that it translates (6.5.3.2).
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

/* All entries of a leaf must have the same value (AMD, section 2.2.3). */
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
	/* With 64 bits, level 6 has only 128 entries. */
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
 * pt_hw_each() - visit all leaves in order and count tables
 * @hw: the walker; @hw->tables is set to the number of tables
 * @visit: called for each leaf; may be NULL. The access rights that it gets are
 *	those of the leaf alone
 * @arg: passed to @visit
 *
 * Context: Any.
 * Return: 0; an error of pt_hw_decode other than -ENOENT; -EINVAL if the
 *	entries of a leaf differ.
 */
int pt_hw_each(struct pt_hw *hw, pt_hw_visit visit, void *arg)
{
	hw->tables = 0;
	return pt_hw_each_table(hw, hw->root, hw->levels, 0, visit, arg);
}
