// SPDX-License-Identifier: GPL-2.0-only
/*
 * Groups of devices, and ACS when they are formed and after a reset, on a made-up
 * PCI hierarchy whose configuration space counts how often it is read.
 */
#include <kunit/test.h>
#include <linux/io.h>
#include <linux/iommu.h>
#include <linux/ioport.h>
#include <linux/logic_iomem.h>
#include <linux/pci.h>
#include <linux/rculist.h>

#include <nyx/compat.h>
#include <nyx/device.h>
#include <nyx/unit.h>

#include "../unit_core.h"
#include "pci/pci.h"

/* PCI Express device types as in the capability register, bits 7:4. */
#define ENDPOINT	(0x0 << 4)
#define ROOT_PORT	(0x4 << 4)
#define UPSTREAM	(0x5 << 4)
#define DOWNSTREAM	(0x6 << 4)
#define INTEGRATED	(0x9 << 4)

/* Offset of the ACS capability, and SV, RR, CR and UF (7.7.11). */
#define ACS		0x140
#define ACS_ALL		0x001d

/* Registers of a chipset: at offset 1000h of a window that 00:1f.0 names. */
#define RCRB		0xd0000000UL
#define RCRB_REGS	0x1000

#define MAX_FNS		1100

/**
 * struct fn - a PCI function with its record, and part of its registers
 * @pdev: the function
 * @iommu: the IOMMU core's data of the function
 * @ndev: the record
 * @cap: ACS Capability
 * @ctrl: ACS Control, a word
 * @dword: the dword at offset 8 of the ACS capability
 * @mpc: Miscellaneous Port Configuration of ports of some chipsets
 * @off: it has no power: reads return all ones, and writes have no effect
 */
struct fn {
	struct pci_dev pdev;
	struct dev_iommu iommu;
	struct nyx_device ndev;
	u16 cap;
	u16 ctrl;
	u32 dword;
	u32 mpc;
	bool off;
};

static struct fn *functions[MAX_FNS];
static unsigned int nr_functions;
static unsigned int reads;
static u32 rcba;
static u32 updcr;
static u32 bspr;
static struct nyx_unit *unit;

static int read_config(struct pci_bus *bus, unsigned int devfn, int where,
		       int size, u32 *val)
{
	const struct fn *fn = ((struct fn **)bus->sysdata)[devfn];

	reads++;
	*val = 0;
	if (fn && fn->off)
		*val = ~0u >> (32 - 8 * size);
	else if (devfn == 0xf8 && where == 0xf0)
		*val = rcba;
	else if (where == 0xd8)
		*val = fn->mpc;
	else if (where == ACS + 4)
		*val = fn->cap;
	else if (where == ACS + 6)
		*val = fn->ctrl;
	else if (where == ACS + 8)
		*val = fn->dword;
	return PCIBIOS_SUCCESSFUL;
}

static int write_config(struct pci_bus *bus, unsigned int devfn, int where,
			int size, u32 val)
{
	struct fn *fn = ((struct fn **)bus->sysdata)[devfn];

	if (fn->off)
		return PCIBIOS_SUCCESSFUL;
	if (where == 0xd8 && size == 4)
		fn->mpc = val;
	else if (where == ACS + 6 && size == 2)
		fn->ctrl = val;
	else if (where == ACS + 8 && size == 4)
		fn->dword = val;
	return PCIBIOS_SUCCESSFUL;
}

static struct pci_ops config = { .read = read_config, .write = write_config };

static unsigned long read_rcrb(void *priv, unsigned int at, int size)
{
	return at == 0x14 ? updcr : at == 0x104 ? bspr : 0;
}

static void write_rcrb(void *priv, unsigned int at, int size, unsigned long val)
{
	if (at == 0x14)
		updcr = val;
}

static const struct logic_iomem_ops rcrb_ops = {
	.read = read_rcrb,
	.write = write_rcrb,
};

