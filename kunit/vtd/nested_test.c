// SPDX-License-Identifier: GPL-2.0-only
/*
 * Nested translation, on a model of the unit: what user space may ask for, entries and
 * caches, and the descriptors of flushes. Numbers are those of the VT-d specification
 * (revision 5.1).
 */
#include <linux/mman.h>
#include <linux/prandom.h>
#include <linux/sizes.h>
#include <linux/uaccess.h>
#include <nyx/domain.h>
#include <nyx/entry.h>
#include <nyx/pasid.h>
#include <uapi/linux/iommufd.h>

#include "../cut_off_fixture.h"
#include "../cx16.h"
#include "../seed.h"
#include "first_fixture.h"
#include "vtd/nested.h"
#include "vtd/scalable.h"
#include "vtd/vtd.h"

#define OWN 0x0208
#define ALIAS 0x0300

#define NEST_CAP (MODEL_CAP | MODEL_CAP_FS5LP)
#define NEST_ECAP (BOTH_ECAP | MODEL_ECAP_NEST | MODEL_ECAP_SC | MODEL_ECAP_SRS | \
		   MODEL_ECAP_EAFS)

static const struct first_kind kinds[] = {
	{ "snoops", NEST_CAP, NEST_ECAP | MODEL_ECAP_C | MODEL_ECAP_SMPWCS },
	{ "does not snoop", NEST_CAP, NEST_ECAP },
	{ "no 128-bit stores", NEST_CAP, NEST_ECAP, true },
};

KUNIT_ARRAY_PARAM_DESC(kinds, kinds, name);

static struct vtd_model *model_of(struct kunit *test)
{
	const struct first_kind *kind = test->param_value;

	if (kind->no_cx16)
		without_cx16(test);
	return vtd_model_running(test, kind->cap, kind->ecap);
}

static void offered(struct kunit *test)
{
	static const struct {
		u64 cap;
		u64 ecap;
		bool legacy;
		bool nested;
	} cases[] = {
		{ NEST_CAP, NEST_ECAP, false, true },
		{ NEST_CAP, NEST_ECAP, true, false },
		{ NEST_CAP, NEST_ECAP & ~MODEL_ECAP_NEST, false, false },
		{ NEST_CAP, NEST_ECAP & ~MODEL_ECAP_SSTS, false, false },
		{ NEST_CAP, NEST_ECAP & ~MODEL_ECAP_FSTS, false, false },
		{ NEST_CAP, NEST_ECAP & ~MODEL_ECAP_SC, false, false },
		{ NEST_CAP | MODEL_CAP_CM, NEST_ECAP, false, false },
		{ NEST_CAP | MODEL_CAP_RWBF, NEST_ECAP, false, false },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct vtd_model *model = vtd_model_new(test, cases[i].cap,
							cases[i].ecap);

		model->legacy = cases[i].legacy;
		vtd_model_probe(model);
		KUNIT_EXPECT_EQ_MSG(test, model->vu->unit.caps.nested,
				    cases[i].nested, "%u", i);
		vtd_model_free(model);
	}
}

/* The description of a table: struct iommu_hwpt_vtd_s1. */
static void tables(struct kunit *test)
{
	struct iommu_hwpt_vtd_s1 user = {
		.pgtbl_addr = 0xfedcba9876543000,
		.addr_width = 48,
	};
	struct nyx_guest_table table;
	int bit;

	KUNIT_EXPECT_EQ(test, vtd_nested_table(&user, &table), 0);
	KUNIT_EXPECT_EQ(test, table.root, 0xfedcba9876543000);
	KUNIT_EXPECT_EQ(test, table.levels, 4);
	KUNIT_EXPECT_EQ(test, table.flags, 0);
	user.addr_width = 57;
	user.flags = 7;
	KUNIT_EXPECT_EQ(test, vtd_nested_table(&user, &table), 0);
	KUNIT_EXPECT_EQ(test, table.levels, 5);
	KUNIT_EXPECT_EQ(test, table.flags, 7);
	for (bit = 3; bit < 64; bit++) {
		user.flags = BIT_ULL(bit);
		KUNIT_EXPECT_EQ(test, vtd_nested_table(&user, &table), -EOPNOTSUPP);
	}
	user.flags = 0;
	for (bit = 0; bit < 12; bit++) {
		user.pgtbl_addr = BIT(bit);
		KUNIT_EXPECT_EQ(test, vtd_nested_table(&user, &table), -EINVAL);
	}
	user.pgtbl_addr = 0;
	for (user.addr_width = 0; user.addr_width < 66; user.addr_width++)
		if (user.addr_width != 48 && user.addr_width != 57)
			KUNIT_EXPECT_EQ(test, vtd_nested_table(&user, &table), -EINVAL);
	user.addr_width = 48;
	user.__reserved = 1;
	KUNIT_EXPECT_EQ(test, vtd_nested_table(&user, &table), -EINVAL);
}

