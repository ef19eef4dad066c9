// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which devices the structures of the DMAR table mean (VT-d specification,
 * 8.3 to 8.8).
 *
 * Devices come and go and bus numbers change, so nothing is resolved ahead of
 * time: a device is compared with the table when it is asked for. Its path is
 * walked upwards, which needs no bus number but that of the path's start.
 */
#include <linux/acpi.h>
#include <linux/iommu.h>
#include <linux/nodemask.h>
#include <linux/pci.h>

#include <acpi/acpi_numa.h>

#include "alias.h"
#include "dmar.h"
#include "scope.h"

/* Writes here are interrupts, never translated (3.14 of the specification). */
#define MSI_BASE	0xfee00000
#define MSI_SIZE	0x00100000

/**
 * struct target - a device as the table can name it
 * @pdev: the PCI function whose path is compared, or NULL
 * @andd: the ANDD's device number, or -1
 */
struct target {
	struct pci_dev *pdev;
	int andd;
};

static int find_andd(const struct vtd_dmar *dmar, struct device *dev)
{
	acpi_handle handle = ACPI_HANDLE(dev), named;
	unsigned int i;

	if (!handle)
		return -1;
	for (i = 0; i < dmar->nr_andd; i++)
		if (ACPI_SUCCESS(acpi_get_handle(NULL,
						 (char *)dmar->andd[i].name,
						 &named)) && named == handle)
			return dmar->andd[i].device;
	return -1;
}

/* A virtual function is where its physical function is (8.3). */
static struct target make_target(const struct vtd_dmar *dmar,
				 struct device *dev)
{
	if (dev_is_pci(dev))
		return (struct target) {
			.pdev = pci_physfn(nyx_real_dma_dev(to_pci_dev(dev))),
			.andd = -1,
		};
	return (struct target) { .andd = find_andd(dmar, dev) };
}

/* Does the path of @scope lead to @pdev? */
static bool leads_to(const struct vtd_scope *scope, const struct pci_dev *pdev)
{
	unsigned int hop = scope->hops - 1;

	while (pdev && pdev->devfn == scope->path[hop]) {
		if (!hop)
			return pdev->bus->number == scope->bus;
		pdev = pdev->bus->self;
		hop--;
	}
	return false;
}

static bool scope_has(const struct vtd_scope *scope, const struct target *target)
{
	const struct pci_dev *pdev = target->pdev;

	switch (scope->type) {
	case VTD_SCOPE_ENDPOINT:
		return leads_to(scope, pdev);
	case VTD_SCOPE_SUBTREE:
		for (; pdev; pdev = pdev->bus->self)
			if (leads_to(scope, pdev))
				return true;
		return false;
	case VTD_SCOPE_ACPI:
		return scope->id == target->andd;
	default:
		return false;
	}
}

/* The scope that has @target, or NULL. An ANDD's number knows no segment. */
static const struct vtd_scope *find_scope(const struct vtd_scopes *scopes,
					  u16 segment,
					  const struct target *target)
{
	unsigned int i;

	if (target->pdev && pci_domain_nr(target->pdev->bus) != segment)
		return NULL;
	for (i = 0; i < scopes->nr; i++)
		if (scope_has(&scopes->scope[i], target))
			return &scopes->scope[i];
	return NULL;
}

/* The source-id of what is no PCI device: the end of its scope's path. */
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

static int find_pci(const struct vtd_dmar *dmar, const struct target *target)
{
	const struct vtd_drhd *drhd;
	unsigned int i;

	for (i = 0; i < dmar->nr_drhd; i++) {
		drhd = &dmar->drhd[i];
		if (!drhd->include_all &&
		    find_scope(&drhd->scopes, drhd->segment, target))
			return i;
	}
	for (i = 0; i < dmar->nr_drhd; i++) {
		drhd = &dmar->drhd[i];
		if (drhd->include_all &&
		    drhd->segment == pci_domain_nr(target->pdev->bus))
			return i;
	}
	return -ENODEV;
}

static int find_acpi(const struct vtd_dmar *dmar, const struct target *target,
		     u16 *rid)
{
	const struct vtd_scope *scope;
	const struct vtd_drhd *drhd;
	unsigned int i;

	for (i = 0; i < dmar->nr_drhd; i++) {
		drhd = &dmar->drhd[i];
		scope = find_scope(&drhd->scopes, drhd->segment, target);
		if (scope)
			return scope_rid(scope, drhd->segment, rid) ?: i;
	}
	return -ENODEV;
}

/**
 * vtd_scope_find() - the unit that serves a device (8.3)
 * @dmar: the table
 * @dev: a PCI device or one of the ACPI namespace; any other has no unit
 * @rid: set to the requester ID that its DMA carries, bus << 8 | devfn
 *
 * Units that list the device come before the segment's INCLUDE_PCI_ALL unit.
 * May sleep; the caller holds a reference on @dev.
 *
 * Return: an index into @dmar->drhd, or -ENODEV if no unit serves the device or
 * the one that does is not usable.
 */
int vtd_scope_find(const struct vtd_dmar *dmar, struct device *dev, u16 *rid)
{
	const struct target target = make_target(dmar, dev);
	int unit = -ENODEV;

	if (target.pdev) {
		unit = find_pci(dmar, &target);
		*rid = pci_dev_id(nyx_real_dma_dev(to_pci_dev(dev)));
	} else if (target.andd >= 0) {
		unit = find_acpi(dmar, &target, rid);
	}
	if (unit >= 0 && !dmar->drhd[unit].usable)
		return -ENODEV;
	return unit;
}

