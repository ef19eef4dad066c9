// SPDX-License-Identifier: GPL-2.0-only
#include <linux/err.h>
#include <linux/pci.h>

#include "root_port.h"

/**
 * nyx_root_port() - the root port above a device
 * @pdev: the device
 *
 * Context: Any; nothing is unplugged above the device meanwhile.
 * Return: the root port; NULL for a device integrated in the root complex, that
 *	has none; ERR_PTR(-ENODEV) if what lies between is not PCI Express and
 *	so passes no ATS on.
 */
const struct pci_dev *nyx_root_port(const struct pci_dev *pdev)
{
	struct pci_dev *bridge;

	for (bridge = pdev->bus->self; bridge; bridge = bridge->bus->self) {
		if (!pci_is_pcie(bridge) ||
		    pci_pcie_type(bridge) == PCI_EXP_TYPE_PCI_BRIDGE)
			return ERR_PTR(-ENODEV);
		if (pci_pcie_type(bridge) == PCI_EXP_TYPE_ROOT_PORT)
			return bridge;
	}
	return NULL;
}