static long map_rcrb(unsigned long offset, size_t size,
		     const struct logic_iomem_ops **ops, void **priv)
{
	*ops = &rcrb_ops;
	return 0;
}

static const struct logic_iomem_region_ops rcrb_region = { .map = map_rcrb };

static const struct nyx_vendor vendor = { };

static int group_init(struct kunit *test)
{
	unit_core_reset();
	nyx_vendor = &vendor;
	unit = kunit_kzalloc(test, sizeof(*unit), GFP_KERNEL);
	nr_functions = 0;
	rcba = 0;
	updcr = 0xff3f;
	bspr = 0;
	return unit ? 0 : -ENOMEM;
}

static void group_exit(struct kunit *test)
{
	unsigned int i;

	nyx_acs_restore();
	for (i = 0; i < nr_functions; i++)
		iommu_group_put(functions[i]->pdev.dev.iommu_group);
	nyx_vendor = NULL;
	unit_core_reset();
}

/* Returns the bus below a port, or the root bus if @port is NULL. */
static struct pci_bus *new_bus(struct kunit *test, struct fn *port, u8 number)
{
	struct pci_bus *bus = kunit_kzalloc(test, sizeof(*bus), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, bus);
	bus->number = number;
	bus->ops = &config;
	/* The functions on the bus */
	bus->sysdata = kunit_kcalloc(test, 256, sizeof(struct fn *), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, bus->sysdata);
	if (port) {
		bus->self = &port->pdev;
		bus->parent = port->pdev.bus;
		port->pdev.subordinate = bus;
	}
	return bus;
}

static struct fn *new_fn(struct kunit *test, struct pci_bus *bus, u8 devfn,
			 u16 pcie, u32 id)
{
	struct fn *fn = kunit_kzalloc(test, sizeof(*fn), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, fn);
	KUNIT_ASSERT_LT(test, nr_functions, MAX_FNS);
	functions[nr_functions++] = fn;
	((struct fn **)bus->sysdata)[devfn] = fn;
	fn->pdev.dev.bus = &pci_bus_type;
	fn->pdev.dev.iommu = &fn->iommu;
	fn->pdev.dev.init_name = "function";
	device_initialize(&fn->pdev.dev);
	fn->pdev.bus = bus;
	fn->pdev.devfn = devfn;
	fn->pdev.vendor = id >> 16;
	fn->pdev.device = id;
	fn->pdev.pcie_cap = 0x40;
	fn->pdev.pcie_flags_reg = pcie;
	fn->pdev.multifunction = true;
	fn->ndev.dev = &fn->pdev.dev;
	fn->ndev.unit = unit;
	fn->ndev.rid = pci_dev_id(&fn->pdev);
	nyx_alias_collect(&fn->ndev);
	return fn;
}

static void offer_acs(struct fn *fn)
{
	fn->pdev.acs_cap = ACS;
	fn->cap = ACS_ALL;
#ifdef NYX_HAVE_ACS_CAPABILITIES
	fn->pdev.acs_capabilities = ACS_ALL;
#endif
}

/* Probes a function as the IOMMU core does. */
static void probe(struct kunit *test, struct fn *fn)
{
	struct iommu_group *group;

	list_add_tail_rcu(&fn->ndev.node, &nyx_devices);
	fn->iommu.priv = &fn->ndev;
	scoped_guard(mutex, &nyx_devices_lock) {
		nyx_acs_enable(&fn->pdev);
		KUNIT_EXPECT_NULL(test, nyx_group_waiting_peer(&fn->ndev));
		nyx_device_set_state(&fn->ndev, NYX_DEVICE_MANAGED);
	}
	group = nyx_device_group(&fn->pdev.dev);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, group);
	fn->pdev.dev.iommu_group = group;
}

static bool together(const struct fn *a, const struct fn *b)
{
	return a->pdev.dev.iommu_group == b->pdev.dev.iommu_group;
}

