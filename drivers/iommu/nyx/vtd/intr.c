// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupt remapping of a unit (5.1): enabling and disabling it, and VT-d's
 * struct nyx_intr_ops, which sets the IRTEs of devices.
 *
 * It requires the invalidation queue, because there is no register to
 * invalidate IRTEs (6.5.2.8).
 */
#define pr_fmt(fmt) "nyx: " fmt

#include <linux/cleanup.h>
#include <linux/errno.h>
#include <linux/log2.h>

#include <nyx/device.h>
#include <nyx/intr.h>
#include <nyx/invalidate.h>
#include <nyx/unit.h>

#include "dsc.h"
#include "gcmd.h"
#include "intr.h"
#include "irte.h"
#include "lib/store128.h"
#include "quirks/quirks.h"
#include "vtd.h"

static int vtd_iec(struct vtd_unit *vu, struct nyx_cmd dsc)
{
	return nyx_invalidate_intr(&vu->unit, &dsc, 1);
}

static int vtd_intr_alloc(struct nyx_unit *unit, struct nyx_device *ndev,
			  unsigned int nr)
{
	struct vtd_unit *vu = to_vtd_unit(unit);

	return READ_ONCE(unit->dead) ? -EIO : vtd_irt_get(&vu->irt, nr);
}

static int vtd_intr_store(struct vtd_unit *vu, u16 index,
			  const struct vtd_irte *irte)
{
	const struct vtd_irte none = { };
	int ret;

	vtd_irt_store(&vu->irt, index, irte);
	/*
	 * Store the IRTE before reading nyx_unit.dead, which is set before
	 * vtd_contain() is called: either that finds the IRTE, or vtd_iec()
	 * fails below.
	 */
	smp_mb();
	ret = vtd_iec(vu, vtd_dsc_iec_index(index, 0));
	/* The caller may reuse the vector. */
	if (ret)
		vtd_irt_store(&vu->irt, index, &none);
	return ret;
}

static int vtd_intr_set(struct nyx_unit *unit, struct nyx_device *ndev,
			u16 index, const struct nyx_intr_target *target)
{
	struct vtd_irte irte = { };

	if (target && !vtd_irte_encode(ndev, target, unit->intr.extended,
				       &irte))
		return -EINVAL;
	if (!target && READ_ONCE(ndev->intr_cut_off))
		irte.lo = VTD_IRTE_LO_FPD;
	return vtd_intr_store(to_vtd_unit(unit), index, &irte);
}

static int vtd_intr_post(struct nyx_unit *unit, struct nyx_device *ndev,
			 u16 index, const struct nyx_intr_posting *posting)
{
	struct vtd_irte irte;

	vtd_irte_encode_posted(ndev, posting, &irte);
	return vtd_intr_store(to_vtd_unit(unit), index, &irte);
}

/* IRTEs whose invalidation the unit did not confirm are never reused. */
static void vtd_intr_free(struct nyx_unit *unit, struct nyx_device *ndev,
			  u16 index, unsigned int nr)
{
	struct vtd_unit *vu = to_vtd_unit(unit);
	const struct vtd_irte none = { };
	unsigned int i;

	for (i = 0; i < nr; i++)
		if (!vtd_irt_is_clear(&vu->irt, index + i))
			vtd_intr_store(vu, index + i, &none);
	if (!READ_ONCE(unit->dead))
		vtd_irt_put(&vu->irt, index, nr);
}

/*
 * In x2APIC mode all requests in compatibility format are blocked, and CFI has
 * no effect (11.4.4.1). Otherwise they are blocked only if the unit confirms
 * it. If it does not, CFI is set again, because the unit might still block them
 * when a device needs them; and there is no further attempt, because each would
 * take as long as the first.
 */
static enum nyx_intr_compat vtd_intr_set_compat(struct nyx_unit *unit,
						bool allow)
{
	struct vtd_unit *vu = to_vtd_unit(unit);
	struct nyx_intr_unit *intr = &unit->intr;

	if (intr->extended)
		return NYX_INTR_COMPAT_BLOCKED;
	if (!allow && intr->compat_stuck)
		return NYX_INTR_COMPAT_ALLOWED;
	if (!vtd_gcmd_cfi(vu, allow))
		return allow ? NYX_INTR_COMPAT_ALLOWED : NYX_INTR_COMPAT_BLOCKED;
	if (allow) {
		pr_info("%s: does not confirm that compatibility format is allowed\n",
			unit->name);
	} else {
		intr->compat_stuck = true;
		vtd_gcmd_cfi(vu, true);
		pr_warn("%s: does not block compatibility format: a device can forge interrupts\n",
			unit->name);
	}
	return NYX_INTR_COMPAT_ALLOWED;
}

