// SPDX-License-Identifier: GPL-2.0-only
/*
 * Capabilities of AMD units, against the numbers of the specification (48882).
 */
#include <kunit/test.h>
#include <linux/minmax.h>
#include <linux/sizes.h>
#include <nyx/pt.h>
#include <nyx/unit.h>

#include "../fields.h"
#include "amd/caps.h"
#include "amd/ivrs.h"

/* Registers of QEMU's unit. */
#define QEMU_CAP 0x1f03000f
#define QEMU_EFR 0x29d3

static struct amd_ivrs_unit unit = { .type = 0x11 };

static const struct amd_ivrs ivrs = {
	.va_bits = 64,
	.unit = &unit,
	.nr_unit = 1,
};

static struct nyx_unit_caps decode(struct kunit *test, u32 cap, u64 efr)
{
	struct nyx_unit_caps caps;
	const char *why;

	KUNIT_ASSERT_EQ(test, 0,
			amd_caps_decode(&ivrs, 0, cap, efr, &caps, &why));
	return caps;
}

static void caps_qemu(struct kunit *test)
{
	struct nyx_unit_caps caps = decode(test, QEMU_CAP, QEMU_EFR);

	KUNIT_EXPECT_PTR_EQ(test, caps.format, &nyx_pt_amdv1);
	KUNIT_EXPECT_EQ(test, caps.levels, 0x78);
	KUNIT_EXPECT_EQ(test, caps.addr_bits, 64);
	KUNIT_EXPECT_EQ(test, caps.phys_bits, 52);
	KUNIT_EXPECT_EQ(test, caps.max_domain_id, 0xffff);
	/* 4 KiB to 256 GiB. */
	KUNIT_EXPECT_EQ(test, caps.pgsizes, 0x7ffffff000);
	KUNIT_EXPECT_TRUE(test, caps.coherent);
	KUNIT_EXPECT_TRUE(test, caps.passthrough);
	KUNIT_EXPECT_TRUE(test, caps.snoop);
	KUNIT_EXPECT_TRUE(test, caps.map_flush);
}

/* NpCache is bit 26 of the Capability Header. */
static void caps_np_cache(struct kunit *test)
{
	int bit;

	for (bit = 0; bit < 32; bit++)
		KUNIT_EXPECT_EQ(test,
				decode(test, 1U << bit, 0).map_flush,
				bit == 26);
}

/* HATS is bits 11:10 of EFR: 4, 5 or 6 levels; 3 is reserved. */
static void caps_levels(struct kunit *test)
{
	struct nyx_unit_caps caps;
	const char *why = NULL;

	/* HASup is bit 49, HDSup bit 52; D without A is of no use. */
	KUNIT_EXPECT_FALSE(test, decode(test, 0, ~0x12000000000c00ULL).dirty);
	KUNIT_EXPECT_FALSE(test, decode(test, 0, 0x02000000000000ULL).dirty);
	KUNIT_EXPECT_FALSE(test, decode(test, 0, 0x10000000000000ULL).dirty);
	KUNIT_EXPECT_TRUE(test, decode(test, 0, 0x12000000000000ULL).dirty);
	caps = decode(test, 0, ~0xc00ULL);
	KUNIT_EXPECT_EQ(test, caps.levels, 0x18);
	KUNIT_EXPECT_EQ(test, caps.addr_bits, 48);
	caps = decode(test, 0, 0x400);
	KUNIT_EXPECT_EQ(test, caps.levels, 0x38);
	KUNIT_EXPECT_EQ(test, caps.addr_bits, 57);
	caps = decode(test, 0, 0x800);
	KUNIT_EXPECT_EQ(test, caps.levels, 0x78);
	KUNIT_EXPECT_EQ(test, caps.addr_bits, 64);
	KUNIT_EXPECT_EQ(test, amd_caps_decode(&ivrs, 0, 0, 0xc00, &caps, &why),
			-EOPNOTSUPP);
	KUNIT_EXPECT_NOT_NULL(test, why);
}

