/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of the core offer to each other.
 */
#ifndef NYX_CORE_H
#define NYX_CORE_H

#include <linux/device.h>
#include <linux/iommu.h>
#include <linux/pci.h>

#include <nyx/device.h>
#include <nyx/domain.h>
#include <nyx/unit.h>

/* ops.c */
extern const struct iommu_ops nyx_ops;
extern struct iommu_domain nyx_identity_domain;
extern struct iommu_domain nyx_blocked_domain;

/* identity.c */
int nyx_identity_init(struct nyx_unit *unit);
void nyx_identity_exit(struct nyx_unit *unit);
void nyx_identity_entry(const struct nyx_unit *unit, struct nyx_entry *entry);

/* alias.c */
struct pci_dev *nyx_real_dma_dev(struct pci_dev *pdev);
int nyx_alias_collect(struct nyx_device *ndev, u16 rid);
struct pci_dev *nyx_alias_top(struct pci_dev *pdev);

/* acs.c */
void nyx_acs_enable(struct pci_dev *pdev);
void nyx_acs_forget(struct pci_dev *pdev);
void nyx_acs_restore(void);
bool nyx_acs_isolated(struct pci_dev *pdev);
bool nyx_acs_path_isolated(struct pci_dev *pdev);

/* group.c */
struct iommu_group *nyx_device_group(struct device *dev);
struct nyx_device *nyx_group_bound_peer(struct nyx_device *ndev);

/* adopt.c */
int nyx_adopt_init(void);
void nyx_adopt_exit(void);

/* detach.c */
extern bool nyx_detaching;
int nyx_detach(void);

#endif /* NYX_CORE_H */
