// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ring of 256 episodes. It continues from earlier tests.
 */
#include <kunit/test.h>
#include <linux/string.h>

#include "quarantine/episodes.h"

static u64 add(unsigned int faults)
{
	struct nyx_episode episode = { .faults = faults, .start_ns = 5 };

	strscpy(episode.device, "0000:00:05.0");
	return nyx_episode_begin(&episode);
}

static void keeps_the_last(struct kunit *test)
{
	struct nyx_episode episode;
	u64 first = add(0), seq;
	unsigned int i;

	KUNIT_EXPECT_EQ(test, nyx_episode_newest(), first);
	KUNIT_EXPECT_FALSE(test, nyx_episode_read(first + 1, &episode));
	KUNIT_ASSERT_TRUE(test, nyx_episode_read(first, &episode));
	KUNIT_EXPECT_EQ(test, episode.seq, first);
	KUNIT_EXPECT_STREQ(test, episode.device, "0000:00:05.0");
	KUNIT_EXPECT_NULL(test, episode.ended);
	nyx_episode_end(first, 9, 77, "test");
	KUNIT_ASSERT_TRUE(test, nyx_episode_read(first, &episode));
	KUNIT_EXPECT_STREQ(test, episode.ended, "test");
	KUNIT_EXPECT_EQ(test, episode.end_ns, 9);
	KUNIT_EXPECT_EQ(test, episode.suppressed, 77);

	for (i = 1; i < 256; i++)
		KUNIT_EXPECT_EQ(test, add(i), first + i);
	KUNIT_ASSERT_TRUE(test, nyx_episode_read(0, &episode));
	KUNIT_EXPECT_EQ(test, episode.seq, first);
	/* The next one replaces the oldest, whose end is then forgotten. */
	seq = add(256);
	KUNIT_EXPECT_EQ(test, nyx_episode_newest(), first + 256);
	nyx_episode_end(first, 10, 78, "late");
	KUNIT_ASSERT_TRUE(test, nyx_episode_read(0, &episode));
	KUNIT_EXPECT_EQ(test, episode.seq, first + 1);
	KUNIT_ASSERT_TRUE(test, nyx_episode_read(seq, &episode));
	KUNIT_EXPECT_EQ(test, episode.faults, 256);
	KUNIT_EXPECT_NULL(test, episode.ended);
	/* A reader continues at its position. */
	for (i = 1; i <= 256; i++) {
		KUNIT_ASSERT_TRUE(test, nyx_episode_read(first + i, &episode));
		KUNIT_EXPECT_EQ(test, episode.faults, i);
	}
	KUNIT_EXPECT_FALSE(test, nyx_episode_read(first + 257, &episode));
}

static struct kunit_case cases[] = {
	KUNIT_CASE(keeps_the_last),
	{}
};

static struct kunit_suite suite = {
	.name = "nyx_quarantine_episodes",
	.test_cases = cases,
};

kunit_test_suite(suite);
