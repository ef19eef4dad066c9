// SPDX-License-Identifier: GPL-2.0-only
/*
 * A device that two units claim: both let its requests pass untranslated.
 * Numbers are those of the AMD IOMMU specification (48882).
 */
#include <linux/bitmap.h>
#include <linux/io.h>
#include <linux/pci.h>

#include "../log_text.h"
#include "../unit_core.h"
#include "amd/amd.h"
#include "amd/contested.h"
#include "amd/ivrs.h"
#include "model.h"

#define RID 0xff00
#define CLAIMED "claim the device in the IVRS table, so it stays untranslated"
/* V, TV, IR and IW; no levels, so there is no translation. */
#define IDENTITY (3ULL << 61 | 3)

/**
 * struct contested - two units that claim RID
 * @model: the units
 * @units: the driver's records of them
 * @ivrs: the table
 * @range: its ranges
 * @bus: its bus, and another one
 * @bridge: a bridge
 * @pdev: the device
 * @driver: its driver
 */
struct contested {
	struct amd_model *model[2];
	struct amd_unit *units[3];
	struct amd_ivrs ivrs;
	struct amd_ivrs_range range[3];
	struct pci_bus bus[2];
	struct pci_dev bridge;
	struct pci_dev pdev;
	struct device_driver driver;
};

static struct contested *contested_new(struct kunit *test)
{
	struct contested *c = kunit_kzalloc(test, sizeof(*c), GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, c);
	for (i = 0; i < 2; i++) {
		c->model[i] = amd_model_running(test);
		c->units[i] = c->model[i]->au;
		c->units[i]->unit.identity_id = 5 + i;
		c->range[i] = (struct amd_ivrs_range) {
			.unit = i,
			.first = 0xff00,
			.last = 0xfffe,
		};
	}
	/* An unusable unit claims it as well. */
	c->range[2] = c->range[0];
	c->range[2].unit = 2;
	c->ivrs.range = c->range;
	c->ivrs.nr_range = 3;
	c->ivrs.nr_unit = 3;
	c->bus[0].number = 0xff;
	c->pdev.bus = &c->bus[0];
	c->pdev.dev.init_name = "0000:ff:00.0";
	c->driver.name = "contested";
	c->pdev.dev.driver = &c->driver;
	return c;
}

static void pass(struct contested *c, u16 segment)
{
	amd_contested_pass(&c->ivrs, c->units, &c->pdev, segment, RID);
}

static void expect_entry_of(struct kunit *test, struct amd_model *model,
			    u16 rid, u64 q0, u64 q1)
{
	const u64 *q = amd_model_entry(model, rid);

	KUNIT_EXPECT_EQ(test, q[0], q0);
	KUNIT_EXPECT_EQ(test, q[1], q1);
	/* IV: interrupts are not remapped. */
	KUNIT_EXPECT_EQ(test, q[2] & 1, 0);
}

static void expect_entry(struct kunit *test, struct amd_model *model, u64 q0,
			 u64 q1)
{
	expect_entry_of(test, model, RID, q0, q1);
}

/* Both units pass its requests, and one line names the device. */
static void passes_both(struct kunit *test)
{
	struct contested *c = contested_new(test);
	unsigned int i, lines = log_text_count(test, CLAIMED);

	for (i = 0; i < 2; i++)
		c->model[i]->nr_cmds = 0;
	pass(c, 0);
	for (i = 0; i < 2; i++) {
		expect_entry(test, c->model[i], IDENTITY, 5 + i);
		/* INVALIDATE_DEVTAB_ENTRY: the unit may cache the old entry. */
		KUNIT_EXPECT_TRUE(test, test_bit(RID, c->model[i]->entries));
	}
	KUNIT_EXPECT_EQ(test, log_text_count(test, CLAIMED), lines + 1);
	/* Later calls find nothing to do. */
	c->model[0]->nr_cmds = 0;
	pass(c, 0);
	KUNIT_EXPECT_EQ(test, c->model[0]->nr_cmds, 0);
	KUNIT_EXPECT_EQ(test, log_text_count(test, CLAIMED), lines + 1);
}

/*
 * Its requests pass under all DeviceIDs that they may carry: one that the table
 * adds for a unit, one of a quirk, and that of a bridge.
 */