/* An invalidation: struct iommu_hwpt_vtd_s1_invalidate. */
static void ranges(struct kunit *test)
{
	static const struct {
		u64 addr;
		u64 npages;
		u64 last;
		int ret;
	} cases[] = {
		{ 0, 1, 0xfff, 0 },
		{ 0x7000, 2, 0x8fff, 0 },
		{ 0, U64_MAX, U64_MAX, 0 },
		{ 0, BIT_ULL(52) - 1, 0xffffffffffffefff, 0 },
		{ 0xfffffffffffff000, 1, U64_MAX, 0 },
		{ 0xfffffffffffff000, 2, 0, -EINVAL },
		{ 0, BIT_ULL(52), 0, -EINVAL },
		{ 0x1000, U64_MAX, 0, -EINVAL },
		{ 0x1001, 1, 0, -EINVAL },
		{ 0x1000, 0, 0, -EINVAL },
	};
	struct iommu_hwpt_vtd_s1_invalidate user = { };
	unsigned int i, bit;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct nyx_flush flush = { };

		user.addr = cases[i].addr;
		user.npages = cases[i].npages;
		user.flags = i & 1;
		KUNIT_EXPECT_EQ_MSG(test, vtd_nested_range(&user, &flush),
				    cases[i].ret, "%u", i);
		if (cases[i].ret)
			continue;
		KUNIT_EXPECT_EQ(test, flush.start, cases[i].addr);
		KUNIT_EXPECT_EQ(test, flush.last, cases[i].last);
		KUNIT_EXPECT_EQ(test, flush.leaf_only, i & 1);
	}
	user = (struct iommu_hwpt_vtd_s1_invalidate) { .npages = 1 };
	for (bit = 1; bit < 32; bit++) {
		struct nyx_flush flush = { };

		user.flags = BIT(bit);
		KUNIT_EXPECT_EQ(test, vtd_nested_range(&user, &flush), -EOPNOTSUPP);
		user.flags = 0;
		user.__reserved = BIT(bit);
		KUNIT_EXPECT_EQ(test, vtd_nested_range(&user, &flush), -EOPNOTSUPP);
		user.__reserved = 0;
	}
}

/* What user space passes is read from its memory; structs may grow in later kernels. */
static void reads(struct kunit *test)
{
	const struct nyx_nested_ops *ops =
		vtd_model_running(test, NEST_CAP, NEST_ECAP)->vu->unit.ops->nested;
	const struct iommu_hwpt_vtd_s1 table = { .pgtbl_addr = SZ_4K, .addr_width = 48 };
	const struct iommu_hwpt_vtd_s1_invalidate inv[2] = {
		{ .addr = SZ_4K, .npages = 1 },
		{ .addr = SZ_8K, .npages = 2, .flags = IOMMU_VTD_INV_FLAGS_LEAF },
	};
	unsigned long mem = kunit_vm_mmap(test, NULL, 0, PAGE_SIZE,
					  PROT_READ | PROT_WRITE,
					  MAP_ANONYMOUS | MAP_PRIVATE, 0);
	struct iommu_user_data data = {
		.type = IOMMU_HWPT_DATA_VTD_S1,
		.uptr = (void __user *)mem,
		.len = sizeof(table),
	};
	struct iommu_user_data_array array = {
		.type = IOMMU_HWPT_INVALIDATE_DATA_VTD_S1,
		.uptr = (void __user *)mem,
		.entry_len = sizeof(inv[0]),
		.entry_num = 2,
	};
	struct nyx_guest_table guest = { };
	struct nyx_flush flush = { };

	KUNIT_ASSERT_NE(test, mem, 0);
	KUNIT_ASSERT_EQ(test, copy_to_user(data.uptr, &table, sizeof(table)), 0);
	KUNIT_EXPECT_EQ(test, ops->read_table(&data, &guest), 0);
	KUNIT_EXPECT_EQ(test, guest.root, SZ_4K);
	KUNIT_EXPECT_EQ(test, guest.levels, 4);
	data.type++;
	KUNIT_EXPECT_EQ(test, ops->read_table(&data, &guest), -EOPNOTSUPP);
	data.type--;
	data.len--;
	KUNIT_EXPECT_EQ(test, ops->read_table(&data, &guest), -EINVAL);
	data.len = sizeof(table) + 1;
	KUNIT_EXPECT_EQ(test, ops->read_table(&data, &guest), -EINVAL);
	data.len = sizeof(table);
	data.uptr = NULL;
	KUNIT_EXPECT_EQ(test, ops->read_table(&data, &guest), -EFAULT);

	KUNIT_ASSERT_EQ(test, copy_to_user(array.uptr, inv, sizeof(inv)), 0);
	KUNIT_EXPECT_EQ(test, ops->invalidation, array.type);
	KUNIT_EXPECT_EQ(test, ops->read_invalidation(&array, 1, &flush), 0);
	KUNIT_EXPECT_EQ(test, flush.start, SZ_8K);
	KUNIT_EXPECT_EQ(test, flush.last, SZ_8K + 2 * SZ_4K - 1);
	KUNIT_EXPECT_TRUE(test, flush.leaf_only);
	array.entry_len--;
	KUNIT_EXPECT_EQ(test, ops->read_invalidation(&array, 1, &flush), -EINVAL);
	array.entry_len = sizeof(inv[0]);
	array.uptr = NULL;
	KUNIT_EXPECT_EQ(test, ops->read_invalidation(&array, 1, &flush), -EFAULT);
}

