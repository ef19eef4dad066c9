// SPDX-License-Identifier: GPL-2.0-only
/*
 * Looks up the kernel's devices in the DMAR table.
 */
#include <linux/iommu.h>
#include <linux/pci.h>
#include <linux/sizes.h>

#include "dmar.h"
#include "firmware/resv.h"
#include "pci/pci.h"
#include "target.h"

static struct vtd_target make_target(const struct vtd_dmar *dmar,
				     struct device *dev)
{
	struct pci_dev *pdev;

	if (!dev_is_pci(dev))
		return (struct vtd_target) { .andd = vtd_acpi_number(dmar, dev) };
	pdev = nyx_real_dma_dev(to_pci_dev(dev));
	return (struct vtd_target) {
		.pdev = pci_physfn(pdev),
		.segment = pci_domain_nr(pdev->bus),
		.andd = -1,
		.is_virtual = pdev->is_virtfn,
	};
}

/* The source-id of an ACPI device is where its scope's path ends. */
static int scope_rid(const struct vtd_scope *scope, u16 segment, u16 *rid)
{
	unsigned int i, bus = scope->bus;

	for (i = 0; i + 1 < scope->hops; i++) {
		struct pci_dev *bridge __free(pci_dev_put) =
			pci_get_domain_bus_and_slot(segment, bus,
						    scope->path[i]);

		if (!bridge || !bridge->subordinate)
			return -ENODEV;
		bus = bridge->subordinate->number;
	}
	*rid = PCI_DEVID(bus, scope->path[i]);
	return 0;
}

/**
 * vtd_scope_find() - find the unit that serves a device (8.3)
 * @dmar: the table
 * @dev: a PCI device or one of the ACPI namespace; no unit serves others. The
 *	caller holds a reference
 * @rid: set to the source-id of its DMA, bus << 8 | devfn
 *
 * Context: May sleep.
 * Return: an index into @dmar->drhd, -ENODEV if no unit serves the device, or
 *	-ENXIO if its unit is not usable.
 */
int vtd_scope_find(const struct vtd_dmar *dmar, struct device *dev, u16 *rid)
{
	const struct vtd_target target = make_target(dmar, dev);
	const struct vtd_scope *scope;
	int unit, ret;

	unit = vtd_target_unit(&target, dmar, &scope);
	if (unit < 0)
		return unit;
	/* INCLUDE_PCI_ALL does not include what has a unit of its own. */
	if (!scope && vtd_acpi_hot(dmar, target.pdev))
		return -ENODEV;
	if (target.pdev) {
		*rid = pci_dev_id(nyx_real_dma_dev(to_pci_dev(dev)));
		return unit;
	}
	ret = scope_rid(scope, dmar->drhd[unit].segment, rid);
	return ret ?: unit;
}

static const struct vtd_scope *find_ioapic(const struct vtd_scopes *scopes, u8 id)
{
	unsigned int i;

	for (i = 0; i < scopes->nr; i++)
		if (scopes->scope[i].type == VTD_SCOPE_IOAPIC &&
		    scopes->scope[i].id == id)
			return &scopes->scope[i];
	return NULL;
}

/**
 * vtd_scope_ioapic() - find the unit that serves an I/O APIC (8.3.1)
 * @dmar: the table
 * @id: APIC ID of the I/O APIC
 * @rid: set to the source-id of its interrupt requests, bus << 8 | devfn
 *
 * Context: May sleep.
 * Return: an index into @dmar->drhd; -ENODEV if no unit serves it, or if its
 *	source-id is unknown; -ENXIO if its unit is not usable.
 */
int vtd_scope_ioapic(const struct vtd_dmar *dmar, u8 id, u16 *rid)
{
	const struct vtd_scope *scope;
	unsigned int i;

	for (i = 0; i < dmar->nr_drhd; i++) {
		scope = find_ioapic(&dmar->drhd[i].scopes, id);
		if (scope)
			return scope_rid(scope, dmar->drhd[i].segment, rid) ?:
			       dmar->drhd[i].unit;
	}
	return -ENODEV;
}

static bool has_acpi(const struct vtd_scopes *scopes)
{
	unsigned int i;

	for (i = 0; i < scopes->nr; i++)
		if (scopes->scope[i].type == VTD_SCOPE_ACPI)
			return true;
	return false;
}

/**
 * vtd_scope_present() - find the units that have a device (8.3)
 * @dmar: the table
 * @present: bitmap of @dmar->nr_drhd bits, all zeroes; the bits of these units
 *	are set
 *
 * INCLUDE_PCI_ALL units count, because a device may be plugged in later. So do
 * units that list an ACPI device, which may be enumerated later. I/O APICs and
 * HPETs do not count: they do no DMA.
 *
 * Context: May sleep.
 */
