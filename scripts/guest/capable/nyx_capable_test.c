// SPDX-License-Identifier: GPL-2.0-only
/*
 * Asks the IOMMU API whether DMA of a device was blocked before the system
 * started, as the Thunderbolt driver does.
 */
#include <linux/iommu.h>
#include <linux/module.h>
#include <linux/pci.h>

static char *device;
module_param(device, charp, 0444);
MODULE_PARM_DESC(device, "PCI address of a device");

static bool pre_boot;
module_param(pre_boot, bool, 0444);
MODULE_PARM_DESC(pre_boot, "result, set when the module is loaded");

static int __init capable_test_init(void)
{
	struct device *dev;

	dev = bus_find_device_by_name(&pci_bus_type, NULL, device);
	if (!dev)
		return -ENODEV;
	pre_boot = device_iommu_capable(dev, IOMMU_CAP_PRE_BOOT_PROTECTION);
	put_device(dev);
	return 0;
}
module_init(capable_test_init);

static void __exit capable_test_exit(void)
{
}
module_exit(capable_test_exit);

MODULE_DESCRIPTION("Asks for IOMMU_CAP_PRE_BOOT_PROTECTION");
MODULE_LICENSE("GPL");
