/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A unit's walker as the VT-d specification describes it (revision 5.10,
 * sections 3.7, 6.2.4, 6.2.5, 6.5.2.3 and 9.8), for tests: it shares no line and
 * no constant with the driver.
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
};

/* A leaf as the walker sees it. */
struct pt_hw_leaf {
	u64 iova;
	u64 size;
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

/*
 * memory: by page frame, what memory holds of a page whose lines were flushed;
 * lock protects its contents, and the counters of flushes
 */
struct pt_hw {
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
	struct pt_hw_link psc[5][PT_HW_PSC];
};

typedef void (*pt_hw_visit)(const struct pt_hw_leaf *leaf, void *arg);

int pt_hw_init(struct pt_hw *hw);
void pt_hw_cleanup(struct pt_hw *hw);
void pt_hw_flush(struct pt_hw *hw, void *virt, size_t len);
bool pt_hw_forget(struct pt_hw *hw, u64 *table);
int pt_hw_walk(struct pt_hw *hw, u64 iova, struct pt_hw_leaf *leaf);
int pt_hw_access(struct pt_hw *hw, u64 iova, struct pt_hw_leaf *leaf);
void pt_hw_invalidate(struct pt_hw *hw, u64 start, u64 last, bool leaf_only);
int pt_hw_each(struct pt_hw *hw, pt_hw_visit visit, void *arg);

#endif /* NYX_KUNIT_PT_HW_H */
