// SPDX-License-Identifier: GPL-2.0-only
/*
 * Starting and stopping a unit, and enabling and disabling its translation.
 *
 * A unit runs its command buffer and its logs only while it translates
 * (CmdBufRun, EventLogRun), so all of these are enabled together.
 */
#define pr_fmt(fmt) "nyx: " fmt

#include <linux/bitfield.h>
#include <linux/cleanup.h>
#include <linux/errno.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/printk.h>
#include <linux/spinlock.h>

#include <nyx/invalidate.h>
#include <nyx/remedy.h>
#include <nyx/unit.h>

#include "amd.h"
#include "ats_off.h"
#include "caps.h"
#include "cmdbuf.h"
#include "entry.h"
#include "event.h"
#include "flush.h"
#include "function.h"
#include "gcr3.h"
#include "intr.h"
#include "ivrs.h"
#include "ppr.h"
#include "rd890.h"
#include "takeover.h"
#include "unit_ops.h"

/* Control bits that make the unit execute commands and log events. */
#define AMD_RUN_ENABLES (AMD_CTRL_CMD_BUF_EN | AMD_CTRL_EVENT_LOG_EN | \
			 AMD_CTRL_EVENT_INT_EN)
#define AMD_RUN_STATUS (AMD_STATUS_CMD_BUF_RUN | AMD_STATUS_EVENT_LOG_RUN)
#define AMD_STOP_STATUS (AMD_RUN_STATUS | AMD_STATUS_PPR_LOG_RUN)

/*
 * Control bits that make the unit use memory of another system (its logs,
 * apertures through which DMA passes untranslated, virtual IOMMUs of guests),
 * deliver interrupts to guests, respond to page requests
 * by itself, or read what the driver stores in another format.
 */
#define AMD_CTRL_ALIEN (AMD_CTRL_GAM_EN | AMD_CTRL_GA_LOG_EN | \
			AMD_CTRL_GA_INT_EN | AMD_CTRL_DUAL_PPR_LOG_EN | \
			AMD_CTRL_DUAL_EVENT_LOG_EN | AMD_CTRL_PPR_AUTO_RSP_EN | \
			AMD_CTRL_MARC_EN | AMD_CTRL_BLK_STOP_MRK_EN | \
			AMD_CTRL_PPR_AUTO_RSP_AON | AMD_CTRL_EPH_EN | \
			AMD_CTRL_GD_UPDATE_DIS | \
			AMD_CTRL_VCMD_EN | AMD_CTRL_VIOMMU_EN | \
			AMD_CTRL_GA_UPDATE_DIS | AMD_CTRL_GAPPI_EN | \
			AMD_CTRL_TMPM_EN | AMD_CTRL_GCR3_TRP_MODE | \
			AMD_CTRL_IRT_CACHE_DIS | \
			AMD_CTRL_GST_BUFFER_TRP_MODE | AMD_CTRL_SNP_AVIC_EN)

/*
 * All control bits that another system may have left set. SMI filters,
 * privileges and workarounds belong to the platform and are not changed. Neither is
 * HADUpdate: it concerns entries with HAD only, and the built-in driver leaves it, too.
 */
#define AMD_CTRL_OWN (AMD_CTRL_IOMMU_EN | AMD_RUN_ENABLES | AMD_PPR_ENABLES | \
		      AMD_CTRL_HT_TUN_EN | AMD_CTRL_COM_WAIT_INT_EN | \
		      AMD_CTRL_INV_TIME_OUT | AMD_CTRL_PASS_PW | \
		      AMD_CTRL_RES_PASS_PW | AMD_CTRL_COHERENT | \
		      AMD_CTRL_ISOC | AMD_CTRL_GT_EN | AMD_CTRL_GA_EN | \
		      AMD_CTRL_DEV_TBL_SEG_EN | AMD_CTRL_NUM_INT_REMAP_MODE | \
		      AMD_CTRL_XT_EN | AMD_CTRL_INT_CAP_XT_EN | AMD_CTRL_ALIEN)

