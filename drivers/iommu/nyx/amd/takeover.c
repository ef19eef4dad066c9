// SPDX-License-Identifier: GPL-2.0-only
/*
 * Taking over a unit that firmware or an earlier kernel left running.
 *
 * Command buffer and logs are disabled first: the driver's interrupt handler
 * must not meet entries of another log. If the unit translates, it continues to
 * use the tables of the other system until all devices have an identity entry
 * in the driver's table. Then amd_enable() disables translation, sets up the
 * unit and enables translation again. DMA under way passes all the time, because
 * the old tables were checked to translate each address to itself.
 *
 * In a capture kernel the old table is that of the kernel that crashed. It may
 * translate: its entries are copied to the driver's table before this replaces it,
 * and translation stays enabled. So DMA under way continues to reach the memory of
 * the crashed kernel, and never that of this kernel.
 */
#define pr_fmt(fmt) "nyx: " fmt

#include <linux/bitfield.h>
#include <linux/bitops.h>
#include <linux/cleanup.h>
#include <linux/errno.h>
#include <linux/mem_encrypt.h>
#include <linux/printk.h>
#include <linux/sizes.h>

#include <nyx/remedy.h>

#include "amd.h"
#include "caps.h"
#include "dte.h"
#include "entry.h"
#include "lib/phys.h"
#include "ppr.h"
#include "pt/foreign.h"
#include "takeover.h"

/* Control bits of what writes to memory, or raises interrupts. */
#define AMD_TAKEOVER_OFF (AMD_CTRL_CMD_BUF_EN | AMD_CTRL_COM_WAIT_INT_EN | \
			  AMD_CTRL_EVENT_LOG_EN | AMD_CTRL_EVENT_INT_EN | \
			  AMD_PPR_ENABLES | AMD_CTRL_GA_LOG_EN | \
			  AMD_CTRL_GA_INT_EN)
#define AMD_TAKEOVER_RUN (AMD_STATUS_CMD_BUF_RUN | AMD_STATUS_EVENT_LOG_RUN | \
			  AMD_STATUS_PPR_LOG_RUN)

/* DTEs in a page of 4 KiB, and quadwords in a DTE (2.2.2) */
#define AMD_DTES_PER_PAGE	128
#define AMD_DTE_QUADS		4

/* Addresses are at the same place in all structures. */
static u64 amd_foreign_address(u64 entry)
{
	return __sme_clr(entry) & AMD_PTE_ADDR;
}

/*
 * A page-table entry (2.2.3). With Next Level 7, the address encodes the size of
 * the page: a run of ones from bit 12 on, then a zero.
 */
static struct nyx_foreign_entry amd_foreign_decode(u64 entry,
						   unsigned int levels)
{
	struct nyx_foreign_entry found = {
		.kind = NYX_FOREIGN_PAGE,
		.addr = amd_foreign_address(entry),
	};
	unsigned int next = FIELD_GET(AMD_PTE_NEXT_LEVEL, entry);

	if (!(entry & AMD_PTE_PR))
		return (struct nyx_foreign_entry) { };
	if (next == AMD_PTE_LEVEL_SIZE) {
		found.size = 1ULL << (12 + 9 * (levels - 1));
	} else if (next == AMD_PTE_ANY_SIZE) {
		found.size = 1ULL << (13 + ffz(found.addr >> 12));
	} else {
		found.kind = NYX_FOREIGN_TABLE;
		found.levels = next;
		return found;
	}
	found.addr &= ~(found.size - 1);
	return found;
}

static int amd_foreign_dte(struct nyx_foreign *foreign, const u64 *dte)
{
	unsigned int mode = FIELD_GET(AMD_DTE0_MODE, dte[0]);

	if (!(dte[0] & AMD_DTE0_V) || !(dte[0] & AMD_DTE0_TV))
		return 0;
	/* Guest tables, and devices whose TLBs may hold anything */
	if ((dte[0] & AMD_DTE0_GV) || (dte[1] & AMD_DTE1_I))
		return -EOPNOTSUPP;
	/* Without permission no request passes, whatever the tables contain. */
	if (!mode || !(dte[0] & (AMD_DTE0_IR | AMD_DTE0_IW)))
		return 0;
	return nyx_foreign_check(foreign, amd_foreign_address(dte[0]), mode);
}

