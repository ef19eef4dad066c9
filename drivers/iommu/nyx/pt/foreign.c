// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checks the page tables of another system: firmware, or an earlier kernel that
 * left the unit running. If they translate each address to itself, devices do
 * not notice that identity entries replace them. If not, DMA that is under way
 * would reach other memory.
 *
 * The other system may have reused the memory of its tables, so nothing in them
 * is trusted.
 */
#define pr_fmt(fmt) "nyx: " fmt

#include <linux/bits.h>
#include <linux/errno.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/sizes.h>

#include "foreign.h"
#include "lib/phys.h"

/* Number of bits of an address that the index into each table consumes. */
#define FOREIGN_INDEX_BITS	9
#define FOREIGN_ENTRIES		BIT(FOREIGN_INDEX_BITS)
#define FOREIGN_MAX_LEVELS	6

/* Recursion ends because each table has fewer levels than the one above it. */
static int check_table(struct nyx_foreign *foreign, u64 phys,
		       unsigned int levels, u64 iova)
{
	const u64 *table __free(nyx_phys_unmap) = NULL;
	unsigned int shift = 12 + FOREIGN_INDEX_BITS * (levels - 1), i;
	struct nyx_foreign_entry entry;
	int ret;

	if (!foreign->tables)
		return -E2BIG;
	foreign->tables--;
	table = nyx_phys_map(phys);
	if (!table)
		return -EFAULT;
	for (i = 0; i < FOREIGN_ENTRIES; i++, iova += 1ULL << shift) {
		entry = foreign->decode(table[i], levels);
		if (entry.kind == NYX_FOREIGN_NONE)
			continue;
		if (entry.kind == NYX_FOREIGN_PAGE) {
			if (entry.addr != (iova & ~(entry.size - 1)))
				return -EXDEV;
			continue;
		}
		if (!entry.levels || entry.levels >= levels)
			return -EOPNOTSUPP;
		ret = check_table(foreign, entry.addr, entry.levels, iova);
		if (ret)
			return ret;
	}
	cond_resched();
	return 0;
}

/**
 * nyx_foreign_check() - check that tables translate each address to itself
 * @foreign: the format, and the progress
 * @root: physical address of the table at the top
 * @levels: number of levels
 *
 * Addresses that are not translated at all are ignored. Devices often share
 * tables, so the same tables as in the last call are not read again.
 *
 * Context: May sleep.
 * Return: 0; -EXDEV if an address is translated to another one; -E2BIG if there
 *	are too many tables; -EFAULT if one cannot be read; -EOPNOTSUPP if they
 *	have another format.
 */
int nyx_foreign_check(struct nyx_foreign *foreign, u64 root,
		      unsigned int levels)
{
	int ret;

	if (!levels || levels > FOREIGN_MAX_LEVELS)
		return -EOPNOTSUPP;
	if (foreign->levels == levels && foreign->root == root)
		return 0;
	ret = check_table(foreign, root, levels, 0);
	foreign->root = root;
	foreign->levels = ret ? 0 : levels;
	return ret;
}

/**
 * nyx_foreign_why() - explain why a unit cannot be taken over
 * @err: an error of nyx_foreign_check()
 *
 * Context: Any.
 * Return: text for the log.
 */
const char *nyx_foreign_why(int err)
{
	switch (err) {
	case -EXDEV:
		return "its tables translate to other addresses";
	case -E2BIG:
		return "its tables are too large to be checked";
	case -EFAULT:
		return "its tables cannot be read";
	default:
		return "its tables have an unknown format";
	}
}

/**
 * nyx_foreign_is_readable() - check that a table of another system is in memory
 * @phys: its physical address
 *
 * Context: May sleep.
 * Return: true if it is. In a capture kernel the memory is not its own.
 */
bool nyx_foreign_is_readable(u64 phys)
{
	const void *page __free(nyx_phys_unmap) = nyx_phys_map(phys);

	return page;
}

/**
 * nyx_foreign_log_copy() - log the result of copying the crashed kernel's entries
 * @unit: name of the unit
 * @copy: the result
 *
 * Context: Any.
 */
void nyx_foreign_log_copy(const char *unit, const struct nyx_foreign_copy *copy)
{
	pr_notice("%s: requester IDs that use the tables of the crashed kernel until their drivers start: %u\n",
		  unit, copy->copied);
	if (copy->blocked || copy->tables)
		pr_warn("%s: blocked until their drivers start, because their entries in the tables of the crashed kernel are invalid or allow device TLBs: %u requester IDs, and those in %u tables that cannot be read\n",
			unit, copy->blocked, copy->tables);
}
