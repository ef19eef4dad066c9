// SPDX-License-Identifier: GPL-2.0-only
/*
 * Taking over a unit that firmware or an earlier kernel left running.
 *
 * While the unit translates, it keeps the tables that it has until all devices
 * have an identity entry in the driver's tables; then one command replaces the
 * root table. DMA under way does not notice that, because the old tables were
 * checked to translate each address to itself.
 *
 * Likewise for interrupts: this kernel uses compatibility format only, because
 * its built-in driver is off. The unit lets such requests pass all the time.
 */
#define pr_fmt(fmt) "nyx: " fmt

#include <linux/bitfield.h>
#include <linux/errno.h>
#include <linux/printk.h>

#include <nyx/remedy.h>

#include "gcmd.h"
#include "lib/phys.h"
#include "lib/poll.h"
#include "pt/foreign.h"
#include "takeover.h"
#include "vtd.h"

#define VTD_CONTEXTS	256

/* A second-stage entry: a page at the lowest level, or where PS is set (9.8). */
static struct nyx_foreign_entry vtd_foreign_decode(u64 entry,
						   unsigned int levels)
{
	struct nyx_foreign_entry found = {
		.kind = NYX_FOREIGN_TABLE,
		.addr = entry & VTD_SS_ADDR,
		.levels = levels - 1,
	};

	if (!(entry & (VTD_SS_R | VTD_SS_W)))
		return (struct nyx_foreign_entry) { };
	if (levels == 1 || (entry & VTD_SS_PS)) {
		found.kind = NYX_FOREIGN_PAGE;
		found.size = 1ULL << (12 + 9 * (levels - 1));
		found.addr &= ~(found.size - 1);
	}
	return found;
}

static int vtd_foreign_context(struct nyx_foreign *foreign, u64 lo, u64 hi)
{
	if (!(lo & VTD_CTX_LO_P))
		return 0;
	switch (FIELD_GET(VTD_CTX_LO_TT, lo)) {
	case VTD_TT_PASS_THROUGH:
		return 0;
	case VTD_TT_UNTRANSLATED:
		return nyx_foreign_check(foreign, lo & VTD_SS_ADDR,
					 FIELD_GET(VTD_CTX_HI_AW, hi) + 2);
	default:
		/* A device TLB may hold translations that no entry shows. */
		return -EOPNOTSUPP;
	}
}

static int vtd_foreign_bus(struct nyx_foreign *foreign, u64 phys)
{
	const u64 *contexts __free(nyx_phys_unmap) = nyx_phys_map(phys);
	unsigned int i;
	int ret = 0;

	if (!contexts)
		return -EFAULT;
	for (i = 0; i < VTD_CONTEXTS && !ret; i++)
		ret = vtd_foreign_context(foreign, contexts[2 * i],
					  contexts[2 * i + 1]);
	return ret;
}

static bool vtd_aborts_all(const struct vtd_unit *vu, u32 gsts)
{
	return (gsts & VTD_GCMD_TE) &&
	       FIELD_GET(VTD_RTADDR_TTM, vtd_readq(vu, VTD_RTADDR_REG)) ==
	       VTD_TTM_ABORT;
}

/* Checks all tables that the unit uses now. */
static int vtd_foreign_tables(const struct vtd_unit *vu)
{
	const u64 *roots __free(nyx_phys_unmap) = NULL;
	u64 rtaddr = vtd_readq(vu, VTD_RTADDR_REG);
	struct nyx_foreign foreign = {
		.decode = vtd_foreign_decode,
		.tables = NYX_FOREIGN_TABLES,
	};
	unsigned int bus;
	int ret = 0;

	switch (FIELD_GET(VTD_RTADDR_TTM, rtaddr)) {
	case VTD_TTM_ABORT:
		return 0;
	case VTD_TTM_LEGACY:
		break;
	default:
		return -EOPNOTSUPP;
	}
	roots = nyx_phys_map(rtaddr & VTD_RTADDR_RTA);
	if (!roots)
		return -EFAULT;
	for (bus = 0; bus < VTD_BUSES && !ret; bus++)
		if (roots[2 * bus] & VTD_ROOT_P)
			ret = vtd_foreign_bus(&foreign, roots[2 * bus] &
					      VTD_ROOT_CTP);
	return ret;
}

static const char *vtd_runs(u32 gsts)
{
	if (gsts & VTD_GCMD_TE)
		return "DMA remapping";
	if (gsts & VTD_GCMD_IRE)
		return "interrupt remapping";
	if (gsts & VTD_GCMD_QIE)
		return "queued invalidation";
	return NULL;
}

