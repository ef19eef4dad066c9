// SPDX-License-Identifier: GPL-2.0-only
/*
 * Starting and stopping a unit, and enabling and disabling its translation.
 */
#define pr_fmt(fmt) "nyx: " fmt

#include <linux/cleanup.h>
#include <linux/errno.h>
#include <linux/io.h>
#include <linux/printk.h>

#include <nyx/intr.h>
#include <nyx/invalidate.h>
#include <nyx/remedy.h>
#include <nyx/stats.h>
#include <nyx/unit.h>

#include "fault.h"
#include "flush.h"
#include "gcmd.h"
#include "intr.h"
#include "prq.h"
#include "qi.h"
#include "scalable.h"
#include "takeover.h"
#include "unit_ops.h"
#include "vtd.h"

static void vtd_set_running(struct vtd_unit *vu, bool running)
{
	guard(raw_spinlock_irqsave)(&vu->reg_lock);
	WRITE_ONCE(vu->running, running);
}

/* Enables the queue, unless it is enabled already. */
static int vtd_queue_on(struct vtd_unit *vu)
{
	int ret;

	if (!vu->use_qi || vu->qi.on)
		return 0;
	ret = vtd_qi_start(vu);
	/* QIE may still take effect unless it is seen clear. */
	if (ret && vtd_gcmd(vu, VTD_GCMD_QIE, false))
		vu->unit.stuck = true;
	return ret;
}

/*
 * Sets the root table. If the unit was taken over and translates, DMA uses the
 * identity entries of the driver from now on.
 */
static int vtd_run(struct vtd_unit *vu)
{
	int ret;

	vtd_writeq(vu, VTD_RTADDR_REG, vtd_tables_rtaddr(&vu->tables));
	ret = vtd_gcmd(vu, VTD_GCMD_SRTP, true);
	if (ret)
		return ret;
	vtd_set_running(vu, true);
	/*
	 * Invalidate what was cached from an earlier root table (6.6).
	 * nyx_invalidate_global() is not used: it would contain a unit that does
	 * not confirm, although no memory is about to be reused.
	 */
	nyx_stat_inc(&vu->unit, NYX_STAT_FLUSH_ENTRY);
	nyx_stat_inc(&vu->unit, NYX_STAT_FLUSH_GLOBAL);
	return vtd_invalidate_ops.global(&vu->unit);
}

/* Undoes vtd_run() and vtd_queue_on(). Nothing uses the unit's caches any more. */
static void vtd_halt(struct vtd_unit *vu)
{
	vtd_set_running(vu, false);
	if (vu->use_qi && vtd_qi_stop(vu))
		vu->unit.stuck = true;
}

static void vtd_free_tables(struct vtd_unit *vu)
{
	vtd_scalable_free(&vu->tables);
	vtd_tables_destroy(&vu->tables);
}

static void vtd_free_memory(struct vtd_unit *vu)
{
	if (vu->unit.stuck) {
		/* Units that stay on, or block all DMA, are reported before. */
		if (!vu->unit.stays_on && !vu->unit.blocks)
			pr_err(NYX_LOG_STUCK, vu->unit.name);
		return;
	}
	vtd_prq_destroy(vu);
	if (vu->use_qi)
		nyx_queue_destroy(&vu->qi);
	vtd_free_tables(vu);
	vtd_intr_free_memory(vu);
}

static int vtd_get_memory(struct vtd_unit *vu)
{
	int ret;

	ret = vtd_tables_init(&vu->tables, vu->scalable, vu->ecap & VTD_ECAP_C,
			      vu->unit.nid);
	if (ret || !vu->use_qi)
		return ret;
	ret = vtd_qi_init(vu, vu->unit.nid);
	if (ret)
		goto err_tables;
	ret = vtd_prq_init(vu);
	if (ret)
		goto err_queue;
	ret = vtd_intr_get_memory(vu);
	if (ret)
		goto err_prq;
	return 0;

err_prq:
	vtd_prq_destroy(vu);
err_queue:
	nyx_queue_destroy(&vu->qi);
err_tables:
	vtd_free_tables(vu);
	return ret;
}

/**
 * vtd_start() - nyx_unit_ops.start
 * @unit: the unit
 *
 * The root table is set by vtd_enable(), when all units are started: with some
 * X58 chipsets a unit never completes an invalidation while the queue of
 * another unit is disabled (Linux, intel/iommu.c: init_dmars()). If the unit
 * translates, its tables are replaced then as well.
 *
 * Context: May sleep.
 * Return: 0 or an error, after a log line.
 */
