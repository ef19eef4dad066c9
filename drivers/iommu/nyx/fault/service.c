// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads the fault log of a unit in the thread of its fault interrupt.
 */
#include <linux/delay.h>

#include <nyx/fault.h>
#include <nyx/unit.h>

/*
 * During a fault storm the thread pauses after this many records, so that it
 * does not monopolize the CPU. Meanwhile the unit drops faults and reports an
 * overflow.
 */
#define NYX_FAULT_BURST 256
#define NYX_FAULT_PAUSE_MS 10

/**
 * nyx_fault_service() - read the fault log of a unit until it is empty
 * @unit: the unit, which raised its fault interrupt
 *
 * Returns early if another thread sets &nyx_fault_irq.stopping.
 *
 * Context: May sleep.
 */
void nyx_fault_service(struct nyx_unit *unit)
{
	u32 done = 0, nr;

	while ((nr = unit->ops->read_faults(unit)) &&
	       !READ_ONCE(unit->fault_irq.stopping)) {
		done += nr;
		if (done < NYX_FAULT_BURST)
			continue;
		msleep(NYX_FAULT_PAUSE_MS);
		done = 0;
	}
}
