// SPDX-License-Identifier: GPL-2.0-only
/*
 * The isolation of a domain: how many groups its devices belong to.
 */
#include <kunit/test.h>
#include <linux/rculist.h>

#include <nyx/device.h>
#include <nyx/domain.h>
#include <nyx/isolation.h>

enum { DEVICES = 4 };

/**
 * struct machine - devices, domains and groups, of which only addresses matter
 * @domains: two domains
 * @groups: memory for the addresses of three groups
 * @devs: the devices
 * @ndevs: their records
 */
struct machine {
	struct nyx_domain domains[2];
	char groups[3];
	struct device devs[DEVICES];
	struct nyx_device ndevs[DEVICES];
};

static LIST_HEAD(others);

static void restore_list(void *unused)
{
	INIT_LIST_HEAD(&nyx_devices);
	list_splice_init(&others, &nyx_devices);
}

/* Devices without a domain, in no group. Only they are on the list. */
static struct machine *machine_new(struct kunit *test)
{
	struct machine *m = kunit_kzalloc(test, sizeof(*m), GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, m);
	list_replace_init(&nyx_devices, &others);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, restore_list,
							   NULL));
	for (i = 0; i < DEVICES; i++) {
		m->ndevs[i].dev = &m->devs[i];
		list_add_tail_rcu(&m->ndevs[i].node, &nyx_devices);
	}
	return m;
}

static void put(struct machine *m, unsigned int device, unsigned int domain,
		unsigned int group)
{
	m->ndevs[device].domain = &m->domains[domain];
	m->devs[device].iommu_group = (struct iommu_group *)&m->groups[group];
}

static enum nyx_isolation of(struct machine *m, unsigned int domain)
{
	return nyx_isolation(&m->domains[domain], NYX_ENTRY_TABLE);
}

static void without_domain(struct kunit *test)
{
	struct machine *m = machine_new(test);

	put(m, 0, 0, 0);
	KUNIT_EXPECT_EQ(test, nyx_isolation(NULL, NYX_ENTRY_IDENTITY),
			NYX_ISOLATION_UNMANAGED);
	KUNIT_EXPECT_EQ(test, nyx_isolation(NULL, NYX_ENTRY_BLOCKED),
			NYX_ISOLATION_NONE);
	/* A domain that no device uses. */
	KUNIT_EXPECT_EQ(test, of(m, 1), NYX_ISOLATION_NONE);
}

/* Any number of devices, but one group. */
static void one_group(struct kunit *test)
{
	struct machine *m = machine_new(test);
	unsigned int i;

	for (i = 0; i < DEVICES; i++) {
		put(m, i, 0, 2);
		KUNIT_EXPECT_EQ(test, of(m, 0), NYX_ISOLATION_STRICT);
	}
}

/* A second group makes it shared, wherever its device is on the list. */
static void several_groups(struct kunit *test)
{
	struct machine *m = machine_new(test);
	unsigned int i, other;

	for (other = 0; other < DEVICES; other++) {
		for (i = 0; i < DEVICES; i++)
			put(m, i, 0, i == other);
		KUNIT_EXPECT_EQ(test, of(m, 0), NYX_ISOLATION_SHARED);
		/* It leaves. */
		m->ndevs[other].domain = NULL;
		KUNIT_EXPECT_EQ(test, of(m, 0), NYX_ISOLATION_STRICT);
	}
}

/* Devices of other domains do not count, whatever their group. */
static void several_domains(struct kunit *test)
{
	struct machine *m = machine_new(test);

	put(m, 0, 0, 0);
	put(m, 1, 1, 1);
	put(m, 2, 0, 0);
	put(m, 3, 1, 2);
	KUNIT_EXPECT_EQ(test, of(m, 0), NYX_ISOLATION_STRICT);
	KUNIT_EXPECT_EQ(test, of(m, 1), NYX_ISOLATION_SHARED);
}

static void words(struct kunit *test)
{
	KUNIT_EXPECT_NULL(test, nyx_isolation_word(NYX_ISOLATION_NONE));
	KUNIT_EXPECT_STREQ(test, nyx_isolation_word(NYX_ISOLATION_STRICT),
			   "STRICT");
	KUNIT_EXPECT_STREQ(test, nyx_isolation_word(NYX_ISOLATION_SHARED),
			   "SHARED");
	KUNIT_EXPECT_STREQ(test, nyx_isolation_word(NYX_ISOLATION_UNMANAGED),
			   "UNMANAGED");
}

static struct kunit_case nyx_core_isolation_cases[] = {
	KUNIT_CASE(without_domain),
	KUNIT_CASE(one_group),
	KUNIT_CASE(several_groups),
	KUNIT_CASE(several_domains),
	KUNIT_CASE(words),
	{}
};

static struct kunit_suite nyx_core_isolation_suite = {
	.name = "nyx_core_isolation",
	.test_cases = nyx_core_isolation_cases,
};

kunit_test_suite(nyx_core_isolation_suite);
