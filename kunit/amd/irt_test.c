// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupt remapping tables, their entries, and messages, bit by bit, against
 * the numbers of the AMD IOMMU specification (48882).
 */
#include <kunit/test.h>
#include <linux/bits.h>
#include <linux/io.h>
#include <linux/string.h>
#include <nyx/intr.h>

#include "amd/irt.h"
#include "lib/store128.h"

static void expect_entry(struct kunit *test,
			 const struct nyx_intr_target *target, bool wide,
			 u64 lo, u64 hi)
{
	struct amd_irte irte = { .lo = ~0ULL, .hi = ~0ULL };

	KUNIT_EXPECT_TRUE(test, amd_irte_encode(target, wide, wide, &irte));
	KUNIT_EXPECT_EQ(test, irte.lo, lo);
	KUNIT_EXPECT_EQ(test, irte.hi, hi);
}

/* Without XTEn a destination has 8 bits in both formats. */
static void expect_too_large(struct kunit *test,
			     const struct nyx_intr_target *target)
{
	struct amd_irte irte;

	KUNIT_EXPECT_FALSE(test, amd_irte_encode(target, false, false, &irte));
	KUNIT_EXPECT_FALSE(test, amd_irte_encode(target, true, false, &irte));
}

/* RemapEn is bit 0, DM 6, Destination 15:8, Vector 23:16; all others are 0. */
static void entry_32_bits(struct kunit *test)
{
	struct nyx_intr_target target = { };
	int bit;

	expect_entry(test, &target, false, 0x1, 0);
	target.logical = true;
	expect_entry(test, &target, false, 0x41, 0);
	target.logical = false;
	for (bit = 0; bit < 8; bit++) {
		target.vector = 1 << bit;
		expect_entry(test, &target, false, 0x1 + (0x10000 << bit), 0);
	}
	target.vector = 0;
	for (bit = 0; bit < 32; bit++) {
		target.dest = 1U << bit;
		if (bit < 8)
			expect_entry(test, &target, false,
				     0x1 + (0x100 << bit), 0);
		else
			expect_too_large(test, &target);
	}
	target = (struct nyx_intr_target) { 0xfe, 0xef, true };
	expect_entry(test, &target, false, 0xeffe41, 0);
}

/*
 * RemapEn is bit 0, DM 6, Destination 31:8 and 127:120, Vector 71:64; all
 * others are 0, including GuestMode, bit 7.
 */
static void entry_128_bits(struct kunit *test)
{
	struct nyx_intr_target target = { };
	int bit;

	expect_entry(test, &target, true, 0x1, 0);
	target.logical = true;
	expect_entry(test, &target, true, 0x41, 0);
	target.logical = false;
	for (bit = 0; bit < 8; bit++) {
		target.vector = 1 << bit;
		expect_entry(test, &target, true, 0x1, 1 << bit);
	}
	target.vector = 0;
	for (bit = 0; bit < 32; bit++) {
		target.dest = 1U << bit;
		if (bit < 24)
			expect_entry(test, &target, true,
				     0x1 + (0x100ULL << bit), 0);
		else
			expect_entry(test, &target, true, 0x1,
				     1ULL << (bit + 32));
	}
	target = (struct nyx_intr_target) { 0x12345678, 0xef, true };
	expect_entry(test, &target, true, 0x34567841, 0x12000000000000ef);
}

/*
 * The index is data bits 10:0. With NumIntRemapMode, DM, address bit 2, is 1.
 */
static void messages(struct kunit *test)
{
	struct nyx_intr_run run = { .nr = 1 };
	struct nyx_intr intr = { .run = &run };
	struct nyx_intr_message msg;
	int bit;

	for (bit = 0; bit < 11; bit++) {
		run.index = 1 << bit;
		amd_irt_message_2048(&intr, &msg);
		KUNIT_EXPECT_EQ(test, msg.address, 0xfee00004);
		KUNIT_EXPECT_EQ(test, msg.data, 1 << bit);
	}
	run.index = 0;
	amd_irt_message(&intr, &msg);
	KUNIT_EXPECT_EQ(test, msg.address, 0xfee00000);
	KUNIT_EXPECT_EQ(test, msg.data, 0);
	run.index = 0x1e0;
	run.nr = 32;
	intr.offset = 31;
	amd_irt_message(&intr, &msg);
	KUNIT_EXPECT_EQ(test, msg.address, 0xfee00000);
	KUNIT_EXPECT_EQ(test, msg.data, 0x1ff);
}

