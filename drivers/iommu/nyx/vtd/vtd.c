// SPDX-License-Identifier: GPL-2.0-only
/*
 * Intel VT-d as a vendor: creates the units that the DMAR table lists.
 */
#define pr_fmt(fmt) "nyx: " fmt

#include <linux/acpi.h>
#include <linux/bitmap.h>
#include <linux/cleanup.h>
#include <linux/crash_dump.h>
#include <linux/err.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/slab.h>

#include <nyx/compat.h>
#include <nyx/diagnose.h>
#include <nyx/remedy.h>
#include <nyx/unit.h>

#include "diagnose.h"
#include "dmar.h"
#include "identity.h"
#include "probe.h"
#include "quirks/quirks.h"
#include "target.h"
#include "tboot.h"
#include "vtd.h"

#define VTD_BUILTIN "the built-in VT-d driver is active"
#define VTD_OPT_OUT \
	"firmware forbids DMA remapping (DMA_REMAP_OPT_OUT in the DMAR table)"

#define VTD_UNNAMED_IOAPIC \
	FW_BUG \
	"the DMAR table names no unit for I/O APIC %d: assuming that all units need compatibility format"

static bool register_based;
module_param(register_based, bool, 0444);
MODULE_PARM_DESC(register_based,
		 "VT-d: invalidate through registers even on units that have a queue; disables ATS and interrupt remapping (default: no)");

static bool scalable;
module_param(scalable, bool, 0444);
MODULE_PARM_DESC(scalable,
		 "VT-d: use scalable mode on units that support it; a capture kernel with this module cannot take such a unit over (default: no)");

/* The parsed table, and the unit of each DRHD, or NULL if it stays off. */
static struct vtd_dmar vtd_dmar;
static struct vtd_unit **vtd_units;

static int vtd_read_table(nyx_fw_report report)
{
	struct acpi_table_header *table;
	int ret;

	if (ACPI_FAILURE(acpi_get_table(ACPI_SIG_DMAR, 0, &table)))
		return -ENODEV;
	ret = vtd_dmar_parse(table, table->length, &vtd_dmar, report, NULL);
	acpi_put_table(table);
	return ret;
}

/* Tests for devices below a unit whose interrupts the driver does not remap. */
static bool vtd_drhd_intr_sources(unsigned int index)
{
	const struct vtd_drhd *drhd;
	unsigned int i, j;

	for (i = index; i < vtd_dmar.nr_drhd; i++) {
		drhd = &vtd_dmar.drhd[i];
		if (drhd->unit != index)
			continue;
		for (j = 0; j < drhd->scopes.nr; j++)
			if (drhd->scopes.scope[j].type == VTD_SCOPE_IOAPIC ||
			    drhd->scopes.scope[j].type == VTD_SCOPE_HPET)
				return true;
	}
	return false;
}

/*
 * An I/O APIC that is in no unit's scopes may be below any unit. Blocking its
 * interrupts would disable timer and keyboard.
 */
static int vtd_unnamed_ioapic(void)
{
	struct acpi_table_header *table;
	int id;

	if (!vtd_dmar.intr_remap ||
	    ACPI_FAILURE(acpi_get_table(ACPI_SIG_MADT, 0, &table)))
		return -ENOENT;
	id = vtd_madt_unnamed(table, table->length, &vtd_dmar);
	acpi_put_table(table);
	return id;
}

static bool vtd_needs_ats(u16 segment)
{
	unsigned int i;

	for (i = 0; i < vtd_dmar.nr_satc; i++)
		if (vtd_dmar.satc[i].segment == segment &&
		    vtd_dmar.satc[i].atc_required)
			return true;
	return false;
}

static struct vtd_unit *vtd_drhd_unit(unsigned int index, bool unnamed_ioapic,
				      u32 quirks)
{
	const struct vtd_drhd *drhd = &vtd_dmar.drhd[index];
	const struct vtd_site site = {
		.index = index,
		.segment = drhd->segment,
		.base = drhd->base,
		.nid = vtd_drhd_node(&vtd_dmar, drhd),
		.host_bits = vtd_dmar.host_bits,
		.intr_remap = vtd_dmar.intr_remap,
		.intr_sources = unnamed_ioapic || vtd_drhd_intr_sources(index),
		.takeover = nyx_takeover_allowed(),
		.capture = is_kdump_kernel(),
		.tboot = vtd_tboot(),
		.register_based = register_based,
		.scalable = scalable,
		.needs_ats = vtd_needs_ats(drhd->segment),
		.graphics = vtd_scope_is_graphics(&vtd_dmar, index),
		.quirks = quirks,
	};

	return vtd_unit_create(&site);
}

/*
 * A unit that cannot be used stays off, and so do units without a device: their
 * registers may not respond, for instance those of a disabled graphics device.
 */
static int vtd_create_unit(struct list_head *units, unsigned int index,
			   bool present, bool unnamed_ioapic, u32 quirks)
{
	struct vtd_unit *vu;

	if (!vtd_dmar.drhd[index].usable)
		return -ENXIO;
	if (!present) {
		pr_info("vtd%u: stays off: none of its devices is present\n",
			index);
		return -ENXIO;
	}
	vu = vtd_drhd_unit(index, unnamed_ioapic, quirks);
	if (IS_ERR(vu))
		return PTR_ERR(vu);
	vtd_units[index] = vu;
	list_add_tail(&vu->unit.node, units);
	return 0;
}

