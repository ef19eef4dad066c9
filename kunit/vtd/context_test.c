// SPDX-License-Identifier: GPL-2.0-only
/*
 * Context and root entries bit by bit, compared with the numbers of the VT-d
 * specification (revision 5.1).
 */
#include <kunit/test.h>
#include <linux/bits.h>
#include <linux/io.h>
#include <linux/slab.h>
#include <nyx/pt.h>
#include <nyx/unit.h>

#include "vtd/context.h"

#define LEVELS_3 0x08
#define LEVELS_4 0x10
#define LEVELS_5 0x20

static void expect_context(struct kunit *test, const struct nyx_entry *entry,
			   u32 levels, u64 lo, u64 hi)
{
	struct vtd_context context = vtd_context_encode(entry, levels);

	KUNIT_EXPECT_EQ(test, context.lo, lo);
	KUNIT_EXPECT_EQ(test, context.hi, hi);
}

/* P is bit 0, TT bits 3:2, AW bits 66:64, DID bits 87:72 (9.3). */
static void encodes_blocked(struct kunit *test)
{
	const struct nyx_entry entry = {
		.kind = NYX_ENTRY_BLOCKED,
		.domain_id = 0xffff,
		.ats = true,
	};

	expect_context(test, &entry, LEVELS_3 | LEVELS_4, 0, 0);
}

static void encodes_identity(struct kunit *test)
{
	struct nyx_entry entry = { .kind = NYX_ENTRY_IDENTITY };
	int bit;

	/* TT = 2, and AW is the largest that the unit supports. */
	expect_context(test, &entry, LEVELS_3, 0x9, 0x1);
	expect_context(test, &entry, LEVELS_4, 0x9, 0x2);
	expect_context(test, &entry, LEVELS_3 | LEVELS_4, 0x9, 0x2);
	expect_context(test, &entry, LEVELS_4 | LEVELS_5, 0x9, 0x3);
	expect_context(test, &entry, LEVELS_5, 0x9, 0x3);
	for (bit = 0; bit < 16; bit++) {
		entry.domain_id = 1 << bit;
		expect_context(test, &entry, LEVELS_4, 0x9,
			       0x2 + (0x100ULL << bit));
	}
	/* Pass-through does not allow ATS. */
	entry.domain_id = 0;
	entry.ats = true;
	expect_context(test, &entry, LEVELS_4, 0x9, 0x2);
}

static void encodes_table(struct kunit *test)
{
	struct nyx_pt *pt = kunit_kzalloc(test, sizeof(*pt), GFP_KERNEL);
	unsigned long page = __get_free_page(GFP_KERNEL);
	struct nyx_entry entry = { .kind = NYX_ENTRY_TABLE, .pt = pt };
	u64 phys = virt_to_phys((void *)page);
	int bit;

	KUNIT_ASSERT_NOT_NULL(test, pt);
	KUNIT_ASSERT_NE(test, page, 0);
	KUNIT_ASSERT_EQ(test, phys & 0xfff, 0);
	pt->root = (u64 *)page;

	pt->cfg.levels = 3;
	expect_context(test, &entry, LEVELS_3 | LEVELS_4, phys + 0x1, 0x1);
	pt->cfg.levels = 4;
	expect_context(test, &entry, LEVELS_3 | LEVELS_4, phys + 0x1, 0x2);
	pt->cfg.levels = 5;
	expect_context(test, &entry, LEVELS_5, phys + 0x1, 0x3);
	for (bit = 0; bit < 16; bit++) {
		entry.domain_id = 1 << bit;
		expect_context(test, &entry, LEVELS_5, phys + 0x1,
			       0x3 + (0x100ULL << bit));
	}
	/* TT = 1 allows translation requests and translated requests. */
	entry.domain_id = 0xbeef;
	entry.ats = true;
	expect_context(test, &entry, LEVELS_5, phys + 0x5, 0xbeef03);
	free_page(page);
}

