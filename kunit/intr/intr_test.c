// SPDX-License-Identifier: GPL-2.0-only
/*
 * Records of interrupts, on a unit that only stores its entries.
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

/* The entries; only those with @given set may be changed. */
static struct {
	bool given[ENTRIES];
	bool active[ENTRIES];
	struct nyx_intr_target target[ENTRIES];
	unsigned int sets;
	int err;
} fake;

static int fake_alloc(struct nyx_unit *unit, struct nyx_device *ndev,
		      unsigned int nr)
{
	unsigned int index, i;

	for (index = 0; index + nr <= ENTRIES; index += nr) {
		for (i = 0; i < nr && !fake.given[index + i]; i++)
			;
		if (i < nr)
			continue;
		memset(&fake.given[index], true, nr);
		return index;
	}
	return -ENOSPC;
}

static void fake_free(struct nyx_unit *unit, struct nyx_device *ndev,
		      u16 index, unsigned int nr)
{
	memset(&fake.given[index], false, nr);
}

static int fake_set(struct nyx_unit *unit, struct nyx_device *ndev, u16 index,
		    const struct nyx_intr_target *target)
{
	fake.sets++;
	if (fake.err)
		return fake.err;
	fake.active[index] = target && fake.given[index];
	if (target)
		fake.target[index] = *target;
	return 0;
}

static void fake_message(const struct nyx_intr *intr,
			 struct nyx_intr_message *msg)
{
	msg->address = 0xfee00000 + intr->run->index;
	msg->data = intr->offset;
}

static const struct nyx_intr_ops fake_ops = {
	.alloc = fake_alloc,
	.free = fake_free,
	.set = fake_set,
	.message = fake_message,
};

static struct nyx_device *new_device(struct kunit *test)
{
	struct nyx_device *ndev = kunit_kzalloc(test, sizeof(*ndev), GFP_KERNEL);
	struct nyx_unit *unit = kunit_kzalloc(test, sizeof(*unit), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, ndev);
	KUNIT_ASSERT_NOT_NULL(test, unit);
	memset(&fake, 0, sizeof(fake));
	strscpy(unit->name, "unit");
	unit->intr.ops = &fake_ops;
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
	/* The entries block until a target is set. */
	KUNIT_EXPECT_EQ(test, fake.sets, 0);

	KUNIT_EXPECT_EQ(test, nyx_intr_set(&run->intr[0], &there), 0);
	KUNIT_EXPECT_TRUE(test, fake.active[1]);
	KUNIT_EXPECT_EQ(test, fake.target[1].vector, 0x41);
	KUNIT_EXPECT_EQ(test, run->intr[0].updates, 0);
	KUNIT_EXPECT_EQ(test, nyx_intr_set(&run->intr[0], &here), 0);
	KUNIT_EXPECT_EQ(test, fake.target[1].dest, 2);
	KUNIT_EXPECT_TRUE(test, fake.target[1].logical);
	KUNIT_EXPECT_EQ(test, run->intr[0].updates, 1);

	/* A failed change is not recorded. */
	fake.err = -EIO;
	KUNIT_EXPECT_EQ(test, nyx_intr_set(&run->intr[0], &there), -EIO);
	KUNIT_EXPECT_EQ(test, run->intr[0].target.vector, 0x42);
	KUNIT_EXPECT_EQ(test, run->intr[0].updates, 1);
	fake.err = 0;

	/* An active interrupt is blocked before its entry is freed. */
	nyx_intr_free(&run->intr[0]);
	KUNIT_EXPECT_FALSE(test, fake.active[1]);
	KUNIT_EXPECT_FALSE(test, fake.given[1]);
	KUNIT_EXPECT_TRUE(test, fake.given[0]);
	KUNIT_EXPECT_EQ(test, nyx_intr_count(ndev->unit), 1);
	run = list_first_entry(&nyx_intrs, struct nyx_intr_run, node);
	nyx_intr_free(&run->intr[0]);
	KUNIT_EXPECT_TRUE(test, list_empty(&nyx_intrs));
}

