// SPDX-License-Identifier: GPL-2.0-only
/*
 * From the moment that a device is cut off until it works again.
 */
#include <nyx/intr.h>

#include "../intr_fixture.h"
#include "fixture.h"

static void recovered(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct nyx_device *ndev = &fake->ndevs[0];
	u64 before = nyx_episode_newest();
	struct nyx_episode episode;

	expect_works(test, 0);
	KUNIT_EXPECT_EQ(test, recover(ndev, "test"), 0);
	quarantine(fake, 0, 2 * HOUR);
	expect_cut_off(test, 0);
	expect_works(test, 1);
	KUNIT_EXPECT_EQ(test, nyx_episode_newest(), before + 1);
	KUNIT_ASSERT_TRUE(test, nyx_episode_read(before + 1, &episode));
	KUNIT_EXPECT_STREQ(test, episode.device, "first");
	KUNIT_EXPECT_STREQ(test, episode.origin, "first");
	KUNIT_EXPECT_EQ(test, episode.domain, fake->domain->pt.id);
	KUNIT_EXPECT_EQ(test, episode.faults, 11);
	KUNIT_EXPECT_EQ(test, episode.start_ns, 2 * HOUR);
	KUNIT_EXPECT_EQ(test, episode.reason, NYX_CUT_FAULTS);
	expect_episode(test, 1, "");

	atomic_set(&ndev->quarantine.suppressed, 5);
	atomic_set(&ndev->faults, 16);
	ndev->window.faults = 11;
	KUNIT_EXPECT_EQ(test, recover(ndev, "test"), 0);
	expect_works(test, 0);
	expect_episode(test, 1, "test");
	KUNIT_ASSERT_TRUE(test, nyx_episode_read(before + 1, &episode));
	KUNIT_EXPECT_EQ(test, episode.suppressed, 5);
	KUNIT_EXPECT_EQ(test, atomic_read(&ndev->faults), 0);
	KUNIT_EXPECT_EQ(test, ndev->window.faults, 0);
	KUNIT_EXPECT_EQ(test, kref_read(&ndev->refs), 1);
}

/* Whatever it is attached to meanwhile, it gets that when it is recovered. */
static void attached_meanwhile(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct nyx_device *ndev = &fake->ndevs[0];

	quarantine(fake, 0, 2 * HOUR);
	KUNIT_EXPECT_EQ(test, attach_to(fake, 0, &nyx_identity_domain), 0);
	KUNIT_EXPECT_TRUE(test, fake->unit.entries[0].quiet);
	KUNIT_EXPECT_NULL(test, ndev->domain);
	KUNIT_EXPECT_EQ(test, attach_to(fake, 0,
					&fake->domain->pt.iommu.domain), 0);
	expect_cut_off(test, 0);
	KUNIT_EXPECT_EQ(test, attach_to(fake, 0, &nyx_identity_domain), 0);
	KUNIT_EXPECT_EQ(test, recover(ndev, "test"), 0);
	KUNIT_EXPECT_EQ(test, fake->unit.entries[0].kind, NYX_ENTRY_IDENTITY);
}

/* Each episode takes twice as long, until the device works for an hour. */
static void back_off(struct kunit *test)
{
	static const unsigned int seconds[] = {
		0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 3600,
		3600,
	};
	struct fake *fake = test->priv;
	struct nyx_device *ndev = &fake->ndevs[0];
	u64 now = 5 * HOUR, wait;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(seconds); i++) {
		wait = seconds[i] * SECOND;
		quarantine(fake, 0, now);
		KUNIT_EXPECT_EQ(test, ndev->quarantine.episodes, i + 1);
		KUNIT_EXPECT_EQ(test, nyx_quarantine_left(ndev, now), wait);
		if (wait)
			KUNIT_EXPECT_EQ(test,
					nyx_quarantine_left(ndev,
							    now + wait - 1), 1);
		KUNIT_EXPECT_EQ(test, nyx_quarantine_left(ndev, now + wait), 0);
		/* The command does not wait. */
		KUNIT_EXPECT_EQ(test, recover(ndev, "test"), 0);
		ndev->quarantine.ended_ns = now + 1;
		now += HOUR;
	}
	/* It worked for an hour, and not just for less. */
	quarantine(fake, 0, now + 1);
	KUNIT_EXPECT_EQ(test, ndev->quarantine.episodes, 1);
	KUNIT_EXPECT_EQ(test, recover(ndev, "test"), 0);
}

/* A bind or a reset recovers the device when its time is over. */
static void retried(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct nyx_device *ndev = &fake->ndevs[0];
	u64 now = local_clock() + HOUR;

	/* The first episode is ended at once. */
	quarantine(fake, 0, now);
	KUNIT_EXPECT_EQ(test, retry(ndev, "bind"), 0);
	expect_works(test, 0);
	expect_episode(test, 1, "bind");
	ndev->quarantine.ended_ns = now;
	quarantine(fake, 0, now);
	KUNIT_EXPECT_EQ(test, retry(ndev, "reset"), 0);
	expect_cut_off(test, 0);
	expect_episode(test, 2, "");
	ndev->quarantine.cut.now_ns = local_clock() - 2 * SECOND;
	KUNIT_EXPECT_EQ(test, retry(ndev, "reset"), 0);
	expect_works(test, 0);
	expect_episode(test, 2, "reset");
}

