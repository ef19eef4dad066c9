/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A PCI function with the Page Request and PASID capabilities of PCI Express, for tests
 * of the code that accesses them. The functions of the PCI core are the real ones.
 */
#ifndef NYX_KUNIT_PCI_FUNCTION_H
#define NYX_KUNIT_PCI_FUNCTION_H

#include <kunit/test.h>
#include <linux/pci.h>

#include <nyx/device.h>

/* Offsets of the capabilities in configuration space. */
#define PRI	0x120
#define PASID	0x180

/**
 * struct pci_function - the function, with its record
 * @pdev: the function as the PCI core knows it
 * @bus: the root bus that it is on
 * @ndev: the record
 * @pri_ctrl: Page Request Control
 * @capacity: Outstanding Page Request Capacity
 * @allocation: Outstanding Page Request Allocation
 * @outstanding: page requests that have no response yet
 * @stuck: they stay outstanding, even if the interface is reset
 * @pasid_cap: PASID Capability
 * @pasid_ctrl: PASID Control
 * @writes: number of writes to its registers
 * @broken: the first rule that software broke, or NULL
 */
struct pci_function {
	struct pci_dev pdev;
	struct pci_bus bus;
	struct nyx_device ndev;
	u16 pri_ctrl;
	u32 capacity;
	u32 allocation;
	unsigned int outstanding;
	bool stuck;
	u16 pasid_cap;
	u16 pasid_ctrl;
	unsigned int writes;
	const char *broken;
};

static inline int pci_function_read(struct pci_bus *bus, unsigned int devfn,
				    int where, int size, u32 *val)
{
	struct pci_function *fn = bus->sysdata;

	*val = 0;
	if (where == PRI + 4 && size == 2)
		*val = fn->pri_ctrl;
	else if (where == PRI + 6 && size == 2)
		/* Stopped: it sends nothing, and has a response to all it sent. */
		*val = fn->pri_ctrl & 1 || fn->outstanding ? 0 : 0x100;
	else if (where == PRI + 8 && size == 4)
		*val = fn->capacity;
	else if (where == PRI + 0xc && size == 4)
		*val = fn->allocation;
	else if (where == PASID + 4 && size == 2)
		*val = fn->pasid_cap;
	else if (where == PASID + 6 && size == 2)
		*val = fn->pasid_ctrl;
	return PCIBIOS_SUCCESSFUL;
}

static inline void pci_function_set_pri(struct pci_function *fn, u16 val)
{
	if (val & 2 && val & 1)
		fn->broken = "reset of an interface that is enabled";
	if (val & 2 && !fn->stuck)
		fn->outstanding = 0;
	if (val & 1 && (!fn->allocation || fn->allocation > fn->capacity))
		fn->broken = "enabled without a valid allocation";
	/* Reset reads as 0. */
	fn->pri_ctrl = val & 1;
}

static inline int pci_function_write(struct pci_bus *bus, unsigned int devfn,
				     int where, int size, u32 val)
{
	struct pci_function *fn = bus->sysdata;

	fn->writes++;
	if (where == PRI + 4 && size == 2) {
		pci_function_set_pri(fn, val);
	} else if (where == PRI + 0xc && size == 4) {
		if (fn->pri_ctrl & 1)
			fn->broken = "allocation changed while enabled";
		fn->allocation = val;
	} else if (where == PASID + 6 && size == 2) {
		fn->pasid_ctrl = val;
	} else {
		fn->broken = "write to another register";
	}
	return PCIBIOS_SUCCESSFUL;
}

/* Creates a function whose capabilities the PCI core has found. */
static inline struct pci_function *pci_function_new(struct kunit *test)
{
	static struct pci_ops ops = {
		.read = pci_function_read,
		.write = pci_function_write,
	};
	struct pci_function *fn = kunit_kzalloc(test, sizeof(*fn), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, fn);
	fn->bus.ops = &ops;
	fn->bus.sysdata = fn;
	fn->pdev.bus = &fn->bus;
	fn->pdev.dev.bus = &pci_bus_type;
	fn->pdev.dev.init_name = "function";
	device_initialize(&fn->pdev.dev);
	fn->pdev.pcie_cap = 0x40;
	fn->pdev.pcie_flags_reg = PCI_EXP_TYPE_RC_END << 4;
	/* Requests with PASIDs need no particular path. */
	fn->pdev.pasid_no_tlp = true;
	fn->pdev.pri_cap = PRI;
	fn->pdev.pasid_cap = PASID;
	fn->capacity = 1000;
	fn->ndev.dev = &fn->pdev.dev;
	return fn;
}

/* What a reset of the function leaves, after which the PCI core restores it. */
static inline void pci_function_reset(struct pci_function *fn)
{
	fn->pri_ctrl = 0;
	fn->allocation = 0;
	fn->outstanding = 0;
	fn->pasid_ctrl = 0;
	pci_restore_state(&fn->pdev);
}

#endif /* NYX_KUNIT_PCI_FUNCTION_H */
