// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupt remapping table entries, messages and tables bit by bit, compared
 * with the numbers of the VT-d specification (revision 5.1).
 */
#include <kunit/test.h>
#include <linux/bits.h>
#include <linux/find.h>
#include <linux/io.h>
#include <linux/string.h>
#include <nyx/device.h>
#include <nyx/intr.h>

#include "quirks/quirks.h"
#include "vtd/irte.h"

static void expect_entry(struct kunit *test, const struct nyx_device *ndev,
			 const struct nyx_intr_target *target, bool extended,
			 u64 lo, u64 hi)
{
	struct vtd_irte irte = { .lo = ~0ULL, .hi = ~0ULL };

	KUNIT_EXPECT_TRUE(test, vtd_irte_encode(ndev, target, extended, &irte));
	KUNIT_EXPECT_EQ(test, irte.lo, lo);
	KUNIT_EXPECT_EQ(test, irte.hi, hi);
}

/* P is bit 0, DM 2, TM 4, V 23:16, DST 47:40 in xAPIC mode, else 63:32 (9.10). */
static void entry_target(struct kunit *test)
{
	struct nyx_device ndev = { .nr_rids = 1 };
	struct nyx_intr_target target = { };
	struct vtd_irte irte;
	int bit;

	/* SVT = 1: the source-id is verified. */
	expect_entry(test, &ndev, &target, false, 0x1, 0x40000);
	target.logical = true;
	expect_entry(test, &ndev, &target, false, 0x5, 0x40000);
	target.logical = false;
	target.level = true;
	expect_entry(test, &ndev, &target, false, 0x11, 0x40000);
	/* Bits 11:8 are available to software. */
	ndev.ioapic = true;
	expect_entry(test, &ndev, &target, false, 0x111, 0x40000);
	ndev.ioapic = false;
	target.level = false;
	for (bit = 0; bit < 8; bit++) {
		target.vector = 1 << bit;
		expect_entry(test, &ndev, &target, false,
			     0x1 + (0x10000ULL << bit), 0x40000);
	}
	target.vector = 0;
	for (bit = 0; bit < 32; bit++) {
		target.dest = 1U << bit;
		expect_entry(test, &ndev, &target, true,
			     0x1 + (0x100000000ULL << bit), 0x40000);
		if (bit < 8)
			expect_entry(test, &ndev, &target, false,
				     0x1 + (0x10000000000ULL << bit), 0x40000);
		else
			KUNIT_EXPECT_FALSE(test,
					   vtd_irte_encode(&ndev, &target,
							   false, &irte));
	}
	target = (struct nyx_intr_target) { 0xfe, 0xef, true };
	expect_entry(test, &ndev, &target, false, 0x0000fe0000ef0005, 0x40000);
	target.dest = 0x12345678;
	expect_entry(test, &ndev, &target, true, 0x1234567800ef0005, 0x40000);
}

/*
 * In posted format P is bit 0, IM 15, V 23:16; bits 31:6 of the descriptor's address
 * are bits 63:38, and its bits 63:32 are bits 127:96 (9.11).
 */
static void entry_posted(struct kunit *test)
{
	struct nyx_device ndev = { .nr_rids = 1 };
	struct nyx_intr_posting posting = { };
	struct vtd_irte irte = { .lo = ~0ULL, .hi = ~0ULL };
	int bit;

	vtd_irte_encode_posted(&ndev, &posting, &irte);
	KUNIT_EXPECT_EQ(test, irte.lo, 0x8001);
	KUNIT_EXPECT_EQ(test, irte.hi, 0x40000);
	for (bit = 0; bit < 8; bit++) {
		posting.vector = 1 << bit;
		vtd_irte_encode_posted(&ndev, &posting, &irte);
		KUNIT_EXPECT_EQ(test, irte.lo, 0x8001 + (0x10000ULL << bit));
	}
	posting.vector = 0;
	for (bit = 6; bit < 64; bit++) {
		posting.descriptor = 1ULL << bit;
		vtd_irte_encode_posted(&ndev, &posting, &irte);
		KUNIT_EXPECT_EQ(test, irte.lo, 0x8001 +
				(bit < 32 ? 1ULL << (bit + 32) : 0));
		KUNIT_EXPECT_EQ(test, irte.hi, 0x40000 +
				(bit >= 32 ? 1ULL << bit : 0));
	}
	/* The source-id is verified as in remapped format. */
	ndev.rid = 0x0508;
	ndev.rids[0] = 0x0508;
	ndev.rids[1] = 0x0509;
	ndev.nr_rids = 2;
	posting = (struct nyx_intr_posting) { 0x123456789abcdec0, 0xef };
	vtd_irte_encode_posted(&ndev, &posting, &irte);
	KUNIT_EXPECT_EQ(test, irte.lo, 0x9abcdec000ef8001);
	KUNIT_EXPECT_EQ(test, irte.hi, 0x1234567800070508);
}

