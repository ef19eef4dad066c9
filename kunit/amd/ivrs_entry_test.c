// SPDX-License-Identifier: GPL-2.0-only
/*
 * The IVRS parser: device entries of one unit, and tables that are too large.
 */
#include <kunit/test.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "ivrs_result.h"

/**
 * struct entries - device entries at offset 92, after one for all devices
 * @desc: description
 * @len: number of bytes
 * @b: the bytes; all others are 0
 * @left: as in struct fw_result; NULL if the table must be refused
 * @verdict: verdict of the only finding
 * @offset: offset of the finding
 * @what: part of its text; NULL if there must be no finding
 */
struct entries {
	const char *desc;
	u32 len;
	u8 b[64];
	const char *left;
	enum nyx_fw_verdict verdict;
	u16 offset;
	const char *what;
};

static const struct entries entries[] = {
	{ "no entry", 0, {}, "1/1 1 0 0 0" },
	{ "1 byte", 1, {}, NULL, NYX_FW_REFUSED, 92, "beyond its block" },
	{ "select of 3 bytes", 3, { 2 }, NULL, NYX_FW_REFUSED, 92, "beyond" },
	{ "select", 4, { 2, 1, 2 }, "1/1 2 0 0 0" },
	{ "alias of 4 bytes", 4, { 0x42 }, NULL, NYX_FW_REFUSED, 92, "beyond" },
	{ "alias of 7 bytes", 7, { 0x42 }, NULL, NYX_FW_REFUSED, 92, "beyond" },
	{ "special of 7 bytes", 7, { 0x48 }, NULL, NYX_FW_REFUSED, 92,
	  "beyond" },
	{ "15 of 16 bytes", 15, { 0x80 }, NULL, NYX_FW_REFUSED, 92, "beyond" },
	{ "16 bytes of type 80h", 16, { 0x80 }, "1/1 1 0 0 0", NYX_FW_UNKNOWN,
	  92, "type" },
	{ "16 bytes of type bfh", 16, { 0xbf }, "1/1 1 0 0 0", NYX_FW_UNKNOWN,
	  92, "type" },
	{ "31 of 32 bytes", 31, { 0xc0 }, NULL, NYX_FW_REFUSED, 92, "beyond" },
	{ "32 bytes of type c0h", 32, { 0xc0 }, "1/1 1 0 0 0", NYX_FW_UNKNOWN,
	  92, "type" },
	{ "32 bytes of type efh", 32, { 0xef }, "1/1 1 0 0 0", NYX_FW_UNKNOWN,
	  92, "type" },
	{ "type f1h", 64, { 0xf1 }, NULL, NYX_FW_REFUSED, 92, "not known" },
	{ "type ffh", 64, { 0xff }, NULL, NYX_FW_REFUSED, 92, "not known" },
	{ "start only", 4, { 3, 0x10, 0, 0 }, NULL, NYX_FW_REFUSED, 48, "no end" },
	{ "end only", 4, { 4, 0x1f, 0, 0 }, NULL, NYX_FW_REFUSED, 92, "no start" },
	{ "range", 8, { 3, 0x10, [4] = 4, 0x1f }, "1/1 2 0 0 0" },
	{ "range and a second end", 12, { 3, 0x10, 0, 0, 4, 0x1f, 0, 0, 4, 0x1f }, NULL,
	  NYX_FW_REFUSED, 100,
	  "no start" },
	{ "range with padding in between", 16, { 3, 0x10, [12] = 4, 0x1f },
	  "1/1 2 0 0 0" },
	{ "range with a device in between", 12, { 3, 0x10, [4] = 2, 1, [8] = 4, 0x1f },
	  "1/1 3 0 0 0" },
	{ "all devices by a range", 8, { 3, 0, 0, 0, 4, 0xff, 0xff },
	  "1/1 2 0 0 0" },
	{ "ACPI device of 21 bytes", 21, { 0xf0, [4] = 'H' }, NULL, NYX_FW_REFUSED,
	  92, "beyond" },
	{ "ACPI device", 22, { 0xf0, [4] = 'H' }, "1/1 1 0 1 0" },
	{ "ACPI device, truncated _UID", 23, { 0xf0, [4] = 'H', [21] = 2 }, NULL,
	  NYX_FW_REFUSED, 92, "beyond" },
	{ "ACPI device, number of 1 byte", 23, { 0xf0, [4] = 'H', [20] = 1, 1, 7 },
	  "1/1 1 0 1 0" },
	{ "ACPI device, number of 0 bytes", 22, { 0xf0, [4] = 'H', [20] = 1 },
	  "1/1 1 0 0 0", NYX_FW_SKIPPED, 92, "not a number" },
	{ "ACPI device, number of 9 bytes", 31, { 0xf0, [4] = 'H', [20] = 1, 9 },
	  "1/1 1 0 0 0", NYX_FW_SKIPPED, 92, "not a number" },
	{ "ACPI device, text of 0 bytes", 22, { 0xf0, [4] = 'H', [20] = 2 },
	  "1/1 1 0 0 0", NYX_FW_SKIPPED, 92, "unique ID is not text" },
	{ "ACPI device, text", 24, { 0xf0, [4] = 'H', [20] = 2, 2, 'I', 'D' },
	  "1/1 1 0 1 0" },
};

