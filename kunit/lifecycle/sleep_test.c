// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sleep states in which units lose their registers, with several units.
 */
#include <kunit/test.h>
#include <kunit/test-bug.h>
#include <linux/irqdomain.h>

#include <nyx/device.h>
#include <nyx/entry.h>
#include <nyx/intr.h>
#include <nyx/invalidate.h>
#include <nyx/unit.h>

#include "../domain/fake_unit.h"
#include "../unit_core.h"
#include "lifecycle/lifecycle.h"

enum { UNITS = 3 };

/**
 * struct sleepers - the units of a machine
 * @unit: the units
 * @calls: the first letters of the operations that were called, in order
 * @stuck: index of a unit that does not confirm that it is disabled, or -1
 * @silent: index of a unit that does not respond to invalidations, or -1
 * @compat: argument of the last call of nyx_intr_ops.set_compat, or -1
 * @compat_stuck: the unit does not block compatibility format
 */
struct sleepers {
	struct fake_unit unit[UNITS];
	char calls[32];
	int stuck;
	int silent;
	int compat;
	bool compat_stuck;
};

static struct sleepers *sleepers(void)
{
	return kunit_get_current_test()->priv;
}

static void note_char(char c)
{
	struct sleepers *s = sleepers();
	size_t len = strlen(s->calls);

	if (len + 1 < sizeof(s->calls))
		s->calls[len] = c;
}

static void note(struct nyx_unit *unit, char op)
{
	note_char(op);
	note_char('0' + (to_fake_unit(unit) - sleepers()->unit));
}

static int wake(struct nyx_unit *unit)
{
	note(unit, 'w');
	return 0;
}

/* Like the vendors, it allows compatibility format. */
static int enable(struct nyx_unit *unit)
{
	note(unit, 'e');
	unit->intr.compat = NYX_INTR_COMPAT_ALLOWED;
	return 0;
}

static void disable(struct nyx_unit *unit)
{
	note(unit, 'd');
	/* Translation that stays on ends with the unit's power. */
	unit->stuck = sleepers()->stuck == to_fake_unit(unit) - sleepers()->unit ||
		      (unit->stays_on && !unit->asleep);
}

static unsigned int inv_entry(const struct nyx_unit *unit, u16 rid,
			      u16 domain_id, struct nyx_cmd *cmds)
{
	cmds[0] = (struct nyx_cmd) { .lo = rid, .hi = domain_id };
	return 1;
}

/* Records the requester ID, which is one digit. */
static int submit(struct nyx_unit *unit, const struct nyx_cmd *cmds,
		  unsigned int nr, u16 *rid)
{
	note(unit, 'i');
	note_char('0' + cmds->lo);
	return 0;
}

static const struct nyx_entry_ops entries = {
	.inv_entry = inv_entry,
};

static int global(struct nyx_unit *unit)
{
	return sleepers()->silent == to_fake_unit(unit) - sleepers()->unit ?
	       -ETIMEDOUT : 0;
}

static const struct nyx_invalidate_ops invalidate = {
	.submit = submit,
	.global = global,
};

static const struct nyx_unit_ops ops = {
	.entries = &entries,
	.invalidate = &invalidate,
	.wake = wake,
	.enable = enable,
	.disable = disable,
};

static enum nyx_intr_compat set_compat(struct nyx_unit *unit, bool allow)
{
	sleepers()->compat = allow;
	return allow || sleepers()->compat_stuck ? NYX_INTR_COMPAT_ALLOWED :
						   NYX_INTR_COMPAT_BLOCKED;
}

static const struct nyx_intr_ops intr_ops = {
	.set_compat = set_compat,
};

static int sleep_test_init(struct kunit *test)
{
	struct sleepers *s = kunit_kzalloc(test, sizeof(*s), GFP_KERNEL);
	unsigned int i;

	if (!s)
		return -ENOMEM;
	test->priv = s;
	s->stuck = -1;
	s->silent = -1;
	s->compat = -1;
	unit_core_reset();
	for (i = 0; i < UNITS; i++) {
		fake_unit_init(test, &s->unit[i], "fake");
		s->unit[i].unit.ops = &ops;
		/* The last one stays off. */
		s->unit[i].unit.enabled = i < 2;
		list_add_tail(&s->unit[i].unit.node, &nyx_units);
	}
	return 0;
}

static void sleep_test_exit(struct kunit *test)
{
	INIT_LIST_HEAD(&nyx_units);
}

