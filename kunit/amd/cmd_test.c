// SPDX-License-Identifier: GPL-2.0-only
/*
 * Commands, bit by bit, against the numbers of the AMD IOMMU specification
 * (48882).
 */
#include <kunit/test.h>

#include "amd/cmd.h"

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
 * The DomainID is bits 47:32, S bit 64, PDE bit 65, the opcode 3. With S, the
 * lowest address bit from bit 12 on that is 0 encodes the size (2.4.3).
 */
static void invalidate_iommu_pages(struct kunit *test)
{
	static const struct {
		struct nyx_range range;
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
		expect_cmd(test, amd_cmd_pages(0x1234, cases[i].range, false),
			   0x3000123400000000, cases[i].hi);
		expect_cmd(test, amd_cmd_pages(0xfedc, cases[i].range, true),
			   0x3000fedc00000000, cases[i].hi | 2);
	}
	expect_cmd(test, amd_cmd_domain(0xffff), 0x3000ffff00000000,
		   0x7ffffffffffff003);
}

/* As above, with GN, bit 66, and the PASID in bits 19:0. */
static void invalidate_guest_pages(struct kunit *test)
{
	const struct nyx_range page = { 0x7ffff000, 0 }, large = { 0x40000000, 9 };

	expect_cmd(test, amd_cmd_guest_pages(0x1234, 0xabcde, page, false),
		   0x30001234000abcde, 0x7ffff004);
	expect_cmd(test, amd_cmd_guest_pages(0xffff, 0, large, true),
		   0x3000ffff00000000, 0x400ff007);
	expect_cmd(test, amd_cmd_guest_all(0x8001, 0xfffff),
		   0x30008001000fffff, 0x7ffffffffffff007);
}

/* MaxPend is bits 31:24, QueueID bits 47:32, the opcode 4 (2.4.4). */
static void invalidate_iotlb_pages(struct kunit *test)
{
	struct nyx_range range = { 0xfffff000, 0 };

	expect_cmd(test, amd_cmd_iotlb(0x0310, 0x0308, 32, range),
		   0x4000030820000310, 0xfffff000);
	range = (struct nyx_range) { 0x200000, 9 };
	expect_cmd(test, amd_cmd_iotlb(0xffff, 0, 1, range),
		   0x400000000100ffff, 0x2ff001);
	range = (struct nyx_range) { 0, 52 };
	expect_cmd(test, amd_cmd_iotlb(1, 1, 0xff, range), 0x40000001ff000001,
		   0x7ffffffffffff001);
}

/*
 * As above, with GN, bit 66. Bits 15:8 of the PASID are bits 23:16, bits 7:0 are bits
 * 55:48, bits 19:16 are bits 59:56.
 */
static void invalidate_guest_iotlb_pages(struct kunit *test)
{
	struct nyx_range range = { 0xfffff000, 0 };

	expect_cmd(test, amd_cmd_guest_iotlb(0x0310, 0x0308, 32, 0x12345, range),
		   0x4145030820230310, 0xfffff004);
	range = (struct nyx_range) { 0, 52 };
	expect_cmd(test, amd_cmd_guest_iotlb(0, 0, 0, 0xfffff, range),
		   0x4fff000000ff0000, 0x7ffffffffffff005);
}

/* The DeviceID is bits 15:0, the opcode 5 (2.4.5). */
static void invalidate_interrupt_table(struct kunit *test)
{
	expect_cmd(test, amd_cmd_interrupt_table(0xabcd), 0x500000000000abcd,
		   0);
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

static struct kunit_case cases[] = {
	KUNIT_CASE(completion_wait),
	KUNIT_CASE(invalidate_devtab_entry),
	KUNIT_CASE(invalidate_iommu_pages),
	KUNIT_CASE(invalidate_guest_pages),
	KUNIT_CASE(invalidate_iotlb_pages),
	KUNIT_CASE(invalidate_guest_iotlb_pages),
	KUNIT_CASE(invalidate_interrupt_table),
	KUNIT_CASE(other_commands),
	{ }
};

static struct kunit_suite suite = {
	.name = "nyx_amd_cmd",
	.test_cases = cases,
};

kunit_test_suite(suite);
