// SPDX-License-Identifier: GPL-2.0-only
/*
 * Device table entries: what is in them (2.2.2.1), and how one is changed so
 * that the unit never sees half of it (2.2.2.2). Caches are the caller's
 * business.
 *
 * What decides about DMA is in bits 127:0, what decides about interrupts in bits
 * 191:128: neither changes with the other.
 */
#include <linux/bitfield.h>
#include <linux/compiler.h>
#include <asm/barrier.h>

#include <nyx/pt.h>
#include <nyx/unit.h>

#include "dte.h"
#include "ivrs.h"
#include "regs.h"
#include "store128.h"

/**
 * amd_dte_interrupts() - what an entry says of interrupts that pass
 * @setting: what firmware says of the DeviceID, AMD_DTE_SETTING_*
 *
 * IV is 0, so all of them do. The rest counts when it is not.
 *
 * Context: Any.
 * Return: bits 191:128.
 */
u64 amd_dte_interrupts(u8 setting)
{
	return (setting & AMD_DTE_SETTING_INIT_PASS ? AMD_DTE2_INIT_PASS : 0) |
	       (setting & AMD_DTE_SETTING_EINT_PASS ? AMD_DTE2_EINT_PASS : 0) |
	       (setting & AMD_DTE_SETTING_NMI_PASS ? AMD_DTE2_NMI_PASS : 0) |
	       (setting & AMD_DTE_SETTING_LINT0_PASS ? AMD_DTE2_LINT0_PASS : 0) |
	       (setting & AMD_DTE_SETTING_LINT1_PASS ? AMD_DTE2_LINT1_PASS : 0);
}

static u64 amd_dte_system(u8 setting)
{
	return FIELD_PREP(AMD_DTE1_SYS_MGT,
			  FIELD_GET(AMD_DTE_SETTING_SYS_MGT, setting));
}

/**
 * amd_dte_encode() - a core entry as a device table entry (2.2.2.1)
 * @entry: what it shall say
 * @setting: what firmware says of the DeviceID
 * @nowhere: an empty page table of one level
 *
 * A blocked device is translated by @nowhere, with no permission: V = 0 would
 * let all its requests pass. Its system management requests are aborted too, but
 * for those of I/O APICs and HPETs: these are no devices that anybody could ask
 * for another entry, so firmware has its way.
 *
 * All others may read and write as far as the page table lets them, which is
 * also what erratum 63 asks for where SysMgt is 01b.
 *
 * Context: Any.
 * Return: the entry.
 */
struct amd_dte amd_dte_encode(const struct nyx_entry *entry,
			      struct amd_dte_setting setting,
			      const void *nowhere)
{
	struct amd_dte dte = {
		.q[0] = AMD_DTE0_V | AMD_DTE0_TV,
		.q[2] = amd_dte_interrupts(setting.all),
	};

	if (entry->kind == NYX_ENTRY_BLOCKED) {
		dte.q[0] |= FIELD_PREP(AMD_DTE0_MODE, 1) |
			    (amd_phys(nowhere) & AMD_DTE0_ROOT);
		dte.q[1] = amd_dte_system(setting.special);
		return dte;
	}
	dte.q[0] |= AMD_DTE0_IR | AMD_DTE0_IW;
	dte.q[1] = FIELD_PREP(AMD_DTE1_DOMAIN_ID, entry->domain_id) |
		   amd_dte_system(setting.all);
	/* Mode 0 is no translation. */
	if (entry->kind == NYX_ENTRY_TABLE) {
		dte.q[0] |= FIELD_PREP(AMD_DTE0_MODE, entry->pt->cfg.levels) |
			    (amd_phys(entry->pt->root) & AMD_DTE0_ROOT);
		if (entry->ats)
			dte.q[1] |= AMD_DTE1_I;
	}
	return dte;
}

/**
 * amd_dte_passes() - whether an entry lets any request pass
 * @dte: the entry
 *
 * Context: Any.
 * Return: false if it blocks all.
 */
bool amd_dte_passes(const struct amd_dte *dte)
{
	return READ_ONCE(dte->q[0]) & (AMD_DTE0_IR | AMD_DTE0_IW);
}

/**
 * amd_dte_ats() - whether an entry lets translated requests pass
 * @dte: the entry
 *
 * Context: Any.
 * Return: its I field, which no entry that blocks has.
 */
bool amd_dte_ats(const struct amd_dte *dte)
{
	return READ_ONCE(dte->q[1]) & AMD_DTE1_I;
}

