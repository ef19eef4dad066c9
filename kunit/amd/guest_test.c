// SPDX-License-Identifier: GPL-2.0-only
/*
 * Device table entries that lead to guest tables, on a model of the unit. Numbers are
 * those of the AMD IOMMU specification (48882).
 */
#include <kunit/static_stub.h>
#include <linux/cleanup.h>
#include <linux/io.h>
#include <linux/irqflags.h>
#include <nyx/entry.h>
#include <nyx/invalidate.h>

#include "../cut_off_fixture.h"
#include "../cx16.h"
#include "guest_fixture.h"

#define OWN 0x0208
#define OTHER 0x0300
#define PASSES (3ULL << 61)
/* GV, GLX 1 (2 levels); GIOV */
#define GUEST (PASSES | BIT_ULL(55) | BIT_ULL(56) | 3)
#define GIOV BIT_ULL(54)
/* Address of the GCR3 table in bits 63:0; GTEn in the Control Register */
#define ROOT (7ULL << 58)
#define GT_EN BIT_ULL(16)

KUNIT_ARRAY_PARAM(caches, guest_caches, guest_caches_desc);

/* The entry in memory is the one that the unit has cached. */
static void expect_entry(struct amd_model *model, u16 rid, u64 q0, u16 domain_id)
{
	const u64 *dte = amd_model_entry(model, rid);
	const struct amd_model_device *dev = amd_model_find(model, rid);

	KUNIT_EXPECT_EQ(model->test, dte[0] & ~ROOT, q0);
	KUNIT_EXPECT_EQ(model->test, dte[1] & 0xffff, domain_id);
	KUNIT_EXPECT_TRUE(model->test, dev->cached);
	KUNIT_EXPECT_EQ(model->test, dte[0], dev->q[0]);
	KUNIT_EXPECT_EQ(model->test, dte[1], dev->q[1]);
}

/* Requests of PASID 0 use exactly this table, and nothing of others is left. */
static void expect_table(struct amd_model *model, u16 rid,
			 const struct nyx_entry *entry,
			 const struct nyx_entry *old)
{
	struct kunit *test = model->test;

	expect_entry(model, rid, GUEST | GIOV, entry->domain_id);
	KUNIT_EXPECT_TRUE(test, amd_guest_reaches(model, rid, 0, entry->pt));
	if (old)
		KUNIT_EXPECT_FALSE(test, amd_guest_caches(model, old->pt));
}

/* All changes between kinds of entries, while the device does DMA. */
static void entries_change(struct kunit *test)
{
	struct amd_model *model = guest_running(test);
	struct nyx_device *ndev = guest_add(model, OWN);
	struct nyx_entry a = guest_table(test, 7), b = guest_table(test, 7);
	const struct nyx_entry plain = unit_core_identity(1);
	const struct nyx_entry blocked = { .kind = NYX_ENTRY_BLOCKED };
	const struct nyx_entry identity = guest_identity(7);
	struct nyx_entry v1 = amd_model_table(model, 3);

	v1.ats = false;
	guest_set(ndev, &plain);
	expect_entry(model, OWN, PASSES | 3, 1);
	model->watched = OWN;

	guest_set(ndev, &a);
	expect_table(model, OWN, &a, NULL);
	KUNIT_EXPECT_EQ(test, model->guest.untranslated, 0);
	/* Only entry 0 of the GCR3 table changes. */
	guest_set(ndev, &b);
	expect_table(model, OWN, &b, &a);
	KUNIT_EXPECT_EQ(test, model->guest.untranslated, 0);

	guest_set(ndev, &identity);
	expect_entry(model, OWN, GUEST, 7);
	KUNIT_EXPECT_FALSE(test, amd_guest_caches(model, b.pt));
	KUNIT_EXPECT_GT(test, model->guest.untranslated, 0);

	guest_set(ndev, &a);
	expect_table(model, OWN, &a, &b);
	guest_set(ndev, &v1);
	expect_entry(model, OWN, PASSES | 0x803 | virt_to_phys(v1.pt->root), 3);
	KUNIT_EXPECT_FALSE(test, amd_guest_caches(model, a.pt));
	guest_set(ndev, &b);
	expect_table(model, OWN, &b, &a);
	KUNIT_EXPECT_FALSE(test, amd_model_reaches(model, &v1));
	/* All of these were single stores. */
	KUNIT_EXPECT_EQ(test, model->blocked, 0);

	guest_set(ndev, &blocked);
	KUNIT_EXPECT_EQ(test, amd_model_entry(model, OWN)[0] & PASSES, 0);
	KUNIT_EXPECT_FALSE(test, amd_guest_caches(model, b.pt));
	/* A guest table needs a GCR3 table even if PASIDs are not used. */
	a.pasids = false;
	guest_set(ndev, &a);
	expect_table(model, OWN, &a, &b);
}

