/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The unit's guest translations, after the specification (48882): the walk from a
 * device table entry through the GCR3 table, and what the unit caches of it.
 */
#ifndef NYX_KUNIT_AMD_GUEST_MODEL_H
#define NYX_KUNIT_AMD_GUEST_MODEL_H

#include <linux/types.h>

struct amd_model;
struct amd_model_device;
struct nyx_pt;

/* Bits of the Extended Feature Register. */
#define GT_SUP BIT_ULL(4)
#define GLX_SUP(n) ((u64)(n) << 14)
#define PAS_MAX(n) ((u64)(n) << 32)
#define GIO_SUP BIT_ULL(48)

enum {
	AMD_GUEST_PASIDS = 3,
	AMD_GUEST_CACHED = 32,
};

/**
 * struct amd_guest_cached - something that the unit has cached
 * @rid: DeviceID of the request
 * @domain_id: the DomainID
 * @pasid: the PASID, 0 for requests without PASID
 * @val: the entry of the GCR3 table; its bits 51:12 are the guest page table
 */
struct amd_guest_cached {
	u16 rid;
	u16 domain_id;
	u32 pasid;
	u64 val;
};

/**
 * struct amd_guest_list - a cache
 * @at: its contents
 * @nr: number of them
 */
struct amd_guest_list {
	struct amd_guest_cached at[AMD_GUEST_CACHED];
	unsigned int nr;
};

/**
 * struct amd_guest_model - guest translations of a unit
 * @pasids: PASIDs of the requests that all devices send all the time, apart from
 *	those without PASID
 * @nr_pasids: number of them
 * @with_entry: cached entries of GCR3 tables belong to the cached device table entry;
 *	else to the translations
 * @entries: cached entries of GCR3 tables
 * @walks: cached translations, found by DomainID and PASID
 * @ever: translations that were ever cached
 * @untranslated: number of requests without PASID that passed untranslated although
 *	the entry has a GCR3 table
 */
struct amd_guest_model {
	u32 pasids[AMD_GUEST_PASIDS];
	unsigned int nr_pasids;
	bool with_entry;
	struct amd_guest_list entries;
	struct amd_guest_list walks;
	struct amd_guest_list ever;
	unsigned int untranslated;
};

u64 amd_guest_root(const u64 *q);
void amd_guest_dma(struct amd_model *model, const struct amd_model_device *dev);
void amd_guest_invalidate_entry(struct amd_model *model, u16 rid);
void amd_guest_invalidate_pages(struct amd_model *model, u64 lo, u64 hi);
void amd_guest_invalidate_all(struct amd_model *model);
bool amd_guest_caches(struct amd_model *model, const struct nyx_pt *pt);
bool amd_guest_reaches(struct amd_model *model, u16 rid, u32 pasid,
		       const struct nyx_pt *pt);
bool amd_guest_tagged(struct amd_model *model, u16 domain_id,
		      const struct nyx_pt *pt);

#endif /* NYX_KUNIT_AMD_GUEST_MODEL_H */
