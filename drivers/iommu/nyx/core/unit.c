// SPDX-License-Identifier: GPL-2.0-only
/*
 * Units: the parts that do not depend on the vendor.
 */
#define pr_fmt(fmt) "nyx: " fmt

#include <linux/bitmap.h>
#include <linux/cpumask.h>
#include <linux/list.h>
#include <linux/percpu.h>
#include <linux/spinlock.h>

#include <nyx/unit.h>

LIST_HEAD(nyx_units);
const struct nyx_vendor *nyx_vendor;

/**
 * nyx_unit_init() - initialize the members of a unit that the core owns
 * @unit: the unit, zeroed, embedded in the struct of the vendor
 * @ops: operations of the vendor
 *
 * Context: May sleep.
 * Return: 0 or -ENOMEM.
 */
int nyx_unit_init(struct nyx_unit *unit, const struct nyx_unit_ops *ops)
{
	unit->stats = alloc_percpu(struct nyx_unit_stats);
	if (!unit->stats)
		return -ENOMEM;
	unit->ops = ops;
	INIT_LIST_HEAD(&unit->node);
	raw_spin_lock_init(&unit->store_lock);
	mutex_init(&unit->page_lock);
	ida_init(&unit->domain_ids);
	return 0;
}

/**
 * nyx_unit_cleanup() - undo nyx_unit_init()
 * @unit: the unit
 *
 * Context: May sleep.
 */
void nyx_unit_cleanup(struct nyx_unit *unit)
{
	bitmap_free(unit->foreign);
	unit->foreign = NULL;
	ida_destroy(&unit->domain_ids);
	free_percpu(unit->latency);
	free_percpu(unit->stats);
}

/**
 * nyx_unit_retire() - take an unresponsive unit out of service
 * @unit: the unit
 * @why: the reason, for the log
 *
 * From now on nothing waits for the unit. Its devices continue to use what is
 * mapped for them: nothing that they may reach is reused so far. The next
 * invalidation that cannot be confirmed changes that: see nyx_unit_contain().
 *
 * Context: Any; the caller holds no lock of the unit.
 */
void nyx_unit_retire(struct nyx_unit *unit, const char *why)
{
	if (!xchg(&unit->dead, true))
		pr_err("%s: out of service: %s. Its devices keep what is mapped for them until something is unmapped: reboot soon\n",
		       unit->name, why);
}

/**
 * nyx_unit_contain() - contain a unit that did not confirm an invalidation
 * @unit: the unit, out of service
 *
 * The unit may still cache any translation, and the driver cannot prevent that
 * pages which devices may still reach are freed and reused. So the unit blocks
 * all translated DMA and all remapped interrupts, if it still responds to that.
 *
 * Context: Any; the caller holds no lock of the unit.
 */
void nyx_unit_contain(struct nyx_unit *unit)
{
	if (xchg(&unit->contained, true))
		return;
	if (unit->ops->contain(unit))
		pr_err("%s: an invalidation is not confirmed. It blocks its devices and caches no old translation: reboot to use them\n",
		       unit->name);
	else
		pr_crit("%s: an invalidation is not confirmed. Its devices may still access freed memory or raise freed interrupts: stop them and reboot at once\n",
			unit->name);
}

/**
 * nyx_unit_fail() - take a unit out of service and contain it
 * @unit: the unit, which did not confirm an invalidation
 * @why: the reason, for the log
 *
 * Context: Any; the caller holds no lock of the unit.
 */
void nyx_unit_fail(struct nyx_unit *unit, const char *why)
{
	nyx_unit_retire(unit, why);
	nyx_unit_contain(unit);
}

/**
 * nyx_unit_stat() - sum a counter of a unit over all CPUs
 * @unit: the unit
 * @what: the counter
 *
 * Other CPUs may increment the counter meanwhile. The addend of each CPU is a
 * value that it had between call and return.
 *
 * Context: Any.
 * Return: the sum.
 */
u64 nyx_unit_stat(const struct nyx_unit *unit, enum nyx_stat what)
{
	u64 sum = 0;
	int cpu;

	/* Include CPUs that are offline now. */
	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu_ptr(unit->stats, cpu)->n[what]);

	return sum;
}
