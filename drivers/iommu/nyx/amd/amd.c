// SPDX-License-Identifier: GPL-2.0-only
/*
 * AMD-Vi: the units that the IVRS table names.
 */
#define pr_fmt(fmt) "nyx: " fmt

#include <linux/acpi.h>
#include <linux/bitfield.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <asm/processor.h>

#include <nyx/compat.h>
#include <nyx/unit.h>
#include <nyx/window.h>

#include "amd.h"
#include "caps.h"
#include "contain.h"
#include "entry.h"
#include "errata.h"
#include "flush.h"
#include "intr.h"
#include "ivrs.h"
#include "madt.h"
#include "scope.h"
#include "show.h"
#include "unit.h"

#define AMD_REMEDY "boot with amd_iommu=off"

/* What the table says, and each unit of it, NULL where it is unusable. */
static struct amd_ivrs amd_ivrs;
static struct amd_unit **amd_units;

static void amd_destroy(struct nyx_unit *unit);

static const struct nyx_unit_ops amd_unit_ops = {
	.start = amd_start,
	.enable = amd_enable,
	.disable = amd_disable,
	.stop = amd_stop,
	.destroy = amd_destroy,
	.set_entry = nyx_set_entry,
	.flush = amd_flush,
	.contain = amd_contain,
	.entries = &amd_entry_ops,
	.invalidate = &amd_invalidate_ops,
	.show_registers = amd_show_registers,
	.show_capabilities = amd_show_capabilities,
	.show_entry = amd_show_entry,
};

/* The PCI function that the unit is, and its Capability Header. */
static int amd_find_function(struct amd_unit *au,
			     const struct amd_ivrs_unit *fw)
{
	au->device_id = fw->device_id;
	au->pdev = pci_get_domain_bus_and_slot(fw->segment,
					       PCI_BUS_NUM(fw->device_id),
					       fw->device_id & 0xff);
	if (!au->pdev || !fw->capability ||
	    pci_read_config_dword(au->pdev, fw->capability, &au->cap) ||
	    FIELD_GET(AMD_CAP_ID, au->cap) != AMD_CAP_ID_SECURE ||
	    FIELD_GET(AMD_CAP_TYPE, au->cap) != AMD_CAP_TYPE_IOMMU) {
		pr_err("%s: no IOMMU at %04x:%02x:%02x.%u: the IVRS table is wrong, or the firmware switched the unit off\n",
		       au->unit.name, fw->segment, PCI_BUS_NUM(fw->device_id),
		       PCI_SLOT(fw->device_id), PCI_FUNC(fw->device_id));
		return -ENODEV;
	}
	return 0;
}

/**
 * amd_config_read() - read from the configuration space of a unit's function
 * @au: the unit
 * @where: offset, a multiple of 4
 *
 * Context: Any.
 * Return: 32 bits; all ones if the function is gone.
 */
u32 amd_config_read(struct amd_unit *au, int where)
{
	u32 val = ~0;

	pci_read_config_dword(au->pdev, where, &val);
	return val;
}

/**
 * amd_config_write() - write to the configuration space of a unit's function
 * @au: the unit
 * @where: offset, a multiple of 4
 * @val: 32 bits
 *
 * Context: Any.
 */
void amd_config_write(struct amd_unit *au, int where, u32 val)
{
	pci_write_config_dword(au->pdev, where, val);
}

/* Translation that runs already has an owner, even if it claimed nothing. */
static int amd_check_idle(const struct amd_unit *au)
{
	const char *what = amd_runs(au);

	if (!what)
		return 0;
	pr_err("%s: %s runs already, somebody else is in charge: " AMD_REMEDY "%s\n",
	       au->unit.name, what, amd_ivrs.dma_remap ?
	       ", and switch pre-boot DMA protection off in the firmware's set-up" :
	       "");
	return -EBUSY;
}

static int amd_read_caps(struct amd_unit *au, const struct amd_ivrs_unit *fw)
{
	u64 efr = amd_readq(au, AMD_EFR), efr2 = amd_readq(au, AMD_EFR2);
	const char *why;
	int ret;

	if (amd_readl(au, AMD_STATUS) == AMD_GONE && efr == ~0ULL) {
		pr_err("%s: nothing answers at %pa: the IVRS table is wrong, or the firmware switched the unit off\n",
		       au->unit.name, &au->unit.phys);
		return -ENODEV;
	}
	au->efr = amd_caps_efr(fw, au->cap, efr);
	au->efr2 = amd_caps_efr2(fw, au->cap, efr2);
	if (fw->has_efr && (au->efr != fw->efr || au->efr2 != fw->efr2))
		pr_warn(FW_BUG "%s: the IVRS table tells of features that the unit does not: they are not used (efr %llx, efr2 %llx, the unit's %llx, %llx)\n",
			au->unit.name, fw->efr, fw->efr2, efr, efr2);
	au->control = amd_caps_control(fw->flags);
	ret = amd_caps_decode(&amd_ivrs, au->index, au->cap, au->efr,
			      &au->unit.caps, &why);
	if (ret)
		pr_err("%s: cannot serve it: it has %s\n", au->unit.name, why);
	return ret;
}

static int amd_unit_probe(struct amd_unit *au, const struct amd_ivrs_unit *fw)
{
	int ret;

	ret = amd_find_function(au, fw);
	if (ret)
		return ret;
	au->unit.nid = dev_to_node(&au->pdev->dev);
	au->regs = nyx_window_map(&au->unit, AMD_WINDOW, AMD_REMEDY);
	if (IS_ERR(au->regs))
		return PTR_ERR(au->regs);
	ret = amd_read_caps(au, fw);
	if (!ret)
		ret = amd_check_idle(au);
	if (ret) {
		nyx_window_unmap(&au->unit, au->regs, AMD_WINDOW);
		return ret;
	}
	amd_intr_init(au);
	pr_info("%s: at %pa, function %s, capability %x, efr %llx, efr2 %llx\n",
		au->unit.name, &au->unit.phys, pci_name(au->pdev), au->cap,
		au->efr, au->efr2);
	return 0;
}

