// SPDX-License-Identifier: GPL-2.0-only
/* Looks up the kernel's devices in the IVRS table. */
#define pr_fmt(fmt) "nyx: " fmt

#include <linux/acpi.h>
#include <linux/err.h>
#include <linux/iommu.h>
#include <linux/pci.h>

#include "firmware/relax.h"
#include "firmware/resv.h"
#include "ivrs.h"
#include "pci/pci.h"
#include "scope.h"

/* Addresses reserved by HyperTransport, including interrupts (48882, 2.1.2). */
#define HT_BASE		0xfd00000000ULL
#define HT_SIZE		0x0300000000ULL

/* The kernel uses the first _CID of an object without _HID as its _HID. */
static bool has_hid(struct acpi_device *adev, const char *hid)
{
	return acpi_has_method(adev->handle, METHOD_NAME__HID) &&
	       acpi_dev_hid_match(adev, hid);
}

/*
 * A DeviceID belongs to one device. Without a _UID that is the first with this
 * _HID; devices that only have a compatible ID of this name do not match.
 */
static bool is_first(struct acpi_device *adev, const char *hid)
{
	struct acpi_device *first = acpi_dev_get_first_match_dev(hid, NULL, -1);
	bool ret;

	while (first && !has_hid(first, hid))
		first = acpi_dev_get_next_match_dev(first, hid, NULL, -1);
	ret = adev == first;
	acpi_dev_put(first);
	return ret;
}

/*
 * Most firmware has a path in the ACPI namespace in place of a _UID. It names
 * one object, whose _HID then does not matter.
 */
static bool is_path(const char *uid)
{
	return uid && uid[0] == '\\';
}

static bool is_at(struct acpi_device *adev, const char *path)
{
	acpi_handle handle;

	return ACPI_SUCCESS(acpi_get_handle(NULL, (char *)path, &handle)) &&
	       handle == adev->handle;
}

static bool is_named(const struct amd_ivrs_acpi *acpi, struct acpi_device *adev)
{
	if (is_path(acpi->uid_text))
		return is_at(adev, acpi->uid_text);
	if (!has_hid(adev, acpi->hid))
		return false;
	switch (acpi->uid_format) {
	case AMD_IVRS_UID_INTEGER:
		return acpi_dev_uid_match(adev, acpi->uid);
	case AMD_IVRS_UID_STRING:
		return acpi_dev_uid_match(adev, acpi->uid_text);
	default:
		return is_first(adev, acpi->hid);
	}
}

/*
 * Firmware may give a wrong _UID. If no entry applied, the device, which may be
 * the boot disk, would be blocked. The first such device is logged.
 */
static const struct amd_ivrs_acpi *find_only_hid(const struct amd_ivrs *ivrs,
						 struct acpi_device *adev)
{
	const struct amd_ivrs_acpi *acpi;

	if (!acpi_has_method(adev->handle, METHOD_NAME__HID))
		return NULL;
	acpi = amd_ivrs_only_hid(ivrs, acpi_device_hid(adev));
	if (acpi)
		dev_warn_once(&adev->dev, FW_BUG "no entry of the IVRS table has the _UID of this device: using the only entry with its _HID %s: update the firmware\n",
			      acpi->hid);
	return acpi;
}

static const struct amd_ivrs_acpi *find_acpi(const struct amd_ivrs *ivrs,
					     struct device *dev)
{
	struct acpi_device *adev = ACPI_COMPANION(dev);
	unsigned int i;

	if (!adev)
		return NULL;
	for (i = 0; i < ivrs->nr_acpi; i++)
		if (is_named(&ivrs->acpi[i], adev))
			return &ivrs->acpi[i];
	return find_only_hid(ivrs, adev);
}

static u8 root_bus(const struct pci_dev *pdev)
{
	struct pci_bus *bus = pdev->bus;

	while (!pci_is_root_bus(bus))
		bus = bus->parent;
	return bus->number;
}

static int find_pci(const struct amd_ivrs *ivrs, struct pci_dev *pdev, u16 *rid,
		    struct amd_ivrs_device *found)
{
	pdev = nyx_real_dma_dev(pdev);
	*rid = pci_dev_id(pdev);
	return amd_ivrs_find(ivrs, pci_domain_nr(pdev->bus), *rid,
			     root_bus(pdev), found);
}

/**
 * amd_scope_find() - find the unit that serves a device (48882, 5.2.2)
 * @ivrs: the table
 * @dev: a PCI device or an ACPI device; other devices have no unit
 * @rid: DeviceID of the device, bus << 8 | devfn; also set with -ENOTUNIQ
 *
 * Context: May sleep; the caller holds a reference on @dev.
 * Return: the index in @ivrs->unit; -ENODEV if no unit serves the device, or the
 *	device is an IOMMU; -ENXIO if its unit is not usable; -ENOTUNIQ if
 *	several units claim the device, and its root bus does not decide.
 */
int amd_scope_find(const struct amd_ivrs *ivrs, struct device *dev, u16 *rid)
{
	const struct amd_ivrs_acpi *acpi;
	struct amd_ivrs_device found;
	int ret;

	if (dev_is_pci(dev)) {
		ret = find_pci(ivrs, to_pci_dev(dev), rid, &found);
		return ret ?: found.unit;
	}
	acpi = find_acpi(ivrs, dev);
	if (!acpi)
		return -ENODEV;
	if (!ivrs->unit[acpi->unit].usable)
		return -ENXIO;
	*rid = acpi->device_id;
	return acpi->unit;
}

/**
 * amd_scope_alias() - find the other DeviceID that requests of a device may
 *	carry
 * @ivrs: the table
 * @dev: a device with a unit
 * @alias: that DeviceID
 *
 * Context: Any; the caller holds a reference on @dev.
 * Return: true if the table names one.
 */
