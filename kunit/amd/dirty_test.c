// SPDX-License-Identifier: GPL-2.0-only
/*
 * HAD of a device table entry (48882, section 2.2.2.1): when it changes, the device
 * continues to work, and the unit uses the new value at once.
 */
#include <linux/io.h>
#include <nyx/entry.h>
#include <nyx/pt.h>
#include <nyx/unit.h>

#include "../cut_off_fixture.h"
#include "model.h"

#define OWN 0x0208
#define ALIAS 0x0300

/* Bits 8:7: 11b makes the unit set A and D in leaves. */
#define HAD 0x180ULL

static struct nyx_device *add(struct amd_model *model,
			      const struct nyx_entry *entry)
{
	struct nyx_device *ndev = amd_model_add(model, OWN);

	amd_model_alias(model, ndev, ALIAS);
	INIT_WORK(&ndev->quarantine.work, cut_off_work);
	KUNIT_ASSERT_EQ(model->test, amd_model_set(ndev, entry), 0);
	ndev->entry = *entry;
	return ndev;
}

static int set_dirty(struct nyx_device *ndev, bool on)
{
	guard(mutex)(&ndev->entry_lock);
	return nyx_entry_set_dirty(ndev->unit, ndev, on);
}

/* Expects this value in memory, and in the cache of the unit. */
static void expect_entry(struct amd_model *model, u64 q0, u64 q1)
{
	static const u16 rids[] = { OWN, ALIAS };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rids); i++) {
		const u64 *dte = amd_model_entry(model, rids[i]);
		const struct amd_model_device *dev =
			amd_model_find(model, rids[i]);

		KUNIT_EXPECT_EQ(model->test, dte[0], q0);
		KUNIT_EXPECT_EQ(model->test, dte[1], q1);
		KUNIT_EXPECT_TRUE(model->test, dev->cached);
		KUNIT_EXPECT_EQ(model->test, dev->q[0], q0);
		KUNIT_EXPECT_EQ(model->test, dev->q[1], q1);
	}
}

static void dirty_changes(struct kunit *test)
{
	struct amd_model *model = amd_model_running(test);
	struct nyx_entry entry = amd_model_table(model, 7);
	struct nyx_device *ndev = add(model, &entry);
	const u64 *dte = amd_model_entry(model, OWN);
	u64 q0 = dte[0], q1 = dte[1];
	bool ats = amd_model_find(model, OWN)->ats;

	KUNIT_ASSERT_EQ(test, q0 & HAD, 0);
	KUNIT_ASSERT_TRUE(test, ats);
	model->watched = OWN;
	model->nr_cmds = 0;
	KUNIT_EXPECT_EQ(test, set_dirty(ndev, true), 0);
	expect_entry(model, q0 | HAD, q1);
	/* INVALIDATE_DEVTAB_ENTRY of both, and COMPLETION_WAIT */
	KUNIT_EXPECT_EQ(test, model->nr_cmds, 3);
	KUNIT_EXPECT_EQ(test, model->cmds[0][0], 2ULL << 60 | OWN);
	KUNIT_EXPECT_EQ(test, model->cmds[1][0], 2ULL << 60 | ALIAS);
	KUNIT_EXPECT_TRUE(test, amd_model_find(model, OWN)->ats);
	/* The same again changes nothing. */
	KUNIT_EXPECT_EQ(test, set_dirty(ndev, true), 0);
	KUNIT_EXPECT_EQ(test, model->nr_cmds, 3);

	KUNIT_EXPECT_EQ(test, set_dirty(ndev, false), 0);
	expect_entry(model, q0, q1);
	KUNIT_EXPECT_EQ(test, model->blocked, 0);
}

/* An attach while writes are recorded, and back to a domain without. */
static void dirty_attach(struct kunit *test)
{
	struct amd_model *model = amd_model_running(test);
	struct nyx_entry entry = amd_model_table(model, 7);
	struct nyx_device *ndev;
	u64 q0, q1;

	entry.ats = false;
	ndev = add(model, &entry);
	q0 = amd_model_entry(model, OWN)[0];
	q1 = amd_model_entry(model, OWN)[1];
	entry.dirty = true;
	KUNIT_ASSERT_EQ(test, amd_model_set(ndev, &entry), 0);
	expect_entry(model, q0 | HAD, q1);
	entry.dirty = false;
	KUNIT_ASSERT_EQ(test, amd_model_set(ndev, &entry), 0);
	expect_entry(model, q0, q1);
}

/* Entries that do not translate stay as they are. */
static void dirty_blocked(struct kunit *test)
{
	struct amd_model *model = amd_model_running(test);
	struct nyx_entry entry = amd_model_table(model, 7);
	struct nyx_device *ndev = add(model, &entry);
	const struct nyx_entry identity = { .kind = NYX_ENTRY_IDENTITY };
	const u64 *dte = amd_model_entry(model, OWN);
	u64 before;

	KUNIT_ASSERT_EQ(test, amd_model_set(ndev, &identity), 0);
	before = dte[0];
	KUNIT_EXPECT_EQ(test, set_dirty(ndev, true), 0);
	KUNIT_EXPECT_EQ(test, dte[0], before);

	KUNIT_ASSERT_EQ(test, amd_model_set(ndev, &entry), 0);
	cut_off(ndev, &cut_by_faults);
	flush_work(&ndev->quarantine.work);
	before = dte[0];
	model->nr_cmds = 0;
	KUNIT_EXPECT_EQ(test, set_dirty(ndev, true), 0);
	KUNIT_EXPECT_EQ(test, dte[0], before);
	KUNIT_EXPECT_EQ(test, model->nr_cmds, 0);
}

/* A dead unit does not confirm that it uses the new value. */
static void dirty_dead(struct kunit *test)
{
	struct amd_model *model = amd_model_running(test);
	struct nyx_entry entry = amd_model_table(model, 7);
	struct nyx_device *ndev = add(model, &entry);

	nyx_unit_fail(ndev->unit, "test");
	KUNIT_EXPECT_EQ(test, set_dirty(ndev, true), -EIO);
	KUNIT_EXPECT_EQ(test, amd_model_entry(model, OWN)[0] & HAD, 0);
}

static struct kunit_case dirty_cases[] = {
	KUNIT_CASE(dirty_changes),
	KUNIT_CASE(dirty_attach),
	KUNIT_CASE(dirty_blocked),
	KUNIT_CASE(dirty_dead),
	{ }
};

static struct kunit_suite dirty_suite = {
	.name = "nyx_amd_dirty",
	.init = cut_off_test_init,
	.exit = cut_off_test_exit,
	.test_cases = dirty_cases,
};

kunit_test_suite(dirty_suite);
