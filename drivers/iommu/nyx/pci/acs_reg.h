/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Registers that control Access Control Services of a function.
 */
#ifndef NYX_PCI_ACS_REG_H
#define NYX_PCI_ACS_REG_H

#include <linux/types.h>

struct pci_dev;

/**
 * struct nyx_acs_reg - the register that controls ACS of a function
 * @pdev: the function
 * @at: offset in configuration space
 * @wanted: bits that make all requests go upstream
 * @dword: the register has 32 bits, else 16
 * @chipset: @wanted is sufficient only after nyx_acs_chipset_redirect()
 */
struct nyx_acs_reg {
	struct pci_dev *pdev;
	u16 at;
	u32 wanted;
	bool dword;
	bool chipset;
};

bool nyx_acs_reg_init(struct nyx_acs_reg *reg, struct pci_dev *pdev);
bool nyx_acs_reg_read(const struct nyx_acs_reg *reg, u32 *ctrl);
void nyx_acs_reg_write(const struct nyx_acs_reg *reg, u32 ctrl);
void __iomem *nyx_acs_chipset_map(struct pci_dev *pdev);
void nyx_acs_chipset_redirect(void __iomem *rcrb);

#endif /* NYX_PCI_ACS_REG_H */
