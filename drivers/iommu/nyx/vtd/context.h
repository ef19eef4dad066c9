/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Context entries of legacy mode (3.4.2, 9.3).
 */
#ifndef NYX_VTD_CONTEXT_H
#define NYX_VTD_CONTEXT_H

#include <linux/types.h>

#include "tables.h"

struct nyx_entry;

/**
 * struct vtd_context - a context entry as the unit reads it
 * @lo: bits 63:0
 * @hi: bits 127:64
 *
 * The unit reads all 128 bits at once (6.2.2.1).
 */
struct vtd_context {
	u64 lo;
	u64 hi;
} __aligned(16);

struct vtd_context vtd_context_encode(const struct nyx_entry *entry,
				      u32 unit_levels);
bool vtd_context_present(const struct vtd_context *context);
bool vtd_context_ats(const struct vtd_context *context);
u16 vtd_context_domain(const struct vtd_context *context);

struct vtd_context *vtd_tables_lookup(const struct vtd_tables *tables, u16 rid);
struct vtd_context *vtd_tables_context(struct vtd_tables *tables, u16 rid,
				       bool *root_changed);
void vtd_tables_block(struct vtd_tables *tables, struct vtd_context *context,
		      bool quiet);
void vtd_tables_fill(struct vtd_tables *tables, struct vtd_context *context,
		     struct vtd_context val);
bool vtd_tables_replace(struct vtd_tables *tables, struct vtd_context *context,
			struct vtd_context val);

#endif /* NYX_VTD_CONTEXT_H */
