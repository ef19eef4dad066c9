/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A model of a unit's walker, written after the specifications. It shares no
 * code and no constants with the driver. Its caches are those of VT-d (revision
 * 5.10, sections 6.2.4, 6.2.5 and 6.5.2.3). An invalidation removes no more
 * from them than the specification requires.
 *
 * A walker that does not snoop reads memory instead of CPU caches: it sees the
 * contents that a cache line had when it was last flushed.
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

/*
 * A leaf found by the walker; each of its entries translates @slot bytes. @at is
 * the physical address of the entry that was read, and @entry its value. @dirty:
 * the walker has set D in the entry, or found it set.
 */
struct pt_hw_leaf {
	u64 iova;
	u64 size;
	u64 slot;
	u64 paddr;
	u64 at;
	u64 entry;
	bool read;
	bool write;
	bool snoop;
	bool dirty;
};

/* An entry of a paging-structure cache: the table to which a link leads. */
struct pt_hw_link {
	bool valid;
	u64 iova;
	u64 table;
};

struct pt_hw;

/* A decoded entry: a leaf, or a link to the table at @addr. */
struct pt_hw_entry {
	bool leaf;
	u64 addr;
	u64 size;
	bool read;
	bool write;
	bool snoop;
	bool dirty;
};

/*
 * Decodes an entry. Levels are numbered as in the figures of both
 * specifications: level 1 has the 4 KiB leaves. Returns 0; -ENOENT if the entry
 * is zero; -EBADMSG if it is not present, but not zero; -EFAULT if a reserved
 * bit or value is used.
 */
typedef int (*pt_hw_decode)(const struct pt_hw *hw, u64 entry, int level,
			    struct pt_hw_entry *e);

/*
 * memory: contents of memory after flushes, indexed by page frame number. lock
 * protects these contents and the counters of flushes. records: the walker sets A
 * and D, which are set_accessed and set_dirty. late: called between reading a leaf
 * and setting these bits; may be NULL.
 */
struct pt_hw {
	pt_hw_decode decode;
	bool records;
	u64 set_accessed;
	u64 set_dirty;
	void (*late)(struct pt_hw *hw);
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
int pt_hw_x86(const struct pt_hw *hw, u64 entry, int level,
	      struct pt_hw_entry *e);

int pt_hw_init(struct pt_hw *hw);
void pt_hw_cleanup(struct pt_hw *hw);
void pt_hw_flush(struct pt_hw *hw, void *virt, size_t len);
bool pt_hw_free_table(struct pt_hw *hw, u64 *table);
int pt_hw_walk(struct pt_hw *hw, u64 iova, struct pt_hw_leaf *leaf);
int pt_hw_access(struct pt_hw *hw, u64 iova, struct pt_hw_leaf *leaf);
int pt_hw_write(struct pt_hw *hw, u64 iova);
void pt_hw_invalidate(struct pt_hw *hw, u64 start, u64 last, bool leaf_only);
int pt_hw_each(struct pt_hw *hw, pt_hw_visit visit, void *arg);

#endif /* NYX_KUNIT_PT_HW_H */
