// SPDX-License-Identifier: GPL-2.0-only
/*
 * Taking over a unit that firmware or an earlier kernel left running.
 *
 * While the unit translates, it keeps the tables that it has until all devices
 * have an identity entry in the driver's tables; then one command replaces the
 * root table. DMA under way does not notice that, because the old tables were
 * checked to translate each address to itself.
 *
 * In a capture kernel the old tables are those of the kernel that crashed. They may
 * translate: their entries are copied to the driver's tables before these replace
 * them. So DMA under way continues to reach the memory of the crashed kernel, and
 * never that of this kernel.
 *
 * Likewise for interrupts: this kernel uses compatibility format only, because
 * its built-in driver is off. The unit lets such requests pass all the time.
 */
#define pr_fmt(fmt) "nyx: " fmt

#include <linux/bitfield.h>
#include <linux/cleanup.h>
#include <linux/errno.h>
#include <linux/printk.h>

#include <nyx/remedy.h>

#include "context.h"
#include "gcmd.h"
#include "lib/phys.h"
#include "lib/poll.h"
#include "probe.h"
#include "pt/foreign.h"
#include "takeover.h"
#include "vtd.h"

#define VTD_CONTEXTS	256

/* What to do in the kernel that crashes. */
#define VTD_REMEDY_SCALABLE \
	"boot it with intel_iommu=sm_off, or load this module without scalable=1"

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

static u64 vtd_table_mode(const struct vtd_unit *vu)
{
	return FIELD_GET(VTD_RTADDR_TTM, vtd_readq(vu, VTD_RTADDR_REG));
}

/* The mode may change only while translation is disabled (11.4.5). */
static bool vtd_changes_mode(const struct vtd_unit *vu, u32 gsts)
{
	return (gsts & VTD_GCMD_TE) &&
	       vtd_table_mode(vu) != (vu->scalable ? VTD_TTM_SCALABLE :
						     VTD_TTM_LEGACY);
}

/*
 * The driver reads no tables of scalable mode except for an empty root table, with
 * which an earlier load blocks all DMA: see vtd_block().
 */
