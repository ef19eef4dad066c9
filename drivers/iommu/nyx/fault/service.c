// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads the fault log of a unit in the thread of its fault interrupt.
 */
#include <linux/delay.h>

#include <nyx/fault.h>

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
 * @read: reads some entries of the log and reports them; returns their number,
 *	0 if the log is empty
 * @stopping: set to true by another thread to make this function return early
 *
 * Context: May sleep.
 */
void nyx_fault_service(struct nyx_unit *unit,
		       u32 (*read)(struct nyx_unit *unit), const bool *stopping)
{
	u32 done = 0, nr;

	while ((nr = read(unit)) && !READ_ONCE(*stopping)) {
		done += nr;
		if (done < NYX_FAULT_BURST)
			continue;
		msleep(NYX_FAULT_PAUSE_MS);
		done = 0;
	}
}
