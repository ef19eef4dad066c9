// SPDX-License-Identifier: GPL-2.0-only
/*
 * What units read in memory, bit by bit, against the numbers of the VT-d
 * specification (revision 5.1).
 */
#include <kunit/test.h>
#include <linux/bits.h>
#include <linux/io.h>
#include <linux/slab.h>
#include <nyx/pt.h>
#include <nyx/unit.h>

#include "vtd/context.h"
#include "vtd/dsc.h"

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
static void context_blocked(struct kunit *test)
{
	const struct nyx_entry entry = {
		.kind = NYX_ENTRY_BLOCKED,
		.domain_id = 0xffff,
		.ats = true,
	};

	expect_context(test, &entry, LEVELS_3 | LEVELS_4, 0, 0);
}

static void context_identity(struct kunit *test)
{
	struct nyx_entry entry = { .kind = NYX_ENTRY_IDENTITY };
	int bit;

	/* TT = 2, and AW the widest there is. */
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
	/* Never ATS: pass-through leaves nothing to translate. */
	entry.domain_id = 0;
	entry.ats = true;
	expect_context(test, &entry, LEVELS_4, 0x9, 0x2);
}

static void context_table(struct kunit *test)
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
	/* TT = 1 lets translation requests and translated requests pass. */
	entry.domain_id = 0xbeef;
	entry.ats = true;
	expect_context(test, &entry, LEVELS_5, phys + 0x5, 0xbeef03);
	free_page(page);
}

static void context_read_back(struct kunit *test)
{
	struct vtd_context context = { .lo = 0x12345005, .hi = 0xabcd02 };
	int bit;

	KUNIT_EXPECT_TRUE(test, vtd_context_present(&context));
	KUNIT_EXPECT_TRUE(test, vtd_context_ats(&context));
	KUNIT_EXPECT_EQ(test, vtd_context_domain(&context), 0xabcd);

	/* Pass-through stays what it is. */
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
static void root_entries(struct kunit *test)
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
	KUNIT_ASSERT_EQ(test, vtd_tables_init(tables, true, NUMA_NO_NODE), 0);
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
	/* Nobody else's root entry was touched. */
	for (i = 0; i < 256; i++)
		if (i != 0 && i != 1 && i != 0x7f && i != 0xff)
			KUNIT_EXPECT_EQ(test, root[2 * i] | root[2 * i + 1], 0);
	vtd_tables_destroy(tables);
}

static void expect_dsc(struct kunit *test, struct nyx_cmd dsc, u64 lo, u64 hi)
{
	KUNIT_EXPECT_EQ(test, dsc.lo, lo);
	KUNIT_EXPECT_EQ(test, dsc.hi, hi);
}

/* Type 1, G bits 5:4, DID 31:16, SID 47:32, FM 49:48 (6.5.2.1). */
static void dsc_context_cache(struct kunit *test)
{
	int bit;

	expect_dsc(test, vtd_dsc_cc_global(), 0x11, 0);
	expect_dsc(test, vtd_dsc_cc_device(0, 0), 0x31, 0);
	expect_dsc(test, vtd_dsc_cc_device(0xabcd, 0x1234), 0x1234abcd0031, 0);
	for (bit = 0; bit < 16; bit++) {
		expect_dsc(test, vtd_dsc_cc_device(1 << bit, 0),
			   0x31 + (0x10000ULL << bit), 0);
		expect_dsc(test, vtd_dsc_cc_device(0, 1 << bit),
			   0x31 + (0x100000000ULL << bit), 0);
	}
}

/*
 * Type 2, G bits 5:4, DW 6, DR 7, DID 31:16; AM 69:64, IH 70, ADDR 127:76
 * (6.5.2.3).
 */
static void dsc_iotlb(struct kunit *test)
{
	int bit;

	expect_dsc(test, vtd_dsc_iotlb_global(0), 0x12, 0);
	expect_dsc(test, vtd_dsc_iotlb_global(0xc0), 0xd2, 0);
	expect_dsc(test, vtd_dsc_iotlb_domain(0x8001, 0), 0x80010022, 0);
	expect_dsc(test, vtd_dsc_iotlb_domain(0x8001, 0x80), 0x800100a2, 0);
	expect_dsc(test, vtd_dsc_iotlb_domain(0x8001, 0x40), 0x80010062, 0);
	expect_dsc(test, vtd_dsc_iotlb_page(1, 0, 0, false, 0), 0x10032, 0);
	expect_dsc(test, vtd_dsc_iotlb_page(1, 0, 0, true, 0), 0x10032, 0x40);
	expect_dsc(test, vtd_dsc_iotlb_page(1, 0, 63, false, 0xc0), 0x100f2,
		   0x3f);
	expect_dsc(test, vtd_dsc_iotlb_page(0xffff, ~0ULL, 0, false, 0),
		   0xffff0032, 0xfffffffffffff000);
	for (bit = 0; bit < 16; bit++) {
		expect_dsc(test, vtd_dsc_iotlb_domain(1 << bit, 0),
			   0x22 + (0x10000ULL << bit), 0);
		expect_dsc(test, vtd_dsc_iotlb_page(1 << bit, 0, 9, false, 0),
			   0x32 + (0x10000ULL << bit), 9);
	}
	for (bit = 12; bit < 64; bit++)
		expect_dsc(test, vtd_dsc_iotlb_page(0, BIT_ULL(bit), 0, false,
						    0), 0x32, BIT_ULL(bit));
}