/*
 * GTSup is bit 4 of EFR, IASup bit 6, GIoSup bit 48: each one is necessary. GLXSup is
 * bits 15:14, PASmax bits 36:32, GATS bits 13:12.
 */
static void caps_guest(struct kunit *test)
{
	const u64 all = 0x1000000000050ULL;
	struct nyx_unit_caps caps = decode(test, 0, all | 0x8000 | 15ULL << 32);
	unsigned int i, glx, max;

	KUNIT_EXPECT_PTR_EQ(test, caps.first.format, &nyx_pt_x86);
	KUNIT_EXPECT_EQ(test, caps.first.pgsizes, 0x40201000);
	KUNIT_EXPECT_EQ(test, caps.first.levels, 0x10);
	KUNIT_EXPECT_EQ(test, caps.first.addr_bits, 47);
	KUNIT_EXPECT_TRUE(test, caps.first.per_device);
	KUNIT_EXPECT_EQ(test, caps.pasid_bits, 16);
	KUNIT_EXPECT_PTR_EQ(test, caps.format, &nyx_pt_amdv1);
	for (i = 0; i < 64; i++) {
		/* HATS 3 means that the unit cannot be used. */
		if (i == 10 || i == 11)
			continue;
		caps = decode(test, 0, all & ~(1ULL << i));
		KUNIT_EXPECT_EQ(test, !caps.first.format,
				i == 4 || i == 6 || i == 48);
		KUNIT_EXPECT_EQ(test, !caps.pasid_bits, !caps.first.format);
	}
	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_EQ(test, !decode(test, 0, all | i << 12).first.format,
				i == 3);
	for (glx = 0; glx < 4; glx++) {
		for (max = 0; max < 32; max++) {
			caps = decode(test, 0, all | glx << 14 | (u64)max << 32);
			KUNIT_EXPECT_EQ(test, caps.pasid_bits, glx == 3 ? 0 :
					min3(max + 1, 9 * glx + 9, 20U));
		}
	}
	/* PPRSup is bit 1. */
	KUNIT_EXPECT_TRUE(test, decode(test, 0, all | 2).page_requests);
	KUNIT_EXPECT_FALSE(test, decode(test, 0, ~2ULL & all).page_requests);
	/* QEMU's unit has GTSup, but not GIoSup. */
	KUNIT_EXPECT_NULL(test, decode(test, QEMU_CAP, QEMU_EFR).first.format);
}

/* HATDis is bit 0 of the IOMMU Attributes, which type 10h does not have. */
static void caps_hats_disabled(struct kunit *test)
{
	static const u8 types[] = { 0x10, 0x11, 0x40 };
	struct amd_ivrs_unit fw = { .attributes = 1 };
	struct amd_ivrs table = ivrs;
	struct nyx_unit_caps caps;
	const char *why;
	size_t i;

	table.unit = &fw;
	for (i = 0; i < ARRAY_SIZE(types); i++) {
		fw.type = types[i];
		KUNIT_EXPECT_EQ(test, amd_caps_decode(&table, 0, 0, 0, &caps,
						      &why),
				i ? -EOPNOTSUPP : 0);
	}
}

/* The IVRS table limits IOVAs, but not the addresses that entries lead to. */
static void caps_addresses(struct kunit *test)
{
	struct amd_ivrs table = ivrs;
	struct nyx_unit_caps caps;
	const char *why;

	table.va_bits = 40;
	KUNIT_ASSERT_EQ(test, amd_caps_decode(&table, 0, 0, QEMU_EFR, &caps,
					      &why), 0);
	KUNIT_EXPECT_EQ(test, caps.addr_bits, 40);
	KUNIT_EXPECT_EQ(test, caps.phys_bits, 52);
}

