// SPDX-License-Identifier: GPL-2.0-only
/*
 * Invalidation of interrupt entries: how often it is repeated, and which
 * devices are isolated. The fake unit returns scripted results.
 */
#include <kunit/test.h>
#include <linux/errno.h>
#include <linux/string.h>
#include <nyx/entry.h>
#include <nyx/invalidate.h>
#include <nyx/unit.h>

#include "../unit_core.h"

/* Result of a submission. */
struct result {
	int ret;
	u16 rid;
};

/*
 * The fake unit. Submissions return @results in turn, the last one repeatedly.
 * The other members count calls, and hold the requester IDs that were blocked.
 */
static struct {
	const struct result *results;
	unsigned int submissions;
	u16 blocked[8];
	unsigned int nr_blocked;
	unsigned int globals;
	int global_ret;
} fake;

static int fake_submit(struct nyx_unit *unit, const struct nyx_cmd *cmds,
		       unsigned int nr, u16 *rid)
{
	const struct result *result = fake.results;

	fake.submissions++;
	*rid = result->rid;
	if (result[1].ret != INT_MAX)
		fake.results++;
	return result->ret;
}

static int fake_global(struct nyx_unit *unit)
{
	fake.globals++;
	return fake.global_ret;
}

static const struct nyx_invalidate_ops invalidate_ops = {
	.submit = fake_submit,
	.global = fake_global,
};

static bool fake_block_ats(struct nyx_unit *unit, u16 rid)
{
	fake.blocked[fake.nr_blocked++ % ARRAY_SIZE(fake.blocked)] = rid;
	return true;
}

static const struct nyx_entry_ops entry_ops = { .block_ats = fake_block_ats };

static bool fake_contain(struct nyx_unit *unit)
{
	return true;
}

static const struct nyx_unit_ops unit_ops = {
	.contain = fake_contain,
	.invalidate = &invalidate_ops,
	.entries = &entry_ops,
};

#define END { INT_MAX, 0 }

/*
 * Scripted results, then the expected numbers of submissions and blocked IDs.
 */
struct scenario {
	const char *name;
	struct result results[6];
	int global_ret;
	unsigned int submissions;
	unsigned int blocked;
	bool dead;
};

static const struct scenario scenarios[] = {
	{ "success", { { 0 }, END }, 0, 1, 0, false },
	{ "queue off", { { -ESHUTDOWN }, END }, 0, 1, 0, false },
	{ "aborted once", { { -EAGAIN }, { 0 }, END }, 0, 2, 0, false },
	{ "always aborted", { { -EAGAIN }, END }, 0, 8, 0, true },
	{ "one unresponsive device", { { -ETIME, 0x300 }, { 0 }, END }, 0, 2, 1,
	  false },
	{ "four unresponsive devices, one after the other",
	  { { -ETIME, 0x300 }, { -ETIME, 0x301 }, { -ETIME, 0x302 },
	    { -ETIME, 0x303 }, { 0 }, END }, 0, 5, 4, false },
	{ "unknown unresponsive device", { { -ETIME, 0 }, END }, 0, 3, 0,
	  true },
	{ "unresponsive device known at the third timeout",
	  { { -ETIME, 0 }, { -ETIME, 0 }, { -ETIME, 0x300 }, { 0 }, END },
	  0, 4, 1, false },
	{ "always a timeout", { { -ETIME, 0x300 }, END }, 0, 8, 8, true },
	{ "global invalidation fails", { { -ETIME, 0x300 }, { 0 }, END },
	  -ETIMEDOUT, 1, 1, true },
	{ "refused", { { -EINVAL }, END }, 0, 1, 0, true },
	{ "gone", { { -ENODEV }, END }, 0, 1, 0, true },
};

KUNIT_ARRAY_PARAM_DESC(scenarios, scenarios, name);

static void intr(struct kunit *test)
{
	const struct scenario *scenario = test->param_value;
	struct nyx_unit *unit = kunit_kzalloc(test, sizeof(*unit), GFP_KERNEL);
	struct nyx_cmd cmd = { };

	KUNIT_ASSERT_NOT_NULL(test, unit);
	KUNIT_ASSERT_EQ(test, nyx_unit_init(unit, &unit_ops), 0);
	memset(&fake, 0, sizeof(fake));
	/* The list of devices is empty: nyx_device_find() returns NULL. */
	unit_core_reset();
	fake.results = scenario->results;
	fake.global_ret = scenario->global_ret;
	KUNIT_EXPECT_EQ(test, nyx_invalidate_intr(unit, &cmd, 1),
			scenario->dead ? -EIO : 0);
	KUNIT_EXPECT_EQ(test, fake.submissions, scenario->submissions);
	KUNIT_EXPECT_EQ(test, fake.nr_blocked, scenario->blocked);
	/* Each isolation includes a global invalidation. */
	KUNIT_EXPECT_EQ(test, fake.globals, scenario->blocked);
	if (scenario->blocked)
		KUNIT_EXPECT_EQ(test, fake.blocked[0], 0x300);
	KUNIT_EXPECT_EQ(test, unit->dead, scenario->dead);
	/* A dead unit gets no more submissions. */
	if (scenario->dead) {
		KUNIT_EXPECT_EQ(test, nyx_invalidate_intr(unit, &cmd, 1), -EIO);
		KUNIT_EXPECT_EQ(test, fake.submissions, scenario->submissions);
	}
	nyx_unit_cleanup(unit);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(intr, scenarios_gen_params),
	{}
};

static struct kunit_suite suite = {
	.name = "nyx_inval_invalidate",
	.test_cases = cases,
};

kunit_test_suite(suite);