/* Control bits that select the format of tables in memory. */
#define AMD_CTRL_FORMATS (AMD_CTRL_GT_EN | AMD_CTRL_GA_EN | AMD_CTRL_XT_EN | \
			  AMD_CTRL_NUM_INT_REMAP_MODE | AMD_CTRL_DEV_TBL_SEG_EN)

/*
 * Only the event log names unresponsive devices. The log has the maximum size,
 * so that a storm of faults from one device does not cost another device its
 * DMA. The PPR log has room for all requests that 16 devices can have outstanding;
 * when it overflows, devices repeat their requests.
 */
#define AMD_EVENT_LEN AMD_LOG_LEN_MAX
#define AMD_PPR_LEN 9

static struct amd_dte_setting amd_setting(const void *arg, u16 device_id)
{
	return amd_entry_setting(arg, device_id);
}

static void amd_free_memory(struct amd_unit *au)
{
	if (au->unit.stuck) {
		/* Units that block all DMA are reported before. */
		if (!au->unit.blocks)
			pr_err(NYX_LOG_STUCK, au->unit.name);
		return;
	}
	amd_intr_free_devices(au);
	amd_gcr3_destroy(&au->gcr3);
	amd_log_destroy(&au->ppr);
	amd_log_destroy(&au->event);
	nyx_queue_destroy(&au->queue);
	amd_devtab_destroy(&au->devtab);
}

/*
 * Devices may use DeviceIDs that firmware does not name: those of other
 * functions on their bus, and of bridges above them. None of these is beyond
 * the end of that bus.
 */
static u16 amd_table_last(const struct amd_unit *au)
{
	return amd_last_device_id(au->ivrs, au->index) | 0xff;
}

/*
 * One table if possible, because few systems use segments. In a capture kernel the
 * unit keeps the number that it has, because translation stays enabled.
 */
static int amd_get_devtab(struct amd_unit *au)
{
	unsigned int segments = 1, most = amd_caps_segments(au->efr);
	int ret;

	if (au->crashed) {
		segments = amd_takeover_segments(au);
		most = segments;
	}
	for (; segments <= most; segments *= 2) {
		ret = amd_devtab_init(&au->devtab, segments, amd_table_last(au),
				      au->unit.nid, amd_setting, au);
		if (!ret)
			break;
	}
	if (!ret && segments > 1 && !au->crashed)
		pr_notice("%s: no contiguous memory for a device table of one segment: using %u segments\n",
			  au->unit.name, segments);
	return ret;
}

static int amd_get_memory(struct amd_unit *au)
{
	int nid = au->unit.nid;
	int ret;

	amd_gcr3_init(&au->gcr3, au->unit.caps.pasid_bits, nid);
	ret = amd_get_devtab(au);
	if (!ret)
		ret = amd_takeover_copy(au);
	if (!ret)
		ret = amd_cmdbuf_init(au);
	if (!ret)
		ret = amd_log_init(&au->event, &amd_event_regs,
				   AMD_EVENT_LEN, nid);
	if (!ret && (au->efr & AMD_EFR_PPR_SUP))
		ret = amd_log_init(&au->ppr, &amd_ppr_regs, AMD_PPR_LEN, nid);
	if (ret)
		amd_free_memory(au);
	else if (au->event.len < AMD_EVENT_LEN)
		pr_notice("%s: no contiguous memory for an event log of %lu entries: using %u\n",
			  au->unit.name, BIT(AMD_EVENT_LEN),
			  amd_log_entries(&au->event));
	return ret;
}

/**
 * amd_start() - nyx_unit_ops.start
 * @unit: the unit
 *
 * Context: May sleep.
 * Return: 0 or an error, after a log line.
 */
int amd_start(struct nyx_unit *unit)
{
	struct amd_unit *au = to_amd_unit(unit);
	int ret;

	au->unit.stuck = false;
	INIT_WORK(&au->ats_off_work, amd_ats_off_work);
	ret = amd_get_memory(au);
	if (ret) {
		pr_err(NYX_LOG_NO_TABLES, unit->name);
		return ret;
	}
	ret = amd_takeover(au);
	if (ret) {
		pr_err("%s: its command buffer or a log does not stop (%d): " NYX_REMEDY_HANGS "\n",
		       unit->name, ret);
		goto err_memory;
	}
	amd_rd890_save(au);
	amd_errata_apply(au);
	ret = amd_irq_init(au);
	if (ret)
		goto err_memory;
	return 0;

err_memory:
	amd_free_memory(au);
	return ret;
}

