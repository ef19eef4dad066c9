// SPDX-License-Identifier: GPL-2.0-only
/*
 * Devices that share requester IDs: the unit cannot isolate them from each other.
 */
#include <kunit/test-bug.h>

#include "fixture.h"

/* Gives a device one more requester ID. */
static void add_rid(struct kunit *test, int i, u16 rid)
{
	struct fake *fake = test->priv;
	struct nyx_device *ndev = &fake->ndevs[i];

	ndev->rids[ndev->nr_rids++] = rid;
	KUNIT_ASSERT_EQ(test, attach_to(fake, i,
					&fake->domain->pt.iommu.domain), 0);
}

/* Devices that share a requester ID are cut off and recovered together. */
static void shared_requester(struct kunit *test)
{
	struct fake *fake = test->priv;
	int i;

	for (i = 0; i < 2; i++)
		add_rid(test, i, 3);
	quarantine(fake, 0, 2 * HOUR);
	expect_cut_off(test, 0);
	expect_cut_off(test, 1);
	expect_works(test, 2);
	KUNIT_EXPECT_TRUE(test, fake->unit.entries[3].quiet);
	KUNIT_EXPECT_EQ(test, recover(&fake->ndevs[1], "test"), 0);
	expect_works(test, 0);
	expect_works(test, 1);
	KUNIT_EXPECT_EQ(test, fake->unit.entries[3].kind, NYX_ENTRY_TABLE);
}

/* The first and the last one share nothing, but an entry that both need. */
static void shared_in_a_chain(struct kunit *test)
{
	struct fake *fake = test->priv;
	int i;

	add_rid(test, 0, 3);
	add_rid(test, 1, 3);
	add_rid(test, 1, 2);
	/* Against the order of the list as well. */
	quarantine(fake, 2, local_clock() - 2 * HOUR);
	for (i = 0; i < DEVICES; i++)
		expect_cut_off(test, i);
	KUNIT_EXPECT_EQ(test, fake->ndevs[0].quarantine.cut.reason,
			NYX_CUT_REQUESTER);
	KUNIT_EXPECT_STREQ(test, fake->ndevs[0].quarantine.origin, "third");
	KUNIT_EXPECT_EQ(test, recover(&fake->ndevs[0], "test"), 0);
	for (i = 0; i < DEVICES; i++)
		expect_works(test, i);

	/* Only the command ends what a command began. */
	quarantine(fake, 2, local_clock() - 2 * HOUR);
	disable(&fake->ndevs[0]);
	for (i = 0; i < DEVICES; i++) {
		fake->ndevs[i].quarantine.episodes = 1;
		KUNIT_EXPECT_EQ(test, fake->ndevs[i].cut_off, NYX_DISABLED);
	}
	KUNIT_EXPECT_EQ(test, retry(&fake->ndevs[2], "bind"), 0);
	for (i = 0; i < DEVICES; i++)
		expect_cut_off(test, i);
	KUNIT_EXPECT_EQ(test, recover(&fake->ndevs[2], "command"), 0);
	for (i = 0; i < DEVICES; i++)
		expect_works(test, i);
}

/* The one that has to wait longest decides for all. */
static void shared_back_off(struct kunit *test)
{
	struct fake *fake = test->priv;
	u64 now = local_clock() + HOUR;
	int i;

	for (i = 0; i < 2; i++)
		add_rid(test, i, 3);
	fake->ndevs[0].quarantine.episodes = 3;
	fake->ndevs[0].quarantine.ended_ns = now;
	quarantine(fake, 0, now);
	KUNIT_EXPECT_EQ(test, fake->ndevs[0].quarantine.episodes, 4);
	KUNIT_EXPECT_EQ(test, fake->ndevs[1].quarantine.episodes, 1);
	KUNIT_EXPECT_EQ(test, retry(&fake->ndevs[1], "bind"), 0);
	expect_cut_off(test, 0);
	expect_cut_off(test, 1);
	fake->ndevs[0].quarantine.cut.now_ns = local_clock() - 5 * SECOND;
	KUNIT_EXPECT_EQ(test, retry(&fake->ndevs[1], "bind"), 0);
	expect_works(test, 0);
	expect_works(test, 1);
}

static void cut_off_on_ats(void *model, struct nyx_device *ndev, bool on)
{
	if (!on)
		return;
	unit_core.on_ats = NULL;
	cut_off(ndev, &cut_by_faults);
}