/*
 * Type 3, PFSID 15:12 and 63:52, MIP 20:16, SID 47:32; S 64, ADDR 127:76
 * (6.5.2.5).
 */
static void dsc_device_tlb(struct kunit *test)
{
	int bit;

	expect_dsc(test, vtd_dsc_dev_tlb(0, 0, 0, 0, 0), 0x3, 0);
	expect_dsc(test, vtd_dsc_dev_tlb(0x0208, 0xfedc, 31, 0x7000, 0),
		   0xfed00208001fc003, 0x7000);
	for (bit = 0; bit < 16; bit++) {
		expect_dsc(test, vtd_dsc_dev_tlb(1 << bit, 0, 0, 0, 0),
			   0x3 + (0x100000000ULL << bit), 0);
		expect_dsc(test, vtd_dsc_dev_tlb(0, 1 << bit, 0, 0, 0),
			   0x3 + (bit < 4 ? 0x1000ULL << bit :
				  0x10000000000000ULL << (bit - 4)), 0);
	}
	for (bit = 0; bit < 5; bit++)
		expect_dsc(test, vtd_dsc_dev_tlb(0, 0, 1 << bit, 0, 0),
			   0x3 + (0x10000ULL << bit), 0);

	/* S, and the lowest 0 from bit 12 on tells the size (PCIe ATS). */
	expect_dsc(test, vtd_dsc_dev_tlb(0, 0, 0, 0x12346000, 1), 0x3,
		   0x12346001);
	expect_dsc(test, vtd_dsc_dev_tlb(0, 0, 0, 0x12344000, 2), 0x3,
		   0x12345001);
	expect_dsc(test, vtd_dsc_dev_tlb(0, 0, 0, 0x12340000, 3), 0x3,
		   0x12343001);
	expect_dsc(test, vtd_dsc_dev_tlb(0, 0, 0, 0x40000000, 9), 0x3,
		   0x400ff001);
	expect_dsc(test, vtd_dsc_dev_tlb(0, 0, 0, 0x40000000, 18), 0x3,
		   0x5ffff001);
	expect_dsc(test, vtd_dsc_dev_tlb(0, 0, 0, 0, 51), 0x3,
		   0x3ffffffffffff001);
	expect_dsc(test, vtd_dsc_dev_tlb(0, 0, 0, 0, 52), 0x3,
		   0x7ffffffffffff001);
}

/* Type 4, G 4, IM 31:27, IIDX 47:32 (6.5.2.8). */
static void dsc_interrupt_entries(struct kunit *test)
{
	int bit;

	expect_dsc(test, vtd_dsc_iec_global(), 0x4, 0);
	expect_dsc(test, vtd_dsc_iec_index(0, 0), 0x14, 0);
	for (bit = 0; bit < 16; bit++)
		expect_dsc(test, vtd_dsc_iec_index(1 << bit, 0),
			   0x14 + (0x100000000ULL << bit), 0);
	for (bit = 0; bit < 5; bit++)
		expect_dsc(test, vtd_dsc_iec_index(0, 1 << bit),
			   0x14 + (0x8000000ULL << bit), 0);
}

/* Type 5, IF 4, SW 5, FN 6, status data 63:32, address 127:66 (6.5.2.9). */
static void dsc_wait(struct kunit *test)
{
	int bit;

	expect_dsc(test, vtd_dsc_wait(0x1000, 0), 0x25, 0x1000);
	for (bit = 0; bit < 32; bit++)
		expect_dsc(test, vtd_dsc_wait(0, 1U << bit),
			   0x25 + (0x100000000ULL << bit), 0);
	for (bit = 2; bit < 52; bit++)
		expect_dsc(test, vtd_dsc_wait(BIT_ULL(bit), 0), 0x25,
			   BIT_ULL(bit));
}

static struct kunit_case nyx_vtd_encode_cases[] = {
	KUNIT_CASE(context_blocked),
	KUNIT_CASE(context_identity),
	KUNIT_CASE(context_table),
	KUNIT_CASE(context_read_back),
	KUNIT_CASE(root_entries),
	KUNIT_CASE(dsc_context_cache),
	KUNIT_CASE(dsc_iotlb),
	KUNIT_CASE(dsc_device_tlb),
	KUNIT_CASE(dsc_interrupt_entries),
	KUNIT_CASE(dsc_wait),
	{}
};

static struct kunit_suite nyx_vtd_encode_suite = {
	.name = "nyx_vtd_encode",
	.test_cases = nyx_vtd_encode_cases,
};

kunit_test_suite(nyx_vtd_encode_suite);
