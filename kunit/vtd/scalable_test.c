// SPDX-License-Identifier: GPL-2.0-only
/*
 * The tables of scalable mode bit by bit, compared with the numbers of the VT-d
 * specification (revision 5.1).
 */
#include <kunit/test.h>
#include <linux/bits.h>
#include <linux/io.h>
#include <linux/slab.h>
#include <nyx/pt.h>
#include <nyx/unit.h>

#include "vtd/scalable.h"

static void expect_val(struct kunit *test, const struct nyx_entry *entry,
		       const struct nyx_unit_caps *caps, u64 context, u64 lo,
		       u64 hi)
{
	struct vtd_scalable val = vtd_scalable_encode(entry, caps);

	KUNIT_EXPECT_EQ(test, val.context, context);
	KUNIT_EXPECT_EQ(test, val.lo, lo);
	KUNIT_EXPECT_EQ(test, val.hi, hi);
}

/* The context entry: P is bit 0, FPD bit 1 (9.4). */
static void encodes_blocked(struct kunit *test)
{
	const struct nyx_unit_caps caps = { .levels = BIT(4), .coherent = true };
	struct nyx_entry entry = {
		.kind = NYX_ENTRY_BLOCKED,
		.domain_id = 0xffff,
		.ats = true,
	};

	expect_val(test, &entry, &caps, 0, 0, 0);
	entry.quiet = true;
	expect_val(test, &entry, &caps, 0x2, 0, 0);
}

/*
 * The PASID-table entry: P is bit 0, AW bits 4:2, PGTT bits 8:6, DID bits 79:64 (9.6).
 * PGTT is 4, and AW is the largest that the unit supports.
 */
static void encodes_identity(struct kunit *test)
{
	struct nyx_entry entry = { .kind = NYX_ENTRY_IDENTITY };
	struct nyx_unit_caps caps = { .levels = BIT(3) };
	int bit;

	expect_val(test, &entry, &caps, 0x1, 0x105, 0);
	caps.levels = BIT(3) | BIT(4);
	expect_val(test, &entry, &caps, 0x1, 0x109, 0);
	caps.levels = BIT(4) | BIT(5);
	expect_val(test, &entry, &caps, 0x1, 0x10d, 0);
	for (bit = 0; bit < 16; bit++) {
		entry.domain_id = 1 << bit;
		expect_val(test, &entry, &caps, 0x1, 0x10d, BIT_ULL(bit));
	}
}

/* PGTT is 2; DTE is bit 2 of the context entry; PWSNP is bit 87. */
static void encodes_table(struct kunit *test)
{
	struct nyx_pt *pt = kunit_kzalloc(test, sizeof(*pt), GFP_KERNEL);
	unsigned long page = __get_free_page(GFP_KERNEL);
	struct nyx_entry entry = { .kind = NYX_ENTRY_TABLE, .pt = pt };
	struct nyx_unit_caps caps = { .levels = BIT(3) | BIT(4) | BIT(5) };
	u64 phys = virt_to_phys((void *)page);
	int bit;

	KUNIT_ASSERT_NOT_NULL(test, pt);
	KUNIT_ASSERT_NE(test, page, 0);
	pt->root = (u64 *)page;
	pt->cfg.levels = 3;
	expect_val(test, &entry, &caps, 0x1, phys + 0x85, 0);
	pt->cfg.levels = 4;
	expect_val(test, &entry, &caps, 0x1, phys + 0x89, 0);
	pt->cfg.levels = 5;
	expect_val(test, &entry, &caps, 0x1, phys + 0x8d, 0);
	for (bit = 0; bit < 16; bit++) {
		entry.domain_id = 1 << bit;
		expect_val(test, &entry, &caps, 0x1, phys + 0x8d, BIT_ULL(bit));
	}
	caps.coherent = true;
	expect_val(test, &entry, &caps, 0x1, phys + 0x8d, 0x808000);
	entry.ats = true;
	expect_val(test, &entry, &caps, 0x5, phys + 0x8d, 0x808000);
	/* SSADE is bit 9. */
	entry.dirty = true;
	expect_val(test, &entry, &caps, 0x5, phys + 0x28d, 0x808000);
	free_page(page);
}

