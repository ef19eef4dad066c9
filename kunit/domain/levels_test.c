// SPDX-License-Identifier: GPL-2.0-only
/*
 * The module parameter "levels".
 */
#include <kunit/test.h>
#include <linux/sizes.h>

#include <nyx/domain.h>
#include <nyx/unit.h>

#include "../log_text.h"
#include "../param_set.h"

static int set_levels(const char *val)
{
	return set_param("nyx_iommu.levels", val);
}

static void levels_exit(struct kunit *test)
{
	set_levels("0");
}

/* The unit supports three and four levels, and uses four by default. */
static struct nyx_unit new_unit(void)
{
	return (struct nyx_unit) {
		.name = "levels0",
		.caps = {
			.format = &nyx_pt_vtdss,
			.pgsizes = SZ_4K,
			.levels = 0x18,
			.addr_bits = 48,
			.phys_bits = 46,
		},
	};
}

static u8 levels_of(const struct nyx_unit *unit)
{
	struct nyx_pt_cfg cfg;

	nyx_unit_table_config(unit, &cfg);
	return cfg.levels;
}

static void supported(struct kunit *test)
{
	static const char *const line = "levels0: does not support page tables";
	unsigned int lines = log_text_count(test, line);
	const struct nyx_unit unit = new_unit();

	KUNIT_ASSERT_EQ(test, set_levels("3"), 0);
	KUNIT_EXPECT_EQ(test, levels_of(&unit), 3);
	nyx_unit_check_levels(&unit);
	KUNIT_ASSERT_EQ(test, set_levels("0"), 0);
	KUNIT_EXPECT_EQ(test, levels_of(&unit), 4);
	nyx_unit_check_levels(&unit);
	KUNIT_EXPECT_EQ(test, log_text_count(test, line), lines);
}

static const char line[] =
	"levels0: does not support page tables of 6 levels, uses 4; load with levels=3, 4, or 0";

static void unsupported(struct kunit *test)
{
	unsigned int lines = log_text_count(test, line);
	const struct nyx_unit unit = new_unit();

	KUNIT_ASSERT_EQ(test, set_levels("6"), 0);
	KUNIT_EXPECT_EQ(test, levels_of(&unit), 4);
	nyx_unit_check_levels(&unit);
	KUNIT_EXPECT_EQ(test, log_text_count(test, line), lines + 1);
}

static void refused(struct kunit *test)
{
	static const char *const values[] = { "1", "2", "7", "-1", "four", "" };
	const struct nyx_unit unit = new_unit();
	size_t i;

	KUNIT_ASSERT_EQ(test, set_levels("3"), 0);
	for (i = 0; i < ARRAY_SIZE(values); i++) {
		KUNIT_EXPECT_EQ(test, set_levels(values[i]), -EINVAL);
		KUNIT_EXPECT_EQ(test, levels_of(&unit), 3);
	}
}

static struct kunit_case levels_cases[] = {
	KUNIT_CASE(supported),
	KUNIT_CASE(unsupported),
	KUNIT_CASE(refused),
	{ }
};

static struct kunit_suite levels_suite = {
	.name = "nyx_domain_levels",
	.exit = levels_exit,
	.test_cases = levels_cases,
};

kunit_test_suite(levels_suite);
