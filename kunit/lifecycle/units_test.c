// SPDX-License-Identifier: GPL-2.0-only
/*
 * Starting and enabling several units of which some fail: those stay off, and
 * the others are used.
 */
#include <kunit/device.h>
#include <kunit/test.h>
#include <kunit/test-bug.h>

#include <nyx/device.h>
#include <nyx/unit.h>

#include "../domain/fake_unit.h"
#include "../log_text.h"
#include "../param_set.h"
#include "../unit_core.h"
#include "domain/domain.h"
#include "lifecycle/lifecycle.h"

enum { UNITS = 3 };

/**
 * struct fakes - the units of a machine
 * @unit: the units
 * @start: result of starting each unit
 * @enable: result of enabling each unit
 * @blocks: what the operation block of each unit returns
 * @runs_on: the operation block_end of each unit fails
 * @next: argument of the last call of the operation block
 * @order: first letter and unit of calls of the operations block, block_end and
 *	disable, in order
 * @calls: operations of each unit that were called
 * @disabled_with: kind of the entry of requester ID 1 of a unit when it was
 *	disabled last
 */
struct fakes {
	struct fake_unit unit[UNITS];
	int start[UNITS];
	int enable[UNITS];
	bool blocks[UNITS];
	bool runs_on[UNITS];
	bool next;
	char order[32];
	struct {
		unsigned int start;
		unsigned int enable;
		unsigned int disable;
		unsigned int block;
		unsigned int block_end;
		unsigned int stop;
	} calls[UNITS];
	enum nyx_entry_kind disabled_with;
};

static struct fakes *fakes(void)
{
	return kunit_get_current_test()->priv;
}

static unsigned int index_of(struct nyx_unit *unit)
{
	return to_fake_unit(unit) - fakes()->unit;
}

static void note(struct nyx_unit *unit, char op)
{
	size_t len = strlen(fakes()->order);

	snprintf(fakes()->order + len, sizeof(fakes()->order) - len, "%c%u", op,
		 index_of(unit));
}

static int start(struct nyx_unit *unit)
{
	fakes()->calls[index_of(unit)].start++;
	return fakes()->start[index_of(unit)];
}

static int enable(struct nyx_unit *unit)
{
	fakes()->calls[index_of(unit)].enable++;
	return fakes()->enable[index_of(unit)];
}

static void disable(struct nyx_unit *unit)
{
	note(unit, 'd');
	fakes()->calls[index_of(unit)].disable++;
	fakes()->disabled_with = to_fake_unit(unit)->entries[1].kind;
}

static bool block(struct nyx_unit *unit, bool next)
{
	note(unit, 'b');
	fakes()->next = next;
	fakes()->calls[index_of(unit)].block++;
	return fakes()->blocks[index_of(unit)];
}

static bool block_end(struct nyx_unit *unit)
{
	note(unit, 'e');
	fakes()->calls[index_of(unit)].block_end++;
	return !fakes()->runs_on[index_of(unit)];
}

static void stop(struct nyx_unit *unit)
{
	fakes()->calls[index_of(unit)].stop++;
}

/* Entries are those of fake_unit_init(). */
static struct nyx_unit_ops ops = {
	.start = start,
	.enable = enable,
	.disable = disable,
	.block = block,
	.block_end = block_end,
	.stop = stop,
};

/* The real functions need the kernel's list of memory. */
int nyx_identity_init(struct nyx_unit *unit)
{
	return 0;
}

void nyx_identity_exit(struct nyx_unit *unit)
{
}

static int units_test_init(struct kunit *test)
{
	struct fakes *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);
	unsigned int i;

	if (!f)
		return -ENOMEM;
	test->priv = f;
	unit_core_reset();
	for (i = 0; i < UNITS; i++) {
		fake_unit_init(test, &f->unit[i], "fake");
		ops.entries = f->unit[i].unit.ops->entries;
		ops.invalidate = f->unit[i].unit.ops->invalidate;
		f->unit[i].unit.ops = &ops;
		list_add_tail(&f->unit[i].unit.node, &nyx_units);
	}
	return 0;
}

static void units_test_exit(struct kunit *test)
{
	INIT_LIST_HEAD(&nyx_units);
}

