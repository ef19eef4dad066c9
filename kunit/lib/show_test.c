// SPDX-License-Identifier: GPL-2.0-only
/*
 * Columns of debugfs files.
 */
#include <kunit/test.h>
#include <linux/limits.h>

#include "../seq_text.h"
#include "lib/show.h"

static void show_sizes_in_words(struct kunit *test)
{
	static const struct {
		u64 sizes;
		const char *text;
	} cases[] = {
		{ 0x1000, "4K       |" },
		{ 0x40201000, "4K+2M+1G |" },
		{ 0x200000, "2M       |" },
		{ 0x8000000000ULL, "512G     |" },
		{ 1, "1B       |" },
		{ 1ULL << 63, "8E       |" },
		{ 0, "-        |" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct seq_file *m = nyx_seq_text(test);

		nyx_show_sizes(m, 8, cases[i].sizes);
		seq_putc(m, '|');
		KUNIT_EXPECT_STREQ(test, m->buf, cases[i].text);
	}
}

static void show_sizes_bears_every_bit(struct kunit *test)
{
	struct seq_file *m = nyx_seq_text(test);

	nyx_show_sizes(m, 8, U64_MAX);
	KUNIT_EXPECT_LT(test, m->count, 66);
	KUNIT_EXPECT_FALSE(test, seq_has_overflowed(m));
}

static void show_words_and_ids(struct kunit *test)
{
	struct seq_file *m = nyx_seq_text(test);

	nyx_show_word(m, 6, "abc");
	nyx_show_word(m, 6, "a b\tc");
	nyx_show_word(m, 3, "toolong");
	nyx_show_word(m, 3, "");
	nyx_show_word(m, 3, NULL);
	nyx_show_id(m, 4, 12);
	nyx_show_id(m, 4, 0);
	nyx_show_id(m, 2, 4294967295U);
	KUNIT_EXPECT_STREQ(test, m->buf,
			   "abc    a_b_c  toolong -   -     12    - 4294967295 ");
}

static struct kunit_case lib_show_cases[] = {
	KUNIT_CASE(show_sizes_in_words),
	KUNIT_CASE(show_sizes_bears_every_bit),
	KUNIT_CASE(show_words_and_ids),
	{ }
};

static struct kunit_suite lib_show_suite = {
	.name = "nyx_lib_show",
	.test_cases = lib_show_cases,
};

kunit_test_suite(lib_show_suite);
