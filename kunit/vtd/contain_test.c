// SPDX-License-Identifier: GPL-2.0-only
/*
 * Containment of a unit that does not complete invalidations, and memory that
 * it may still use, on a model of the unit.
 */
#include <linux/mm.h>
#include <linux/sizes.h>
#include <nyx/compat.h>
#include <nyx/domain.h>
#include <nyx/unit.h>

#include "core.h"
#include "domain/domain.h"
#include "mode.h"
#include "model.h"
#include "vtd/vtd.h"

#define OWN 0x0100
/* Of device 16, whose context entry is in an upper table in scalable mode. */
#define OTHER 0x0280

static int flush(struct vtd_model *model)
{
	const struct nyx_flush flush = { .domain_id = 7, .last = ~0ULL };
	struct nyx_unit *unit = &model->vu->unit;

	return unit->ops->flush(unit, &flush);
}

/* Two devices with the same table, on a unit with a short timeout. */
static struct vtd_model *model_new(struct kunit *test, u64 cap, u64 ecap)
{
	struct vtd_model *model = vtd_model_running(test, cap,
						    ecap | mode_ecap(test));
	struct nyx_entry entry = unit_core_table(test, 7, false);

	KUNIT_EXPECT_EQ(test, 0,
			vtd_core_set(model, vtd_core_device(test, model, OWN),
				     &entry));
	KUNIT_EXPECT_EQ(test, 0,
			vtd_core_set(model, vtd_core_device(test, model, OTHER),
				     &entry));
	KUNIT_EXPECT_EQ(test, flush(model), 0);
	KUNIT_EXPECT_TRUE(test, model->walk.cc[0].valid);
	KUNIT_EXPECT_TRUE(test, model->walk.cc[1].valid);
	vtd_model_clear_events(model);
	model->vu->qi.timeout_ns = 1000000;
	model->vu->command_ns = 50000000;
	return model;
}

/* Whether an entry in memory is present. */
static bool finds_entry(struct vtd_model *model)
{
	u64 lo, hi;

	return vtd_walk_entry(model, OWN, &lo, &hi) ||
	       vtd_walk_entry(model, OTHER, &lo, &hi);
}

/* No entry is present in memory or cached; translation is enabled. */
static void expect_contained(struct vtd_model *model)
{
	struct kunit *test = model->test;

	KUNIT_EXPECT_TRUE(test, model->vu->unit.dead);
	KUNIT_EXPECT_FALSE(test, finds_entry(model));
	KUNIT_EXPECT_FALSE(test, model->walk.cc[0].valid);
	KUNIT_EXPECT_FALSE(test, model->walk.cc[1].valid);
	vtd_walk_check(model);
	/* TES is set, QIES is clear. */
	KUNIT_EXPECT_EQ(test, model->gsts & 0x84000000, 0x80000000);
	KUNIT_EXPECT_TRUE(test, model->iotlb_flushed);
}

/* Registers invalidate the caches, except in scalable mode: they have no PASID-cache. */
static void expect_registers(struct vtd_model *model, unsigned int nr)
{
	/* ICC with CIRG = 1, then IVT with IIRG = 1. */
	KUNIT_EXPECT_EQ(model->test, vtd_model_count(model, EVENT_CCMD,
						     0xe0000000ULL << 32,
						     0xa0000000ULL << 32), nr);
	KUNIT_EXPECT_EQ(model->test, vtd_model_count(model, EVENT_IOTLB,
						     0xb0000000ULL << 32,
						     0x90000000ULL << 32), nr);
}

static void queue_halts(struct kunit *test)
{
	struct nyx_entry entry = unit_core_table(test, 8, false);
	struct vtd_model *model;
	unsigned long accesses;
	int coherent;

	for (coherent = 0; coherent < 2; coherent++) {
		model = model_new(test, MODEL_CAP, MODEL_ECAP | coherent);
		model->halted = true;
		KUNIT_EXPECT_EQ(test, flush(model), -EIO);
		if (!mode_is_scalable(test))
			expect_contained(model);
		KUNIT_EXPECT_FALSE(test, finds_entry(model));
		/* SRTP */
		KUNIT_EXPECT_EQ(test, vtd_model_count(model, EVENT_GCMD,
						      0x40000000,
						      0x40000000), 1);
		expect_registers(model, mode_is_scalable(test) ? 0 : 1);
		/* Later calls fail without access to the unit. */
		accesses = model->accesses;
		KUNIT_EXPECT_EQ(test, flush(model), -EIO);
		KUNIT_EXPECT_EQ(test, vtd_core_set(model, unit_core.devices[0],
						   &entry), -EIO);
		KUNIT_EXPECT_EQ(test, model->accesses, accesses);
		KUNIT_EXPECT_FALSE(test, finds_entry(model));
		/* Nothing can invalidate its caches. */
		if (mode_is_scalable(test))
			model->broken = NULL;
		/* It can be disabled, so its memory can be freed. */
		model->vu->unit.ops->disable(&model->vu->unit);
		KUNIT_EXPECT_EQ(test, model->gsts & 0x84000000, 0);
		KUNIT_EXPECT_FALSE(test, model->vu->unit.stuck);
		vtd_model_free(model);
	}
}

