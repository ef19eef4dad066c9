/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A unit's walker as its specification describes it, for tests: it shares no line
 * and no constant with the driver. Its caches are those of VT-d (revision 5.10,
 * sections 6.2.4, 6.2.5 and 6.5.2.3), which forget as little as any unit may.
 *
 * One that does not snoop reads memory, not what CPUs have in their caches: it
 * sees what was flushed, as it was when it was flushed.
 */
#ifndef NYX_KUNIT_PT_HW_H
#define NYX_KUNIT_PT_HW_H

#include <linux/spinlock.h>
#include <linux/types.h>

enum {
	PT_HW_IOTLB = 64,
	PT_HW_PSC = 16,
	PT_HW_LEVELS = 6,
};

/* A leaf as the walker sees it; each of its entries translates @slot bytes. */
struct pt_hw_leaf {
	u64 iova;
	u64 size;
	u64 slot;
	u64 paddr;
	bool read;
	bool write;
	bool snoop;
};

/* An entry of a paging-structure cache: what an upper-level entry leads to. */
struct pt_hw_link {
	bool valid;
	u64 iova;
	u64 table;
};

struct pt_hw;

/* What an entry says: a table's address, or a leaf. */
struct pt_hw_entry {
	bool leaf;
	u64 addr;
	u64 size;
	bool read;
	bool write;
	bool snoop;
};

/*
 * Decodes an entry. Levels count as in both specifications' figures: 1 has the
 * 4 KiB leaves. 0; -ENOENT for an entry that is zero; -EBADMSG for one that is not
 * present, yet not zero; -EFAULT for one with a reserved bit or value.
 */
typedef int (*pt_hw_decode)(const struct pt_hw *hw, u64 entry, int level,
			    struct pt_hw_entry *e);

/*
 * memory: by page frame, what memory holds of a page whose lines were flushed;
 * lock protects its contents, and the counters of flushes
 */
struct pt_hw {
	pt_hw_decode decode;
	u64 root;
	int levels;
	int haw;
	bool snoops;
	bool snoop_control;
	u64 **memory;
	spinlock_t lock; /* see above */
	unsigned long lines;
	unsigned long tables;
	unsigned long early_links;
	struct pt_hw_leaf iotlb[PT_HW_IOTLB];
	struct pt_hw_link psc[PT_HW_LEVELS][PT_HW_PSC];
};

typedef void (*pt_hw_visit)(const struct pt_hw_leaf *leaf, void *arg);

static inline int pt_hw_shift(int level)
{
	return 12 + 9 * (level - 1);
}

int pt_hw_vtd(const struct pt_hw *hw, u64 entry, int level,
	      struct pt_hw_entry *e);
int pt_hw_amd(const struct pt_hw *hw, u64 entry, int level,
	      struct pt_hw_entry *e);

int pt_hw_init(struct pt_hw *hw);
void pt_hw_cleanup(struct pt_hw *hw);
void pt_hw_flush(struct pt_hw *hw, void *virt, size_t len);
bool pt_hw_forget(struct pt_hw *hw, u64 *table);
int pt_hw_walk(struct pt_hw *hw, u64 iova, struct pt_hw_leaf *leaf);
int pt_hw_access(struct pt_hw *hw, u64 iova, struct pt_hw_leaf *leaf);
void pt_hw_invalidate(struct pt_hw *hw, u64 start, u64 last, bool leaf_only);
int pt_hw_each(struct pt_hw *hw, pt_hw_visit visit, void *arg);

#endif /* NYX_KUNIT_PT_HW_H */