/*
 * A thousand functions below a switch. Configuration space is slow, so the
 * number of reads must not grow with the square of the number of functions.
 */
static void thousand_functions(struct kunit *test)
{
	struct pci_bus *root = new_bus(test, NULL, 0), *bus;
	struct fn *port = new_fn(test, root, 0x08, ROOT_PORT, 0), *up, *down, *fn;
	unsigned int i, first;

	offer_acs(port);
	up = new_fn(test, new_bus(test, port, 1), 0, UPSTREAM, 0);
	up->pdev.multifunction = false;
	bus = new_bus(test, up, 2);
	for (i = 0; i < 4; i++) {
		down = new_fn(test, bus, i << 3, DOWNSTREAM, 0);
		offer_acs(down);
		new_bus(test, down, 3 + i);
	}
	first = nr_functions;
	for (i = 0; i < 1000; i++) {
		fn = new_fn(test, functions[2 + i % 4]->pdev.subordinate, i / 4,
			    ENDPOINT, 0);
		offer_acs(fn);
	}
	reads = 0;
	for (i = first; i < nr_functions; i++)
		probe(test, functions[i]);
	KUNIT_EXPECT_LT_MSG(test, reads, 30 * 1000, "reads of 1000 functions");
	/* Each is isolated. */
	for (i = first + 1; i < nr_functions; i++)
		KUNIT_EXPECT_FALSE(test, together(functions[i], functions[i - 1]));
}

/* Two functions of a card that has no ACS, in a machine of its own. */
static bool card_is_split(struct kunit *test, u32 id)
{
	struct pci_bus *bus;
	struct fn *port, *a, *b;

	group_exit(test);
	KUNIT_ASSERT_EQ(test, group_init(test), 0);
	port = new_fn(test, new_bus(test, NULL, 0), 0x08, ROOT_PORT, 0);
	offer_acs(port);
	bus = new_bus(test, port, 1);
	a = new_fn(test, bus, 0, ENDPOINT, id);
	b = new_fn(test, bus, 1, ENDPOINT, id);
	probe(test, a);
	probe(test, b);
	return !together(a, b);
}

/* Network cards whose functions are isolated without ACS, and others. */
static void isolated_by_quirk(struct kunit *test)
{
	struct fn *a, *b;
	struct pci_bus *root;

	KUNIT_EXPECT_TRUE(test, card_is_split(test, 0x808610fb));
	KUNIT_EXPECT_TRUE(test, card_is_split(test, 0x14e41750));
	KUNIT_EXPECT_TRUE(test, card_is_split(test, 0x80880107));
	KUNIT_EXPECT_FALSE(test, card_is_split(test, 0x80861520));
	KUNIT_EXPECT_FALSE(test, card_is_split(test, 0x15b31017));

	/* Integrated functions of one vendor. */
	root = new_bus(test, NULL, 0);
	a = new_fn(test, root, 0xa8, INTEGRATED, 0x808651e8);
	b = new_fn(test, root, 0xa9, INTEGRATED, 0x808651e9);
	probe(test, a);
	probe(test, b);
	KUNIT_EXPECT_FALSE(test, together(a, b));
	a = new_fn(test, root, 0xb0, INTEGRATED, 0x102251e8);
	b = new_fn(test, root, 0xb1, INTEGRATED, 0x102251e9);
	probe(test, a);
	probe(test, b);
	KUNIT_EXPECT_TRUE(test, together(a, b));
}

/* Devices below two ports of a PCH, which are functions of one device. */
static bool ports_isolate(struct kunit *test, u32 id, bool acs)
{
	struct pci_bus *root = new_bus(test, NULL, 0);
	struct fn *a = new_fn(test, root, 0xe0, ROOT_PORT, id);
	struct fn *b = new_fn(test, root, 0xe1, ROOT_PORT, id);
	struct fn *below_a, *below_b;

	if (acs) {
		offer_acs(a);
		offer_acs(b);
	}
	below_a = new_fn(test, new_bus(test, a, 1), 0, ENDPOINT, 0);
	below_b = new_fn(test, new_bus(test, b, 2), 0, ENDPOINT, 0);
	probe(test, below_a);
	probe(test, below_b);
	return !together(below_a, below_b);
}

