// SPDX-License-Identifier: GPL-2.0-only
/*
 * The module parameter "relax_reserved".
 */
#include <kunit/test.h>
#include <linux/device.h>

#include "../log_text.h"
#include "../param_set.h"
#include "firmware/relax.h"

static int set_relaxed(const char *val)
{
	return set_param("nyx_iommu.relax_reserved", val);
}

static void relax_exit(struct kunit *test)
{
	set_relaxed("");
}

static bool has(const char *name)
{
	const struct device dev = { .init_name = name };

	return nyx_relax_has(&dev);
}

static void names(struct kunit *test)
{
	KUNIT_EXPECT_FALSE(test, has("0000:03:00.0"));
	KUNIT_ASSERT_EQ(test, set_relaxed("0000:03:00.0,0001:0A:1f.7,AMDI0010:02"), 0);
	KUNIT_EXPECT_TRUE(test, has("0000:03:00.0"));
	KUNIT_EXPECT_TRUE(test, has("0001:0a:1f.7"));
	KUNIT_EXPECT_TRUE(test, has("AMDI0010:02"));
	/* other functions, and names that only begin or end alike */
	KUNIT_EXPECT_FALSE(test, has("0000:03:00.1"));
	KUNIT_EXPECT_FALSE(test, has("0001:03:00.0"));
	KUNIT_EXPECT_FALSE(test, has("0000:0a:1f.7"));
	KUNIT_EXPECT_FALSE(test, has("AMDI0010:0"));
	KUNIT_EXPECT_FALSE(test, has("AMDI0010:020"));
	KUNIT_EXPECT_FALSE(test, has("0000:"));
	KUNIT_ASSERT_EQ(test, set_relaxed(""), 0);
	KUNIT_EXPECT_FALSE(test, has("0000:03:00.0"));
}

/* The segment may be omitted if it is 0. */
static void without_segment(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, set_relaxed("03:00.0,"), 0);
	KUNIT_EXPECT_TRUE(test, has("0000:03:00.0"));
	KUNIT_EXPECT_FALSE(test, has("0001:03:00.0"));
	KUNIT_EXPECT_FALSE(test, has("0000:03:00.1"));
}

static void wildcards(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, set_relaxed("04:*,0001:*"), 0);
	KUNIT_EXPECT_TRUE(test, has("0000:04:1f.7"));
	KUNIT_EXPECT_TRUE(test, has("0001:03:00.0"));
	KUNIT_EXPECT_FALSE(test, has("0000:03:00.0"));
	KUNIT_EXPECT_FALSE(test, has("0002:04:00.0"));
	KUNIT_ASSERT_EQ(test, set_relaxed("*"), 0);
	KUNIT_EXPECT_TRUE(test, has("0000:03:00.0"));
	KUNIT_EXPECT_TRUE(test, has("AMDI0010:02"));
}

static void invalid(struct kunit *test)
{
	static const char *const values[] = {
		",", "03:00.0,,04:00.0", "*:00.0", "03:00.0 04:00.0", "03:00.0\n",
		"03/00.0",
	};
	static const char *const line = "use names of devices";
	unsigned int lines = log_text_count(test, line), i;

	KUNIT_ASSERT_EQ(test, set_relaxed("03:00.0"), 0);
	for (i = 0; i < ARRAY_SIZE(values); i++)
		KUNIT_EXPECT_EQ_MSG(test, set_relaxed(values[i]), -EINVAL, "%s",
				    values[i]);
	KUNIT_EXPECT_EQ(test, log_text_count(test, line), lines + i);
	KUNIT_EXPECT_TRUE(test, has("0000:03:00.0"));
}

static struct kunit_case relax_cases[] = {
	KUNIT_CASE(names),
	KUNIT_CASE(without_segment),
	KUNIT_CASE(wildcards),
	KUNIT_CASE(invalid),
	{ }
};

static struct kunit_suite relax_suite = {
	.name = "nyx_firmware_relax",
	.exit = relax_exit,
	.test_cases = relax_cases,
};

kunit_test_suite(relax_suite);