static void vtd_intr_crash(struct nyx_unit *unit)
{
	vtd_gcmd_crash(to_vtd_unit(unit));
}

static const struct nyx_intr_ops vtd_intr_ops = {
	.alloc = vtd_intr_alloc,
	.free = vtd_intr_free,
	.set = vtd_intr_set,
	.post = vtd_intr_post,
	.posting = vtd_intr_posting,
	.message = vtd_irte_message,
	.set_compat = vtd_intr_set_compat,
	.crash = vtd_intr_crash,
};

static const char *vtd_intr_why_not(const struct vtd_unit *vu, bool platform,
				    u32 quirks)
{
	if (quirks & NYX_QUIRK_NO_INTR)
		return "the chipset loses remapped interrupts (erratum)";
	if (!(vu->ecap & VTD_ECAP_IR))
		return "the unit does not support it (ECAP.IR)";
	if (!platform)
		return "the platform does not support it (DMAR.INTR_REMAP)";
	if (!vu->use_qi)
		return "it requires queued invalidation";
	if (!nyx_intr_entries())
		return "intr_entries=0";
	return NULL;
}

/**
 * vtd_intr_block() - make a unit that blocks all DMA block remapped interrupts
 * @vu: the unit; vtd_intr_enable() may have failed, or not been called
 *
 * Interrupt remapping stays enabled with the driver's table, which lets no
 * interrupt pass that the driver has not allocated. So the interrupts of a crashed
 * kernel are blocked. Nothing happens where interrupt remapping is disabled.
 *
 * Context: Any.
 * Return: true if the unit confirmed that it uses the driver's table.
 */
bool vtd_intr_block(struct vtd_unit *vu)
{
	struct nyx_intr_unit *intr = &vu->unit.intr;
	const struct nyx_cmd global = vtd_dsc_iec_global();
	u64 extended;

	if (READ_ONCE(intr->on)) {
		WRITE_ONCE(intr->on, false);
		return true;
	}
	if (!intr->ops || !(vtd_readl(vu, VTD_GSTS_REG) & VTD_GCMD_IRE))
		return true;
	/* The mode of the CPUs may not change: see vtd_intr_prepare(). */
	extended = vtd_readq(vu, VTD_IRTA_REG) & VTD_IRTA_EIME;
	vtd_writeq(vu, VTD_IRTA_REG, vtd_irt_register(&vu->irt, extended));
	if (vtd_gcmd(vu, VTD_GCMD_SIRTP, true))
		return false;
	return (vu->cap & VTD_CAP_ESIRTPS) ||
	       !nyx_invalidate_tries(&vu->unit, &global, 1);
}

/**
 * vtd_intr_init() - decide whether a unit remaps interrupts
 * @vu: the unit, with its capabilities read
 * @platform: the DMAR table has INTR_REMAP set
 * @fixed: an I/O APIC or HPET below the unit needs compatibility format
 * @quirks: nyx_quirk_machine()
 *
 * Context: Any.
 */
void vtd_intr_init(struct vtd_unit *vu, bool platform, bool fixed, u32 quirks)
{
	struct nyx_intr_unit *intr = &vu->unit.intr;

	intr->why_off = vtd_intr_why_not(vu, platform, quirks);
	if (intr->why_off)
		return;
	intr->ops = &vtd_intr_ops;
	intr->posts = (vu->cap & VTD_CAP_PI) && nyx_has_store128();
	intr->entries_max = VTD_IRT_ENTRIES_MAX;
	intr->bus_token = DOMAIN_BUS_DMAR;
	intr->compat_fixed = fixed;
	intr->compat_never = !nyx_intr_compat_allowed();
}

/**
 * vtd_intr_get_memory() - allocate a unit's interrupt remapping table
 * @vu: the unit
 *
 * Context: May sleep.
 * Return: 0 or -ENOMEM.
 */