/*
 * No command covers the guest translations of all PASIDs of a domain, except
 * INVALIDATE_IOMMU_ALL. The device table entry is invalidated first.
 */
static void invalidates(struct kunit *test)
{
	struct amd_model *model = guest_running(test);
	struct nyx_device *ndev = guest_add(model, OWN);
	struct nyx_entry a = guest_table(test, 7), b = guest_table(test, 7);
	struct nyx_entry v1 = amd_model_table(model, 3);

	v1.ats = false;
	guest_set(ndev, &a);
	model->nr_cmds = 0;
	guest_set(ndev, &b);
	KUNIT_EXPECT_EQ(test, model->nr_cmds, 4);
	KUNIT_EXPECT_EQ(test, model->cmds[0][0], 2ULL << 60 | OWN);
	KUNIT_EXPECT_EQ(test, model->cmds[1][0], 1ULL << 60 | 4);
	KUNIT_EXPECT_EQ(test, model->cmds[2][0], 8ULL << 60);
	KUNIT_EXPECT_EQ(test, model->cmds[3][0] >> 60, 1);
	/* Nothing has changed. */
	model->nr_cmds = 0;
	guest_set(ndev, &b);
	KUNIT_EXPECT_EQ(test, model->nr_cmds, 0);
	/* Domains without guest tables are invalidated as ever. */
	guest_set(ndev, &v1);
	model->nr_cmds = 0;
	v1.domain_id = 4;
	guest_set(ndev, &v1);
	KUNIT_EXPECT_EQ(test, model->cmds[2][0], 3ULL << 60 | 3ULL << 32);
}

static struct amd_model *reading;

/* The unit reads all tables before this store and after it. */
static void store_while_read(u64 *entry, u64 val)
{
	amd_model_reread(reading);
	WRITE_ONCE(*entry, val);
	amd_model_reread(reading);
}

static const bool stores[] = { true, false };