/* A device with a single message: three interrupts use four entries. */
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
		KUNIT_EXPECT_TRUE(test, fake.active[4 + i]);
		nyx_intr_message(&run->intr[i], &msg);
		KUNIT_EXPECT_EQ(test, msg.address, 0xfee00004);
		KUNIT_EXPECT_EQ(test, msg.data, i);
	}
	/* The kernel frees them one by one; the last one frees all entries. */
	for (i = 0; i < 3; i++) {
		KUNIT_EXPECT_TRUE(test, fake.given[4]);
		KUNIT_EXPECT_EQ(test, nyx_intr_block(&run->intr[i]), 0);
		KUNIT_EXPECT_FALSE(test, fake.active[4 + i]);
		nyx_intr_free(&run->intr[i]);
	}
	for (i = 4; i < 8; i++)
		KUNIT_EXPECT_FALSE(test, fake.given[i]);
	nyx_intr_free(&first->intr[0]);
	KUNIT_EXPECT_EQ(test, nyx_intr_count(ndev->unit), 0);
}

/* A driver was unbound without freeing its interrupts; then the device went. */
static void never_freed(struct kunit *test)
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
	/* The next device with this requester ID would use the same table. */
	KUNIT_EXPECT_TRUE(test, nyx_intr_device_has_any(shape));
	KUNIT_EXPECT_EQ(test, nyx_intr_check_none(), -EBUSY);
	/* Interrupts that were adopted can be returned. */
	ndev->adopted = (struct irq_domain *)ndev;
	KUNIT_EXPECT_EQ(test, nyx_intr_check_none(), 0);
	KUNIT_EXPECT_FALSE(test, nyx_intr_device_has_any(shape));
	KUNIT_EXPECT_TRUE(test, nyx_intr_device_has_any(ndev));
	ndev->adopted = NULL;
	/* The interrupt still can be moved and blocked. */
	KUNIT_EXPECT_EQ(test, nyx_intr_set(&runs[0]->intr[0], &there), 0);
	KUNIT_EXPECT_TRUE(test, fake.active[0]);
	nyx_intr_free(&runs[0]->intr[0]);
	KUNIT_EXPECT_FALSE(test, fake.active[0]);
	nyx_intr_free(&runs[1]->intr[0]);
	KUNIT_EXPECT_EQ(test, nyx_intr_check_none(), -EBUSY);
	KUNIT_EXPECT_EQ(test, kref_read(&dev->kobj.kref), refs + 1);
	nyx_intr_free(&runs[1]->intr[1]);
	KUNIT_EXPECT_EQ(test, nyx_intr_check_none(), 0);
	KUNIT_EXPECT_FALSE(test, nyx_intr_device_has_any(shape));
	KUNIT_EXPECT_EQ(test, kref_read(&dev->kobj.kref), refs);
}

/* Only a device that the unit remaps is found, and its record is held. */
static void hold_remapped_device(struct kunit *test)
{
	struct nyx_device *ndev = new_device(test);
	const struct nyx_unit *unit = ndev->unit;
	struct device *dev = ndev->dev;
	struct nyx_unit other;

	KUNIT_EXPECT_NULL(test, nyx_device_hold_remapped(unit, dev));
	list_add_rcu(&ndev->node, &nyx_devices);
	KUNIT_EXPECT_NULL(test, nyx_device_hold_remapped(unit, dev));
	ndev->remapped = true;
	KUNIT_EXPECT_NULL(test, nyx_device_hold_remapped(&other, dev));
	KUNIT_EXPECT_NULL(test, nyx_device_hold_remapped(unit, NULL));
	KUNIT_EXPECT_PTR_EQ(test, nyx_device_hold_remapped(unit, dev), ndev);
	KUNIT_EXPECT_EQ(test, kref_read(&ndev->refs), 2);
	nyx_device_drop(ndev);
	list_del_rcu(&ndev->node);
	synchronize_rcu();
	KUNIT_EXPECT_EQ(test, kref_read(&ndev->refs), 1);
}