static int vtd_foreign_scalable(u64 root)
{
	const u64 *roots __free(nyx_phys_unmap) = nyx_phys_map(root);
	unsigned int i;

	if (!roots)
		return -EFAULT;
	for (i = 0; i < 2 * VTD_BUSES; i++)
		if (roots[i] & VTD_ROOT_P)
			return -EOPNOTSUPP;
	return 0;
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
	case VTD_TTM_SCALABLE:
		return vtd_foreign_scalable(rtaddr & VTD_RTADDR_RTA);
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

/*
 * Checks the format of the crashed kernel's tables; vtd_takeover_copy() checks the
 * rest.
 *
 * While a capture kernel boots, its built-in driver disables translation if it is
 * off itself. It changes nothing else: the queue, which a driver disables when it
 * stops to use a unit, shows that the crashed kernel used the tables to the end.
 *
 * Tables in memory of the capture kernel are those of an earlier load of this
 * module, which failed and made the unit block all DMA: see vtd_block().
 */
static int vtd_crashed_tables(struct vtd_unit *vu, u32 gsts)
{
	u64 rtaddr = vtd_readq(vu, VTD_RTADDR_REG);

	if (!(gsts & VTD_GCMD_TE) &&
	    (!(gsts & VTD_GCMD_QIE) || !(gsts & VTD_GCMD_SRTP)))
		return 0;
	switch (FIELD_GET(VTD_RTADDR_TTM, rtaddr)) {
	case VTD_TTM_ABORT:
		return 0;
	case VTD_TTM_LEGACY:
		vu->crashed = true;
		return nyx_phys_is_own(rtaddr & VTD_RTADDR_RTA) ||
		       nyx_foreign_is_readable(rtaddr & VTD_RTADDR_RTA) ?
		       0 : -EFAULT;
	default:
		return -EPROTONOSUPPORT;
	}
}

static const char *vtd_why(int err)
{
	if (err == -EBUSY)
		return "it aborts all DMA and must not be disabled";
	if (err == -EPROTONOSUPPORT)
		return "the crashed kernel used scalable mode (" VTD_REMEDY_SCALABLE ")";
	return nyx_foreign_why(err);
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
 * vtd_takeover_is_legacy() - whether a unit translates in legacy mode
 * @vu: the unit, which the driver does not use yet
 *
 * Context: Any.
 * Return: true if it does. Then it stays in legacy mode, because translation is not
 *	disabled when the unit is taken over.
 */
bool vtd_takeover_is_legacy(const struct vtd_unit *vu)
{
	return (vtd_readl(vu, VTD_GSTS_REG) & VTD_GCMD_TE) &&
	       vtd_table_mode(vu) == VTD_TTM_LEGACY;
}

/**
 * vtd_takeover_is_scalable() - whether a unit translates in scalable mode
 * @vu: the unit, which the driver does not use yet
 *
 * Context: Any.
 * Return: true if it does. It can be taken over only if it blocks all DMA; in the same
 *	mode it does so without a gap.
 */
bool vtd_takeover_is_scalable(const struct vtd_unit *vu)
{
	return (vu->ecap & VTD_ECAP_SMTS) &&
	       (vtd_readl(vu, VTD_GSTS_REG) & VTD_GCMD_TE) &&
	       vtd_table_mode(vu) == VTD_TTM_SCALABLE;
}

/**
 * vtd_takeover_check() - check that a unit is idle or can be taken over
 * @vu: the unit; its registers are claimed, and the built-in driver is off
 * @site: the machine and the user's choice
 *
 * Reads registers and the tables of the other system, and changes nothing.
 *
 * Context: May sleep.
 * Return: 0; -ENODEV without a log line if the unit is gone. After a log line:
 *	-EBUSY if running units must not be taken over; -EOPNOTSUPP if this one
 *	cannot be taken over.
 */
int vtd_takeover_check(struct vtd_unit *vu, const struct vtd_site *site)
{
	u32 gsts = vtd_readl(vu, VTD_GSTS_REG);
	const char *what = vtd_runs(gsts);
	int ret = 0;

	if (gsts == VTD_GONE)
		return -ENODEV;
	if (!what)
		return 0;
	if (site->tboot) {
		pr_err("%s: tboot started the machine, and %s is enabled: boot without tboot, or use the built-in driver\n",
		       vu->unit.name, what);
		return -EBUSY;
	}
	if (!site->takeover) {
		pr_err(NYX_LOG_TAKEOVER_OFF, vu->unit.name, what);
		return -EBUSY;
	}
	if (site->capture)
		ret = vtd_crashed_tables(vu, gsts);
	else if (gsts & VTD_GCMD_TE)
		ret = vtd_foreign_tables(vu);
	/* vtd_takeover() would have to disable translation. */
	if (!ret && vu->unit.stays_on && vtd_changes_mode(vu, gsts))
		ret = -EBUSY;
	if (ret) {
		pr_err(NYX_LOG_NO_TAKEOVER, vu->unit.name, what, vtd_why(ret));
		return -EOPNOTSUPP;
	}
	pr_notice(NYX_LOG_TAKEOVER, vu->unit.name, what);
	return 0;
}

/*
 * Whether an entry can be copied. A device that may use a device TLB is blocked:
 * what it caches could not be invalidated when the entry is replaced, because the
 * crashed kernel's settings of the device are not known.
 */
static bool vtd_copy_is_valid(const struct vtd_unit *vu, u64 lo, u64 hi)
{
	const struct nyx_unit_caps *caps = &vu->unit.caps;

	if ((lo & VTD_CTX_LO_RSVD) || (hi & VTD_CTX_HI_RSVD) ||
	    FIELD_GET(VTD_CTX_HI_DID, hi) > caps->max_domain_id ||
	    !(caps->levels & BIT(FIELD_GET(VTD_CTX_HI_AW, hi) + 2)))
		return false;
	switch (FIELD_GET(VTD_CTX_LO_TT, lo)) {
	case VTD_TT_PASS_THROUGH:
		return vu->ecap & VTD_ECAP_PT;
	case VTD_TT_UNTRANSLATED:
		return nyx_foreign_is_readable(lo & VTD_SS_ADDR);
	default:
		return false;
	}
}

static int vtd_copy_entry(struct vtd_unit *vu, u16 rid, u64 lo, u64 hi)
{
	struct vtd_context *context;
	bool root_changed;
	int ret;

	ret = nyx_unit_foreign_add(&vu->unit, rid,
				   FIELD_GET(VTD_CTX_HI_DID, hi));
	if (ret)
		return ret;
	scoped_guard(mutex, &vu->tables.lock)
		context = vtd_tables_context(&vu->tables, rid, &root_changed);
	if (!context)
		return -ENOMEM;
	guard(raw_spinlock_irqsave)(&vu->unit.store_lock);
	vtd_tables_fill(&vu->tables, context, (struct vtd_context) {
			.lo = lo, .hi = hi });
	return 0;
}

static int vtd_copy_bus(struct vtd_unit *vu, unsigned int bus, u64 phys,
			struct nyx_foreign_copy *copy)
{
	const u64 *contexts __free(nyx_phys_unmap) = nyx_phys_map(phys);
	unsigned int i;
	u64 lo, hi;
	int ret;

	if (!contexts) {
		copy->tables++;
		return 0;
	}
	for (i = 0; i < VTD_CONTEXTS; i++) {
		lo = contexts[2 * i];
		hi = contexts[2 * i + 1];
		if (!(lo & VTD_CTX_LO_P))
			continue;
		if (!vtd_copy_is_valid(vu, lo, hi)) {
			copy->blocked++;
			continue;
		}
		ret = vtd_copy_entry(vu, bus << 8 | i, lo, hi);
		if (ret)
			return ret;
		copy->copied++;
	}
	return 0;
}

/**
 * vtd_takeover_copy() - copy the entries of the kernel that crashed
 * @vu: the unit; vtd_takeover_check() was successful, and its tables are empty
 *
 * The page tables that the entries lead to stay where they are: this kernel does
 * not use that memory. A device whose entry cannot be copied is blocked, and so
 * are all devices if an earlier load of this module failed. Does nothing except in
 * a capture kernel.
 *
 * Context: May sleep.
 * Return: 0 or -ENOMEM.
 */
int vtd_takeover_copy(struct vtd_unit *vu)
{
	const u64 *roots __free(nyx_phys_unmap) = NULL;
	struct nyx_foreign_copy copy = { };
	unsigned int bus;
	u64 rtaddr;
	int ret;

	if (!vu->crashed)
		return 0;
	ret = nyx_unit_foreign_init(&vu->unit);
	rtaddr = vtd_readq(vu, VTD_RTADDR_REG) & VTD_RTADDR_RTA;
	if (ret || nyx_phys_is_own(rtaddr))
		return ret;
	roots = nyx_phys_map(rtaddr);
	if (!roots)
		return -ENOMEM;
	for (bus = 0; bus < VTD_BUSES && !ret; bus++)
		if (roots[2 * bus] & VTD_ROOT_P)
			ret = vtd_copy_bus(vu, bus, roots[2 * bus] &
					   VTD_ROOT_CTP, &copy);
	if (!ret)
		nyx_foreign_log_copy(vu->unit.name, &copy);
	return ret;
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
 * system. The exception is a unit that blocks all DMA in another translation table
 * mode than that of the driver's tables: the mode may change only while translation is
 * disabled.
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
	if (gsts & VTD_GCMD_QIE) {
		vu->foreign_iqa = vtd_readq(vu, VTD_IQA_REG);
		ret = vtd_takeover_queue(vu);
	}
	if (!ret && vtd_changes_mode(vu, gsts))
		ret = vtd_gcmd(vu, VTD_GCMD_TE, false);
	return ret;
}

/**
 * vtd_takeover_undo() - let a later load find the tables of the crashed kernel
 * @vu: the unit; its queue is disabled, and the driver does not use it any more
 *
 * If translation is disabled, only an enabled queue shows that the tables were in
 * use: see vtd_crashed_tables(). It is empty, so the unit does not read it. Does
 * nothing except in a capture kernel.
 *
 * Context: May sleep.
 */
void vtd_takeover_undo(struct vtd_unit *vu)
{
	u64 root = vtd_readq(vu, VTD_RTADDR_REG) & VTD_RTADDR_RTA;
	u32 gsts = vtd_readl(vu, VTD_GSTS_REG);

	if (!vu->crashed || vu->unit.stuck || gsts == VTD_GONE ||
	    root == virt_to_phys(vu->tables.root) ||
	    (gsts & (VTD_GCMD_TE | VTD_GCMD_QIE)))
		return;
	vtd_writeq(vu, VTD_IQT_REG, 0);
	vtd_writeq(vu, VTD_IQA_REG, vu->foreign_iqa);
	vtd_gcmd(vu, VTD_GCMD_QIE, true);
}