/*
 * IV is bit 128, IntTabLen 132:129, IG 133, the root pointer 179:134, IntCtl
 * 189:188: 10b remaps interrupts, 00b aborts them.
 */
static void table_root(struct kunit *test)
{
	struct amd_irt *irt;
	u64 phys, len;
	u32 wide;

	for (wide = 0; wide < 2; wide++) {
		for (len = 1; len <= 11; len++) {
			irt = amd_irt_create(1 << len, wide, NUMA_NO_NODE);
			KUNIT_ASSERT_NOT_NULL(test, irt);
			phys = virt_to_phys(irt->base);
			KUNIT_EXPECT_EQ(test, phys & 0x7f, 0);
			KUNIT_EXPECT_EQ(test, amd_irt_dte(irt),
					phys + 0x2000000000000001 + 2 * len);
			KUNIT_EXPECT_NULL(test,
					  memchr_inv(irt->base, 0,
						     (wide ? 16 : 4) << len));
			amd_irt_destroy(irt);
		}
	}
	KUNIT_EXPECT_EQ(test, amd_irt_dte_abort(), 1);
}

/* Entries are allocated in runs, aligned to their size. */
static void allocation(struct kunit *test)
{
	struct amd_irt *irt = amd_irt_create(64, false, NUMA_NO_NODE);
	int i;

	KUNIT_ASSERT_NOT_NULL(test, irt);
	KUNIT_EXPECT_EQ(test, nyx_slots_get(&irt->slots, 1), 0);
	KUNIT_EXPECT_EQ(test, nyx_slots_get(&irt->slots, 4), 4);
	KUNIT_EXPECT_EQ(test, nyx_slots_get(&irt->slots, 32), 32);
	KUNIT_EXPECT_EQ(test, nyx_slots_get(&irt->slots, 32), -ENOSPC);
	KUNIT_EXPECT_EQ(test, nyx_slots_get(&irt->slots, 2), 2);
	KUNIT_EXPECT_EQ(test, nyx_slots_get(&irt->slots, 16), 16);
	KUNIT_EXPECT_EQ(test, nyx_slots_get(&irt->slots, 8), 8);
	KUNIT_EXPECT_EQ(test, nyx_slots_get(&irt->slots, 1), 1);
	KUNIT_EXPECT_EQ(test, nyx_slots_get(&irt->slots, 1), -ENOSPC);
	nyx_slots_put(&irt->slots, 32, 32);
	for (i = 0; i < 32; i++)
		KUNIT_EXPECT_EQ(test, nyx_slots_get(&irt->slots, 1), 32 + i);
	KUNIT_EXPECT_EQ(test, nyx_slots_get(&irt->slots, 1), -ENOSPC);
	amd_irt_destroy(irt);
}

/* A store changes no other entry. */
static void stores(struct kunit *test)
{
	const struct amd_irte one = { 0x30201, 0x40 }, none = { };
	struct amd_irt *irt;
	const u32 *raw;
	u32 wide, i;

	for (wide = 0; wide < 1 + nyx_has_store128(); wide++) {
		irt = amd_irt_create(8, wide, NUMA_NO_NODE);
		KUNIT_ASSERT_NOT_NULL(test, irt);
		raw = irt->base;
		KUNIT_EXPECT_TRUE(test, amd_irt_is_clear(irt, 5));
		KUNIT_EXPECT_TRUE(test, amd_irt_store(irt, 5, &one));
		KUNIT_EXPECT_FALSE(test, amd_irt_is_clear(irt, 5));
		for (i = 0; i < (wide ? 32 : 8); i++)
			KUNIT_EXPECT_EQ(test, raw[i],
					i == (wide ? 20 : 5) ? 0x30201 :
					wide && i == 22 ? 0x40 : 0);
		KUNIT_EXPECT_TRUE(test, amd_irt_store(irt, 5, &none));
		KUNIT_EXPECT_TRUE(test, amd_irt_is_clear(irt, 5));
		KUNIT_EXPECT_NULL(test, memchr_inv(raw, 0, wide ? 128 : 32));
		amd_irt_destroy(irt);
	}
}

static struct kunit_case cases[] = {
	KUNIT_CASE(entry_32_bits),
	KUNIT_CASE(entry_128_bits),
	KUNIT_CASE(messages),
	KUNIT_CASE(table_root),
	KUNIT_CASE(allocation),
	KUNIT_CASE(stores),
	{ }
};

static struct kunit_suite suite = {
	.name = "nyx_amd_irt",
	.test_cases = cases,
};

kunit_test_suite(suite);
