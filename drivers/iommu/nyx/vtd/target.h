/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Searching the DMAR table for a device. target.c needs only the device's place
 * in the PCI hierarchy; scope.c derives that from a struct device.
 */
#ifndef NYX_VTD_TARGET_H
#define NYX_VTD_TARGET_H

#include <linux/types.h>

struct device;
struct list_head;
struct pci_dev;
struct vtd_dmar;
struct vtd_drhd;
struct vtd_rmrr;
struct vtd_scope;

/**
 * struct vtd_target - a device to search for in the table
 * @pdev: the PCI function, or for a virtual function its physical function;
 *	NULL for a device of the ACPI namespace
 * @segment: PCI segment of @pdev
 * @andd: device number in the device's ANDD, or -1
 * @is_virtual: the device is a virtual function of @pdev
 */
struct vtd_target {
	const struct pci_dev *pdev;
	int segment;
	int andd;
	bool is_virtual;
};

/* target.c */
int vtd_target_unit(const struct vtd_target *target,
		    const struct vtd_dmar *dmar,
		    const struct vtd_scope **scope);
bool vtd_target_reserved(const struct vtd_target *target,
			 const struct vtd_rmrr *rmrr);
bool vtd_target_ats(const struct vtd_target *target,
		    const struct vtd_dmar *dmar);
bool vtd_ats_page_aligned(struct pci_dev *pdev);
int vtd_madt_unnamed(const void *table, size_t len,
		     const struct vtd_dmar *dmar);

/* scope.c */
int vtd_scope_find(const struct vtd_dmar *dmar, struct device *dev, u16 *rid);
int vtd_scope_ioapic(const struct vtd_dmar *dmar, u8 id, u16 *rid);
void vtd_scope_present(const struct vtd_dmar *dmar, unsigned long *present);
bool vtd_scope_is_graphics(const struct vtd_dmar *dmar, int index);
void vtd_resv_regions(const struct vtd_dmar *dmar, struct device *dev,
		      struct list_head *head);
bool vtd_ats_allowed(const struct vtd_dmar *dmar, struct device *dev);

/* acpi.c */
int vtd_acpi_number(const struct vtd_dmar *dmar, struct device *dev);
bool vtd_acpi_hot(const struct vtd_dmar *dmar, const struct pci_dev *pdev);

/* hot.c */
bool vtd_hot_is_new(const struct vtd_dmar *dmar, const u8 *drhds, size_t len);
int vtd_drhd_node(const struct vtd_dmar *dmar, const struct vtd_drhd *drhd);

#endif /* NYX_VTD_TARGET_H */