/* SID is bits 79:64, SQ 81:80, SVT 83:82; 1: all of SID, 2: buses (9.10). */
static void entry_source(struct kunit *test)
{
	const struct nyx_intr_target target = { };
	struct nyx_device ndev = { .nr_rids = 1 };
	int bit;

	for (bit = 0; bit < 16; bit++) {
		ndev.rid = 1 << bit;
		ndev.rids[0] = 1 << bit;
		expect_entry(test, &ndev, &target, false, 0x1,
			     0x40000 + BIT(bit));
	}
	/* Functions of the same device: SQ ignores bit 2, 2:1 or 2:0. */
	ndev.rid = 0x0508;
	ndev.rids[0] = 0x0508;
	ndev.rids[1] = 0x050c;
	ndev.nr_rids = 2;
	expect_entry(test, &ndev, &target, false, 0x1, 0x50508);
	ndev.rids[1] = 0x050a;
	expect_entry(test, &ndev, &target, false, 0x1, 0x60508);
	ndev.rids[1] = 0x0509;
	expect_entry(test, &ndev, &target, false, 0x1, 0x70508);
	/* A function of another device: that bus, and no other. */
	ndev.rids[1] = 0x0510;
	expect_entry(test, &ndev, &target, false, 0x1, 0x80505);
	/* Behind a PCIe-to-PCI bridge that uses its secondary bus number. */
	ndev.rids[1] = 0x0500;
	ndev.mixed_rids = true;
	expect_entry(test, &ndev, &target, false, 0x1, 0x80505);
	/* Behind a second bridge, which replaces the ID or keeps it. */
	ndev.rids[1] = 0x0310;
	ndev.rids[2] = 0x0300;
	ndev.nr_rids = 3;
	expect_entry(test, &ndev, &target, false, 0x1, 0x80305);
	/* The bridge between is device 0, function 0, so both IDs are equal. */
	ndev.rids[1] = 0x0300;
	ndev.nr_rids = 2;
	expect_entry(test, &ndev, &target, false, 0x1, 0x80305);
	/* A bridge that replaces all IDs: that ID, and no other. */
	ndev.rid = 0x0608;
	ndev.rids[0] = 0x0608;
	ndev.rids[1] = 0x0500;
	ndev.mixed_rids = false;
	expect_entry(test, &ndev, &target, false, 0x1, 0x40500);
	/* The same of a bridge on the root bus. */
	ndev.rids[1] = 0x00f0;
	expect_entry(test, &ndev, &target, false, 0x1, 0x400f0);
	/* Aliases of the device below that bridge do not matter. */
	ndev.rids[1] = 0x0609;
	ndev.rids[2] = 0x00f0;
	ndev.nr_rids = 3;
	expect_entry(test, &ndev, &target, false, 0x1, 0x400f0);
	/* SVT = 0: any source-id, for a device whose own is not the real one. */
	ndev.quirks = NYX_QUIRK_ANY_SOURCE;
	expect_entry(test, &ndev, &target, false, 0x1, 0);
}

/*
 * Bits 31:20 are FEEh, 19:5 handle 14:0, 4 the format, 3 SHV, 2 handle 15; the
 * data is the subhandle (5.1.2.2). Only a run of several IRTEs has subhandles.
 */
static void messages(struct kunit *test)
{
	struct nyx_intr_run run = { .nr = 1 };
	struct nyx_intr intr = { .run = &run };
	struct nyx_intr_message msg;
	int bit;

	vtd_irte_message(&intr, &msg);
	KUNIT_EXPECT_EQ(test, msg.address, 0xfee00010);
	KUNIT_EXPECT_EQ(test, msg.data, 0);
	for (bit = 0; bit < 16; bit++) {
		run.index = 1 << bit;
		vtd_irte_message(&intr, &msg);
		KUNIT_EXPECT_EQ(test, msg.address, 0xfee00010 +
				(bit < 15 ? 0x20 << bit : 0x4));
		KUNIT_EXPECT_EQ(test, msg.data, 0);
	}
	run.index = 0xffe0;
	run.nr = 32;
	intr.offset = 31;
	vtd_irte_message(&intr, &msg);
	KUNIT_EXPECT_EQ(test, msg.address, 0xfeeffc1c);
	KUNIT_EXPECT_EQ(test, msg.data, 31);
}

/* IRTA: the address is bits 63:12, EIME 11, S 3:0: 2^(S+1) entries (11.4.10) */
static void tables(struct kunit *test)
{
	struct vtd_irt irt;
	u32 size;
	u64 phys;

	for (size = 0; size < 16; size++) {
		KUNIT_ASSERT_EQ(test, vtd_irt_init(&irt, 2U << size, 2U << size,
						   true, NUMA_NO_NODE), 0);
		phys = virt_to_phys(irt.base);
		KUNIT_EXPECT_EQ(test, phys & 0xfff, 0);
		KUNIT_EXPECT_EQ(test, vtd_irt_register(&irt, false),
				phys + size);
		KUNIT_EXPECT_EQ(test, vtd_irt_register(&irt, true),
				phys + 0x800 + size);
		KUNIT_EXPECT_NULL(test, memchr_inv(irt.base, 0,
						   16 * (2U << size)));
		vtd_irt_destroy(&irt);
		KUNIT_EXPECT_NULL(test, irt.base);
	}
	/* It can be destroyed twice. */
	vtd_irt_destroy(&irt);
}

