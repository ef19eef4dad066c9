// SPDX-License-Identifier: GPL-2.0-only
/*
 * Device table entries (DTEs): their encoding (2.2.2.1), and stores that never
 * let the unit see a half-written one (2.2.2.2). The caller invalidates the
 * unit's caches.
 *
 * Bits 127:0 decide about DMA, bits 191:128 about interrupts. The two halves
 * change independently.
 */
#include <linux/bitfield.h>
#include <linux/compiler.h>
#include <asm/barrier.h>

#include <nyx/pt.h>
#include <nyx/unit.h>

#include "dte.h"
#include "ivrs.h"
#include "lib/store128.h"
#include "regs.h"

/**
 * amd_dte_interrupts() - encode interrupts that pass unmapped
 * @setting: AMD_DTE_SETTING_* that firmware requests for the DeviceID
 *
 * IV is 0, so all interrupts pass. The other bits take effect once IV is 1.
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

static u64 amd_dte_had(bool on)
{
	return FIELD_PREP(AMD_DTE0_HAD, on ? AMD_HAD_ACCESSED_DIRTY : 0);
}

/**
 * amd_dte_needs_guest() - whether an entry of the core needs a GCR3 table
 * @entry: the entry
 *
 * Only there can a guest page table translate requests, also those without PASID.
 *
 * Context: Any.
 * Return: true if it does.
 */
bool amd_dte_needs_guest(const struct nyx_entry *entry)
{
	return entry->kind != NYX_ENTRY_BLOCKED &&
	       (entry->pasids || (entry->kind == NYX_ENTRY_TABLE &&
				  entry->pt->fmt == &nyx_pt_x86));
}

/**
 * amd_dte_encode() - encode an entry of the core as a DTE (2.2.2.1)
 * @entry: the entry
 * @setting: DTE settings of the DeviceID
 * @nowhere: an empty page table of one level
 *
 * A blocked device is translated by @nowhere, without permissions, because V =
 * 0 would let all its requests pass. Its system management requests are aborted
 * as well, except those of I/O APICs and HPETs: these are not devices that
 * could get another entry later, so they have what firmware requests. SE and SA
 * suppress the events of its page faults.
 *
 * All other entries permit reads and writes, and the page table decides.
 * Erratum 63 requires the same where SysMgt is 01b. An entry that
 * needs a GCR3 table blocks until amd_dte_set_guest() completes it.
 *
 * Context: Any.
 * Return: the DTE.
 */
struct amd_dte amd_dte_encode(const struct nyx_entry *entry,
			      struct amd_dte_setting setting,
			      const void *nowhere)
{
	struct amd_dte dte = {
		.q[0] = AMD_DTE0_V | AMD_DTE0_TV,
		.q[2] = amd_dte_interrupts(setting.all),
	};

	if (entry->kind == NYX_ENTRY_BLOCKED || amd_dte_needs_guest(entry)) {
		dte.q[0] |= FIELD_PREP(AMD_DTE0_MODE, 1) |
			    (amd_phys(nowhere) & AMD_DTE0_ROOT);
		dte.q[1] = amd_dte_system(setting.special) |
			   (entry->quiet ? AMD_DTE1_SE | AMD_DTE1_SA : 0);
		return dte;
	}
	dte.q[0] |= AMD_DTE0_IR | AMD_DTE0_IW;
	dte.q[1] = FIELD_PREP(AMD_DTE1_DOMAIN_ID, entry->domain_id) |
		   amd_dte_system(setting.all);
	/* Mode 0 means no translation. */
	if (entry->kind == NYX_ENTRY_TABLE) {
		dte.q[0] |= FIELD_PREP(AMD_DTE0_MODE, entry->pt->cfg.levels) |
			    (amd_phys(entry->pt->root) & AMD_DTE0_ROOT);
		if (entry->dirty)
			dte.q[0] |= amd_dte_had(true);
		if (entry->ats)
			dte.q[1] |= AMD_DTE1_I;
		if (entry->ats && entry->page_requests)
			dte.q[0] |= AMD_DTE0_PPR;
	}
	return dte;
}

/* Fields that select guest tables. */
#define AMD_DTE0_GUEST (AMD_DTE0_GV | AMD_DTE0_GIOV | AMD_DTE0_GLX | \
			AMD_DTE0_GCR3_14_12)

