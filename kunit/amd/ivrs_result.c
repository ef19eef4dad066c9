// SPDX-License-Identifier: GPL-2.0-only
#include <linux/slab.h>
#include <linux/string.h>

#include "ivrs_result.h"

static void free_ivrs(void *ivrs)
{
	amd_ivrs_free(ivrs);
}

/**
 * ivrs_parse() - parse an IVRS table
 * @test: the test, which frees the result
 * @t: the table
 * @mapped: bytes of it that there are. They lie in a buffer of just that size,
 *	which is gone when the result is looked at
 *
 * Return: the outcome, part of a struct ivrs_result.
 */
struct fw_result *ivrs_parse(struct kunit *test, const struct fw_bytes *t,
			     u32 mapped)
{
	struct ivrs_result *i = kunit_kzalloc(test, sizeof(*i), GFP_KERNEL);
	u8 *copy = kmemdup(t->b, mapped, GFP_KERNEL);
	struct amd_ivrs_unit *unit;
	unsigned int usable = 0;

	KUNIT_ASSERT_NOT_NULL(test, i);
	KUNIT_ASSERT_NOT_NULL(test, copy);
	i->r.ret = amd_ivrs_parse(copy, mapped, &i->ivrs, fw_take_note, &i->r);
	kfree(copy);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, free_ivrs,
							&i->ivrs), 0);
	for (unit = i->ivrs.unit; unit < i->ivrs.unit + i->ivrs.nr_unit; unit++)
		usable += unit->usable;
	snprintf(i->r.left, sizeof(i->r.left), "%u/%u %u %u %u %u", usable,
		 i->ivrs.nr_unit, i->ivrs.nr_range, i->ivrs.nr_special,
		 i->ivrs.nr_acpi, i->ivrs.nr_memory);
	return &i->r;
}

/**
 * ivrs_result() - parse an IVRS table all of which is there
 * @test: the test, which frees the result
 * @t: the table
 *
 * Return: the result.
 */
struct ivrs_result *ivrs_result(struct kunit *test, const struct fw_bytes *t)
{
	return container_of(ivrs_parse(test, t, t->len), struct ivrs_result, r);
}
