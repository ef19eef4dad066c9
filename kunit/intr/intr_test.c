// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the core keeps of interrupts, on a unit that is nothing but a memory of
 * what it was told.
 */
#include <kunit/device.h>
#include <kunit/test.h>
#include <linux/err.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <nyx/device.h>
#include <nyx/intr.h>
#include <nyx/unit.h>

enum { ENTRIES = 16 };

/* What each entry says; where @given is not set nobody may say anything. */
static struct {
	bool given[ENTRIES];
	bool active[ENTRIES];
	struct nyx_intr_target target[ENTRIES];
	unsigned int sets;
	int err;
} memory;

static int memory_alloc(struct nyx_unit *unit, struct nyx_device *ndev,
			unsigned int nr)
{
	unsigned int index, i;

	for (index = 0; index + nr <= ENTRIES; index += nr) {
		for (i = 0; i < nr && !memory.given[index + i]; i++)
			;
		if (i < nr)
			continue;
		memset(&memory.given[index], true, nr);
		return index;
	}
	return -ENOSPC;
}

static void memory_free(struct nyx_unit *unit, struct nyx_device *ndev,
			u16 index, unsigned int nr)
{
	memset(&memory.given[index], false, nr);
}

static int memory_set(struct nyx_unit *unit, struct nyx_device *ndev, u16 index,
		      const struct nyx_intr_target *target)
{
	memory.sets++;
	if (memory.err)
		return memory.err;
	memory.active[index] = target && memory.given[index];
	if (target)
		memory.target[index] = *target;
	return 0;
}

static void memory_message(u16 index, unsigned int offset,
			   struct nyx_intr_message *msg)
{
	msg->address = 0xfee00000 + index;
	msg->data = offset;
}

static const struct nyx_intr_ops memory_ops = {
	.alloc = memory_alloc,
	.free = memory_free,
	.set = memory_set,
	.message = memory_message,
};

static struct nyx_device *new_device(struct kunit *test)
{
	struct nyx_device *ndev = kunit_kzalloc(test, sizeof(*ndev), GFP_KERNEL);
	struct nyx_unit *unit = kunit_kzalloc(test, sizeof(*unit), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, ndev);
	KUNIT_ASSERT_NOT_NULL(test, unit);
	memset(&memory, 0, sizeof(memory));
	strscpy(unit->name, "unit");
	unit->intr.ops = &memory_ops;
	unit->intr.entries = ENTRIES;
	ndev->unit = unit;
	kref_init(&ndev->refs);
	ndev->dev = kunit_device_register(test, "interrupts");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, ndev->dev);
	return ndev;
}

static struct nyx_intr_run *get(struct kunit *test, struct nyx_device *ndev,
				unsigned int irq, unsigned int nr)
{
	struct nyx_intr_run *run = nyx_intr_alloc(ndev, irq, nr);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, run);
	return run;
}

static void one_by_one(struct kunit *test)
{
	const struct nyx_intr_target there = { 1, 0x41, false };
	const struct nyx_intr_target here = { 2, 0x42, true };
	struct nyx_device *ndev = new_device(test);
	struct nyx_intr_run *run;

	KUNIT_EXPECT_FALSE(test, nyx_intr_device_has_any(ndev));
	get(test, ndev, 30, 1);
	run = get(test, ndev, 31, 1);
	KUNIT_EXPECT_TRUE(test, nyx_intr_device_has_any(ndev));
	KUNIT_EXPECT_EQ(test, nyx_intr_count(ndev->unit), 2);
	KUNIT_EXPECT_EQ(test, run->index, 1);
	KUNIT_EXPECT_EQ(test, run->intr[0].irq, 31);
	/* Nothing passes before it is told where to. */
	KUNIT_EXPECT_EQ(test, memory.sets, 0);

	KUNIT_EXPECT_EQ(test, nyx_intr_set(&run->intr[0], &there), 0);
	KUNIT_EXPECT_TRUE(test, memory.active[1]);
	KUNIT_EXPECT_EQ(test, memory.target[1].vector, 0x41);
	KUNIT_EXPECT_EQ(test, run->intr[0].updates, 0);
	KUNIT_EXPECT_EQ(test, nyx_intr_set(&run->intr[0], &here), 0);
	KUNIT_EXPECT_EQ(test, memory.target[1].dest, 2);
	KUNIT_EXPECT_TRUE(test, memory.target[1].logical);
	KUNIT_EXPECT_EQ(test, run->intr[0].updates, 1);

	/* What failed is not shown as done. */
	memory.err = -EIO;
	KUNIT_EXPECT_EQ(test, nyx_intr_set(&run->intr[0], &there), -EIO);
	KUNIT_EXPECT_EQ(test, run->intr[0].target.vector, 0x42);
	KUNIT_EXPECT_EQ(test, run->intr[0].updates, 1);
	memory.err = 0;

	/* Still active: it is blocked before it is somebody else's. */
	nyx_intr_free(&run->intr[0]);
	KUNIT_EXPECT_FALSE(test, memory.active[1]);
	KUNIT_EXPECT_FALSE(test, memory.given[1]);
	KUNIT_EXPECT_TRUE(test, memory.given[0]);
	KUNIT_EXPECT_EQ(test, nyx_intr_count(ndev->unit), 1);
	run = list_first_entry(&nyx_intrs, struct nyx_intr_run, node);
	nyx_intr_free(&run->intr[0]);
	KUNIT_EXPECT_TRUE(test, list_empty(&nyx_intrs));
}

