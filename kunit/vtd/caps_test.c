// SPDX-License-Identifier: GPL-2.0-only
/*
 * Capabilities, compared with the numbers of the VT-d specification (revision
 * 5.1, 11.4.1 to 11.4.3).
 */
#include <kunit/test.h>
#include <linux/bits.h>
#include <linux/sizes.h>
#include <linux/string.h>
#include <nyx/pt.h>
#include <nyx/unit.h>

#include "../fields.h"
#include "vtd/caps.h"

/* QEMU's unit, 48 bits wide. */
#define CAP	0x80d2008c222f0606ULL
#define ECAP	0xf00f4aULL
#define VER	0x10

struct want {
	const char *name;
	u64 cap;
	u64 ecap;
	u8 host_bits;
	struct nyx_unit_caps caps;
};

static const struct want wants[] = {
	{
		"QEMU, 48 bits", CAP, ECAP, 39,
		{ .pgsizes = SZ_4K | SZ_2M | SZ_1G, .levels = BIT(3) | BIT(4),
		  .addr_bits = 48, .phys_bits = 39, .max_domain_id = 65535,
		  .passthrough = true },
	}, {
		"QEMU, 39 bits, caching mode", 0xd2008c22260286ULL, 0xf00f4eULL,
		52,
		{ .pgsizes = SZ_4K | SZ_2M | SZ_1G, .levels = BIT(3),
		  .addr_bits = 39, .phys_bits = 52, .max_domain_id = 65535,
		  .passthrough = true, .map_flush = true },
	}, {
		"a desktop", 0xd2008c40660462ULL, 0xf050daULL, 39,
		{ .pgsizes = SZ_4K | SZ_2M | SZ_1G, .levels = BIT(4),
		  .addr_bits = 39, .phys_bits = 39, .max_domain_id = 255,
		  .passthrough = true, .snoop = true },
	}, {
		"an early unit with write buffers", 0xc9008020e30272ULL,
		0x1000ULL, 36,
		{ .pgsizes = SZ_4K, .levels = BIT(3),
		  .addr_bits = 36, .phys_bits = 36, .max_domain_id = 255,
		  .map_flush = true },
	}, {
		"a server, 57 bits", 0x19ed008c40780c66ULL, 0x3ee9e86f050dfULL,
		52,
		{ .pgsizes = SZ_4K | SZ_2M | SZ_1G, .levels = BIT(4) | BIT(5),
		  .addr_bits = 57, .phys_bits = 52, .max_domain_id = 65535,
		  .coherent = true, .passthrough = true, .snoop = true },
	}, {
		"MGAW exceeds tables", 0xd2008c223f0206ULL, ECAP, 64,
		{ .pgsizes = SZ_4K | SZ_2M | SZ_1G, .levels = BIT(3),
		  .addr_bits = 39, .phys_bits = 52, .max_domain_id = 65535,
		  .passthrough = true },
	}, {
		"32 bits, 16 domains, no superpages, no pass-through",
		0xd20080221f0200ULL, 0xf00f0aULL, 32,
		{ .pgsizes = SZ_4K, .levels = BIT(3),
		  .addr_bits = 32, .phys_bits = 32, .max_domain_id = 15 },
	}, {
		"2 MiB only", 0xd2008422260201ULL, ECAP, 39,
		{ .pgsizes = SZ_4K | SZ_2M, .levels = BIT(3),
		  .addr_bits = 39, .phys_bits = 39, .max_domain_id = 63,
		  .passthrough = true },
	}, {
		"1 GiB without 2 MiB is ignored", 0xd2008822260205ULL,
		ECAP, 39,
		{ .pgsizes = SZ_4K, .levels = BIT(3),
		  .addr_bits = 39, .phys_bits = 39, .max_domain_id = 16383,
		  .passthrough = true },
	}, {
		"all widths and reserved ones", 0xd2008c22381f06ULL, ECAP, 46,
		{ .pgsizes = SZ_4K | SZ_2M | SZ_1G,
		  .levels = BIT(3) | BIT(4) | BIT(5),
		  .addr_bits = 57, .phys_bits = 46, .max_domain_id = 65535,
		  .passthrough = true },
	},
};

KUNIT_ARRAY_PARAM_DESC(wants, wants, name);

