// SPDX-License-Identifier: GPL-2.0-only
/*
 * A device moves from one domain to another: the order of the changes on the
 * unit, and the state after the unit has refused a change.
 */
#include <kunit/test.h>
#include <kunit/test-bug.h>
#include <linux/pci.h>
#include <linux/sizes.h>

#include <nyx/device.h>
#include <nyx/domain.h>
#include <nyx/unit.h>

#include "../unit_core.h"
#include "domain/domain.h"
#include "fake_unit.h"
#include "pci/pci.h"

#define ACS_CAP 0x100
#define ACS_FLAGS (PCI_ACS_SV | PCI_ACS_RR | PCI_ACS_CR | PCI_ACS_UF)

enum { CHANGES = 12 };

/**
 * struct change - a change of the entry that was requested from the unit
 * @entry: the new value
 * @links: whether domain 0 and 1 were linked to the unit at that time
 * @ats: whether the device was on their lists of ATS devices at that time
 */
struct change {
	struct nyx_entry entry;
	bool links[2];
	bool ats[2];
};

/**
 * struct fake - a unit, a device and two domains
 * @unit: the unit
 * @buses: the root bus, and the bus of the device
 * @port: the port between them
 * @pdev: the device
 * @iommu: the IOMMU core's data of the device
 * @ndev: the record of the device
 * @domains: the domains
 * @changes: changes of the device's entry
 * @flushes: flushes of a whole domain, by domain ID
 * @acs: times that ACS was enabled, by bus
 * @acs_untrusted: times that it was enabled with Translation Blocking, by bus
 */
struct fake {
	struct fake_unit unit;
	struct pci_bus buses[2];
	struct pci_dev port;
	struct pci_dev pdev;
	struct dev_iommu iommu;
	struct nyx_device ndev;
	struct nyx_domain *domains[2];
	struct change changes[CHANGES];
	unsigned int flushes[3];
	unsigned int acs[2];
	unsigned int acs_untrusted[2];
};

/* Configuration space in which ACS is always disabled, as after a reset. */
static int read_config(struct pci_bus *bus, unsigned int devfn, int where,
		       int size, u32 *val)
{
	*val = 0;
	return PCIBIOS_SUCCESSFUL;
}

static int write_config(struct pci_bus *bus, unsigned int devfn, int where,
			int size, u32 val)
{
	struct fake *fake = bus->sysdata;

	if (where == ACS_CAP + PCI_ACS_CTRL && val == ACS_FLAGS)
		fake->acs[bus->number]++;
	if (where == ACS_CAP + PCI_ACS_CTRL && val == (ACS_FLAGS | PCI_ACS_TB))
		fake->acs_untrusted[bus->number]++;
	return PCIBIOS_SUCCESSFUL;
}

static struct pci_ops config_ops = {
	.read = read_config,
	.write = write_config,
};

/* Expects that ACS of the device and the port was enabled @times times. */
static void expect_acs(struct kunit *test, unsigned int times)
{
	const struct fake *fake = test->priv;

	KUNIT_EXPECT_EQ(test, fake->acs[0], times);
	KUNIT_EXPECT_EQ(test, fake->acs[1], times);
}

static void init_function(struct fake *fake, struct pci_dev *pdev, int bus)
{
	device_initialize(&pdev->dev);
	pdev->dev.bus = &pci_bus_type;
	pdev->bus = &fake->buses[bus];
	pdev->acs_cap = ACS_CAP;
	pdev->acs_capabilities = ACS_FLAGS | PCI_ACS_TB;
	fake->buses[bus].ops = &config_ops;
	fake->buses[bus].number = bus;
	fake->buses[bus].sysdata = fake;
}

static void init_pci(struct fake *fake)
{
	init_function(fake, &fake->port, 0);
	init_function(fake, &fake->pdev, 1);
	fake->buses[1].parent = &fake->buses[0];
	fake->buses[1].self = &fake->port;
}

static bool is_on(const struct list_head *list, const struct list_head *node)
{
	const struct list_head *pos;

	list_for_each(pos, list)
		if (pos == node)
			return true;
	return false;
}

