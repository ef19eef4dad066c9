// SPDX-License-Identifier: GPL-2.0-only
/*
 * What every unit has, whoever made it.
 */
#define pr_fmt(fmt) "nyx: " fmt

#include <linux/cpumask.h>
#include <linux/list.h>
#include <linux/percpu.h>
#include <linux/spinlock.h>

#include <nyx/unit.h>

LIST_HEAD(nyx_units);
const struct nyx_vendor *nyx_vendor;

/**
 * nyx_unit_init() - set up the core's part of a unit
 * @unit: the unit, zeroed, within the vendor's struct
 * @ops: the vendor's operations
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
	ida_destroy(&unit->domain_ids);
	free_percpu(unit->stats);
}

/**
 * nyx_unit_fail() - take a unit that does not answer out of service
 * @unit: the unit
 * @why: what it did, for the log
 *
 * From then on nothing waits for it. It cannot be trusted to have forgotten
 * anything, and the core has no way to keep its users from giving pages back
 * that devices may still reach: so it is made to stop them, if it can be.
 *
 * Context: Any, without a lock of the unit.
 */
void nyx_unit_fail(struct nyx_unit *unit, const char *why)
{
	if (xchg(&unit->dead, true))
		return;
	if (unit->ops->contain(unit))
		pr_err("%s: out of service: %s. No old translation is left in it: reboot to use the devices behind it\n",
		       unit->name, why);
	else
		pr_crit("%s: out of service: %s. Devices behind it may still reach memory, or raise interrupts, that are no longer theirs: stop them and reboot at once\n",
			unit->name, why);
}

/**
 * nyx_unit_stat() - one of a unit's counters, over all CPUs
 * @unit: the unit
 * @what: which counter
 *
 * CPUs may count on meanwhile: the sum is one that held between call and
 * return, for each CPU by itself.
 *
 * Context: Any.
 * Return: the count.
 */
u64 nyx_unit_stat(const struct nyx_unit *unit, enum nyx_stat what)
{
	u64 sum = 0;
	int cpu;

	/* CPUs that went offline have counted too. */
	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu_ptr(unit->stats, cpu)->n[what]);

	return sum;
}