static void passes_aliases(struct kunit *test)
{
	static const u16 rids[] = { 0xff09, 0xc018 };
	struct contested *c = contested_new(test);
	unsigned int i, j, lines = log_text_count(test, CLAIMED);
	DECLARE_BITMAP(mask, 256) = { };
	u64 blocked = *amd_model_entry(c->model[0], 0x00a4);

	/* The second unit has an alias. */
	c->range[1].alias = true;
	c->range[1].source = 0x00a4;
	set_bit(0x09, mask);
	c->pdev.dma_alias_mask = mask;
	/* A bridge from conventional PCI on bus c0h */
	c->bus[1].number = 0xc0;
	c->bridge.bus = &c->bus[1];
	c->bridge.devfn = 0x18;
	c->bus[0].parent = &c->bus[1];
	c->bus[0].self = &c->bridge;
	pass(c, 0);
	for (i = 0; i < 2; i++) {
		expect_entry(test, c->model[i], IDENTITY, 5 + i);
		for (j = 0; j < ARRAY_SIZE(rids); j++) {
			expect_entry_of(test, c->model[i], rids[j], IDENTITY,
					5 + i);
			KUNIT_EXPECT_TRUE(test, test_bit(rids[j],
							 c->model[i]->entries));
		}
	}
	KUNIT_EXPECT_EQ(test, amd_model_entry(c->model[0], 0x00a4)[0], blocked);
	expect_entry_of(test, c->model[1], 0x00a4, IDENTITY, 6);
	KUNIT_EXPECT_EQ(test, log_text_count(test, CLAIMED), lines + 1);
}

/* An alias that a device of the unit uses stays as that device has it: blocked. */
static void spares_others(struct kunit *test)
{
	struct contested *c = contested_new(test);
	const u64 *q = amd_model_entry(c->model[0], 0xff09);
	DECLARE_BITMAP(mask, 256) = { };
	const u64 before = q[0];

	amd_model_add(c->model[0], 0xff09);
	set_bit(0x09, mask);
	c->pdev.dma_alias_mask = mask;
	pass(c, 0);
	expect_entry(test, c->model[0], IDENTITY, 5);
	KUNIT_EXPECT_EQ(test, q[0], before);
	expect_entry_of(test, c->model[1], 0xff09, IDENTITY, 6);
}

/* Other segments and dead units are left alone. */
static void passes_nothing(struct kunit *test)
{
	struct contested *c = contested_new(test);
	const u64 *q = amd_model_entry(c->model[0], RID);
	u64 before = q[0];

	pass(c, 1);
	KUNIT_EXPECT_EQ(test, q[0], before);
	c->units[0]->unit.dead = true;
	pass(c, 0);
	KUNIT_EXPECT_EQ(test, q[0], before);
	expect_entry(test, c->model[1], IDENTITY, 6);
}

/* An untrusted device stays blocked, and the log names its driver. */
static void blocks_untrusted(struct kunit *test)
{
	static const char *const line =
		"driver contested: DMA of the device is blocked";
	struct contested *c = contested_new(test);
	const u64 *q = amd_model_entry(c->model[0], RID);
	unsigned int claimed = log_text_count(test, CLAIMED);
	unsigned int lines = log_text_count(test, line);
	u64 before = q[0];

	c->pdev.untrusted = 1;
	c->pdev.dev.driver = NULL;
	pass(c, 0);
	KUNIT_EXPECT_EQ(test, log_text_count(test, line), lines);
	c->pdev.dev.driver = &c->driver;
	/* Once, however often the IOMMU core asks. */
	pass(c, 0);
	pass(c, 0);
	KUNIT_EXPECT_EQ(test, q[0], before);
	KUNIT_EXPECT_EQ(test, log_text_count(test, line), lines + 1);
	KUNIT_EXPECT_EQ(test, log_text_count(test, CLAIMED), claimed);
	/* It is untranslated if all units that claim it are off. */
	ida_destroy(&c->units[0]->contested_logged);
	c->units[0]->unit.started = false;
	c->units[1]->unit.started = false;
	pass(c, 0);
	KUNIT_EXPECT_EQ(test, log_text_count(test, line), lines + 1);
	c->units[0]->unit.started = true;
	c->units[1]->unit.started = true;
}

static struct kunit_case cases[] = {
	KUNIT_CASE(passes_both),
	KUNIT_CASE(passes_aliases),
	KUNIT_CASE(spares_others),
	KUNIT_CASE(passes_nothing),
	KUNIT_CASE(blocks_untrusted),
	{ }
};

static struct kunit_suite suite = {
	.name = "nyx_amd_contested",
	.test_cases = cases,
};

kunit_test_suite(suite);
