/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A VT-d remapping hardware unit.
 */
#ifndef NYX_VTD_VTD_H
#define NYX_VTD_VTD_H

#include <linux/container_of.h>
#include <linux/io.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#include <nyx/queue.h>
#include <nyx/unit.h>

#include "context.h"
#include "irte.h"
#include "regs.h"

struct irq_domain;

/**
 * struct vtd_unit - one remapping hardware unit
 * @unit: the core's view
 * @regs: the register window
 * @window: bytes of it that are mapped and claimed
 * @ver: Version Register
 * @cap: Capability Register
 * @ecap: Extended Capability Register
 * @reg_lock: orders commands through GCMD, CCMD, IOTLB and PMEN, of which one
 *	may be under way at a time (6.9); raw and taken with interrupts off,
 *	for flushes come from any context
 * @cfi: commands let requests in compatibility format pass; under @reg_lock
 * @running: the root table is set and invalidations reach the unit; changed
 *	under @reg_lock. While it is false translation is off, and bringing
 *	it up again begins with a global invalidation, so none is missed
 * @tables: root and context tables
 * @irt: interrupt remapping table
 * @qi: the invalidation queue, unused where @use_qi is false
 * @refused_at: position of the last descriptor that the unit refused; @qi.lock
 *	protects it
 * @use_qi: invalidate through the queue, not through registers
 * @stopping: faults are no longer awaited
 * @irq_domain: the fault interrupt's, with one interrupt in it
 * @irq: its number, or 0
 * @irq_name: "vtd0-fault"
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
	bool running;
	struct vtd_tables tables;
	struct vtd_irt irt;
	struct nyx_queue qi;
	u32 refused_at;
	bool use_qi;
	bool stopping;
	struct irq_domain *irq_domain;
	unsigned int irq;
	char irq_name[24];
};

static inline struct vtd_unit *to_vtd_unit(struct nyx_unit *unit)
{
	return container_of(unit, struct vtd_unit, unit);
}

/* Registers are read and written whole, at their own width (11.2). */
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

/* What a read gives when nobody answers: the unit, or all of it, is gone. */
#define VTD_GONE	(~0U)

#endif /* NYX_VTD_VTD_H */