static void ivrs_entries(struct kunit *test)
{
	const struct entries *c = test->param_value;
	struct fw_bytes *t = ivrs_table_new(test, ivrs_table_empty);
	struct fw_result *r;

	ivrs_table_ivhd(t, 0x40, 0x0002, 0xfd300000, 0);
	ivrs_table_dev(t, 0x01, 0, 0);
	memcpy(t->b + fw_bytes_item(t, c->len), c->b, c->len);
	fw_bytes_end(t);
	r = ivrs_parse(test, t, t->len);
	KUNIT_EXPECT_EQ(test, r->ret, c->left ? 0 : -EINVAL);
	KUNIT_EXPECT_STREQ(test, r->left, c->left ?: "0/0 0 0 0 0");
	KUNIT_EXPECT_EQ(test, r->notes, c->what ? 1 : 0);
	if (c->what)
		fw_expect_note(test, r, c->verdict, c->offset, c->what);
}

KUNIT_ARRAY_PARAM_DESC(entries, entries, desc);

/* A _UID of 255 characters, at the end of the table. */
static void ivrs_long_uid(struct kunit *test)
{
	struct fw_bytes *t = ivrs_table_new(test, ivrs_table_empty);
	struct ivrs_result *i;
	char uid[256] = {};

	memset(uid, 'u', 255);
	ivrs_table_ivhd(t, 0x40, 0x0002, 0xfd300000, 0);
	ivrs_table_dev(t, 0x01, 0, 0);
	ivrs_table_acpi(t, 0x00a5, 0, "ABCD0001", 2, uid, 255);
	fw_bytes_end(t);
	i = ivrs_result(test, t);
	KUNIT_ASSERT_STREQ(test, i->r.left, "1/1 1 0 1 0");
	KUNIT_EXPECT_STREQ(test, i->ivrs.acpi[0].uid_text, uid);
}

/* Only blocks of type 40h may have ACPI devices. */
static void ivrs_acpi_in_11h(struct kunit *test)
{
	struct fw_bytes *t = ivrs_table_new(test, ivrs_table_empty);
	struct fw_result *r;

	ivrs_table_ivhd(t, 0x11, 0x0002, 0xfd300000, 0);
	ivrs_table_dev(t, 0x01, 0, 0);
	ivrs_table_acpi(t, 0x00a5, 0, "ABCD0001", 0, NULL, 0);
	fw_bytes_end(t);
	r = ivrs_parse(test, t, t->len);
	KUNIT_EXPECT_EQ(test, r->ret, 0);
	KUNIT_EXPECT_STREQ(test, r->left, "1/1 1 0 0 0");
	fw_expect_note(test, r, NYX_FW_SKIPPED, 92, "type 40h");
}

