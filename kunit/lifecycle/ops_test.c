// SPDX-License-Identifier: GPL-2.0-only
/*
 * Probing and releasing of devices by the IOMMU core: the results, and the
 * effect on DMA of the devices.
 */
#include <kunit/test.h>
#include <kunit/test-bug.h>
#include <linux/device/driver.h>
#include <linux/rculist.h>
#include <linux/sizes.h>

#include <nyx/device.h>
#include <nyx/unit.h>

#include "../domain/fake_unit.h"
#include "../log_text.h"
#include "../param_set.h"
#include "../unit_core.h"
#include "domain/domain.h"
#include "intr/msi.h"
#include "lifecycle/lifecycle.h"
#include "quarantine/quarantine.h"

/**
 * struct fake - a device below a unit
 * @unit: the unit
 * @dev: the device
 * @iommu: the IOMMU core's data of the device
 * @driver: a driver that tests bind to the device
 * @ndev: the record of the device
 * @peer: another device with the same requester ID, waiting when it is listed
 * @reserved: address of the page that firmware reserves for the device, or 0
 * @resv_type: type of that region
 * @remapped: the device gets its MSIs from the unit
 * @changed_in: state of the device when @remapped last changed
 * @changed_with: kind of its entry then
 * @updates: calls of nyx_intr_ops.update_unowned
 * @no_record: error of nyx_device_get(), or 0
 * @logs: log lines about a driver of an untrusted device
 */
struct fake {
	struct fake_unit unit;
	struct device dev;
	struct dev_iommu iommu;
	struct device_driver driver;
	struct nyx_device ndev;
	struct nyx_device peer;
	u64 reserved;
	enum iommu_resv_type resv_type;
	bool remapped;
	enum nyx_device_state changed_in;
	enum nyx_entry_kind changed_with;
	unsigned int updates;
	int no_record;
	unsigned int logs;
};

static struct fake *fake(void)
{
	return kunit_get_current_test()->priv;
}

/* The real functions need an allocation that fails, and x86 CPU vectors. */
struct nyx_device *nyx_device_get(struct device *dev)
{
	return fake()->no_record ? ERR_PTR(fake()->no_record) : &fake()->ndev;
}

void nyx_device_log_untrusted(const struct nyx_device *ndev)
{
	fake()->logs += ndev->untrusted && nyx_device_is_waiting(ndev);
}

void nyx_msi_attach(struct nyx_device *ndev)
{
	fake()->remapped = true;
	fake()->changed_in = ndev->state;
}

void nyx_msi_detach(struct nyx_device *ndev)
{
	fake()->remapped = false;
	fake()->changed_in = ndev->state;
	fake()->changed_with = ndev->entry.kind;
}

static void count_update(struct nyx_unit *unit, struct nyx_device *ndev)
{
	fake()->updates++;
}