/* The EFR is the image in the IVHD if there is one, else the register. */
static void efr_source(struct kunit *test)
{
	struct amd_ivrs_unit fw = { .type = 0x11, .efr = 0x1230 };

	/* Without an image, the register counts if EFRSup (bit 27) is set. */
	KUNIT_EXPECT_EQ(test, amd_caps_efr(&fw, 0x08000000, 0x5678), 0x5678);
	KUNIT_EXPECT_EQ(test, amd_caps_efr(&fw, ~0x08000000, 0x5678), 0);
	fw.has_efr = true;
	KUNIT_EXPECT_EQ(test, amd_caps_efr(&fw, 0x08000000, 0x5678), 0x1230);
	KUNIT_EXPECT_EQ(test, amd_caps_efr(&fw, 0, 0x5678), 0x1230);
	/*
	 * These features of the image count only if the register has them too:
	 * IASup, PPRSup and DevTblSegSup,
	 */
	fw.efr = 0x8000000042ULL;
	KUNIT_EXPECT_EQ(test, amd_caps_efr(&fw, 0x08000000, 0x40), 0x40);
	KUNIT_EXPECT_EQ(test, amd_caps_efr(&fw, 0x08000000, 0x8000000002ULL),
			0x8000000002ULL);
	KUNIT_EXPECT_EQ(test, amd_caps_efr(&fw, 0, 0), 0x8000000042ULL);
	/* and XTSup (bit 2) and GASup (bit 7). */
	fw.efr = 0x84;
	KUNIT_EXPECT_EQ(test, amd_caps_efr(&fw, 0x08000000, 0x80), 0x80);
	KUNIT_EXPECT_EQ(test, amd_caps_efr(&fw, 0x08000000, 0x04), 0x04);
	KUNIT_EXPECT_EQ(test, amd_caps_efr(&fw, 0, 0), 0x84);
	/* HASup and HDSup: HAD is reserved in a unit without them. */
	fw.efr = 0x12000000000000ULL;
	KUNIT_EXPECT_EQ(test, amd_caps_efr(&fw, 0x08000000, 0), 0);
	KUNIT_EXPECT_EQ(test, amd_caps_efr(&fw, 0x08000000, ~0ULL), fw.efr);

	/* What is necessary for guest tables, and their limits. */
	fw.efr = 0x1001f0000c010ULL;
	KUNIT_EXPECT_EQ(test, amd_caps_efr(&fw, 0x08000000, 0), 0);
	KUNIT_EXPECT_EQ(test, amd_caps_efr(&fw, 0x08000000, ~0ULL), fw.efr);
	KUNIT_EXPECT_EQ(test, amd_caps_efr(&fw, 0x08000000, 0xf00004000ULL),
			0xf00004000ULL);

	/* Type 10h: HATS is in bits 31:30, IASup in bit 5. */
	fw = (struct amd_ivrs_unit) { .type = 0x10, .attributes = 0x80000000 };
	KUNIT_EXPECT_EQ(test, amd_caps_efr(&fw, 0, ~0ULL), 0x800);
	fw.attributes = 0x20;
	KUNIT_EXPECT_EQ(test, amd_caps_efr(&fw, 0, ~0ULL), 0x40);
	fw.attributes = 0x7fffffdf & ~0x40000000;
	KUNIT_EXPECT_EQ(test, amd_caps_efr(&fw, 0, ~0ULL), 0);
	/* GASup counts if bit 6 of the block is set, too. */
	KUNIT_EXPECT_EQ(test, amd_caps_efr(&fw, 0x08000000, 0x84), 0x84);
	fw.attributes = 0x7fffffbf & ~0x40000000;
	KUNIT_EXPECT_EQ(test, amd_caps_efr(&fw, 0x08000000, 0x84), 0x04);
}