/* An entry must not be opened for the one while the other is cut off again. */
static void shared_and_cut_off_again(struct kunit *test)
{
	struct fake *fake = test->priv;
	int i;

	for (i = 0; i < 2; i++)
		add_rid(test, i, 3);
	quarantine(fake, 0, 2 * HOUR);
	unit_core.on_ats = cut_off_on_ats;
	KUNIT_EXPECT_EQ(test, recover(&fake->ndevs[0], "test"), 0);
	KUNIT_EXPECT_NULL(test, unit_core.on_ats);
	nyx_cut_off_wait();
	for (i = 0; i < 2; i++)
		expect_cut_off(test, i);
	KUNIT_EXPECT_TRUE(test, fake->unit.entries[3].quiet);
	KUNIT_EXPECT_EQ(test, recover(&fake->ndevs[0], "test"), 0);
	for (i = 0; i < 2; i++)
		expect_works(test, i);
}

/* Takes the second device away and finds it again. */
static void find_again(struct fake *fake)
{
	struct nyx_device *ndev = &fake->ndevs[1];
	u16 nr_rids = ndev->nr_rids;

	guard(mutex)(&nyx_devices_lock);
	/* As nyx_device_release(): the others are shared. */
	ndev->nr_rids = 1;
	attach_to(fake, 1, &nyx_blocked_domain);
	list_del_rcu(&ndev->node);
	synchronize_rcu();
	nyx_quarantine_remove(ndev);
	ndev->nr_rids = nr_rids;
	memset(&ndev->quarantine, 0, sizeof(ndev->quarantine));
	nyx_quarantine_init(ndev);

	nyx_quarantine_inherit(ndev);
	list_add_tail_rcu(&ndev->node, &nyx_devices);
	nyx_quarantine_join();
	/* From the beginning. */
	KUNIT_EXPECT_EQ(kunit_get_current_test(), ndev->cut_off,
			fake->ndevs[0].cut_off);
}

static void found_while_cut_off(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct nyx_device *a = &fake->ndevs[0], *b = &fake->ndevs[1];
	u64 now = local_clock() + HOUR;
	int i;

	find_again(fake);
	KUNIT_EXPECT_EQ(test, b->cut_off, NYX_ACTIVE);
	for (i = 0; i < 2; i++)
		add_rid(test, i, 3);
	a->quarantine.episodes = 3;
	a->quarantine.ended_ns = now;
	quarantine(fake, 0, now);
	find_again(fake);
	nyx_cut_off_wait();
	/* It is attached to a domain, but the shared entry stays as it is. */
	KUNIT_ASSERT_EQ(test, attach_to(fake, 1,
					&fake->domain->pt.iommu.domain), 0);
	for (i = 0; i < 2; i++)
		expect_cut_off(test, i);
	KUNIT_EXPECT_TRUE(test, fake->unit.entries[3].quiet);
	KUNIT_EXPECT_EQ(test, b->quarantine.episodes, 4);
	KUNIT_EXPECT_EQ(test, b->quarantine.cut.now_ns, now);
	KUNIT_EXPECT_EQ(test, b->quarantine.cut.reason, NYX_CUT_REQUESTER);
	KUNIT_EXPECT_STREQ(test, b->quarantine.origin, "first");
	expect_episode(test, 4, "");

	disable(a);
	KUNIT_EXPECT_EQ(test, b->cut_off, NYX_DISABLED);
	find_again(fake);
	nyx_cut_off_wait();
	KUNIT_ASSERT_EQ(test, attach_to(fake, 1,
					&fake->domain->pt.iommu.domain), 0);
	KUNIT_EXPECT_EQ(test, b->cut_off, NYX_DISABLED);
	expect_cut_off(test, 1);
	KUNIT_EXPECT_EQ(test, recover(b, "command"), 0);
	for (i = 0; i < 2; i++)
		expect_works(test, i);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(shared_requester),
	KUNIT_CASE(shared_in_a_chain),
	KUNIT_CASE(shared_back_off),
	KUNIT_CASE(shared_and_cut_off_again),
	KUNIT_CASE(found_while_cut_off),
	{}
};

static struct kunit_suite suite = {
	.name = "nyx_quarantine_shared",
	.init = quarantine_test_init,
	.exit = quarantine_test_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