/**
 * vtd_takeover_check() - check that a unit is idle or can be taken over
 * @vu: the unit; its registers are claimed, and the built-in driver is off
 * @allowed: the user allows to take over units
 * @tboot: the machine was started by tboot
 *
 * Reads registers and the tables of the other system, and changes nothing.
 *
 * Context: May sleep.
 * Return: 0; -ENODEV without a log line if the unit is gone. After a log line:
 *	-EBUSY if running units must not be taken over; -EOPNOTSUPP if this one
 *	cannot be taken over.
 */
int vtd_takeover_check(struct vtd_unit *vu, bool allowed, bool tboot)
{
	u32 gsts = vtd_readl(vu, VTD_GSTS_REG);
	const char *what = vtd_runs(gsts);
	int ret;

	if (gsts == VTD_GONE)
		return -ENODEV;
	if (!what)
		return 0;
	if (tboot) {
		pr_err("%s: tboot started the machine, and %s is enabled: boot without tboot, or use the built-in driver\n",
		       vu->unit.name, what);
		return -EBUSY;
	}
	if (!allowed) {
		pr_err(NYX_LOG_TAKEOVER_OFF, vu->unit.name, what);
		return -EBUSY;
	}
	/* vtd_takeover() would have to disable translation. */
	if (vu->unit.stays_on && vtd_aborts_all(vu, gsts)) {
		pr_err(NYX_LOG_NO_TAKEOVER, vu->unit.name, what,
		       "it aborts all DMA and must not be disabled");
		return -EOPNOTSUPP;
	}
	ret = gsts & VTD_GCMD_TE ? vtd_foreign_tables(vu) : 0;
	if (ret) {
		pr_err(NYX_LOG_NO_TAKEOVER, vu->unit.name, what,
		       nyx_foreign_why(ret));
		return -EOPNOTSUPP;
	}
	pr_notice(NYX_LOG_TAKEOVER, vu->unit.name, what);
	return 0;
}

/*
 * Disables the queue of the other system once it is empty (6.5.2). If it stopped
 * at an error, it is emptied: nothing needs what is left in it. If it waits for a
 * device, it is in use.
 */
static int vtd_takeover_queue(struct vtd_unit *vu)
{
	u64 tail = vtd_readq(vu, VTD_IQT_REG) & VTD_IQ_OFFSET;
	int ret;

	ret = nyx_poll64_within(vu->regs + VTD_IQH_REG, VTD_IQ_OFFSET, tail,
				NYX_POLL_TIMEOUT_NS);
	if (ret == -ETIMEDOUT &&
	    (vtd_readl(vu, VTD_FSTS_REG) & VTD_FSTS_QI_ERRORS)) {
		vtd_writeq(vu, VTD_IQT_REG,
			   vtd_readq(vu, VTD_IQH_REG) & VTD_IQ_OFFSET);
		ret = 0;
	}
	return ret ?: vtd_gcmd(vu, VTD_GCMD_QIE, false);
}

/**
 * vtd_takeover() - make a unit use nothing of the other system but its tables
 * @vu: the unit; vtd_takeover_check() was successful
 *
 * Afterwards the queue is disabled, and requests in compatibility format pass.
 * Translation and interrupt remapping stay enabled, with the tables of the other
 * system. The exception is a unit that aborts all DMA: the driver's tables need
 * another translation table mode, which may change only while translation is
 * disabled (11.4.5).
 *
 * Context: May sleep.
 * Return: 0; -ENODEV if the unit is gone; -ETIMEDOUT.
 */
int vtd_takeover(struct vtd_unit *vu)
{
	u32 gsts = vtd_readl(vu, VTD_GSTS_REG);
	int ret = 0;

	if (gsts == VTD_GONE)
		return -ENODEV;
	/* Each command changes one bit only, so the others keep their state. */
	vu->cfi = gsts & VTD_GCMD_CFI;
	/* Not all units confirm this. */
	if ((gsts & VTD_GCMD_IRE) && !vu->cfi)
		vtd_gcmd_cfi(vu, true);
	if (gsts & VTD_GCMD_QIE)
		ret = vtd_takeover_queue(vu);
	if (!ret && vtd_aborts_all(vu, gsts))
		ret = vtd_gcmd(vu, VTD_GCMD_TE, false);
	return ret;
}
