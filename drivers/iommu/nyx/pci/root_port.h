/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NYX_ROOT_PORT_H
#define NYX_ROOT_PORT_H

struct pci_dev;

const struct pci_dev *nyx_root_port(const struct pci_dev *pdev);

#endif /* NYX_ROOT_PORT_H */