/* Sunrise Point: Control is the dword at offset 8. */
static void control_is_a_dword(struct kunit *test)
{
	KUNIT_EXPECT_TRUE(test, ports_isolate(test, 0x8086a110, true));
	KUNIT_EXPECT_EQ(test, functions[0]->dword, 0x1d);
	KUNIT_EXPECT_EQ(test, functions[0]->ctrl, 0);
	functions[0]->dword = 0;
	KUNIT_EXPECT_FALSE(test, nyx_acs_isolated(&functions[0]->pdev));
	nyx_acs_enable(&functions[0]->pdev);
	KUNIT_EXPECT_TRUE(test, nyx_acs_isolated(&functions[0]->pdev));
	nyx_acs_restore();
	KUNIT_EXPECT_EQ(test, functions[0]->dword, 0);
	KUNIT_EXPECT_EQ(test, functions[1]->dword, 0);
	/* Other ports: the word at offset 6. */
	group_exit(test);
	KUNIT_ASSERT_EQ(test, group_init(test), 0);
	KUNIT_EXPECT_TRUE(test, ports_isolate(test, 0x80860e08, true));
	KUNIT_EXPECT_EQ(test, functions[0]->dword, 0);
	KUNIT_EXPECT_EQ(test, functions[0]->ctrl, 0x1d);
}

/* pci_restore_state() returns, in the context of a probe. */
static void restored(struct fn *fn)
{
	unsigned long flags;

	local_irq_save(flags);
	nyx_acs_enable_again(&fn->pdev);
	local_irq_restore(flags);
}

/*
 * Earlier PCHs. MPC: bit 26 checks bus numbers. UPDCR: bits 5:0 let ports send
 * to each other. BSPR: bits 9:8 are set if a strap forbids that.
 */
static void chipset_redirects(struct kunit *test)
{
	static struct resource region = {
		.name = "registers of a chipset",
		.start = RCRB + RCRB_REGS,
		.end = RCRB + 2 * RCRB_REGS - 1,
		.flags = IORESOURCE_MEM,
	};
	static bool added;

	if (!added)
		KUNIT_ASSERT_EQ(test, 0, logic_iomem_add_region(&region,
								&rcrb_region));
	added = true;
	/* The registers are not enabled: the ports may reach each other. */
	KUNIT_EXPECT_FALSE(test, ports_isolate(test, 0x80861c10, false));
	KUNIT_EXPECT_EQ(test, updcr, 0xff3f);
	group_exit(test);
	KUNIT_ASSERT_EQ(test, group_init(test), 0);
	rcba = (u32)RCRB | 1;
	KUNIT_EXPECT_TRUE(test, ports_isolate(test, 0x80861c10, false));
	KUNIT_EXPECT_EQ(test, updcr, 0xff00);
	KUNIT_EXPECT_EQ(test, functions[0]->mpc, 0x04000000);
	KUNIT_EXPECT_EQ(test, functions[1]->mpc, 0x04000000);
	/* A sleep resets both registers. */
	functions[1]->mpc = 0;
	updcr = 0xff3f;
	restored(functions[1]);
	KUNIT_EXPECT_EQ(test, functions[1]->mpc, 0x04000000);
	KUNIT_EXPECT_EQ(test, updcr, 0xff00);
	/* Without kprobes, this happens when all devices work again. */
	updcr = 0xff3f;
	nyx_acs_enable(&functions[0]->pdev);
	KUNIT_EXPECT_EQ(test, updcr, 0xff00);
	nyx_acs_restore();
	KUNIT_EXPECT_EQ(test, functions[0]->mpc, 0);
	KUNIT_EXPECT_FALSE(test, nyx_acs_isolated(&functions[0]->pdev));
	/* A strap forbids it. */
	group_exit(test);
	KUNIT_ASSERT_EQ(test, group_init(test), 0);
	rcba = (u32)RCRB | 1;
	bspr = 0x300;
	KUNIT_EXPECT_TRUE(test, ports_isolate(test, 0x80861c10, false));
	KUNIT_EXPECT_EQ(test, updcr, 0xff3f);
}