/**
 * amd_dte_set_guest() - encode an entry of the core that uses guest tables
 * @dte: result of amd_dte_encode() for the entry
 * @entry: the entry; amd_dte_needs_guest() is true
 * @setting: DTE settings of the DeviceID
 * @root: the GCR3 table of the DeviceID
 * @levels: its number of levels, 1 to 3
 *
 * Mode is 0, so the output of guest tables is not translated again. With GIOV,
 * requests without PASID are those of PASID 0; otherwise they pass untranslated.
 * Bits 183:182, the depth of guest tables, stay 0: 4 levels.
 *
 * Context: Any.
 */
void amd_dte_set_guest(struct amd_dte *dte, const struct nyx_entry *entry,
		       struct amd_dte_setting setting, const u64 *root,
		       unsigned int levels)
{
	u64 phys = amd_phys(root);

	dte->q[0] = AMD_DTE0_V | AMD_DTE0_TV | AMD_DTE0_GV |
		    (entry->kind == NYX_ENTRY_TABLE ? AMD_DTE0_GIOV : 0) |
		    (entry->ats && entry->page_requests ? AMD_DTE0_PPR : 0) |
		    FIELD_PREP(AMD_DTE0_GLX, levels - 1) |
		    FIELD_PREP(AMD_DTE0_GCR3_14_12, phys >> 12 & 7) |
		    AMD_DTE0_IR | AMD_DTE0_IW;
	dte->q[1] = FIELD_PREP(AMD_DTE1_DOMAIN_ID, entry->domain_id) |
		    FIELD_PREP(AMD_DTE1_GCR3_30_15, phys >> 15 & 0xffff) |
		    FIELD_PREP(AMD_DTE1_GCR3_51_31, phys >> 31) |
		    (entry->ats ? AMD_DTE1_I : 0) | amd_dte_system(setting.all);
}

/**
 * amd_dte_has_guest() - check whether an entry leads to guest tables
 * @dte: the entry
 *
 * Context: Any.
 * Return: true if it passes requests and does.
 */
bool amd_dte_has_guest(const struct amd_dte *dte)
{
	return amd_dte_passes(dte) && (READ_ONCE(dte->q[0]) & AMD_DTE0_GV);
}

/**
 * amd_dte_drop_guest() - make an entry refuse requests with a PASID
 * @dte: the entry; amd_dte_is_identity() is true
 *
 * Requests without PASID pass untranslated as before. Translated requests are
 * refused, because a device TLB may have translations of guest tables.
 *
 * Context: Any; nyx_unit.store_lock is held.
 */
void amd_dte_drop_guest(struct amd_dte *dte)
{
	WRITE_ONCE(dte->q[0],
		   READ_ONCE(dte->q[0]) & ~(AMD_DTE0_GUEST | AMD_DTE0_PPR));
	/* Without GV the unit does not use the rest of the address. */
	dma_wmb();
	WRITE_ONCE(dte->q[1], READ_ONCE(dte->q[1]) &
			      ~(AMD_DTE1_I | AMD_DTE1_GCR3_30_15 |
				AMD_DTE1_GCR3_51_31));
}

/* Fields of a DTE that are understood; HAD only records accesses to the table. */
#define AMD_DTE0_COPIED (AMD_DTE0_V | AMD_DTE0_TV | AMD_DTE0_MODE | \
			 AMD_DTE0_ROOT | AMD_DTE0_IR | AMD_DTE0_IW)

/**
 * amd_dte_can_copy() - check whether the DMA half of another system's DTE can be
 *	copied
 * @q: the DTE, which passes requests
 *
 * Context: Any.
 * Return: false if it uses a guest table, allows translated requests, or has
 *	reserved values.
 */
bool amd_dte_can_copy(const u64 *q)
{
	return !(q[0] & ~(AMD_DTE0_COPIED | AMD_DTE0_HAD)) &&
	       FIELD_GET(AMD_DTE0_MODE, q[0]) != AMD_PTE_ANY_SIZE &&
	       !(q[1] & AMD_DTE1_I);
}