static void decode(struct kunit *test)
{
	const struct want *want = test->param_value;
	struct nyx_unit_caps caps = { };
	const char *why = NULL;

	KUNIT_ASSERT_EQ_MSG(test, vtd_caps_decode(VER, want->cap, want->ecap,
						  want->host_bits, &caps, &why),
			    0, "%s", why);
	KUNIT_EXPECT_PTR_EQ(test, caps.format, &nyx_pt_vtdss);
	KUNIT_EXPECT_EQ(test, caps.pgsizes, want->caps.pgsizes);
	KUNIT_EXPECT_EQ(test, caps.levels, want->caps.levels);
	KUNIT_EXPECT_EQ(test, caps.addr_bits, want->caps.addr_bits);
	KUNIT_EXPECT_EQ(test, caps.phys_bits, want->caps.phys_bits);
	KUNIT_EXPECT_EQ(test, caps.max_domain_id, want->caps.max_domain_id);
	KUNIT_EXPECT_EQ(test, caps.coherent, want->caps.coherent);
	KUNIT_EXPECT_EQ(test, caps.passthrough, want->caps.passthrough);
	KUNIT_EXPECT_EQ(test, caps.snoop, want->caps.snoop);
	KUNIT_EXPECT_EQ(test, caps.map_flush, want->caps.map_flush);
	/* CM */
	KUNIT_EXPECT_EQ(test, caps.blocked_cached, !!(want->cap & 0x80));
}

/*
 * FSTS is ECAP bit 47, SSTS 46, SSADS 45, SMTS 43, PASID 40, PSS 39:35, SMPWCS 48; FS5LP is
 * CAP bit 60, FS1GP 56.
 */
static void scalable(struct kunit *test)
{
	static const struct {
		u64 cap;
		u64 ecap;
		struct nyx_unit_caps caps;
	} cases[] = {
		/* A server: SSTS, FSTS, PASIDs of 20 bits, all page sizes. */
		{ 0x19ed008c40780c66ULL, 0x3ee9e86f050dfULL | BIT_ULL(40),
		  { .format = &nyx_pt_vtdss, .levels = BIT(4) | BIT(5),
		    .addr_bits = 57, .coherent = true, .dirty = true,
		    .pasid_bits = 20,
		    .first = { &nyx_pt_x86, SZ_4K | SZ_2M | SZ_1G,
			       BIT(4) | BIT(5), 56 } } },
		/* Second stage only. */
		{ CAP, ECAP | BIT_ULL(43) | BIT_ULL(46),
		  { .format = &nyx_pt_vtdss, .levels = BIT(3) | BIT(4),
		    .addr_bits = 48 } },
		/* PSS counts only with PASID; 32 bits do not exist. */
		{ CAP, ECAP | BIT_ULL(43) | BIT_ULL(46) | 0x1fULL << 35,
		  { .format = &nyx_pt_vtdss, .levels = BIT(3) | BIT(4),
		    .addr_bits = 48 } },
		{ CAP, ECAP | BIT_ULL(43) | BIT_ULL(46) | 0x1fULL << 35 |
		  BIT_ULL(40),
		  { .format = &nyx_pt_vtdss, .levels = BIT(3) | BIT(4),
		    .addr_bits = 48, .pasid_bits = 20 } },
		{ CAP, ECAP | BIT_ULL(43) | BIT_ULL(46) | BIT_ULL(40),
		  { .format = &nyx_pt_vtdss, .levels = BIT(3) | BIT(4),
		    .addr_bits = 48, .pasid_bits = 1 } },
		/* Writes are recorded in first-stage tables only: not offered. */
		{ CAP, ECAP | BIT_ULL(43) | BIT_ULL(46) | BIT_ULL(47) |
		  BIT_ULL(48),
		  { .format = &nyx_pt_vtdss, .levels = BIT(3) | BIT(4),
		    .addr_bits = 48, .coherent = true,
		    .first = { &nyx_pt_x86, SZ_4K | SZ_2M, BIT(4), 47 } } },
		/* First stage only, with and without second-stage ones of legacy mode. */
		{ CAP | BIT_ULL(56), ECAP | BIT_ULL(43) | BIT_ULL(47) |
		  BIT_ULL(48),
		  { .format = &nyx_pt_x86, .levels = BIT(4), .addr_bits = 47,
		    .coherent = true, .dirty = true,
		    .first = { &nyx_pt_x86, SZ_4K | SZ_2M | SZ_1G, BIT(4),
			       47 } } },
		{ (CAP & ~0x1f00ULL) | BIT_ULL(60), ECAP | BIT_ULL(43) |
		  BIT_ULL(47),
		  { .format = &nyx_pt_x86, .levels = BIT(4), .addr_bits = 47,
		    .first = { &nyx_pt_x86, SZ_4K | SZ_2M, BIT(4) | BIT(5),
			       56 } } },
	};
	struct nyx_unit_caps caps;
	const char *why;
	int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct nyx_unit_caps *want = &cases[i].caps;

		caps = (struct nyx_unit_caps) { };
		KUNIT_ASSERT_EQ(test, vtd_caps_decode(VER, cases[i].cap,
						      cases[i].ecap, 46, &caps,
						      &why), 0);
		KUNIT_EXPECT_NULL(test, vtd_caps_not_scalable(cases[i].ecap));
		vtd_caps_scalable(cases[i].cap, cases[i].ecap, &caps);
		KUNIT_EXPECT_PTR_EQ_MSG(test, caps.format, want->format, "%d", i);
		KUNIT_EXPECT_EQ_MSG(test, caps.levels, want->levels, "%d", i);
		KUNIT_EXPECT_EQ_MSG(test, caps.addr_bits, want->addr_bits, "%d",
				    i);
		KUNIT_EXPECT_EQ_MSG(test, caps.coherent, want->coherent, "%d", i);
		KUNIT_EXPECT_EQ_MSG(test, caps.dirty, want->dirty, "%d", i);
		KUNIT_EXPECT_EQ_MSG(test, caps.pasid_bits, want->pasid_bits, "%d",
				    i);
		KUNIT_EXPECT_PTR_EQ_MSG(test, caps.first.format,
					want->first.format, "%d", i);
		KUNIT_EXPECT_EQ_MSG(test, caps.first.pgsizes,
				    want->first.pgsizes, "%d", i);
		KUNIT_EXPECT_EQ_MSG(test, caps.first.levels, want->first.levels,
				    "%d", i);
		KUNIT_EXPECT_EQ_MSG(test, caps.first.addr_bits,
				    want->first.addr_bits, "%d", i);
		KUNIT_EXPECT_FALSE(test, caps.first.per_device);
		if (caps.format == &nyx_pt_x86)
			KUNIT_EXPECT_EQ(test, caps.pgsizes, caps.first.pgsizes);
	}
}