static void record_change(struct fake_unit *unit, u16 rid,
			  const struct nyx_entry *want)
{
	struct fake *fake = container_of(unit, struct fake, unit);
	struct change *change = &fake->changes[unit->changes - 1];
	int i;

	KUNIT_ASSERT_LE(kunit_get_current_test(), unit->changes, CHANGES);
	change->entry = *want;
	for (i = 0; i < 2; i++) {
		if (!fake->domains[i])
			continue;
		change->links[i] = !list_empty(&fake->domains[i]->links);
		change->ats[i] = is_on(&fake->domains[i]->ats,
				       &fake->ndev.ats_node);
	}
}

static void record_flush(struct fake_unit *unit, const struct nyx_flush *flush)
{
	struct fake *fake = container_of(unit, struct fake, unit);

	if (!flush->start && flush->last == U64_MAX)
		fake->flushes[flush->domain_id]++;
}

static struct nyx_domain *new_domain(struct kunit *test, struct fake *fake)
{
	struct iommu_domain *domain = nyx_domain_alloc_paging(&fake->pdev.dev);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, domain);
	return to_nyx_domain(domain);
}

static int attach_to(struct fake *fake, struct iommu_domain *domain)
{
	return domain->ops->attach_dev(domain, &fake->pdev.dev, NULL);
}

static int attach(struct fake *fake, int i)
{
	return attach_to(fake, &fake->domains[i]->pt.iommu.domain);
}

static int device_entry_test_init(struct kunit *test)
{
	struct fake *fake = kunit_kzalloc(test, sizeof(*fake), GFP_KERNEL);
	struct nyx_unit *unit;
	int i;

	KUNIT_ASSERT_NOT_NULL(test, fake);
	test->priv = fake;
	unit_core_reset();
	fake_unit_init(test, &fake->unit, "fake0");
	fake->unit.on_change = record_change;
	fake->unit.on_flush = record_flush;
	nyx_domains_open();
	unit = &fake->unit.unit;
	unit->identity_id = 7;
	unit->caps = (struct nyx_unit_caps) {
		.format = &nyx_pt_vtdss,
		.pgsizes = SZ_4K,
		.levels = 0x10,
		.addr_bits = 48,
		.phys_bits = 46,
		.max_domain_id = 2,
		.coherent = true,
		.passthrough = true,
	};
	init_pci(fake);
	fake->pdev.dev.init_name = "device";
	fake->port.dev.init_name = "port";
	fake->pdev.dev.iommu = &fake->iommu;
	fake->iommu.priv = &fake->ndev;
	fake->ndev.dev = &fake->pdev.dev;
	fake->ndev.unit = unit;
	fake->ndev.nr_rids = 1;
	mutex_init(&fake->ndev.entry_lock);
	INIT_LIST_HEAD(&fake->ndev.ats_node);
	xa_init(&fake->ndev.pasids);
	for (i = 0; i < 2; i++)
		fake->domains[i] = new_domain(test, fake);
	return 0;
}

/* The device is in no domain and on no list, and all domain IDs are free. */
static void expect_nothing_left(struct kunit *test)
{
	struct fake *fake = test->priv;
	int i;

	KUNIT_EXPECT_NULL(test, fake->ndev.domain);
	KUNIT_EXPECT_TRUE(test, list_empty(&fake->ndev.ats_node));
	for (i = 0; i < 2; i++) {
		KUNIT_EXPECT_TRUE(test, list_empty(&fake->domains[i]->links));
		KUNIT_EXPECT_TRUE(test, list_empty(&fake->domains[i]->ats));
	}
	KUNIT_EXPECT_TRUE(test, ida_is_empty(&fake->unit.unit.domain_ids));
}

static void device_entry_test_exit(struct kunit *test)
{
	struct fake *fake = test->priv;
	int i;

	for (i = 0; i < 2; i++)
		nyx_paging_ops.free(&fake->domains[i]->pt.iommu.domain);
	nyx_acs_remove(&fake->pdev);
	nyx_acs_remove(&fake->port);
}