/**
 * amd_dte_copy() - make a DTE that translates like that of another system
 * @q: the DTE of the other system; amd_dte_can_copy() is true
 * @setting: DTE settings of the DeviceID
 *
 * Context: Any.
 * Return: the DTE, of which only bits 127:0 are used.
 */
struct amd_dte amd_dte_copy(const u64 *q, struct amd_dte_setting setting)
{
	return (struct amd_dte) {
		.q[0] = q[0] & AMD_DTE0_COPIED,
		.q[1] = (q[1] & AMD_DTE1_DOMAIN_ID) |
			amd_dte_system(setting.all),
	};
}

/**
 * amd_dte_passes() - check whether an entry passes any DMA request
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
 * amd_dte_ats() - check whether an entry passes translated requests
 * @dte: the entry
 *
 * Context: Any.
 * Return: its I field, which is clear in blocking entries.
 */
bool amd_dte_ats(const struct amd_dte *dte)
{
	return READ_ONCE(dte->q[1]) & AMD_DTE1_I;
}

/**
 * amd_dte_refuse_ats() - make an entry refuse translated requests
 * @dte: the entry
 *
 * Untranslated requests are handled as before. One store changes one bit, so
 * the unit never sees a mixture.
 *
 * Context: Any; nyx_unit.store_lock is held.
 */
void amd_dte_refuse_ats(struct amd_dte *dte)
{
	WRITE_ONCE(dte->q[1], READ_ONCE(dte->q[1]) & ~AMD_DTE1_I);
}

/**
 * amd_dte_set_dirty() - change whether the unit records writes in leaves
 * @dte: the entry
 * @on: record them
 *
 * One store changes only HAD, so requests are translated as before.
 *
 * Context: Any; nyx_unit.store_lock is held.
 * Return: true if the entry was changed; false if it has this value already, or
 *	does not translate.
 */
bool amd_dte_set_dirty(struct amd_dte *dte, bool on)
{
	u64 old = READ_ONCE(dte->q[0]);
	u64 new = (old & ~AMD_DTE0_HAD) | amd_dte_had(on);

	if (!amd_dte_passes(dte) || !FIELD_GET(AMD_DTE0_MODE, old) ||
	    old == new)
		return false;
	WRITE_ONCE(dte->q[0], new);
	return true;
}

/**
 * amd_dte_is_identity() - check whether an entry passes requests untranslated
 * @dte: the entry
 * @table: an identity page table, or NULL
 *
 * Context: Any; nyx_unit.store_lock is held.
 * Return: true if it passes requests without PASID and does not use a page table
 *	for them, or uses @table.
 */
bool amd_dte_is_identity(const struct amd_dte *dte, const void *table)
{
	u64 q0 = READ_ONCE(dte->q[0]);

	if (!amd_dte_passes(dte) || (q0 & AMD_DTE0_GIOV))
		return false;
	return !FIELD_GET(AMD_DTE0_MODE, q0) ||
	       (table && (q0 & AMD_DTE0_ROOT) ==
			 (amd_phys(table) & AMD_DTE0_ROOT));
}

/**
 * amd_dte_domain() - get the DomainID of an entry
 * @dte: the entry
 *
 * Context: Any.
 * Return: the DomainID; 0 in a blocking entry.
 */
u16 amd_dte_domain(const struct amd_dte *dte)
{
	return FIELD_GET(AMD_DTE1_DOMAIN_ID, READ_ONCE(dte->q[1]));
}

/**
 * amd_dte_equal() - compare the DMA halves of two entries
 * @a: an entry
 * @b: another entry
 *
 * Context: Any; the caller owns both.
 * Return: true if they are equal.
 */
bool amd_dte_equal(const struct amd_dte *a, const struct amd_dte *b)
{
	return a->q[0] == b->q[0] && a->q[1] == b->q[1];
}

/**
 * amd_dte_replace() - change the DMA half of an entry in one store
 * @dte: the entry
 * @val: its new value; only bits 127:0 are used
 *
 * Each request of the device uses either the old entry or the new one.
 *
 * Context: Any; the caller owns the entry.
 * Return: false if this CPU has no such store; then the entry is unchanged.
 */
bool amd_dte_replace(struct amd_dte *dte, const struct amd_dte *val)
{
	return nyx_store128(dte->q, val->q[0], val->q[1]);
}