/* In legacy mode there are neither first-stage tables nor PASIDs. */
static void legacy(struct kunit *test)
{
	struct nyx_unit_caps caps = { };
	const char *why;

	KUNIT_ASSERT_EQ(test, vtd_caps_decode(VER, 0x19ed008c40780c66ULL,
					      0x3ee9e86f050dfULL, 46, &caps,
					      &why), 0);
	KUNIT_EXPECT_NULL(test, caps.first.format);
	KUNIT_EXPECT_EQ(test, caps.pasid_bits, 0);
	KUNIT_EXPECT_FALSE(test, vtd_caps_needs_scalable(0x19ed008c40780c66ULL));
	KUNIT_EXPECT_TRUE(test, vtd_caps_needs_scalable(CAP & ~0x1f00ULL));
}

struct refused {
	const char *name;
	u32 ver;
	u64 cap;
	u64 ecap;
	const char *why;
};

static const struct refused refusals[] = {
	{ "no table depth", VER, 0xd2008c222f0006ULL, ECAP, "SAGAW" },
	{ "2 levels only", VER, 0xd2008c222f0106ULL, ECAP, "SAGAW" },
	{ "first stage without scalable mode", VER, 0xd2008c222f0006ULL,
	  ECAP | BIT_ULL(47), "SAGAW" },
	{ "6 levels only", VER, 0xd2008c222f1006ULL, ECAP, "SAGAW" },
	{ "31 bits", VER, 0xd2008c221e0206ULL, ECAP, "MGAW" },
	{ "0 and 1 bits", VER, 0xd2008c22000206ULL, ECAP, "MGAW" },
	{ "reserved ND", VER, 0xd2008c222f0607ULL, ECAP, "ND" },
	{ "no way to invalidate", 0x60, CAP, ECAP & ~2ULL, "QI" },
	{ "all zeroes", VER, 0, 0, "SAGAW" },
	{ "fault records overlap CAP", VER, 0xd2008c002f0606ULL, ECAP, "FRO" },
	{ "fault records overlap IRTA", VER, 0xd2008c0b2f0606ULL, ECAP, "FRO" },
	{ "IOTLB overlaps IQA", VER, CAP, 0xf0094aULL, "IRO" },
	{ "IOTLB overlaps first fault record", VER, CAP, 0xf0224aULL, "IRO" },
	{ "IOTLB overlaps last fault record", VER, 0xd2ff8c222f0606ULL,
	  0xf1214aULL, "IRO" },
};

