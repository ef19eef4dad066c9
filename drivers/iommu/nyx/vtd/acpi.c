// SPDX-License-Identifier: GPL-2.0-only
/*
 * Objects of ACPI to which the DMAR table refers: devices of the namespace and
 * proximity domains.
 */
#include <linux/acpi.h>
#include <linux/nodemask.h>

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
