// SPDX-License-Identifier: GPL-2.0-only
#include <kunit/static_stub.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "fw_result.h"

/**
 * fw_take_note() - keep the last finding, for nyx_fw_table.report
 * @note: the finding
 * @arg: struct fw_result
 */
void fw_take_note(const struct nyx_fw_note *note, void *arg)
{
	struct fw_result *r = arg;

	r->notes++;
	r->last = *note;
}

/**
 * fw_expect_note() - expect certain properties of the last finding
 * @test: the test
 * @r: the result
 * @verdict: the expected verdict
 * @offset: the expected offset of the structure
 * @what: a part of the expected text
 */
void fw_expect_note(struct kunit *test, const struct fw_result *r,
		    enum nyx_fw_verdict verdict, u32 offset, const char *what)
{
	KUNIT_EXPECT_EQ(test, r->last.verdict, verdict);
	KUNIT_EXPECT_EQ(test, r->last.offset, offset);
	KUNIT_ASSERT_NOT_NULL(test, r->last.what);
	KUNIT_EXPECT_TRUE_MSG(test, strstr(r->last.what, what),
			      "\"%s\" is not about \"%s\"", r->last.what, what);
}

/**
 * fw_poke() - change one number in a good table and check the result
 * @test: the test
 * @t: the table, which is changed
 * @c: the number and the expected result
 * @parse: parses the table
 */
void fw_poke(struct kunit *test, struct fw_bytes *t, const struct fw_poke *c,
	     fw_parse parse)
{
	struct fw_result *r;
	u32 len = t->len;

	fw_bytes_put(t, c->at, c->bytes, c->value);
	/* Keep a changed length of the table as it is. */
	if (c->at != 4)
		fw_bytes_end(t);
	r = parse(test, t, len);
	KUNIT_EXPECT_EQ(test, r->ret, c->ret);
	KUNIT_EXPECT_STREQ(test, r->left, c->left);
	KUNIT_EXPECT_EQ(test, r->notes, c->notes);
	if (c->notes)
		fw_expect_note(test, r, c->verdict, c->offset, c->what);
}

/**
 * fw_append() - append bytes to a good table and check the result
 * @test: the test
 * @t: the table, which is changed
 * @c: the bytes and the expected result
 * @parse: parses the table
 */
void fw_append(struct kunit *test, struct fw_bytes *t,
	       const struct fw_append *c, fw_parse parse)
{
	struct fw_result *r;
	u32 at = t->len;

	memcpy(t->b + at, c->b, c->len);
	t->len += c->len;
	fw_bytes_end(t);
	r = parse(test, t, t->len);
	KUNIT_EXPECT_EQ(test, r->ret, c->ret);
	KUNIT_EXPECT_EQ(test, r->notes, c->what ? 1 : 0);
	if (c->what)
		fw_expect_note(test, r, c->verdict, at, c->what);
}

static struct fw_bytes *copy(struct kunit *test, const struct fw_bytes *good)
{
	struct fw_bytes *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, t);
	*t = *good;
	return t;
}

/**
 * fw_cut() - parse a table cut off at each byte
 * @test: the test
 * @good: a good table, in which each structure may be the last one
 * @parse: parses the table
 *
 * The length in the header is left as it was, and then corrected.
 */
void fw_cut(struct kunit *test, const struct fw_bytes *good, fw_parse parse)
{
	struct fw_bytes *t = copy(test, good);
	struct fw_result *r;
	u32 len, i = 1;
	bool whole;

	for (len = 0; len <= good->len; len++) {
		r = parse(test, good, len);
		KUNIT_EXPECT_EQ(test, r->ret, len == good->len ? 0 : -EINVAL);
		KUNIT_EXPECT_EQ(test, r->notes, len == good->len ? 0 : 1);

		*t = *good;
		t->len = len;
		fw_bytes_end(t);
		r = parse(test, t, len);
		whole = len == (i < good->nr_entry ? good->entry[i] : good->len);
		i += whole;
		KUNIT_EXPECT_EQ_MSG(test, r->ret, whole ? 0 : -EINVAL,
				    "cut at %u", len);
		if (!whole)
			KUNIT_EXPECT_EQ(test, r->last.verdict, NYX_FW_REFUSED);
	}
	KUNIT_EXPECT_EQ(test, i, good->nr_entry + 1);
}

/**
 * fw_longer() - parse a table with more mapped memory than its length
 * @test: the test
 * @good: the table
 * @parse: parses the table
 */
void fw_longer(struct kunit *test, const struct fw_bytes *good, fw_parse parse)
{
	struct fw_bytes *t = copy(test, good);
	struct fw_result *r;

	memset(t->b + t->len, 0xff, 100);
	r = parse(test, t, t->len + 100);
	KUNIT_EXPECT_EQ(test, r->ret, 0);
	KUNIT_EXPECT_EQ(test, r->notes, 0);
	KUNIT_EXPECT_STREQ(test, r->left, parse(test, good, good->len)->left);
}

/**
 * fw_checksum() - parse a table with a wrong checksum
 * @test: the test
 * @good: the table
 * @parse: parses the table
 */
void fw_checksum(struct kunit *test, const struct fw_bytes *good,
		 fw_parse parse)
{
	struct fw_bytes *t = copy(test, good);
	struct fw_result *r;

	t->b[9] += 5;
	r = parse(test, t, t->len);
	KUNIT_EXPECT_EQ(test, r->ret, 0);
	KUNIT_EXPECT_EQ(test, r->notes, 1);
	fw_expect_note(test, r, NYX_FW_KEPT, 0, "checksum");
	KUNIT_EXPECT_EQ(test, r->last.value, 5);
	KUNIT_EXPECT_STREQ(test, r->left, parse(test, good, good->len)->left);
}

static void *alloc_nothing(size_t size)
{
	return NULL;
}

/**
 * fw_no_memory() - parse a table without memory for the result
 * @test: the test
 * @good: the table
 * @parse: parses the table
 */
void fw_no_memory(struct kunit *test, const struct fw_bytes *good,
		  fw_parse parse)
{
	struct fw_result *r;

	kunit_activate_static_stub(test, nyx_fw_alloc, alloc_nothing);
	r = parse(test, good, good->len);
	kunit_deactivate_static_stub(test, nyx_fw_alloc);
	KUNIT_EXPECT_EQ(test, r->ret, -ENOMEM);
	KUNIT_EXPECT_EQ(test, r->notes, 0);
	/* The result is empty: all numbers in it are 0. */
	KUNIT_EXPECT_EQ(test, strspn(r->left, "0/ "), strlen(r->left));
}