/*
 * An I/O APIC that is not named sends under a DeviceID that a device may have
 * too. To block what that one sends would take timer and keyboard away.
 */
static bool amd_ioapic_forgotten(void)
{
	struct acpi_table_header *table;
	int id;

	/* Firmware that names none wants nothing remapped: no bug of its. */
	if (!amd_intr_has_ioapic(&amd_ivrs) ||
	    ACPI_FAILURE(acpi_get_table(ACPI_SIG_MADT, 0, &table)))
		return false;
	id = amd_madt_unnamed(table, table->length, &amd_ivrs);
	acpi_put_table(table);
	if (id < 0)
		return false;
	pr_warn(FW_BUG "the IVRS table does not name I/O APIC %d: interrupts are not remapped\n",
		id);
	return true;
}

static struct amd_unit *amd_unit_create(unsigned int index, bool forgotten)
{
	const struct amd_ivrs_unit *fw = &amd_ivrs.unit[index];
	struct amd_unit *au;
	int ret;

	au = kzalloc_obj(*au);
	if (!au)
		return ERR_PTR(-ENOMEM);
	ret = nyx_unit_init(&au->unit, &amd_unit_ops);
	if (ret)
		goto err_free;
	raw_spin_lock_init(&au->reg_lock);
	au->cpu_family = boot_cpu_data.x86;
	au->cpu_model = boot_cpu_data.x86_model;
	raw_spin_lock_init(&au->log_lock);
	au->ivrs = &amd_ivrs;
	au->index = index;
	au->ioapic_forgotten = forgotten;
	snprintf(au->unit.name, sizeof(au->unit.name), "amd%u", index);
	au->unit.segment = fw->segment;
	au->unit.phys = fw->base;
	ret = amd_unit_probe(au, fw);
	if (ret)
		goto err_cleanup;
	return au;

err_cleanup:
	pci_dev_put(au->pdev);
	nyx_unit_cleanup(&au->unit);
err_free:
	kfree(au);
	return ERR_PTR(ret);
}

static void amd_destroy(struct nyx_unit *unit)
{
	struct amd_unit *au = to_amd_unit(unit);

	nyx_window_unmap(unit, au->regs, AMD_WINDOW);
	pci_dev_put(au->pdev);
	nyx_unit_cleanup(unit);
	kfree(au);
}

static int amd_read_table(void)
{
	struct acpi_table_header *table;
	int ret;

	if (ACPI_FAILURE(acpi_get_table(ACPI_SIG_IVRS, 0, &table)))
		return -ENODEV;
	ret = amd_ivrs_parse(table, table->length, &amd_ivrs, nyx_fw_print,
			     NULL);
	acpi_put_table(table);
	return ret;
}

static int amd_create_units(struct list_head *units)
{
	bool forgotten = amd_ioapic_forgotten();
	struct amd_unit *au;
	unsigned int i;

	amd_units = kzalloc_objs(*amd_units, amd_ivrs.nr_unit);
	if (!amd_units)
		return -ENOMEM;
	for (i = 0; i < amd_ivrs.nr_unit; i++) {
		if (!amd_ivrs.unit[i].usable)
			continue;
		au = amd_unit_create(i, forgotten);
		if (IS_ERR(au))
			return PTR_ERR(au);
		amd_units[i] = au;
		list_add_tail(&au->unit.node, units);
	}
	if (list_empty(units)) {
		pr_err("the IVRS table names no usable unit\n");
		return -EINVAL;
	}
	return 0;
}

static void amd_release(void)
{
	kfree(amd_units);
	amd_units = NULL;
	amd_ivrs_free(&amd_ivrs);
}

static int amd_probe(struct list_head *units)
{
	struct nyx_unit *unit, *next;
	int ret;

	ret = amd_read_table();
	if (ret)
		return ret;
	ret = amd_create_units(units);
	if (!ret)
		return 0;
	list_for_each_entry_safe(unit, next, units, node) {
		list_del(&unit->node);
		amd_destroy(unit);
	}
	amd_release();
	/* Silence is for firmware that describes no unit. */
	return ret == -ENODEV ? -ENXIO : ret;
}

static struct nyx_unit *amd_find_unit(struct device *dev, u16 *rid)
{
	int index = amd_scope_find(&amd_ivrs, dev, rid);

	return index < 0 ? NULL : &amd_units[index]->unit;
}

static bool amd_alias(struct device *dev, u16 *alias)
{
	return amd_scope_alias(&amd_ivrs, dev, alias);
}

static void amd_get_resv_regions(struct device *dev, struct list_head *head)
{
	amd_resv_regions(&amd_ivrs, dev, head);
}

static bool amd_unit_ats_allowed(struct device *dev, struct nyx_unit *unit)
{
	const struct amd_unit *au = to_amd_unit(unit);

	return (au->cap & AMD_CAP_IOTLB_SUP) &&
	       amd_ats_allowed(&amd_ivrs, dev);
}

const struct nyx_vendor nyx_amd = {
	.name = "AMD-Vi",
	.table = "IVRS",
	.probe = amd_probe,
	.find_unit = amd_find_unit,
	.alias = amd_alias,
	.get_resv_regions = amd_get_resv_regions,
	.ats_allowed = amd_unit_ats_allowed,
	.release = amd_release,
};
