// SPDX-License-Identifier: GPL-2.0-only
/* The AMD-Vi vendor: units described by the IVRS table. */
#define pr_fmt(fmt) "nyx: " fmt

#include <linux/acpi.h>
#include <linux/cc_platform.h>
#include <linux/crash_dump.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/pci.h>
#include <linux/printk.h>
#include <linux/slab.h>

#include <nyx/compat.h>
#include <nyx/diagnose.h>
#include <nyx/unit.h>

#include "amd.h"
#include "caps.h"
#include "contested.h"
#include "diagnose.h"
#include "identity.h"
#include "intr.h"
#include "ivrs.h"
#include "ivrs_param.h"
#include "quirks/quirks.h"
#include "scope.h"
#include "snp.h"

#define AMD_UNNAMED_IOAPIC \
	FW_BUG "the IVRS table does not name I/O APIC %d: interrupts are not remapped"
#define AMD_STONEY \
	"the graphics of Stoney Ridge fail while an IOMMU is enabled"

/* The parsed table, and its units, with NULL for each one that stays off. */
static struct amd_ivrs amd_ivrs;
static struct amd_unit **amd_units;

static int amd_read_table(nyx_fw_report report)
{
	struct acpi_table_header *table;
	int ret;

	if (ACPI_FAILURE(acpi_get_table(ACPI_SIG_IVRS, 0, &table)))
		return -ENODEV;
	ret = amd_ivrs_parse(table, table->length, &amd_ivrs, report, NULL);
	acpi_put_table(table);
	if (ret)
		return ret;
	ret = amd_ivrs_apply_parameters(&amd_ivrs);
	if (ret)
		amd_ivrs_free(&amd_ivrs);
	return ret;
}

/*
 * An I/O APIC that the IVRS table does not name may send interrupts under the
 * DeviceID of a device. Blocking the unmapped interrupts of that device would
 * block timer and keyboard as well.
 */
static int amd_unnamed_ioapic(void)
{
	struct acpi_table_header *table;
	int id;

	/*
	 * Firmware that names no I/O APIC at all has no bug: it does not
	 * support interrupt remapping.
	 */
	if (!amd_intr_has_ioapic(&amd_ivrs) ||
	    ACPI_FAILURE(acpi_get_table(ACPI_SIG_MADT, 0, &table)))
		return -ENOENT;
	id = amd_intr_unnamed_ioapic(table, table->length, &amd_ivrs);
	acpi_put_table(table);
	return id;
}

static void amd_release(void)
{
	kfree(amd_units);
	amd_units = NULL;
	amd_ivrs_free(&amd_ivrs);
}

static int amd_probe(struct list_head *units)
{
	const struct amd_host host = {
		.snp = amd_snp(),
		.takeover = nyx_takeover_allowed(),
		.capture = is_kdump_kernel(),
		.encrypted = cc_platform_has(CC_ATTR_HOST_MEM_ENCRYPT),
	};
	int ret, id;

	ret = amd_read_table(nyx_fw_print);
	if (ret)
		return ret;
	if (nyx_quirk_machine() & NYX_QUIRK_NO_UNITS) {
		pr_err(AMD_STONEY ": run this machine without the module\n");
		amd_release();
		return -EPERM;
	}
	id = amd_unnamed_ioapic();
	amd_ivrs.ioapic_unnamed = id >= 0;
	if (id >= 0)
		pr_warn(AMD_UNNAMED_IOAPIC "\n", id);
	ret = -ENOMEM;
	amd_units = kzalloc_objs(*amd_units, amd_ivrs.nr_unit);
	if (amd_units)
		ret = amd_units_create(&amd_ivrs, &host, amd_units, units);
	if (!ret) {
		amd_report_reserved_buses(&amd_ivrs);
		return 0;
	}
	amd_release();
	return ret;
}

static int amd_diagnose(void)
{
	unsigned int i;
	int ret, id;

	/* A table that is refused has no units. */
	ret = amd_read_table(nyx_diag_fw_note);
	if (ret && ret != -EINVAL)
		return ret;
	ret = 0;
	id = amd_unnamed_ioapic();
	if (id >= 0)
		nyx_diag_note(AMD_UNNAMED_IOAPIC, id);
	if (nyx_quirk_machine() & NYX_QUIRK_NO_UNITS)
		nyx_diag_note(NYX_DIAG_REFUSED, AMD_STONEY);
	if (amd_snp())
		nyx_diag_note(NYX_DIAG_REFUSED, "SEV-SNP is enabled");
	for (i = 0; i < amd_ivrs.nr_unit && !ret; i++)
		if (amd_ivrs.unit[i].usable)
			ret = amd_diag_unit(&amd_ivrs, i);
	if (ret)
		amd_release();
	return ret;
}

static struct nyx_unit *amd_find_unit(struct device *dev, u16 *rid)
{
	int index = amd_scope_find(&amd_ivrs, dev, rid);

	if (index == -ENOTUNIQ) {
		amd_contested_pass(&amd_ivrs, amd_units, to_pci_dev(dev),
				   pci_domain_nr(to_pci_dev(dev)->bus), *rid);
		return ERR_PTR(-ENODEV);
	}
	if (index < 0)
		return ERR_PTR(index);
	return amd_units[index] ? &amd_units[index]->unit : ERR_PTR(-ENXIO);
}

static bool amd_alias(struct device *dev, u16 *alias)
{
	return amd_scope_alias(&amd_ivrs, dev, alias);
}

static void amd_get_resv_regions(struct device *dev, struct list_head *head)
{
	u16 rid;
	struct nyx_unit *unit = amd_find_unit(dev, &rid);
	u64 efr2 = IS_ERR(unit) ? 0 : to_amd_unit(unit)->efr2;

	amd_resv_regions(&amd_ivrs, dev, amd_caps_ht_reserved(efr2), head);
}

static bool amd_pre_boot_protection(void)
{
	return amd_ivrs.dma_remap;
}

static bool amd_unit_ats_allowed(struct device *dev, struct nyx_unit *unit)
{
	const struct amd_unit *au = to_amd_unit(unit);

	return (au->cap & AMD_CAP_IOTLB_SUP) &&
	       amd_ats_allowed(&amd_ivrs, dev);
}

/*
 * iommu_hw_info_amd and IOMMU_HW_INFO_TYPE_AMD of the kernel's interface for user
 * space. Older kernels lack them, but programs know them from their own headers.
 */
struct amd_hw_info {
	__aligned_u64 efr;
	__aligned_u64 efr2;
};

#define AMD_HW_INFO_TYPE ((enum iommu_hw_info_type)4)

static void *amd_hw_info(const struct nyx_unit *unit, u32 *length,
			 enum iommu_hw_info_type *type)
{
	const struct amd_unit *au = container_of(unit, struct amd_unit, unit);
	struct amd_hw_info *info = kzalloc_obj(*info);

	if (!info)
		return NULL;
	info->efr = au->efr;
	info->efr2 = au->efr2;
	*length = sizeof(*info);
	*type = AMD_HW_INFO_TYPE;
	return info;
}

const struct nyx_vendor nyx_amd = {
	.name = "AMD-Vi",
	.table = "IVRS",
	.probe = amd_probe,
	.diagnose = amd_diagnose,
	.find_unit = amd_find_unit,
	.alias = amd_alias,
	.get_resv_regions = amd_get_resv_regions,
	.ats_allowed = amd_unit_ats_allowed,
	.pre_boot_protection = amd_pre_boot_protection,
	.identity_needed = amd_identity_needed,
	.hw_info = amd_hw_info,
	.release = amd_release,
};