static void stores_desc(const bool *cx16, char *desc)
{
	strscpy(desc, *cx16 ? "128-bit stores" : "no 128-bit stores",
		KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(stores, stores, stores_desc);

/*
 * Whenever the unit reads: it caches no table under the DomainID of another one,
 * where no flush would find it, and no table that an entry led to earlier.
 */
static void order_of_stores(struct kunit *test)
{
	const bool *cx16 = test->param_value;
	struct amd_model *model = guest_new(test, 1, 16);
	struct nyx_device *ndev = guest_add(model, OWN);
	struct nyx_entry a = guest_table(test, 7), b = guest_table(test, 7);
	struct nyx_entry v1 = amd_model_table(model, 3);
	const struct nyx_entry identity = guest_identity(7);

	if (!*cx16)
		without_cx16(test);
	amd_model_start(model);
	reading = model;
	kunit_activate_static_stub(test, amd_gcr3_store, store_while_read);
	/* Requests with PASID 0, which is not that of requests without PASID. */
	model->guest.nr_pasids = 1;
	v1.ats = false;
	guest_set(ndev, &v1);
	guest_set(ndev, &a);
	KUNIT_EXPECT_TRUE(test, amd_guest_tagged(model, 7, a.pt));
	KUNIT_EXPECT_FALSE(test, amd_guest_tagged(model, 3, a.pt));
	/* Entry 0 still leads to the first table. */
	guest_set(ndev, &v1);
	model->guest.ever.nr = 0;
	guest_set(ndev, &b);
	expect_table(model, OWN, &b, &a);
	KUNIT_EXPECT_FALSE(test, amd_guest_tagged(model, 7, a.pt));

	guest_set(ndev, &v1);
	model->guest.ever.nr = 0;
	guest_set(ndev, &identity);
	KUNIT_EXPECT_EQ(test, model->guest.ever.nr, 0);
	guest_set(ndev, &a);
	expect_table(model, OWN, &a, &b);
	guest_set(ndev, &identity);
	KUNIT_EXPECT_FALSE(test, amd_guest_caches(model, a.pt));

	/* Another DomainID. */
	guest_set(ndev, &a);
	model->guest.ever.nr = 0;
	b.domain_id = 9;
	guest_set(ndev, &b);
	expect_table(model, OWN, &b, &a);
	KUNIT_EXPECT_FALSE(test, amd_guest_tagged(model, 7, b.pt));
	KUNIT_EXPECT_FALSE(test, amd_guest_tagged(model, 9, a.pt));
}

/*
 * nyx_cut_off() has blocked the entry, but the unit still uses the one that it has
 * cached. It must not find the next table in the GCR3 table.
 */
static void blocked_but_cached(struct kunit *test)
{
	const struct nyx_entry blocked = { .kind = NYX_ENTRY_BLOCKED };
	struct amd_model *model = guest_running(test);
	struct nyx_unit *unit = &model->au->unit;
	struct nyx_device *ndev = guest_add(model, OWN);
	struct nyx_entry a = guest_table(test, 7), b = guest_table(test, 9);
	u16 domain_id = 0;

	guest_set(ndev, &a);
	scoped_guard(raw_spinlock_irqsave, &unit->store_lock)
		unit->ops->entries->replace(unit, OWN, &blocked, &domain_id);
	ndev->cut_off_cached = true;
	KUNIT_EXPECT_EQ(test, domain_id, 7);
	/* The unit replaced what it had cached of the GCR3 table. */
	model->guest.entries.nr = 0;
	guest_set(ndev, &b);
	expect_table(model, OWN, &b, &a);
	KUNIT_EXPECT_FALSE(test, amd_guest_tagged(model, 7, b.pt));
}

static unsigned int pages_left;

static u64 *few_pages(int nid)
{
	struct kunit *test = kunit_get_current_test();
	u64 *page;

	if (!pages_left)
		return NULL;
	pages_left--;
	kunit_deactivate_static_stub(test, amd_gcr3_page);
	page = amd_gcr3_page(nid);
	kunit_activate_static_stub(test, amd_gcr3_page, few_pages);
	return page;
}

/* Each DeviceID has its own GCR3 table; without memory the device is blocked. */
static void no_memory(struct kunit *test)
{
	struct amd_model *model = guest_running(test);
	struct nyx_device *ndev = guest_add(model, OWN);
	struct nyx_entry a = guest_table(test, 7);

	amd_model_alias(model, ndev, OTHER);
	kunit_activate_static_stub(test, amd_gcr3_page, few_pages);
	/* Of the 2 levels of both tables, one is missing. */
	pages_left = 3;
	KUNIT_EXPECT_EQ(test, amd_model_set(ndev, &a), -ENOMEM);
	KUNIT_EXPECT_EQ(test, amd_model_entry(model, OWN)[0] & PASSES, 0);
	KUNIT_EXPECT_EQ(test, amd_model_entry(model, OTHER)[0] & PASSES, 0);
	pages_left = 1;
	guest_set(ndev, &a);
	KUNIT_EXPECT_EQ(test, pages_left, 0);
	expect_table(model, OWN, &a, NULL);
	expect_table(model, OTHER, &a, NULL);
	KUNIT_EXPECT_NE(test, amd_guest_root(amd_model_entry(model, OWN)),
			amd_guest_root(amd_model_entry(model, OTHER)));
}

/* A unit without guest tables: GTEn stays clear, and no device has a GCR3 table. */
static void not_supported(struct kunit *test)
{
	struct amd_model *model = amd_model_new(test, IA_SUP | GT_SUP, 0xffff);
	struct nyx_device *ndev = amd_model_add(model, OWN);
	struct nyx_entry a = guest_table(test, 7);
	const struct nyx_entry plain = unit_core_identity(1);

	amd_model_start(model);
	KUNIT_EXPECT_EQ(test, model->control & GT_EN, 0);
	kunit_activate_static_stub(test, amd_gcr3_page, few_pages);
	pages_left = 0;
	guest_set(ndev, &plain);
	expect_entry(model, OWN, PASSES | 3, 1);
	/* The core does not do this. The device must not do DMA to anywhere. */
	KUNIT_EXPECT_EQ(test, amd_model_set(ndev, &a), 0);
	KUNIT_EXPECT_EQ(test, amd_model_entry(model, OWN)[0] & PASSES, 0);
}

/* GTEn is set while the unit translates, and cleared for the next driver. */
static void sleeps(struct kunit *test)
{
	struct amd_model *model = guest_running(test);
	struct nyx_unit *unit = &model->au->unit;
	struct nyx_device *ndev = guest_add(model, OWN);
	struct nyx_entry a = guest_table(test, 7);
	unsigned long flags;

	guest_set(ndev, &a);
	KUNIT_EXPECT_EQ(test, model->control & GT_EN, GT_EN);
	local_irq_save(flags);
	unit->ops->disable(unit);
	KUNIT_EXPECT_EQ(test, model->control & GT_EN, 0);
	model->cmd_head = 0;
	model->cmd_tail = 0;
	KUNIT_EXPECT_EQ(test, unit->ops->wake(unit), 0);
	KUNIT_EXPECT_EQ(test, unit->ops->enable(unit), 0);
	local_irq_restore(flags);
	KUNIT_EXPECT_EQ(test, model->control & GT_EN, GT_EN);
	expect_table(model, OWN, &a, NULL);
}

/*
 * Contained: guest tables are not used any more, whichever requests they translate.
 * Requests without PASID that passed untranslated still do.
 */
static void contained(struct kunit *test)
{
	struct amd_model *model = guest_running(test);
	struct nyx_device *own = guest_add(model, OWN);
	struct nyx_device *other = guest_add(model, OTHER);
	struct nyx_entry a = guest_table(test, 7);
	const struct nyx_entry identity = guest_identity(8);

	guest_set(own, &a);
	guest_set(other, &identity);
	nyx_unit_fail(&model->au->unit, "test");
	KUNIT_EXPECT_EQ(test, amd_model_entry(model, OWN)[0] & PASSES, 0);
	KUNIT_EXPECT_FALSE(test, amd_guest_caches(model, a.pt));
	expect_entry(model, OTHER, PASSES | 3, 8);
	KUNIT_EXPECT_EQ(test, amd_model_entry(model, OTHER)[1], 8);
	/* And nothing leads to guest tables again. */
	KUNIT_EXPECT_EQ(test, amd_model_set(own, &a), -EIO);
	KUNIT_EXPECT_EQ(test, amd_model_entry(model, OWN)[0] & PASSES, 0);
}

/* Before a kexec, and for good: no entry leads to a GCR3 table. */
static void blocks_all(struct kunit *test)
{
	struct amd_model *model = guest_running(test);
	struct nyx_unit *unit = &model->au->unit;
	struct nyx_device *own = guest_add(model, OWN);
	struct nyx_device *other = guest_add(model, OTHER);
	struct nyx_entry a = guest_table(test, 7);
	const struct nyx_entry identity = guest_identity(8);
	u64 nowhere = virt_to_phys(model->au->devtab.nowhere);

	guest_set(own, &a);
	guest_set(other, &identity);
	KUNIT_EXPECT_TRUE(test, unit->ops->block(unit, true));
	expect_entry(model, OWN, 0x203 | nowhere, 0);
	expect_entry(model, OTHER, 0x203 | nowhere, 0);
	KUNIT_EXPECT_FALSE(test, amd_guest_caches(model, a.pt));
}

/* A device that is cut off reaches no guest table, and gets its own back. */
static void cut_off_and_back(struct kunit *test)
{
	struct amd_model *model = guest_running(test);
	struct nyx_device *ndev = guest_add(model, OWN);
	struct nyx_entry a = guest_table(test, 7), b = guest_table(test, 7);

	INIT_WORK(&ndev->quarantine.work, cut_off_work);
	guest_set(ndev, &a);
	cut_off(ndev, &cut_by_faults);
	KUNIT_EXPECT_EQ(test, amd_model_entry(model, OWN)[0] & PASSES, 0);
	nyx_cut_off_wait();
	KUNIT_EXPECT_FALSE(test, amd_guest_caches(model, a.pt));
	guest_set(ndev, &b);
	KUNIT_EXPECT_EQ(test, amd_model_entry(model, OWN)[0] & PASSES, 0);
	KUNIT_EXPECT_FALSE(test, amd_guest_caches(model, b.pt));
	nyx_cut_off_end(ndev);
	guest_set(ndev, &b);
	expect_table(model, OWN, &b, &a);
}

/* A device with ATS that does not respond is blocked, and continues without ATS. */
static void isolated(struct kunit *test)
{
	struct amd_model *model = guest_running(test);
	struct nyx_device *ndev = guest_add(model, OWN);
	struct nyx_entry a = guest_table(test, 7), b = guest_table(test, 7);

	a.ats = true;
	b.ats = true;
	guest_set(ndev, &a);
	KUNIT_EXPECT_TRUE(test, amd_model_find(model, OWN)->ats);
	KUNIT_EXPECT_EQ(test, amd_model_entry(model, OWN)[1] >> 32 & 1, 1);
	KUNIT_EXPECT_EQ(test, nyx_isolate_device(ndev->unit, OWN), 0);
	KUNIT_EXPECT_EQ(test, amd_model_entry(model, OWN)[0] & PASSES, 0);
	KUNIT_EXPECT_FALSE(test, amd_guest_caches(model, a.pt));
	guest_set(ndev, &b);
	expect_table(model, OWN, &b, &a);
	KUNIT_EXPECT_EQ(test, amd_model_entry(model, OWN)[1] >> 32 & 1, 0);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(entries_change, caches_gen_params),
	KUNIT_CASE(invalidates),
	KUNIT_CASE_PARAM(order_of_stores, stores_gen_params),
	KUNIT_CASE(blocked_but_cached),
	KUNIT_CASE(no_memory),
	KUNIT_CASE(not_supported),
	KUNIT_CASE_PARAM(sleeps, caches_gen_params),
	KUNIT_CASE(contained),
	KUNIT_CASE(blocks_all),
	KUNIT_CASE_PARAM(cut_off_and_back, caches_gen_params),
	KUNIT_CASE(isolated),
	{ }
};

static struct kunit_suite suite = {
	.name = "nyx_amd_guest",
	.init = cut_off_test_init,
	.exit = cut_off_test_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
