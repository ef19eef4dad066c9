// SPDX-License-Identifier: GPL-2.0-only
/*
 * Devices below VT-d units that get identity by default.
 */
#define pr_fmt(fmt) "nyx: " fmt

#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/pci.h>

#include <nyx/device.h>

#include "identity.h"
#include "quirks/quirks.h"

/*
 * VTISOCHCTRL of Tylersburg's System Management Registers (Intel 5520 and 5500
 * Chipset datasheet, section 17.11): which unit translates the audio function,
 * and how many TLB entries the unit for isochronous requests has.
 */
#define VTD_ISOCHCTRL		0x188
#define VTD_ISOCH_OTHER_UNIT	BIT(0)
#define VTD_ISOCH_TLB_ENTRIES	GENMASK(4, 2)	/* in steps of 4 */
#define VTD_ISOCH_TLB_16	0x10

static const char * const vtd_igfx_words[] = {
	"kernel", "identity", "translated",
};

enum vtd_igfx {
	VTD_IGFX_KERNEL,
	VTD_IGFX_IDENTITY,
	VTD_IGFX_TRANSLATED,
};

static enum vtd_igfx igfx;

static int vtd_igfx_set(const char *val, const struct kernel_param *kp)
{
	int word = sysfs_match_string(vtd_igfx_words, val);

	if (word < 0) {
		pr_err("igfx=%s is invalid: use kernel, identity or translated\n",
		       val);
		return -EINVAL;
	}
	igfx = word;
	return 0;
}

static int vtd_igfx_get(char *buffer, const struct kernel_param *kp)
{
	return sysfs_emit(buffer, "%s\n", vtd_igfx_words[igfx]);
}

static const struct kernel_param_ops vtd_igfx_ops = {
	.set = vtd_igfx_set,
	.get = vtd_igfx_get,
};

module_param_cb(igfx, &vtd_igfx_ops, NULL, 0444);
__MODULE_PARM_TYPE(igfx, "charp");
MODULE_PARM_DESC(igfx,
		 "VT-d: default domain of the integrated graphics: identity, translated, or kernel, as the kernel is configured for its own driver (default: kernel)");

/* Properties of devices, NYX_QUIRK_*, each of which makes identity the default. */
static u32 vtd_identity_quirks;

static bool vtd_igfx_identity(u32 machine)
{
	if (machine & NYX_QUIRK_NO_GRAPHICS)
		return true;
	if (igfx == VTD_IGFX_KERNEL)
		return !IS_ENABLED(CONFIG_INTEL_IOMMU_DEFAULT_ON);
	return igfx == VTD_IGFX_IDENTITY;
}

/**
 * vtd_isoch_without_tlb() - whether audio passes through a unit without a TLB
 * @control: the function with Tylersburg's System Management Registers
 *
 * Some firmware routes the audio function's requests to the unit for
 * isochronous requests, but gives that unit no TLB entry. The first translated
 * request then never completes. Firmware may also hide @control; then it is not
 * known to be broken.
 *
 * Context: Any context that may read configuration space.
 * Return: true if the audio function must not be translated.
 */
bool vtd_isoch_without_tlb(struct pci_dev *control)
{
	u32 ctrl, entries;

	if (pci_read_config_dword(control, VTD_ISOCHCTRL, &ctrl) ||
	    PCI_POSSIBLE_ERROR(ctrl) || (ctrl & VTD_ISOCH_OTHER_UNIT))
		return false;
	entries = ctrl & VTD_ISOCH_TLB_ENTRIES;
	if (!entries) {
		pci_warn(control, FW_BUG "audio is routed to a unit without TLB entries: it gets identity\n");
		return true;
	}
	if (entries != VTD_ISOCH_TLB_16)
		pci_info(control, "the unit for isochronous requests has %u TLB entries, 16 are recommended\n",
			 entries);
	return false;
}

/**
 * vtd_identity_init() - decide which devices get identity by default
 * @machine: nyx_quirk_machine()
 *
 * Context: May sleep. No device is probed yet.
 */
void vtd_identity_init(u32 machine)
{
	struct pci_dev *control;

	vtd_identity_quirks = 0;
	if (vtd_igfx_identity(machine))
		vtd_identity_quirks |= NYX_QUIRK_GRAPHICS;
	if (machine & NYX_QUIRK_GRAPHICS)
		pr_info("integrated graphics are %s by default%s\n",
			vtd_identity_quirks ? "untranslated" : "translated",
			machine & NYX_QUIRK_NO_GRAPHICS ?
			": translation does not work on this chipset" :
			", see igfx");
	if (!(machine & NYX_QUIRK_ISOCH_AUDIO))
		return;
	control = nyx_quirk_find(NYX_QUIRK_ISOCH_CONTROL);
	if (control && vtd_isoch_without_tlb(control))
		vtd_identity_quirks |= NYX_QUIRK_ISOCH_AUDIO;
	pci_dev_put(control);
}

/**
 * vtd_identity_needed() - nyx_vendor.identity_needed
 * @ndev: the device
 *
 * Context: Any.
 * Return: true for a device that gets identity by default.
 */
bool vtd_identity_needed(const struct nyx_device *ndev)
{
	return ndev->quirks & vtd_identity_quirks;
}