/*
 * PGTT is 1; FSPTPTR is in bits 191:140 and FSPM, 0 for 4 levels and 1 for 5, in bits
 * 131:130; PGSNP is bit 88. SSADE, bit 9, concerns second-stage tables only.
 */
static void encodes_first_stage(struct kunit *test)
{
	struct nyx_pt *pt = kunit_kzalloc(test, sizeof(*pt), GFP_KERNEL);
	unsigned long page = __get_free_page(GFP_KERNEL);
	struct nyx_entry entry = { .kind = NYX_ENTRY_TABLE, .pt = pt };
	struct nyx_unit_caps caps = { .levels = BIT(3) | BIT(4) };
	u64 phys = virt_to_phys((void *)page);
	struct vtd_scalable val;

	KUNIT_ASSERT_NOT_NULL(test, pt);
	KUNIT_ASSERT_NE(test, page, 0);
	pt->fmt = &nyx_pt_x86;
	pt->root = (u64 *)page;
	pt->cfg.levels = 4;
	entry.domain_id = 0x8001;
	expect_val(test, &entry, &caps, 0x1, 0x49, 0x8001);
	val = vtd_scalable_encode(&entry, &caps);
	KUNIT_EXPECT_EQ(test, val.first, phys);
	pt->cfg.levels = 5;
	entry.dirty = true;
	entry.ats = true;
	caps.snoop = true;
	expect_val(test, &entry, &caps, 0x5, 0x49, 0x1008001);
	caps.coherent = true;
	expect_val(test, &entry, &caps, 0x5, 0x49, 0x1808001);
	val = vtd_scalable_encode(&entry, &caps);
	KUNIT_EXPECT_EQ(test, val.first, phys + 4);
	/* PASIDE is bit 3 of the context entry. */
	entry.pasids = true;
	expect_val(test, &entry, &caps, 0xd, 0x49, 0x1808001);
	entry = (struct nyx_entry) {
		.kind = NYX_ENTRY_IDENTITY,
		.pasids = true,
	};
	expect_val(test, &entry, &caps, 0x9, 0x109, 0x800000);
	free_page(page);
}

static struct vtd_tables *new_tables(struct kunit *test)
{
	struct vtd_tables *tables = kunit_kzalloc(test, sizeof(*tables),
						  GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, tables);
	KUNIT_ASSERT_EQ(test, vtd_tables_init(tables, true, true, NUMA_NO_NODE),
			0);
	return tables;
}

static u64 *create(struct kunit *test, struct vtd_tables *tables, u16 rid,
		   bool *changed)
{
	struct vtd_scalable_context *context;

	mutex_lock(&tables->lock);
	context = vtd_scalable_create(tables, rid, changed);
	mutex_unlock(&tables->lock);
	KUNIT_ASSERT_NOT_NULL(test, context);
	return (u64 *)context;
}

static u64 *at(u64 phys)
{
	return phys_to_virt(phys & ~0xfffULL);
}

/*
 * A root entry has the lower context table in bits 63:0, with P in bit 0, and the upper one
 * in bits 127:64 (9.2). A context table has 128 entries of 32 bytes, each with a PASID
 * directory of its own in bits 63:12. Entry 0 of that leads to a PASID table of 64 entries
 * of 64 bytes.
 */
