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
 */
#define pr_fmt(fmt) "nyx: " fmt

#include <linux/bitfield.h>
#include <linux/bitops.h>
#include <linux/errno.h>
#include <linux/mem_encrypt.h>
#include <linux/printk.h>
#include <linux/sizes.h>

#include <nyx/remedy.h>

#include "amd.h"
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
	if (!mode)
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
	u64 control = amd_readq(au, AMD_CONTROL), base;
	struct nyx_foreign foreign = {
		.decode = amd_foreign_decode,
		.tables = NYX_FOREIGN_TABLES,
	};
	unsigned int segments, i;
	int ret = 0;

	segments = 1U << FIELD_GET(AMD_CTRL_DEV_TBL_SEG_EN, control);
	if (segments > AMD_SEGMENTS_MAX)
		return -EOPNOTSUPP;
	for (i = 0; i < segments && !ret; i++) {
		base = amd_readq(au, i ? AMD_DEV_TAB_SEG(i) : AMD_DEV_TAB_BASE);
		ret = amd_foreign_segment(&foreign, base);
	}
	return ret;
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
 * @allowed: the user allows to take over units
 *
 * Reads registers and the tables of the other system, and changes nothing.
 *
 * Context: May sleep.
 * Return: 0; after a log line -EBUSY if running units must not be taken over, or
 *	-EOPNOTSUPP if this one cannot be taken over.
 */
int amd_takeover_check(const struct amd_unit *au, bool allowed)
{
	u64 control = amd_readq(au, AMD_CONTROL);
	const char *what = amd_runs(control);
	int ret;

	if (!what)
		return 0;
	if (!allowed) {
		pr_err(NYX_LOG_TAKEOVER_OFF, au->unit.name, what);
		return -EBUSY;
	}
	ret = control & AMD_CTRL_IOMMU_EN ? amd_foreign_tables(au) : 0;
	if (ret) {
		pr_err(NYX_LOG_NO_TAKEOVER, au->unit.name, what,
		       nyx_foreign_why(ret));
		return -EOPNOTSUPP;
	}
	pr_notice(NYX_LOG_TAKEOVER, au->unit.name, what);
	return 0;
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
