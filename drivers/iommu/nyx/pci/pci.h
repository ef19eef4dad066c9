/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Properties of PCI functions and paths: requester IDs, isolation, groups.
 */
#ifndef NYX_PCI_H
#define NYX_PCI_H

#include <linux/pci.h>

struct iommu_group;
struct nyx_device;

/* Access Control Services, acs.c */
void nyx_acs_enable(struct pci_dev *pdev);
void nyx_acs_enable_again(const struct pci_dev *pdev);
void nyx_acs_enable_path(struct pci_dev *pdev);
void nyx_acs_remove(struct pci_dev *pdev);
void nyx_acs_restore(void);
bool nyx_acs_isolated(struct pci_dev *pdev);

/* Requester IDs and the bridges that change them, alias.c */
struct pci_dev *nyx_real_dma_dev(struct pci_dev *pdev);
void nyx_alias_each(struct pci_dev *pdev,
		    void (*fn)(struct pci_dev *bridge, u16 rid, void *arg),
		    void *arg);
void nyx_alias_collect(struct nyx_device *ndev);
struct pci_dev *nyx_alias_top(struct pci_dev *pdev);
const struct pci_dev *nyx_root_port(const struct pci_dev *pdev);

/* Groups, group.c */
struct iommu_group *nyx_device_group(struct device *dev);
struct nyx_device *nyx_group_waiting_peer(struct nyx_device *ndev);
bool nyx_group_same_rid(const struct nyx_device *a, const struct nyx_device *b);

#endif /* NYX_PCI_H */
