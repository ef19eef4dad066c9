// SPDX-License-Identifier: GPL-2.0-only
/*
 * Objects of ACPI to which the DMAR table refers: devices of the namespace and
 * proximity domains.
 */
#define pr_fmt(fmt) "nyx: " fmt

#include <linux/acpi.h>
#include <linux/bits.h>
#include <linux/nodemask.h>
#include <linux/pci.h>
#include <linux/printk.h>
#include <linux/uuid.h>

#include <acpi/acpi_numa.h>

#include "dmar.h"
#include "target.h"

/**
 * vtd_acpi_number() - find the device number that an ANDD assigns (8.7)
 * @dmar: the table
 * @dev: the device
 *
 * Context: May sleep.
 * Return: the number, or -1 if no ANDD names the device.
 */
int vtd_acpi_number(const struct vtd_dmar *dmar, struct device *dev)
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

/* _DSM of a host bridge (Remapping Hardware Unit Hot Plug). */
static const guid_t vtd_hot_guid =
	GUID_INIT(0xd8c1a3a6, 0xbe9b, 0x4c9b,
		  0x91, 0xbf, 0xc3, 0xcb, 0x81, 0xfc, 0x5d, 0xaf);

#define VTD_HOT_REVISION	0
#define VTD_HOT_DRHD		1

/**
 * vtd_acpi_hot() - check for a device below a hot-added host bridge with a unit
 *	of its own
 * @dmar: the table, which does not name that unit
 * @pdev: the device
 *
 * Context: May sleep; the caller prevents hot removal of the host bridge.
 * Return: true if no unit of @dmar serves the device.
 */
bool vtd_acpi_hot(const struct vtd_dmar *dmar, const struct pci_dev *pdev)
{
	struct pci_bus *bus = pdev->bus;
	union acpi_object *drhds;
	acpi_handle handle;
	bool is_new;

	while (bus->parent)
		bus = bus->parent;
	handle = ACPI_HANDLE(bus->bridge);
	if (!handle || !acpi_check_dsm(handle, &vtd_hot_guid, VTD_HOT_REVISION,
				       BIT(VTD_HOT_DRHD)))
		return false;
	drhds = acpi_evaluate_dsm_typed(handle, &vtd_hot_guid, VTD_HOT_REVISION,
					VTD_HOT_DRHD, NULL, ACPI_TYPE_BUFFER);
	if (!drhds)
		return false;
	is_new = vtd_hot_is_new(dmar, drhds->buffer.pointer,
				drhds->buffer.length);
	ACPI_FREE(drhds);
	if (is_new)
		pr_warn_once("bus %04x:%02x has a unit that the DMAR table does not name: devices below it stay untranslated\n",
			     pci_domain_nr(bus), bus->number);
	return is_new;
}

/**
 * vtd_drhd_node() - NUMA node of a unit (8.6)
 * @dmar: the table
 * @drhd: the unit
 *
 * Context: Any.
 * Return: an online node, or NUMA_NO_NODE.
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