/* NumIntRemapSup, bits 9:8, counts only if the register has it too. */
static void efr2(struct kunit *test)
{
	struct amd_ivrs_unit fw = { .type = 0x11, .efr2 = 0x108 };

	KUNIT_EXPECT_EQ(test, amd_caps_efr2(&fw, 0x08000000, 0x104), 0x104);
	KUNIT_EXPECT_EQ(test, amd_caps_efr2(&fw, ~0x08000000, 0x104), 0);
	fw.has_efr = true;
	KUNIT_EXPECT_EQ(test, amd_caps_efr2(&fw, 0x08000000, 0x104), 0x108);
	KUNIT_EXPECT_EQ(test, amd_caps_efr2(&fw, 0x08000000, 0x004), 0x008);
	KUNIT_EXPECT_EQ(test, amd_caps_efr2(&fw, 0, 0x004), 0x108);
}

/* HTRangeIgnore, bit 11 of EFR2, counts only if image and register have it. */
static void ht_range(struct kunit *test)
{
	struct amd_ivrs_unit fw = { .type = 0x11, .has_efr = true };
	int bit, n;

	for (bit = 0; bit < 64; bit++)
		KUNIT_EXPECT_EQ(test, amd_caps_ht_reserved(1ULL << bit),
				bit != 11);
	for (n = 0; n < 4; n++) {
		fw.efr2 = n & 1 ? 0x800 : 0;
		KUNIT_EXPECT_EQ(test, amd_caps_efr2(&fw, 0x08000000,
						    n & 2 ? 0x800 : 0),
				n == 3 ? 0x800 : 0);
	}
}

/*
 * IVHD flags become bits of the Control Register: HtTunEn bit 0 to 1, PassPW 1
 * to 8, ResPassPW 2 to 9, Isoc 3 to 11. Coherent, bit 10, is always set;
 * InvTimeOut, bits 7:5, is 100b.
 */
static void control(struct kunit *test)
{
	static const u64 bits[8] = { 0x2, 0x100, 0x200, 0x800 };
	int i;

	KUNIT_EXPECT_EQ(test, amd_caps_control(0), 0x480);
	for (i = 0; i < 8; i++)
		KUNIT_EXPECT_EQ(test, amd_caps_control(1 << i),
				0x480 | bits[i]);
}

/* DevTblSegSup is bits 39:38. */
static void segments(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, amd_caps_segments(~(3ULL << 38)), 1);
	KUNIT_EXPECT_EQ(test, amd_caps_segments(1ULL << 38), 2);
	KUNIT_EXPECT_EQ(test, amd_caps_segments(2ULL << 38), 4);
	KUNIT_EXPECT_EQ(test, amd_caps_segments(3ULL << 38), 8);
}

static void last_device_id(struct kunit *test)
{
	struct amd_ivrs_range ranges[] = {
		{ .unit = 0, .first = 0x08, .last = 0x1ff },
		{ .unit = 1, .first = 0x8000, .last = 0xffff },
		{ .unit = 0, .first = 0x10, .last = 0x10, .source = 0x600 },
	};
	struct amd_ivrs_special special = { .unit = 0, .source = 0x0a0 };
	struct amd_ivrs_acpi acpi = { .unit = 0, .device_id = 0x0a5 };
	struct amd_ivrs table = {
		.range = ranges,
		.special = &special,
		.acpi = &acpi,
		.nr_range = ARRAY_SIZE(ranges),
		.nr_special = 1,
		.nr_acpi = 1,
	};

	KUNIT_EXPECT_EQ(test, amd_last_device_id(&table, 0), 0x1ff);
	KUNIT_EXPECT_EQ(test, amd_last_device_id(&table, 1), 0xffff);
	KUNIT_EXPECT_EQ(test, amd_last_device_id(&table, 2), 0);
	special.source = 0x210;
	KUNIT_EXPECT_EQ(test, amd_last_device_id(&table, 0), 0x210);
	acpi.device_id = 0x300;
	KUNIT_EXPECT_EQ(test, amd_last_device_id(&table, 0), 0x300);
	ranges[2].alias = true;
	KUNIT_EXPECT_EQ(test, amd_last_device_id(&table, 0), 0x600);
}

