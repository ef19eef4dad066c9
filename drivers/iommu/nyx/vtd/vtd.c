// SPDX-License-Identifier: GPL-2.0-only
/*
 * Intel VT-d: the units that the DMAR table names.
 */
#define pr_fmt(fmt) "nyx: " fmt

#include <linux/acpi.h>
#include <linux/bitfield.h>
#include <linux/errno.h>
#include <linux/io.h>
#include <linux/ioport.h>
#include <linux/module.h>
#include <linux/slab.h>

#include <nyx/compat.h>
#include <nyx/unit.h>

#include "caps.h"
#include "dmar.h"
#include "entry.h"
#include "flush.h"
#include "scope.h"
#include "show.h"
#include "unit.h"
#include "vtd.h"

#define VTD_REMEDY "boot with intel_iommu=off intremap=off"

static bool register_based;
module_param(register_based, bool, 0444);
MODULE_PARM_DESC(register_based,
		 "VT-d: invalidate through registers even where units have a queue; no ATS then (default: no)");

/* What the table says, and the unit of each DRHD, NULL where it is unusable. */
static struct vtd_dmar vtd_dmar;
static struct vtd_unit **vtd_units;

static void vtd_destroy(struct nyx_unit *unit);

static const struct nyx_unit_ops vtd_unit_ops = {
	.start = vtd_start,
	.enable = vtd_enable,
	.disable = vtd_disable,
	.stop = vtd_stop,
	.destroy = vtd_destroy,
	.set_entry = vtd_set_entry,
	.flush = vtd_flush,
	.show_registers = vtd_show_registers,
	.show_capabilities = vtd_show_capabilities,
};

static void vtd_unmap(struct vtd_unit *vu)
{
	iounmap(vu->regs);
	release_mem_region(vu->unit.phys, vu->window);
	vu->regs = NULL;
}

/* Claims the window as well: a region that is claimed belongs to a driver. */
static int vtd_map(struct vtd_unit *vu, size_t window)
{
	phys_addr_t phys = vu->unit.phys;

	if (!request_mem_region(phys, window, vu->unit.name)) {
		pr_err("%s: registers at %pa are claimed by a built-in driver: " VTD_REMEDY "\n",
		       vu->unit.name, &phys);
		return -EBUSY;
	}
	vu->regs = ioremap(phys, window);
	if (!vu->regs) {
		pr_err("%s: cannot map registers at %pa\n", vu->unit.name,
		       &phys);
		release_mem_region(phys, window);
		return -ENOMEM;
	}
	vu->window = window;
	return 0;
}

/* Remapping that runs already has an owner, even if it claimed nothing. */
static int vtd_check_idle(const struct vtd_unit *vu)
{
	u32 gsts = vtd_readl(vu, VTD_GSTS_REG);
	const char *what;

	if (gsts & VTD_GCMD_TE)
		what = "DMA remapping";
	else if (gsts & VTD_GCMD_IRE)
		what = "interrupt remapping";
	else if (gsts & VTD_GCMD_QIE)
		what = "queued invalidation";
	else
		return 0;
	pr_err("%s: %s runs already, somebody else is in charge: " VTD_REMEDY "\n",
	       vu->unit.name, what);
	return -EBUSY;
}

static int vtd_read_caps(struct vtd_unit *vu)
{
	vu->ver = vtd_readl(vu, VTD_VER_REG);
	vu->cap = vtd_readq(vu, VTD_CAP_REG);
	vu->ecap = vtd_readq(vu, VTD_ECAP_REG);
	if (vu->ver == VTD_GONE || vu->cap == ~0ULL || vu->ecap == ~0ULL) {
		pr_err("%s: nothing answers at %pa: the DMAR table is wrong, or the firmware switched the unit off\n",
		       vu->unit.name, &vu->unit.phys);
		return -ENODEV;
	}
	return 0;
}

static int vtd_use_caps(struct vtd_unit *vu)
{
	const char *why;
	int ret;

	ret = vtd_caps_decode(vu->ver, vu->cap, vu->ecap, vtd_dmar.host_bits,
			      &vu->unit.caps, &why);
	if (ret) {
		pr_err("%s: cannot serve it: it has %s\n", vu->unit.name, why);
		return ret;
	}
	vu->use_qi = (vu->ecap & VTD_ECAP_QI) && !register_based;
	if (!vu->use_qi && !vtd_caps_register_based(vu->ver)) {
		pr_err("%s: has no register-based invalidation: load without register_based\n",
		       vu->unit.name);
		return -EOPNOTSUPP;
	}
	return 0;
}

static int vtd_unit_probe(struct vtd_unit *vu)
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
	ret = vtd_check_idle(vu);
	if (!ret)
		ret = vtd_use_caps(vu);
	if (ret)
		goto err_unmap;
	pr_info("%s: version %lu.%lu at %pa, cap %llx, ecap %llx, %s invalidation\n",
		vu->unit.name, FIELD_GET(VTD_VER_MAX, vu->ver),
		FIELD_GET(VTD_VER_MIN, vu->ver), &vu->unit.phys, vu->cap,
		vu->ecap, vu->use_qi ? "queued" : "register-based");
	return 0;

