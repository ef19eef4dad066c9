// SPDX-License-Identifier: GPL-2.0-only
/*
 * Creates a unit that the core can start: claims and maps its registers, decodes
 * its capabilities, and checks that it is idle or can be taken over.
 */
#define pr_fmt(fmt) "nyx: " fmt

#include <linux/bitfield.h>
#include <linux/err.h>
#include <linux/printk.h>
#include <linux/slab.h>

#include <nyx/compat.h>
#include <nyx/remedy.h>
#include <nyx/unit.h>
#include <nyx/window.h>

#include "caps.h"
#include "fault.h"
#include "flush.h"
#include "intr.h"
#include "probe.h"
#include "prq.h"
#include "takeover.h"
#include "quirks/quirks.h"
#include "unit_ops.h"
#include "vtd.h"

static void vtd_unit_destroy(struct nyx_unit *unit);

static const struct nyx_unit_ops vtd_unit_ops = {
	.start = vtd_start,
	.wake = vtd_wake,
	.enable = vtd_enable,
	.disable = vtd_disable,
	.block = vtd_block,
	.block_end = vtd_block_end,
	.stop = vtd_stop,
	.destroy = vtd_unit_destroy,
	.flush = vtd_flush,
	.flush_post = vtd_flush_post,
	.flush_await = vtd_flush_await,
	.read_faults = vtd_read_faults,
	.drain_requests = vtd_drain_requests,
	.read_requests = vtd_read_requests,
	.respond = vtd_respond,
	.contain = vtd_contain,
	.entries = &vtd_entry_ops,
	.pasids = &vtd_pasid_ops,
	.nested = &vtd_nested_ops,
	.invalidate = &vtd_invalidate_ops,
	.show_registers = vtd_show_registers,
	.show_capabilities = vtd_show_capabilities,
	.show_entry = vtd_show_entry,
};

static void vtd_unmap(struct vtd_unit *vu)
{
	nyx_window_unmap(&vu->unit, vu->regs, vu->window);
}

static int vtd_map(struct vtd_unit *vu, size_t window)
{
	void __iomem *regs = nyx_window_map(&vu->unit, window, VTD_REMEDY);

	if (IS_ERR(regs))
		return PTR_ERR(regs);
	vu->regs = regs;
	vu->window = window;
	return 0;
}

static int vtd_no_answer(const struct vtd_unit *vu)
{
	pr_err(NYX_LOG_NO_RESPONSE("DMAR"), vu->unit.name, &vu->unit.phys);
	return -ENXIO;
}

static int vtd_read_caps(struct vtd_unit *vu)
{
	vu->ver = vtd_readl(vu, VTD_VER_REG);
	vu->cap = vtd_readq(vu, VTD_CAP_REG);
	vu->ecap = vtd_readq(vu, VTD_ECAP_REG);
	if (vu->ver == VTD_GONE || vu->cap == ~0ULL || vu->ecap == ~0ULL)
		return vtd_no_answer(vu);
	return 0;
}

static int vtd_use_caps(struct vtd_unit *vu, const struct vtd_site *site)
{
	const char *why = NULL;
	int ret;

	ret = vtd_caps_decode(vu->ver, vu->cap, vu->ecap, site->host_bits,
			      &vu->unit.caps, &why);
	if (ret) {
		pr_err(NYX_LOG_NOT_SUPPORTED, vu->unit.name, why);
		return ret;
	}
	/* The chipset may know better than the capability register. */
	vu->write_buffer = (vu->cap & VTD_CAP_RWBF) ||
			   (site->quirks & NYX_QUIRK_WRITE_BUFFER);
	vu->unit.caps.map_flush |= vu->write_buffer;
	/* As for the built-in driver, only units that drain (11.4.2). */
	vu->unit.stays_on = site->graphics &&
			    (site->quirks & NYX_QUIRK_GRAPHICS_ON) &&
			    (vu->cap & (VTD_CAP_DRD | VTD_CAP_DWD));
	vu->use_qi = (vu->ecap & VTD_ECAP_QI) && !site->register_based;
	if (!vu->use_qi && !vtd_caps_register_based(vu->ver)) {
		pr_err("%s: has no register-based invalidation: load without register_based\n",
		       vu->unit.name);
		return -EINVAL;
	}
	vtd_intr_init(vu, site->intr_remap, site->intr_sources, site->quirks);
	return 0;
}

