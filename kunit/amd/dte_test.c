// SPDX-License-Identifier: GPL-2.0-only
/*
 * Device table entries, bit by bit, against the numbers of the AMD IOMMU
 * specification (48882).
 */
#include <kunit/test.h>
#include <linux/bits.h>
#include <linux/io.h>
#include <linux/slab.h>
#include <nyx/pt.h>
#include <nyx/unit.h>

#include "amd/dte.h"

static void *new_page(struct kunit *test)
{
	/* kmalloc() aligns sizes that are powers of two. */
	void *page = kunit_kzalloc(test, 4096, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_ASSERT_EQ(test, virt_to_phys(page) & 0xfff, 0);
	return page;
}

static void expect_dte(struct kunit *test, const struct nyx_entry *entry,
		       u8 setting, const void *nowhere, u64 q0, u64 q1, u64 q2)
{
	const struct amd_dte_setting settings = { .all = setting };
	struct amd_dte dte = amd_dte_encode(entry, settings, nowhere);

	KUNIT_EXPECT_EQ(test, dte.q[0], q0);
	KUNIT_EXPECT_EQ(test, dte.q[1], q1);
	KUNIT_EXPECT_EQ(test, dte.q[2], q2);
	KUNIT_EXPECT_EQ(test, dte.q[3], 0);
}

/*
 * V is bit 0, TV bit 1, Mode bits 11:9, IR bit 61, IW bit 62. V = 0 would let
 * all DMA pass, and so would Mode = 0 on units that ignore IR and IW.
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
	/* SysMgt stays 0: these requests are aborted. */
	expect_dte(test, &entry, 0x30, nowhere, virt_to_phys(nowhere) | 0x203,
		   0, 0);
}

/* SE is bit 97 and SA bit 98: page faults of the device cause no events. */
static void dte_quiet(struct kunit *test)
{
	const struct nyx_entry entry = {
		.kind = NYX_ENTRY_BLOCKED,
		.quiet = true,
	};
	void *nowhere = new_page(test);

	expect_dte(test, &entry, 0, nowhere, virt_to_phys(nowhere) | 0x203,
		   0x600000000, 0);
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
	/* ATS is never enabled: there is nothing to translate. */
	entry.domain_id = 7;
	entry.ats = true;
	expect_dte(test, &entry, 0, nowhere, 0x6000000000000003, 7, 0);
}

/* The root pointer is bits 51:12, I bit 96, HAD bits 8:7. */
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
		entry.dirty = true;
		expect_dte(test, &entry, 0, nowhere, 0x6000000000000183 | root |
			   (u64)pt->cfg.levels << 9, 0x8001, 0);
		entry.dirty = false;
		expect_dte(test, &entry, 0, nowhere, 0x6000000000000003 | root |
			   (u64)pt->cfg.levels << 9, 0x8001, 0);
		entry.ats = true;
		expect_dte(test, &entry, 0, nowhere, 0x6000000000000003 | root |
			   (u64)pt->cfg.levels << 9, 0x100008001, 0);
	}
}

/*
 * Of the DTE setting in the IVHD, bits 0, 1, 2, 6 and 7 become bits 184, 185,
 * 186, 190 and 191, and bits 5:4 become SysMgt, bits 105:104. IV, bit 128, is
 * never set.
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
		/* Interrupt settings do not depend on DMA. */
		expect_dte(test, &blocked, cases[i].setting, nowhere,
			   virt_to_phys(nowhere) | 0x203, 0, cases[i].q2);
	}
}

/*
 * GV is bit 55, GIOV bit 54, GLX bits 57:56. The address of the GCR3 table is split:
 * bits 14:12 at 60:58, bits 30:15 at 95:80, bits 51:31 at 127:107. Mode and GPM (bits
 * 183:182) are 0.
 */
static void dte_guest(struct kunit *test)
{
	const struct amd_dte_setting setting = { .all = 0x30 };
	struct nyx_pt *pt = kunit_kzalloc(test, sizeof(*pt), GFP_KERNEL);
	struct nyx_entry entry = { .domain_id = 0xa5a5, .pasids = true };
	void *nowhere = new_page(test);
	unsigned int levels, bit;
	struct amd_dte dte;

	for (bit = 12; bit < 45; bit++) {
		const u64 *root = phys_to_virt(1ULL << bit);
		u64 q0 = bit < 15 ? 1ULL << (bit + 46) : 0;
		u64 q1 = bit < 15 ? 0 : bit < 31 ? 1ULL << (bit + 1) :
						   1ULL << (bit + 12);

		levels = bit % 3 + 1;
		q0 |= 0x6080000000000003 | (u64)(levels - 1) << 56;
		/* SysMgt */
		q1 |= 0x0000030000000000 | 0xa5a5;
		entry.kind = NYX_ENTRY_IDENTITY;
		entry.ats = false;
		amd_dte_set_guest(&dte, &entry, setting, root, levels);
		KUNIT_EXPECT_EQ(test, dte.q[0], q0);
		KUNIT_EXPECT_EQ(test, dte.q[1], q1);
		entry.kind = NYX_ENTRY_TABLE;
		entry.ats = true;
		amd_dte_set_guest(&dte, &entry, setting, root, levels);
		KUNIT_EXPECT_EQ(test, dte.q[0], q0 | 0x0040000000000000);
		KUNIT_EXPECT_EQ(test, dte.q[1], q1 | 0x100000000);
	}
	/* Without the address, such an entry must not pass anything. */
	KUNIT_ASSERT_NOT_NULL(test, pt);
	pt->fmt = &nyx_pt_x86;
	entry.pt = pt;
	expect_dte(test, &entry, 0, nowhere, virt_to_phys(nowhere) | 0x203, 0,
		   0);
	/* Nor must one whose table the unit would read as a host table. */
	entry.pasids = false;
	expect_dte(test, &entry, 0, nowhere, virt_to_phys(nowhere) | 0x203, 0,
		   0);
}

