/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Caches of a VT-d unit, and of devices with a device TLB, for root entries,
 * context entries, PASID-table entries and translations (VT-d specification, revision
 * 5.1, sections 6.2 and 9.1 to 9.6). The model is the worst case: devices do DMA whenever
 * something may have changed, so that everything cacheable is cached.
 */
#ifndef NYX_KUNIT_VTD_WALK_H
#define NYX_KUNIT_VTD_WALK_H

#include <linux/bits.h>
#include <linux/types.h>

struct vtd_model;

/* Marks a first-stage table in bits 63:0 of an entry; reserved in context entries. */
#define WALK_FIRST BIT_ULL(62)

enum {
	WALK_RIDS = 260,
	WALK_IOTLB = 64,
	WALK_VALUES = 8,
	WALK_PAGES = 96,
	WALK_PASIDS = 8,
};

/*
 * An entry of the PASID-cache: the lowest three quads of a PASID-table entry, the last
 * of which has the first-stage table.
 */
struct vtd_walk_pasid {
	bool valid;
	u16 did;
	u64 lo;
	u64 hi;
	u64 first;
};

/*
 * A requester that sends requests with a PASID, what is cached for it, and how many of
 * its requests were blocked. @table: the table that translated the last one, or 0
 */
struct vtd_walk_sender {
	u16 rid;
	u32 pasid;
	struct vtd_walk_pasid pc;
	unsigned long blocked;
	u64 table;
};

/**
 * struct vtd_walk - the caches
 * @rids: requester IDs that do DMA
 * @nr_rids: number of them
 * @ats: for each of @rids, whether ATS is enabled
 * @cc: context-cache, an entry for each of @rids
 * @pc: in scalable mode, PASID-cache, an entry for each of @rids
 * @senders: requests with PASIDs
 * @nr_senders: number of them
 * @iotlb: tables whose translations are cached, with their domain ID; those of
 *	first-stage tables also with the PASID, 0 for requests without PASID, and with
 *	the second-stage table below, if there is one
 * @atc: for each of @rids, the table whose translations the device TLB caches;
 *	0: none
 * @no_root: in caching mode, root entries that are cached as not present; with an
 *	element for each half, because scalable mode caches the halves apart
 * @memory: pages of tables as a unit without snooping sees them: lines that
 *	software flushed, with their contents at that time
 * @nr_pages: number of them
 * @values: values that entries may have, in the format of a context entry of legacy
 *	mode
 * @nr_values: number of them; 0: all valid values are allowed
 * @walks: number of entries read from memory
 * @blocked: number of requests that were blocked
 * @logged: number of those that met an entry which is not present, and whose
 *	faults the unit logs
 */
struct vtd_walk {
	u16 rids[WALK_RIDS];
	unsigned int nr_rids;
	bool ats[WALK_RIDS];
	struct {
		bool valid;
		u16 did;
		u64 lo;
		u64 hi;
	} cc[WALK_RIDS];
	struct vtd_walk_pasid pc[WALK_RIDS];
	struct vtd_walk_sender senders[WALK_PASIDS];
	unsigned int nr_senders;
	struct {
		bool valid;
		bool first;
		u16 did;
		u32 pasid;
		u8 tt;
		u64 table;
		u64 second;
	} iotlb[WALK_IOTLB];
	u64 atc[WALK_RIDS];
	bool no_root[512];
	struct {
		u64 phys;
		u8 bytes[4096];
	} *memory;
	unsigned int nr_pages;
	struct {
		u64 lo;
		u64 hi;
	} values[WALK_VALUES];
	unsigned int nr_values;
	unsigned long walks;
	unsigned long blocked;
	unsigned long logged;
};

void vtd_walk_init(struct vtd_model *model);
void vtd_walk_add(struct vtd_model *model, u16 rid);
int vtd_walk_slot(const struct vtd_model *model, u16 rid);
void vtd_walk_flushed(struct vtd_model *model, void *virt, size_t len);
void vtd_walk_dma(struct vtd_model *model);
void vtd_walk_context(struct vtd_model *model, u8 gran, u16 did, u16 sid, u8 fm);
void vtd_walk_pasid(struct vtd_model *model, u8 gran, u16 did, u32 pasid);
struct vtd_walk_sender *vtd_walk_send(struct vtd_model *model, u16 rid,
				      u32 pasid);
void vtd_walk_p_iotlb(struct vtd_model *model, u8 gran, u16 did, u32 pasid);
void vtd_walk_iotlb(struct vtd_model *model, u8 gran, u16 did);
void vtd_walk_device(struct vtd_model *model, u16 sid);
void vtd_walk_check(struct vtd_model *model);

/* walk_memory.c */
bool vtd_walk_root(struct vtd_model *model, u16 rid, u64 *table);
void vtd_walk_context_entry(struct vtd_model *model, u16 rid, u64 table,
			    u64 *lo, u64 *hi);
void vtd_walk_pasid_entry(struct vtd_model *model, u64 context, u32 pasid,
			  struct vtd_walk_pasid *entry);
void vtd_walk_legacy(struct vtd_model *model, u64 context,
		     const struct vtd_walk_pasid *entry, u64 *lo, u64 *hi);
bool vtd_walk_entry(struct vtd_model *model, u16 rid, u64 *lo, u64 *hi);

#endif /* NYX_KUNIT_VTD_WALK_H */