/**
 * amd_dte_domain() - the DomainID in an entry
 * @dte: the entry
 *
 * Context: Any.
 * Return: the DomainID; 0 in one that blocks.
 */
u16 amd_dte_domain(const struct amd_dte *dte)
{
	return FIELD_GET(AMD_DTE1_DOMAIN_ID, READ_ONCE(dte->q[1]));
}

/**
 * amd_dte_equal() - whether two entries say the same of DMA
 * @a: one
 * @b: the other
 *
 * Context: Any; the caller owns both.
 * Return: true if they do.
 */
bool amd_dte_equal(const struct amd_dte *a, const struct amd_dte *b)
{
	return a->q[0] == b->q[0] && a->q[1] == b->q[1];
}

/**
 * amd_dte_replace() - change what an entry says of DMA in one store
 * @dte: the entry
 * @val: what it shall say; of interrupts it says what the entry says
 *
 * The device's requests pass by the old entry or by the new one.
 *
 * Context: Any; the caller owns the entry.
 * Return: false if this CPU has no such store: then nothing was changed.
 */
bool amd_dte_replace(struct amd_dte *dte, const struct amd_dte *val)
{
	return nyx_store128(dte->q, val->q[0], val->q[1]);
}

/**
 * amd_dte_block() - have an entry block requests
 * @dte: the entry
 * @blocked: what amd_dte_encode() gives for a blocked device
 *
 * For CPUs that have no store of all of it. The unit may use what it cached
 * until it is told to forget.
 *
 * Context: Any; the caller owns the entry.
 */
void amd_dte_block(struct amd_dte *dte, const struct amd_dte *blocked)
{
	WRITE_ONCE(dte->q[0], blocked->q[0]);
	/* It leads nowhere before it belongs to no domain. */
	dma_wmb();
	WRITE_ONCE(dte->q[1], blocked->q[1]);
}

/**
 * amd_dte_stop() - have an entry block requests, in one store where possible
 * @dte: the entry
 * @nowhere: an empty page table of one level
 *
 * Whatever firmware says: something is wrong with the device or the unit.
 *
 * Context: Any; the caller owns the entry.
 */
void amd_dte_stop(struct amd_dte *dte, const void *nowhere)
{
	static const struct nyx_entry entry = { .kind = NYX_ENTRY_BLOCKED };
	struct amd_dte blocked = amd_dte_encode(&entry,
						(struct amd_dte_setting) { },
						nowhere);

	if (!amd_dte_replace(dte, &blocked))
		amd_dte_block(dte, &blocked);
}

/**
 * amd_dte_stop_interrupts() - have an entry lead to no interrupt remapping table
 * @dte: the entry
 *
 * What a table would have remapped is blocked (IntCtl), all else is as it was:
 * what passes unmapped leads to no memory.
 *
 * Context: Any; nyx_unit.store_lock is held.
 */
void amd_dte_stop_interrupts(struct amd_dte *dte)
{
	u64 q2 = READ_ONCE(dte->q[2]);

	if (q2 & AMD_DTE2_IV)
		WRITE_ONCE(dte->q[2], q2 & ~(AMD_DTE2_INT_TAB_LEN |
					     AMD_DTE2_INT_TAB_ROOT |
					     AMD_DTE2_INT_CTL));
}

/**
 * amd_dte_fill() - have an entry that blocks say something
 * @dte: the entry; no cache holds an earlier state that did not block
 * @val: what it shall say; of interrupts it says what the entry says
 *
 * Context: Any; the caller owns the entry.
 */
void amd_dte_fill(struct amd_dte *dte, const struct amd_dte *val)
{
	WRITE_ONCE(dte->q[1], val->q[1]);
	/* It leads somewhere when it belongs to a domain. */
	dma_wmb();
	WRITE_ONCE(dte->q[0], val->q[0]);
}

/**
 * amd_dte_set_interrupts() - change what an entry says of interrupts
 * @dte: the entry
 * @q2: bits 191:128; of DMA it says what the entry says
 *
 * They are stored at once: a request is handled by the old ones or by the new
 * ones.
 *
 * Context: Any; nyx_unit.store_lock is held.
 * Return: false if it says that already.
 */
bool amd_dte_set_interrupts(struct amd_dte *dte, u64 q2)
{
	if (READ_ONCE(dte->q[2]) == q2)
		return false;
	/* A table is what it shall be before an entry leads to it. */
	dma_wmb();
	WRITE_ONCE(dte->q[2], q2);
	return true;
}
