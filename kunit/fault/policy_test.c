// SPDX-License-Identifier: GPL-2.0-only
/*
 * Policies: their text form, and the number of faults that it takes to cut a
 * device off.
 */
#include <kunit/device.h>
#include <linux/rculist.h>
#include <linux/string.h>
#include <nyx/domain.h>
#include <nyx/pasid.h>

#include "../cut_off_fixture.h"
#include "../domain/fake_unit.h"
#include "../param_set.h"
#include "../unit_core.h"

#define SECOND 1000000000ULL

static const char defaults[] =
	"max_faults=10 window=10 action=quarantine vfio_action=log scope=device";

/* A managed device below @fake with the policy of the module parameters. */
static struct nyx_device *add(struct kunit *test, struct fake_unit *fake,
			      u16 rid)
{
	struct nyx_device *ndev = unit_core_device(test, &fake->unit, rid);

	INIT_WORK(&ndev->quarantine.work, cut_off_work);
	nyx_policy_init(ndev);
	ndev->state = NYX_DEVICE_MANAGED;
	ndev->entry.kind = NYX_ENTRY_IDENTITY;
	return ndev;
}

static int policy_test_init(struct kunit *test)
{
	struct fake_unit *fake = kunit_kzalloc(test, sizeof(*fake), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, fake);
	unit_core_reset();
	fake_unit_init(test, fake, "fake0");
	test->priv = fake;
	return nyx_cut_off_init();
}

static void expect_policy(struct kunit *test, struct nyx_device *ndev,
			  const char *want)
{
	char text[NYX_POLICY_TEXT];

	nyx_policy_format(ndev, text, sizeof(text));
	KUNIT_EXPECT_STREQ(test, text, want);
}

static void text(struct kunit *test)
{
	static const char *const bad[] = {
		"", " ", "\n", "max_faults", "max_faults=", "=5", "max_faults=-1",
		"max_faults=1000001", "max_faults=1x", "max_faults = 5",
		"window=0", "window=3601", "window=0x10", "action=Log",
		"action=block", "action=", "scope=group", "colour=blue",
		"max_faults=5 window=0", "max_faults=5 colour=blue",
		"max_faults=5,window=6", "max_faults=5 window",
	};
	struct nyx_device *ndev = add(test, test->priv, 1);
	static const char all[] =
		"max_faults=0 window=1 action=quarantine vfio_action=quarantine scope=domain";
	char *lengthy = kunit_kzalloc(test, 300, GFP_KERNEL);
	size_t i;

	expect_policy(test, ndev, defaults);
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		KUNIT_EXPECT_EQ_MSG(test, nyx_policy_set(ndev, bad[i]), -EINVAL,
				    "%s", bad[i]);
		/* All or nothing. */
		expect_policy(test, ndev, defaults);
	}
	KUNIT_ASSERT_NOT_NULL(test, lengthy);
	memset(lengthy, ' ', 299);
	memcpy(lengthy, "window=5", 8);
	KUNIT_EXPECT_EQ(test, nyx_policy_set(ndev, lengthy), -EINVAL);

	KUNIT_EXPECT_EQ(test, nyx_policy_set(ndev, "window=3600\n"), 0);
	KUNIT_EXPECT_EQ(test, nyx_policy_set(ndev,
					     "  action=log\tmax_faults=1000000"),
			0);
	expect_policy(test, ndev,
		      "max_faults=1000000 window=3600 action=log vfio_action=log scope=device");
	KUNIT_EXPECT_EQ(test, nyx_policy_set(ndev, all), 0);
	expect_policy(test, ndev, all);
	/* What is shown can be written. */
	KUNIT_EXPECT_EQ(test, nyx_policy_set(ndev, defaults), 0);
	expect_policy(test, ndev, defaults);
}

static void parameters(struct kunit *test)
{
	static const struct {
		const char *name;
		const char *good;
		const char *bad[3];
	} params[] = {
		{ "nyx_iommu.max_faults", "7", { "-1", "1000001", "many" } },
		{ "nyx_iommu.fault_window", "8", { "0", "3601", "" } },
		{ "nyx_iommu.fault_action", "log", { "drop", "", "Log" } },
		{ "nyx_iommu.vfio_fault_action", "quarantine",
		  { "1", "quarantined", "a very long word indeed" } },
		{ "nyx_iommu.quarantine_scope", "domain",
		  { "group", "devices", " " } },
	};
	static const char *const back[] = { "10", "10", "quarantine", "log",
					    "device" };
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(params); i++) {
		for (j = 0; j < 3; j++)
			KUNIT_EXPECT_EQ_MSG(test, set_param(params[i].name,
							    params[i].bad[j]),
					    -EINVAL, "%s", params[i].name);
		KUNIT_EXPECT_EQ_MSG(test, set_param(params[i].name,
						    params[i].good), 0, "%s",
				    params[i].name);
	}
	expect_policy(test, add(test, test->priv, 1),
		      "max_faults=7 window=8 action=log vfio_action=quarantine scope=domain");
	for (i = 0; i < ARRAY_SIZE(params); i++)
		KUNIT_EXPECT_EQ(test, set_param(params[i].name, back[i]), 0);
	expect_policy(test, add(test, test->priv, 2), defaults);
}