static const char *vtd_why_legacy(const struct vtd_unit *vu,
				  const struct vtd_site *site)
{
	const char *why = vtd_caps_not_scalable(vu->ecap);

	if (why)
		return why;
	if (!vu->use_qi)
		return "register_based=1 invalidates through registers";
	if (site->capture)
		return "this is a capture kernel";
	/* In scalable mode it would be up to the driver, also for identity. */
	if (site->needs_ats)
		return "a device needs ATS, which hardware enables in legacy mode (SATC)";
	/* A later load must be able to read the tables. */
	if (vu->unit.stays_on)
		return "translation must stay enabled on this chipset";
	if (vtd_takeover_is_legacy(vu))
		return "the unit is taken over while it translates in legacy mode";
	return NULL;
}

static int vtd_choose_mode(struct vtd_unit *vu, const struct vtd_site *site)
{
	bool needed = vtd_caps_needs_scalable(vu->cap);
	const char *why;

	if (!site->scalable && !needed && !vtd_takeover_is_scalable(vu))
		return 0;
	why = vtd_why_legacy(vu, site);
	if (why && needed) {
		pr_err("%s: not supported: it has no tables for legacy mode (CAP.SAGAW), and scalable mode cannot be used: %s\n",
		       vu->unit.name, why);
		return -EOPNOTSUPP;
	}
	if (why) {
		if (site->scalable)
			pr_info("%s: scalable=1 has no effect, legacy mode is used: %s\n",
				vu->unit.name, why);
		return 0;
	}
	vu->scalable = true;
	vtd_caps_scalable(vu->cap, vu->ecap, &vu->unit.caps);
	return 0;
}

static int vtd_unit_probe(struct vtd_unit *vu, const struct vtd_site *site)
{
	size_t window;
	int ret;

	ret = vtd_map(vu, VTD_MIN_WINDOW);
	if (ret)
		return ret;
	ret = vtd_read_caps(vu);
	if (ret)
		goto err_unmap;
	window = vtd_caps_window(vu->cap, vu->ecap);
	if (window > vu->window) {
		vtd_unmap(vu);
		ret = vtd_map(vu, window);
		if (ret)
			return ret;
	}
	ret = vtd_use_caps(vu, site);
	if (ret)
		goto err_unmap;
	ret = vtd_choose_mode(vu, site);
	if (ret)
		goto err_unmap;
	ret = vtd_takeover_check(vu, site);
	if (ret == -ENODEV)
		ret = vtd_no_answer(vu);
	if (ret)
		goto err_unmap;
	pr_info("%s: version %lu.%lu at %pa, cap %llx, ecap %llx, %s invalidation%s\n",
		vu->unit.name, FIELD_GET(VTD_VER_MAX, vu->ver),
		FIELD_GET(VTD_VER_MIN, vu->ver), &vu->unit.phys, vu->cap,
		vu->ecap, vu->use_qi ? "queued" : "register-based",
		vu->scalable ? ", scalable mode" : "");
	return 0;

err_unmap:
	vtd_unmap(vu);
	return ret;
}

/**
 * vtd_unit_create() - create a unit without starting it
 * @site: location of the unit
 *
 * Reads capabilities and status, and writes no register. The built-in driver is
 * off.
 *
 * Context: May sleep.
 * Return: the unit, freed by its nyx_unit_ops.destroy; or, after a log line,
 *	ERR_PTR(-EBUSY) if it runs and must not be taken over, -ENXIO if it does
 *	not respond or another driver uses it, -EOPNOTSUPP if it is not supported
 *	or cannot be taken over, -EINVAL if a module parameter makes it
 *	unusable, or -ENOMEM.
 */
struct vtd_unit *vtd_unit_create(const struct vtd_site *site)
{
	struct vtd_unit *vu;
	int ret;

	vu = kzalloc(sizeof(*vu), GFP_KERNEL);
	if (!vu)
		return ERR_PTR(-ENOMEM);
	ret = nyx_unit_init(&vu->unit, &vtd_unit_ops);
	if (ret)
		goto err_free;
	raw_spin_lock_init(&vu->reg_lock);
	vu->command_ns = VTD_COMMAND_NS;
	vu->ite_ns = VTD_ITE_NS;
	snprintf(vu->unit.name, sizeof(vu->unit.name), "vtd%u", site->index);
	vu->unit.segment = site->segment;
	vu->unit.phys = site->base;
	vu->unit.nid = site->nid;
	ret = vtd_unit_probe(vu, site);
	if (ret)
		goto err_cleanup;
	return vu;

err_cleanup:
	nyx_unit_cleanup(&vu->unit);
err_free:
	kfree(vu);
	return ERR_PTR(ret);
}

static void vtd_unit_destroy(struct nyx_unit *unit)
{
	struct vtd_unit *vu = to_vtd_unit(unit);

	vtd_unmap(vu);
	nyx_unit_cleanup(unit);
	kfree(vu);
}
