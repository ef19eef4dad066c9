// SPDX-License-Identifier: GPL-2.0-only
/*
 * Invalidation descriptors bit by bit, compared with the numbers of the VT-d
 * specification (revision 5.1).
 */
#include <kunit/test.h>
#include <linux/bits.h>

#include "vtd/dsc.h"

static void expect_dsc(struct kunit *test, struct nyx_cmd dsc, u64 lo, u64 hi)
{
	KUNIT_EXPECT_EQ(test, dsc.lo, lo);
	KUNIT_EXPECT_EQ(test, dsc.hi, hi);
}

/* Type 1, G bits 5:4, DID 31:16, SID 47:32, FM 49:48 (6.5.2.1). */
static void encodes_context_cache(struct kunit *test)
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

/* Type 7, G bits 5:4, DID 31:16, PASID 51:32 (6.5.2.2). */
static void encodes_pasid_cache(struct kunit *test)
{
	int bit;

	expect_dsc(test, vtd_dsc_pasid_global(), 0x37, 0);
	expect_dsc(test, vtd_dsc_pasid(0, 0), 0x17, 0);
	expect_dsc(test, vtd_dsc_pasid(0xabcd, 0xfffff), 0xfffffabcd0017, 0);
	for (bit = 0; bit < 16; bit++)
		expect_dsc(test, vtd_dsc_pasid(1 << bit, 0),
			   0x17 + (0x10000ULL << bit), 0);
	for (bit = 0; bit < 20; bit++)
		expect_dsc(test, vtd_dsc_pasid(0, 1 << bit),
			   0x17 + (0x100000000ULL << bit), 0);
}

/*
 * Type 2, G bits 5:4, DW 6, DR 7, DID 31:16; AM 69:64, IH 70, ADDR 127:76
 * (6.5.2.3).
 */
static void encodes_iotlb(struct kunit *test)
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
 * Type 6, G bits 5:4, DID 31:16, PASID 51:32; AM 69:64, IH 70, ADDR 127:76
 * (6.5.2.4).
 */
static void encodes_p_iotlb(struct kunit *test)
{
	int bit;

	expect_dsc(test, vtd_dsc_p_iotlb(0, 0), 0x26, 0);
	expect_dsc(test, vtd_dsc_p_iotlb(0xabcd, 0xfffff), 0xfffffabcd0026, 0);
	expect_dsc(test, vtd_dsc_p_iotlb_page(0, 0, 0, 0, false), 0x36, 0);
	expect_dsc(test, vtd_dsc_p_iotlb_page(0, 0, 0, 0, true), 0x36, 0x40);
	expect_dsc(test, vtd_dsc_p_iotlb_page(1, 2, ~0ULL, 63, false),
		   0x200010036, 0xfffffffffffff03f);
	for (bit = 0; bit < 16; bit++)
		expect_dsc(test, vtd_dsc_p_iotlb(1 << bit, 0),
			   0x26 + (0x10000ULL << bit), 0);
	for (bit = 0; bit < 20; bit++)
		expect_dsc(test, vtd_dsc_p_iotlb_page(0, 1 << bit, 0, 9, false),
			   0x36 + (0x100000000ULL << bit), 9);
	for (bit = 12; bit < 64; bit++)
		expect_dsc(test, vtd_dsc_p_iotlb_page(0, 0, BIT_ULL(bit), 0,
						      false),
			   0x36, BIT_ULL(bit));
}

/*
 * Type 8, MIP 8:4, PFSID 15:12 and 63:52, SID 31:16, PASID 51:32; S 75, ADDR 127:76
 * (6.5.2.6).
 */
static void encodes_p_device_tlb(struct kunit *test)
{
	int bit;

	expect_dsc(test, vtd_dsc_p_dev_tlb(0, 0, 0, 0, 0, 0), 0x8, 0);
	expect_dsc(test, vtd_dsc_p_dev_tlb(0x0208, 0xfedc, 31, 0x12345, 0x7000,
					   0), 0xfed123450208c1f8, 0x7000);
	for (bit = 0; bit < 16; bit++) {
		expect_dsc(test, vtd_dsc_p_dev_tlb(1 << bit, 0, 0, 0, 0, 0),
			   0x8 + (0x10000ULL << bit), 0);
		expect_dsc(test, vtd_dsc_p_dev_tlb(0, 1 << bit, 0, 0, 0, 0),
			   0x8 + (bit < 4 ? 0x1000ULL << bit :
				  0x10000000000000ULL << (bit - 4)), 0);
	}
	for (bit = 0; bit < 20; bit++)
		expect_dsc(test, vtd_dsc_p_dev_tlb(0, 0, 0, 1 << bit, 0, 0),
			   0x8 + (0x100000000ULL << bit), 0);
	expect_dsc(test, vtd_dsc_p_dev_tlb(0, 0, 0, 0, 0x12346000, 1), 0x8,
		   0x12346800);
	expect_dsc(test, vtd_dsc_p_dev_tlb(0, 0, 0, 0, 0x40000000, 9), 0x8,
		   0x400ff800);
	expect_dsc(test, vtd_dsc_p_dev_tlb(0, 0, 0, 0, 0, 52), 0x8,
		   0x7ffffffffffff800);
}

/* Which device a descriptor is for. */
static void names_device(struct kunit *test)
{
	struct nyx_cmd dscs[] = {
		vtd_dsc_dev_tlb(0x1234, 0xffff, 31, ~0ULL, 0),
		vtd_dsc_p_dev_tlb(0x1234, 0xffff, 31, 0xfffff, ~0ULL, 0),
		vtd_dsc_cc_device(0x1234, 0x1234),
		vtd_dsc_p_iotlb(0x1234, 0x1234),
	};
	u16 sid;
	int i;

	for (i = 0; i < ARRAY_SIZE(dscs); i++) {
		sid = 0;
		KUNIT_EXPECT_EQ(test, vtd_dsc_device(&dscs[i], &sid), i < 2);
		KUNIT_EXPECT_EQ(test, sid, i < 2 ? 0x1234 : 0);
	}
}

/*
 * Type 3, PFSID 15:12 and 63:52, MIP 20:16, SID 47:32; S 64, ADDR 127:76
 * (6.5.2.5).
 */
static void encodes_device_tlb(struct kunit *test)
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

	/* With S, the lowest 0 from bit 12 on encodes the size (PCIe ATS). */
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
static void encodes_interrupt_entries(struct kunit *test)
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
static void encodes_wait(struct kunit *test)
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

static struct kunit_case nyx_vtd_dsc_cases[] = {
	KUNIT_CASE(encodes_context_cache),
	KUNIT_CASE(encodes_pasid_cache),
	KUNIT_CASE(encodes_iotlb),
	KUNIT_CASE(encodes_p_iotlb),
	KUNIT_CASE(encodes_device_tlb),
	KUNIT_CASE(encodes_p_device_tlb),
	KUNIT_CASE(names_device),
	KUNIT_CASE(encodes_interrupt_entries),
	KUNIT_CASE(encodes_wait),
	{}
};

static struct kunit_suite nyx_vtd_dsc_suite = {
	.name = "nyx_vtd_dsc",
	.test_cases = nyx_vtd_dsc_cases,
};

kunit_test_suite(nyx_vtd_dsc_suite);
