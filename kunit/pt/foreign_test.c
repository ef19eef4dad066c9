// SPDX-License-Identifier: GPL-2.0-only
/*
 * The check of another system's page tables, with a format of the tests: bit 0
 * is present, bit 1 a page, bits 4:2 the levels of the next table.
 */
#include <kunit/test.h>
#include <linux/io.h>

#include "pt/foreign.h"

static struct nyx_foreign_entry decode(u64 entry, unsigned int levels)
{
	struct nyx_foreign_entry found = {
		.kind = entry & 2 ? NYX_FOREIGN_PAGE : NYX_FOREIGN_TABLE,
		.addr = entry & ~0xfffULL,
		.levels = entry >> 2 & 7,
		.size = 1ULL << (12 + 9 * (levels - 1)),
	};

	if (!(entry & 1))
		found.kind = NYX_FOREIGN_NONE;
	return found;
}

static u64 *new_table(struct kunit *test)
{
	u64 *table = kunit_kzalloc(test, 4096, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, table);
	KUNIT_ASSERT_EQ(test, virt_to_phys(table) & 0xfff, 0);
	return table;
}

static u64 to_table(const u64 *table, unsigned int levels)
{
	return virt_to_phys((void *)table) | levels << 2 | 1;
}

static int check(const u64 *root, unsigned int levels, unsigned int tables)
{
	struct nyx_foreign foreign = {
		.decode = decode,
		.tables = tables,
	};

	return nyx_foreign_check(&foreign, virt_to_phys((void *)root), levels);
}

/* Three levels with pages of all sizes, at the first and the last address. */
static void identity(struct kunit *test)
{
	u64 *root = new_table(test), *middle = new_table(test);
	u64 *low = new_table(test);

	KUNIT_EXPECT_EQ(test, check(root, 3, 1), 0);
	root[0] = 3;
	root[2] = 2ULL << 30 | 3;
	root[511] = to_table(middle, 2);
	middle[5] = 511ULL << 30 | 5ULL << 21 | 3;
	middle[511] = to_table(low, 1);
	low[0] = 511ULL << 30 | 511ULL << 21 | 3;
	low[511] = 0x7ffffff000ULL | 3;
	KUNIT_EXPECT_EQ(test, check(root, 3, 3), 0);
	/* A table may skip levels. */
	root[511] = 0;
	root[7] = to_table(low, 1);
	low[0] = 7ULL << 30 | 3;
	low[511] = 7ULL << 30 | 0x1ff003;
	KUNIT_EXPECT_EQ(test, check(root, 3, 2), 0);
}

/* One page of each size that lies elsewhere. */
static void not_identity(struct kunit *test)
{
	u64 *root = new_table(test), *middle = new_table(test);
	u64 *low = new_table(test);

	root[1] = 3;
	KUNIT_EXPECT_EQ(test, check(root, 3, 3), -EXDEV);
	root[1] = to_table(middle, 2);
	middle[0] = 1ULL << 30 | 1ULL << 21 | 3;
	KUNIT_EXPECT_EQ(test, check(root, 3, 3), -EXDEV);
	middle[0] = to_table(low, 1);
	low[511] = 1ULL << 30 | 0x1fe003;
	KUNIT_EXPECT_EQ(test, check(root, 3, 3), -EXDEV);
	low[511] = 1ULL << 30 | 0x1ff003;
	KUNIT_EXPECT_EQ(test, check(root, 3, 3), 0);
}

/* Nothing in the tables can make the check crash, or run without end. */
static void broken(struct kunit *test)
{
	u64 *root = new_table(test);
	unsigned int i;

	KUNIT_EXPECT_EQ(test, check(root, 0, 1), -EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, check(root, 7, 1), -EOPNOTSUPP);
	/* All entries lead back to the table. */
	for (i = 0; i < 512; i++)
		root[i] = to_table(root, 3);
	KUNIT_EXPECT_EQ(test, check(root, 3, 100), -EOPNOTSUPP);
	for (i = 0; i < 512; i++)
		root[i] = to_table(root, 2);
	KUNIT_EXPECT_EQ(test, check(root, 3, 100), -EOPNOTSUPP);
	root[0] = to_table(root, 0);
	KUNIT_EXPECT_EQ(test, check(root, 3, 100), -EOPNOTSUPP);
	/* An address without memory. */
	root[0] = 0x000ffffffffff000ULL | 2 << 2 | 1;
	KUNIT_EXPECT_EQ(test, check(root, 3, 100), -EFAULT);
}

static void too_many(struct kunit *test)
{
	u64 *root = new_table(test), *empty = new_table(test);
	unsigned int i;

	for (i = 0; i < 512; i++)
		root[i] = to_table(empty, 2);
	KUNIT_EXPECT_EQ(test, check(root, 3, 512), -E2BIG);
	KUNIT_EXPECT_EQ(test, check(root, 3, 513), 0);
}

/* Tables that many devices share are read once. */
static void shared(struct kunit *test)
{
	struct nyx_foreign foreign = { .decode = decode, .tables = 2 };
	u64 *root = new_table(test), *other = new_table(test);
	unsigned int i;

	for (i = 0; i < 10; i++)
		KUNIT_EXPECT_EQ(test, nyx_foreign_check(&foreign,
							virt_to_phys(root), 3),
				0);
	KUNIT_EXPECT_EQ(test, foreign.tables, 1);
	/* With another depth it is not the same. */
	root[0] = 0x1003;
	KUNIT_EXPECT_EQ(test, nyx_foreign_check(&foreign, virt_to_phys(root), 4),
			-EXDEV);
	KUNIT_EXPECT_EQ(test, nyx_foreign_check(&foreign, virt_to_phys(other), 3),
			-E2BIG);
}

static struct kunit_case nyx_pt_foreign_cases[] = {
	KUNIT_CASE(identity),
	KUNIT_CASE(not_identity),
	KUNIT_CASE(broken),
	KUNIT_CASE(too_many),
	KUNIT_CASE(shared),
	{}
};

static struct kunit_suite nyx_pt_foreign_suite = {
	.name = "nyx_pt_foreign",
	.test_cases = nyx_pt_foreign_cases,
};

kunit_test_suite(nyx_pt_foreign_suite);
