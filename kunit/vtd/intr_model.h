/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Interrupt remapping of the model: it remaps and posts interrupt requests, and
 * caches entries of the table (VT-d specification, revision 5.1, sections 5.1, 5.2
 * and 9.10 to 9.12).
 */
#ifndef NYX_KUNIT_VTD_INTR_MODEL_H
#define NYX_KUNIT_VTD_INTR_MODEL_H

#include <linux/types.h>

struct vtd_model;

enum {
	INTR_CACHE = 64,
	INTR_ENTRIES = 64,
	INTR_PIDS = 2,
};

/**
 * struct vtd_pid_model - a posted-interrupt descriptor (9.12)
 * @address: its physical address as entries contain it; 0: there is none
 * @pir: bits 255:0, the recorded vectors
 * @control: bits 319:256: ON is bit 0, SN 1, NV 23:16, NDST 63:32
 */
struct vtd_pid_model {
	u64 address;
	unsigned long pir[4];
	u64 control;
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
 * @pids: descriptors of virtual CPUs
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
	struct vtd_pid_model pids[INTR_PIDS];
	bool cfis_stuck;
	unsigned long reads;
};

/**
 * struct vtd_delivery - result of an interrupt request
 * @reason: fault reason, or 0
 * @index: index of the entry, recorded with a fault
 * @dest: APIC ID, or logical destination; of the notification if @posted is set
 * @logical: @dest is a logical destination
 * @vector: the vector; of the notification if @posted is set
 * @posted: the request was recorded in a descriptor
 * @notified: a posted request caused a notification
 */
struct vtd_delivery {
	u8 reason;
	u16 index;
	u32 dest;
	bool logical;
	u8 vector;
	bool posted;
	bool notified;
};

/* Parts of the model; callers hold its lock. */
bool vtd_intr_flushed(struct vtd_model *model, void *virt, size_t len);
void vtd_intr_command(struct vtd_model *model, u32 cmd);
void vtd_intr_invalidate(struct vtd_model *model, u64 lo);

/* For tests; callers do not hold the lock. */
struct vtd_delivery vtd_intr_request(struct vtd_model *model, u16 sid,
				     u64 address, u32 data);

#endif /* NYX_KUNIT_VTD_INTR_MODEL_H */