static int amd_foreign_page(struct nyx_foreign *foreign, u64 phys)
{
	const u64 *dtes __free(nyx_phys_unmap) = nyx_phys_map(phys);
	unsigned int i;
	int ret = 0;

	if (!dtes)
		return -EFAULT;
	for (i = 0; i < AMD_DTES_PER_PAGE && !ret; i++)
		ret = amd_foreign_dte(foreign, dtes + i * AMD_DTE_QUADS);
	return ret;
}

static u64 amd_foreign_base(const struct amd_unit *au, unsigned int segment)
{
	return amd_readq(au, segment ? AMD_DEV_TAB_SEG(segment) :
				       AMD_DEV_TAB_BASE);
}

/**
 * amd_takeover_segments() - get the number of segments of the device table in use
 * @au: the unit, which translates
 *
 * Context: Any.
 * Return: the number, which need not be supported.
 */
unsigned int amd_takeover_segments(const struct amd_unit *au)
{
	return 1U << FIELD_GET(AMD_CTRL_DEV_TBL_SEG_EN,
			       amd_readq(au, AMD_CONTROL));
}

static int amd_foreign_segment(struct nyx_foreign *foreign, u64 base)
{
	unsigned int page, last = FIELD_GET(AMD_DEV_TAB_SIZE, base);
	int ret = 0;

	for (page = 0; page <= last && !ret; page++)
		ret = amd_foreign_page(foreign, amd_foreign_address(base) +
						page * SZ_4K);
	return ret;
}

/* Checks all tables that the unit uses now. */
static int amd_foreign_tables(const struct amd_unit *au)
{
	struct nyx_foreign foreign = {
		.decode = amd_foreign_decode,
		.tables = NYX_FOREIGN_TABLES,
	};
	unsigned int segments = amd_takeover_segments(au), i;
	int ret = 0;

	if (segments > AMD_SEGMENTS_MAX)
		return -EOPNOTSUPP;
	for (i = 0; i < segments && !ret; i++)
		ret = amd_foreign_segment(&foreign, amd_foreign_base(au, i));
	return ret;
}

/*
 * Checks that the crashed kernel's table can be found and read. A table in memory
 * of the capture kernel is that of an earlier load of this module, which failed
 * and made the unit block all DMA: see amd_block().
 */
static int amd_crashed_tables(struct amd_unit *au)
{
	unsigned int segments = amd_takeover_segments(au), i;
	u64 base;

	if (segments > amd_caps_segments(au->efr))
		return -EOPNOTSUPP;
	for (i = 0; i < segments; i++) {
		base = amd_foreign_address(amd_foreign_base(au, i));
		if (!nyx_phys_is_own(base) && !nyx_foreign_is_readable(base))
			return -EFAULT;
	}
	au->crashed = true;
	return 0;
}

static const char *amd_runs(u64 control)
{
	if (control & AMD_CTRL_IOMMU_EN)
		return "translation";
	if (control & AMD_CTRL_CMD_BUF_EN)
		return "its command buffer";
	if (control & AMD_CTRL_EVENT_LOG_EN)
		return "its event log";
	if (control & AMD_CTRL_PPR_LOG_EN)
		return "its PPR log";
	return NULL;
}

/**
 * amd_takeover_check() - check that a unit is idle or can be taken over
 * @au: the unit; its registers are claimed, so no other driver uses it
 * @host: the machine and the user's choice
 *
 * Reads registers and the tables of the other system, and changes nothing.
 *
 * Context: May sleep.
 * Return: 0; after a log line -EBUSY if running units must not be taken over, or
 *	-EOPNOTSUPP if this one cannot be taken over.
 */
int amd_takeover_check(struct amd_unit *au, const struct amd_host *host)
{
	u64 control = amd_readq(au, AMD_CONTROL);
	const char *what = amd_runs(control);
	int ret = 0;

	if (!what)
		return 0;
	if (!host->takeover) {
		pr_err(NYX_LOG_TAKEOVER_OFF, au->unit.name, what);
		return -EBUSY;
	}
	if ((control & AMD_CTRL_IOMMU_EN) && host->capture && host->encrypted) {
		pr_err(NYX_LOG_NO_TAKEOVER, au->unit.name, what,
		       "memory is encrypted");
		return -EOPNOTSUPP;
	}
	if (control & AMD_CTRL_IOMMU_EN)
		ret = host->capture ? amd_crashed_tables(au) :
				      amd_foreign_tables(au);
	if (ret) {
		pr_err(NYX_LOG_NO_TAKEOVER, au->unit.name, what,
		       nyx_foreign_why(ret));
		return -EOPNOTSUPP;
	}
	pr_notice(NYX_LOG_TAKEOVER, au->unit.name, what);
	return 0;
}

