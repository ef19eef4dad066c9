// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a capture kernel needs of units that its crashed kernel used: before it can load
 * a module, it waits for the timer's interrupt in compatibility format, and panics if
 * none arrives.
 *
 * Nothing notifies modules of each crash. But whenever the kernel is about to start a
 * capture kernel, it calls smp_ops.crash_stop_other_cpus first.
 */
#include <linux/compiler.h>
#include <linux/list.h>
#include <linux/smp.h>

#include <asm/barrier.h>

#include <nyx/intr.h>
#include <nyx/unit.h>

#include "msi.h"

/* The kernel's own function. Set once by loading. */
static void (*nyx_crash_stop_cpus)(void);

/* Without locks: no other CPU runs any more. */
static void nyx_crash(void)
{
	struct nyx_unit *unit;

	nyx_crash_stop_cpus();
	list_for_each_entry(unit, &nyx_units, node)
		if (unit->enabled && unit->intr.on && unit->intr.ops->crash)
			unit->intr.ops->crash(unit);
}

/**
 * nyx_crash_init() - let units serve a capture kernel
 *
 * Context: Any. The list of units does not change before nyx_crash_exit().
 */
void nyx_crash_init(void)
{
	nyx_crash_stop_cpus = smp_ops.crash_stop_other_cpus;
	/* A kernel without kexec has none. */
	if (!nyx_crash_stop_cpus)
		return;
	/* Orders the pointer that nyx_crash() calls before others call nyx_crash(). */
	smp_store_release(&smp_ops.crash_stop_other_cpus, nyx_crash);
}

/**
 * nyx_crash_exit() - undo nyx_crash_init()
 *
 * Context: Any.
 */
void nyx_crash_exit(void)
{
	WRITE_ONCE(smp_ops.crash_stop_other_cpus, nyx_crash_stop_cpus);
}