static void add_region(struct device *dev, struct list_head *head, u64 base,
		       u64 size, int prot, enum iommu_resv_type type)
{
	struct iommu_resv_region *region;

	region = iommu_alloc_resv_region(base, size, prot, type, GFP_KERNEL);
	if (region)
		list_add_tail(&region->list, head);
	else
		dev_err(dev, "no memory to reserve %#llx to %#llx\n", base,
			base + size - 1);
}

/*
 * Firmware uses the reserved memory of USB controllers and displays before the
 * system takes them over; they may be given away without it. VFIO refuses
 * every other device with an RMRR.
 */
static enum iommu_resv_type rmrr_type(struct device *dev)
{
	unsigned int class = dev_is_pci(dev) ? to_pci_dev(dev)->class : 0;

	if (class >> 8 == PCI_CLASS_SERIAL_USB ||
	    class >> 16 == PCI_BASE_CLASS_DISPLAY)
		return IOMMU_RESV_DIRECT_RELAXABLE;
	return IOMMU_RESV_DIRECT;
}

/**
 * vtd_resv_regions() - a device's reserved regions (8.4), and the MSI window
 * @dmar: the table
 * @dev: the device
 * @head: list of struct iommu_resv_region to append to
 *
 * As struct iommu_ops.get_resv_regions wants them. May sleep. iommu_dma_get_-
 * resv_regions() is not for x86: it needs a firmware node in the fwspec.
 */
void vtd_resv_regions(const struct vtd_dmar *dmar, struct device *dev,
		      struct list_head *head)
{
	const struct target target = make_target(dmar, dev);
	const struct vtd_rmrr *rmrr;
	unsigned int i;

	for (i = 0; i < dmar->nr_rmrr; i++) {
		rmrr = &dmar->rmrr[i];
		if (find_scope(&rmrr->scopes, rmrr->segment, &target))
			add_region(dev, head, rmrr->base,
				   rmrr->limit - rmrr->base + 1,
				   IOMMU_READ | IOMMU_WRITE, rmrr_type(dev));
	}
	add_region(dev, head, MSI_BASE, MSI_SIZE, 0, IOMMU_RESV_MSI);
}

/*
 * The root port above @pdev. NULL if there is none, an error pointer if what
 * lies between is not PCI Express and so passes no ATS on.
 */
static struct pci_dev *root_port(struct pci_dev *pdev)
{
	struct pci_dev *bridge;

	for (bridge = pdev->bus->self; bridge; bridge = bridge->bus->self) {
		if (!pci_is_pcie(bridge) ||
		    pci_pcie_type(bridge) == PCI_EXP_TYPE_PCI_BRIDGE)
			return ERR_PTR(-ENODEV);
		if (pci_pcie_type(bridge) == PCI_EXP_TYPE_ROOT_PORT)
			return bridge;
	}
	return NULL;
}

/**
 * vtd_ats_allowed() - does the path to a device pass ATS on? (8.5, 8.8)
 * @dmar: the table
 * @dev: the device
 *
 * An ATSR speaks of root ports. A device integrated in the root complex has
 * none above it, so nothing there speaks against ATS. A SATC that requires ATS
 * says that, as long as the unit runs in legacy mode, the hardware switches it
 * on by itself: the driver keeps its hands off. Nothing is known of a device
 * whose requests carry another's ID.
 *
 * Any context; the caller holds a reference on @dev.
 */
bool vtd_ats_allowed(const struct vtd_dmar *dmar, struct device *dev)
{
	struct target target = { .andd = -1 };
	struct pci_dev *pdev;
	unsigned int i;

	if (!dev_is_pci(dev))
		return false;
	pdev = to_pci_dev(dev);
	if (nyx_real_dma_dev(pdev) != pdev)
		return false;
	pdev = pci_physfn(pdev);

	target.pdev = pdev;
	for (i = 0; i < dmar->nr_satc; i++)
		if (find_scope(&dmar->satc[i].scopes, dmar->satc[i].segment,
			       &target))
			return !dmar->satc[i].atc_required;

	target.pdev = root_port(pdev);
	if (IS_ERR_OR_NULL(target.pdev))
		return !target.pdev;
	for (i = 0; i < dmar->nr_atsr; i++) {
		const struct vtd_atsr *atsr = &dmar->atsr[i];

		if (atsr->segment != pci_domain_nr(pdev->bus))
			continue;
		if (atsr->all_ports ||
		    find_scope(&atsr->scopes, atsr->segment, &target))
			return true;
	}
	return false;
}

/**
 * vtd_drhd_node() - the NUMA node near a unit (8.6)
 * @dmar: the table
 * @drhd: one of its units
 *
 * Any context.
 *
 * Return: a node that is online, or NUMA_NO_NODE.
 */
int vtd_drhd_node(const struct vtd_dmar *dmar, const struct vtd_drhd *drhd)
{
	unsigned int i;
	int node;

	for (i = 0; i < dmar->nr_rhsa; i++) {
		if (dmar->rhsa[i].base != drhd->base)
			continue;
		node = pxm_to_node(dmar->rhsa[i].domain);
		return node != NUMA_NO_NODE && node_online(node) ?
		       node : NUMA_NO_NODE;
	}
	return NUMA_NO_NODE;
}