/* Requests without PASID pass untranslated only without GIOV. */
static void dte_guest_predicates(struct kunit *test)
{
	struct amd_dte dte = { .q = { 0x7f80000000000003, 0xfffffb01ffffa5a5 } };

	KUNIT_EXPECT_TRUE(test, amd_dte_has_guest(&dte));
	KUNIT_EXPECT_TRUE(test, amd_dte_is_identity(&dte, NULL));
	KUNIT_EXPECT_FALSE(test, amd_dte_set_dirty(&dte, true));
	amd_dte_drop_guest(&dte);
	/* I is cleared, too; SysMgt and DomainID stay. */
	KUNIT_EXPECT_EQ(test, dte.q[0], 0x6000000000000003);
	KUNIT_EXPECT_EQ(test, dte.q[1], 0x000003000000a5a5);
	KUNIT_EXPECT_FALSE(test, amd_dte_has_guest(&dte));
	KUNIT_EXPECT_TRUE(test, amd_dte_is_identity(&dte, NULL));

	dte = (struct amd_dte) { .q = { 0x60c0000000000003, 7 } };
	KUNIT_EXPECT_TRUE(test, amd_dte_has_guest(&dte));
	KUNIT_EXPECT_FALSE(test, amd_dte_is_identity(&dte, NULL));
	/* Without IR and IW nothing passes. */
	dte.q[0] = 0x00c0000000000003;
	KUNIT_EXPECT_FALSE(test, amd_dte_has_guest(&dte));
	/* A crashed kernel's entry with a guest table is not copied. */
	KUNIT_EXPECT_FALSE(test, amd_dte_can_copy((u64[]) {
						0x6080000000000003, 7, 0, 0 }));
	KUNIT_EXPECT_TRUE(test, amd_dte_can_copy((u64[]) {
						0x6000000000000003, 7, 0, 0 }));
}

static const struct amd_dte some = {
	.q = { 0x6000000000000003, 0x42, 0x4700000000000000, 0 },
};

static void dte_predicates(struct kunit *test)
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

/* Only the half that controls DMA changes, not the one for interrupts. */
static void expect_changed(struct kunit *test, const struct amd_dte *dte,
			   u64 q0, u64 q1)
{
	KUNIT_EXPECT_EQ(test, dte->q[0], q0);
	KUNIT_EXPECT_EQ(test, dte->q[1], q1);
	KUNIT_EXPECT_EQ(test, dte->q[2], some.q[2]);
	KUNIT_EXPECT_EQ(test, dte->q[3], 0);
}

static void dte_stores(struct kunit *test)
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
	/* Replaced by one store of 128 bits, or not at all. */
	if (amd_dte_replace(dte, &val))
		expect_changed(test, dte, 0x6000000000000803, 0x17);
	else
		expect_changed(test, dte, some.q[0], some.q[1]);
}

/*
 * Bits of the DTE setting in the IVHD: InitPass is 184, EIntPass 185, NMIPass
 * 186, Lint0Pass 190, Lint1Pass 191.
 */
static void dte_interrupts(struct kunit *test)
{
	struct amd_dte dte = { .q = { 0x1111, 0x2222, 0x3333, 0x4444 } };

	KUNIT_EXPECT_EQ(test, amd_dte_interrupts(0), 0);
	KUNIT_EXPECT_EQ(test, amd_dte_interrupts(0xff), 0xc700000000000000);
	KUNIT_EXPECT_TRUE(test, amd_dte_set_interrupts(&dte, 0x5555));
	KUNIT_EXPECT_FALSE(test, amd_dte_set_interrupts(&dte, 0x5555));
	KUNIT_EXPECT_EQ(test, dte.q[0], 0x1111);
	KUNIT_EXPECT_EQ(test, dte.q[1], 0x2222);
	KUNIT_EXPECT_EQ(test, dte.q[2], 0x5555);
	KUNIT_EXPECT_EQ(test, dte.q[3], 0x4444);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(dte_blocked),
	KUNIT_CASE(dte_quiet),
	KUNIT_CASE(dte_identity),
	KUNIT_CASE(dte_table),
	KUNIT_CASE(dte_setting),
	KUNIT_CASE(dte_guest),
	KUNIT_CASE(dte_guest_predicates),
	KUNIT_CASE(dte_predicates),
	KUNIT_CASE(dte_stores),
	KUNIT_CASE(dte_interrupts),
	{ }
};

static struct kunit_suite suite = {
	.name = "nyx_amd_dte",
	.test_cases = cases,
};

kunit_test_suite(suite);
