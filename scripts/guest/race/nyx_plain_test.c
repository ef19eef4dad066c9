// SPDX-License-Identifier: GPL-2.0-only
/*
 * A driver for any PCI device that is told to take it (driver_override), and
 * does nothing with it. As far as the kernel knows it does DMA.
 */
#include <linux/delay.h>
#include <linux/module.h>
#include <linux/pci.h>

static bool fails;
module_param(fails, bool, 0644);
MODULE_PARM_DESC(fails, "it is in doubt whether a device is its own, until this goes: then it is not");

static int plain_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	if (!READ_ONCE(fails))
		return 0;
	while (READ_ONCE(fails))
		msleep(20);
	return -ENODEV;
}

static struct pci_driver plain_driver = {
	.name = KBUILD_MODNAME,
	.probe = plain_probe,
};
module_pci_driver(plain_driver);

MODULE_DESCRIPTION("A driver that can be bound to any PCI device");
MODULE_LICENSE("GPL");
