/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Context entries and PASID tables of scalable mode (3.4.3, 9.4 to 9.6).
 *
 * Each source-id has a PASID directory and a PASID table of its own. Requests without
 * PASID use the entry of PASID 0, the value of RID_PASID in all context entries.
 */
#ifndef NYX_VTD_SCALABLE_H
#define NYX_VTD_SCALABLE_H

#include <linux/types.h>

#include "tables.h"

struct nyx_entry;
struct nyx_unit_caps;
struct vtd_pasid;

/* The PASID whose entry applies to requests without PASID. */
#define VTD_RID_PASID 0

/**
 * struct vtd_scalable_context - a scalable-mode context entry as the unit reads it
 * @lo: bits 63:0; PASIDDIRPTR and PDTS stay while the entry is not present
 * @rest: bits 255:64, which are 0
 */
struct vtd_scalable_context {
	u64 lo;
	u64 rest[3];
} __aligned(32);

/**
 * struct vtd_scalable - what the tables say about requests without PASID of a
 *	source-id
 * @context: flags of the context entry. If P is clear, the rest has no effect
 * @lo: bits 63:0 of the PASID-table entry
 * @hi: bits 127:64 of the PASID-table entry
 * @first: bits 191:128 of the PASID-table entry
 */
struct vtd_scalable {
	u64 context;
	u64 lo;
	u64 hi;
	u64 first;
};

struct vtd_scalable vtd_scalable_encode(const struct nyx_entry *entry,
					const struct nyx_unit_caps *caps);
bool vtd_scalable_present(const struct vtd_scalable *val);
u16 vtd_scalable_domain(const struct vtd_scalable *val);

struct vtd_scalable_context *
vtd_scalable_lookup(const struct vtd_tables *tables, u16 rid);
struct vtd_scalable_context *
vtd_scalable_create(struct vtd_tables *tables, u16 rid, bool *root_changed);
void vtd_scalable_free(struct vtd_tables *tables);
struct vtd_scalable
vtd_scalable_read(const struct vtd_scalable_context *context);
void vtd_scalable_block(const struct vtd_tables *tables,
			struct vtd_scalable_context *context, bool quiet);
bool vtd_scalable_has_pasids(const struct vtd_scalable_context *context);
void vtd_scalable_set_dir(struct vtd_tables *tables,
			  struct vtd_scalable_context *context, u64 dir);
void vtd_scalable_fill_pasid(const struct vtd_tables *tables,
			     struct vtd_pasid *pasid,
			     const struct vtd_scalable *val);
bool vtd_scalable_clear_pasid(const struct vtd_tables *tables,
			      struct vtd_pasid *pasid, u16 *domain_id);
void vtd_scalable_fill(const struct vtd_tables *tables,
		       struct vtd_scalable_context *context,
		       const struct vtd_scalable *val);
bool vtd_scalable_replace(const struct vtd_tables *tables,
			  struct vtd_scalable_context *context,
			  const struct vtd_scalable *val);
bool vtd_scalable_set_dirty(const struct vtd_tables *tables,
			    struct vtd_scalable_context *context, bool on);

#endif /* NYX_VTD_SCALABLE_H */