static void add_region(struct list_head *head, u64 base, u64 size,
		       enum iommu_resv_type type)
{
	struct iommu_resv_region *region =
		iommu_alloc_resv_region(base, size, IOMMU_READ | IOMMU_WRITE,
					type, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(kunit_get_current_test(), region);
	list_add_tail(&region->list, head);
}

static void get_resv_regions(struct device *dev, struct list_head *head)
{
	if (fake()->reserved)
		add_region(head, fake()->reserved, SZ_4K, fake()->resv_type);
	add_region(head, 0xfee00000, SZ_1M, IOMMU_RESV_MSI);
}

static bool firmware_protects;

static bool pre_boot_protection(void)
{
	return firmware_protects;
}

static bool identity_needed(const struct nyx_device *ndev)
{
	return ndev->quirks == 1;
}

static int ops_test_init(struct kunit *test)
{
	static const struct nyx_vendor vendor = {
		.get_resv_regions = get_resv_regions,
		.pre_boot_protection = pre_boot_protection,
		.identity_needed = identity_needed,
	};
	static const struct nyx_intr_ops intr = {
		.update_unowned = count_update,
	};
	struct fake *fake = kunit_kzalloc(test, sizeof(*fake), GFP_KERNEL);

	if (!fake)
		return -ENOMEM;
	test->priv = fake;
	nyx_vendor = &vendor;
	unit_core_reset();
	fake_unit_init(test, &fake->unit, "fake0");
	fake->unit.unit.registered = true;
	fake->unit.unit.caps = (struct nyx_unit_caps) {
		.format = &nyx_pt_vtdss,
		.pgsizes = SZ_4K,
		.levels = 0x18,
		.addr_bits = 48,
		.phys_bits = 40,
	};
	fake->unit.unit.intr.ops = &intr;
	fake->dev.init_name = "device";
	fake->dev.iommu = &fake->iommu;
	fake->driver.name = "driver";
	fake->ndev.dev = &fake->dev;
	fake->ndev.unit = &fake->unit.unit;
	fake->ndev.nr_rids = 1;
	mutex_init(&fake->ndev.entry_lock);
	INIT_LIST_HEAD(&fake->ndev.ats_node);
	xa_init(&fake->ndev.pasids);
	fake->peer.dev = &fake->dev;
	fake->peer.unit = &fake->unit.unit;
	fake->peer.nr_rids = 1;
	fake->peer.state = NYX_DEVICE_WAITING;
	return 0;
}

/* Probes the device like the IOMMU core. */
static struct iommu_device *probe(void)
{
	guard(mutex)(&iommu_probe_device_lock);
	return nyx_ops.probe_device(&fake()->dev);
}

static void expect_managed(struct kunit *test)
{
	struct fake *fake = test->priv;

	KUNIT_ASSERT_PTR_EQ(test, probe(), &fake->unit.unit.iommu);
	KUNIT_EXPECT_EQ(test, fake->ndev.state, NYX_DEVICE_MANAGED);
	KUNIT_EXPECT_TRUE(test, fake->remapped);
	KUNIT_EXPECT_PTR_EQ(test, fake->iommu.priv, (void *)&fake->ndev);
}

static void expect_not_managed(struct kunit *test, enum nyx_entry_kind kind)
{
	struct fake *fake = test->priv;

	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(probe()), -ENODEV);
	KUNIT_EXPECT_NE(test, fake->ndev.state, NYX_DEVICE_MANAGED);
	KUNIT_EXPECT_FALSE(test, fake->remapped);
	KUNIT_EXPECT_NULL(test, fake->iommu.priv);
	KUNIT_EXPECT_EQ(test, fake->ndev.entry.kind, kind);
}

static void expect_released(struct kunit *test, enum nyx_entry_kind kind,
			    enum nyx_device_state state)
{
	struct fake *fake = test->priv;

	nyx_ops.release_device(&fake->dev);
	fake->iommu.priv = NULL;	/* the IOMMU core frees its data */
	KUNIT_EXPECT_EQ(test, fake->ndev.state, state);
	KUNIT_EXPECT_FALSE(test, fake->remapped);
	KUNIT_EXPECT_EQ(test, fake->ndev.entry.kind, kind);
}

/* Unplugged or released without a driver: DMA ends. */
static void released_without_driver(struct kunit *test)
{
	struct fake *fake = test->priv;

	expect_managed(test);
	fake->ndev.entry.kind = NYX_ENTRY_TABLE;
	expect_released(test, NYX_ENTRY_BLOCKED, NYX_DEVICE_UNKNOWN);
}

/* As the IOMMU core's rule for devices that need their reserved memory. */
static void released_with_reserved_memory(struct kunit *test)
{
	struct fake *fake = test->priv;

	fake->ndev.direct = true;
	expect_managed(test);
	fake->ndev.entry.kind = NYX_ENTRY_TABLE;
	expect_released(test, NYX_ENTRY_IDENTITY, NYX_DEVICE_KEPT);
}

/*
 * The IOMMU core releases the device after an error of nyx_device_group(). The
 * bind was notified while the device was managed, so only the release can
 * record that other devices of the group have to wait.
 */
static void driver_comes_while_probing(struct kunit *test)
{
	struct fake *fake = test->priv;

	expect_managed(test);
	fake->dev.driver = &fake->driver;
	expect_released(test, NYX_ENTRY_IDENTITY, NYX_DEVICE_WAITING);
	expect_not_managed(test, NYX_ENTRY_IDENTITY);
}

