/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Interrupt remapping of the model: it remaps interrupt requests, and caches
 * entries of the table (VT-d specification, revision 5.1, sections 5.1 and
 * 9.10).
 */
#ifndef NYX_KUNIT_VTD_INTR_MODEL_H
#define NYX_KUNIT_VTD_INTR_MODEL_H

#include <linux/types.h>

struct vtd_model;

enum {
	INTR_CACHE = 64,
	INTR_ENTRIES = 64,
};

/**
 * struct vtd_intr_model - the interrupt remapping of a unit
 * @irta: Interrupt Remapping Table Address Register
 * @table: value of @irta when the table was set
 * @flushed: the interrupt entry cache was invalidated since then
 * @start: physical address of a table that software flushed from CPU caches as
 *	a whole; 0: none
 * @bytes: size of that table
 * @entries: entries of that table that software flushed later, with their value
 *	at that time
 * @entries.blocked: the entry became not present, and was not invalidated since
 * @nr_entries: number of @entries
 * @cache: entries that the unit has cached
 * @next: index in @cache of the next entry
 * @cfis_stuck: CFIS never follows CFI
 * @reads: number of entries read from memory
 */
struct vtd_intr_model {
	u64 irta;
	u64 table;
	bool flushed;
	u64 start;
	u64 bytes;
	struct {
		u32 index;
		u64 lo;
		u64 hi;
		bool blocked;
	} entries[INTR_ENTRIES];
	unsigned int nr_entries;
	struct {
		bool valid;
		u32 index;
		u64 lo;
		u64 hi;
	} cache[INTR_CACHE];
	unsigned int next;
	bool cfis_stuck;
	unsigned long reads;
};

/**
 * struct vtd_delivery - result of an interrupt request
 * @reason: fault reason, or 0
 * @index: index of the entry, recorded with a fault
 * @dest: APIC ID, or logical destination
 * @logical: @dest is a logical destination
 * @vector: the vector
 */
struct vtd_delivery {
	u8 reason;
	u16 index;
	u32 dest;
	bool logical;
	u8 vector;
};

/* Parts of the model; callers hold its lock. */
bool vtd_intr_flushed(struct vtd_model *model, void *virt, size_t len);
void vtd_intr_command(struct vtd_model *model, u32 cmd);
void vtd_intr_invalidate(struct vtd_model *model, u64 lo);

/* For tests; callers do not hold the lock. */
struct vtd_delivery vtd_intr_request(struct vtd_model *model, u16 sid,
				     u64 address, u32 data);

#endif /* NYX_KUNIT_VTD_INTR_MODEL_H */
