// SPDX-License-Identifier: GPL-2.0-only
#include <linux/slab.h>
#include <linux/string.h>

#include "dmar_result.h"

/**
 * dmar_take_note() - report for vtd_dmar_parse() that keeps the last finding
 * @note: the finding
 * @arg: struct dmar_result
 */
void dmar_take_note(const struct vtd_dmar_note *note, void *arg)
{
	struct dmar_result *r = arg;

	r->notes++;
	r->last = *note;
}

static void free_dmar(void *dmar)
{
	vtd_dmar_free(dmar);
}

/**
 * dmar_result() - parse a table
 * @test: the test, which frees the result
 * @t: the table
 * @mapped: bytes of it that there are. They lie in a buffer of just that size,
 *	which is gone when the result is looked at
 *
 * Return: the result.
 */
struct dmar_result *dmar_result(struct kunit *test, const struct dmar_table *t,
				u32 mapped)
{
	struct dmar_result *r = kunit_kzalloc(test, sizeof(*r), GFP_KERNEL);
	u8 *copy = kmemdup(t->b, mapped, GFP_KERNEL);
	unsigned int i, usable = 0;

	KUNIT_ASSERT_NOT_NULL(test, r);
	KUNIT_ASSERT_NOT_NULL(test, copy);
	r->ret = vtd_dmar_parse(copy, mapped, &r->dmar, dmar_take_note, r);
	kfree(copy);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, free_dmar,
							&r->dmar), 0);
	for (i = 0; i < r->dmar.nr_drhd; i++)
		usable += r->dmar.drhd[i].usable;
	snprintf(r->left, sizeof(r->left), "%u/%u %u %u %u %u %u %u", usable,
		 r->dmar.nr_drhd, r->dmar.nr_rmrr, r->dmar.nr_atsr,
		 r->dmar.nr_rhsa, r->dmar.nr_andd, r->dmar.nr_satc,
		 r->dmar.nr_scope);
	return r;
}

/**
 * dmar_expect_note() - expect that the last finding is the given one
 * @test: the test
 * @r: the result
 * @verdict: what must come of it
 * @offset: of the structure that it must be about
 * @what: what its text must have in it
 */
void dmar_expect_note(struct kunit *test, const struct dmar_result *r,
		      enum vtd_dmar_verdict verdict, u32 offset,
		      const char *what)
{
	KUNIT_EXPECT_EQ(test, r->last.verdict, verdict);
	KUNIT_EXPECT_EQ(test, r->last.offset, offset);
	KUNIT_ASSERT_NOT_NULL(test, r->last.what);
	KUNIT_EXPECT_TRUE_MSG(test, strstr(r->last.what, what),
			      "\"%s\" is not about \"%s\"", r->last.what, what);
}
