/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Root and context tables of legacy mode (3.4.2, 9.1, 9.3).
 */
#ifndef NYX_VTD_CONTEXT_H
#define NYX_VTD_CONTEXT_H

#include <linux/mutex.h>
#include <linux/spinlock_types.h>
#include <linux/types.h>

struct nyx_entry;

#define VTD_BUSES 256
#define VTD_DEVFNS 256

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

/**
 * struct vtd_root - a root entry as the unit reads it
 * @lo: bits 63:0
 * @hi: bits 127:64, reserved
 */
struct vtd_root {
	u64 lo;
	u64 hi;
} __aligned(16);

/**
 * struct vtd_tables - root table and context tables of a unit
 * @lock: serializes the creation of context tables, and the invalidations that
 *	follow it
 * @root_lock: serializes stores to root entries; raw because
 *	vtd_tables_empty() cannot sleep
 * @root: the root table, VTD_BUSES entries
 * @bus: the context table of each bus, VTD_DEVFNS entries, or NULL; never
 *	removed once set
 * @emptied: the root table stays empty; changed under @root_lock
 * @coherent: the unit snoops CPU caches when it reads the tables
 * @nid: NUMA node to allocate memory from
 */
struct vtd_tables {
	struct mutex lock;		/* see @lock above */
	raw_spinlock_t root_lock;	/* see @root_lock above */
	struct vtd_root *root;
	struct vtd_context *bus[VTD_BUSES];
	bool emptied;
	bool coherent;
	int nid;
};

struct vtd_context vtd_context_encode(const struct nyx_entry *entry,
				      u32 unit_levels);
bool vtd_context_present(const struct vtd_context *context);
bool vtd_context_ats(const struct vtd_context *context);
u16 vtd_context_domain(const struct vtd_context *context);

int vtd_tables_init(struct vtd_tables *tables, bool coherent, int nid);
void vtd_tables_destroy(struct vtd_tables *tables);
struct vtd_context *vtd_tables_lookup(const struct vtd_tables *tables, u16 rid);
struct vtd_context *vtd_tables_context(struct vtd_tables *tables, u16 rid,
				       bool *root_changed);
void vtd_tables_empty(struct vtd_tables *tables);
void vtd_tables_block(struct vtd_tables *tables, struct vtd_context *context,
		      bool quiet);
void vtd_tables_fill(struct vtd_tables *tables, struct vtd_context *context,
		     struct vtd_context val);
bool vtd_tables_replace(struct vtd_tables *tables, struct vtd_context *context,
			struct vtd_context val);

#endif /* NYX_VTD_CONTEXT_H */