/*
 * Programs a unit with the addresses and formats of its tables. If it was taken
 * over, this disables translation by another system's tables first. In a capture
 * kernel translation stays enabled instead: otherwise DMA that is under way for the
 * crashed kernel would pass untranslated. The built-in driver does the same there.
 * An entry that was copied has the same effect in both tables, so it does not
 * matter which one the unit reads. GTEn, which has no effect on the driver's copies,
 * stays set for the same reason: without it, entries of the other table might pass
 * what guest tables translate.
 */
static void amd_setup(struct amd_unit *au)
{
	u64 own = AMD_CTRL_OWN & ~(au->crashed ? AMD_CTRL_IOMMU_EN |
						 AMD_CTRL_GT_EN : 0);
	unsigned int segments = au->devtab.segments, i;

	amd_control(au, own, au->control |
		    amd_intr_control(au, nyx_intr_extended()) |
		    (au->unit.caps.first.format ? AMD_CTRL_GT_EN : 0) |
		    FIELD_PREP(AMD_CTRL_DEV_TBL_SEG_EN, ilog2(segments)));
	if (au->crashed)
		amd_intr_block_foreign(au);
	/* IVMD blocks become identity mappings, not exclusion ranges. */
	amd_writeq(au, AMD_EXCL_BASE, 0);
	amd_writeq(au, AMD_EXCL_LIMIT, 0);
	amd_writeq(au, AMD_DEV_TAB_BASE, amd_devtab_base(&au->devtab, 0));
	for (i = 1; i < segments; i++)
		amd_writeq(au, AMD_DEV_TAB_SEG(i),
			   amd_devtab_base(&au->devtab, i));
	amd_cmdbuf_setup(au);
	amd_event_start(au);
	if (au->ppr.ring)
		amd_log_start(au, &au->ppr);
}

/**
 * amd_enable() - nyx_unit_ops.enable
 * @unit: the unit
 *
 * A unit that does not report in time that it runs may start later. It then finds
 * the identity entries of all devices, which stay in memory. In a capture kernel
 * translation is not disabled after an error: amd_block() follows.
 *
 * Context: May sleep.
 * Return: 0; -ENODEV if the unit is gone; -EIO or -ETIMEDOUT if it does not
 *	respond.
 */
int amd_enable(struct nyx_unit *unit)
{
	struct amd_unit *au = to_amd_unit(unit);
	int ret;

	amd_setup(au);
	amd_control(au, 0, AMD_RUN_ENABLES |
		    (au->ppr.ring ? AMD_PPR_ENABLES : 0));
	/*
	 * A write to a register follows all earlier stores to memory, so the
	 * unit finds the entries of all devices.
	 */
	amd_control(au, 0, AMD_CTRL_IOMMU_EN);
	ret = amd_wait_running(au, AMD_RUN_STATUS);
	if (!ret) {
		amd_cmdbuf_open(au);
		/* Invalidate what was cached from an earlier device table. */
		ret = nyx_invalidate_global(unit);
	}
	if (!ret)
		amd_intr_set_on(au, true);
	else if (!unit->foreign)
		amd_disable(unit);
	return ret;
}

/**
 * amd_wake() - nyx_unit_ops.wake
 * @unit: the unit
 *
 * Firmware restores the base address of the registers, except with RD890, and
 * the PCI core the fault interrupt.
 *
 * Context: Any; interrupts are disabled on the only CPU.
 * Return: 0; -ENODEV if the registers cannot be read; -ETIMEDOUT if the command
 *	buffer or a log, which were enabled, do not stop.
 */
int amd_wake(struct nyx_unit *unit)
{
	struct amd_unit *au = to_amd_unit(unit);
	int ret = amd_rd890_restore(au);

	if (ret)
		return ret;
	amd_errata_apply(au);
	if (amd_readl(au, AMD_STATUS) == AMD_GONE)
		return -ENODEV;
	/* Firmware, or the kernel that loaded an image, may have enabled it. */
	return amd_takeover(au);
}