/* A domain ID is flushed when it is freed, not before. */
static void to_another_domain(struct kunit *test)
{
	struct fake *fake = test->priv;

	KUNIT_ASSERT_EQ(test, attach(fake, 0), 0);
	KUNIT_EXPECT_PTR_EQ(test, fake->ndev.domain, fake->domains[0]);
	KUNIT_EXPECT_TRUE(test, fake->changes[0].links[0]);
	expect_acs(test, 1);
	KUNIT_ASSERT_EQ(test, attach(fake, 1), 0);
	expect_acs(test, 2);
	KUNIT_EXPECT_EQ(test, fake->unit.changes, 2);
	KUNIT_EXPECT_PTR_EQ(test, fake->changes[1].entry.pt,
			    (const struct nyx_pt *)&fake->domains[1]->pt);
	KUNIT_EXPECT_EQ(test, fake->changes[1].entry.domain_id, 2);
	/* Both links exist until the entry has its new value. */
	KUNIT_EXPECT_TRUE(test, fake->changes[1].links[0]);
	KUNIT_EXPECT_TRUE(test, fake->changes[1].links[1]);
	KUNIT_EXPECT_TRUE(test, list_empty(&fake->domains[0]->links));
	KUNIT_EXPECT_EQ(test, fake->flushes[1], 1);
	KUNIT_EXPECT_EQ(test, fake->flushes[2], 0);
	KUNIT_EXPECT_PTR_EQ(test, fake->ndev.domain, fake->domains[1]);
	KUNIT_EXPECT_EQ(test, fake->ndev.entry.domain_id, 2);

	KUNIT_ASSERT_EQ(test, attach_to(fake, &nyx_blocked_domain), 0);
	KUNIT_EXPECT_EQ(test, fake->flushes[2], 1);
	expect_nothing_left(test);
}

/* The domain of a group that is claimed by an owner without any mapping. */
static void blocked(struct kunit *test)
{
	struct fake *fake = test->priv;

	KUNIT_ASSERT_EQ(test, attach(fake, 0), 0);
	KUNIT_ASSERT_EQ(test, attach_to(fake, &nyx_blocked_domain), 0);
	KUNIT_EXPECT_EQ(test, fake->unit.changes, 2);
	KUNIT_EXPECT_EQ(test, fake->changes[1].entry.kind, NYX_ENTRY_BLOCKED);
	KUNIT_EXPECT_NULL(test, fake->changes[1].entry.pt);
	KUNIT_EXPECT_EQ(test, fake->unit.entries[0].kind, NYX_ENTRY_BLOCKED);
	KUNIT_EXPECT_EQ(test, fake->ndev.entry.kind, NYX_ENTRY_BLOCKED);
	expect_acs(test, 1);
	expect_nothing_left(test);
}

/* By an identity entry if the unit supports it, else by a page table. */
static void identity(struct kunit *test)
{
	struct fake *fake = test->priv;

	KUNIT_ASSERT_EQ(test, attach(fake, 0), 0);
	KUNIT_ASSERT_EQ(test, attach_to(fake, &nyx_identity_domain), 0);
	KUNIT_EXPECT_EQ(test, fake->changes[1].entry.kind, NYX_ENTRY_IDENTITY);
	KUNIT_EXPECT_EQ(test, fake->changes[1].entry.domain_id, 7);
	KUNIT_EXPECT_FALSE(test, fake->changes[1].entry.ats);
	KUNIT_EXPECT_EQ(test, fake->ndev.entry.kind, NYX_ENTRY_IDENTITY);
	expect_nothing_left(test);

	fake->unit.unit.identity = &fake->domains[1]->pt;
	KUNIT_ASSERT_EQ(test, attach_to(fake, &nyx_identity_domain), 0);
	fake->unit.unit.identity = NULL;
	KUNIT_EXPECT_EQ(test, fake->changes[2].entry.kind, NYX_ENTRY_TABLE);
	KUNIT_EXPECT_EQ(test, fake->changes[2].entry.domain_id, 7);
	KUNIT_EXPECT_PTR_EQ(test, fake->changes[2].entry.pt,
			    (const struct nyx_pt *)&fake->domains[1]->pt);
	expect_nothing_left(test);
}

/*
 * The unit refuses one change when the device moves to the second domain, and
 * the entry is blocked with @more further changes.
 */
