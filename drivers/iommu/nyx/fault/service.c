// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reading a unit's fault log from its interrupt's thread.
 */
#include <linux/delay.h>

#include <nyx/fault.h>

/*
 * In a storm so many records are read, then the CPU is left to others for a
 * while. The unit drops faults meanwhile, and says so.
 */
#define NYX_FAULT_BURST 256
#define NYX_FAULT_PAUSE_MS 10

/**
 * nyx_fault_service() - read a unit's fault log to its end
 * @unit: the unit, which raised its fault interrupt
 * @read: goes once through the log, or part of it; returns how much there was
 *	to do, 0 at the end
 * @stopping: true if the end need not be awaited; may change meanwhile
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