static void decodes_entry(struct kunit *test)
{
	struct vtd_context context = { .lo = 0x12345005, .hi = 0xabcd02 };
	int bit;

	KUNIT_EXPECT_TRUE(test, vtd_context_present(&context));
	KUNIT_EXPECT_TRUE(test, vtd_context_ats(&context));
	KUNIT_EXPECT_EQ(test, vtd_context_domain(&context), 0xabcd);

	/* Pass-through is not mistaken for ATS. */
	context.lo = 0x9;
	KUNIT_EXPECT_FALSE(test, vtd_context_ats(&context));
	context.lo = 0x12345004;
	KUNIT_EXPECT_FALSE(test, vtd_context_present(&context));
	KUNIT_EXPECT_FALSE(test, vtd_context_ats(&context));
	for (bit = 0; bit < 64; bit++) {
		context.hi = BIT_ULL(bit);
		KUNIT_EXPECT_EQ(test, vtd_context_domain(&context),
				bit >= 8 && bit < 24 ? 1 << (bit - 8) : 0);
	}
}

/* P is bit 0, CTP bits 63:12; the upper half is reserved (9.1). */
static void creates_root_entries(struct kunit *test)
{
	static const u16 rids[] = { 0x0000, 0x00ff, 0x0100, 0x7f08, 0xffff };
	struct vtd_tables *tables = kunit_kzalloc(test, sizeof(*tables),
						  GFP_KERNEL);
	struct vtd_context *context;
	bool changed;
	const u64 *root;
	u64 phys;
	size_t i;

	KUNIT_ASSERT_NOT_NULL(test, tables);
	KUNIT_ASSERT_EQ(test, vtd_tables_init(tables, false, true,
					      NUMA_NO_NODE), 0);
	root = (const u64 *)tables->root;
	KUNIT_EXPECT_EQ(test, virt_to_phys(tables->root) & 0xfff, 0);
	KUNIT_EXPECT_NULL(test, memchr_inv(root, 0, 4096));

	for (i = 0; i < ARRAY_SIZE(rids); i++) {
		KUNIT_EXPECT_EQ(test, !i || rids[i] >> 8 != rids[i - 1] >> 8,
				!vtd_tables_lookup(tables, rids[i]));
		changed = false;
		mutex_lock(&tables->lock);
		context = vtd_tables_context(tables, rids[i], &changed);
		mutex_unlock(&tables->lock);
		KUNIT_ASSERT_NOT_NULL(test, context);
		KUNIT_EXPECT_EQ(test, changed, rids[i] != 0x00ff);
		KUNIT_EXPECT_PTR_EQ(test, vtd_tables_lookup(tables, rids[i]),
				    context);
		/* 256 entries of 16 bytes, by device and function. */
		phys = virt_to_phys(context);
		KUNIT_EXPECT_EQ(test, phys & 0xfff, (rids[i] & 0xff) * 16);
		KUNIT_EXPECT_EQ(test, root[rids[i] / 256 * 2],
				(phys & ~0xfffULL) + 1);
		KUNIT_EXPECT_EQ(test, root[rids[i] / 256 * 2 + 1], 0);
		KUNIT_EXPECT_NULL(test, memchr_inv((void *)((unsigned long)
				  context & ~0xfffUL), 0, 4096));
	}
	/* Root entries of other buses are not changed. */
	for (i = 0; i < 256; i++)
		if (i != 0 && i != 1 && i != 0x7f && i != 0xff)
			KUNIT_EXPECT_EQ(test, root[2 * i] | root[2 * i + 1], 0);
	vtd_tables_destroy(tables);
}

static struct kunit_case nyx_vtd_context_cases[] = {
	KUNIT_CASE(encodes_blocked),
	KUNIT_CASE(encodes_identity),
	KUNIT_CASE(encodes_table),
	KUNIT_CASE(decodes_entry),
	KUNIT_CASE(creates_root_entries),
	{}
};

static struct kunit_suite nyx_vtd_context_suite = {
	.name = "nyx_vtd_context",
	.test_cases = nyx_vtd_context_cases,
};

kunit_test_suite(nyx_vtd_context_suite);
