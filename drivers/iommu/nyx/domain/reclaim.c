// SPDX-License-Identifier: GPL-2.0-only
/*
 * What becomes of memory and numbers that a unit may still use: nothing. A unit
 * that did not confirm an invalidation may go on walking tables, and use what it
 * cached under a domain ID, for as long as the machine runs. So these are given
 * up rather than given to somebody else.
 */
#include <linux/atomic.h>
#include <linux/idr.h>
#include <linux/list.h>

#include <nyx/compat.h>
#include <nyx/pt.h>
#include <nyx/unit.h>

#include "domain.h"
#include "pt/table.h"

/* Pages, of all units together. */
static atomic_long_t nyx_leaked;

/**
 * nyx_put_tables() - free table pages that nothing leads to any more
 * @list: the pages; empty on return
 * @err: what the flush of all that led to them returned; unless it is 0, they
 *	are given up
 *
 * Context: Any.
 */
void nyx_put_tables(struct iommu_pages_list *list, int err)
{
	struct list_head *pos, *next;
	long nr = 0;

	if (likely(!err)) {
		iommu_put_pages_list(list);
		return;
	}
	list_for_each_safe(pos, next, &list->pages) {
		list_del_init(pos);
		nr++;
	}
	atomic_long_add(nr, &nyx_leaked);
}

/**
 * nyx_put_table() - free a page table that no device is attached to
 * @pt: the page table; gone on return
 * @leak: a unit may still walk it: its pages are given up
 *
 * Context: May sleep.
 */
void nyx_put_table(struct nyx_pt *pt, bool leak)
{
	struct nyx_pt_stats stats;

	if (likely(!leak)) {
		nyx_pt_destroy(pt);
		return;
	}
	nyx_pt_stats_read(pt, &stats);
	atomic_long_add(stats.tables_allocated - stats.tables_freed,
			&nyx_leaked);
	nyx_pt_release(pt);
}

/**
 * nyx_put_domain_id() - give a domain ID back
 * @unit: the unit that it is of
 * @id: the ID, which no entry says any more
 * @err: what the flush of all that was cached under it returned; unless it is
 *	0, the ID is never given again
 *
 * Context: Any.
 */
void nyx_put_domain_id(struct nyx_unit *unit, u16 id, int err)
{
	if (likely(!err))
		ida_free(&unit->domain_ids, id);
}

/**
 * nyx_leaked_tables() - pages of tables that were given up
 *
 * Context: Any.
 * Return: how many, of all units, since the module was loaded.
 */
unsigned long nyx_leaked_tables(void)
{
	return atomic_long_read(&nyx_leaked);
}