static const struct nyx_field cap_fields[] = {
	{ "CapRev", 0xf80000 }, { "IotlbSup", 0x1000000 },
	{ "HtTunnel", 0x2000000 }, { "NpCache", 0x4000000 },
	{ "EFRSup", 0x8000000 }, { "CapExt", 0x10000000 }, { }
};

static const struct nyx_field efr_fields[] = {
	{ "PreFSup", 1 }, { "PPRSup", 2 }, { "XTSup", 4 }, { "NXSup", 8 },
	{ "GTSup", 0x10 }, { "GAPPISup", 0x20 }, { "IASup", 0x40 },
	{ "GASup", 0x80 }, { "HESup", 0x100 }, { "PCSup", 0x200 },
	{ "HATS", 0xc00 }, { "GATS", 0x3000 }, { "GLXSup", 0xc000 },
	{ "SmiFSup", 0x30000 }, { "SmiFRC", 0x1c0000 },
	{ "GAMSup", 0xe00000 }, { "DualPprLogSup", 0x3000000 },
	{ "DualEventLogSup", 0x30000000 }, { "SATSSup", 0x80000000 },
	{ "PASmax", 0x1f00000000 }, { "USSup", 0x2000000000 },
	{ "DevTblSegSup", 0xc000000000 },
	{ "PprOvrflwEarlySup", 0x10000000000 },
	{ "PPRAutoRspSup", 0x20000000000 }, { "MarcSup", 0xc0000000000 },
	{ "BlkStopMrkSup", 0x100000000000 },
	{ "PerfOptSup", 0x200000000000 },
	{ "MsiCapMmioSup", 0x400000000000 }, { "GIoSup", 0x1000000000000 },
	{ "HASup", 0x2000000000000 }, { "EPHSup", 0x4000000000000 },
	{ "AttrFWSup", 0x8000000000000 }, { "HDSup", 0x10000000000000 },
	{ "InvIotlbTypeSup", 0x40000000000000 },
	{ "vIommuSup", 0x80000000000000 },
	{ "VmGuardIOSup", 0x100000000000000 },
	{ "VmTableSize", 0x1e00000000000000 },
	{ "GAUpdateDisSup", 0x2000000000000000 },
	{ "ForcePhyDestSup", 0x4000000000000000 },
	{ "SNPSup", 0x8000000000000000 }, { }
};

static const struct nyx_field efr2_fields[] = {
	{ "TMPMSup", 4 }, { "GCR3TRPMode", 8 }, { "GAPPIDisSup", 0x10 },
	{ "SNPAVICSup", 0xe0 }, { "NumIntRemapSup", 0x300 },
	{ "HTRangeIgnore", 0x800 }, { }
};

static void field_names(struct kunit *test)
{
	nyx_expect_fields(test, amd_cap_fields, cap_fields);
	nyx_expect_fields(test, amd_efr_fields, efr_fields);
	nyx_expect_fields(test, amd_efr2_fields, efr2_fields);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(caps_qemu),
	KUNIT_CASE(caps_np_cache),
	KUNIT_CASE(caps_levels),
	KUNIT_CASE(caps_guest),
	KUNIT_CASE(caps_hats_disabled),
	KUNIT_CASE(caps_addresses),
	KUNIT_CASE(efr_source),
	KUNIT_CASE(efr2),
	KUNIT_CASE(ht_range),
	KUNIT_CASE(control),
	KUNIT_CASE(segments),
	KUNIT_CASE(last_device_id),
	KUNIT_CASE(field_names),
	{ }
};

static struct kunit_suite suite = {
	.name = "nyx_amd_caps",
	.test_cases = cases,
};

kunit_test_suite(suite);