/* An IVMD range that is not page aligned is widened on both sides. */
static void ivrs_widened(struct kunit *test)
{
	struct fw_bytes *t = ivrs_table_new(test, ivrs_table_empty);
	struct ivrs_result *i;

	ivrs_table_ivhd(t, 0x10, 0x0002, 0xfd300000, 0);
	ivrs_table_dev(t, 0x01, 0, 0);
	ivrs_table_ivmd(t, 0x20, 7, 0, 0, 0, 0x12345fff, 2);
	fw_bytes_end(t);
	i = ivrs_result(test, t);
	KUNIT_ASSERT_EQ(test, i->ivrs.nr_memory, 1);
	KUNIT_EXPECT_EQ(test, i->ivrs.memory[0].base, 0x12345000);
	KUNIT_EXPECT_EQ(test, i->ivrs.memory[0].limit, 0x12346fff);
}

/*
 * The number of findings in the log is limited, but a refusal is always logged.
 */
static void ivrs_flood(struct kunit *test)
{
	struct fw_bytes *t = ivrs_table_new(test, ivrs_table_empty);
	struct fw_result *r;
	int n;

	ivrs_table_ivhd(t, 0x10, 0x0002, 0xfd300000, 0);
	ivrs_table_dev(t, 0x01, 0, 0);
	for (n = 0; n < 20; n++)
		ivrs_table_ivmd(t, 0x20, 1, 0, 0, 0, 0x1000, 0x1000);
	fw_bytes_end(t);
	r = ivrs_parse(test, t, t->len);
	KUNIT_EXPECT_EQ(test, r->ret, 0);
	KUNIT_EXPECT_EQ(test, r->notes, 16);
	fw_expect_note(test, r, NYX_FW_KEPT, 76 + 15 * 32, "too many findings");

	fw_bytes_put(t, 48 + 8, 8, 0);
	fw_bytes_end(t);
	r = ivrs_parse(test, t, t->len);
	KUNIT_EXPECT_EQ(test, r->ret, -EINVAL);
	KUNIT_EXPECT_EQ(test, r->notes, 17);
	fw_expect_note(test, r, NYX_FW_REFUSED, 0, "usable units");
}

/* A table of @len bytes with blocks for @units units, each with one device. */
static u8 *big_table(struct kunit *test, u32 len, u32 units)
{
	u8 *b = kvzalloc(len, GFP_KERNEL), *e;
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, b);
	memcpy(b, "IVRS", 4);
	b[4] = len;
	b[5] = len >> 8;
	b[6] = len >> 16;
	b[8] = 1;
	for (i = 0, e = b + 48; i < units; i++, e += 28) {
		e[0] = 0x10;
		e[2] = 28;
		e[4] = i;
		e[5] = i >> 8;
		e[6] = 0x40;
		e[9] = i << 6;
		e[10] = i >> 2;
		e[11] = i >> 10;
		e[12] = 1;
		e[24] = 2;
		e[25] = i;
		e[26] = 0x80 | i >> 8;
	}
	return b;
}

/* One unit with @nr device entries, the last of which is for all devices. */
static u8 *many_entries(struct kunit *test, u32 nr)
{
	u8 *b = big_table(test, 48 + 24 + 4 * nr, 1), *e;
	u32 i;

	b[50] = 24 + 4 * nr;
	b[51] = (24 + 4 * nr) >> 8;
	for (i = 0, e = b + 72; i < nr; i++, e += 4) {
		e[0] = i + 1 < nr ? 2 : 1;
		e[1] = i;
		e[2] = i >> 8;
	}
	return b;
}