static bool fault_of(struct nyx_device *ndev, const struct nyx_fault *fault,
		     u64 now)
{
	guard(rcu)();
	if (!nyx_policy_suppress(ndev))
		nyx_policy_fault(ndev, fault, now);
	return nyx_device_is_cut_off(ndev);
}

/* A fault at @now; returns whether the device is cut off then. */
static bool fault(struct nyx_device *ndev, u64 now)
{
	static const struct nyx_fault any;

	return fault_of(ndev, &any, now);
}

static void recover(struct nyx_device *ndev)
{
	nyx_cut_off_wait();
	nyx_cut_off_end(ndev);
	nyx_policy_clear(ndev);
}

static void limit(struct kunit *test)
{
	struct nyx_device *ndev = add(test, test->priv, 1);
	unsigned int i;

	KUNIT_ASSERT_EQ(test, nyx_policy_set(ndev, "max_faults=3 window=2"), 0);
	/* The limit is not exceeded in any window of 2 s. */
	for (i = 0; i < 30; i++)
		KUNIT_EXPECT_FALSE(test, fault(ndev, SECOND * i * 2 / 3));
	/* A window begins with its first fault. */
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_FALSE(test, fault(ndev, 100 * SECOND + i));
	/* Slightly back, on another CPU. */
	KUNIT_EXPECT_TRUE(test, fault(ndev, 100 * SECOND - 5));
	KUNIT_EXPECT_EQ(test, ndev->cut_off, NYX_QUARANTINED);
	KUNIT_EXPECT_EQ(test, ndev->quarantine.cut.faults, 4);
	KUNIT_EXPECT_EQ(test, ndev->quarantine.cut.now_ns, 100 * SECOND - 5);
	/* From now on faults are only counted. */
	for (i = 0; i < 5; i++)
		KUNIT_EXPECT_TRUE(test, fault(ndev, 101 * SECOND));
	KUNIT_EXPECT_EQ(test, atomic_read(&ndev->quarantine.suppressed), 5);
	KUNIT_EXPECT_EQ(test, ndev->window.faults, 4);

	/* After a recovery it may cause as many faults again. */
	recover(ndev);
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_FALSE(test, fault(ndev, 101 * SECOND));
	/* A new limit begins a new window. */
	KUNIT_ASSERT_EQ(test, nyx_policy_set(ndev, "max_faults=0"), 0);
	KUNIT_EXPECT_TRUE(test, fault(ndev, 101 * SECOND));
	KUNIT_EXPECT_EQ(test, ndev->quarantine.cut.faults, 1);
	nyx_cut_off_wait();
}

static void by_owner(struct kunit *test)
{
	struct nyx_domain *domain = kunit_kzalloc(test, sizeof(*domain),
						  GFP_KERNEL);
	struct nyx_device *ndev = add(test, test->priv, 1);
	struct nyx_domain *nested = kunit_kzalloc(test, sizeof(*nested),
						  GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, domain);
	KUNIT_ASSERT_NOT_NULL(test, nested);
	KUNIT_ASSERT_EQ(test, nyx_policy_set(ndev, "max_faults=0 action=log"),
			0);
	KUNIT_EXPECT_FALSE(test, fault(ndev, 1));
	KUNIT_ASSERT_EQ(test, nyx_policy_set(ndev, "action=quarantine"), 0);
	/* It may be the disk that the system runs from. */
	ndev->state = NYX_DEVICE_WAITING;
	KUNIT_EXPECT_FALSE(test, fault(ndev, 1));
	ndev->state = NYX_DEVICE_KEPT;
	KUNIT_EXPECT_FALSE(test, fault(ndev, 1));
	ndev->state = NYX_DEVICE_MANAGED;
	/* User space owns it: an own domain, or none so far. */
	domain->pt.iommu.domain.type = IOMMU_DOMAIN_UNMANAGED;
	ndev->domain = domain;
	KUNIT_EXPECT_FALSE(test, fault(ndev, 1));
	/* Also if its guest has a table of its own. */
	nested->pt.iommu.domain.type = IOMMU_DOMAIN_NESTED;
	nested->parent = domain;
	ndev->domain = nested;
	KUNIT_EXPECT_FALSE(test, fault(ndev, 1));
	ndev->domain = NULL;
	ndev->entry.kind = NYX_ENTRY_BLOCKED;
	KUNIT_EXPECT_FALSE(test, fault(ndev, 1));
	ndev->domain = domain;
	KUNIT_ASSERT_EQ(test, nyx_policy_set(ndev,
					     "action=log vfio_action=quarantine"),
			0);
	KUNIT_EXPECT_TRUE(test, fault(ndev, 1));
	recover(ndev);
	/* A kernel driver has it. */
	domain->pt.iommu.domain.type = IOMMU_DOMAIN_DMA;
	KUNIT_EXPECT_FALSE(test, fault(ndev, 1));
	KUNIT_ASSERT_EQ(test, nyx_policy_set(ndev, "action=quarantine"), 0);
	KUNIT_EXPECT_TRUE(test, fault(ndev, 1));
	nyx_cut_off_wait();
	ndev->domain = NULL;
}

