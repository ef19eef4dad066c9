// SPDX-License-Identifier: GPL-2.0-only
/*
 * What units read in memory, bit by bit, against the numbers of the AMD IOMMU
 * specification (48882).
 */
#include <kunit/test.h>
#include <linux/bits.h>
#include <linux/io.h>
#include <linux/slab.h>
#include <nyx/pt.h>
#include <nyx/unit.h>

#include "amd/cmd.h"
#include "amd/dte.h"

static void expect_cmd(struct kunit *test, struct nyx_cmd cmd, u64 lo, u64 hi)
{
	KUNIT_EXPECT_EQ(test, cmd.lo, lo);
	KUNIT_EXPECT_EQ(test, cmd.hi, hi);
}

/* S is bit 0, F bit 2, the store address bits 51:3, the opcode 1 (2.4.1). */
static void completion_wait(struct kunit *test)
{
	expect_cmd(test, amd_cmd_wait(0x123456789a8, 0xdeadbeef01234567),
		   0x10000123456789a9, 0xdeadbeef01234567);
	expect_cmd(test, amd_cmd_wait(0xffffffffffff8, 0), 0x100ffffffffffff9,
		   0);
	expect_cmd(test, amd_cmd_fence(), 0x1000000000000004, 0);
}

/* The DeviceID is bits 15:0, the opcode 2 (2.4.2). */
static void invalidate_devtab_entry(struct kunit *test)
{
	expect_cmd(test, amd_cmd_devtab_entry(0xabcd), 0x200000000000abcd, 0);
}

/*
 * The DomainID is bits 47:32, S bit 64, PDE bit 65, the opcode 3; the lowest
 * address bit from 12 on that is 0 gives the size (2.4.3).
 */