KUNIT_ARRAY_PARAM_DESC(refusals, refusals, name);

static void refuse(struct kunit *test)
{
	const struct refused *refused = test->param_value;
	struct nyx_unit_caps caps;
	const char *why = "";

	KUNIT_EXPECT_EQ(test, vtd_caps_decode(refused->ver, refused->cap,
					      refused->ecap, 39, &caps, &why),
			-EOPNOTSUPP);
	KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(why, refused->why), "%s", why);
}

/*
 * Registers may be adjacent to others. Without register-based invalidation, IRO
 * has no meaning.
 */
static void accept(struct kunit *test)
{
	struct nyx_unit_caps caps;
	const char *why;

	KUNIT_EXPECT_EQ(test, vtd_caps_decode(VER, 0xd2008c0c2f0606ULL, ECAP,
					      39, &caps, &why), 0);
	KUNIT_EXPECT_EQ(test, vtd_caps_decode(VER, CAP, 0xf00c4aULL, 39, &caps,
					      &why), 0);
	KUNIT_EXPECT_EQ(test, vtd_caps_decode(VER, CAP, 0xf0214aULL, 39, &caps,
					      &why), 0);
	KUNIT_EXPECT_EQ(test, vtd_caps_decode(VER, CAP, 0xf0234aULL, 39, &caps,
					      &why), 0);
	KUNIT_EXPECT_EQ(test, vtd_caps_decode(0x60, CAP, 0xf0004aULL, 39, &caps,
					      &why), 0);
}

/* Since major version 6 there is no register-based invalidation (6.5). */
static void register_based(struct kunit *test)
{
	KUNIT_EXPECT_TRUE(test, vtd_caps_register_based(0x10));
	KUNIT_EXPECT_TRUE(test, vtd_caps_register_based(0x5f));
	KUNIT_EXPECT_FALSE(test, vtd_caps_register_based(0x60));
	KUNIT_EXPECT_FALSE(test, vtd_caps_register_based(0x70));
	KUNIT_EXPECT_TRUE(test, vtd_caps_register_based(0xffffff0f));
}

static void register_offsets(struct kunit *test)
{
	/* QEMU: one record at 220h, IOTLB registers at f0h. */
	KUNIT_EXPECT_EQ(test, vtd_caps_frcd(CAP), 0x220);
	KUNIT_EXPECT_EQ(test, vtd_caps_nr_frcd(CAP), 1);
	KUNIT_EXPECT_EQ(test, vtd_caps_iotlb(ECAP), 0xf0);
	KUNIT_EXPECT_EQ(test, vtd_caps_window(CAP, ECAP), 0x1000);

	/* FRO is CAP bits 33:24, NFR 47:40, IRO ECAP bits 17:8. */
	KUNIT_EXPECT_EQ(test, vtd_caps_frcd(0x3ff000000ULL), 0x3ff0);
	KUNIT_EXPECT_EQ(test, vtd_caps_frcd(~0x3ff000000ULL), 0);
	KUNIT_EXPECT_EQ(test, vtd_caps_nr_frcd(0xff0000000000ULL), 256);
	KUNIT_EXPECT_EQ(test, vtd_caps_nr_frcd(~0xff0000000000ULL), 1);
	KUNIT_EXPECT_EQ(test, vtd_caps_iotlb(0x3ff00), 0x3ff0);
	KUNIT_EXPECT_EQ(test, vtd_caps_iotlb(~0x3ff00ULL), 0);

	/* The last record ends a page, starts one, or has the largest offset. */
	KUNIT_EXPECT_EQ(test, vtd_caps_window(0x0ff000000ULL, 0), 0x1000);
	KUNIT_EXPECT_EQ(test, vtd_caps_window(0x100000000ULL, 0), 0x2000);
	KUNIT_EXPECT_EQ(test, vtd_caps_window(0x0100ff000000ULL, 0), 0x2000);
	KUNIT_EXPECT_EQ(test, vtd_caps_window(0xff03ff000000ULL, 0), 0x5000);
	KUNIT_EXPECT_EQ(test, vtd_caps_window(0, 0x0ff00), 0x1000);
	KUNIT_EXPECT_EQ(test, vtd_caps_window(0, 0x10000), 0x2000);
	KUNIT_EXPECT_EQ(test, vtd_caps_window(0, 0x3ff00), 0x4000);
}