static void whole_domain(struct kunit *test)
{
	struct nyx_domain *domain = kunit_kzalloc(test, sizeof(*domain),
						  GFP_KERNEL);
	struct nyx_device *a = add(test, test->priv, 1);
	struct nyx_device *b = add(test, test->priv, 2);
	struct nyx_device *c = add(test, test->priv, 3);

	KUNIT_ASSERT_NOT_NULL(test, domain);
	a->domain = domain;
	b->domain = domain;
	KUNIT_ASSERT_EQ(test, nyx_policy_set(a, "max_faults=0"), 0);
	KUNIT_EXPECT_TRUE(test, fault(a, 1));
	KUNIT_EXPECT_FALSE(test, nyx_device_is_cut_off(b));
	recover(a);
	KUNIT_ASSERT_EQ(test, nyx_policy_set(a, "scope=domain"), 0);
	KUNIT_EXPECT_TRUE(test, fault(a, 1));
	KUNIT_EXPECT_TRUE(test, nyx_device_is_cut_off(b));
	KUNIT_EXPECT_FALSE(test, nyx_device_is_cut_off(c));
	nyx_cut_off_wait();
}

/* Requests with the PASID of a process that has ended are not the fault of the device. */
static void process_ended(struct kunit *test)
{
	struct nyx_device *ndev = add(test, test->priv, 1);
	struct nyx_domain *domain = kunit_kzalloc(test, sizeof(*domain),
						  GFP_KERNEL);
	struct nyx_pasid use = { .ndev = ndev, .pasid = 5, .domain = domain };
	const struct nyx_fault five = { .has_pasid = true, .pasid = 5 };
	const struct nyx_fault six = { .has_pasid = true, .pasid = 6 };
	/* Without a PASID, this field means nothing. */
	const struct nyx_fault none = { .pasid = 5 };
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, domain);
	xa_init(&ndev->pasids);
	KUNIT_ASSERT_NULL(test, xa_store(&ndev->pasids, 5, &use, GFP_KERNEL));
	KUNIT_ASSERT_EQ(test, nyx_policy_set(ndev, "max_faults=3"), 0);
	KUNIT_EXPECT_FALSE(test, fault_of(ndev, &five, SECOND));
	KUNIT_EXPECT_EQ(test, ndev->window.faults, 1);

	domain->gone = true;
	for (i = 0; i < 20; i++)
		KUNIT_EXPECT_FALSE(test, fault_of(ndev, &five, SECOND));
	KUNIT_EXPECT_EQ(test, ndev->window.faults, 1);
	KUNIT_EXPECT_FALSE(test, fault_of(ndev, &six, SECOND));
	KUNIT_EXPECT_FALSE(test, fault_of(ndev, &none, SECOND));
	KUNIT_EXPECT_EQ(test, ndev->window.faults, 3);
	/* After the detach they count again. */
	xa_erase(&ndev->pasids, 5);
	KUNIT_EXPECT_TRUE(test, fault_of(ndev, &five, SECOND));
	nyx_cut_off_wait();
}

static struct kunit_case cases[] = {
	KUNIT_CASE(text),
	KUNIT_CASE(parameters),
	KUNIT_CASE(limit),
	KUNIT_CASE(by_owner),
	KUNIT_CASE(whole_domain),
	KUNIT_CASE(process_ended),
	{}
};

static struct kunit_suite suite = {
	.name = "nyx_fault_policy",
	.init = policy_test_init,
	.exit = cut_off_test_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
