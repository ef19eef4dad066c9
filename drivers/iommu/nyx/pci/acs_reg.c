// SPDX-License-Identifier: GPL-2.0-only
/*
 * Registers that control Access Control Services, in the three forms that
 * functions have: the ACS capability, the same with dwords instead of words,
 * and registers of a chipset whose ports have no such capability.
 */
#include <linux/bits.h>
#include <linux/io.h>
#include <linux/pci.h>
#include <linux/sizes.h>

#include <nyx/compat.h>

#include "acs_reg.h"
#include "quirks/quirks.h"

/* Redirect requests and completions upstream, and check requester IDs. */
#define NYX_ACS_FLAGS (PCI_ACS_SV | PCI_ACS_RR | PCI_ACS_CR | PCI_ACS_UF)

/* Control, if the registers of the capability are dwords. */
#define NYX_ACS_CTRL_DWORD	(PCI_ACS_CAP + 4)

/*
 * Root ports of the chipsets are functions of 00:1c. Miscellaneous Port
 * Configuration: bit 26 (IRBNCE) makes the port check bus numbers of requester
 * IDs, as source validation does.
 */
#define NYX_MPC			0xd8
#define NYX_MPC_IRBNCE		BIT(26)
/* Root Complex Base Address, a register of 00:1f.0 */
#define NYX_LPC			PCI_DEVFN(31, 0)
#define NYX_RCBA		0xf0
#define NYX_RCBA_ENABLE		BIT(0)
#define NYX_RCBA_MASK		GENMASK(31, 14)
/* The part of the root complex's registers that is used here. */
#define NYX_RCRB_OFFSET		0x1000
/* Upstream Peer Decode Configuration: a bit for each pair of ports */
#define NYX_RCRB_UPDCR		(0x1014 - NYX_RCRB_OFFSET)
#define NYX_UPDCR_PEERS		GENMASK(5, 0)
/* Backbone Scratch Pad: peer requests are disabled by a strap. */
#define NYX_RCRB_BSPR		(0x1104 - NYX_RCRB_OFFSET)
#define NYX_BSPR_NO_PEERS	(BIT(8) | BIT(9))

/**
 * nyx_acs_reg_init() - find the register that controls ACS of a function
 * @reg: filled in
 * @pdev: the function
 *
 * Context: Any context that may read configuration space.
 * Return: false if the function has no such register.
 */
bool nyx_acs_reg_init(struct nyx_acs_reg *reg, struct pci_dev *pdev)
{
	u32 quirks = nyx_quirk_flags(pdev);

	reg->pdev = pdev;
	reg->chipset = quirks & NYX_QUIRK_ACS_CHIPSET;
	reg->dword = true;
	if (reg->chipset) {
		reg->at = NYX_MPC;
		reg->wanted = NYX_MPC_IRBNCE;
		return true;
	}
	if (!pdev->acs_cap)
		return false;
	reg->dword = quirks & NYX_QUIRK_ACS_DWORD;
	reg->at = pdev->acs_cap +
		  (reg->dword ? NYX_ACS_CTRL_DWORD : PCI_ACS_CTRL);
	/* Features that the function does not support are not required. */
	reg->wanted = NYX_ACS_FLAGS & nyx_pci_acs_offered(pdev);
	return true;
}

/**
 * nyx_acs_reg_read() - read the register that controls ACS
 * @reg: the register
 * @ctrl: its value
 *
 * Context: Any context that may read configuration space.
 * Return: false if the function does not respond.
 */
bool nyx_acs_reg_read(const struct nyx_acs_reg *reg, u32 *ctrl)
{
	u16 word;

	if (reg->dword) {
		pci_read_config_dword(reg->pdev, reg->at, ctrl);
		return !PCI_POSSIBLE_ERROR(*ctrl);
	}
	pci_read_config_word(reg->pdev, reg->at, &word);
	*ctrl = word;
	return !PCI_POSSIBLE_ERROR(word);
}

/**
 * nyx_acs_reg_write() - write the register that controls ACS
 * @reg: the register
 * @ctrl: its new value
 *
 * Context: Any context that may write configuration space.
 */
void nyx_acs_reg_write(const struct nyx_acs_reg *reg, u32 ctrl)
{
	if (reg->dword)
		pci_write_config_dword(reg->pdev, reg->at, ctrl);
	else
		pci_write_config_word(reg->pdev, reg->at, ctrl);
}

/**
 * nyx_acs_chipset_map() - map the registers of a chipset for one of its ports
 * @pdev: the port
 *
 * Context: May sleep.
 * Return: the registers, for nyx_acs_chipset_redirect() and iounmap(); NULL if
 *	they cannot be used.
 */
void __iomem *nyx_acs_chipset_map(struct pci_dev *pdev)
{
	u32 rcba;

	if (pci_bus_read_config_dword(pdev->bus, NYX_LPC, NYX_RCBA, &rcba) ||
	    PCI_POSSIBLE_ERROR(rcba) || !(rcba & NYX_RCBA_ENABLE))
		return NULL;
	return ioremap((rcba & NYX_RCBA_MASK) + NYX_RCRB_OFFSET, SZ_4K);
}

/**
 * nyx_acs_chipset_redirect() - have ports of a chipset send requests upstream
 * @rcrb: the registers of the chipset
 *
 * Disables requests from port to port, unless a strap has done that. This has
 * no effect on other functions. The driver never undoes it, but a sleep of the
 * machine does.
 *
 * Context: Any.
 */
void nyx_acs_chipset_redirect(void __iomem *rcrb)
{
	u32 updcr;

	if ((readl(rcrb + NYX_RCRB_BSPR) & NYX_BSPR_NO_PEERS) ==
	    NYX_BSPR_NO_PEERS)
		return;
	updcr = readl(rcrb + NYX_RCRB_UPDCR);
	if (updcr & NYX_UPDCR_PEERS)
		writel(updcr & ~NYX_UPDCR_PEERS, rcrb + NYX_RCRB_UPDCR);
}