/*
 * While a device is cut off, its interrupts stay blocked even if they move. Then
 * they get the targets that they have moved to.
 */
static void cut_off_device(struct kunit *test)
{
	const struct nyx_intr_target there = { 1, 0x41, false };
	const struct nyx_intr_target here = { 2, 0x42, true };
	struct nyx_device *ndev = new_device(test);
	struct nyx_intr_run *other, *run = get(test, ndev, 50, 4);
	struct nyx_device *neighbour = kunit_kzalloc(test, sizeof(*neighbour),
						     GFP_KERNEL);
	int i;

	KUNIT_ASSERT_NOT_NULL(test, neighbour);
	*neighbour = *ndev;
	other = get(test, neighbour, 60, 1);
	KUNIT_EXPECT_EQ(test, nyx_intr_set(&other->intr[0], &there), 0);
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_EQ(test, nyx_intr_set(&run->intr[i], &there), 0);
	ndev->intr_cut_off = true;
	nyx_intr_refresh(ndev);
	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_FALSE(test, fake.active[i]);
	KUNIT_EXPECT_TRUE(test, fake.active[4]);
	/* One moves, one is freed, one is requested. */
	KUNIT_EXPECT_EQ(test, nyx_intr_set(&run->intr[1], &here), 0);
	KUNIT_EXPECT_EQ(test, nyx_intr_block(&run->intr[2]), 0);
	KUNIT_EXPECT_EQ(test, nyx_intr_set(&run->intr[3], &here), 0);
	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_FALSE(test, fake.active[i]);

	ndev->intr_cut_off = false;
	nyx_intr_refresh(ndev);
	KUNIT_EXPECT_TRUE(test, fake.active[0]);
	KUNIT_EXPECT_EQ(test, fake.target[0].vector, 0x41);
	KUNIT_EXPECT_TRUE(test, fake.active[1]);
	KUNIT_EXPECT_EQ(test, fake.target[1].vector, 0x42);
	KUNIT_EXPECT_FALSE(test, fake.active[2]);
	KUNIT_EXPECT_TRUE(test, fake.active[3]);
	for (i = 0; i < 4; i++)
		nyx_intr_free(&run->intr[i]);
	nyx_intr_free(&other->intr[0]);
}

/* An allocation from a full table fails and has no other effect. */
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

/* Devices that may send requests in compatibility format. */
static void compat_senders(struct kunit *test)
{
	/*
	 * Bound before its MSIs were remapped; a driver may request MSIs later.
	 */
	KUNIT_EXPECT_TRUE(test, nyx_intr_is_compat(true, true, false));
	KUNIT_EXPECT_TRUE(test, nyx_intr_is_compat(true, true, true));
	/* MSIs that firmware left enabled. */
	KUNIT_EXPECT_TRUE(test, nyx_intr_is_compat(true, false, true));
	KUNIT_EXPECT_FALSE(test, nyx_intr_is_compat(true, false, false));
	/* Below a VMD, whose MSIs are remapped, or remapped itself. */
	KUNIT_EXPECT_FALSE(test, nyx_intr_is_compat(false, true, true));
	KUNIT_EXPECT_FALSE(test, nyx_intr_is_compat(false, true, false));
	KUNIT_EXPECT_FALSE(test, nyx_intr_is_compat(false, false, true));
}

/* Only an explicit number is mandatory, not the default. */
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
	KUNIT_CASE(never_freed),
	KUNIT_CASE(hold_remapped_device),
	KUNIT_CASE(cut_off_device),
	KUNIT_CASE(none_left),
	KUNIT_CASE(words),
	KUNIT_CASE(compat_senders),
	KUNIT_CASE(entries_parameter),
	{}
};

static struct kunit_suite nyx_intr_suite = {
	.name = "nyx_intr",
	.test_cases = nyx_intr_cases,
};

kunit_test_suite(nyx_intr_suite);