static void expect_refusal(struct kunit *test, unsigned int change,
			   unsigned int more)
{
	struct fake *fake = test->priv;

	KUNIT_ASSERT_EQ(test, attach(fake, 0), 0);
	fake->unit.refuse = fake->unit.changes + change;
	KUNIT_EXPECT_EQ(test, attach(fake, 1), -EIO);
	KUNIT_EXPECT_EQ(test, fake->unit.changes, fake->unit.refuse + more);
	KUNIT_EXPECT_EQ(test, fake->unit.entries[0].kind, NYX_ENTRY_BLOCKED);
	KUNIT_EXPECT_EQ(test, fake->ndev.entry.kind, NYX_ENTRY_BLOCKED);
	/* Both domains were left once, and their IDs were flushed. */
	KUNIT_EXPECT_EQ(test, fake->flushes[1], 1);
	KUNIT_EXPECT_EQ(test, fake->flushes[2], 1);
	expect_nothing_left(test);

	/* The next attach succeeds on a unit that works again. */
	fake->unit.refuse = 0;
	fake->unit.unit.dead = false;
	KUNIT_EXPECT_EQ(test, attach(fake, 1), 0);
	KUNIT_EXPECT_PTR_EQ(test, fake->ndev.domain, fake->domains[1]);
	KUNIT_ASSERT_EQ(test, attach_to(fake, &nyx_blocked_domain), 0);
	expect_nothing_left(test);
}

static void refused(struct kunit *test)
{
	expect_refusal(test, 1, 0);
}

/*
 * The device is blocked first, while flushes of its old domain still reach it.
 * Flushes of its new domain reach it before it may request translations.
 */
static void with_ats(struct kunit *test)
{
	struct fake *fake = test->priv;

	fake->ndev.ats_supported = true;
	KUNIT_ASSERT_EQ(test, attach(fake, 0), 0);
	KUNIT_EXPECT_TRUE(test, fake->changes[0].entry.ats);
	KUNIT_EXPECT_TRUE(test, fake->changes[0].ats[0]);
	KUNIT_EXPECT_TRUE(test, fake->unit.entries[0].ats);
	KUNIT_ASSERT_EQ(test, attach(fake, 1), 0);
	KUNIT_ASSERT_EQ(test, fake->unit.changes, 3);
	KUNIT_EXPECT_EQ(test, fake->changes[1].entry.kind, NYX_ENTRY_BLOCKED);
	KUNIT_EXPECT_TRUE(test, fake->changes[1].ats[0]);
	KUNIT_EXPECT_EQ(test, fake->changes[2].entry.kind, NYX_ENTRY_TABLE);
	KUNIT_EXPECT_FALSE(test, fake->changes[2].ats[0]);
	KUNIT_EXPECT_TRUE(test, fake->changes[2].ats[1]);
	KUNIT_EXPECT_TRUE(test, list_empty(&fake->domains[0]->ats));
	KUNIT_EXPECT_FALSE(test, list_empty(&fake->domains[1]->ats));
	KUNIT_ASSERT_EQ(test, attach_to(fake, &nyx_blocked_domain), 0);
	expect_nothing_left(test);

	/* ATS cannot be enabled: flushes need not wait for the device. */
	unit_core.ats_refuses = true;
	KUNIT_ASSERT_EQ(test, attach(fake, 0), 0);
	KUNIT_EXPECT_PTR_EQ(test, fake->ndev.domain, fake->domains[0]);
	KUNIT_EXPECT_FALSE(test, fake->unit.entries[0].ats);
	KUNIT_EXPECT_TRUE(test, list_empty(&fake->domains[0]->ats));
	KUNIT_ASSERT_EQ(test, attach_to(fake, &nyx_blocked_domain), 0);
	expect_nothing_left(test);
}

static void ats_blocking_refused(struct kunit *test)
{
	struct fake *fake = test->priv;

	fake->ndev.ats_supported = true;
	expect_refusal(test, 1, 1);
}

static void ats_entry_refused(struct kunit *test)
{
	struct fake *fake = test->priv;

	fake->ndev.ats_supported = true;
	expect_refusal(test, 2, 0);
}

/* An external-facing port refuses requests that claim to be translated. */
static void translation_blocking(struct kunit *test)
{
	struct fake *fake = test->priv;

	fake->port.external_facing = 1;
	fake->pdev.untrusted = 1;
	KUNIT_ASSERT_EQ(test, attach(fake, 0), 0);
	KUNIT_EXPECT_EQ(test, fake->acs_untrusted[0], 1);
	KUNIT_EXPECT_EQ(test, fake->acs_untrusted[1], 1);
	expect_acs(test, 0);
	KUNIT_ASSERT_EQ(test, attach_to(fake, &nyx_blocked_domain), 0);
}

/* Its entry was blocked without the knowledge of the core: nyx_isolate_block(). */
static void isolate(struct fake *fake)
{
	fake->unit.entries[0].kind = NYX_ENTRY_BLOCKED;
	fake->ndev.ats_lost = true;
	fake->ndev.ats_refused = true;
	fake->ndev.isolated = true;
}

