/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Page tables of another system, which a unit uses while the module is loaded.
 */
#ifndef NYX_PT_FOREIGN_H
#define NYX_PT_FOREIGN_H

#include <linux/types.h>

/* Tables to be read at most for one unit: 256 MiB of them. */
#define NYX_FOREIGN_TABLES	65536

/**
 * enum nyx_foreign_kind - kinds of entries
 * @NYX_FOREIGN_NONE: the entry translates nothing
 * @NYX_FOREIGN_TABLE: it leads to another table
 * @NYX_FOREIGN_PAGE: it translates to memory
 */
enum nyx_foreign_kind {
	NYX_FOREIGN_NONE,
	NYX_FOREIGN_TABLE,
	NYX_FOREIGN_PAGE,
};

/**
 * struct nyx_foreign_entry - a decoded entry
 * @kind: its kind
 * @addr: physical address of the table or page
 * @levels: with NYX_FOREIGN_TABLE, number of levels that start at that table;
 *	fewer than those of the table with this entry
 * @size: with NYX_FOREIGN_PAGE, number of bytes, a power of two
 */
struct nyx_foreign_entry {
	enum nyx_foreign_kind kind;
	u64 addr;
	unsigned int levels;
	u64 size;
};

/**
 * struct nyx_foreign - tables of one format
 * @decode: decodes @entry, which is in a table that starts @levels levels
 * @tables: number of tables that may still be read
 * @root: the table that was checked last
 * @levels: its number of levels; 0 if none was checked
 */
struct nyx_foreign {
	struct nyx_foreign_entry (*decode)(u64 entry, unsigned int levels);
	unsigned int tables;
	u64 root;
	unsigned int levels;
};

/**
 * struct nyx_foreign_copy - entries of the kernel that crashed
 * @copied: number of entries that were copied
 * @blocked: number of entries that were not, because they are invalid or allow
 *	device TLBs
 * @tables: number of tables with entries that cannot be read
 */
struct nyx_foreign_copy {
	unsigned int copied;
	unsigned int blocked;
	unsigned int tables;
};

int nyx_foreign_check(struct nyx_foreign *foreign, u64 root,
		      unsigned int levels);
const char *nyx_foreign_why(int err);
bool nyx_foreign_is_readable(u64 phys);
void nyx_foreign_log_copy(const char *unit, const struct nyx_foreign_copy *copy);

#endif /* NYX_PT_FOREIGN_H */