/* A table is smaller if memory has no contiguous range of the wanted size. */
static void table_memory(struct kunit *test)
{
	struct vtd_irt irt = { };

	/* No allocator returns 256 MiB of contiguous memory. */
	KUNIT_EXPECT_EQ(test, vtd_irt_init(&irt, 1U << 24, 1U << 24, true,
					   NUMA_NO_NODE), -ENOMEM);
	KUNIT_EXPECT_NULL(test, irt.base);
	KUNIT_EXPECT_NULL(test, irt.slots.used);
	KUNIT_ASSERT_EQ(test, vtd_irt_init(&irt, 1U << 24, 2, true,
					   NUMA_NO_NODE), 0);
	KUNIT_EXPECT_LT(test, irt.entries, 1U << 24);
	/* At least a page of entries. */
	KUNIT_EXPECT_GE(test, irt.entries, 256);
	memset(irt.base, 0, 16ULL * irt.entries);
	KUNIT_EXPECT_EQ(test, vtd_irt_get(&irt, 32), 0);
	vtd_irt_put(&irt, 0, 32);
	KUNIT_EXPECT_EQ(test, find_first_bit(irt.slots.used, irt.entries),
			irt.entries);
	vtd_irt_destroy(&irt);
}

static void table_runs(struct kunit *test)
{
	struct vtd_irt irt;
	int i;

	KUNIT_ASSERT_EQ(test, vtd_irt_init(&irt, 64, 64, true, NUMA_NO_NODE),
			0);
	KUNIT_EXPECT_EQ(test, vtd_irt_get(&irt, 1), 0);
	/* Runs are aligned to their size. */
	KUNIT_EXPECT_EQ(test, vtd_irt_get(&irt, 4), 4);
	KUNIT_EXPECT_EQ(test, vtd_irt_get(&irt, 32), 32);
	KUNIT_EXPECT_EQ(test, vtd_irt_get(&irt, 2), 2);
	KUNIT_EXPECT_EQ(test, vtd_irt_get(&irt, 32), -ENOSPC);
	KUNIT_EXPECT_EQ(test, vtd_irt_get(&irt, 16), 16);
	KUNIT_EXPECT_EQ(test, vtd_irt_get(&irt, 8), 8);
	KUNIT_EXPECT_EQ(test, vtd_irt_get(&irt, 2), -ENOSPC);
	KUNIT_EXPECT_EQ(test, vtd_irt_get(&irt, 1), 1);
	KUNIT_EXPECT_EQ(test, vtd_irt_get(&irt, 1), -ENOSPC);
	vtd_irt_put(&irt, 32, 32);
	for (i = 0; i < 32; i++)
		KUNIT_EXPECT_EQ(test, vtd_irt_get(&irt, 1), 32 + i);
	KUNIT_EXPECT_EQ(test, vtd_irt_get(&irt, 1), -ENOSPC);
	vtd_irt_put(&irt, 63, 1);
	KUNIT_EXPECT_EQ(test, vtd_irt_get(&irt, 1), 63);
	vtd_irt_destroy(&irt);
}

/* A store does not change other entries. */
static void table_stores(struct kunit *test)
{
	const struct vtd_irte present = { 0x100000000021, 0x40123 };
	const struct vtd_irte blocked = { };
	struct vtd_irt irt;
	const u64 *raw;
	int i;

	KUNIT_ASSERT_EQ(test, vtd_irt_init(&irt, 8, 8, true, NUMA_NO_NODE),
			0);
	raw = (const u64 *)irt.base;
	KUNIT_EXPECT_TRUE(test, vtd_irt_is_clear(&irt, 5));
	vtd_irt_store(&irt, 5, &present);
	KUNIT_EXPECT_FALSE(test, vtd_irt_is_clear(&irt, 5));
	KUNIT_EXPECT_EQ(test, raw[10], 0x100000000021);
	KUNIT_EXPECT_EQ(test, raw[11], 0x40123);
	vtd_irt_store(&irt, 5, &blocked);
	KUNIT_EXPECT_TRUE(test, vtd_irt_is_clear(&irt, 5));
	for (i = 0; i < 16; i++)
		if (i != 11)
			KUNIT_EXPECT_EQ(test, raw[i], 0);
	vtd_irt_destroy(&irt);
}

static struct kunit_case nyx_vtd_irte_cases[] = {
	KUNIT_CASE(entry_target),
	KUNIT_CASE(entry_posted),
	KUNIT_CASE(entry_source),
	KUNIT_CASE(messages),
	KUNIT_CASE(tables),
	KUNIT_CASE(table_memory),
	KUNIT_CASE(table_runs),
	KUNIT_CASE(table_stores),
	{}
};

static struct kunit_suite nyx_vtd_irte_suite = {
	.name = "nyx_vtd_irte",
	.test_cases = nyx_vtd_irte_cases,
};

kunit_test_suite(nyx_vtd_irte_suite);