/*
 * Copies the entry of a DeviceID. All requests of a device without a valid entry
 * are blocked, as those of a device that may use a device TLB: what it caches
 * could not be invalidated when the entry is replaced, because the crashed
 * kernel's settings of the device are not known.
 */
static int amd_copy_entry(struct amd_unit *au, u16 rid, const u64 *q,
			  struct nyx_foreign_copy *copy)
{
	struct amd_dte *dte = amd_devtab_lookup(&au->devtab, rid);
	struct amd_dte val;
	int ret;

	if (!(q[0] & AMD_DTE0_V) || !(q[0] & AMD_DTE0_TV) ||
	    !(q[0] & (AMD_DTE0_IR | AMD_DTE0_IW)))
		return 0;
	if (!dte || !amd_dte_can_copy(q) ||
	    FIELD_GET(AMD_DTE1_DOMAIN_ID, q[1]) > au->unit.caps.max_domain_id ||
	    (FIELD_GET(AMD_DTE0_MODE, q[0]) &&
	     !nyx_foreign_is_readable(amd_foreign_address(q[0])))) {
		copy->blocked++;
		return 0;
	}
	val = amd_dte_copy(q, amd_entry_setting(au, rid));
	ret = nyx_unit_foreign_add(&au->unit, rid, amd_dte_domain(&val));
	if (ret)
		return ret;
	guard(raw_spinlock_irqsave)(&au->unit.store_lock);
	amd_dte_fill(dte, &val);
	copy->copied++;
	return 0;
}

static int amd_copy_page(struct amd_unit *au, unsigned int rid, u64 phys,
			 struct nyx_foreign_copy *copy)
{
	const u64 *dtes __free(nyx_phys_unmap) = nyx_phys_map(phys);
	unsigned int i;
	int ret = 0;

	if (!dtes) {
		copy->tables++;
		return 0;
	}
	for (i = 0; i < AMD_DTES_PER_PAGE && !ret; i++)
		ret = amd_copy_entry(au, rid + i, dtes + i * AMD_DTE_QUADS,
				     copy);
	return ret;
}

static int amd_copy_segment(struct amd_unit *au, unsigned int first, u64 base,
			    unsigned int pages, struct nyx_foreign_copy *copy)
{
	unsigned int page, last = FIELD_GET(AMD_DEV_TAB_SIZE, base);
	u64 phys = amd_foreign_address(base);
	int ret = 0;

	if (nyx_phys_is_own(phys))
		return 0;
	for (page = 0; page <= last && page < pages && !ret; page++)
		ret = amd_copy_page(au, first + page * AMD_DTES_PER_PAGE,
				    phys + page * SZ_4K, copy);
	return ret;
}

/**
 * amd_takeover_copy() - copy the entries of the kernel that crashed
 * @au: the unit; amd_takeover_check() was successful, and all entries of the
 *	device table block
 *
 * The page tables that the entries lead to stay where they are: this kernel does
 * not use that memory. A device whose entry cannot be copied is blocked, and so
 * are all devices if an earlier load of this module failed. Does nothing except in
 * a capture kernel.
 *
 * Context: May sleep.
 * Return: 0 or -ENOMEM.
 */
int amd_takeover_copy(struct amd_unit *au)
{
	unsigned int segments = amd_takeover_segments(au), share, i;
	struct nyx_foreign_copy copy = { };
	int ret;

	if (!au->crashed)
		return 0;
	/* Number of DeviceIDs that belong to each segment. */
	share = AMD_DEVICE_IDS / segments;
	ret = nyx_unit_foreign_init(&au->unit);
	for (i = 0; i < segments && !ret; i++)
		ret = amd_copy_segment(au, i * share, amd_foreign_base(au, i),
				       share / AMD_DTES_PER_PAGE, &copy);
	if (!ret)
		nyx_foreign_log_copy(au->unit.name, &copy);
	return ret;
}

/**
 * amd_takeover() - make a unit use nothing of the other system but its tables
 * @au: the unit; amd_takeover_check() was successful
 *
 * Context: May sleep. Waits for NYX_POLL_TIMEOUT_NS at most.
 * Return: 0; -ENODEV if the unit is gone; -ETIMEDOUT if it does not stop.
 */
int amd_takeover(struct amd_unit *au)
{
	if (!(amd_readq(au, AMD_CONTROL) & AMD_TAKEOVER_OFF))
		return 0;
	amd_control(au, AMD_TAKEOVER_OFF, 0);
	return amd_wait_status(au, AMD_TAKEOVER_RUN, 0);
}
