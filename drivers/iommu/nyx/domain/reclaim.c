// SPDX-License-Identifier: GPL-2.0-only
/*
 * Freeing of page tables and domain IDs.
 *
 * A unit that did not confirm an invalidation may continue to walk old tables
 * and to use translations that are tagged with an old domain ID, until the
 * machine restarts. Such tables and IDs are leaked on purpose instead of being
 * reused.
 */
#include <linux/atomic.h>
#include <linux/idr.h>
#include <linux/list.h>

#include <nyx/compat.h>
#include <nyx/pt.h>
#include <nyx/unit.h>

#include "domain.h"
#include "pt/table.h"

/* Leaked table pages, of all units. */
static atomic_long_t nyx_leaked;

/**
 * nyx_put_tables() - free table pages after a flush
 * @list: the pages, which no entry refers to; empty on return
 * @err: result of the flush of everything that referred to them; unless it is
 *	0, the pages are leaked
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
 * @pt: the page table; destroyed on return
 * @leak: a unit may still walk the table: leak its pages
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
 * nyx_put_domain_id() - free a domain ID of a unit
 * @unit: the unit
 * @id: the ID, which no hardware entry contains any more
 * @err: result of the flush of everything that is tagged with the ID; unless it
 *	is 0, the ID is leaked
 *
 * Context: Any.
 */
void nyx_put_domain_id(struct nyx_unit *unit, u16 id, int err)
{
	if (likely(!err))
		ida_free(&unit->domain_ids, id);
}

/**
 * nyx_leaked_tables() - count leaked table pages
 *
 * Context: Any.
 * Return: number of table pages that were leaked since the module was loaded,
 *	of all units.
 */
unsigned long nyx_leaked_tables(void)
{
	return atomic_long_read(&nyx_leaked);
}