/* Each unit that is in use was started and is enabled; no other one is. */
static void expect_in_use(struct kunit *test, unsigned int in_use)
{
	struct fakes *f = test->priv;
	unsigned int i;

	for (i = 0; i < UNITS; i++) {
		bool on = in_use & BIT(i);

		KUNIT_EXPECT_EQ_MSG(test, f->unit[i].unit.enabled, on,
				    "unit %u", i);
		KUNIT_EXPECT_FALSE(test, f->unit[i].unit.registered);
	}
	nyx_units_disable();
	nyx_units_stop();
	for (i = 0; i < UNITS; i++) {
		KUNIT_EXPECT_EQ(test, f->calls[i].start, 1);
		KUNIT_EXPECT_EQ(test, f->calls[i].enable, !f->start[i]);
		KUNIT_EXPECT_EQ(test, f->calls[i].stop, !f->start[i]);
		KUNIT_EXPECT_EQ(test, f->calls[i].disable, !!(in_use & BIT(i)));
	}
}

static void all_work(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, nyx_units_start(), 0);
	KUNIT_EXPECT_EQ(test, nyx_units_enable(), 0);
	expect_in_use(test, 7);
}

/* One unit has no interrupt for its faults, or does not take its tables. */
static void one_does_not_start(struct kunit *test)
{
	struct fakes *f = test->priv;

	f->start[0] = -ENOSPC;
	KUNIT_EXPECT_EQ(test, nyx_units_start(), 0);
	KUNIT_EXPECT_EQ(test, nyx_units_enable(), 0);
	expect_in_use(test, 6);
}

/* One unit does not start, and translation cannot be enabled on another. */
static void one_works(struct kunit *test)
{
	struct fakes *f = test->priv;

	f->start[2] = -ETIMEDOUT;
	f->enable[0] = -ETIMEDOUT;
	KUNIT_EXPECT_EQ(test, nyx_units_start(), 0);
	KUNIT_EXPECT_EQ(test, nyx_units_enable(), 0);
	expect_in_use(test, 2);
}

/* If no unit can be used, loading fails with the error of one of them. */
static void none_starts(struct kunit *test)
{
	struct fakes *f = test->priv;
	unsigned int i;

	for (i = 0; i < UNITS; i++)
		f->start[i] = -ENOSPC;
	KUNIT_EXPECT_EQ(test, nyx_units_start(), -ENOSPC);
	expect_in_use(test, 0);
}

static void none_is_enabled(struct kunit *test)
{
	struct fakes *f = test->priv;
	unsigned int i;

	for (i = 0; i < UNITS; i++)
		f->enable[i] = -EIO;
	KUNIT_EXPECT_EQ(test, nyx_units_start(), 0);
	KUNIT_EXPECT_EQ(test, nyx_units_enable(), -EIO);
	/* Units that stay off are not registered with the IOMMU core. */
	KUNIT_EXPECT_EQ(test, nyx_units_register(), 0);
	KUNIT_EXPECT_FALSE(test, nyx_units_are_registered());
	expect_in_use(test, 0);
}

/* Lack of memory is not the fault of a unit: the user can free some. */
static void no_memory(struct kunit *test)
{
	struct fakes *f = test->priv;

	f->start[1] = -ENOMEM;
	KUNIT_EXPECT_EQ(test, nyx_units_start(), -ENOMEM);
	KUNIT_EXPECT_EQ(test, f->calls[2].start, 0);
	nyx_units_stop();
	KUNIT_EXPECT_EQ(test, f->calls[0].stop, 1);
	KUNIT_EXPECT_EQ(test, f->calls[1].stop, 0);
}

/*
 * A unit whose translation is never disabled passes the DMA of its devices
 * before the driver leaves it; others keep their entries until they are disabled.
 */