/* A context table that is created later is not linked to the root table. */
static void root_stays_empty(struct kunit *test)
{
	struct vtd_model *model = model_new(test, MODEL_CAP, MODEL_ECAP);
	struct vtd_tables *tables = &model->vu->tables;
	bool root_changed = false;
	unsigned int bus;

	model->halted = true;
	KUNIT_EXPECT_EQ(test, flush(model), -EIO);
	mutex_lock(&tables->lock);
	KUNIT_EXPECT_NOT_NULL(test, vtd_tables_create(tables, 0x4280,
						      &root_changed));
	mutex_unlock(&tables->lock);
	for (bus = 0; bus < 256; bus++) {
		KUNIT_EXPECT_EQ(test, tables->root[bus].lo, 0);
		KUNIT_EXPECT_EQ(test, tables->root[bus].hi, 0);
	}
}

/*
 * Without register-based invalidation, setting the root table pointer
 * invalidates the caches (ESRTPS), or nothing does.
 */
static void without_registers(struct kunit *test)
{
	struct vtd_model *model;
	int esrtps;

	for (esrtps = 0; esrtps < 2; esrtps++) {
		model = model_new(test, esrtps ? MODEL_CAP | MODEL_CAP_ESRTPS :
				  MODEL_CAP, MODEL_ECAP);
		model->vu->ver = 0x60;
		model->halted = true;
		KUNIT_EXPECT_EQ(test, flush(model), -EIO);
		KUNIT_EXPECT_FALSE(test, finds_entry(model));
		KUNIT_EXPECT_EQ(test, vtd_model_count(model, EVENT_GCMD,
						      0x40000000,
						      0x40000000), 1);
		KUNIT_EXPECT_EQ(test, vtd_model_count(model, EVENT_CCMD, 0, 0),
				0);
		KUNIT_EXPECT_EQ(test, vtd_model_count(model, EVENT_IOTLB, 0, 0),
				0);
		vtd_model_free(model);
	}
}

/*
 * A register whose invalidation never completes is not written again. The root
 * table is empty.
 */
static void registers_stuck(struct kunit *test)
{
	struct vtd_model *model = model_new(test, MODEL_CAP, MODEL_ECAP &
					    ~MODEL_ECAP_QI);

	model->reg_stuck = true;
	KUNIT_EXPECT_EQ(test, flush(model), -EIO);
	KUNIT_EXPECT_FALSE(test, finds_entry(model));
	KUNIT_EXPECT_EQ(test, vtd_model_count(model, EVENT_IOTLB, 0, 0), 1);
	KUNIT_EXPECT_EQ(test, vtd_model_count(model, EVENT_CCMD, 0, 0), 0);
}

/* The unit may use a queue that cannot be disabled: its memory is kept. */
static void queue_stays_on(struct kunit *test)
{
	struct vtd_model *model = model_new(test, MODEL_CAP, MODEL_ECAP);

	model->halted = true;
	model->held_cmds = 0x04000000;
	KUNIT_EXPECT_EQ(test, flush(model), -EIO);
	KUNIT_EXPECT_FALSE(test, finds_entry(model));
	KUNIT_EXPECT_EQ(test, vtd_model_count(model, EVENT_CCMD, 0, 0), 0);
	KUNIT_EXPECT_TRUE(test, model->vu->unit.stuck);
}

/* A unit whose registers read as ones is given up after a few reads. */
static void vanished(struct kunit *test)
{
	struct vtd_model *model = model_new(test, MODEL_CAP, MODEL_ECAP);
	unsigned long accesses = model->accesses;
	unsigned int bus;

	model->gone = true;
	KUNIT_EXPECT_EQ(test, flush(model), -EIO);
	KUNIT_EXPECT_TRUE(test, model->vu->unit.dead);
	KUNIT_EXPECT_LT(test, model->accesses - accesses, 10);
	for (bus = 0; bus < 256; bus++)
		KUNIT_EXPECT_EQ(test, model->vu->tables.root[bus].lo, 0);
}

/* A unit with translation disabled does not need containment. */
static void translation_off(struct kunit *test)
{
	struct vtd_model *model = vtd_model_new(test, MODEL_CAP, MODEL_ECAP |
						mode_ecap(test));

	vtd_model_start_disabled(model);
	vtd_model_clear_events(model);
	model->vu->qi.timeout_ns = 1000000;
	model->vu->command_ns = 50000000;
	model->halted = true;
	KUNIT_EXPECT_EQ(test, flush(model), -EIO);
	KUNIT_EXPECT_EQ(test, model->nr_events, 0);
}

