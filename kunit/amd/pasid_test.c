// SPDX-License-Identifier: GPL-2.0-only
/*
 * PASID entries, on a model of the unit. Numbers are those of the AMD IOMMU
 * specification (48882).
 */
#include <kunit/static_stub.h>
#include <linux/cleanup.h>
#include <linux/io.h>
#include <nyx/invalidate.h>
#include <nyx/pasid.h>

#include "guest_fixture.h"

#define OWN 0x0208
#define OTHER 0x0300
#define PASSES (3ULL << 61)

KUNIT_ARRAY_PARAM(caches, guest_caches, guest_caches_desc);

static void invalidate(struct nyx_device *ndev, u32 pasid, u16 domain_id)
{
	struct nyx_cmd cmds[NYX_PASID_CMDS];
	unsigned int nr = ndev->unit->ops->pasids->inv(ndev->unit, ndev->rid,
						       pasid, domain_id, cmds);

	KUNIT_ASSERT_LE(amd_model_at(0)->test, nr, NYX_PASID_CMDS);
	KUNIT_EXPECT_EQ(amd_model_at(0)->test,
			nyx_invalidate(ndev->unit, cmds, nr), 0);
}

/* Blocks an entry as the core does; returns the DomainID. */
static u16 block(struct nyx_device *ndev, u32 pasid)
{
	u16 domain_id = 0;
	bool cached;

	scoped_guard(raw_spinlock_irqsave, &ndev->unit->store_lock)
		cached = ndev->unit->ops->pasids->block(ndev->unit, ndev->rid,
							pasid, &domain_id);
	if (cached)
		invalidate(ndev, pasid, domain_id);
	return cached ? domain_id : 0;
}

static void fill(struct nyx_device *ndev, u32 pasid,
		 const struct nyx_entry *entry)
{
	scoped_guard(raw_spinlock_irqsave, &ndev->unit->store_lock)
		ndev->unit->ops->pasids->fill(ndev->unit, ndev->rid, pasid,
					      entry);
	invalidate(ndev, pasid, 0);
}

static int provide(struct nyx_device *ndev, u32 pasid)
{
	return ndev->unit->ops->pasids->provide(ndev->unit, ndev, pasid);
}

/* Two tables in the same level below the root, and one in another. */
static void use_pasids(struct amd_model *model)
{
	model->guest.pasids[0] = 5;
	model->guest.pasids[1] = 511;
	model->guest.pasids[2] = 65535;
	model->guest.nr_pasids = 3;
}

static void pasids_change(struct kunit *test)
{
	struct amd_model *model = guest_running(test);
	struct nyx_device *ndev = guest_add(model, OWN);
	const struct nyx_entry identity = guest_identity(7);
	struct nyx_entry tables[3], other = guest_table(test, 7);
	unsigned int i;

	use_pasids(model);
	guest_set(ndev, &identity);
	for (i = 0; i < 3; i++) {
		tables[i] = guest_table(test, 7);
		KUNIT_ASSERT_EQ(test, provide(ndev, model->guest.pasids[i]), 0);
		KUNIT_EXPECT_EQ(test, block(ndev, model->guest.pasids[i]), 0);
		fill(ndev, model->guest.pasids[i], &tables[i]);
	}
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_TRUE(test,
				  amd_guest_reaches(model, OWN,
						    model->guest.pasids[i],
						    tables[i].pt));
	KUNIT_EXPECT_EQ(test, model->guest.walks.nr, 3);
	/* Requests without PASID pass untranslated, and do not use entry 0. */
	KUNIT_EXPECT_GT(test, model->guest.untranslated, 0);

	/* One changes to another table; the others do not. */
	KUNIT_EXPECT_EQ(test, block(ndev, 511), 7);
	KUNIT_EXPECT_FALSE(test, amd_guest_caches(model, tables[1].pt));
	fill(ndev, 511, &other);
	KUNIT_EXPECT_TRUE(test, amd_guest_reaches(model, OWN, 511, other.pt));
	KUNIT_EXPECT_TRUE(test, amd_guest_reaches(model, OWN, 5,
						  tables[0].pt));
	KUNIT_EXPECT_TRUE(test, amd_guest_reaches(model, OWN, 65535,
						  tables[2].pt));
	KUNIT_EXPECT_EQ(test, block(ndev, 65535), 7);
	KUNIT_EXPECT_EQ(test, block(ndev, 5), 7);
	KUNIT_EXPECT_EQ(test, block(ndev, 511), 7);
	KUNIT_EXPECT_EQ(test, model->guest.walks.nr, 0);
	KUNIT_EXPECT_EQ(test, model->guest.entries.nr, 0);
}