/**
 * amd_disable() - nyx_unit_ops.disable
 * @unit: the unit
 *
 * A unit that does not stop is not contained: that would stop devices that work,
 * and no memory is about to be reused.
 *
 * Context: Any, interrupts may be off.
 */
void amd_disable(struct nyx_unit *unit)
{
	struct amd_unit *au = to_amd_unit(unit);
	unsigned int i;
	int ret;

	amd_intr_set_on(au, false);
	/*
	 * The next driver, for instance after kexec, enables translation before
	 * it can invalidate what the unit cached from these entries. The unit
	 * caches entries of devices with running DMA again, which cannot be
	 * avoided.
	 */
	if (!READ_ONCE(unit->dead))
		nyx_invalidate_global(unit);
	amd_cmdbuf_close(au);
	amd_control(au, AMD_RUN_ENABLES | AMD_PPR_ENABLES, 0);
	amd_control(au, AMD_CTRL_IOMMU_EN, 0);
	ret = amd_wait_status(au, AMD_STOP_STATUS, 0);
	if (ret)
		unit->stuck = true;
	if (ret == -ENODEV)
		nyx_unit_fail(unit, NYX_UNIT_GONE_WHY);
	else if (ret)
		nyx_unit_retire(unit, "translation cannot be disabled");
	/* The unit may use its tables later. */
	if (unit->stuck)
		return;
	/*
	 * The next driver may use other formats and set only the bits that it
	 * knows.
	 */
	amd_control(au, AMD_CTRL_FORMATS, 0);
	/*
	 * Memory that is about to be freed must not be referenced. The unit of
	 * QEMU uses the device table for interrupts even while it is disabled;
	 * below 2 MiB it finds nothing that would remap them.
	 */
	amd_writeq(au, AMD_DEV_TAB_BASE, 0);
	for (i = 1; i < au->devtab.segments; i++)
		amd_writeq(au, AMD_DEV_TAB_SEG(i), 0);
}

/**
 * amd_block() - nyx_unit_ops.block
 * @unit: the unit
 * @next: interrupts are those of the next kernel
 *
 * The device table stays in use, with entries that need no other memory. With
 * @next all interrupts pass, because their tables would be in memory of the next
 * kernel, which moreover needs interrupts before it loads a driver for the unit.
 * Otherwise those of the crashed kernel stay blocked: unmapped, they would raise
 * any vector.
 *
 * Context: Any, interrupts may be off. Spins as amd_contain() does.
 * Return: true if the unit confirmed that it blocks all DMA.
 */
bool amd_block(struct nyx_unit *unit, bool next)
{
	struct amd_unit *au = to_amd_unit(unit);

	amd_intr_set_on(au, false);
	scoped_guard(raw_spinlock_irqsave, &unit->store_lock)
		amd_devtab_block_all(&au->devtab, next);
	/* The command buffer has to be restarted if the unit is out of service. */
	if (READ_ONCE(unit->dead) || !READ_ONCE(au->queue.on) ||
	    nyx_invalidate_global(unit))
		return amd_contain(unit);
	return true;
}

/**
 * amd_block_end() - nyx_unit_ops.block_end
 * @unit: the unit, after amd_block()
 *
 * Context: Any, interrupts may be off. Spins as amd_cmdbuf_close() does, and for
 *	NYX_POLL_TIMEOUT_NS at most after that.
 * Return: true if command buffer and logs have stopped.
 */
bool amd_block_end(struct nyx_unit *unit)
{
	struct amd_unit *au = to_amd_unit(unit);

	amd_cmdbuf_close(au);
	amd_control(au, AMD_RUN_ENABLES | AMD_PPR_ENABLES, 0);
	return !amd_wait_status(au, AMD_STOP_STATUS, 0);
}

/**
 * amd_stop() - nyx_unit_ops.stop
 * @unit: the unit; its translation is disabled
 *
 * Context: May sleep.
 */
void amd_stop(struct nyx_unit *unit)
{
	struct amd_unit *au = to_amd_unit(unit);

	amd_irq_exit(au);
	cancel_work_sync(&au->ats_off_work);
	amd_free_memory(au);
}