static int parse_and_free(struct ivrs_result *i, u8 *b, u32 len)
{
	int ret = amd_ivrs_parse(b, len, &i->ivrs, fw_take_note, &i->r);

	kvfree(b);
	return ret;
}

static void ivrs_too_many(struct kunit *test)
{
	struct ivrs_result *i = kunit_kzalloc(test, sizeof(*i), GFP_KERNEL);
	struct amd_ivrs_device found;
	u8 *b;

	KUNIT_ASSERT_NOT_NULL(test, i);
	b = many_entries(test, 8192);
	KUNIT_ASSERT_EQ(test, parse_and_free(i, b, 72 + 4 * 8192), 0);
	KUNIT_EXPECT_EQ(test, i->ivrs.nr_range, 8192);
	KUNIT_EXPECT_EQ(test, amd_ivrs_find(&i->ivrs, 0, 0xffff, 0, &found), 0);
	amd_ivrs_free(&i->ivrs);

	b = many_entries(test, 8193);
	KUNIT_EXPECT_EQ(test, parse_and_free(i, b, 72 + 4 * 8193), -EINVAL);
	fw_expect_note(test, &i->r, NYX_FW_REFUSED, 72 + 4 * 8192,
		       "device entries is above 8192");
}

static void ivrs_too_big(struct kunit *test)
{
	struct ivrs_result *i = kunit_kzalloc(test, sizeof(*i), GFP_KERNEL);
	const u32 most = 48 + 3072 * 28;
	u8 *b;
	int ret;

	KUNIT_ASSERT_NOT_NULL(test, i);
	b = big_table(test, most, 3072);
	ret = amd_ivrs_parse(b, most, &i->ivrs, NULL, NULL);
	kvfree(b);
	KUNIT_EXPECT_EQ(test, ret, 0);
	KUNIT_ASSERT_EQ(test, i->ivrs.nr_unit, 3072);
	KUNIT_EXPECT_TRUE(test, i->ivrs.unit[3071].usable);
	KUNIT_EXPECT_EQ(test, i->ivrs.unit[3071].base, 0x102ffc000);
	KUNIT_EXPECT_EQ(test, i->ivrs.range[3071].first, 0x8bff);
	amd_ivrs_free(&i->ivrs);
	KUNIT_EXPECT_NULL(test, i->ivrs.unit);

	b = big_table(test, most + 28, 3073);
	KUNIT_EXPECT_EQ(test, parse_and_free(i, b, most + 28), -EINVAL);
	fw_expect_note(test, &i->r, NYX_FW_REFUSED, 0, "IVHD blocks is above");

	/*
	 * A table of 1 MiB is read to its end, where the next block is missing.
	 */
	b = big_table(test, 0x100000, 1);
	KUNIT_EXPECT_EQ(test, parse_and_free(i, b, 0x100000), -EINVAL);
	fw_expect_note(test, &i->r, NYX_FW_REFUSED, 76, "header's");

	b = big_table(test, 0x100001, 1);
	KUNIT_EXPECT_EQ(test, parse_and_free(i, b, 0x100001), -EINVAL);
	fw_expect_note(test, &i->r, NYX_FW_REFUSED, 0, "more than 1 MiB");
}

static struct kunit_case ivrs_entry_cases[] = {
	KUNIT_CASE_PARAM(ivrs_entries, entries_gen_params),
	KUNIT_CASE(ivrs_long_uid),
	KUNIT_CASE(ivrs_acpi_in_11h),
	KUNIT_CASE(ivrs_widened),
	KUNIT_CASE(ivrs_flood),
	KUNIT_CASE(ivrs_too_many),
	KUNIT_CASE(ivrs_too_big),
	{}
};

static struct kunit_suite ivrs_entry_suite = {
	.name = "nyx_amd_ivrs_entry",
	.test_cases = ivrs_entry_cases,
};

kunit_test_suite(ivrs_entry_suite);