/**
 * amd_dte_block() - make an entry block requests, in two stores
 * @dte: the entry
 * @blocked: result of amd_dte_encode() for a blocked device
 *
 * This is for CPUs that cannot store all of it at once. The unit may use the
 * cached entry until it is invalidated.
 *
 * Context: Any; the caller owns the entry.
 */
void amd_dte_block(struct amd_dte *dte, const struct amd_dte *blocked)
{
	WRITE_ONCE(dte->q[0], blocked->q[0]);
	/* The page table changes before the DomainID. */
	dma_wmb();
	WRITE_ONCE(dte->q[1], blocked->q[1]);
}

/**
 * amd_dte_stop() - make an entry block requests, in one store if possible
 * @dte: the entry
 * @nowhere: an empty page table of one level
 *
 * The DTE settings of firmware are ignored: the device or the unit failed, or
 * the entry is about to be filled.
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
 * amd_dte_shut() - make an entry block requests, but not messages
 * @dte: the entry
 * @nowhere: an empty page table of one level
 *
 * As amd_dte_stop(), but SysMgt stays: the device, which works, may send
 * interrupts as messages. IW is cleared nevertheless, although erratum 63 requires
 * it where SysMgt is 01b: the next kernel may overwrite @nowhere, and writes would
 * pass.
 *
 * Context: Any; the caller owns the entry.
 */
void amd_dte_shut(struct amd_dte *dte, const void *nowhere)
{
	const struct nyx_entry entry = { .kind = NYX_ENTRY_BLOCKED };
	struct amd_dte shut = amd_dte_encode(&entry, (struct amd_dte_setting) { },
					     nowhere);

	shut.q[1] |= READ_ONCE(dte->q[1]) & AMD_DTE1_SYS_MGT;
	if (!amd_dte_replace(dte, &shut))
		amd_dte_block(dte, &shut);
}

/* Fields that let interrupts pass that no table remaps. */
#define AMD_DTE2_PASSES (AMD_DTE2_INIT_PASS | AMD_DTE2_EINT_PASS | \
			 AMD_DTE2_NMI_PASS | AMD_DTE2_LINT0_PASS | \
			 AMD_DTE2_LINT1_PASS)

/**
 * amd_dte_pass_interrupts() - make an entry pass all interrupts
 * @dte: the entry, which uses no interrupt remapping table afterwards
 *
 * IV becomes 0. The other bits keep what firmware requests.
 *
 * Context: Any; nyx_unit.store_lock is held.
 */
void amd_dte_pass_interrupts(struct amd_dte *dte)
{
	amd_dte_set_interrupts(dte, READ_ONCE(dte->q[2]) & AMD_DTE2_PASSES);
}

/**
 * amd_dte_stop_interrupts() - detach an entry from its interrupt remapping
 *	table
 * @dte: the entry
 *
 * Interrupts that the table would have remapped are blocked (IntCtl).
 * Everything else is unchanged: interrupts that pass unmapped do not access
 * memory.
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
 * amd_dte_fill() - fill a blocking entry
 * @dte: the entry; no cache holds an earlier value of it that did not block
 * @val: its new value; only bits 127:0 are used
 *
 * Context: Any; the caller owns the entry.
 */
void amd_dte_fill(struct amd_dte *dte, const struct amd_dte *val)
{
	WRITE_ONCE(dte->q[1], val->q[1]);
	/* The DomainID changes before the page table. */
	dma_wmb();
	WRITE_ONCE(dte->q[0], val->q[0]);
}

/**
 * amd_dte_set_interrupts() - change the interrupt half of an entry
 * @dte: the entry
 * @q2: new value of bits 191:128
 *
 * One store changes all of these bits: each interrupt is handled according to
 * the old value or the new one.
 *
 * Context: Any; nyx_unit.store_lock is held.
 * Return: false if the entry has this value already.
 */
bool amd_dte_set_interrupts(struct amd_dte *dte, u64 q2)
{
	if (READ_ONCE(dte->q[2]) == q2)
		return false;
	/* The table is complete before an entry leads to it. */
	dma_wmb();
	WRITE_ONCE(dte->q[2], q2);
	return true;
}
