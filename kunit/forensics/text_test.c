// SPDX-License-Identifier: GPL-2.0-only
/*
 * The text of each explanation.
 */
#include <kunit/test.h>
#include <linux/string.h>

#include "forensics/explain.h"

#define US 1000ULL
#define MS (1000 * US)
#define S  (1000 * MS)

/* The members that describe a recorded operation. */
#define OP(ago) .recorded = true, .cpu = 1, .size = 4096, .ago_ns = (ago)

static const struct {
	struct nyx_explanation ex;
	const char *text;
} cases[] = {
	{ { .why = NYX_WHY_NONE }, "" },
	{ { .why = NYX_WHY_MAPPED }, "mapped with sufficient permissions" },
	{ { .why = NYX_WHY_MAPPED, OP(12 * US) },
	  "mapped with sufficient permissions 12 us earlier on CPU 1" },
	{ { .why = NYX_WHY_READ_ONLY }, "mapped read-only" },
	{ { .why = NYX_WHY_READ_ONLY, OP(9999 * US + 999) },
	  "mapped read-only 9999 us earlier on CPU 1" },
	{ { .why = NYX_WHY_WRITE_ONLY, OP(10 * MS) },
	  "mapped write-only 10 ms earlier on CPU 1" },
	{ { .why = NYX_WHY_UNMAPPED, OP(9999 * MS), .flushed = true,
	    .flushed_ago_ns = 3 * US },
	  "unmapped 9999 ms earlier on CPU 1, invalidation completed 3 us earlier" },
	{ { .why = NYX_WHY_UNMAPPED, OP(12 * US), .flushed = true,
	    .flushed_ago_ns = 3 * US,
	    .caller = "put+0x1a/0x90" },
	  "unmapped 12 us earlier by put+0x1a/0x90 on CPU 1, invalidation completed 3 us earlier" },
	{ { .why = NYX_WHY_UNMAPPED, OP(10 * S), .flushed_ago_ns = 3 * US },
	  "unmapped 10 s earlier on CPU 1, invalidation pending" },
	{ { .why = NYX_WHY_PAST_END, OP(5 * US), .distance = 64 },
	  "64 bytes past the end of a 4096-byte mapping made 5 us earlier on CPU 1" },
	{ { .why = NYX_WHY_PAST_END, OP(5 * US) },
	  "in the page past the end of a 4096-byte mapping made 5 us earlier on CPU 1" },
	{ { .why = NYX_WHY_BEFORE_START, OP(5 * US), .distance = 4095 },
	  "4095 bytes before the start of a 4096-byte mapping made 5 us earlier on CPU 1" },
	{ { .why = NYX_WHY_BEFORE_START, OP(5 * US), .distance = 4096 },
	  "in the page before the start of a 4096-byte mapping made 5 us earlier on CPU 1" },
	{ { .why = NYX_WHY_PHYSICAL, OP(5 * US), .iova = 0xfffff040 },
	  "physical address of a page that was mapped at 0xfffff040 5 us earlier on CPU 1" },
	{ { .why = NYX_WHY_PAST_UNMAPPED, OP(5 * US), .distance = 64 },
	  "64 bytes past the end of a 4096-byte mapping that was unmapped 5 us earlier on CPU 1" },
	{ { .why = NYX_WHY_OTHER_DOMAIN, .domain = 7, .device = "0000:01:00.0" },
	  "mapped in domain 7 of 0000:01:00.0" },
	{ { .why = NYX_WHY_NEVER_MAPPED }, "never mapped" },
	{ { .why = NYX_WHY_NOT_RECENTLY, .ago_ns = 75 * S },
	  "not mapped in the last 75 s" },
	{ { .why = NYX_WHY_NOT_MAPPED }, "not mapped" },
};

static void every_explanation_has_a_text(struct kunit *test)
{
	char text[NYX_EXPLANATION_TEXT];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		int len = nyx_explanation_text(text, sizeof(text),
					       &cases[i].ex);

		KUNIT_EXPECT_STREQ(test, cases[i].text, text);
		KUNIT_EXPECT_EQ(test, strlen(cases[i].text), len);
	}
	KUNIT_EXPECT_EQ(test, NYX_WHY_NOT_MAPPED,
			cases[ARRAY_SIZE(cases) - 1].ex.why);
}

/* The longest values fit. */
static void longest_text_fits(struct kunit *test)
{
	struct nyx_explanation ex = {
		.why = NYX_WHY_PHYSICAL,
		.recorded = true,
		.cpu = U32_MAX,
		.size = U64_MAX,
		.ago_ns = U64_MAX,
		.flushed = true,
		.flushed_ago_ns = U64_MAX,
		.distance = U64_MAX - 1,
		.iova = U64_MAX,
	};
	char text[NYX_EXPLANATION_TEXT];

	memset(ex.caller, 'c', sizeof(ex.caller) - 1);
	for (; ex.why >= NYX_WHY_MAPPED; ex.why--)
		KUNIT_EXPECT_LT(test, nyx_explanation_text(text, sizeof(text),
							   &ex),
				sizeof(text) - 1);
}

/* Longer output is truncated without an overrun. */
static void text_stays_in_bounds(struct kunit *test)
{
	char text[17];

	memset(text, 'x', sizeof(text));
	nyx_explanation_text(text, 16, &cases[2].ex);
	KUNIT_EXPECT_EQ(test, '\0', text[15]);
	KUNIT_EXPECT_EQ(test, 'x', text[16]);
}

static struct kunit_case text_cases[] = {
	KUNIT_CASE(every_explanation_has_a_text),
	KUNIT_CASE(longest_text_fits),
	KUNIT_CASE(text_stays_in_bounds),
	{ }
};

static struct kunit_suite text_suite = {
	.name = "nyx_forensics_text",
	.test_cases = text_cases,
};

kunit_test_suite(text_suite);
