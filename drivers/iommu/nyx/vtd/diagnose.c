// SPDX-License-Identifier: GPL-2.0-only
/*
 * Diagnostics only: reads a unit, which another driver may be using. Everything
 * here gets the registers as const memory.
 */
#define pr_fmt(fmt) "nyx: " fmt

#include <linux/bitfield.h>
#include <linux/build_bug.h>
#include <linux/io.h>
#include <linux/slab.h>
#include <linux/sprintf.h>

#include <nyx/compat.h>
#include <nyx/diagnose.h>
#include <nyx/fault.h>

#include "caps.h"
#include "diagnose.h"
#include "fault.h"
#include "probe.h"
#include "regs.h"
#include "show.h"
#include "vtd.h"

/**
 * struct vtd_diag - a unit that is only looked at
 * @unit: the unit as the core sees it
 * @ver: Version Register
 * @cap: Capability Register
 * @ecap: Extended Capability Register
 */
struct vtd_diag {
	struct nyx_diag_unit unit;
	u32 ver;
	u64 cap;
	u64 ecap;
};

static_assert(!offsetof(struct vtd_diag, unit));

static const struct vtd_diag *to_vtd_diag(const struct nyx_diag_unit *unit)
{
	return container_of(unit, struct vtd_diag, unit);
}

static void vtd_diag_state(const struct nyx_diag_unit *unit,
			   struct nyx_diag_state *state)
{
	u32 gsts = readl(unit->regs + VTD_GSTS_REG);

	*state = (struct nyx_diag_state) { .responds = gsts != VTD_GONE };
	if (!state->responds)
		return;
	state->translation = gsts & VTD_GCMD_TE;
	state->intr = gsts & VTD_GCMD_IRE;
	state->has_intr = true;
	state->queue = gsts & VTD_GCMD_QIE;
	state->overflow = readl(unit->regs + VTD_FSTS_REG) & VTD_FSTS_PFO;
}

/* The oldest record is the one in FRI, which is valid while PPF is set (7.2.1). */
static void vtd_diag_faults(const struct nyx_diag_unit *unit,
			    nyx_diag_found found, void *arg)
{
	const struct vtd_diag *vd = to_vtd_diag(unit);
	u32 fsts = readl(unit->regs + VTD_FSTS_REG);
	u32 nr = vtd_caps_nr_frcd(vd->cap), first, reg, i;
	struct nyx_fault fault;
	u64 lo, hi;

	first = fsts & VTD_FSTS_PPF ? FIELD_GET(VTD_FSTS_FRI, fsts) : 0;
	for (i = 0; i < nr; i++) {
		reg = vtd_caps_frcd(vd->cap) + (first + i) % nr * VTD_FRCD_SIZE;
		if (!vtd_fault_peek(unit->regs, reg, &lo, &hi))
			continue;
		vtd_fault_decode(lo, hi, &fault);
		if (!found(unit, &fault, arg))
			break;
	}
}

static void vtd_diag_registers(const struct nyx_diag_unit *unit,
			       struct seq_file *m)
{
	vtd_show_window(unit->regs, to_vtd_diag(unit)->cap, m);
}

static void vtd_diag_capabilities(const struct nyx_diag_unit *unit,
				  struct seq_file *m)
{
	const struct vtd_diag *vd = to_vtd_diag(unit);

	vtd_show_caps(vd->ver, vd->cap, vd->ecap, NYX_DIAG_INTR, m);
}

static const struct nyx_diag_ops vtd_diag_ops = {
	.read_state = vtd_diag_state,
	.read_faults = vtd_diag_faults,
	.show_registers = vtd_diag_registers,
	.show_capabilities = vtd_diag_capabilities,
};

/* Returns false, after a note, if the unit does not respond. */
static bool vtd_diag_caps(struct vtd_diag *vd, u8 host_bits)
{
	struct nyx_diag_unit *unit = &vd->unit;
	const char *why = NULL;

	vd->ver = readl(unit->regs + VTD_VER_REG);
	vd->cap = readq(unit->regs + VTD_CAP_REG);
	vd->ecap = readq(unit->regs + VTD_ECAP_REG);
	if (vd->ver == VTD_GONE || vd->cap == ~0ULL || vd->ecap == ~0ULL) {
		nyx_diag_note(NYX_DIAG_OFF, unit->name,
			      "its registers do not respond");
		return false;
	}
	unit->supported = !vtd_caps_decode(vd->ver, vd->cap, vd->ecap,
					   host_bits, &unit->caps, &why);
	if (!unit->supported)
		nyx_diag_note("%s: has %s: without diagnose=1 the unit stays off",
			      unit->name, why);
	return true;
}

/**
 * vtd_diag_unit() - look at a unit
 * @site: location of the unit
 *
 * Only reads registers. The unit is added to nyx_diag_units, unless it does not
 * respond, which is noted.
 *
 * Context: May sleep.
 * Return: 0, or -ENOMEM.
 */
int vtd_diag_unit(const struct vtd_site *site)
{
	struct vtd_diag *vd = kzalloc_obj(*vd);
	struct nyx_diag_unit *unit;
	size_t window;
	int ret;

	if (!vd)
		return -ENOMEM;
	unit = &vd->unit;
	unit->ops = &vtd_diag_ops;
	snprintf(unit->name, sizeof(unit->name), "vtd%u", site->index);
	unit->segment = site->segment;
	unit->phys = site->base;
	ret = nyx_diag_open(unit, VTD_MIN_WINDOW);
	if (ret)
		goto err_free;
	if (!vtd_diag_caps(vd, site->host_bits))
		goto err_close;
	window = vtd_caps_window(vd->cap, vd->ecap);
	nyx_diag_close(unit);
	ret = nyx_diag_open(unit, window);
	if (ret)
		goto err_free;
	nyx_diag_add(unit, window);
	return 0;

err_close:
	nyx_diag_close(unit);
err_free:
	kfree(vd);
	return ret;
}