static void one_stays_on(struct kunit *test)
{
	static const char *const line =
		"translation stays enabled, because the graphics could hang";
	struct fakes *f = test->priv;
	struct nyx_device *ndev = kunit_kzalloc(test, sizeof(*ndev), GFP_KERNEL);
	unsigned int lines = log_text_count(test, line);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, ndev);
	ndev->dev = kunit_device_register(test, "graphics");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, ndev->dev);
	ndev->rids[0] = 1;
	ndev->nr_rids = 1;
	mutex_init(&ndev->entry_lock);
	list_add_tail_rcu(&ndev->node, &nyx_devices);
	for (i = 0; i < 2; i++) {
		ndev->unit = &f->unit[i].unit;
		ndev->entry.kind = NYX_ENTRY_TABLE;
		f->unit[i].entries[1].kind = NYX_ENTRY_TABLE;
		f->unit[i].unit.started = true;
		f->unit[i].unit.stays_on = i;
		/* It is off, or could not be enabled. */
		nyx_units_disable();
		KUNIT_EXPECT_FALSE(test, nyx_units_left_on());
		KUNIT_EXPECT_EQ(test, f->calls[i].disable, 0);
		f->unit[i].unit.enabled = true;
		nyx_units_disable();
		KUNIT_EXPECT_EQ(test, nyx_units_left_on(), i);
		KUNIT_EXPECT_EQ(test, f->calls[i].disable, 1);
		KUNIT_EXPECT_EQ(test, f->disabled_with, i ? NYX_ENTRY_IDENTITY :
							    NYX_ENTRY_TABLE);
		KUNIT_EXPECT_EQ(test, log_text_count(test, line), lines + i);
	}
	list_del_rcu(&ndev->node);
}

/* Reboot and kexec disable the units, or block all DMA. */
static void left_for_reboot(struct kunit *test)
{
	static const char *const line = "does not confirm that it blocks all DMA";
	struct fakes *f = test->priv;
	unsigned int lines = log_text_count(test, line);
	unsigned int i, on;

	for (on = 0; on < 2; on++) {
		KUNIT_EXPECT_EQ(test, set_param("nyx_iommu.shutdown",
						on ? "block" : "off"), 0);
		KUNIT_EXPECT_EQ(test, nyx_shutdown_check_parameter(), 0);
		for (i = 0; i < UNITS; i++) {
			f->unit[i].unit.enabled = i;
			/* One unit fails to block, and one would stay on. */
			f->blocks[i] = i != 1;
			f->unit[i].unit.stays_on = on && i == 2;
		}
		nyx_units_shutdown();
		for (i = 0; i < UNITS; i++) {
			KUNIT_EXPECT_EQ(test, f->calls[i].disable, !!i);
			KUNIT_EXPECT_EQ(test, f->calls[i].block, on && i);
			KUNIT_EXPECT_EQ(test, f->calls[i].block_end, on && i);
		}
		/* All units invalidate before one of them stops. */
		KUNIT_EXPECT_STREQ(test, f->order,
				   on ? "d2d1b2b1e2e1" : "d2d1");
		KUNIT_EXPECT_EQ(test, f->next, on);
		KUNIT_EXPECT_FALSE(test, nyx_units_left_on());
		KUNIT_EXPECT_EQ(test, log_text_count(test, line), lines + on);
		/* Nothing is done twice. */
		nyx_units_shutdown();
		KUNIT_EXPECT_EQ(test, f->calls[1].block, on);
	}
	KUNIT_EXPECT_EQ(test, set_param("nyx_iommu.shutdown", "on"), 0);
	KUNIT_EXPECT_EQ(test, nyx_shutdown_check_parameter(), -EINVAL);
	KUNIT_EXPECT_EQ(test, set_param("nyx_iommu.shutdown", "off"), 0);
}

/*
 * In a capture kernel a unit that the crashed kernel used is never disabled: it
 * blocks all DMA, and its memory is not freed. A unit that it did not use is
 * disabled as usual, after the other has invalidated.
 */
static void blocks_in_capture_kernel(struct kunit *test)
{
	static const char *const line =
		"do DMA for the kernel that crashed: load the module again";
	static const char *const crit = "may reach memory of this kernel";
	struct fakes *f = test->priv;
	unsigned int lines = log_text_count(test, line);
	unsigned int crits = log_text_count(test, crit);
	unsigned int i;

	for (i = 0; i < 2; i++)
		KUNIT_ASSERT_EQ(test, nyx_unit_foreign_init(&f->unit[i].unit),
				0);
	f->blocks[0] = true;
	KUNIT_EXPECT_EQ(test, nyx_units_start(), 0);
	KUNIT_EXPECT_EQ(test, nyx_units_enable(), 0);
	KUNIT_EXPECT_STREQ(test, f->order, "");
	nyx_units_disable();
	KUNIT_EXPECT_STREQ(test, f->order, "b1b0e1e0d2");
	KUNIT_EXPECT_FALSE(test, f->next);
	for (i = 0; i < UNITS; i++) {
		KUNIT_EXPECT_EQ(test, f->unit[i].unit.stuck, i < 2);
		KUNIT_EXPECT_FALSE(test, f->unit[i].unit.enabled);
	}
	KUNIT_EXPECT_EQ(test, log_text_count(test, line), lines + 1);
	KUNIT_EXPECT_EQ(test, log_text_count(test, crit), crits + 1);
	nyx_units_stop();
}

