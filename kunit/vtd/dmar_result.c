// SPDX-License-Identifier: GPL-2.0-only
/*
 * Allocates DMAR tables, and parses them.
 */
#include <linux/slab.h>
#include <linux/string.h>

#include "dmar_result.h"

static void free_dmar(void *dmar)
{
	vtd_dmar_free(dmar);
}

/**
 * dmar_new_table() - allocate an empty table
 * @test: the test, which frees the table
 *
 * Context: May sleep.
 * Return: the table.
 */
struct fw_bytes *dmar_new_table(struct kunit *test)
{
	struct fw_bytes *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, t);
	return t;
}

/**
 * dmar_new_server() - allocate the table of dmar_table_server()
 * @test: the test, which frees the table
 *
 * Context: May sleep.
 * Return: the table.
 */
struct fw_bytes *dmar_new_server(struct kunit *test)
{
	struct fw_bytes *t = dmar_new_table(test);

	dmar_table_server(t);
	return t;
}

/**
 * dmar_parse() - parse a DMAR table
 * @test: the test, which frees the result
 * @t: the table
 * @mapped: number of bytes that the parser may read
 *
 * Context: May sleep.
 * Return: the result, part of a struct dmar_result.
 */
struct fw_result *dmar_parse(struct kunit *test, const struct fw_bytes *t,
			     u32 mapped)
{
	struct dmar_result *r = kunit_kzalloc(test, sizeof(*r), GFP_KERNEL);
	u8 *copy = kmemdup(t->b, mapped, GFP_KERNEL);
	unsigned int i, usable = 0;

	KUNIT_ASSERT_NOT_NULL(test, r);
	KUNIT_ASSERT_NOT_NULL(test, copy);
	r->r.ret = vtd_dmar_parse(copy, mapped, &r->dmar, fw_take_note, &r->r);
	kfree(copy);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, free_dmar,
							&r->dmar), 0);
	for (i = 0; i < r->dmar.nr_drhd; i++)
		usable += r->dmar.drhd[i].usable;
	snprintf(r->r.left, sizeof(r->r.left), "%u/%u %u %u %u %u %u %u",
		 usable, r->dmar.nr_drhd, r->dmar.nr_rmrr, r->dmar.nr_atsr,
		 r->dmar.nr_rhsa, r->dmar.nr_andd, r->dmar.nr_satc,
		 r->dmar.nr_scope);
	return &r->r;
}

/**
 * dmar_result() - parse a complete DMAR table
 * @test: the test, which frees the result
 * @t: the table
 *
 * Context: May sleep.
 * Return: the result.
 */
struct dmar_result *dmar_result(struct kunit *test, const struct fw_bytes *t)
{
	return container_of(dmar_parse(test, t, t->len), struct dmar_result, r);
}