static struct fn *new_port(struct kunit *test, u16 ctrl)
{
	struct fn *port = new_fn(test, new_bus(test, NULL, 0), 0x08, ROOT_PORT,
				 0);

	offer_acs(port);
	port->ctrl = ctrl;
	return port;
}

/* Direct Translated P2P, bit 6, stands for what firmware has set. */
static void reset_disables_acs(struct kunit *test)
{
	struct fn *port = new_port(test, 0x40), *other = new_port(test, 0);

	restored(port);
	KUNIT_EXPECT_EQ(test, port->ctrl, 0x40);
	nyx_acs_enable(&port->pdev);
	KUNIT_EXPECT_EQ(test, port->ctrl, 0x5d);
	port->ctrl = 0;
	KUNIT_EXPECT_FALSE(test, nyx_acs_isolated(&port->pdev));
	restored(port);
	KUNIT_EXPECT_EQ(test, port->ctrl, 0x1d);
	KUNIT_EXPECT_TRUE(test, nyx_acs_isolated(&port->pdev));
	restored(other);
	KUNIT_EXPECT_EQ(test, other->ctrl, 0);
	nyx_acs_restore();
	KUNIT_EXPECT_EQ(test, port->ctrl, 0x40);
	restored(port);
	KUNIT_EXPECT_EQ(test, port->ctrl, 0x40);
}

/* A port that has no power gets ACS when it has. */
static void without_power(struct kunit *test)
{
	struct fn *port = new_port(test, 0x40), *gone = new_port(test, 0);

	port->off = true;
	gone->off = true;
	nyx_acs_enable(&port->pdev);
	nyx_acs_enable(&gone->pdev);
	restored(port);
	port->off = false;
	gone->off = false;
	KUNIT_EXPECT_EQ(test, port->ctrl, 0x40);
	restored(port);
	KUNIT_EXPECT_EQ(test, port->ctrl, 0x5d);
	/* It loses power again. */
	port->off = true;
	nyx_acs_enable(&port->pdev);
	port->off = false;
	port->ctrl = 0;
	restored(port);
	KUNIT_EXPECT_EQ(test, port->ctrl, 0x1d);

	nyx_acs_remove(&gone->pdev);
	restored(gone);
	KUNIT_EXPECT_EQ(test, gone->ctrl, 0);
	nyx_acs_enable(&gone->pdev);
	gone->off = true;
	nyx_acs_remove(&gone->pdev);
	nyx_acs_restore();
	/* What it had before ACS was enabled. */
	KUNIT_EXPECT_EQ(test, port->ctrl, 0x40);

	/* It never gets power before the module is unloaded. */
	port->off = true;
	nyx_acs_enable(&port->pdev);
	port->off = false;
	port->ctrl = 0x41;
	nyx_acs_restore();
	KUNIT_EXPECT_EQ(test, port->ctrl, 0x41);
}

static struct kunit_case nyx_pci_group_cases[] = {
	KUNIT_CASE(thousand_functions),
	KUNIT_CASE(isolated_by_quirk),
	KUNIT_CASE(control_is_a_dword),
	KUNIT_CASE(chipset_redirects),
	KUNIT_CASE(reset_disables_acs),
	KUNIT_CASE(without_power),
	{}
};

static struct kunit_suite nyx_pci_group_suite = {
	.name = "nyx_pci_group",
	.init = group_init,
	.exit = group_exit,
	.test_cases = nyx_pci_group_cases,
};

kunit_test_suite(nyx_pci_group_suite);
