/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * PCIe Access Control Services: switched on where offered, so that peer-to-peer
 * requests go up through the unit, and asked about when groups are formed.
 */
#ifndef NYX_ACS_H
#define NYX_ACS_H

#include <linux/pci.h>

int nyx_acs_init(void);
void nyx_acs_exit(void);
void nyx_acs_enable(struct pci_dev *pdev);
void nyx_acs_enable_path(struct pci_dev *pdev);
void nyx_acs_remove(struct pci_dev *pdev);
void nyx_acs_restore(void);
bool nyx_acs_isolated(struct pci_dev *pdev);
bool nyx_acs_path_isolated(struct pci_dev *pdev);

#endif /* NYX_ACS_H */