err_unmap:
	vtd_unmap(vu);
	return ret;
}

static struct vtd_unit *vtd_unit_create(unsigned int index)
{
	const struct vtd_drhd *drhd = &vtd_dmar.drhd[index];
	struct vtd_unit *vu;
	int ret;

	vu = kzalloc(sizeof(*vu), GFP_KERNEL);
	if (!vu)
		return ERR_PTR(-ENOMEM);
	ret = nyx_unit_init(&vu->unit, &vtd_unit_ops);
	if (ret)
		goto err_free;
	raw_spin_lock_init(&vu->reg_lock);
	snprintf(vu->unit.name, sizeof(vu->unit.name), "vtd%u", index);
	vu->unit.segment = drhd->segment;
	vu->unit.phys = drhd->base;
	vu->unit.nid = vtd_drhd_node(&vtd_dmar, drhd);
	ret = vtd_unit_probe(vu);
	if (ret)
		goto err_cleanup;
	return vu;

err_cleanup:
	nyx_unit_cleanup(&vu->unit);
err_free:
	kfree(vu);
	return ERR_PTR(ret);
}

static void vtd_destroy(struct nyx_unit *unit)
{
	struct vtd_unit *vu = to_vtd_unit(unit);

	vtd_unmap(vu);
	nyx_unit_cleanup(unit);
	kfree(vu);
}

static int vtd_read_table(void)
{
	struct acpi_table_header *table;
	int ret;

	if (ACPI_FAILURE(acpi_get_table(ACPI_SIG_DMAR, 0, &table)))
		return -ENODEV;
	ret = vtd_dmar_parse(table, table->length, &vtd_dmar, vtd_dmar_print,
			     NULL);
	acpi_put_table(table);
	return ret;
}

static int vtd_create_units(struct list_head *units)
{
	struct vtd_unit *vu;
	unsigned int i;

	vtd_units = kcalloc(vtd_dmar.nr_drhd, sizeof(*vtd_units), GFP_KERNEL);
	if (!vtd_units)
		return -ENOMEM;
	for (i = 0; i < vtd_dmar.nr_drhd; i++) {
		if (!vtd_dmar.drhd[i].usable)
			continue;
		vu = vtd_unit_create(i);
		if (IS_ERR(vu))
			return PTR_ERR(vu);
		vtd_units[i] = vu;
		list_add_tail(&vu->unit.node, units);
	}
	if (list_empty(units)) {
		pr_err("the DMAR table names no usable unit\n");
		return -EINVAL;
	}
	return 0;
}

static void vtd_release(void)
{
	kfree(vtd_units);
	vtd_units = NULL;
	vtd_dmar_free(&vtd_dmar);
}

static int vtd_probe(struct list_head *units)
{
	struct nyx_unit *unit, *next;
	int ret;

	ret = vtd_read_table();
	if (ret)
		return ret;
	if (nyx_intel_iommu_enabled()) {
		pr_err("the built-in VT-d driver is in charge: " VTD_REMEDY "\n");
		ret = -EBUSY;
	} else {
		ret = vtd_create_units(units);
	}
	if (!ret)
		return 0;
	list_for_each_entry_safe(unit, next, units, node) {
		list_del(&unit->node);
		vtd_destroy(unit);
	}
	vtd_release();
	return ret;
}

static struct vtd_unit *vtd_find(struct device *dev, u16 *rid)
{
	int index = vtd_scope_find(&vtd_dmar, dev, rid);

	return index < 0 ? NULL : vtd_units[index];
}

static struct nyx_unit *vtd_find_unit(struct device *dev, u16 *rid)
{
	struct vtd_unit *vu = vtd_find(dev, rid);

	return vu ? &vu->unit : NULL;
}

static void vtd_get_resv_regions(struct device *dev, struct list_head *head)
{
	vtd_resv_regions(&vtd_dmar, dev, head);
}

/* Device TLBs are invalidated through the queue only (6.5.1). */
static bool vtd_unit_ats_allowed(struct device *dev, struct nyx_unit *unit)
{
	const struct vtd_unit *vu = to_vtd_unit(unit);

	return vu->use_qi && (vu->ecap & VTD_ECAP_DT) &&
	       vtd_ats_allowed(&vtd_dmar, dev);
}

const struct nyx_vendor nyx_vtd = {
	.name = "Intel VT-d",
	.table = "DMAR",
	.probe = vtd_probe,
	.find_unit = vtd_find_unit,
	.get_resv_regions = vtd_get_resv_regions,
	.ats_allowed = vtd_unit_ats_allowed,
	.release = vtd_release,
};
