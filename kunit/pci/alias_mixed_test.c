// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requester IDs of devices below bridges, on made-up buses (PCI Express to
 * PCI/PCI-X Bridge Specification 1.0, section 2.3).
 */
#include <kunit/test.h>
#include <linux/bitfield.h>
#include <linux/pci.h>

#include <nyx/device.h>
#include <nyx/unit.h>

#include "pci/pci.h"

enum {
	DEPTH = 4,
	CONVENTIONAL = -1,		/* not PCI Express */
};

/**
 * struct step - a bridge
 * @type: PCI Express type, or CONVENTIONAL
 * @flags: quirks
 * @devfn: slot and function on the bus above
 * @bus: number of the bus below
 */
struct step {
	int type;
	u32 flags;
	u8 devfn;
	u8 bus;
};

/**
 * struct topology - the path between the unit and a device
 * @name: name of the test case
 * @steps: the bridges, from the root bus downwards
 * @devfn: slot and function of the device on the lowest bus
 * @quirk: another function whose ID the device uses as well, or 0
 * @rids: IDs that the device's requests may carry besides its own
 * @nr_rids: number of IDs in @rids
 * @mixed: only some of the requests carry the last ID
 */
struct topology {
	const char *name;
	struct step steps[DEPTH];
	u8 devfn;
	u8 quirk;
	u16 rids[DEPTH + 1];
	u8 nr_rids;
	bool mixed;
};

#define PORT(number) \
	{ PCI_EXP_TYPE_ROOT_PORT, .devfn = 0x08, .bus = number }
#define EXPRESS_TO_PCI(place, number) \
	{ PCI_EXP_TYPE_PCI_BRIDGE, .devfn = place, .bus = number }
#define PCI_TO_EXPRESS(place, number) \
	{ PCI_EXP_TYPE_PCIE_BRIDGE, .devfn = place, .bus = number }
#define PCI_TO_PCI(place, number) \
	{ CONVENTIONAL, .devfn = place, .bus = number }

static const struct topology topologies[] = {
	{ "on the root bus", .devfn = 0x10 },
	{ "below a port", { PORT(2) }, .devfn = 0x10 },
	{ "with a quirk", { PORT(2) }, 0x10, 0x11, { 0x0211 }, 1 },
	{ "below a bridge to PCI", { PORT(2), EXPRESS_TO_PCI(0, 3) }, 0x10, 0,
	  { 0x0300 }, 1, true },
	{ "in slot 0 below a bridge to PCI", { PORT(2), EXPRESS_TO_PCI(0, 3) },
	  0x00, 0, { }, 0, true },
	{ "below two bridges", { PORT(2), EXPRESS_TO_PCI(0, 3),
				 PCI_TO_PCI(0x10, 5) }, 0x08, 0,
	  { 0x0310, 0x0300 }, 2, true },
	{ "below two bridges in slot 0", { PORT(2), EXPRESS_TO_PCI(0, 3),
					   PCI_TO_PCI(0, 5) }, 0x08, 0,
	  { 0x0300 }, 1, true },
	{ "with a quirk below two bridges", { PORT(2), EXPRESS_TO_PCI(0, 3),
					      PCI_TO_PCI(0x10, 5) }, 0x08, 0x09,
	  { 0x0509, 0x0310, 0x0300 }, 3, true },
	{ "below a bridge of the root bus", { PCI_TO_PCI(0xf0, 1) }, 0x08, 0,
	  { 0x00f0 }, 1 },
	{ "below function 0 of bus 1", { PCI_TO_PCI(0xf0, 1),
					 PCI_TO_PCI(0, 2) }, 0x08, 0,
	  { 0x0100, 0x00f0 }, 2 },
	{ "below a bridge to PCI Express", { PCI_TO_EXPRESS(0, 1), PORT(2) },
	  0x08, 0, { 0x0000 }, 1 },
	{ "below bridges to PCI Express and back to PCI",
	  { PCI_TO_EXPRESS(0xf0, 1), EXPRESS_TO_PCI(0, 2) },
	  0x08, 0, { 0x0200, 0x00f0 }, 2 },
	{ "below a bridge that changes no ID",
	  { PORT(2), { PCI_EXP_TYPE_PCI_BRIDGE,
		       PCI_DEV_FLAGS_PCI_BRIDGE_NO_ALIAS, 0, 3 } }, 0x08 },
	{ "below a bridge that looks conventional",
	  { PORT(2), { CONVENTIONAL, PCI_DEV_FLAG_PCIE_BRIDGE_ALIAS, 0, 3 } },
	  0x08, 0, { 0x0300 }, 1, true },
	{ "below a bridge where requests are translated",
	  { { CONVENTIONAL, PCI_DEV_FLAGS_BRIDGE_XLATE_ROOT, 0, 2 },
	    EXPRESS_TO_PCI(0, 3) }, 0x08, 0, { 0x0300 }, 1, true },
};

KUNIT_ARRAY_PARAM_DESC(topologies, topologies, name);

static void make_express(struct pci_dev *pdev, int type)
{
	if (type == CONVENTIONAL)
		return;
	pdev->pcie_cap = 0x40;
	pdev->pcie_flags_reg = FIELD_PREP(PCI_EXP_FLAGS_TYPE, type);
}

static void behind_bridges(struct kunit *test)
{
	static const struct nyx_vendor vendor = { };
	const struct topology *topo = test->param_value;
	struct pci_bus *buses = kunit_kcalloc(test, DEPTH + 1, sizeof(*buses),
					      GFP_KERNEL);
	struct pci_dev *devs = kunit_kcalloc(test, DEPTH + 1, sizeof(*devs),
					     GFP_KERNEL);
	DECLARE_BITMAP(quirks, 256) = { };
	struct nyx_device *ndev = kunit_kzalloc(test, sizeof(*ndev),
						GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, buses);
	KUNIT_ASSERT_NOT_NULL(test, devs);
	KUNIT_ASSERT_NOT_NULL(test, ndev);
	nyx_vendor = &vendor;
	for (i = 0; i < DEPTH && topo->steps[i].bus; i++) {
		const struct step *step = &topo->steps[i];

		make_express(&devs[i], step->type);
		devs[i].dev_flags = step->flags;
		devs[i].devfn = step->devfn;
		devs[i].bus = &buses[i];
		devs[i].subordinate = &buses[i + 1];
		buses[i + 1].parent = &buses[i];
		buses[i + 1].self = &devs[i];
		buses[i + 1].number = step->bus;
	}
	devs[i].devfn = topo->devfn;
	devs[i].bus = &buses[i];
	if (topo->quirk) {
		__set_bit(topo->quirk, quirks);
		devs[i].dma_alias_mask = quirks;
	}

	devs[i].dev.bus = &pci_bus_type;
	ndev->dev = &devs[i].dev;
	ndev->rid = pci_dev_id(&devs[i]);
	ndev->mixed_rids = !topo->mixed;
	nyx_alias_collect(ndev);
	KUNIT_ASSERT_EQ(test, ndev->nr_rids, 1 + topo->nr_rids);
	KUNIT_EXPECT_EQ(test, ndev->rids[0], ndev->rid);
	for (i = 0; i < topo->nr_rids; i++)
		KUNIT_EXPECT_EQ(test, ndev->rids[1 + i], topo->rids[i]);
	KUNIT_EXPECT_EQ(test, ndev->mixed_rids, topo->mixed);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(behind_bridges, topologies_gen_params),
	{ }
};

static struct kunit_suite suite = {
	.name = "nyx_pci_alias_mixed",
	.test_cases = cases,
};

kunit_test_suite(suite);