static void creates_tables(struct kunit *test)
{
	static const struct {
		u16 rid;
		u16 half;
		u16 index;
		bool changed;
	} wants[] = {
		{ 0x0000, 0, 0, true }, { 0x007f, 0, 127 },
		{ 0x0080, 1, 0, true }, { 0x00ff, 1, 127 },
		{ 0x0208, 4, 8, true }, { 0x7f90, 0xff, 16, true },
		{ 0xffff, 511, 127, true }, { 0x0208, 4, 8 },
	};
	struct vtd_tables *tables = new_tables(test);
	const u64 *root = (const u64 *)tables->root;
	u64 *context, *directory, *table;
	unsigned int i, present = 0;
	bool changed;

	KUNIT_EXPECT_EQ(test, vtd_tables_rtaddr(tables),
			virt_to_phys(tables->root) + 0x400);
	for (i = 0; i < ARRAY_SIZE(wants); i++) {
		changed = false;
		KUNIT_EXPECT_EQ(test, !!vtd_scalable_lookup(tables, wants[i].rid),
				i == 7);
		context = create(test, tables, wants[i].rid, &changed);
		KUNIT_EXPECT_PTR_EQ(test, context,
				    (u64 *)vtd_scalable_lookup(tables,
							       wants[i].rid));
		KUNIT_EXPECT_EQ(test, changed, wants[i].changed);
		KUNIT_EXPECT_EQ(test, root[wants[i].half] & 0xfff, 1);
		KUNIT_EXPECT_PTR_EQ(test, context, at(root[wants[i].half]) +
				    4 * wants[i].index);
		/* Not present, and PDTS is 0. */
		KUNIT_EXPECT_EQ(test, context[0] & 0xfff, 0);
		KUNIT_EXPECT_EQ(test, context[1] | context[2] | context[3], 0);
		directory = at(context[0]);
		KUNIT_EXPECT_EQ(test, directory[0] & 0xfff, 1);
		KUNIT_EXPECT_NULL(test, memchr_inv(directory + 1, 0, 4088));
		table = at(directory[0]);
		/* No two requesters share a table. */
		KUNIT_EXPECT_EQ(test, table[0], i == 7);
		KUNIT_EXPECT_NULL(test, memchr_inv(table + 1, 0, 4088));
		table[0] = 1;
	}
	for (i = 0; i < 512; i++)
		present += root[i] != 0;
	KUNIT_EXPECT_EQ(test, present, 5);
	vtd_scalable_free(tables);
	vtd_tables_destroy(tables);
}

static void changes_entries(struct kunit *test)
{
	struct vtd_tables *tables = new_tables(test);
	struct vtd_scalable val = { .context = 0x5, .lo = 0x1089, .hi = 0x12 };
	struct vtd_scalable_context *entry;
	u64 *context, *pasid, directory;
	bool changed, replaced;

	context = create(test, tables, 0x0388, &changed);
	entry = (struct vtd_scalable_context *)context;
	directory = context[0];
	pasid = at(at(directory)[0]);
	vtd_scalable_fill(tables, entry, &val);
	KUNIT_EXPECT_EQ(test, context[0], directory + 0x5);
	KUNIT_EXPECT_EQ(test, pasid[0], 0x1089);
	KUNIT_EXPECT_EQ(test, pasid[1], 0x12);
	val = (struct vtd_scalable) { .context = 0x1, .lo = 0x2089, .hi = 0x34 };
	replaced = vtd_scalable_replace(tables, entry, &val);
	KUNIT_EXPECT_EQ(test, replaced, system_has_cmpxchg128());
	if (replaced) {
		KUNIT_EXPECT_EQ(test, context[0], directory + 0x1);
		KUNIT_EXPECT_EQ(test, pasid[0], 0x2089);
		KUNIT_EXPECT_EQ(test, pasid[1], 0x34);
		val = vtd_scalable_read(entry);
		KUNIT_EXPECT_EQ(test, val.context, 0x1);
		KUNIT_EXPECT_TRUE(test, vtd_scalable_present(&val));
		KUNIT_EXPECT_EQ(test, vtd_scalable_domain(&val), 0x34);
	}
	vtd_scalable_block(tables, entry, true);
	KUNIT_EXPECT_EQ(test, context[0], directory + 0x2);
	vtd_scalable_block(tables, entry, false);
	KUNIT_EXPECT_EQ(test, context[0], directory);
	KUNIT_EXPECT_NULL(test, memchr_inv(context + 1, 0, 24));
	KUNIT_EXPECT_NULL(test, memchr_inv(pasid + 2, 0, 4080));
	vtd_scalable_free(tables);
	vtd_tables_destroy(tables);
}

static struct kunit_case nyx_vtd_scalable_cases[] = {
	KUNIT_CASE(encodes_blocked),
	KUNIT_CASE(encodes_identity),
	KUNIT_CASE(encodes_table),
	KUNIT_CASE(encodes_first_stage),
	KUNIT_CASE(creates_tables),
	KUNIT_CASE(changes_entries),
	{}
};

static struct kunit_suite nyx_vtd_scalable_suite = {
	.name = "nyx_vtd_scalable",
	.test_cases = nyx_vtd_scalable_cases,
};

kunit_test_suite(nyx_vtd_scalable_suite);
