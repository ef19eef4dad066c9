// SPDX-License-Identifier: GPL-2.0-only
/*
 * Adding up what the CPUs counted.
 */
#include <linux/cpumask.h>
#include <linux/percpu.h>

#include <nyx/unit.h>

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