int vtd_start(struct nyx_unit *unit)
{
	struct vtd_unit *vu = to_vtd_unit(unit);
	int ret;

	vu->unit.stuck = false;
	ret = vtd_get_memory(vu);
	if (ret) {
		pr_err(NYX_LOG_NO_TABLES, unit->name);
		return ret;
	}
	ret = vtd_takeover_copy(vu);
	if (ret) {
		pr_err(NYX_LOG_NO_TABLES, unit->name);
		goto err_memory;
	}
	vtd_fault_clear(vu);
	/* Before the interrupt, whose handler would read the queue. */
	vtd_prq_on(vu);
	ret = vtd_irq_init(vu);
	if (ret) {
		pr_err(NYX_LOG_NO_FAULT_IRQ, unit->name, ret);
		goto err_memory;
	}
	ret = vtd_takeover(vu);
	if (!ret)
		ret = vtd_queue_on(vu);
	if (ret) {
		pr_err("%s: cannot be started (%d): " NYX_REMEDY_HANGS "\n",
		       unit->name, ret);
		goto err_irq;
	}
	return 0;

err_irq:
	vtd_halt(vu);
	vtd_takeover_undo(vu);
	vtd_irq_exit(vu);
err_memory:
	vtd_free_memory(vu);
	return ret;
}

/**
 * vtd_wake() - nyx_unit_ops.wake
 * @unit: the unit
 *
 * Context: Any; interrupts are disabled.
 * Return: 0; -ENODEV if the unit is gone; -ETIMEDOUT if it does not confirm a
 *	command.
 */
int vtd_wake(struct nyx_unit *unit)
{
	struct vtd_unit *vu = to_vtd_unit(unit);
	int ret;

	/* Firmware, or the kernel that loaded an image, may have enabled it. */
	ret = vtd_takeover(vu);
	if (ret)
		return ret;
	vtd_fault_clear(vu);
	vtd_prq_on(vu);
	vtd_irq_restore(vu);
	return vtd_queue_on(vu);
}

/*
 * Disables translation, then interrupt remapping. A unit that could hang keeps
 * translation enabled, and uses its tables for ever.
 */
static int vtd_remapping_off(struct vtd_unit *vu)
{
	int ret = 0;

	if (vu->unit.stays_on && (vtd_readl(vu, VTD_GSTS_REG) & VTD_GCMD_TE))
		/* Before a sleep, translation ends with the unit's power. */
		vu->unit.stuck |= !vu->unit.asleep;
	else
		ret = vtd_gcmd(vu, VTD_GCMD_TE, false);
	if (!ret)
		ret = vtd_intr_disable(vu);
	if (!ret)
		return 0;
	vu->unit.stuck = true;
	if (ret == -ENODEV)
		nyx_unit_fail(&vu->unit, NYX_UNIT_GONE_WHY);
	return ret;
}

/*
 * Sets the translation table mode to legacy. A later driver may use descriptors of 128
 * bits before it sets its root table, which a unit in scalable mode refuses. The unit does
 * not translate, so it does not read the table.
 */
static void vtd_leave_scalable(struct vtd_unit *vu)
{
	vtd_writeq(vu, VTD_RTADDR_REG, virt_to_phys(vu->tables.root));
	vtd_gcmd(vu, VTD_GCMD_SRTP, true);
}

/* Disables remapping and the queue. Returns as vtd_remapping_off(). */
static int vtd_turn_off(struct vtd_unit *vu)
{
	int ret = vtd_remapping_off(vu);

	if (!ret)
		vtd_prq_off(vu);
	if (!ret && vu->scalable)
		vtd_leave_scalable(vu);
	vtd_halt(vu);
	return ret;
}

/**
 * vtd_enable() - nyx_unit_ops.enable
 * @unit: the unit
 *
 * A unit that does not confirm that translation is enabled may enable it later.
 * It then finds the identity entries of all devices, which stay in memory. In a
 * capture kernel translation is not disabled after an error: vtd_block() follows.
 *
 * Context: May sleep.
 * Return: 0; -ENODEV if the unit is gone; -EINVAL, -EIO or -ETIMEDOUT if it
 *	does not confirm a command.
 */
int vtd_enable(struct nyx_unit *unit)
{
	struct vtd_unit *vu = to_vtd_unit(unit);
	int ret;

	ret = vtd_queue_on(vu);
	if (!ret)
		ret = vtd_run(vu);
	if (!ret)
		ret = vtd_intr_enable(vu, nyx_intr_extended());
	if (!ret)
		ret = vtd_gcmd(vu, VTD_GCMD_TE, true);
	if (!ret)
		ret = vtd_pmr_disable(vu);
	if (ret && !unit->foreign)
		vtd_turn_off(vu);
	return ret;
}