int vtd_intr_get_memory(struct vtd_unit *vu)
{
	struct nyx_intr_unit *intr = &vu->unit.intr;
	u32 entries = nyx_intr_entries();
	int ret;

	if (!intr->ops)
		return 0;
	ret = vtd_irt_init(&vu->irt, entries, nyx_intr_entries_least(),
			   vu->ecap & VTD_ECAP_C, vu->unit.nid);
	if (ret) {
		pr_err("%s: no memory for %u interrupt entries: set intr_entries lower\n",
		       vu->unit.name, entries);
		return ret;
	}
	intr->entries = vu->irt.entries;
	if (intr->entries < entries)
		pr_info("%s: no contiguous memory for %u interrupt entries: using %u\n",
			vu->unit.name, entries, intr->entries);
	return 0;
}

/**
 * vtd_intr_free_memory() - undo vtd_intr_get_memory()
 * @vu: the unit, which no longer uses its table
 *
 * Context: May sleep.
 */
void vtd_intr_free_memory(struct vtd_unit *vu)
{
	vtd_irt_destroy(&vu->irt);
	vu->unit.intr.entries = 0;
}

/**
 * vtd_intr_disable() - disable interrupt remapping
 * @vu: the unit; no remapped interrupt of its devices is needed any more
 *
 * Context: Any, interrupts may be off.
 * Return: 0; -ENODEV if the unit is gone; -ETIMEDOUT.
 */
int vtd_intr_disable(struct vtd_unit *vu)
{
	WRITE_ONCE(vu->unit.intr.on, false);
	if (!(vtd_readl(vu, VTD_GSTS_REG) & VTD_GCMD_IRE))
		return 0;
	return vtd_gcmd(vu, VTD_GCMD_IRE, false);
}

static const char *vtd_intr_why_not_extended(const struct vtd_unit *vu,
					     bool extended)
{
	if (!extended)
		return NULL;
	if (!(vu->ecap & VTD_ECAP_EIM))
		return "the unit does not support x2APIC mode (ECAP.EIM)";
	/* Interrupts that are already set up would be lost. */
	if (!vu->unit.intr.compat_never)
		return "x2APIC mode requires compat_interrupts=block";
	return NULL;
}

/*
 * If an earlier system left remapping enabled, its table may be replaced while
 * it is in use (11.4.4.1), but the mode of the CPUs may not change.
 */
static int vtd_intr_prepare(struct vtd_unit *vu, u64 irta)
{
	if ((vtd_readq(vu, VTD_IRTA_REG) ^ irta) & VTD_IRTA_EIME)
		return vtd_intr_disable(vu);
	return 0;
}

/**
 * vtd_intr_enable() - enable interrupt remapping (5.1.7, 11.4.4.1)
 * @vu: the unit, with its queue enabled
 * @extended: the CPUs are in x2APIC mode
 *
 * All requests are in compatibility format at this time, and stay allowed if
 * that is possible. In x2APIC mode the unit blocks them, so remapping stays
 * disabled unless the user wants them blocked.
 *
 * Context: May sleep.
 * Return: 0, even if remapping is disabled; -ENODEV if the unit is gone;
 *	-EINVAL, -EIO or -ETIMEDOUT if it does not confirm a command.
 */
int vtd_intr_enable(struct vtd_unit *vu, bool extended)
{
	struct nyx_intr_unit *intr = &vu->unit.intr;
	const struct nyx_cmd global = vtd_dsc_iec_global();
	u64 irta;
	int ret;

	if (intr->ops)
		intr->why_off = vtd_intr_why_not_extended(vu, extended);
	if (intr->why_off)
		return vtd_intr_disable(vu);
	intr->extended = extended;
	irta = vtd_irt_register(&vu->irt, extended);
	ret = vtd_intr_prepare(vu, irta);
	if (ret)
		return ret;
	vtd_writeq(vu, VTD_IRTA_REG, irta);
	ret = vtd_gcmd(vu, VTD_GCMD_SIRTP, true);
	/*
	 * Invalidate what was cached from an earlier table (6.5.2.8). A unit
	 * that does not confirm is not contained: no entry is reused.
	 */
	if (!ret)
		ret = nyx_invalidate_tries(&vu->unit, &global, 1);
	if (ret)
		return ret;
	intr->compat = vtd_intr_set_compat(&vu->unit, true);
	ret = vtd_gcmd(vu, VTD_GCMD_IRE, true);
	if (!ret)
		WRITE_ONCE(intr->on, true);
	/* IRE may still take effect unless it is seen clear. */
	else if (vtd_gcmd(vu, VTD_GCMD_IRE, false))
		vu->unit.stuck = true;
	return ret;
}
