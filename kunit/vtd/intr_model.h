/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a VT-d unit does with interrupt requests (VT-d specification, revision
 * 5.1, sections 5.1 and 9.10), and what it caches of its table.
 */
#ifndef NYX_KUNIT_VTD_INTR_MODEL_H
#define NYX_KUNIT_VTD_INTR_MODEL_H

#include <linux/types.h>

struct vtd_model;

enum {
	INTR_CACHE = 64,
	INTR_LINES = 64,
};

/**
 * struct vtd_intr_model - the interrupt remapping of a unit
 * @irta: Interrupt Remapping Table Address Register
 * @table: what was in it when the table was set
 * @flushed: the interrupt entry cache was emptied since then
 * @start: where software flushed a table from CPU caches; 0: it did not
 * @bytes: how much
 * @lines: of that table, what was flushed later, as it was then
 * @lines.blocked: it became absent, and the unit was not told to forget it yet
 * @nr_lines: how many
 * @cache: entries that the unit has read
 * @next: the one to be filled next
 * @quiet_cfi: it never tells in CFIS what it was told
 * @reads: entries read from memory
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
	} lines[INTR_LINES];
	unsigned int nr_lines;
	struct {
		bool valid;
		u32 index;
		u64 lo;
		u64 hi;
	} cache[INTR_CACHE];
	unsigned int next;
	bool quiet_cfi;
	unsigned long reads;
};

/**
 * struct vtd_delivery - what a request became
 * @reason: fault reason, or 0
 * @index: that the fault tells
 * @dest: APIC ID, or logical destination
 * @logical: it is one
 * @vector: the vector
 */
struct vtd_delivery {
	u8 reason;
	u16 index;
	u32 dest;
	bool logical;
	u8 vector;
};

/* With the model's lock held. */
bool vtd_intr_flushed(struct vtd_model *model, void *virt, size_t len);
void vtd_intr_command(struct vtd_model *model, u32 cmd);
void vtd_intr_invalidate(struct vtd_model *model, u64 lo);

/* For tests, without it. */
struct vtd_delivery vtd_intr_request(struct vtd_model *model, u16 sid,
				     u64 address, u32 data);

#endif /* NYX_KUNIT_VTD_INTR_MODEL_H */
