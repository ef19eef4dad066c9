// SPDX-License-Identifier: GPL-2.0-only
/*
 * Compares a device with device scopes (VT-d specification, 8.3 to 8.8).
 *
 * Devices come and go and bus numbers change, so nothing is resolved ahead of
 * time. A device's path is walked upwards when it is asked for, which needs no
 * bus number but that of the path's start, and only fields of struct pci_dev.
 */
#include <linux/err.h>
#include <linux/pci.h>

#include "dmar.h"
#include "pci/pci.h"
#include "target.h"

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

static bool scope_has(const struct vtd_scope *scope,
		      const struct vtd_target *target)
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

/**
 * vtd_target_scope() - find a device among device scopes (8.3.1)
 * @target: the device
 * @scopes: where to look
 * @segment: the segment of the structure with the scopes; an ANDD's device
 *	number is the same in all of them
 *
 * Any context; nothing is unplugged above the device meanwhile.
 *
 * Return: the first scope with the device in it, or NULL.
 */
const struct vtd_scope *vtd_target_scope(const struct vtd_target *target,
					 const struct vtd_scopes *scopes,
					 u16 segment)
{
	unsigned int i;

	if (target->pdev && target->segment != segment)
		return NULL;
	for (i = 0; i < scopes->nr; i++)
		if (scope_has(&scopes->scope[i], target))
			return &scopes->scope[i];
	return NULL;
}

/**
 * vtd_target_unit() - find the unit that serves a device (8.3)
 * @target: the device
 * @dmar: the table
 * @scope: set to the scope that says so, or NULL for INCLUDE_PCI_ALL
 *
 * A unit that lists the device comes before the INCLUDE_PCI_ALL unit of its
 * segment, wherever the two stand. Context as for vtd_target_scope().
 *
 * Return: an index into @dmar->drhd, or -ENODEV if there is no such unit or it
 * is not usable.
 */
int vtd_target_unit(const struct vtd_target *target,
		    const struct vtd_dmar *dmar,
		    const struct vtd_scope **scope)
{
	const struct vtd_drhd *drhd;
	int i, rest = -ENODEV;

	for (i = 0; i < dmar->nr_drhd; i++) {
		drhd = &dmar->drhd[i];
		*scope = vtd_target_scope(target, &drhd->scopes, drhd->segment);
		if (*scope)
			return drhd->usable ? i : -ENODEV;
		if (target->pdev && drhd->include_all && drhd->usable &&
		    drhd->segment == target->segment)
			rest = i;
	}
	return rest;
}

/**
 * vtd_target_ats() - does the path to a device pass ATS on? (8.5, 8.8)
 * @target: the device, of PCI
 * @dmar: the table
 *
 * An ATSR speaks of root ports. A device integrated in the root complex has
 * none above it, so nothing there speaks against ATS. A SATC that requires ATS
 * says that, as long as the unit runs in legacy mode, the hardware switches it
 * on by itself: the driver keeps its hands off. Context as for
 * vtd_target_scope().
 *
 * Return: true if the driver may switch ATS on.
 */
bool vtd_target_ats(const struct vtd_target *target,
		    const struct vtd_dmar *dmar)
{
	struct vtd_target port = *target;
	unsigned int i;

	for (i = 0; i < dmar->nr_satc; i++)
		if (vtd_target_scope(target, &dmar->satc[i].scopes,
				     dmar->satc[i].segment))
			return !dmar->satc[i].atc_required;

	port.pdev = nyx_root_port(target->pdev);
	if (IS_ERR_OR_NULL(port.pdev))
		return !port.pdev;
	for (i = 0; i < dmar->nr_atsr; i++) {
		const struct vtd_atsr *atsr = &dmar->atsr[i];

		if (atsr->segment != target->segment)
			continue;
		if (atsr->all_ports ||
		    vtd_target_scope(&port, &atsr->scopes, atsr->segment))
			return true;
	}
	return false;
}