/* With a guest table for requests without PASID, both kinds are separate. */
static void with_table(struct kunit *test)
{
	struct amd_model *model = guest_running(test);
	struct nyx_device *ndev = guest_add(model, OWN);
	struct nyx_entry a = guest_table(test, 7), b = guest_table(test, 7);
	struct nyx_entry p = guest_table(test, 7);
	const struct nyx_entry identity = guest_identity(7);

	use_pasids(model);
	guest_set(ndev, &a);
	KUNIT_ASSERT_EQ(test, provide(ndev, 5), 0);
	fill(ndev, 5, &p);
	guest_set(ndev, &b);
	KUNIT_EXPECT_TRUE(test, amd_guest_reaches(model, OWN, 0, b.pt));
	KUNIT_EXPECT_TRUE(test, amd_guest_reaches(model, OWN, 5, p.pt));
	KUNIT_EXPECT_FALSE(test, amd_guest_reaches(model, OWN, 0, p.pt));
	KUNIT_EXPECT_FALSE(test, amd_guest_caches(model, a.pt));
	guest_set(ndev, &identity);
	KUNIT_EXPECT_TRUE(test, amd_guest_reaches(model, OWN, 5, p.pt));
	KUNIT_EXPECT_EQ(test, block(ndev, 5), 7);
	KUNIT_EXPECT_FALSE(test, amd_guest_caches(model, p.pt));
}

/* The same PASID of two devices: each one has its own DomainID. */
static void two_devices(struct kunit *test)
{
	struct amd_model *model = guest_running(test);
	struct nyx_device *own = guest_add(model, OWN);
	struct nyx_device *other = guest_add(model, OTHER);
	const struct nyx_entry id7 = guest_identity(7), id8 = guest_identity(8);
	struct nyx_entry p = guest_table(test, 7);

	use_pasids(model);
	guest_set(own, &id7);
	guest_set(other, &id8);
	KUNIT_ASSERT_EQ(test, provide(own, 5), 0);
	fill(own, 5, &p);
	KUNIT_EXPECT_FALSE(test, amd_guest_reaches(model, OTHER, 5, p.pt));
	KUNIT_ASSERT_EQ(test, provide(other, 5), 0);
	fill(other, 5, &p);
	KUNIT_EXPECT_TRUE(test, amd_guest_reaches(model, OTHER, 5, p.pt));
	KUNIT_EXPECT_EQ(test, block(own, 5), 7);
	KUNIT_EXPECT_FALSE(test, amd_guest_reaches(model, OWN, 5, p.pt));
	KUNIT_EXPECT_TRUE(test, amd_guest_reaches(model, OTHER, 5, p.pt));
	KUNIT_EXPECT_EQ(test, block(other, 5), 8);
	KUNIT_EXPECT_FALSE(test, amd_guest_caches(model, p.pt));
}

/*
 * The device table entry blocks, and its DomainID is 0: the unit may nevertheless
 * have cached translations under the one that it had.
 */
static void while_blocked(struct kunit *test)
{
	struct amd_model *model = guest_running(test);
	struct nyx_device *ndev = guest_add(model, OWN);
	const struct nyx_entry identity = guest_identity(7);
	const struct nyx_entry blocked = { .kind = NYX_ENTRY_BLOCKED };
	struct nyx_entry p = guest_table(test, 7);

	use_pasids(model);
	guest_set(ndev, &identity);
	KUNIT_ASSERT_EQ(test, provide(ndev, 5), 0);
	fill(ndev, 5, &p);
	guest_set(ndev, &blocked);
	KUNIT_EXPECT_FALSE(test, amd_guest_caches(model, p.pt));
	model->nr_cmds = 0;
	KUNIT_EXPECT_EQ(test, block(ndev, 5), 7);
	KUNIT_EXPECT_EQ(test, model->nr_cmds, 4);
	KUNIT_EXPECT_EQ(test, model->cmds[0][0], 2ULL << 60 | OWN);
	KUNIT_EXPECT_EQ(test, model->cmds[1][0], 1ULL << 60 | 4);
	KUNIT_EXPECT_EQ(test, model->cmds[2][0], 3ULL << 60 | 7ULL << 32 | 5);
	KUNIT_EXPECT_EQ(test, model->cmds[2][1], 0x7ffffffffffff007);
	guest_set(ndev, &identity);
	KUNIT_EXPECT_FALSE(test, amd_guest_caches(model, p.pt));
}