static const struct nyx_field cap_fields[] = {
	{ "ND", 0x7 }, { "RWBF", 0x10 }, { "PLMR", 0x20 }, { "PHMR", 0x40 },
	{ "CM", 0x80 }, { "SAGAW", 0x1f00 }, { "MGAW", 0x3f0000 },
	{ "ZLR", 0x400000 }, { "FRO", 0x3ff000000 }, { "SSLPS", 0x3c00000000 },
	{ "PSI", 0x8000000000 }, { "NFR", 0xff0000000000 },
	{ "MAMV", 0x3f000000000000 }, { "DWD", 0x40000000000000 },
	{ "DRD", 0x80000000000000 }, { "FS1GP", 0x100000000000000 },
	{ "PI", 0x800000000000000 }, { "FS5LP", 0x1000000000000000 },
	{ "ECMDS", 0x2000000000000000 }, { "ESIRTPS", 0x4000000000000000 },
	{ "ESRTPS", 0x8000000000000000 }, { }
};

static const struct nyx_field ecap_fields[] = {
	{ "C", 1 }, { "QI", 2 }, { "DT", 4 }, { "IR", 8 }, { "EIM", 0x10 },
	{ "PT", 0x40 }, { "SC", 0x80 }, { "IRO", 0x3ff00 },
	{ "MHMV", 0xf00000 }, { "MTS", 0x2000000 }, { "NEST", 0x4000000 },
	{ "PRS", 0x20000000 }, { "ERS", 0x40000000 }, { "SRS", 0x80000000 },
	{ "NWFS", 0x200000000 }, { "EAFS", 0x400000000 },
	{ "PSS", 0xf800000000 }, { "PASID", 0x10000000000 },
	{ "DIT", 0x20000000000 }, { "PDS", 0x40000000000 },
	{ "SMTS", 0x80000000000 }, { "VCS", 0x100000000000 },
	{ "SSADS", 0x200000000000 }, { "SSTS", 0x400000000000 },
	{ "FSTS", 0x800000000000 }, { "SMPWCS", 0x1000000000000 },
	{ "RPS", 0x2000000000000 }, { "TDXCS", 0x4000000000000 },
	{ "PMS", 0x8000000000000 }, { "ADMS", 0x10000000000000 },
	{ "RPRIVS", 0x20000000000000 }, { "HPTS", 0x80000000000000 },
	{ "PTRS", 0x100000000000000 }, { "SSIRWS", 0x200000000000000 },
	{ "SMS", 0x400000000000000 }, { "HPT1GPS", 0x800000000000000 },
	{ "RDTS", 0x1000000000000000 }, { "EIMER", 0x2000000000000000 },
	{ "IRREQ", 0x4000000000000000 }, { }
};

static void field_names(struct kunit *test)
{
	static const struct nyx_field ver_fields[] = {
		{ "MAX", 0xf0 }, { "MIN", 0xf }, { }
	};

	nyx_expect_fields(test, vtd_ver_fields, ver_fields);
	nyx_expect_fields(test, vtd_cap_fields, cap_fields);
	nyx_expect_fields(test, vtd_ecap_fields, ecap_fields);
}

static struct kunit_case nyx_vtd_caps_cases[] = {
	KUNIT_CASE_PARAM(decode, wants_gen_params),
	KUNIT_CASE_PARAM(refuse, refusals_gen_params),
	KUNIT_CASE(scalable),
	KUNIT_CASE(legacy),
	KUNIT_CASE(accept),
	KUNIT_CASE(register_based),
	KUNIT_CASE(register_offsets),
	KUNIT_CASE(field_names),
	{}
};

static struct kunit_suite nyx_vtd_caps_suite = {
	.name = "nyx_vtd_caps",
	.test_cases = nyx_vtd_caps_cases,
};

kunit_test_suite(nyx_vtd_caps_suite);