static void invalidate_iommu_pages(struct kunit *test)
{
	static const struct {
		struct nyx_range block;
		u64 hi;
	} cases[] = {
		{ { 0x7ffff000, 0 }, 0x7ffff000 },		/* 4 KiB */
		{ { 0x40000000, 1 }, 0x40000001 },		/* 8 KiB */
		{ { 0x40000000, 2 }, 0x40001001 },		/* 16 KiB */
		{ { 0x40008000, 3 }, 0x4000b001 },		/* 32 KiB */
		{ { 0x40000000, 9 }, 0x400ff001 },		/* 2 MiB */
		{ { 0x40000000, 18 }, 0x5ffff001 },		/* 1 GiB */
		{ { 0, 40 }, 0x0007fffffffff001 },		/* 2^52 */
		{ { 0x0010000000000000, 40 }, 0x0017fffffffff001 },
		{ { 0, 41 }, 0x7ffffffffffff001 },		/* all */
		{ { 0x8000000000000000, 51 }, 0x7ffffffffffff001 },
		{ { 0, 52 }, 0x7ffffffffffff001 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		expect_cmd(test, amd_cmd_pages(0x1234, cases[i].block, false),
			   0x3000123400000000, cases[i].hi);
		expect_cmd(test, amd_cmd_pages(0xfedc, cases[i].block, true),
			   0x3000fedc00000000, cases[i].hi | 2);
	}
	expect_cmd(test, amd_cmd_domain(0xffff), 0x3000ffff00000000,
		   0x7ffffffffffff003);
}

/* MaxPend is bits 31:24, QueueID bits 47:32, the opcode 4 (2.4.4). */
static void invalidate_iotlb_pages(struct kunit *test)
{
	struct nyx_range block = { 0xfffff000, 0 };

	expect_cmd(test, amd_cmd_iotlb(0x0310, 0x0308, 32, block),
		   0x4000030820000310, 0xfffff000);
	block = (struct nyx_range) { 0x200000, 9 };
	expect_cmd(test, amd_cmd_iotlb(0xffff, 0, 1, block),
		   0x400000000100ffff, 0x2ff001);
	block = (struct nyx_range) { 0, 52 };
	expect_cmd(test, amd_cmd_iotlb(1, 1, 0xff, block), 0x40000001ff000001,
		   0x7ffffffffffff001);
}

/* PASID is bits 51:32, GN bit 66, the tag bits 111:96 (2.4.7); opcodes 7, 8. */
static void other_commands(struct kunit *test)
{
	expect_cmd(test, amd_cmd_complete_ppr(0x0208, true, 0xabcde, 0x1055),
		   0x700abcde00000208, 0x0000105500000004);
	expect_cmd(test, amd_cmd_complete_ppr(0x0208, false, 0xabcde, 0x11ff),
		   0x7000000000000208, 0x000011ff00000000);
	expect_cmd(test, amd_cmd_all(), 0x8000000000000000, 0);
}

static void *new_page(struct kunit *test)
{
	/* Aligned, as kmalloc aligns all powers of two. */
	void *page = kunit_kzalloc(test, 4096, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_ASSERT_EQ(test, virt_to_phys(page) & 0xfff, 0);
	return page;
}

static void expect_dte(struct kunit *test, const struct nyx_entry *entry,
		       u8 setting, const void *nowhere, u64 q0, u64 q1, u64 q2)
{
	const struct amd_dte_setting said = { .all = setting };
	struct amd_dte dte = amd_dte_encode(entry, said, nowhere);

	KUNIT_EXPECT_EQ(test, dte.q[0], q0);
	KUNIT_EXPECT_EQ(test, dte.q[1], q1);
	KUNIT_EXPECT_EQ(test, dte.q[2], q2);
	KUNIT_EXPECT_EQ(test, dte.q[3], 0);
}

/*
 * V is bit 0, TV bit 1, Mode bits 11:9, IR bit 61, IW bit 62. V = 0 would let
 * everything pass, and so would Mode = 0 on units that do not look at IR and IW.
 */
static void dte_blocked(struct kunit *test)
{
	const struct nyx_entry entry = {
		.kind = NYX_ENTRY_BLOCKED,
		.domain_id = 0xffff,
		.ats = true,
	};
	void *nowhere = new_page(test);

	expect_dte(test, &entry, 0, nowhere, virt_to_phys(nowhere) | 0x203, 0,
		   0);
	/* SysMgt stays 0: aborted. */
	expect_dte(test, &entry, 0x30, nowhere, virt_to_phys(nowhere) | 0x203,
		   0, 0);
}

/* The DomainID is bits 79:64. */
static void dte_identity(struct kunit *test)
{
	struct nyx_entry entry = { .kind = NYX_ENTRY_IDENTITY };
	void *nowhere = new_page(test);
	int bit;

	expect_dte(test, &entry, 0, nowhere, 0x6000000000000003, 0, 0);
	for (bit = 0; bit < 16; bit++) {
		entry.domain_id = 1 << bit;
		expect_dte(test, &entry, 0, nowhere, 0x6000000000000003,
			   1ULL << bit, 0);
	}
	/* Never ATS: there is nothing to translate. */
	entry.domain_id = 7;
	entry.ats = true;
	expect_dte(test, &entry, 0, nowhere, 0x6000000000000003, 7, 0);
}

/* The root pointer is bits 51:12, I bit 96. */
static void dte_table(struct kunit *test)
{
	struct nyx_pt *pt = kunit_kzalloc(test, sizeof(*pt), GFP_KERNEL);
	struct nyx_entry entry = {
		.kind = NYX_ENTRY_TABLE,
		.domain_id = 0x8001,
		.pt = pt,
	};
	void *nowhere = new_page(test);
	u64 root;

	KUNIT_ASSERT_NOT_NULL(test, pt);
	pt->root = new_page(test);
	root = virt_to_phys(pt->root);
	for (pt->cfg.levels = 1; pt->cfg.levels <= 6; pt->cfg.levels++) {
		entry.ats = false;
		expect_dte(test, &entry, 0, nowhere, 0x6000000000000003 | root |
			   (u64)pt->cfg.levels << 9, 0x8001, 0);
		entry.ats = true;
		expect_dte(test, &entry, 0, nowhere, 0x6000000000000003 | root |
			   (u64)pt->cfg.levels << 9, 0x100008001, 0);
	}
}

/*
 * Of the IVHD's byte, bits 0, 1, 2, 6 and 7 become bits 184, 185, 186, 190 and
 * 191, and bits 5:4 become SysMgt, bits 105:104. IV, bit 128, is never set.
 */
static void dte_setting(struct kunit *test)
{
	const struct nyx_entry identity = { .kind = NYX_ENTRY_IDENTITY };
	const struct nyx_entry blocked = { .kind = NYX_ENTRY_BLOCKED };
	static const struct {
		u8 setting;
		u64 q1;
		u64 q2;
	} cases[] = {
		{ 0x01, 0, 0x0100000000000000 },
		{ 0x02, 0, 0x0200000000000000 },
		{ 0x04, 0, 0x0400000000000000 },
		{ 0x08, 0, 0 },
		{ 0x10, 0x0000010000000000, 0 },
		{ 0x20, 0x0000020000000000, 0 },
		{ 0x40, 0, 0x4000000000000000 },
		{ 0x80, 0, 0x8000000000000000 },
		{ 0xff, 0x0000030000000000, 0xc700000000000000 },
	};
	void *nowhere = new_page(test);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		expect_dte(test, &identity, cases[i].setting, nowhere,
			   0x6000000000000003, cases[i].q1, cases[i].q2);
		/* Those of interrupts are the same whatever DMA may do. */
		expect_dte(test, &blocked, cases[i].setting, nowhere,
			   virt_to_phys(nowhere) | 0x203, 0, cases[i].q2);
	}
}

static const struct amd_dte some = {
	.q = { 0x6000000000000003, 0x42, 0x4700000000000000, 0 },
};

static void dte_questions(struct kunit *test)
{
	struct amd_dte dte = some;

	KUNIT_EXPECT_TRUE(test, amd_dte_passes(&dte));
	KUNIT_EXPECT_EQ(test, amd_dte_domain(&dte), 0x42);
	KUNIT_EXPECT_TRUE(test, amd_dte_equal(&dte, &some));
	dte.q[2] = 0;
	KUNIT_EXPECT_TRUE(test, amd_dte_equal(&dte, &some));
	dte.q[1] = 0x43;
	KUNIT_EXPECT_FALSE(test, amd_dte_equal(&dte, &some));
	dte.q[1] = 0x42;
	dte.q[0] = 0x203;
	KUNIT_EXPECT_FALSE(test, amd_dte_equal(&dte, &some));
	KUNIT_EXPECT_FALSE(test, amd_dte_passes(&dte));
	dte.q[0] = 0x2000000000000203;
	KUNIT_EXPECT_TRUE(test, amd_dte_passes(&dte));
	dte.q[0] = 0x4000000000000203;
	KUNIT_EXPECT_TRUE(test, amd_dte_passes(&dte));
}

/* What is said of interrupts stays. */
static void expect_changed(struct kunit *test, const struct amd_dte *dte,
			   u64 q0, u64 q1)
{
	KUNIT_EXPECT_EQ(test, dte->q[0], q0);
	KUNIT_EXPECT_EQ(test, dte->q[1], q1);
	KUNIT_EXPECT_EQ(test, dte->q[2], some.q[2]);
	KUNIT_EXPECT_EQ(test, dte->q[3], 0);
}

static void dte_changes(struct kunit *test)
{
	struct amd_dte *dte = kunit_kzalloc(test, sizeof(*dte), GFP_KERNEL);
	const struct amd_dte val = { .q = { 0x6000000000000803, 0x17 } };
	const struct amd_dte blocked = { .q = { 0x203, 0 } };

	KUNIT_ASSERT_NOT_NULL(test, dte);
	*dte = some;
	amd_dte_block(dte, &blocked);
	expect_changed(test, dte, 0x203, 0);
	amd_dte_fill(dte, &val);
	expect_changed(test, dte, 0x6000000000000803, 0x17);
	*dte = some;
	/* In one store, or not at all. */
	if (amd_dte_replace(dte, &val))
		expect_changed(test, dte, 0x6000000000000803, 0x17);
	else
		expect_changed(test, dte, some.q[0], some.q[1]);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(completion_wait),
	KUNIT_CASE(invalidate_devtab_entry),
	KUNIT_CASE(invalidate_iommu_pages),
	KUNIT_CASE(invalidate_iotlb_pages),
	KUNIT_CASE(other_commands),
	KUNIT_CASE(dte_blocked),
	KUNIT_CASE(dte_identity),
	KUNIT_CASE(dte_table),
	KUNIT_CASE(dte_setting),
	KUNIT_CASE(dte_questions),
	KUNIT_CASE(dte_changes),
	{ }
};

static struct kunit_suite suite = {
	.name = "nyx_amd_encode",
	.test_cases = cases,
};

kunit_test_suite(suite);