/* A port may have a driver. No device is adopted after a detach. */
static void released_by_a_detach(struct kunit *test)
{
	struct fake *fake = test->priv;

	expect_managed(test);
	fake->ndev.entry.kind = NYX_ENTRY_TABLE;
	nyx_set_detaching(true);
	expect_released(test, NYX_ENTRY_IDENTITY, NYX_DEVICE_KEPT);
	nyx_set_detaching(false);
	expect_managed(test);
	fake->dev.driver = &fake->driver;
	nyx_set_detaching(true);
	expect_released(test, NYX_ENTRY_IDENTITY, NYX_DEVICE_KEPT);
}

static void released_in_capture_kernel(struct kunit *test)
{
	static const enum nyx_entry_kind kinds[] = { NYX_ENTRY_BLOCKED, NYX_ENTRY_IDENTITY };
	struct fake *fake = test->priv;
	unsigned int i;

	KUNIT_ASSERT_EQ(test, nyx_unit_foreign_init(&fake->unit.unit), 0);
	for (i = 0; i < 2; i++) {
		expect_managed(test);
		fake->dev.driver = i ? &fake->driver : NULL;
		nyx_set_detaching(true);
		expect_released(test, kinds[i], NYX_DEVICE_KEPT);
		nyx_set_detaching(false);
	}
}

/* DMA of a device that is not managed is not blocked if it worked before. */
static void not_managed(struct kunit *test)
{
	struct fake *fake = test->priv;

	nyx_set_detaching(true);
	expect_not_managed(test, NYX_ENTRY_BLOCKED);
	nyx_set_detaching(false);
	fake->unit.unit.registered = false;
	expect_not_managed(test, NYX_ENTRY_BLOCKED);
	fake->unit.unit.registered = true;
	fake->no_record = -ENODEV;
	expect_not_managed(test, NYX_ENTRY_BLOCKED);
	fake->no_record = -ENOMEM;	/* not passed on to the IOMMU core */
	expect_not_managed(test, NYX_ENTRY_BLOCKED);
	fake->no_record = 0;

	fake->dev.driver = &fake->driver;
	expect_not_managed(test, NYX_ENTRY_IDENTITY);
	fake->dev.driver = NULL;
	fake->ndev.entry.kind = NYX_ENTRY_BLOCKED;
	list_add_rcu(&fake->peer.node, &nyx_devices);
	expect_not_managed(test, NYX_ENTRY_IDENTITY);
	list_del_rcu(&fake->peer.node);
	expect_managed(test);
}

/*
 * nyx_device_release() has dropped the requester ID, and the other device was cut
 * off since.
 */
static void shares_with_cut_off(struct kunit *test)
{
	struct fake *fake = test->priv;

	KUNIT_ASSERT_EQ(test, nyx_cut_off_init(), 0);
	kref_init(&fake->ndev.refs);
	nyx_quarantine_init(&fake->ndev);
	fake->ndev.nr_rids = 0;
	fake->peer.state = NYX_DEVICE_MANAGED;
	fake->peer.cut_off = NYX_QUARANTINED;
	list_add_rcu(&fake->peer.node, &nyx_devices);
	list_add_rcu(&fake->ndev.node, &nyx_devices);
	expect_managed(test);
	KUNIT_EXPECT_EQ(test, fake->ndev.cut_off, NYX_QUARANTINED);
	nyx_cut_off_wait();
	nyx_cut_off_exit();
}

/* Without a driver, DMA of the device is that of the crashed kernel. */
static void not_managed_in_capture_kernel(struct kunit *test)
{
	struct fake *fake = test->priv;

	KUNIT_ASSERT_EQ(test, nyx_unit_foreign_init(&fake->unit.unit), 0);
	list_add_rcu(&fake->peer.node, &nyx_devices);
	expect_not_managed(test, NYX_ENTRY_BLOCKED);
	fake->ndev.entry.kind = NYX_ENTRY_FOREIGN;
	expect_not_managed(test, NYX_ENTRY_FOREIGN);
	fake->dev.driver = &fake->driver;
	expect_not_managed(test, NYX_ENTRY_IDENTITY);
	fake->ndev.entry.kind = NYX_ENTRY_FOREIGN;
	fake->dev.driver = NULL;
	list_del_rcu(&fake->peer.node);
	expect_managed(test);
	KUNIT_EXPECT_EQ(test, fake->ndev.entry.kind, NYX_ENTRY_FOREIGN);
	expect_released(test, NYX_ENTRY_BLOCKED, NYX_DEVICE_UNKNOWN);
}

