// SPDX-License-Identifier: GPL-2.0-only
/*
 * KASAN saves a stack trace for each allocation, which takes far longer than
 * parsing a table under User-mode Linux. So most tables share two buffers. Only
 * one table in SAMPLE has buffers of its own, which also detects uses after
 * free.
 */
#include <kunit/static_stub.h>
#include <linux/align.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "../seed.h"
#include "fw_fuzz.h"

#define TABLES		1000000
#define SAMPLE		128
/* Not a power of two: KASAN has no redzone after whole pages. */
#define AREA		20000

/**
 * struct fuzz - a broken table and the parser's result
 * @ops: the parser under test
 * @good: good tables, from which the broken ones are made
 * @nr_good: number of @good
 * @rnd: random numbers
 * @t: the broken table
 * @result: the parser's result
 * @table: buffer for most of the broken tables
 * @area: memory for most of the results
 * @notes: number of findings
 * @refusals: number of findings that refuse the table
 * @bad_note: a finding was invalid, or reported after a refusal
 */
struct fuzz {
	const struct fw_fuzz_ops *ops;
	const struct fw_bytes *good;
	u32 nr_good;
	struct rnd_state rnd;
	struct fw_bytes t;
	void *result;
	u8 *table;
	u8 *area;
	unsigned int notes;
	unsigned int refusals;
	bool bad_note;
};

static u32 below(struct fuzz *f, u32 limit)
{
	return prandom_u32_state(&f->rnd) % limit;
}

static u8 odd_byte(struct fuzz *f)
{
	static const u8 odd[] = {
		0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 31, 32, 0x5c, 0x7f, 0x80,
		0xfe, 0xff,
	};

	return odd[below(f, sizeof(odd))];
}

/* A random offset in a structure or in an item. */
static u32 place(struct fuzz *f, u32 reach)
{
	const struct fw_bytes *t = &f->t;

	if (t->nr_item && below(f, 2))
		return t->item[below(f, t->nr_item)] + below(f, reach / 2);
	return t->entry[below(f, t->nr_entry)] + below(f, reach);
}

/* Changes a type or a length. */
static void mutate_chain(struct fuzz *f, u32 how)
{
	const struct fw_fuzz_ops *ops = f->ops;
	struct fw_bytes *t = &f->t;
	u32 entry = t->entry[below(f, t->nr_entry)];

	switch (how) {
	case 0:
		t->b[entry + 2] += below(f, 9) - 4;
		break;
	case 1:
		fw_bytes_put(t, entry + 2, 2, below(f, 0x10000));
		break;
	case 2:
		fw_bytes_put(t, entry, ops->type_size,
			     ops->types[below(f, ops->nr_types)]);
		break;
	case 3:
		if (ops->nr_item_types && t->nr_item)
			t->b[t->item[below(f, t->nr_item)]] =
				ops->item_types[below(f, ops->nr_item_types)];
		break;
	}
}

/* Cuts the table, or copies a part of another table into it. */
static void mutate_size(struct fuzz *f, u32 how)
{
	const struct fw_bytes *other = &f->good[below(f, f->nr_good)];
	struct fw_bytes *t = &f->t;
	u32 at = below(f, t->len), from, n;

	switch (how) {
	case 0:
		t->len = 1 + below(f, t->len);
		fw_bytes_fix_length(t);
		break;
	case 1: /* a piece */
		from = below(f, other->len);
		n = 1 + below(f, min(other->len - from, t->len - at));
		memmove(t->b + at, other->b + from, n);
		break;
	case 2: /* whole structures, up to the end of the other table */
		from = other->entry[below(f, other->nr_entry)];
		n = min_t(u32, other->len - from, FW_BYTES_MAX - t->len);
		memcpy(t->b + t->len, other->b + from, n);
		t->len += n;
		fw_bytes_fix_length(t);
		break;
	}
}