/* SRE needs ECAP.SRS, and EAFE needs ECAP.EAFS. */
static void supports(struct kunit *test)
{
	struct vtd_model *model = vtd_model_running(test, NEST_CAP, NEST_ECAP);
	struct nyx_unit *unit = &model->vu->unit;
	bool (*supports)(const struct nyx_unit *unit,
			 const struct nyx_guest_table *table) =
		unit->ops->nested->supports;
	struct nyx_guest_table table = { };
	u64 all = model->vu->ecap;

	for (table.flags = 0; table.flags < 8; table.flags++) {
		model->vu->ecap = all;
		KUNIT_EXPECT_TRUE(test, supports(unit, &table));
		model->vu->ecap = all & ~MODEL_ECAP_SRS;
		KUNIT_EXPECT_EQ(test, supports(unit, &table),
				!(table.flags & IOMMU_VTD_S1_SRE));
		model->vu->ecap = all & ~MODEL_ECAP_EAFS;
		KUNIT_EXPECT_EQ(test, supports(unit, &table),
				!(table.flags & IOMMU_VTD_S1_EAFE));
	}
	model->vu->ecap = all;
}

/*
 * The PASID-table entry (9.6): PGTT, bits 8:6, is 3; AW, bits 4:2, and SSPTPTR describe
 * the second stage, SSADE is bit 9; DID is bits 79:64, PGSNP bit 88; SRE is bit 128, FSPM
 * bits 131:130, WPE bit 132, EAFE bit 135, FSPTPTR bits 191:140.
 */
static void encodes(struct kunit *test)
{
	const struct nyx_unit_caps caps = {
		.levels = BIT(3) | BIT(4) | BIT(5),
		.snoop = true,
	};
	struct nyx_guest_table guest = { .levels = 4 };
	struct nyx_entry entry = unit_core_table(test, 0x1234, true);
	struct nyx_pt *pt = (struct nyx_pt *)entry.pt;
	u64 phys = virt_to_phys(pt->root);
	struct vtd_scalable val;
	/* Of each combination of SRE, EAFE and WPE, bits 0 to 2. */
	static const u16 flags[] = { 0, 0x1, 0x80, 0x81, 0, 0x11, 0x80, 0x91 };
	unsigned int i;

	entry.guest = &guest;
	pt->cfg.levels = 3;
	val = vtd_scalable_encode(&entry, &caps);
	KUNIT_EXPECT_EQ(test, val.context, 0x5);
	KUNIT_EXPECT_EQ(test, val.lo, phys + 0xc5);
	KUNIT_EXPECT_EQ(test, val.hi, 0x1001234);
	KUNIT_EXPECT_EQ(test, val.first, 0);
	pt->cfg.levels = 5;
	entry.dirty = true;
	guest.root = 0x0123456789abc000;
	guest.levels = 5;
	val = vtd_scalable_encode(&entry, &caps);
	KUNIT_EXPECT_EQ(test, val.lo, phys + 0x2cd);
	KUNIT_EXPECT_EQ(test, val.first, 0x0123456789abc004);
	guest.levels = 4;
	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		guest.flags = i;
		val = vtd_scalable_encode(&entry, &caps);
		KUNIT_EXPECT_EQ(test, val.first, 0x0123456789abc000 + flags[i]);
	}
}

