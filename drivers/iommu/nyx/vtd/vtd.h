/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * State and registers of a VT-d remapping hardware unit.
 */
#ifndef NYX_VTD_VTD_H
#define NYX_VTD_VTD_H

#include <linux/container_of.h>
#include <linux/io.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/time64.h>
#include <linux/types.h>

#include <nyx/queue.h>
#include <nyx/unit.h>

#include "irte.h"
#include "regs.h"
#include "tables.h"

struct irq_domain;

/**
 * struct vtd_unit - one remapping hardware unit
 * @unit: the unit as the core sees it
 * @regs: the register window
 * @window: size of the claimed and mapped part, in bytes
 * @ver: Version Register
 * @cap: Capability Register
 * @ecap: Extended Capability Register
 * @reg_lock: serializes commands through GCMD, CCMD, IOTLB and PMEN, of which
 *	only one may be in progress (6.9); raw and taken with interrupts off,
 *	because flushes run in any context
 * @cfi: value of CFI that each global command writes; under @reg_lock
 * @pending: bit of the global command that did not complete in time, or 0;
 *	under @reg_lock. No other command is written while it is in progress
 * @pending_status: value of the status bit of @pending when it is completed
 * @command_ns: how long a command through a register may take
 * @ite_ns: how much longer the unit may take to raise ITE for a device that did
 *	not respond in time
 * @last_ite: when the unit raised ITE last while the queue was stalled, on the
 *	clock of ktime_get_mono_fast_ns(); 0: never. Protected by @qi.lock
 * @scalable: the unit uses scalable mode; set by the probe
 * @running: the root table is set; changed under @reg_lock. While it is false,
 *	the unit does not use the driver's tables, and invalidations through
 *	registers are skipped, because vtd_run() ends with a global one
 * @crashed: the unit was found with the tables of a kernel that crashed; this is
 *	the capture kernel
 * @foreign_iqa: IQA_REG of the system from which the unit was taken over
 * @tables: root table, context tables and PASID tables
 * @irt: interrupt remapping table
 * @qi: the invalidation queue, unused if @use_qi is false
 * @refused_at: position of the last descriptor that the unit refused; protected
 *	by @qi.lock
 * @use_qi: invalidate through the queue, not through registers
 * @write_buffer: stores to tables need vtd_flush_write_buffer() (6.8)
 * @prq: the page request queue; NULL without nyx_unit_caps.page_requests
 * @irq_domain: domain of the fault event interrupt, which is its only one
 */
struct vtd_unit {
	struct nyx_unit unit;
	void __iomem *regs;
	size_t window;
	u32 ver;
	u64 cap;
	u64 ecap;
	raw_spinlock_t reg_lock;
	bool cfi;
	u32 pending;
	u32 pending_status;
	u64 command_ns;
	u64 ite_ns;
	u64 last_ite;
	bool scalable;
	bool running;
	bool crashed;
	u64 foreign_iqa;
	struct vtd_tables tables;
	struct vtd_irt irt;
	struct nyx_queue qi;
	u32 refused_at;
	bool use_qi;
	bool write_buffer;
	void *prq;
	struct irq_domain *irq_domain;
};

static inline struct vtd_unit *to_vtd_unit(struct nyx_unit *unit)
{
	return container_of(unit, struct vtd_unit, unit);
}

/* Registers must be accessed at their full width (11.2). */
static inline u32 vtd_readl(const struct vtd_unit *vu, u32 reg)
{
	return readl(vu->regs + reg);
}

static inline u64 vtd_readq(const struct vtd_unit *vu, u32 reg)
{
	return readq(vu->regs + reg);
}

static inline void vtd_writel(const struct vtd_unit *vu, u32 reg, u32 val)
{
	writel(val, vu->regs + reg);
}

static inline void vtd_writeq(const struct vtd_unit *vu, u32 reg, u64 val)
{
	writeq(val, vu->regs + reg);
}

/*
 * How long a command through a register may take. Units complete it within
 * microseconds, except when they first have to wait for devices.
 */
#define VTD_COMMAND_NS	(10 * NSEC_PER_SEC)

/* Units raise ITE at most 90 seconds after the invalidation (6.5.2.11). */
#define VTD_ITE_NS	(100 * NSEC_PER_SEC)

/* Value of a 32-bit register of a unit that no longer responds. */
#define VTD_GONE	(~0U)

#endif /* NYX_VTD_VTD_H */