/* All units wake before the first one is enabled. */
static void all_wake_first(struct kunit *test)
{
	struct sleepers *s = test->priv;

	KUNIT_EXPECT_EQ(test, nyx_units_suspend(), 0);
	KUNIT_EXPECT_STREQ(test, s->calls, "d1d0");
	KUNIT_EXPECT_TRUE(test, s->unit[0].unit.asleep);
	nyx_units_resume();
	KUNIT_EXPECT_STREQ(test, s->calls, "d1d0w0w1e0e1");
	KUNIT_EXPECT_FALSE(test, s->unit[0].unit.asleep);
	KUNIT_EXPECT_EQ(test, unit_core.irq_wakes, 2);
	/* Nothing is done twice. */
	nyx_units_resume();
	KUNIT_EXPECT_STREQ(test, s->calls, "d1d0w0w1e0e1");
}

/* A unit that does not confirm that it is disabled: the machine stays awake. */
static void one_stuck(struct kunit *test)
{
	struct sleepers *s = test->priv;

	s->stuck = 0;
	KUNIT_EXPECT_EQ(test, nyx_units_suspend(), -EBUSY);
	KUNIT_EXPECT_STREQ(test, s->calls, "d1d0w0w1e0e1");
	KUNIT_EXPECT_FALSE(test, s->unit[0].unit.asleep);
	KUNIT_EXPECT_FALSE(test, s->unit[1].unit.asleep);
}

/* A unit that stays on loses its power all the same. */
static void one_stays_on(struct kunit *test)
{
	struct sleepers *s = test->priv;

	s->unit[0].unit.stays_on = true;
	KUNIT_EXPECT_EQ(test, nyx_units_suspend(), 0);
	KUNIT_EXPECT_FALSE(test, s->unit[0].unit.stuck);
	nyx_units_resume();
	KUNIT_EXPECT_STREQ(test, s->calls, "d1d0w0w1e0e1");
}

/* Such a unit may be stuck for another reason: the machine stays awake. */
static void one_stays_on_and_is_stuck(struct kunit *test)
{
	struct sleepers *s = test->priv;

	s->unit[0].unit.stays_on = true;
	s->stuck = 0;
	KUNIT_EXPECT_EQ(test, nyx_units_suspend(), -EBUSY);
	KUNIT_EXPECT_STREQ(test, s->calls, "d1d0w0w1e0e1");
	KUNIT_EXPECT_TRUE(test, s->unit[0].unit.stuck);
	/* The next time nothing is tried. */
	KUNIT_EXPECT_EQ(test, nyx_units_suspend(), -EBUSY);
	KUNIT_EXPECT_STREQ(test, s->calls, "d1d0w0w1e0e1");
}

/* Nothing has stopped the devices of the crashed kernel. */
static void capture_kernel(struct kunit *test)
{
	struct sleepers *s = test->priv;

	KUNIT_ASSERT_EQ(test, nyx_unit_foreign_init(&s->unit[1].unit), 0);
	KUNIT_EXPECT_EQ(test, nyx_units_suspend(), -EBUSY);
	KUNIT_EXPECT_STREQ(test, s->calls, "");
}

/*
 * A fault interrupt that was raised before the PCI core restored the MSI of the
 * unit is lost: the logs of the units that are used are read again.
 */
static void lost_interrupts(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, nyx_units_suspend(), 0);
	nyx_units_resume();
	KUNIT_EXPECT_EQ(test, unit_core.irq_wakes, 2);
	nyx_units_read_faults();
	KUNIT_EXPECT_EQ(test, unit_core.irq_wakes, 4);
}

/* A unit out of service would not block its devices afterwards. */
static void one_dead(struct kunit *test)
{
	struct sleepers *s = test->priv;

	s->unit[1].unit.dead = true;
	KUNIT_EXPECT_EQ(test, nyx_units_suspend(), -EBUSY);
	KUNIT_EXPECT_STREQ(test, s->calls, "");
	/* One that stays off does not matter. */
	s->unit[1].unit.dead = false;
	s->unit[2].unit.dead = true;
	KUNIT_EXPECT_EQ(test, nyx_units_suspend(), 0);
	nyx_units_resume();
}