static void must_set(struct vtd_model *model, struct nyx_device *ndev,
		     const struct nyx_entry *entry)
{
	KUNIT_ASSERT_EQ(model->test, vtd_core_set(model, ndev, entry), 0);
	ndev->entry = *entry;
}

static struct nyx_entry nest(struct nyx_entry entry,
			     const struct nyx_guest_table *guest, u16 did)
{
	entry.guest = guest;
	entry.domain_id = did;
	return entry;
}

static void each_to_each(struct kunit *test)
{
	static const struct nyx_guest_table guest[] = {
		{ .root = 0x12345000, .levels = 4 },
		{ .root = 0x12346000, .levels = 5, .flags = 7 },
		{ .root = 0, .levels = 4 },
	};
	struct vtd_model *model = model_of(test);
	struct nyx_device *ndev = vtd_core_device(test, model, OWN);
	const struct nyx_entry host = unit_core_table(test, 2, false);
	const struct nyx_entry ats = unit_core_table(test, 3, true);
	const struct nyx_entry entries[] = {
		{ .kind = NYX_ENTRY_BLOCKED },
		unit_core_identity(1),
		host,
		ats,
		first_table(model, 4, 4, true),
		nest(host, &guest[0], 5),
		nest(ats, &guest[0], 6),
		nest(ats, &guest[1], 7),
		nest(ats, &guest[2], 8),
		/* The same first stage, domain ID or second stage. */
		nest(host, &guest[0], 7),
		nest(host, &guest[1], 5),
		nest(ats, &guest[2], 3),
	};

	first_each_to_each(model, ndev, ALIAS, entries, ARRAY_SIZE(entries));
}

/*
 * The host changes its table: type 2, G, bits 5:4, is 2 for the domain, DR and DW are bits
 * 7 and 6, DID is bits 31:16 (6.5.2.3), and then the whole device TLB, type 3. The guest
 * changes its table: type 6 with a page, PASID 0 (6.5.2.4).
 */
static void flushes(struct kunit *test)
{
	struct vtd_model *model = vtd_model_running(test, NEST_CAP, NEST_ECAP);
	static const struct nyx_guest_table guest = { .root = SZ_4K, .levels = 4 };
	struct nyx_device *ndev = vtd_core_device(test, model, OWN);
	struct nyx_unit *unit = &model->vu->unit;
	const struct nyx_entry entry =
		nest(unit_core_table(test, 0, true), &guest, 0x1234);
	LIST_HEAD(ats);
	struct nyx_flush flush = {
		.domain_id = 0x1234,
		.first = true,
		.start = SZ_4K,
		.last = SZ_8K - 1,
		.leaf_only = true,
		.ats = &ats,
	};

	must_set(model, ndev, &entry);
	KUNIT_ASSERT_TRUE(test, ndev->ats_enabled);
	list_add(&ndev->ats_node, &ats);
	vtd_model_clear_events(model);
	KUNIT_EXPECT_EQ(test, unit->ops->flush(unit, &flush), 0);
	KUNIT_ASSERT_GE(test, model->nr_events, 2);
	KUNIT_EXPECT_EQ(test, model->events[0].a, 0x12340036);
	KUNIT_EXPECT_EQ(test, model->events[0].b, 0x1040);
	KUNIT_EXPECT_EQ(test, model->events[1].a & 0xf, 3);
	KUNIT_EXPECT_EQ(test, model->events[1].b, 0x1000);

	flush.second = true;
	flush.start = 0;
	flush.last = U64_MAX;
	flush.leaf_only = false;
	vtd_model_clear_events(model);
	KUNIT_EXPECT_EQ(test, unit->ops->flush(unit, &flush), 0);
	KUNIT_ASSERT_GE(test, model->nr_events, 2);
	KUNIT_EXPECT_EQ(test, model->events[0].a & ~0xc0ULL, 0x12340022);
	KUNIT_EXPECT_EQ(test, model->events[0].b, 0);
	KUNIT_EXPECT_EQ(test, model->events[1].a & 0xf, 3);
	KUNIT_EXPECT_EQ(test, model->events[1].b, 0x7ffffffffffff001);
	/* Whatever the range is. */
	flush.start = SZ_4K;
	flush.last = SZ_8K - 1;
	vtd_model_clear_events(model);
	KUNIT_EXPECT_EQ(test, unit->ops->flush(unit, &flush), 0);
	KUNIT_EXPECT_EQ(test, model->events[0].a & ~0xc0ULL, 0x12340022);
	list_del_init(&ndev->ats_node);
	must_set(model, ndev, &(struct nyx_entry) { });
}