/* The IOMMU core attaches such a device later only to a domain for DMA. */
static void deferred(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct device *dev = &fake->dev;

	expect_managed(test);
	KUNIT_EXPECT_FALSE(test, nyx_ops.is_attach_deferred(dev));
	fake->ndev.entry.kind = NYX_ENTRY_FOREIGN;
	KUNIT_EXPECT_TRUE(test, nyx_ops.is_attach_deferred(dev));
	KUNIT_EXPECT_EQ(test, nyx_ops.def_domain_type(dev), IOMMU_DOMAIN_DMA);
	fake->ndev.quirks = 1;
	KUNIT_EXPECT_FALSE(test, nyx_ops.is_attach_deferred(dev));
	KUNIT_EXPECT_EQ(test, nyx_ops.def_domain_type(dev), IOMMU_DOMAIN_IDENTITY);
}

/* The type with which the IOMMU core gets the reserved page; -1 if not. */
static int reserved_type(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct iommu_resv_region *region;
	LIST_HEAD(regions);
	int type = -1;

	nyx_ops.get_resv_regions(&fake->dev, &regions);
	list_for_each_entry(region, &regions, list)
		if (region->start == fake->reserved)
			type = region->type;
	iommu_put_resv_regions(&fake->dev, &regions);
	return type;
}

/*
 * Probes the device with a page at @base that firmware reserves. The IOMMU core
 * itself keeps VFIO away from devices with regions of type IOMMU_RESV_DIRECT.
 */
static void probe_reserved(struct kunit *test, u64 base,
			   enum iommu_resv_type type)
{
	struct fake *fake = test->priv;

	fake->reserved = base;
	fake->resv_type = type;
	fake->iommu.require_direct = 0;
	fake->ndev.direct = nyx_resv_is_direct(&fake->dev);
	expect_managed(test);
}

/* The unit of this test translates 40 address bits. */
static void reserved_memory(struct kunit *test)
{
	static const char *const line = "exceeds the address width of fake0";
	unsigned int lines = log_text_count(test, line);
	struct fake *fake = test->priv;

	probe_reserved(test, 0x7d000000, IOMMU_RESV_DIRECT);
	KUNIT_EXPECT_TRUE(test, fake->ndev.direct);
	KUNIT_EXPECT_EQ(test, reserved_type(test), IOMMU_RESV_DIRECT);
	probe_reserved(test, 0xfffffff000, IOMMU_RESV_DIRECT);
	KUNIT_EXPECT_EQ(test, reserved_type(test), IOMMU_RESV_DIRECT);
	probe_reserved(test, 0x7d000000, IOMMU_RESV_DIRECT_RELAXABLE);
	KUNIT_EXPECT_FALSE(test, fake->ndev.direct);
	KUNIT_EXPECT_EQ(test, reserved_type(test), IOMMU_RESV_DIRECT_RELAXABLE);
	KUNIT_EXPECT_FALSE(test, fake->iommu.require_direct);
	KUNIT_EXPECT_EQ(test, log_text_count(test, line), lines);

	probe_reserved(test, 0x10000000000, IOMMU_RESV_DIRECT);
	KUNIT_EXPECT_EQ(test, reserved_type(test), IOMMU_RESV_RESERVED);
	KUNIT_EXPECT_TRUE(test, fake->iommu.require_direct);
	KUNIT_EXPECT_EQ(test, log_text_count(test, line), lines + 1);
	/* VFIO may use a USB controller without its reserved memory. */
	probe_reserved(test, 0x10000000000, IOMMU_RESV_DIRECT_RELAXABLE);
	KUNIT_EXPECT_EQ(test, reserved_type(test), IOMMU_RESV_RESERVED);
	KUNIT_EXPECT_FALSE(test, fake->iommu.require_direct);
}