static unsigned int pages, limit;

static u64 *count_pages(int nid)
{
	struct kunit *test = kunit_get_current_test();
	u64 *page;

	if (pages == limit)
		return NULL;
	pages++;
	kunit_deactivate_static_stub(test, amd_gcr3_page);
	page = amd_gcr3_page(nid);
	kunit_activate_static_stub(test, amd_gcr3_page, count_pages);
	return page;
}

/* Levels are allocated when a PASID needs them, and shared. */
static void levels(struct kunit *test)
{
	static const struct {
		unsigned int glx;
		unsigned int bits;
		/* Pages for PASID 0, and for the largest one besides */
		unsigned int first;
		unsigned int more;
	} units[] = {
		{ 2, 9, 1, 0 }, { 2, 10, 2, 1 }, { 1, 18, 2, 1 },
		{ 2, 19, 3, 2 }, { 2, 20, 3, 2 },
	};
	const struct nyx_entry identity = guest_identity(7);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(units); i++) {
		struct amd_model *model = guest_new(test, units[i].glx,
						    units[i].bits);
		struct nyx_entry p = guest_table(test, 7);
		u32 last = (1U << units[i].bits) - 1;
		struct nyx_device *ndev;

		amd_model_start(model);
		ndev = guest_add(model, OWN);
		model->guest.pasids[0] = last;
		model->guest.nr_pasids = 1;
		limit = 99;
		pages = 0;
		kunit_activate_static_stub(test, amd_gcr3_page, count_pages);
		guest_set(ndev, &identity);
		KUNIT_EXPECT_EQ(test, pages, units[i].first);
		KUNIT_EXPECT_EQ(test, amd_model_entry(model, OWN)[0] >> 56 & 3,
				units[i].first - 1);
		KUNIT_EXPECT_EQ(test, provide(ndev, last), 0);
		KUNIT_EXPECT_EQ(test, pages, units[i].first + units[i].more);
		KUNIT_EXPECT_EQ(test, provide(ndev, last - 1), 0);
		KUNIT_EXPECT_EQ(test, provide(ndev, 1), 0);
		KUNIT_EXPECT_EQ(test, pages, units[i].first + units[i].more);
		fill(ndev, last, &p);
		KUNIT_EXPECT_TRUE(test, amd_guest_reaches(model, OWN, last,
							  p.pt));
		kunit_deactivate_static_stub(test, amd_gcr3_page);
		amd_model_free(model);
	}
}

/* Errors, and entries that the tables do not hold. */
static void refuses(struct kunit *test)
{
	struct amd_model *model = guest_new(test, 2, 20);
	struct nyx_device *ndev = guest_add(model, OWN);
	const struct nyx_entry identity = guest_identity(7);
	const struct nyx_entry plain = unit_core_identity(1);
	const struct nyx_entry blocked = { .kind = NYX_ENTRY_BLOCKED };
	struct nyx_entry v1 = amd_model_table(model, 3);
	struct nyx_entry p = guest_table(test, 7);

	amd_model_start(model);
	model->guest.pasids[0] = 0xfffff;
	model->guest.nr_pasids = 1;
	/* Nothing is allocated yet. */
	KUNIT_EXPECT_EQ(test, block(ndev, 5), 0);
	fill(ndev, 5, &p);
	v1.ats = false;
	guest_set(ndev, &plain);
	KUNIT_EXPECT_EQ(test, provide(ndev, 5), -EOPNOTSUPP);
	guest_set(ndev, &v1);
	KUNIT_EXPECT_EQ(test, provide(ndev, 5), -EOPNOTSUPP);

	/* While the device is blocked, entries change as ever. */
	guest_set(ndev, &blocked);
	KUNIT_EXPECT_EQ(test, provide(ndev, 5), 0);

	guest_set(ndev, &identity);
	pages = 0;
	limit = 1;
	kunit_activate_static_stub(test, amd_gcr3_page, count_pages);
	KUNIT_EXPECT_EQ(test, provide(ndev, 0xfffff), -ENOMEM);
	KUNIT_EXPECT_EQ(test, block(ndev, 0xfffff), 0);
	fill(ndev, 0xfffff, &p);
	KUNIT_EXPECT_FALSE(test, amd_guest_caches(model, p.pt));
	limit = 2;
	KUNIT_EXPECT_EQ(test, provide(ndev, 0xfffff), 0);
	/* No guest table passes requests untranslated. */
	fill(ndev, 0xfffff, &identity);
	KUNIT_EXPECT_EQ(test, block(ndev, 0xfffff), 0);
	KUNIT_EXPECT_EQ(test, model->guest.walks.nr, 0);
	fill(ndev, 0xfffff, &p);
	KUNIT_EXPECT_TRUE(test, amd_guest_reaches(model, OWN, 0xfffff, p.pt));

	nyx_unit_fail(ndev->unit, "test");
	KUNIT_EXPECT_EQ(test, provide(ndev, 0xfffff), -EIO);
	/* It blocks, although the unit does not confirm anything. */
	KUNIT_EXPECT_FALSE(test, amd_guest_caches(model, p.pt));
}