static void do_dma(struct vtd_model *model)
{
	guard(raw_spinlock_irqsave)(&model->lock);
	vtd_walk_dma(model);
}

/* SSADE is about the second stage, so it changes as without a first one. */
static void dirty(struct kunit *test)
{
	struct vtd_model *model =
		vtd_model_running(test, NEST_CAP, NEST_ECAP | MODEL_ECAP_C |
				  MODEL_ECAP_SMPWCS | MODEL_ECAP_SSADS);
	static const struct nyx_guest_table guest = { .root = SZ_4K, .levels = 4 };
	struct nyx_device *ndev = vtd_core_device(test, model, OWN);
	const struct nyx_entry entry =
		nest(unit_core_table(test, 0, false), &guest, 7);
	u64 before;

	KUNIT_ASSERT_TRUE(test, model->vu->unit.caps.dirty);
	must_set(model, ndev, &entry);
	do_dma(model);
	before = model->walk.pc[0].lo;
	KUNIT_EXPECT_EQ(test, before & BIT_ULL(9), 0);
	scoped_guard(mutex, &ndev->entry_lock)
		KUNIT_EXPECT_EQ(test, nyx_entry_set_dirty(ndev->unit, ndev, true), 0);
	KUNIT_EXPECT_TRUE(test, model->walk.pc[0].valid);
	KUNIT_EXPECT_EQ(test, model->walk.pc[0].lo, before | BIT_ULL(9));
	scoped_guard(mutex, &ndev->entry_lock)
		KUNIT_EXPECT_EQ(test, nyx_entry_set_dirty(ndev->unit, ndev, false), 0);
	KUNIT_EXPECT_EQ(test, model->walk.pc[0].lo, before);
	vtd_walk_check(model);
}

/* PASIDs with nested and other domains, in random order. */
static void pasids(struct kunit *test)
{
	static const struct nyx_guest_table guest[] = {
		{ .root = 0x12345000, .levels = 4 },
		{ .root = 0x12346000, .levels = 5, .flags = 1 },
	};
	struct vtd_model *model = model_of(test);
	struct nyx_device *ndev = vtd_core_device(test, model, OWN);
	struct nyx_unit *unit = &model->vu->unit;
	struct nyx_entry host = unit_core_table(test, 2, false);
	const struct nyx_entry entries[] = {
		{ .kind = NYX_ENTRY_BLOCKED },
		host,
		first_table(model, 3, 4, false),
		nest(host, &guest[0], 4),
		nest(host, &guest[1], 5),
	};
	struct vtd_walk_sender *senders[2];
	struct rnd_state rnd;
	unsigned int i, which, pasid;

	nyx_kunit_seed(test, &rnd);
	host.pasids = true;
	must_set(model, ndev, &host);
	for (i = 0; i < 2; i++) {
		KUNIT_ASSERT_EQ(test, unit->ops->pasids->provide(unit, ndev, i + 1), 0);
		senders[i] = vtd_walk_send(model, OWN, i + 1);
	}
	for (i = 0; i < 300 && !model->broken; i++) {
		which = prandom_u32_state(&rnd) % ARRAY_SIZE(entries);
		pasid = i % 2 + 1;
		scoped_guard(mutex, &ndev->entry_lock) {
			KUNIT_ASSERT_EQ(test, nyx_pasid_block(ndev, pasid), 0);
			if (entries[which].kind != NYX_ENTRY_BLOCKED)
				KUNIT_ASSERT_EQ(test, 0,
						nyx_pasid_fill(ndev, pasid,
							       &entries[which]));
		}
		vtd_walk_check(model);
		do_dma(model);
		if (entries[which].guest)
			KUNIT_EXPECT_EQ(test, senders[pasid - 1]->table,
					entries[which].guest->root);
	}
}

static struct kunit_case cases[] = {
	KUNIT_CASE(offered),
	KUNIT_CASE(tables),
	KUNIT_CASE(ranges),
	KUNIT_CASE(reads),
	KUNIT_CASE(supports),
	KUNIT_CASE(encodes),
	KUNIT_CASE_PARAM(each_to_each, kinds_gen_params),
	KUNIT_CASE(flushes),
	KUNIT_CASE(dirty),
	KUNIT_CASE_PARAM(pasids, kinds_gen_params),
	{}
};

static struct kunit_suite suite = {
	.name = "nyx_vtd_nested",
	.init = cut_off_test_init,
	.exit = cut_off_test_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