/* Other types stay as they are. */
static void relaxed_memory(struct kunit *test)
{
	static const char *const line = "is relaxed: while VFIO has the device";
	unsigned int lines = log_text_count(test, line);
	struct fake *fake = test->priv;

	KUNIT_ASSERT_EQ(test, set_param("nyx_iommu.relax_reserved", "device"), 0);
	probe_reserved(test, 0x7d000000, IOMMU_RESV_DIRECT);
	KUNIT_EXPECT_FALSE(test, fake->ndev.direct);
	KUNIT_EXPECT_EQ(test, reserved_type(test), IOMMU_RESV_DIRECT_RELAXABLE);
	KUNIT_EXPECT_EQ(test, log_text_count(test, line), lines + 1);
	probe_reserved(test, 0x10000000000, IOMMU_RESV_DIRECT);
	KUNIT_EXPECT_EQ(test, reserved_type(test), IOMMU_RESV_RESERVED);
	KUNIT_EXPECT_FALSE(test, fake->iommu.require_direct);
	KUNIT_EXPECT_EQ(test, log_text_count(test, line), lines + 2);
	probe_reserved(test, 0xfd00000000, IOMMU_RESV_RESERVED);
	KUNIT_EXPECT_EQ(test, reserved_type(test), IOMMU_RESV_RESERVED);
	probe_reserved(test, 0xfee00000, IOMMU_RESV_DIRECT_RELAXABLE);
	KUNIT_EXPECT_EQ(test, log_text_count(test, line), lines + 2);
}

/* Firmware requests it, and the unit translates. */
static void pre_boot(struct kunit *test)
{
	struct fake *fake = test->priv;
	int n;

	expect_managed(test);
	for (n = 0; n < 4; n++) {
		firmware_protects = n & 1;
		fake->unit.unit.enabled = n & 2;
		KUNIT_EXPECT_EQ(test,
				nyx_ops.capable(&fake->dev,
						IOMMU_CAP_PRE_BOOT_PROTECTION),
				n == 3);
	}
}

/* A device that the vendor names gets identity, also with strict. */
static void default_domains(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct device *dev = &fake->dev;

	expect_managed(test);
	KUNIT_EXPECT_EQ(test, nyx_ops.def_domain_type(dev), 0);
	fake->ndev.quirks = 1;
	KUNIT_EXPECT_EQ(test, nyx_ops.def_domain_type(dev),
			IOMMU_DOMAIN_IDENTITY);
	KUNIT_ASSERT_EQ(test, set_param("nyx_iommu.strict", "1"), 0);
	KUNIT_EXPECT_EQ(test, nyx_ops.def_domain_type(dev),
			IOMMU_DOMAIN_IDENTITY);
	fake->ndev.quirks = 0;
	KUNIT_EXPECT_EQ(test, nyx_ops.def_domain_type(dev), IOMMU_DOMAIN_DMA);
	KUNIT_ASSERT_EQ(test, set_param("nyx_iommu.strict", "0"), 0);
}

/*
 * Where units decide about interrupts for each device, those of an unknown
 * device are blocked. They must not pass while it gets remapped ones, or after
 * it lost them.
 */
static void interrupts_stay_blocked(struct kunit *test)
{
	struct fake *fake = test->priv;

	expect_managed(test);
	KUNIT_EXPECT_EQ(test, fake->changed_in, NYX_DEVICE_UNKNOWN);
	KUNIT_EXPECT_EQ(test, fake->updates, 1);
	/* Unmapped interrupts pass where DMA passes, so DMA is blocked first. */
	fake->ndev.entry.kind = NYX_ENTRY_TABLE;
	expect_released(test, NYX_ENTRY_BLOCKED, NYX_DEVICE_UNKNOWN);
	KUNIT_EXPECT_EQ(test, fake->changed_in, NYX_DEVICE_UNKNOWN);
	KUNIT_EXPECT_EQ(test, fake->changed_with, NYX_ENTRY_BLOCKED);
	KUNIT_EXPECT_EQ(test, fake->updates, 2);
	/* A driver needs interrupts. */
	fake->dev.driver = &fake->driver;
	expect_not_managed(test, NYX_ENTRY_IDENTITY);
	KUNIT_EXPECT_EQ(test, fake->updates, 3);
}

