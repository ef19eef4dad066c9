// SPDX-License-Identifier: GPL-2.0-only
/*
 * A driver that binds to any PCI device with a matching driver_override and
 * does nothing. The kernel treats it like any driver that does DMA.
 */
#include <linux/delay.h>
#include <linux/module.h>
#include <linux/pci.h>

static bool fails;
module_param(fails, bool, 0644);
MODULE_PARM_DESC(fails, "while set, a probe waits; it fails when this is cleared");

static int dummy_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	if (!READ_ONCE(fails))
		return 0;
	while (READ_ONCE(fails))
		msleep(20);
	return -ENODEV;
}

static struct pci_driver dummy_driver = {
	.name = KBUILD_MODNAME,
	.probe = dummy_probe,
};
module_pci_driver(dummy_driver);

MODULE_DESCRIPTION("A driver that can be bound to any PCI device");
MODULE_LICENSE("GPL");