/* Both steps have to be confirmed, whatever happened to the unit before. */
static void both_steps_in_capture_kernel(struct kunit *test)
{
	static const char *const crit = "may reach memory of this kernel";
	struct fakes *f = test->priv;
	unsigned int crits = log_text_count(test, crit);
	unsigned int i;

	for (i = 0; i < UNITS; i++) {
		KUNIT_ASSERT_EQ(test, nyx_unit_foreign_init(&f->unit[i].unit),
				0);
		f->blocks[i] = i != 1;
	}
	f->runs_on[0] = true;
	KUNIT_EXPECT_EQ(test, nyx_units_start(), 0);
	KUNIT_EXPECT_EQ(test, nyx_units_enable(), 0);
	f->unit[2].unit.stuck = true;
	nyx_units_disable();
	KUNIT_EXPECT_FALSE(test, f->unit[0].unit.blocks);
	KUNIT_EXPECT_FALSE(test, f->unit[1].unit.blocks);
	KUNIT_EXPECT_TRUE(test, f->unit[2].unit.blocks);
	KUNIT_EXPECT_EQ(test, log_text_count(test, crit), crits + 2);
	nyx_units_stop();
}

/*
 * A unit that cannot be enabled blocks as well; the others are used, and so the
 * module cannot be loaded again.
 */
static void not_enabled_in_capture_kernel(struct kunit *test)
{
	static const char *const line = "load the module again";
	struct fakes *f = test->priv;
	unsigned int lines = log_text_count(test, line);

	KUNIT_ASSERT_EQ(test, nyx_unit_foreign_init(&f->unit[1].unit), 0);
	f->blocks[1] = true;
	f->enable[1] = -ETIMEDOUT;
	f->enable[2] = -ETIMEDOUT;
	KUNIT_EXPECT_EQ(test, nyx_units_start(), 0);
	KUNIT_EXPECT_EQ(test, nyx_units_enable(), 0);
	KUNIT_EXPECT_STREQ(test, f->order, "b1e1");
	KUNIT_EXPECT_FALSE(test, f->next);
	KUNIT_EXPECT_TRUE(test, f->unit[1].unit.stuck);
	KUNIT_EXPECT_EQ(test, log_text_count(test, line), lines);
	/* Nothing is done twice. */
	nyx_units_disable();
	KUNIT_EXPECT_STREQ(test, f->order, "b1e1d0");
	nyx_units_stop();
}

/*
 * Before a kexec from a capture kernel no device may do DMA any more, and the next
 * kernel may have no driver for the unit.
 */
static void shutdown_in_capture_kernel(struct kunit *test)
{
	struct fakes *f = test->priv;

	KUNIT_ASSERT_EQ(test, nyx_unit_foreign_init(&f->unit[0].unit), 0);
	KUNIT_EXPECT_EQ(test, nyx_units_start(), 0);
	KUNIT_EXPECT_EQ(test, nyx_units_enable(), 0);
	nyx_units_shutdown();
	KUNIT_EXPECT_STREQ(test, f->order, "d2d1d0");
}

static struct kunit_case nyx_lifecycle_units_cases[] = {
	KUNIT_CASE(all_work),
	KUNIT_CASE(one_does_not_start),
	KUNIT_CASE(one_works),
	KUNIT_CASE(none_starts),
	KUNIT_CASE(none_is_enabled),
	KUNIT_CASE(no_memory),
	KUNIT_CASE(one_stays_on),
	KUNIT_CASE(left_for_reboot),
	KUNIT_CASE(blocks_in_capture_kernel),
	KUNIT_CASE(both_steps_in_capture_kernel),
	KUNIT_CASE(not_enabled_in_capture_kernel),
	KUNIT_CASE(shutdown_in_capture_kernel),
	{}
};

static struct kunit_suite nyx_lifecycle_units_suite = {
	.name = "nyx_lifecycle_units",
	.init = units_test_init,
	.exit = units_test_exit,
	.test_cases = nyx_lifecycle_units_cases,
};

kunit_test_suite(nyx_lifecycle_units_suite);