/* A device with one message: three interrupts take four entries. */
static void many_at_once(struct kunit *test)
{
	const struct nyx_intr_target there = { 1, 0x41, false };
	struct nyx_device *ndev = new_device(test);
	struct nyx_intr_message msg;
	struct nyx_intr_run *first = get(test, ndev, 40, 1);
	struct nyx_intr_run *run = get(test, ndev, 50, 3);
	int i;

	KUNIT_EXPECT_EQ(test, run->index, 4);
	KUNIT_EXPECT_EQ(test, nyx_intr_count(ndev->unit), 5);
	for (i = 0; i < 3; i++) {
		KUNIT_EXPECT_EQ(test, run->intr[i].irq, 50 + i);
		KUNIT_EXPECT_EQ(test, nyx_intr_set(&run->intr[i], &there), 0);
		KUNIT_EXPECT_TRUE(test, memory.active[4 + i]);
		nyx_intr_message(&run->intr[i], &msg);
		KUNIT_EXPECT_EQ(test, msg.address, 0xfee00004);
		KUNIT_EXPECT_EQ(test, msg.data, i);
	}
	/* The kernel frees them one by one: the last takes all along. */
	for (i = 0; i < 3; i++) {
		KUNIT_EXPECT_TRUE(test, memory.given[4]);
		KUNIT_EXPECT_EQ(test, nyx_intr_block(&run->intr[i]), 0);
		KUNIT_EXPECT_FALSE(test, memory.active[4 + i]);
		nyx_intr_free(&run->intr[i]);
	}
	for (i = 4; i < 8; i++)
		KUNIT_EXPECT_FALSE(test, memory.given[i]);
	nyx_intr_free(&first->intr[0]);
	KUNIT_EXPECT_EQ(test, nyx_intr_count(ndev->unit), 0);
}

/* A driver went without giving back what it had, and the device after it. */
static void never_given_back(struct kunit *test)
{
	const struct nyx_intr_target there = { 1, 0x41, false };
	struct nyx_device *shape = new_device(test), *ndev;
	struct nyx_intr_run *runs[2];
	struct device *dev = shape->dev;
	unsigned int refs = kref_read(&dev->kobj.kref);

	KUNIT_EXPECT_EQ(test, nyx_intr_check_none(), 0);
	ndev = kmemdup(shape, sizeof(*shape), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, ndev);
	get_device(dev);
	runs[0] = get(test, ndev, 30, 1);
	runs[1] = get(test, ndev, 31, 2);
	nyx_device_drop(ndev);
	KUNIT_EXPECT_EQ(test, kref_read(&ndev->refs), 2);
	/* Also for the next in its place, whose table it would be. */
	KUNIT_EXPECT_TRUE(test, nyx_intr_device_has_any(shape));
	KUNIT_EXPECT_EQ(test, nyx_intr_check_none(), -EBUSY);
	/* It moves, and is blocked, as if nothing had been. */
	KUNIT_EXPECT_EQ(test, nyx_intr_set(&runs[0]->intr[0], &there), 0);
	KUNIT_EXPECT_TRUE(test, memory.active[0]);
	nyx_intr_free(&runs[0]->intr[0]);
	KUNIT_EXPECT_FALSE(test, memory.active[0]);
	nyx_intr_free(&runs[1]->intr[0]);
	KUNIT_EXPECT_EQ(test, nyx_intr_check_none(), -EBUSY);
	KUNIT_EXPECT_EQ(test, kref_read(&dev->kobj.kref), refs + 1);
	nyx_intr_free(&runs[1]->intr[1]);
	KUNIT_EXPECT_EQ(test, nyx_intr_check_none(), 0);
	KUNIT_EXPECT_FALSE(test, nyx_intr_device_has_any(shape));
	KUNIT_EXPECT_EQ(test, kref_read(&dev->kobj.kref), refs);
}

/* Only a managed device of that unit gets any, and its record stays. */
static void whose(struct kunit *test)
{
	struct nyx_device *ndev = new_device(test);
	const struct nyx_unit *unit = ndev->unit;
	struct device *dev = ndev->dev;
	struct nyx_unit other;

	KUNIT_EXPECT_NULL(test, nyx_device_hold_managed(unit, dev));
	list_add_rcu(&ndev->node, &nyx_devices);
	KUNIT_EXPECT_NULL(test, nyx_device_hold_managed(unit, dev));
	ndev->state = NYX_DEVICE_MANAGED;
	KUNIT_EXPECT_NULL(test, nyx_device_hold_managed(&other, dev));
	KUNIT_EXPECT_NULL(test, nyx_device_hold_managed(unit, NULL));
	KUNIT_EXPECT_PTR_EQ(test, nyx_device_hold_managed(unit, dev), ndev);
	KUNIT_EXPECT_EQ(test, kref_read(&ndev->refs), 2);
	nyx_device_drop(ndev);
	list_del_rcu(&ndev->node);
	synchronize_rcu();
	KUNIT_EXPECT_EQ(test, kref_read(&ndev->refs), 1);
}