/* Units that could not be enabled again: nothing has changed. */
static void one_cannot_sleep(struct kunit *test)
{
	struct sleepers *s = test->priv;

	s->silent = 1;
	KUNIT_EXPECT_EQ(test, nyx_units_suspend(), -EBUSY);
	s->silent = 2;	/* It stays off. */
	KUNIT_EXPECT_EQ(test, nyx_units_suspend(), 0);
	nyx_units_resume();
	memset(s->calls, 0, sizeof(s->calls));
	s->silent = -1;
	s->unit[0].unit.stuck = true;
	KUNIT_EXPECT_EQ(test, nyx_units_suspend(), -EBUSY);
	s->unit[0].unit.stuck = false;
	s->unit[0].unit.no_sleep = true;
	KUNIT_EXPECT_EQ(test, nyx_units_suspend(), -EBUSY);
	KUNIT_EXPECT_STREQ(test, s->calls, "");
}

static void compat_blocked_again(struct kunit *test)
{
	struct sleepers *s = test->priv;
	struct nyx_intr_unit *intr = &s->unit[0].unit.intr;

	intr->ops = &intr_ops;
	intr->on = true;
	intr->compat = NYX_INTR_COMPAT_ALLOWED;
	KUNIT_EXPECT_EQ(test, nyx_units_suspend(), 0);
	nyx_units_resume();
	KUNIT_EXPECT_EQ(test, s->compat, -1);
	intr->compat = NYX_INTR_COMPAT_BLOCKED;
	KUNIT_EXPECT_EQ(test, nyx_units_suspend(), 0);
	nyx_units_resume();
	KUNIT_EXPECT_EQ(test, s->compat, 0);
	KUNIT_EXPECT_EQ(test, intr->compat, NYX_INTR_COMPAT_BLOCKED);
}

/*
 * After a sleep, the interrupt domain reports isolation only if the unit blocks
 * compatibility format again.
 */
static void isolation_is_reported(struct kunit *test)
{
	struct sleepers *s = test->priv;
	struct nyx_intr_unit *intr = &s->unit[0].unit.intr;
	struct irq_domain *domain = kunit_kzalloc(test, sizeof(*domain),
						  GFP_KERNEL);
	int stuck;

	KUNIT_ASSERT_NOT_NULL(test, domain);
	intr->ops = &intr_ops;
	intr->domain = domain;
	for (stuck = 0; stuck < 2; stuck++) {
		intr->on = true;
		intr->compat = NYX_INTR_COMPAT_BLOCKED;
		s->compat_stuck = stuck;
		KUNIT_EXPECT_EQ(test, nyx_units_suspend(), 0);
		nyx_units_resume();
		KUNIT_EXPECT_EQ(test, unit_core.isolated, !stuck);
	}
	/* Interrupts are not remapped any more. */
	intr->on = false;
	intr->compat = NYX_INTR_COMPAT_BLOCKED;
	unit_core.isolated = -1;
	KUNIT_EXPECT_EQ(test, nyx_units_suspend(), 0);
	nyx_units_resume();
	KUNIT_EXPECT_EQ(test, unit_core.isolated, 0);
}

/* A hypervisor may read an entry only when it is invalidated. */
static void invalidates_each_entry(struct kunit *test)
{
	struct sleepers *s = test->priv;
	struct nyx_device *ndev;

	ndev = unit_core_device(test, &s->unit[1].unit, 3);
	ndev->rids[1] = 5;
	ndev->nr_rids = 2;
	unit_core_device(test, &s->unit[0].unit, 4);
	KUNIT_EXPECT_EQ(test, nyx_units_suspend(), 0);
	nyx_units_resume();
	KUNIT_EXPECT_STREQ(test, s->calls, "d1d0w0w1e0i04e1i13i15");
}

static struct kunit_case sleep_cases[] = {
	KUNIT_CASE(all_wake_first),
	KUNIT_CASE(one_stuck),
	KUNIT_CASE(one_stays_on),
	KUNIT_CASE(one_stays_on_and_is_stuck),
	KUNIT_CASE(capture_kernel),
	KUNIT_CASE(lost_interrupts),
	KUNIT_CASE(one_dead),
	KUNIT_CASE(one_cannot_sleep),
	KUNIT_CASE(compat_blocked_again),
	KUNIT_CASE(isolation_is_reported),
	KUNIT_CASE(invalidates_each_entry),
	{}
};

static struct kunit_suite nyx_lifecycle_sleep_suite = {
	.name = "nyx_lifecycle_sleep",
	.init = sleep_test_init,
	.exit = sleep_test_exit,
	.test_cases = sleep_cases,
};

kunit_test_suite(nyx_lifecycle_sleep_suite);
