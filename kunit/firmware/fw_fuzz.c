// SPDX-License-Identifier: GPL-2.0-only
/*
 * KASAN saves a stack trace for each allocation, which takes far longer than
 * parsing a table under User-mode Linux. So most tables share two buffers. Only
 * one table in SAMPLE has buffers of its own, which also detects uses after
 * free.
 */
#include <kunit/static_stub.h>
#include <linux/align.h>
#include <linux/moduleparam.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "../seed.h"
#include "fw_fuzz.h"
#include "fw_mutate.h"

#define SAMPLE		128
/* Not a power of two: KASAN has no redzone after whole pages. */
#define AREA		20000

static uint kunit_tables = 250000;
module_param(kunit_tables, uint, 0444);
MODULE_PARM_DESC(kunit_tables,
		 "Number of broken tables in each fuzz test (default: 250000)");

/**
 * struct fuzz - a broken table and the parser's result
 * @m: the broken table
 * @outcome: the parser's findings
 * @result: the parser's result
 * @table: buffer for most of the broken tables
 * @area: memory for most of the results
 */
struct fuzz {
	struct fw_mutator m;
	struct fw_outcome outcome;
	void *result;
	u8 *table;
	u8 *area;
};

static void *alloc_area(size_t size)
{
	struct fuzz *f = kunit_get_current_test()->priv;

	size = ALIGN(size, 8);
	if (size > AREA)
		return NULL;
	return memset(f->area + AREA - size, 0, size);
}

static void free_area(void *mem)
{
}

static void use_area(struct kunit *test)
{
	kunit_activate_static_stub(test, nyx_fw_alloc, alloc_area);
	kunit_activate_static_stub(test, nyx_fw_free, free_area);
}

static void use_own(struct kunit *test)
{
	kunit_deactivate_static_stub(test, nyx_fw_alloc);
	kunit_deactivate_static_stub(test, nyx_fw_free);
}

/* Parses one table. Its bytes are freed or overwritten before the check. */
static const char *fuzz_one(struct kunit *test, struct fuzz *f, bool own,
			    int *ret)
{
	const struct fw_parser *parser = f->m.parser;
	u32 len = f->m.t.len;
	u8 *table = f->table + FW_BYTES_MAX - len;
	const char *wrong;

	if (own) {
		use_own(test);
		table = kmalloc(len, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, table);
	}
	memcpy(table, f->m.t.b, len);
	f->outcome = (struct fw_outcome) { .parser = parser, .len = len };
	*ret = parser->parse(table, len, f->result, fw_outcome_note,
			     &f->outcome);
	if (own)
		kfree(table);
	else
		memset(table, 0xa5, len);
	wrong = fw_outcome_check(&f->outcome, *ret, f->result);
	parser->free(f->result);
	if (own)
		use_area(test);
	return wrong;
}

static struct fuzz *fuzz_init(struct kunit *test)
{
	struct fuzz *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, f);
	f->table = kunit_kmalloc(test, FW_BYTES_MAX, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, f->table);
	f->area = kunit_kmalloc(test, AREA, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, f->area);
	test->priv = f;
	nyx_kunit_seed(test, &f->m.rnd);
	return f;
}

/**
 * fw_fuzz() - parse many broken tables: as many as kunit_tables says
 * @test: the test
 * @parser: the parser under test
 * @good: good tables, from which the broken ones are made
 * @nr_good: number of @good; most broken tables are made from the last
 */
void fw_fuzz(struct kunit *test, const struct fw_parser *parser,
	     const struct fw_bytes *good, u32 nr_good)
{
	struct fuzz *f = fuzz_init(test);
	u32 i, refused = 0, clean = 0;
	const char *wrong;
	int ret;

	f->m.parser = parser;
	f->m.good = good;
	f->m.nr_good = nr_good;
	f->result = kunit_kzalloc(test, parser->size, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, f->result);

	use_area(test);
	for (i = 0; i < kunit_tables; i++) {
		fw_mutate(&f->m);
		wrong = fuzz_one(test, f, !(i % SAMPLE), &ret);
		if (wrong) {
			print_hex_dump(KERN_INFO, "table: ", DUMP_PREFIX_OFFSET,
				       16, 1, f->m.t.b, f->m.t.len, false);
			KUNIT_FAIL_AND_ABORT(test, "table %u: %s", i, wrong);
		}
		refused += ret ? 1 : 0;
		clean += !f->outcome.notes;
		if (!(i % 1024))
			cond_resched();
	}
	kunit_info(test, "%u tables: %u refused, %u accepted, %u without findings\n",
		   kunit_tables, refused, kunit_tables - refused, clean);
	/* The test is useful only if both outcomes are frequent. */
	KUNIT_EXPECT_GT(test, refused, kunit_tables / 20);
	KUNIT_EXPECT_GT(test, kunit_tables - refused, kunit_tables / 20);
}
