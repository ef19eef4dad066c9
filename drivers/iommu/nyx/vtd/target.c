// SPDX-License-Identifier: GPL-2.0-only
/*
 * Searches the parsed DMAR table: for the device scopes of a device (VT-d
 * specification, 8.3 to 8.8), and for those of I/O APICs.
 *
 * Devices are hotplugged and bus numbers change, so scopes are not resolved in
 * advance. Each search walks up from the device. That needs no bus number but
 * the one at the start of the path, and only fields of struct pci_dev.
 */
#include <linux/err.h>
#include <linux/pci.h>

#include "dmar.h"
#include "firmware/madt.h"
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

/*
 * Returns the first scope that contains the device (8.3.1), or NULL. The
 * segment does not matter for devices with an ANDD, whose device numbers are
 * unique across segments.
 */
static const struct vtd_scope *find_scope(const struct vtd_target *target,
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

static int unit_of(const struct vtd_dmar *dmar, const struct vtd_drhd *drhd)
{
	return dmar->drhd[drhd->unit].usable ? drhd->unit : -ENXIO;
}

/**
 * vtd_target_unit() - find the unit that serves a device (8.3)
 * @target: the device
 * @dmar: the table
 * @scope: set to the scope that contains the device, or NULL for
 *	INCLUDE_PCI_ALL
 *
 * A unit that lists the device takes precedence over the INCLUDE_PCI_ALL unit
 * of the segment, regardless of their order in the table.
 *
 * Context: Any. The caller prevents hot removal of bridges above the device.
 * Return: an index into @dmar->drhd, -ENODEV if there is no such unit, or
 *	-ENXIO if it is not usable.
 */
int vtd_target_unit(const struct vtd_target *target,
		    const struct vtd_dmar *dmar,
		    const struct vtd_scope **scope)
{
	const struct vtd_drhd *drhd;
	int i, rest = -ENODEV;

	for (i = 0; i < dmar->nr_drhd; i++) {
		drhd = &dmar->drhd[i];
		*scope = find_scope(target, &drhd->scopes, drhd->segment);
		if (*scope)
			return unit_of(dmar, drhd);
		if (target->pdev && drhd->include_all &&
		    drhd->segment == target->segment)
			rest = unit_of(dmar, drhd);
	}
	return rest;
}

/**
 * vtd_target_reserved() - test whether an RMRR is for a device (8.4)
 * @target: the device
 * @rmrr: the RMRR
 *
 * A virtual function is served by the unit of its physical function (8.3), but
 * an RMRR for the physical function is not for it: firmware does not know
 * virtual functions, which the operating system creates. It shares only RMRRs
 * for everything below a bridge.
 *
 * Context: That of vtd_target_unit().
 * Return: true if the device needs the memory.
 */
bool vtd_target_reserved(const struct vtd_target *target,
			 const struct vtd_rmrr *rmrr)
{
	const struct vtd_scopes *scopes = &rmrr->scopes;
	struct vtd_target bridge = *target;
	unsigned int i;

	if (!target->is_virtual)
		return find_scope(target, scopes, rmrr->segment);
	if (target->segment != rmrr->segment)
		return false;
	bridge.pdev = target->pdev->bus->self;
	for (i = 0; i < scopes->nr; i++)
		if (scopes->scope[i].type == VTD_SCOPE_SUBTREE &&
		    scope_has(&scopes->scope[i], &bridge))
			return true;
	return false;
}

/**
 * vtd_target_ats() - test whether firmware allows ATS for a device (8.5, 8.8)
 * @target: the device, of PCI
 * @dmar: the table
 *
 * An ATSR lists the root ports that support ATS. A device that is integrated in
 * the root complex has no root port, so ATSRs do not restrict it. If a SATC has
 * ATC_REQUIRED set, hardware enables ATS by itself while the unit is in legacy
 * mode, and the driver must not.
 *
 * Context: That of vtd_target_unit().
 * Return: true if the driver may enable ATS.
 */
bool vtd_target_ats(const struct vtd_target *target,
		    const struct vtd_dmar *dmar)
{
	struct vtd_target port = *target;
	unsigned int i;

	for (i = 0; i < dmar->nr_satc; i++)
		if (find_scope(target, &dmar->satc[i].scopes,
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
		    find_scope(&port, &atsr->scopes, atsr->segment))
			return true;
	}
	return false;
}

/**
 * vtd_ats_page_aligned() - test whether translation requests are page aligned
 * @pdev: the device
 *
 * A device that does not report Page Aligned Request (PCI Express, ATS Capability
 * Register) may request translations for addresses inside a page. It gets no
 * ATS, as with the built-in driver.
 *
 * Context: Any context that may read configuration space.
 * Return: true if the device reports that its requests are page aligned.
 */
bool vtd_ats_page_aligned(struct pci_dev *pdev)
{
	int ats = pci_find_ext_capability(pdev, PCI_EXT_CAP_ID_ATS);
	u16 cap;

	return ats && !pci_read_config_word(pdev, ats + PCI_ATS_CAP, &cap) &&
	       !PCI_POSSIBLE_ERROR(cap) && (cap & PCI_ATS_CAP_PAGE_ALIGNED);
}

static bool vtd_madt_is_named(const void *arg, u8 id)
{
	const struct vtd_dmar *dmar = arg;
	const struct vtd_scopes *scopes;
	unsigned int i, j;

	for (i = 0; i < dmar->nr_drhd; i++) {
		scopes = &dmar->drhd[i].scopes;
		for (j = 0; j < scopes->nr; j++)
			if (scopes->scope[j].type == VTD_SCOPE_IOAPIC &&
			    scopes->scope[j].id == id)
				return true;
	}
	return false;
}

/**
 * vtd_madt_unnamed() - find an I/O APIC that is in no unit's scopes
 * @table: the MADT
 * @len: its length in bytes
 * @dmar: the DMAR table
 *
 * Context: Any.
 * Return: the ID of the first such I/O APIC, 0 to 255; -ENOENT if there is
 *	none.
 */
int vtd_madt_unnamed(const void *table, size_t len,
		     const struct vtd_dmar *dmar)
{
	return nyx_madt_unnamed(table, len, vtd_madt_is_named, dmar);
}