/* Table pages that a failed flush covered are not freed. */
static void memory_is_kept(struct kunit *test)
{
	struct vtd_model *model = model_new(test, MODEL_CAP, MODEL_ECAP);
	struct iommu_pages_list list = IOMMU_PAGES_LIST_INIT(list);
	unsigned long before = nyx_leaked_tables();
	void *pages[3];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(pages); i++) {
		pages[i] = iommu_alloc_pages_node_sz(NUMA_NO_NODE, GFP_KERNEL,
						     SZ_4K);
		KUNIT_ASSERT_NOT_NULL(test, pages[i]);
	}
	iommu_pages_list_add(&list, pages[0]);
	nyx_put_tables(&list, flush(model));
	KUNIT_EXPECT_EQ(test, nyx_leaked_tables(), before);

	model->halted = true;
	INIT_LIST_HEAD(&list.pages);
	iommu_pages_list_add(&list, pages[1]);
	iommu_pages_list_add(&list, pages[2]);
	nyx_put_tables(&list, flush(model));
	KUNIT_EXPECT_TRUE(test, list_empty(&list.pages));
	KUNIT_EXPECT_EQ(test, nyx_leaked_tables(), before + 2);
	for (i = 1; i < ARRAY_SIZE(pages); i++) {
		KUNIT_EXPECT_EQ(test, page_count(virt_to_page(pages[i])), 1);
		iommu_free_pages(pages[i]);
	}
}

static void domain_id_is_kept(struct kunit *test)
{
	struct vtd_model *model = model_new(test, MODEL_CAP, MODEL_ECAP);
	struct nyx_unit *unit = &model->vu->unit;
	struct ida *ids = &unit->domain_ids;

	KUNIT_EXPECT_EQ(test, ida_alloc_range(ids, 5, 6, GFP_KERNEL), 5);
	KUNIT_EXPECT_EQ(test, ida_alloc_range(ids, 5, 6, GFP_KERNEL), 6);
	nyx_put_domain_id(unit, 5, flush(model));
	KUNIT_EXPECT_EQ(test, ida_alloc_range(ids, 5, 6, GFP_KERNEL), 5);
	model->halted = true;
	nyx_put_domain_id(unit, 6, flush(model));
	KUNIT_EXPECT_EQ(test, ida_alloc_range(ids, 5, 6, GFP_KERNEL), -ENOSPC);
}

/* A table that a unit may still walk is not freed. */
static void table_is_kept(struct kunit *test)
{
	struct vtd_model *model = model_new(test, MODEL_CAP, MODEL_ECAP);
	unsigned long before = nyx_leaked_tables();
	struct iommu_iotlb_gather gather;
	struct nyx_pt_cfg cfg;
	struct nyx_pt *pt;
	u64 *root;
	int lost;

	nyx_unit_table_config(&model->vu->unit, &cfg);
	/* The model cannot hold all pages that flushes of tables cover. */
	cfg.coherent = true;
	for (lost = 0; lost < 2; lost++) {
		pt = kunit_kzalloc(test, sizeof(*pt), GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, pt);
		KUNIT_ASSERT_EQ(test, nyx_pt_init(pt, &nyx_pt_vtdss, &cfg,
						  GFP_KERNEL), 0);
		KUNIT_ASSERT_EQ(test, nyx_pt_map(pt, 0, 0, SZ_2M + SZ_4K,
						 IOMMU_READ, GFP_KERNEL), 0);
		KUNIT_ASSERT_EQ(test, nyx_pt_map(pt, SZ_4M, SZ_4K, SZ_2M,
						 IOMMU_READ, GFP_KERNEL), 0);
		/* Later unmaps do not remove tables either. */
		if (lost)
			nyx_pt_keep_tables(pt);
		iommu_iotlb_gather_init(&gather);
		KUNIT_EXPECT_EQ(test, nyx_pt_unmap(pt, SZ_4M, SZ_2M, &gather),
				SZ_2M);
		KUNIT_EXPECT_EQ(test, lost, list_empty(&nyx_gather_freelist(&gather)->pages));
		nyx_put_tables(nyx_gather_freelist(&gather), 0);
		root = pt->root;
		nyx_put_table(pt, lost);
	}
	/* Four levels, with two tables of 4 KiB leaves. */
	KUNIT_EXPECT_EQ(test, nyx_leaked_tables(), before + 5);
	KUNIT_EXPECT_EQ(test, page_count(virt_to_page(root)), 1);
	KUNIT_EXPECT_NE(test, root[0], 0);
}

static struct kunit_case nyx_vtd_contain_cases[] = {
	KUNIT_CASE_PARAM(queue_halts, modes_gen_params),
	KUNIT_CASE_PARAM(root_stays_empty, modes_gen_params),
	KUNIT_CASE_PARAM(without_registers, modes_gen_params),
	KUNIT_CASE_SLOW(registers_stuck),
	KUNIT_CASE_SLOW(queue_stays_on),
	KUNIT_CASE_PARAM(vanished, modes_gen_params),
	KUNIT_CASE_PARAM(translation_off, modes_gen_params),
	KUNIT_CASE(memory_is_kept),
	KUNIT_CASE(domain_id_is_kept),
	KUNIT_CASE(table_is_kept),
	{}
};

static struct kunit_suite nyx_vtd_contain_suite = {
	.name = "nyx_vtd_contain",
	.test_cases = nyx_vtd_contain_cases,
};

kunit_test_suite(nyx_vtd_contain_suite);