void vtd_scope_present(const struct vtd_dmar *dmar, unsigned long *present)
{
	struct pci_dev *pdev = NULL;
	unsigned int i;
	int unit;
	u16 rid;

	for (i = 0; i < dmar->nr_drhd; i++)
		if (dmar->drhd[i].include_all || has_acpi(&dmar->drhd[i].scopes))
			set_bit(dmar->drhd[i].unit, present);
	for_each_pci_dev(pdev) {
		unit = vtd_scope_find(dmar, &pdev->dev, &rid);
		if (unit >= 0)
			set_bit(unit, present);
	}
}

/*
 * USB controllers and displays need their RMRRs only until the system takes
 * them over from firmware, so VFIO may assign them without. VFIO refuses every
 * other device with an RMRR.
 */
static enum iommu_resv_type rmrr_type(struct device *dev)
{
	unsigned int class = dev_is_pci(dev) ? to_pci_dev(dev)->class : 0;

	if (class >> 8 == PCI_CLASS_SERIAL_USB ||
	    class >> 16 == PCI_BASE_CLASS_DISPLAY)
		return IOMMU_RESV_DIRECT_RELAXABLE;
	return IOMMU_RESV_DIRECT;
}

/*
 * The floppy driver hands buffers to the controller for ISA DMA without telling
 * the IOMMU core. It keeps them below 16 MiB. Requests of the controller carry
 * the source-id of the bridge to the ISA bus.
 */
static bool does_isa_dma(struct device *dev)
{
	return IS_ENABLED(CONFIG_BLK_DEV_FD) && dev_is_pci(dev) &&
	       to_pci_dev(dev)->class >> 8 == PCI_CLASS_BRIDGE_ISA;
}

/**
 * vtd_resv_regions() - list a device's RMRRs (8.4) and other reserved regions
 * @dmar: the table
 * @dev: the device
 * @head: list of struct iommu_resv_region to append to, as for
 *	iommu_ops.get_resv_regions
 *
 * The others are memory for ISA DMA, as with the built-in driver, and the MSI
 * window.
 *
 * Context: May sleep.
 */
void vtd_resv_regions(const struct vtd_dmar *dmar, struct device *dev,
		      struct list_head *head)
{
	const struct vtd_target target = make_target(dmar, dev);
	const struct vtd_rmrr *rmrr;
	unsigned int i;

	for (i = 0; i < dmar->nr_rmrr; i++) {
		rmrr = &dmar->rmrr[i];
		if (vtd_target_reserved(&target, rmrr))
			nyx_resv_add(dev, head, rmrr->base,
				     rmrr->limit - rmrr->base + 1,
				     IOMMU_READ | IOMMU_WRITE, rmrr_type(dev));
	}
	if (does_isa_dma(dev))
		nyx_resv_add(dev, head, 0, SZ_16M, IOMMU_READ | IOMMU_WRITE,
			     IOMMU_RESV_DIRECT_RELAXABLE);
	nyx_resv_add_msi(dev, head);
}

/**
 * vtd_ats_allowed() - test whether firmware allows ATS for a device (8.5, 8.8)
 * @dmar: the table
 * @dev: the device; the caller holds a reference
 *
 * Does not check whether the device and the unit support ATS.
 *
 * Context: Any.
 * Return: true if the driver may enable ATS.
 */
bool vtd_ats_allowed(const struct vtd_dmar *dmar, struct device *dev)
{
	struct vtd_target target;
	struct pci_dev *pdev;

	if (!dev_is_pci(dev))
		return false;
	/* Invalidations would target the device whose source-id is used. */
	pdev = to_pci_dev(dev);
	if (nyx_real_dma_dev(pdev) != pdev)
		return false;
	target = make_target(dmar, dev);
	return vtd_target_ats(&target, dmar);
}

static bool only_pci_endpoints(const struct vtd_drhd *drhd)
{
	unsigned int i;

	for (i = 0; i < drhd->scopes.nr; i++)
		if (drhd->scopes.scope[i].type != VTD_SCOPE_ENDPOINT)
			return false;
	return true;
}

/**
 * vtd_scope_is_graphics() - test whether a unit serves nothing but graphics
 * @dmar: the table
 * @index: index of the unit in @dmar->drhd
 *
 * Context: May sleep.
 * Return: true if at least one display controller is present below the unit,
 *	and nothing else.
 */
bool vtd_scope_is_graphics(const struct vtd_dmar *dmar, int index)
{
	const struct vtd_drhd *drhd = &dmar->drhd[index];
	struct pci_dev *pdev = NULL;
	bool found = false;
	u16 rid;

	if (drhd->include_all || !only_pci_endpoints(drhd))
		return false;
	for_each_pci_dev(pdev) {
		if (vtd_scope_find(dmar, &pdev->dev, &rid) != index)
			continue;
		found = true;
		if (pdev->class >> 16 == PCI_BASE_CLASS_DISPLAY)
			continue;
		pci_dev_put(pdev);
		return false;
	}
	return found;
}