static void expect_flush(struct amd_model *model, const struct nyx_flush *flush,
			 u64 lo, u64 hi)
{
	struct nyx_unit *unit = &model->au->unit;

	model->nr_cmds = 0;
	KUNIT_EXPECT_EQ(model->test, unit->ops->flush(unit, flush), 0);
	/* COMPLETION_WAIT follows. */
	KUNIT_EXPECT_EQ(model->test, model->nr_cmds, 2);
	KUNIT_EXPECT_EQ(model->test, model->cmds[0][0], lo);
	KUNIT_EXPECT_EQ(model->test, model->cmds[0][1], hi);
}

/* A page, a range and all of a PASID, with GN (bit 66); PDE is bit 65. */
static void flushes(struct kunit *test)
{
	struct amd_model *model = guest_running(test);
	struct nyx_device *ndev = guest_add(model, OWN);
	struct nyx_entry a = guest_table(test, 7), p = guest_table(test, 7);
	struct nyx_flush flush = {
		.domain_id = 7,
		.first = true,
		.pasid = 5,
		.start = 0x1000,
		.last = 0x1fff,
		.leaf_only = true,
	};

	use_pasids(model);
	guest_set(ndev, &a);
	KUNIT_ASSERT_EQ(test, provide(ndev, 5), 0);
	fill(ndev, 5, &p);
	expect_flush(model, &flush, 0x3000000700000005, 0x1004);
	flush.leaf_only = false;
	expect_flush(model, &flush, 0x3000000700000005, 0x1006);
	flush.start = 0x200000;
	flush.last = 0x3fffff;
	expect_flush(model, &flush, 0x3000000700000005, 0x2ff007);
	flush.start = 0;
	flush.last = ~0ULL;
	expect_flush(model, &flush, 0x3000000700000005, 0x7ffffffffffff007);
	flush.pasid = 0;
	expect_flush(model, &flush, 0x3000000700000000, 0x7ffffffffffff007);
	flush.first = false;
	expect_flush(model, &flush, 0x3000000700000000, 0x7ffffffffffff003);
}

/* PASID 0x12345 in the TLB of a device: see 2.4.4. */
static void device_tlb(struct kunit *test)
{
	struct amd_model *model = guest_running(test);
	struct nyx_device *ndev = guest_add(model, OWN);
	const struct nyx_range range = { 0x200000, 9 };
	struct nyx_cmd cmd = ndev->unit->ops->pasids->device(ndev->unit, ndev,
							     0x12345, range);

	KUNIT_EXPECT_EQ(test, cmd.lo, 0x4145020820230208);
	KUNIT_EXPECT_EQ(test, cmd.hi, 0x2ff005);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(pasids_change, caches_gen_params),
	KUNIT_CASE_PARAM(with_table, caches_gen_params),
	KUNIT_CASE_PARAM(two_devices, caches_gen_params),
	KUNIT_CASE(while_blocked),
	KUNIT_CASE(levels),
	KUNIT_CASE(refuses),
	KUNIT_CASE(flushes),
	KUNIT_CASE(device_tlb),
	{ }
};

static struct kunit_suite suite = {
	.name = "nyx_amd_pasid",
	.test_cases = cases,
};

kunit_test_suite(suite);