static int vtd_create_units(struct list_head *units)
{
	unsigned long *present __free(bitmap) =
		bitmap_zalloc(vtd_dmar.nr_drhd, GFP_KERNEL);
	u32 quirks = nyx_quirk_machine();
	int ret, id, off = -ENXIO;
	unsigned int i;

	vtd_identity_init(quirks);
	vtd_units = kcalloc(vtd_dmar.nr_drhd, sizeof(*vtd_units), GFP_KERNEL);
	if (!vtd_units || !present)
		return -ENOMEM;
	vtd_scope_present(&vtd_dmar, present);
	id = vtd_unnamed_ioapic();
	if (id >= 0)
		pr_warn(VTD_UNNAMED_IOAPIC "\n", id);
	for (i = 0; i < vtd_dmar.nr_drhd; i++) {
		ret = vtd_create_unit(units, i, test_bit(i, present), id >= 0,
				      quirks);
		if (ret == -ENXIO || ret == -EOPNOTSUPP)
			off = ret;
		else if (ret)
			return ret;
	}
	return list_empty(units) ? off : 0;
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

	ret = vtd_read_table(nyx_fw_print);
	if (ret)
		return ret;
	if (nyx_intel_iommu_enabled()) {
		if (vtd_tboot())
			pr_err(VTD_BUILTIN ", because tboot started the machine: boot without tboot\n");
		else
			pr_err(VTD_BUILTIN ": " VTD_REMEDY "\n");
		ret = -EBUSY;
	} else if (vtd_dmar.remap_opt_out) {
		pr_err(VTD_OPT_OUT ": allow it in the firmware setup\n");
		ret = -EPERM;
	} else {
		ret = vtd_create_units(units);
	}
	if (!ret)
		return 0;
	list_for_each_entry_safe(unit, next, units, node) {
		list_del(&unit->node);
		unit->ops->destroy(unit);
	}
	vtd_release();
	return ret;
}

/* A unit without a device may have registers that do not respond. */
static int vtd_diagnose_unit(unsigned int index, bool present)
{
	const struct vtd_drhd *drhd = &vtd_dmar.drhd[index];
	const struct vtd_site site = {
		.index = index,
		.segment = drhd->segment,
		.base = drhd->base,
		.host_bits = vtd_dmar.host_bits,
	};

	if (!drhd->usable)
		return 0;
	if (present)
		return vtd_diag_unit(&site);
	nyx_diag_note("vtd%u: none of its devices is present: its registers are not read",
		      index);
	return 0;
}

static int vtd_diagnose(void)
{
	unsigned long *present __free(bitmap) = NULL;
	unsigned int i;
	int ret, id;

	/* A table that is refused has no units. */
	ret = vtd_read_table(nyx_diag_fw_note);
	if (ret && ret != -EINVAL)
		return ret;
	if (nyx_intel_iommu_enabled())
		nyx_diag_note(NYX_DIAG_REFUSED, VTD_BUILTIN);
	if (vtd_dmar.remap_opt_out)
		nyx_diag_note(NYX_DIAG_REFUSED, VTD_OPT_OUT);
	id = vtd_unnamed_ioapic();
	if (id >= 0)
		nyx_diag_note(VTD_UNNAMED_IOAPIC, id);
	present = bitmap_zalloc(vtd_dmar.nr_drhd, GFP_KERNEL);
	ret = present ? 0 : -ENOMEM;
	if (present)
		vtd_scope_present(&vtd_dmar, present);
	for (i = 0; i < vtd_dmar.nr_drhd && !ret; i++)
		ret = vtd_diagnose_unit(i, test_bit(i, present));
	if (ret)
		vtd_release();
	return ret;
}

static struct nyx_unit *vtd_find_unit(struct device *dev, u16 *rid)
{
	int index = vtd_scope_find(&vtd_dmar, dev, rid);

	if (index < 0)
		return ERR_PTR(index);
	return vtd_units[index] ? &vtd_units[index]->unit : ERR_PTR(-ENXIO);
}

static struct nyx_unit *vtd_ioapic(u8 id, u16 *rid)
{
	int index = vtd_scope_ioapic(&vtd_dmar, id, rid);

	if (index < 0)
		return ERR_PTR(index);
	return vtd_units[index] ? &vtd_units[index]->unit : ERR_PTR(-ENXIO);
}

static bool vtd_pre_boot_protection(void)
{
	return vtd_dmar.platform_opt_in;
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
	       vtd_ats_page_aligned(to_pci_dev(dev)) &&
	       vtd_ats_allowed(&vtd_dmar, dev);
}

static void *vtd_hw_info(const struct nyx_unit *unit, u32 *length,
			 enum iommu_hw_info_type *type)
{
	const struct vtd_unit *vu = container_of(unit, struct vtd_unit, unit);
	struct iommu_hw_info_vtd *info = kzalloc_obj(*info);

	if (!info)
		return NULL;
	/* Parents of nested domains refuse read-only mappings: nyx_domain_alloc_flags(). */
	info->flags = IOMMU_HW_INFO_VTD_ERRATA_772415_SPR17;
	info->cap_reg = vu->cap;
	info->ecap_reg = vu->ecap;
	*length = sizeof(*info);
	*type = IOMMU_HW_INFO_TYPE_INTEL_VTD;
	return info;
}

const struct nyx_vendor nyx_vtd = {
	.name = "Intel VT-d",
	.table = "DMAR",
	.probe = vtd_probe,
	.diagnose = vtd_diagnose,
	.find_unit = vtd_find_unit,
	.ioapic = vtd_ioapic,
	.get_resv_regions = vtd_get_resv_regions,
	.ats_allowed = vtd_unit_ats_allowed,
	.pre_boot_protection = vtd_pre_boot_protection,
	.identity_needed = vtd_identity_needed,
	.hw_info = vtd_hw_info,
	.release = vtd_release,
};
