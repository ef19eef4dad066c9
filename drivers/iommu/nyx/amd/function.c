// SPDX-License-Identifier: GPL-2.0-only
/* The PCI function of a unit: finding it, and its configuration space. */
#define pr_fmt(fmt) "nyx: " fmt

#include <linux/bitfield.h>
#include <linux/errno.h>
#include <linux/pci.h>
#include <linux/printk.h>
#include <asm/processor.h>

#include <nyx/remedy.h>

#include "amd.h"
#include "function.h"
#include "ivrs.h"
#include "quirks/quirks.h"

static struct pci_dev *amd_function_pdev(const struct amd_ivrs_unit *fw)
{
	return pci_get_domain_bus_and_slot(fw->segment,
					   PCI_BUS_NUM(fw->device_id),
					   fw->device_id & 0xff);
}

/* Reads the Capability Header; false if the function is no IOMMU. */
static bool amd_function_cap(struct pci_dev *pdev,
			     const struct amd_ivrs_unit *fw, u32 *cap)
{
	return pdev && fw->capability &&
	       !pci_read_config_dword(pdev, fw->capability, cap) &&
	       FIELD_GET(AMD_CAP_ID, *cap) == AMD_CAP_ID_SECURE &&
	       FIELD_GET(AMD_CAP_TYPE, *cap) == AMD_CAP_TYPE_IOMMU;
}

/**
 * amd_function_look() - look at the PCI function of a unit
 * @fw: the IVHD block of the unit
 * @cap: set to its Capability Header
 * @msi: set to whether it can raise an MSI
 *
 * Context: May sleep.
 * Return: true; false if there is no such function.
 */
bool amd_function_look(const struct amd_ivrs_unit *fw, u32 *cap, bool *msi)
{
	struct pci_dev *pdev = amd_function_pdev(fw);
	bool found = amd_function_cap(pdev, fw, cap);

	*msi = found && pdev->msi_cap;
	pci_dev_put(pdev);
	return found;
}

/**
 * amd_function_put() - undo amd_function_find()
 * @au: the unit
 *
 * Context: May sleep.
 */
void amd_function_put(struct amd_unit *au)
{
	pci_dev_put(au->bridge);
	au->bridge = NULL;
	pci_dev_put(au->pdev);
	au->pdev = NULL;
}

/**
 * amd_function_find() - find the PCI function of a unit and read what it
 *	reports
 * @au: the unit; its function, DeviceID, Capability Header, NUMA node and CPU
 *	are set, and whether it loses its configuration
 * @fw: the IVHD block of the unit
 *
 * Context: May sleep.
 * Return: 0; amd_function_put() undoes it. -ENXIO, after a log line, if there
 *	is no such function.
 */
int amd_function_find(struct amd_unit *au, const struct amd_ivrs_unit *fw)
{
	au->device_id = fw->device_id;
	au->pdev = amd_function_pdev(fw);
	if (!amd_function_cap(au->pdev, fw, &au->cap)) {
		pr_err("%s: no IOMMU at %04x:%02x:%02x.%u: the IVRS table is wrong, or firmware disabled the unit: "
		       NYX_REMEDY_FIRMWARE "\n",
		       au->unit.name, fw->segment, PCI_BUS_NUM(fw->device_id),
		       PCI_SLOT(fw->device_id), PCI_FUNC(fw->device_id));
		amd_function_put(au);
		return -ENXIO;
	}
	au->unit.nid = dev_to_node(&au->pdev->dev);
	au->loses_config = nyx_quirk_flags(au->pdev) & NYX_QUIRK_LOSES_CONFIG;
	if (au->loses_config)
		au->bridge = pci_get_domain_bus_and_slot(fw->segment,
							 PCI_BUS_NUM(fw->device_id),
							 PCI_DEVFN(0, 0));
	au->cpu_family = boot_cpu_data.x86;
	au->cpu_model = boot_cpu_data.x86_model;
	return 0;
}

/**
 * amd_function_name() - get the kernel's name of a unit's PCI function
 * @au: the unit, whose function was found
 *
 * Context: Any.
 * Return: the name, which lives as long as the function.
 */
const char *amd_function_name(const struct amd_unit *au)
{
	return pci_name(au->pdev);
}

/**
 * amd_config_read() - read from the configuration space of a unit's function
 * @au: the unit
 * @where: offset, a multiple of 4
 *
 * Context: Any.
 * Return: 32 bits; all ones if the function is gone.
 */
u32 amd_config_read(struct amd_unit *au, int where)
{
	u32 val = ~0;

	pci_read_config_dword(au->pdev, where, &val);
	return val;
}

/**
 * amd_config_write() - write to the configuration space of a unit's function
 * @au: the unit
 * @where: offset, a multiple of 4
 * @val: 32 bits
 *
 * Context: Any.
 */
void amd_config_write(struct amd_unit *au, int where, u32 val)
{
	pci_write_config_dword(au->pdev, where, val);
}

/**
 * amd_bridge_read() - read from the configuration space of a unit's host bridge
 * @au: the unit, which has &amd_unit.bridge
 * @where: offset, a multiple of 4
 *
 * Context: Any.
 * Return: 32 bits; all ones if the bridge is gone.
 */
u32 amd_bridge_read(struct amd_unit *au, int where)
{
	u32 val = ~0;

	pci_read_config_dword(au->bridge, where, &val);
	return val;
}

/**
 * amd_bridge_write() - write to the configuration space of a unit's host bridge
 * @au: the unit, which has &amd_unit.bridge
 * @where: offset, a multiple of 4
 * @val: 32 bits
 *
 * Context: Any.
 */
void amd_bridge_write(struct amd_unit *au, int where, u32 val)
{
	pci_write_config_dword(au->bridge, where, val);
}