static void disabled(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct nyx_device *ndev = &fake->ndevs[0];

	disable(ndev);
	expect_cut_off(test, 0);
	KUNIT_EXPECT_EQ(test, ndev->cut_off, NYX_DISABLED);
	ndev->quarantine.cut.now_ns = local_clock() - 2 * HOUR;
	KUNIT_EXPECT_EQ(test, retry(ndev, "bind"), 0);
	expect_cut_off(test, 0);
	KUNIT_EXPECT_EQ(test, recover(ndev, "command"), 0);
	expect_works(test, 0);
	/* A quarantined device that is disabled is not recovered by a bind. */
	quarantine(fake, 0, local_clock() - 2 * HOUR);
	disable(ndev);
	KUNIT_EXPECT_EQ(test, retry(ndev, "bind"), 0);
	expect_cut_off(test, 0);
	KUNIT_EXPECT_EQ(test, recover(ndev, "command"), 0);
	expect_works(test, 0);
}

/* The next device with the requester ID must not inherit the quarantine. */
static void removed(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct nyx_device *ndev = &fake->ndevs[0];

	quarantine(fake, 0, 2 * HOUR);
	KUNIT_EXPECT_EQ(test, attach_to(fake, 0, &nyx_blocked_domain), 0);
	scoped_guard(mutex, &nyx_devices_lock) {
		list_del_rcu(&ndev->node);
		synchronize_rcu();
		nyx_quarantine_remove(ndev);
	}
	KUNIT_EXPECT_EQ(test, fake->unit.entries[0].kind, NYX_ENTRY_BLOCKED);
	KUNIT_EXPECT_FALSE(test, fake->unit.entries[0].quiet);
	expect_episode(test, 1, "removed");
}

static void detached(struct kunit *test)
{
	struct fake *fake = test->priv;

	quarantine(fake, 1, 2 * HOUR);
	nyx_quarantine_detach();
	KUNIT_EXPECT_FALSE(test, nyx_device_is_cut_off(&fake->ndevs[1]));
	expect_episode(test, 1, "detach");
}

static void count_store(struct fake_unit *unit, u16 rid,
			const struct nyx_entry *want)
{
	struct fake *fake = container_of(unit, struct fake, unit);

	fake->stores++;
	fake->stores_after_flag += READ_ONCE(fake->ndevs[0].cut_off_cached);
}

/*
 * A caller that clears nyx_device.cut_off_cached invalidates all caches. It must
 * not be able to do that before the entries are stored.
 */
static void flag_after_stores(struct kunit *test)
{
	struct nyx_cut cut = cut_by_faults;
	struct fake *fake = test->priv;

	/* The lock keeps the work from storing entries as well. */
	scoped_guard(mutex, &fake->ndevs[0].entry_lock) {
		fake->unit.on_change = count_store;
		cut_off(&fake->ndevs[0], &cut);
		fake->unit.on_change = NULL;
	}
	nyx_cut_off_wait();
	KUNIT_EXPECT_GT(test, fake->stores, 0);
	KUNIT_EXPECT_EQ(test, fake->stores_after_flag, 0);
	expect_cut_off(test, 0);
	KUNIT_EXPECT_EQ(test, recover(&fake->ndevs[0], "test"), 0);
}

static int intr_alloc(struct nyx_unit *unit, struct nyx_device *ndev,
		      unsigned int nr)
{
	return 0;
}

static void intr_free(struct nyx_unit *unit, struct nyx_device *ndev, u16 index,
		      unsigned int nr)
{
}

static int intr_set(struct nyx_unit *unit, struct nyx_device *ndev, u16 index,
		    const struct nyx_intr_target *target)
{
	struct fake *fake = container_of(to_fake_unit(unit), struct fake, unit);

	if (target && !fake->intr_passes)
		fake->intr_early = fake->unit.entries[ndev->rid].kind ==
				   NYX_ENTRY_BLOCKED && nyx_policy_suppress(ndev);
	fake->intr_passes = target;
	return 0;
}

/*
 * A driver waits for the interrupt that follows the DMA of its device. Faults that
 * the unit logged before the recovery may be read at any time.
 */
static void interrupts_pass_first(struct kunit *test)
{
	static const struct nyx_intr_ops ops = {
		.alloc = intr_alloc,
		.free = intr_free,
		.set = intr_set,
	};
	const struct nyx_intr_target target = { .dest = 1, .vector = 0x41 };
	struct fake *fake = test->priv;
	struct nyx_device *ndev = &fake->ndevs[0];
	struct nyx_intr_run *run;

	fake->unit.unit.intr.ops = &ops;
	run = give(test, ndev, 1);
	KUNIT_EXPECT_EQ(test, nyx_intr_set(&run->intr[0], &target), 0);
	KUNIT_EXPECT_TRUE(test, fake->intr_passes);
	quarantine(fake, 0, 2 * HOUR);
	KUNIT_EXPECT_FALSE(test, fake->intr_passes);
	fake->intr_early = false;
	KUNIT_EXPECT_EQ(test, recover(ndev, "test"), 0);
	expect_works(test, 0);
	KUNIT_EXPECT_TRUE(test, fake->intr_passes);
	KUNIT_EXPECT_TRUE(test, fake->intr_early);
	/* The next time they are blocked again. */
	quarantine(fake, 0, 3 * HOUR);
	KUNIT_EXPECT_FALSE(test, fake->intr_passes);
	KUNIT_EXPECT_EQ(test, recover(ndev, "test"), 0);
	KUNIT_EXPECT_TRUE(test, fake->intr_passes);
	take(run);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(recovered),
	KUNIT_CASE(interrupts_pass_first),
	KUNIT_CASE(flag_after_stores),
	KUNIT_CASE(attached_meanwhile),
	KUNIT_CASE(back_off),
	KUNIT_CASE(retried),
	KUNIT_CASE(disabled),
	KUNIT_CASE(removed),
	KUNIT_CASE(detached),
	{}
};

static struct kunit_suite suite = {
	.name = "nyx_quarantine",
	.init = quarantine_test_init,
	.exit = quarantine_test_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
