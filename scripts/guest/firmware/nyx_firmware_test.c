// SPDX-License-Identifier: GPL-2.0-only
/*
 * Restores the chipset registers of QEMU's q35 machine and the bus numbers of
 * bridges after a sleep, as real firmware does before it returns to the kernel.
 * QEMU's firmware leaves them as they are after a reset: the extended configuration
 * space cannot be reached, and the machine can neither sleep again nor be powered
 * off. QEMU's AMD IOMMU cannot translate for a device whose bus has no number: its
 * requests would pass.
 *
 * To be loaded before nyx_iommu, so that the registers are restored before the
 * units.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/pci.h>

#include <nyx/compat.h>

/* struct firmware_reg - a 32-bit register, and its value before the sleep */
struct firmware_reg {
	unsigned int devfn;
	int offset;
	u32 val;
};

/* In the order of restoring; the enable bit of PCIEXBAR is in its lower half. */
static struct firmware_reg regs[] = {
	{ .devfn = PCI_DEVFN(0, 0), .offset = 0x64 },		/* PCIEXBAR */
	{ .devfn = PCI_DEVFN(0, 0), .offset = 0x60 },
	{ .devfn = PCI_DEVFN(0x1f, 0), .offset = 0x40 },	/* PMBASE */
	{ .devfn = PCI_DEVFN(0x1f, 0), .offset = 0x44 },	/* ACPI_CNTL */
	{ .devfn = PCI_DEVFN(0x1f, 0), .offset = 0xf0 },	/* RCBA */
};

#define FIRMWARE_BRIDGES 32

static struct pci_bus *bus;
static struct pci_dev *bridges[FIRMWARE_BRIDGES];
static u32 numbers[FIRMWARE_BRIDGES];
static unsigned int nr_bridges;
static struct nyx_syscore firmware;

/* Bridges are found before the bridges below them. */
static int firmware_find_bridges(void)
{
	struct pci_dev *pdev = NULL;

	for_each_pci_dev(pdev) {
		if (!pdev->subordinate)
			continue;
		if (nr_bridges == FIRMWARE_BRIDGES) {
			pci_dev_put(pdev);
			return -E2BIG;
		}
		bridges[nr_bridges++] = pci_dev_get(pdev);
	}
	return 0;
}

static void firmware_put_bridges(void)
{
	while (nr_bridges)
		pci_dev_put(bridges[--nr_bridges]);
}

static int firmware_save(void)
{
	unsigned int i;
	int ret = 0;

	for (i = 0; i < ARRAY_SIZE(regs) && !ret; i++)
		ret = pci_bus_read_config_dword(bus, regs[i].devfn,
						regs[i].offset, &regs[i].val);
	for (i = 0; i < nr_bridges && !ret; i++)
		ret = pci_read_config_dword(bridges[i], PCI_PRIMARY_BUS,
					    &numbers[i]);
	return ret;
}

static void firmware_restore(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(regs); i++)
		pci_bus_write_config_dword(bus, regs[i].devfn, regs[i].offset,
					   regs[i].val);
	for (i = 0; i < nr_bridges; i++)
		pci_write_config_dword(bridges[i], PCI_PRIMARY_BUS, numbers[i]);
}

static void firmware_off(void)
{
}

static int __init firmware_init(void)
{
	int ret;

	bus = pci_find_bus(0, 0);
	if (!bus)
		return -ENODEV;
	ret = firmware_find_bridges();
	if (ret) {
		firmware_put_bridges();
		return ret;
	}
	nyx_syscore_register(&firmware, firmware_save, firmware_restore,
			     firmware_off);
	return 0;
}

static void __exit firmware_exit(void)
{
	nyx_syscore_unregister(&firmware);
	firmware_put_bridges();
}

module_init(firmware_init);
module_exit(firmware_exit);

MODULE_DESCRIPTION("Firmware of a test machine that restores the chipset after a sleep");
MODULE_LICENSE("GPL");