/* An isolated device gets the entry of its domain again, without ATS. */
static void recovered(struct kunit *test)
{
	struct fake *fake = test->priv;

	fake->ndev.ats_supported = true;
	KUNIT_ASSERT_EQ(test, attach(fake, 0), 0);
	KUNIT_EXPECT_EQ(test, nyx_device_recover(&fake->ndev), 0);
	/* It works, so nothing changes. */
	KUNIT_EXPECT_EQ(test, fake->unit.changes, 1);
	KUNIT_EXPECT_TRUE(test, fake->unit.entries[0].ats);

	isolate(fake);
	KUNIT_EXPECT_EQ(test, nyx_device_recover(&fake->ndev), 0);
	KUNIT_EXPECT_FALSE(test, fake->ndev.isolated);
	KUNIT_EXPECT_EQ(test, fake->unit.entries[0].kind, NYX_ENTRY_TABLE);
	KUNIT_EXPECT_PTR_EQ(test, fake->unit.entries[0].pt,
			    (const struct nyx_pt *)&fake->domains[0]->pt);
	KUNIT_EXPECT_EQ(test, fake->unit.entries[0].domain_id, 1);
	KUNIT_EXPECT_FALSE(test, fake->unit.entries[0].ats);
	KUNIT_EXPECT_FALSE(test, fake->ndev.ats_enabled);
	/* Flushes need not wait for it. Its domain keeps its ID. */
	KUNIT_EXPECT_TRUE(test, list_empty(&fake->domains[0]->ats));
	KUNIT_EXPECT_PTR_EQ(test, fake->ndev.domain, fake->domains[0]);
	KUNIT_EXPECT_EQ(test, fake->flushes[1], 0);
	KUNIT_ASSERT_EQ(test, attach_to(fake, &nyx_blocked_domain), 0);
	expect_nothing_left(test);
}

/*
 * A device that did not respond while its ATS was disabled may use ATS again,
 * but its recovery does not try that.
 */
static void recovered_without_ats(struct kunit *test)
{
	struct fake *fake = test->priv;

	fake->ndev.ats_supported = true;
	KUNIT_ASSERT_EQ(test, attach(fake, 0), 0);
	KUNIT_EXPECT_TRUE(test, fake->ndev.ats_enabled);
	isolate(fake);
	fake->ndev.ats_lost = false;
	fake->ndev.ats_stale = true;
	KUNIT_EXPECT_EQ(test, nyx_device_recover(&fake->ndev), 0);
	KUNIT_EXPECT_FALSE(test, fake->ndev.ats_enabled);
	KUNIT_EXPECT_FALSE(test, fake->ndev.entry.ats);
	KUNIT_ASSERT_EQ(test, attach_to(fake, &nyx_blocked_domain), 0);
	expect_nothing_left(test);
}

static void recovery_refused(struct kunit *test)
{
	struct fake *fake = test->priv;

	fake->ndev.ats_supported = true;
	KUNIT_ASSERT_EQ(test, attach(fake, 0), 0);
	isolate(fake);
	/* The first change leaves the entry blocked, the second one fails. */
	fake->unit.refuse = fake->unit.changes + 2;
	KUNIT_EXPECT_EQ(test, nyx_device_recover(&fake->ndev), -EIO);
	KUNIT_EXPECT_EQ(test, fake->unit.entries[0].kind, NYX_ENTRY_BLOCKED);
	KUNIT_EXPECT_EQ(test, fake->ndev.entry.kind, NYX_ENTRY_BLOCKED);
	expect_nothing_left(test);
}

static struct kunit_case device_entry_cases[] = {
	KUNIT_CASE(to_another_domain),
	KUNIT_CASE(blocked),
	KUNIT_CASE(identity),
	KUNIT_CASE(refused),
	KUNIT_CASE(with_ats),
	KUNIT_CASE(ats_blocking_refused),
	KUNIT_CASE(ats_entry_refused),
	KUNIT_CASE(translation_blocking),
	KUNIT_CASE(recovered),
	KUNIT_CASE(recovered_without_ats),
	KUNIT_CASE(recovery_refused),
	{ }
};

static struct kunit_suite device_entry_suite = {
	.name = "nyx_domain_device_entry",
	.init = device_entry_test_init,
	.exit = device_entry_test_exit,
	.test_cases = device_entry_cases,
};

kunit_test_suite(device_entry_suite);