bool amd_scope_alias(const struct amd_ivrs *ivrs, struct device *dev,
		     u16 *alias)
{
	struct amd_ivrs_device found;
	u16 rid;

	if (!dev_is_pci(dev) ||
	    find_pci(ivrs, to_pci_dev(dev), &rid, &found) || found.alias == rid)
		return false;
	*alias = found.alias;
	return true;
}

static bool is_for(const struct amd_ivrs_memory *m, u16 segment, u16 device_id)
{
	return m->segment == segment && m->first <= device_id &&
	       device_id <= m->last;
}

static void reserve(struct device *dev, struct list_head *head,
		    const struct amd_ivrs_memory *m)
{
	int prot = (m->read ? IOMMU_READ : 0) | (m->write ? IOMMU_WRITE : 0);

	/*
	 * The driver does not use exclusion ranges; identity mappings replace
	 * them.
	 */
	nyx_resv_add(dev, head, m->base, m->limit - m->base + 1, prot,
		     IOMMU_RESV_DIRECT);
}

/**
 * amd_resv_regions() - add a device's reserved regions (48882, IVMD blocks)
 * @ivrs: the table
 * @dev: a device with a unit
 * @ht_reserved: IOVAs must avoid the range of HyperTransport
 * @head: list of struct iommu_resv_region
 *
 * This implements struct iommu_ops.get_resv_regions.
 *
 * Context: May sleep; the caller holds a reference on @dev.
 */
void amd_resv_regions(const struct amd_ivrs *ivrs, struct device *dev,
		      bool ht_reserved, struct list_head *head)
{
	const struct amd_ivrs_memory *m;
	u16 segment, rid, alias;
	int unit;

	unit = amd_scope_find(ivrs, dev, &rid);
	if (unit >= 0) {
		segment = ivrs->unit[unit].segment;
		if (!amd_scope_alias(ivrs, dev, &alias))
			alias = rid;
		for (m = ivrs->memory; m < ivrs->memory + ivrs->nr_memory; m++)
			if (is_for(m, segment, rid) || is_for(m, segment, alias))
				reserve(dev, head, m);
	}
	nyx_resv_add_msi(dev, head);
	if (ht_reserved)
		nyx_resv_add(dev, head, HT_BASE, HT_SIZE, 0,
			     IOMMU_RESV_RESERVED);
}

/*
 * Whether VFIO refuses a function because memory is reserved for its whole bus.
 * Firmware reserves nothing for virtual functions.
 */
static bool is_on_reserved_bus(const struct amd_ivrs *ivrs, struct pci_dev *pdev)
{
	const struct amd_ivrs_memory *m;
	struct amd_ivrs_device found;
	u16 segment, rid;

	if (pdev->hdr_type != PCI_HEADER_TYPE_NORMAL || pdev->is_virtfn ||
	    find_pci(ivrs, pdev, &rid, &found))
		return false;
	segment = ivrs->unit[found.unit].segment;
	for (m = ivrs->memory; m < ivrs->memory + ivrs->nr_memory; m++)
		if (amd_ivmd_has_bus(m) && (is_for(m, segment, rid) ||
					    is_for(m, segment, found.alias)))
			return true;
	return false;
}

static unsigned int count_refused(const struct amd_ivrs *ivrs)
{
	struct pci_dev *pdev = NULL;
	unsigned int nr = 0;

	for_each_pci_dev(pdev)
		nr += is_on_reserved_bus(ivrs, pdev) &&
		      !nyx_relax_has(&pdev->dev);
	return nr;
}

/**
 * amd_report_reserved_buses() - report memory that is reserved for whole buses
 * @ivrs: the table
 *
 * VFIO refuses devices with reserved memory. If these are all devices of a bus,
 * the cause is not obvious, so one line of the log tells it.
 *
 * Context: May sleep.
 */
void amd_report_reserved_buses(const struct amd_ivrs *ivrs)
{
	const struct amd_ivrs_memory *m, *widest = NULL;
	unsigned int nr = 0;

	for (m = ivrs->memory; m < ivrs->memory + ivrs->nr_memory; m++) {
		if (!amd_ivmd_has_bus(m))
			continue;
		nr++;
		if (!widest || m->last - m->first > widest->last - widest->first)
			widest = m;
	}
	if (widest)
		pr_warn("the IVRS table reserves memory for whole buses: VFIO refuses their functions, unless relax_reserved names them (functions: %u, IVMD blocks: %u, the widest for %04x:%02x to %02x)\n",
			count_refused(ivrs), nr, widest->segment,
			widest->first >> 8, widest->last >> 8);
}

/**
 * amd_ats_allowed() - check whether firmware and the path to a device allow ATS
 *	(48882, 5.2.2)
 * @ivrs: the table
 * @dev: the device
 *
 * Whether the device and its unit support ATS is not checked.
 *
 * Context: Any; the caller holds a reference on @dev.
 * Return: true if both do.
 */
bool amd_ats_allowed(const struct amd_ivrs *ivrs, struct device *dev)
{
	struct amd_ivrs_device found;
	struct pci_dev *pdev;
	u16 rid;

	if (!dev_is_pci(dev))
		return false;
	/* Invalidations would go to the device whose ID the requests carry. */
	pdev = to_pci_dev(dev);
	if (nyx_real_dma_dev(pdev) != pdev ||
	    IS_ERR(nyx_root_port(pci_physfn(pdev))))
		return false;
	return !find_pci(ivrs, pdev, &rid, &found) && found.alias == rid &&
	       !found.ats_disabled;
}
