// SPDX-License-Identifier: GPL-2.0-only
/*
 * Models of units where the driver looks for units, and the driver on top.
 */
#include <linux/io.h>
#include <linux/ioport.h>
#include <linux/logic_iomem.h>
#include <linux/sched.h>

#include "core.h"
#include "lib/cache.h"
#include "model.h"
#include "vtd/probe.h"
#include "vtd/vtd.h"

/* The most that a unit's registers take, and room for some of these. */
#define SLOT 0x8000
#define SLOTS 4

static struct vtd_model *models[SLOTS];

static unsigned long read_reg(void *priv, unsigned int reg, int size)
{
	struct vtd_model *model = priv;
	unsigned long flags, val;

	raw_spin_lock_irqsave(&model->lock, flags);
	val = vtd_model_read(model, reg, size);
	raw_spin_unlock_irqrestore(&model->lock, flags);
	if (reg != 0x34 || irqs_disabled())
		return val;
	/* Somebody looks for errors while waiting. */
	if (model->on_fsts)
		model->on_fsts(model);
	if (model->drowsy)
		vtd_model_run(model);
	if (model->yield)
		schedule_timeout_uninterruptible(1);
	return val;
}

static void write_reg(void *priv, unsigned int reg, int size, unsigned long val)
{
	struct vtd_model *model = priv;
	unsigned long flags;

	raw_spin_lock_irqsave(&model->lock, flags);
	vtd_model_write(model, reg, size, val);
	raw_spin_unlock_irqrestore(&model->lock, flags);
}

static void unmap_regs(void *priv)
{
	struct vtd_model *model = priv;

	model->window = 0;
}

static const struct logic_iomem_ops reg_ops = {
	.read = read_reg,
	.write = write_reg,
	.unmap = unmap_regs,
};

static long map_regs(unsigned long offset, size_t size,
		     const struct logic_iomem_ops **ops, void **priv)
{
	struct vtd_model *model = models[offset / SLOT];

	if (!model || offset % SLOT)
		return -ENXIO;
	model->window = size;
	*ops = &reg_ops;
	*priv = model;
	return 0;
}

static const struct logic_iomem_region_ops region_ops = {
	.map = map_regs,
};

static struct resource region = {
	.name = "VT-d models",
	/* Far behind what User-mode Linux has for memory and PCI. */
	.start = 0x40000000000,
	.end = 0x40000000000 + SLOTS * SLOT - 1,
	.flags = IORESOURCE_MEM,
};

/* Where the models are; there is no way to take it back. */
static void add_region(struct kunit *test)
{
	static bool added;

	if (added)
		return;
	KUNIT_ASSERT_EQ(test, 0, logic_iomem_add_region(&region, &region_ops));
	added = true;
}

static void on_flush(void *virt, size_t len)
{
	unsigned long flags;
	int i;

	for (i = 0; i < SLOTS; i++) {
		if (!models[i])
			continue;
		raw_spin_lock_irqsave(&models[i]->lock, flags);
		if (!vtd_intr_flushed(models[i], virt, len))
			vtd_walk_flushed(models[i], virt, len);
		vtd_walk_dma(models[i]);
		raw_spin_unlock_irqrestore(&models[i]->lock, flags);
	}
}

static void remove_model(void *data)
{
	struct vtd_model *model = data;
	struct nyx_unit *unit;
	int i;

	if (model->vu) {
		unit = &model->vu->unit;
		if (unit->started) {
			unit->ops->disable(unit);
			unit->ops->stop(unit);
		}
		unit->ops->destroy(unit);
	}
	KUNIT_EXPECT_NULL_MSG(model->test, model->broken, "%s: %#llx",
			      model->broken, model->broken_at);
	for (i = 0; i < SLOTS; i++)
		if (models[i] == model)
			models[i] = NULL;
	nyx_kunit_cache_flush = NULL;
	unit_core.model = NULL;
}

/**
 * vtd_model_new() - a unit, which the driver does not know of yet
 * @test: the test
 * @cap: Capability Register
 * @ecap: Extended Capability Register
 *
 * Context: May sleep.
 * Return: the unit, freed with the test.
 */
struct vtd_model *vtd_model_new(struct kunit *test, u64 cap, u64 ecap)
{
	struct vtd_model *model = kunit_kzalloc(test, sizeof(*model),
						GFP_KERNEL);
	int i;

	KUNIT_ASSERT_NOT_NULL(test, model);
	add_region(test);
	raw_spin_lock_init(&model->lock);
	model->test = test;
	model->ver = 0x10;
	model->cap = cap;
	model->ecap = ecap;
	model->fectl = 0x80000000;
	model->latency = 2;
	model->mute_told = true;
	model->ahead = 1;
	vtd_walk_init(model);
	for (i = 0; i < SLOTS && models[i]; i++)
		;
	KUNIT_ASSERT_LT(test, i, SLOTS);
	models[i] = model;
	model->base = region.start + i * SLOT;
	nyx_kunit_cache_flush = on_flush;
	vtd_core_reset(model);
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, remove_model, model));
	return model;
}

/**
 * vtd_model_free() - have the driver take its hands off, and forget the unit
 * @model: the unit
 *
 * Called by itself at the end of a test.
 *
 * Context: May sleep.
 */
void vtd_model_free(struct vtd_model *model)
{
	kunit_release_action(model->test, remove_model, model);
}

/**
 * vtd_model_probe() - have the driver find it
 * @model: the unit
 *
 * Context: May sleep.
 */
void vtd_model_probe(struct vtd_model *model)
{
	const struct vtd_site site = {
		.index = (model->base - region.start) / SLOT,
		.base = model->base,
		.nid = NUMA_NO_NODE,
		.host_bits = 39,
		.intr_remap = unit_core.intr_remap,
		.intr_sources = unit_core.intr_sources,
		.register_based = !(model->ecap & MODEL_ECAP_QI),
	};
	struct vtd_unit *vu = vtd_unit_create(&site);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(model->test, vu);
	model->vu = vu;
}

/**
 * vtd_model_start() - have the driver start it, and switch translation on
 * @model: the unit, which the driver has found
 *
 * Context: May sleep.
 */
void vtd_model_start(struct vtd_model *model)
{
	struct nyx_unit *unit = &model->vu->unit;

	KUNIT_ASSERT_EQ(model->test, 0, unit->ops->start(unit));
	unit->started = true;
	KUNIT_ASSERT_EQ(model->test, 0, unit->ops->enable(unit));
	vtd_model_forget_events(model);
}

/**
 * vtd_model_running() - a unit that the driver found, started and enabled
 * @test: the test
 * @cap: Capability Register
 * @ecap: Extended Capability Register
 *
 * Context: May sleep.
 * Return: the unit, freed with the test.
 */
struct vtd_model *vtd_model_running(struct kunit *test, u64 cap, u64 ecap)
{
	struct vtd_model *model = vtd_model_new(test, cap, ecap);

	vtd_model_probe(model);
	vtd_model_start(model);
	return model;
}
