/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A device as the DMAR table can name it.
 */
#ifndef NYX_VTD_TARGET_H
#define NYX_VTD_TARGET_H

#include <linux/types.h>

struct device;
struct list_head;
struct pci_dev;
struct vtd_dmar;
struct vtd_drhd;
struct vtd_scope;
struct vtd_scopes;

/**
 * struct vtd_target - a device that is looked for in the table
 * @pdev: the PCI function; for a virtual one its physical function. NULL for a
 *	device of the ACPI namespace
 * @segment: PCI segment of @pdev
 * @andd: the ANDD's device number, or -1
 */
struct vtd_target {
	const struct pci_dev *pdev;
	int segment;
	int andd;
};

const struct vtd_scope *vtd_target_scope(const struct vtd_target *target,
					 const struct vtd_scopes *scopes,
					 u16 segment);
int vtd_target_unit(const struct vtd_target *target,
		    const struct vtd_dmar *dmar,
		    const struct vtd_scope **scope);
bool vtd_target_ats(const struct vtd_target *target,
		    const struct vtd_dmar *dmar);
int vtd_madt_unnamed(const void *table, size_t len,
		     const struct vtd_dmar *dmar);

int vtd_scope_find(const struct vtd_dmar *dmar, struct device *dev, u16 *rid);
void vtd_resv_regions(const struct vtd_dmar *dmar, struct device *dev,
		      struct list_head *head);
bool vtd_ats_allowed(const struct vtd_dmar *dmar, struct device *dev);
int vtd_drhd_node(const struct vtd_dmar *dmar, const struct vtd_drhd *drhd);

#endif /* NYX_VTD_TARGET_H */