/* Makes one random change to the table. */
static void mutate(struct fuzz *f)
{
	struct fw_bytes *t = &f->t;
	u32 at = below(f, t->len), how = below(f, 11);

	switch (how) {
	case 0:
		t->b[at] ^= 1 << below(f, 8);
		break;
	case 1:
		t->b[at] = odd_byte(f);
		break;
	case 2:
		t->b[at] = below(f, 256);
		break;
	case 3:
		t->b[place(f, 40)] = odd_byte(f);
		break;
	case 4 ... 7:
		mutate_chain(f, how - 4);
		break;
	case 8 ... 10:
		mutate_size(f, how - 8);
		break;
	}
}

static void take_note(const struct nyx_fw_note *note, void *arg)
{
	struct fuzz *f = arg;

	f->bad_note |= f->refusals || note->offset >= max(f->t.len, 1u) ||
		       strcmp(note->table, f->ops->name) ||
		       !note->where || !note->what ||
		       note->verdict > NYX_FW_UNKNOWN;
	f->notes++;
	f->refusals += note->verdict == NYX_FW_REFUSED;
}

/* Checks the parser's result; returns a description of the error, or NULL. */
static const char *check(struct fuzz *f, int ret)
{
	if (f->bad_note)
		return "a finding is invalid";
	if (f->notes > 16 + f->refusals)
		return "too many findings";
	if (f->refusals != (ret ? 1 : 0))
		return "a refusal is not reported, or more than one";
	if (!ret)
		return f->ops->check(f->result, f->t.len);
	if (ret != -EINVAL || memchr_inv(f->result, 0, f->ops->size))
		return "the result of a refused table is not empty";
	return NULL;
}

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
	u32 len = f->t.len;
	u8 *table = f->table + FW_BYTES_MAX - len;
	const char *wrong;

	if (own) {
		use_own(test);
		table = kmalloc(len, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, table);
	}
	memcpy(table, f->t.b, len);
	f->notes = 0;
	f->refusals = 0;
	f->bad_note = false;
	*ret = f->ops->parse(table, len, f->result, take_note, f);
	if (own)
		kfree(table);
	else
		memset(table, 0xa5, len);
	wrong = check(f, *ret);
	f->ops->free(f->result);
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
	nyx_kunit_seed(test, &f->rnd);
	return f;
}

/**
 * fw_fuzz() - parse a million broken tables
 * @test: the test
 * @ops: the parser under test
 * @good: good tables, from which the broken ones are made
 * @nr_good: number of @good; most broken tables are made from the last
 */
void fw_fuzz(struct kunit *test, const struct fw_fuzz_ops *ops,
	     const struct fw_bytes *good, u32 nr_good)
{
	struct fuzz *f = fuzz_init(test);
	u32 i, j, refused = 0, clean = 0;
	const char *wrong;
	int ret;

	f->ops = ops;
	f->good = good;
	f->nr_good = nr_good;
	f->result = kunit_kzalloc(test, ops->size, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, f->result);

	use_area(test);
	for (i = 0; i < TABLES; i++) {
		f->t = good[min(below(f, 8), nr_good - 1)];
		for (j = 1 + below(f, 4); j; j--)
			mutate(f);
		wrong = fuzz_one(test, f, !(i % SAMPLE), &ret);
		if (wrong) {
			print_hex_dump(KERN_INFO, "table: ", DUMP_PREFIX_OFFSET,
				       16, 1, f->t.b, f->t.len, false);
			KUNIT_FAIL_AND_ABORT(test, "table %u: %s", i, wrong);
		}
		refused += ret ? 1 : 0;
		clean += !f->notes;
		if (!(i % 1024))
			cond_resched();
	}
	kunit_info(test, "%u tables: %u refused, %u accepted, %u without findings\n",
		   TABLES, refused, TABLES - refused, clean);
	/* The test is useful only if both outcomes are frequent. */
	KUNIT_EXPECT_GT(test, refused, TABLES / 20);
	KUNIT_EXPECT_GT(test, TABLES - refused, TABLES / 20);
}