/* VFIO asks for each device; KVM then leaves out emulation of WBINVD. */
static void coherency_is_enforced(struct kunit *test)
{
	struct fake *fake = test->priv;

	expect_managed(test);
	KUNIT_EXPECT_FALSE(test, nyx_ops.capable(&fake->dev,
						 IOMMU_CAP_ENFORCE_CACHE_COHERENCY));
	fake->unit.unit.caps.snoop = true;
	KUNIT_EXPECT_TRUE(test, nyx_ops.capable(&fake->dev,
						IOMMU_CAP_ENFORCE_CACHE_COHERENCY));
}

/* An untrusted device is blocked wherever another device has identity. */
static void untrusted(struct kunit *test)
{
	struct iommu_domain *identity = &nyx_identity_domain;
	struct fake *fake = test->priv;

	fake->ndev.untrusted = true;
	/* It waits for a peer. */
	list_add_rcu(&fake->peer.node, &nyx_devices);
	expect_not_managed(test, NYX_ENTRY_BLOCKED);
	list_del_rcu(&fake->peer.node);
	/* A driver is being bound. */
	fake->dev.driver = &fake->driver;
	expect_not_managed(test, NYX_ENTRY_BLOCKED);
	fake->dev.driver = NULL;
	/* A driver came while it was probed. */
	expect_managed(test);
	fake->dev.driver = &fake->driver;
	KUNIT_EXPECT_EQ(test, fake->logs, 0);
	expect_released(test, NYX_ENTRY_BLOCKED, NYX_DEVICE_WAITING);
	KUNIT_EXPECT_EQ(test, fake->logs, 1);
	fake->dev.driver = NULL;
	/* A detach. */
	expect_managed(test);
	fake->ndev.entry.kind = NYX_ENTRY_TABLE;
	nyx_set_detaching(true);
	expect_released(test, NYX_ENTRY_BLOCKED, NYX_DEVICE_KEPT);
	nyx_set_detaching(false);
	/* The IOMMU core may not attach it to the identity domain either. */
	expect_managed(test);
	KUNIT_EXPECT_EQ(test, identity->ops->attach_dev(identity, &fake->dev,
							NULL), -EINVAL);
	KUNIT_EXPECT_EQ(test, fake->ndev.entry.kind, NYX_ENTRY_BLOCKED);
}

/* Each unmap for an untrusted device is flushed at once. */
static void untrusted_is_strict(struct kunit *test)
{
	struct fake *fake = test->priv;

	expect_managed(test);
	KUNIT_EXPECT_EQ(test, nyx_ops.def_domain_type(&fake->dev), 0);
	KUNIT_EXPECT_TRUE(test, nyx_ops.capable(&fake->dev,
						IOMMU_CAP_DEFERRED_FLUSH));
	fake->ndev.untrusted = true;
	KUNIT_EXPECT_EQ(test, nyx_ops.def_domain_type(&fake->dev),
			IOMMU_DOMAIN_DMA);
	KUNIT_EXPECT_FALSE(test, nyx_ops.capable(&fake->dev,
						 IOMMU_CAP_DEFERRED_FLUSH));
}

static struct kunit_case ops_cases[] = {
	KUNIT_CASE(released_without_driver),
	KUNIT_CASE(released_with_reserved_memory),
	KUNIT_CASE(driver_comes_while_probing),
	KUNIT_CASE(released_by_a_detach),
	KUNIT_CASE(released_in_capture_kernel),
	KUNIT_CASE(not_managed),
	KUNIT_CASE(shares_with_cut_off),
	KUNIT_CASE(not_managed_in_capture_kernel),
	KUNIT_CASE(deferred),
	KUNIT_CASE(reserved_memory),
	KUNIT_CASE(relaxed_memory),
	KUNIT_CASE(pre_boot),
	KUNIT_CASE(default_domains),
	KUNIT_CASE(interrupts_stay_blocked),
	KUNIT_CASE(coherency_is_enforced),
	KUNIT_CASE(untrusted),
	KUNIT_CASE(untrusted_is_strict),
	{ }
};

static void ops_test_exit(struct kunit *test)
{
	set_param("nyx_iommu.relax_reserved", "");
	nyx_set_detaching(false);
	nyx_vendor = NULL;
	unit_core_reset();
}

static struct kunit_suite ops_suite = {
	.name = "nyx_lifecycle_ops",
	.init = ops_test_init,
	.exit = ops_test_exit,
	.test_cases = ops_cases,
};

kunit_test_suite(ops_suite);
