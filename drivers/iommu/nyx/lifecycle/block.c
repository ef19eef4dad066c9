// SPDX-License-Identifier: GPL-2.0-only
/*
 * Units that the driver leaves with translation enabled, so that they block all
 * DMA: after reboot and kexec if the user wants that, and in a capture kernel.
 */
#define pr_fmt(fmt) "nyx: " fmt

#include <linux/list.h>
#include <linux/printk.h>

#include <nyx/remedy.h>
#include <nyx/unit.h>

#include "lifecycle.h"

/* All enabled units for the next kernel, else units of the crashed kernel. */
static bool nyx_unit_is_wanted(const struct nyx_unit *unit, bool enabled,
			       bool next)
{
	if (READ_ONCE(unit->enabled) != enabled)
		return false;
	return next || (unit->foreign && unit->started);
}

static void nyx_unit_blocked(struct nyx_unit *unit, bool enabled, bool next)
{
	if (!unit->blocks)
		pr_crit("%s: does not confirm that it blocks all DMA: its devices may reach memory of %s: "
			NYX_REMEDY_POWER "\n", unit->name,
			next ? "the next system" : "this kernel");
	else if (!next)
		pr_warn("%s: blocks all DMA, because devices may still do DMA for the kernel that crashed%s\n",
			unit->name, enabled ? ": load the module again" : "");
	WRITE_ONCE(unit->enabled, false);
	/* Its tables stay in use. */
	unit->stuck = true;
}

/*
 * All units invalidate before the first one stops: with some chipsets a unit never
 * completes an invalidation while the queue of another unit is disabled.
 */
static void nyx_units_block(bool enabled, bool next)
{
	struct nyx_unit *unit;

	list_for_each_entry_reverse(unit, &nyx_units, node)
		if (nyx_unit_is_wanted(unit, enabled, next))
			unit->blocks = unit->ops->block(unit, next);
	list_for_each_entry_reverse(unit, &nyx_units, node) {
		if (!nyx_unit_is_wanted(unit, enabled, next))
			continue;
		unit->blocks &= unit->ops->block_end(unit);
		nyx_unit_blocked(unit, enabled, next);
	}
}

/**
 * nyx_units_block_next() - make all enabled units block all DMA for the next
 *	kernel
 *
 * Context: Any, interrupts may be off.
 */
void nyx_units_block_next(void)
{
	nyx_units_block(true, true);
}

/**
 * nyx_units_block_foreign() - make units that the crashed kernel used block all
 *	DMA
 * @enabled: those that are enabled; else those that could not be
 *
 * In a capture kernel devices may still do DMA for the kernel that crashed.
 * Untranslated, it would reach the memory of this kernel. The memory that the
 * units use is never freed, so they block even when the module is unloaded.
 *
 * Context: Any, interrupts may be off. No unit is blocked twice.
 */
void nyx_units_block_foreign(bool enabled)
{
	nyx_units_block(enabled, false);
}
