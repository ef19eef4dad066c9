// SPDX-License-Identifier: GPL-2.0-only
/*
 * How often a unit is asked to forget interrupt entries, and who is blocked in
 * between, on a unit that answers as it was told to.
 */
#include <kunit/test.h>
#include <linux/errno.h>
#include <linux/string.h>
#include <nyx/entry.h>
#include <nyx/invalidate.h>
#include <nyx/unit.h>

#include "../unit_core.h"

/* What is answered, in turn; the last one for ever. */
struct answer {
	int ret;
	u16 rid;
};

static struct {
	const struct answer *answers;
	unsigned int asked;
	u16 blocked[8];
	unsigned int nr_blocked;
	unsigned int globals;
	int global_ret;
} said;

static int say(struct nyx_unit *unit, const struct nyx_cmd *cmds,
	       unsigned int nr, u16 *rid)
{
	const struct answer *answer = said.answers;

	said.asked++;
	*rid = answer->rid;
	if (answer[1].ret != INT_MAX)
		said.answers++;
	return answer->ret;
}

static int forget_all(struct nyx_unit *unit)
{
	said.globals++;
	return said.global_ret;
}

static const struct nyx_invalidate_ops invalidate_ops = {
	.submit = say,
	.global = forget_all,
};

static bool block_ats(struct nyx_unit *unit, u16 rid)
{
	said.blocked[said.nr_blocked++ % ARRAY_SIZE(said.blocked)] = rid;
	return true;
}

static const struct nyx_entry_ops entry_ops = { .block_ats = block_ats };

static bool contain(struct nyx_unit *unit)
{
	return true;
}

static const struct nyx_unit_ops unit_ops = {
	.contain = contain,
	.invalidate = &invalidate_ops,
	.entries = &entry_ops,
};

#define END { INT_MAX, 0 }

struct story {
	const char *name;
	struct answer answers[6];
	int global_ret;
	unsigned int asked;
	unsigned int blocked;
	bool dead;
};

static const struct story stories[] = {
	{ "at once", { { 0 }, END }, 0, 1, 0, false },
	{ "queue off", { { -ESHUTDOWN }, END }, 0, 1, 0, false },
	{ "aborted once", { { -EAGAIN }, { 0 }, END }, 0, 2, 0, false },
	{ "aborted for ever", { { -EAGAIN }, END }, 0, 8, 0, true },
	{ "one device is mute", { { -ETIME, 0x300 }, { 0 }, END }, 0, 2, 1,
	  false },
	{ "four devices are mute, one behind the other",
	  { { -ETIME, 0x300 }, { -ETIME, 0x301 }, { -ETIME, 0x302 },
	    { -ETIME, 0x303 }, { 0 }, END }, 0, 5, 4, false },
	{ "nobody knows who is mute", { { -ETIME, 0 }, END }, 0, 3, 0, true },
	{ "known at last", { { -ETIME, 0 }, { -ETIME, 0 }, { -ETIME, 0x300 },
	  { 0 }, END }, 0, 4, 1, false },
	{ "mute for ever", { { -ETIME, 0x300 }, END }, 0, 8, 8, true },
	{ "does not forget the mute", { { -ETIME, 0x300 }, { 0 }, END },
	  -ETIMEDOUT, 1, 1, true },
	{ "refused", { { -EINVAL }, END }, 0, 1, 0, true },
	{ "gone", { { -ENODEV }, END }, 0, 1, 0, true },
};

KUNIT_ARRAY_PARAM_DESC(stories, stories, name);

static void intr(struct kunit *test)
{
	const struct story *story = test->param_value;
	struct nyx_unit *unit = kunit_kzalloc(test, sizeof(*unit), GFP_KERNEL);
	struct nyx_cmd cmd = { };

	KUNIT_ASSERT_NOT_NULL(test, unit);
	KUNIT_ASSERT_EQ(test, nyx_unit_init(unit, &unit_ops), 0);
	memset(&said, 0, sizeof(said));
	/* No device is found: those of other suites are gone. */
	unit_core_reset();
	said.answers = story->answers;
	said.global_ret = story->global_ret;
	KUNIT_EXPECT_EQ(test, nyx_invalidate_intr(unit, &cmd, 1),
			story->dead ? -EIO : 0);
	KUNIT_EXPECT_EQ(test, said.asked, story->asked);
	KUNIT_EXPECT_EQ(test, said.nr_blocked, story->blocked);
	/* What a mute one cached is forgotten as well. */
	KUNIT_EXPECT_EQ(test, said.globals, story->blocked);
	if (story->blocked)
		KUNIT_EXPECT_EQ(test, said.blocked[0], 0x300);
	KUNIT_EXPECT_EQ(test, unit->dead, story->dead);
	/* From then on nobody asks. */
	if (story->dead) {
		KUNIT_EXPECT_EQ(test, nyx_invalidate_intr(unit, &cmd, 1), -EIO);
		KUNIT_EXPECT_EQ(test, said.asked, story->asked);
	}
	nyx_unit_cleanup(unit);
}

static struct kunit_case nyx_invalidate_cases[] = {
	KUNIT_CASE_PARAM(intr, stories_gen_params),
	{}
};

static struct kunit_suite nyx_invalidate_suite = {
	.name = "nyx_inval_invalidate",
	.test_cases = nyx_invalidate_cases,
};

kunit_test_suite(nyx_invalidate_suite);