/**
 * vtd_disable() - nyx_unit_ops.disable
 * @unit: the unit
 *
 * The queue is disabled as well, because a kernel started by kexec expects
 * that.
 *
 * A unit that does not confirm continues to translate with the entries that its
 * devices have. It is not contained: that would stop devices that work, and no
 * memory is about to be reused.
 *
 * Context: Any, interrupts may be off.
 */
void vtd_disable(struct nyx_unit *unit)
{
	struct vtd_unit *vu = to_vtd_unit(unit);

	if (vtd_turn_off(vu) == -ETIMEDOUT)
		pr_err("%s: does not disable remapping: its devices keep their entries. "
		       NYX_REMEDY_POWER "\n", unit->name);
}

/* vtd_enable() may have failed before it set the driver's root table. */
static bool vtd_set_root(struct vtd_unit *vu)
{
	if (vu->running)
		return true;
	vtd_writeq(vu, VTD_RTADDR_REG, vtd_tables_rtaddr(&vu->tables));
	if (vtd_gcmd(vu, VTD_GCMD_SRTP, true))
		return false;
	vtd_set_running(vu, true);
	return true;
}

/* The built-in driver of a capture kernel disables translation. */
static bool vtd_set_translation(struct vtd_unit *vu)
{
	return (vtd_readl(vu, VTD_GSTS_REG) & VTD_GCMD_TE) ||
	       !vtd_gcmd(vu, VTD_GCMD_TE, true);
}

/*
 * Without the driver's root table, or if the unit is out of service or does not
 * enable the queue, nothing would be invalidated.
 */
static bool vtd_invalidate_all(struct vtd_unit *vu)
{
	return vu->running && !READ_ONCE(vu->unit.dead) &&
	       (!vu->use_qi || READ_ONCE(vu->qi.on)) &&
	       !nyx_invalidate_global(&vu->unit);
}

/**
 * vtd_block() - nyx_unit_ops.block
 * @unit: the unit
 * @next: interrupts are those of the next kernel
 *
 * An empty root table blocks all DMA (9.1). With @next, interrupt remapping is
 * disabled, because its table would be in memory of the next kernel, which
 * moreover needs interrupts before it loads a driver for the unit. Without @next
 * it stays enabled: requests of the crashed kernel in remappable format would
 * otherwise be read in compatibility format, whose vector is the subhandle.
 *
 * Context: Any, interrupts may be off. Spins for some multiples of
 *	vtd_unit.command_ns at most.
 * Return: true if the unit confirmed that it blocks all DMA.
 */
bool vtd_block(struct nyx_unit *unit, bool next)
{
	struct vtd_unit *vu = to_vtd_unit(unit);
	bool done, clean;

	vtd_tables_empty(&vu->tables);
	/* Nothing handles the faults any more. */
	vtd_writel(vu, VTD_FECTL_REG, VTD_FECTL_IM);
	if (vu->unit.caps.page_requests)
		vtd_writel(vu, VTD_PECTL_REG, VTD_FECTL_IM);
	done = vtd_set_root(vu);
	done &= next ? !vtd_intr_disable(vu) : vtd_intr_block(vu);
	clean = vtd_invalidate_all(vu);
	done &= vtd_set_translation(vu);
	if (!clean)
		done &= vtd_contain(unit);
	return done;
}

/**
 * vtd_block_end() - nyx_unit_ops.block_end
 * @unit: the unit, after vtd_block()
 *
 * The queue is disabled, although it is empty and the unit would not read it: a
 * capture kernel would take the unit for one that was used to the end.
 *
 * Context: Any, interrupts may be off. Spins for twice vtd_unit.command_ns at
 *	most.
 * Return: true if the queue is disabled.
 */
bool vtd_block_end(struct nyx_unit *unit)
{
	struct vtd_unit *vu = to_vtd_unit(unit);

	vtd_halt(vu);
	/* A unit that is gone reads as all ones. */
	return !(vtd_readl(vu, VTD_GSTS_REG) & VTD_GCMD_QIE);
}

/**
 * vtd_stop() - nyx_unit_ops.stop
 * @unit: the unit; it does not translate with the driver's tables, or it is stuck
 *
 * Context: May sleep.
 */
void vtd_stop(struct nyx_unit *unit)
{
	struct vtd_unit *vu = to_vtd_unit(unit);

	vtd_halt(vu);
	vtd_takeover_undo(vu);
	vtd_irq_exit(vu);
	vtd_free_memory(vu);
}
