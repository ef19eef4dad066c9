/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Requester aliases: the IDs that a device's DMA may carry besides its own.
 */
#ifndef NYX_ALIAS_H
#define NYX_ALIAS_H

#include <linux/pci.h>

struct nyx_device;

struct pci_dev *nyx_real_dma_dev(struct pci_dev *pdev);
void nyx_alias_collect(struct nyx_device *ndev);
struct pci_dev *nyx_alias_top(struct pci_dev *pdev);
const struct pci_dev *nyx_root_port(const struct pci_dev *pdev);

#endif /* NYX_ALIAS_H */