/* Who comes too late gets none, and nothing else happens. */
static void none_left(struct kunit *test)
{
	struct nyx_device *ndev = new_device(test);
	struct nyx_intr_run *runs[ENTRIES];
	int i;

	KUNIT_EXPECT_EQ(test, PTR_ERR(nyx_intr_alloc(ndev, 1, 0)), -EINVAL);
	KUNIT_EXPECT_EQ(test, PTR_ERR(nyx_intr_alloc(ndev, 1, 33)), -EINVAL);
	KUNIT_EXPECT_EQ(test, PTR_ERR(nyx_intr_alloc(ndev, 1, 32)), -ENOSPC);
	for (i = 0; i < ENTRIES; i++)
		runs[i] = get(test, ndev, i, 1);
	KUNIT_EXPECT_EQ(test, PTR_ERR(nyx_intr_alloc(ndev, 99, 1)), -ENOSPC);
	KUNIT_EXPECT_EQ(test, kref_read(&ndev->refs), 1 + ENTRIES);
	KUNIT_EXPECT_TRUE(test, ndev->unit->intr.full_logged);
	KUNIT_EXPECT_EQ(test, nyx_intr_count(ndev->unit), ENTRIES);
	nyx_intr_free(&runs[3]->intr[0]);
	runs[3] = get(test, ndev, 99, 1);
	KUNIT_EXPECT_EQ(test, runs[3]->index, 3);
	for (i = 0; i < ENTRIES; i++)
		nyx_intr_free(&runs[i]->intr[0]);
	KUNIT_EXPECT_TRUE(test, list_empty(&nyx_intrs));
}

static void words(struct kunit *test)
{
	KUNIT_EXPECT_NULL(test, nyx_intr_compat_word(NYX_INTR_COMPAT_NONE));
	KUNIT_EXPECT_STREQ(test, nyx_intr_compat_word(NYX_INTR_COMPAT_ALLOWED),
			   "allowed");
	KUNIT_EXPECT_STREQ(test, nyx_intr_compat_word(NYX_INTR_COMPAT_BLOCKED),
			   "blocked");
}

/* Who needs requests that are not remapped, whatever he sends right now. */
static void plain_users(struct kunit *test)
{
	/* Bound before its MSIs came from the unit, and has none yet. */
	KUNIT_EXPECT_TRUE(test, nyx_intr_is_compat(true, true, false));
	KUNIT_EXPECT_TRUE(test, nyx_intr_is_compat(true, true, true));
	/* Left on by firmware. */
	KUNIT_EXPECT_TRUE(test, nyx_intr_is_compat(true, false, true));
	KUNIT_EXPECT_FALSE(test, nyx_intr_is_compat(true, false, false));
	/* Below a VMD, whose own are remapped; or through the unit. */
	KUNIT_EXPECT_FALSE(test, nyx_intr_is_compat(false, true, true));
	KUNIT_EXPECT_FALSE(test, nyx_intr_is_compat(false, true, false));
	KUNIT_EXPECT_FALSE(test, nyx_intr_is_compat(false, false, true));
}

/* A number that was given is wanted; the default is only a wish. */
static void entries_parameter(struct kunit *test)
{
	struct nyx_intr_entries entries = { .nr = 7 };
	struct kernel_param param = { .name = "intr_entries", .arg = &entries };

	KUNIT_EXPECT_EQ(test, nyx_intr_entries(), 65536);
	KUNIT_EXPECT_EQ(test, nyx_intr_entries_least(), 2);
	KUNIT_EXPECT_EQ(test, nyx_intr_entries_ops.set("many", &param), -EINVAL);
	KUNIT_EXPECT_EQ(test, nyx_intr_entries_ops.set("-1", &param), -EINVAL);
	KUNIT_EXPECT_FALSE(test, entries.given);
	KUNIT_EXPECT_EQ(test, entries.nr, 7);
	KUNIT_EXPECT_EQ(test, nyx_intr_entries_ops.set("512", &param), 0);
	KUNIT_EXPECT_TRUE(test, entries.given);
	KUNIT_EXPECT_EQ(test, entries.nr, 512);
}

static struct kunit_case nyx_intr_cases[] = {
	KUNIT_CASE(one_by_one),
	KUNIT_CASE(many_at_once),
	KUNIT_CASE(never_given_back),
	KUNIT_CASE(whose),
	KUNIT_CASE(none_left),
	KUNIT_CASE(words),
	KUNIT_CASE(plain_users),
	KUNIT_CASE(entries_parameter),
	{}
};

static struct kunit_suite nyx_intr_suite = {
	.name = "nyx_intr",
	.test_cases = nyx_intr_cases,
};

kunit_test_suite(nyx_intr_suite);
