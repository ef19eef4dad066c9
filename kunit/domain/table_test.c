// SPDX-License-Identifier: GPL-2.0-only
/*
 * Page-table configurations of units, and tables that another unit may walk.
 */
#include <kunit/test.h>
#include <linux/sizes.h>

#include <nyx/domain.h>
#include <nyx/unit.h>

/* Bit n of @levels stands for n levels: 0x10 for four levels. */
static struct nyx_unit unit_of(u32 levels, u8 addr_bits)
{
	return (struct nyx_unit) {
		.nid = NUMA_NO_NODE,
		.caps = {
			.format = &nyx_pt_vtdss,
			.pgsizes = SZ_4K | SZ_2M | SZ_1G,
			.levels = levels,
			.addr_bits = addr_bits,
			.phys_bits = 46,
			.coherent = true,
			.snoop = true,
		},
	};
}

struct config_case {
	const char *name;
	u32 levels;
	u8 addr_bits;
	u8 want_levels;
	u8 want_bits;
};

static const struct config_case config_cases[] = {
	{ "39 bits: three levels", 0x08, 39, 3, 39 },
	{ "three would do, and are offered", 0x18, 39, 3, 39 },
	{ "48 bits: four levels", 0x18, 48, 4, 48 },
	{ "width between two levels", 0x18, 42, 4, 42 },
	{ "five offered, four reach far enough", 0x38, 57, 4, 48 },
	{ "only five offered", 0x20, 57, 5, 57 },
	{ "only three offered on a wide unit", 0x08, 48, 3, 39 },
};

KUNIT_ARRAY_PARAM_DESC(config, config_cases, name);

static void table_config(struct kunit *test)
{
	const struct config_case *c = test->param_value;
	struct nyx_unit unit = unit_of(c->levels, c->addr_bits);
	struct nyx_pt_cfg cfg;

	nyx_unit_table_config(&unit, &cfg);
	KUNIT_EXPECT_EQ(test, cfg.levels, c->want_levels);
	KUNIT_EXPECT_EQ(test, cfg.va_bits, c->want_bits);
	KUNIT_EXPECT_EQ(test, cfg.oa_bits, 46);
	KUNIT_EXPECT_EQ(test, cfg.pgsizes, SZ_4K | SZ_2M | SZ_1G);
	KUNIT_EXPECT_TRUE(test, cfg.coherent);
}

/* A unit can walk the table that was configured for it. */
static void table_own(struct kunit *test)
{
	const struct config_case *c = test->param_value;
	struct nyx_unit unit = unit_of(c->levels, c->addr_bits);
	struct nyx_pt pt = { .fmt = &nyx_pt_vtdss };

	nyx_unit_table_config(&unit, &pt.cfg);
	KUNIT_EXPECT_TRUE(test, nyx_unit_can_walk(&unit, &pt));
}

/*
 * Two units that differ in one capability. The less capable unit must not walk
 * a table of the other; the reverse is allowed.
 */
static void table_of_another(struct kunit *test)
{
	static const struct nyx_pt_format other_format = { .name = "other" };
	/* Too large for the stack. */
	static struct nyx_unit full, unit;
	struct nyx_pt pt = { .fmt = &nyx_pt_vtdss };

	full = unit_of(0x18, 48);
	nyx_unit_table_config(&full, &pt.cfg);
	KUNIT_ASSERT_TRUE(test, nyx_unit_can_walk(&full, &pt));

	unit = unit_of(0x08, 48);	/* supports three levels only */
	KUNIT_EXPECT_FALSE(test, nyx_unit_can_walk(&unit, &pt));
	unit = unit_of(0x18, 39);	/* narrower IOVAs than the table */
	KUNIT_EXPECT_FALSE(test, nyx_unit_can_walk(&unit, &pt));
	unit = full;
	unit.caps.phys_bits = 39;
	KUNIT_EXPECT_FALSE(test, nyx_unit_can_walk(&unit, &pt));
	unit = full;
	unit.caps.pgsizes = SZ_4K | SZ_2M;
	KUNIT_EXPECT_FALSE(test, nyx_unit_can_walk(&unit, &pt));
	unit = full;
	unit.caps.coherent = false;	/* the entries were not flushed */
	KUNIT_EXPECT_FALSE(test, nyx_unit_can_walk(&unit, &pt));
	unit = full;
	unit.caps.format = &other_format;
	KUNIT_EXPECT_FALSE(test, nyx_unit_can_walk(&unit, &pt));

	unit = full;
	unit.caps.snoop = false;
	KUNIT_EXPECT_TRUE(test, nyx_unit_can_walk(&unit, &pt));
	pt.cfg.snoop = true;		/* a reserved bit on that unit */
	KUNIT_EXPECT_FALSE(test, nyx_unit_can_walk(&unit, &pt));
	pt.cfg.snoop = false;
	pt.cfg.dirty = true;		/* writes would not be recorded */
	KUNIT_EXPECT_FALSE(test, nyx_unit_can_walk(&unit, &pt));
	unit.caps.dirty = true;
	KUNIT_EXPECT_TRUE(test, nyx_unit_can_walk(&unit, &pt));
	pt.cfg.dirty = false;

	pt.cfg.coherent = false;	/* needless flushes, but correct */
	pt.cfg.pgsizes = SZ_4K;
	pt.cfg.va_bits = 40;
	KUNIT_EXPECT_TRUE(test, nyx_unit_can_walk(&full, &pt));
}

static struct kunit_case table_cases[] = {
	KUNIT_CASE_PARAM(table_config, config_gen_params),
	KUNIT_CASE_PARAM(table_own, config_gen_params),
	KUNIT_CASE(table_of_another),
	{ }
};

static struct kunit_suite table_suite = {
	.name = "nyx_domain_table",
	.test_cases = table_cases,
};

kunit_test_suite(table_suite);
