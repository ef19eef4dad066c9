// SPDX-License-Identifier: GPL-2.0-only
/*
 * Places models of units in the physical address space, and runs the driver on
 * them.
 */
#include <linux/io.h>
#include <linux/ioport.h>
#include <linux/logic_iomem.h>
#include <linux/sched.h>

#include "core.h"
#include "lib/cache.h"
#include "model.h"
#include "quirks/quirks.h"
#include "vtd/probe.h"
#include "vtd/qi.h"
#include "vtd/vtd.h"

/* The registers of a unit take up to 20 KiB. */
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
	/* Software polls for errors while it waits. */
	if (model->on_fsts)
		model->on_fsts(model);
	if (model->run_on_poll)
		vtd_model_run(model);
	if (model->poll_sleeps)
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
	/* Far above the memory and PCI ranges of User-mode Linux. */
	.start = 0x40000000000,
	.end = 0x40000000000 + SLOTS * SLOT - 1,
	.flags = IORESOURCE_MEM,
};

/* The region of all models. It cannot be removed. */
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
 * vtd_model_new() - create a unit that the driver has not probed
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
	model->pectl = 0x80000000;
	model->latency = 2;
	model->names_device = true;
	model->prefetched = 1;
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
 * vtd_model_free() - have the driver release a unit, and remove the unit
 * @model: the unit
 *
 * The end of the test does this for all remaining units.
 *
 * Context: May sleep.
 */
void vtd_model_free(struct vtd_model *model)
{
	kunit_release_action(model->test, remove_model, model);
}

/**
 * vtd_model_probe() - have the driver probe a unit
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
		.takeover = true,
		.capture = unit_core.capture,
		.register_based = !(model->ecap & MODEL_ECAP_QI),
		.scalable = (model->ecap & MODEL_ECAP_SMTS) && !model->legacy,
		.graphics = model->graphics,
		.quirks = unit_core.quirks |
			  (model->graphics ? NYX_QUIRK_GRAPHICS_ON : 0),
	};
	struct vtd_unit *vu = vtd_unit_create(&site);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(model->test, vu);
	/* Tests with a slow unit should not take longer than they have to. */
	vu->command_ns = NSEC_PER_SEC;
	model->vu = vu;
}

/**
 * vtd_model_start_disabled() - have the driver probe and start a unit, but not
 *	enable translation
 * @model: the unit
 *
 * Context: May sleep.
 * Return: the driver's unit.
 */
struct nyx_unit *vtd_model_start_disabled(struct vtd_model *model)
{
	struct nyx_unit *unit;

	vtd_model_probe(model);
	unit = &model->vu->unit;
	KUNIT_ASSERT_EQ(model->test, 0, unit->ops->start(unit));
	unit->started = true;
	return unit;
}

/**
 * vtd_model_start() - have the driver start a unit, and enable translation
 * @model: the unit, which the driver has probed
 *
 * Context: May sleep.
 */
void vtd_model_start(struct vtd_model *model)
{
	struct nyx_unit *unit = &model->vu->unit;

	KUNIT_ASSERT_EQ(model->test, 0, unit->ops->start(unit));
	unit->started = true;
	KUNIT_ASSERT_EQ(model->test, 0, unit->ops->enable(unit));
	vtd_model_clear_events(model);
}

/**
 * vtd_model_running() - create a unit, and have the driver enable it
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

/**
 * vtd_model_many_timeouts() - report more device-TLB timeouts than the driver
 *	records, and let a halted queue continue
 * @model: the unit
 *
 * The driver handles each timeout before the next is reported. Usable as
 * @model->on_fsts, which it resets.
 *
 * Context: Any; takes @model->lock.
 */
void vtd_model_many_timeouts(struct vtd_model *model)
{
	unsigned int i;

	model->on_fsts = NULL;
	for (i = 0; i < 9; i++) {
		vtd_model_qi_event(model, 0x40);
		vtd_qi_check_errors(model->vu);
	}
	vtd_model_run(model);
}

/**
 * vtd_model_clear_events() - clear the record of software's actions
 * @model: the unit
 *
 * Context: Any; no other CPU accesses the unit.
 */
void vtd_model_clear_events(struct vtd_model *model)
{
	model->nr_events = 0;
}

/**
 * vtd_model_count() - count recorded actions of software
 * @model: the unit
 * @kind: kind of the actions
 * @mask: bits of model_event.a to compare
 * @a: value of these bits
 *
 * Context: Any; no other CPU accesses the unit.
 * Return: the number of them.
 */
unsigned int vtd_model_count(const struct vtd_model *model,
			     enum model_event_kind kind, u64 mask, u64 a)
{
	unsigned int i, n = 0;

	for (i = 0; i < model->nr_events; i++)
		n += model->events[i].kind == kind &&
		     (model->events[i].a & mask) == a;
	return n;
}

/**
 * vtd_model_expect_event() - check one recorded action of software
 * @model: the unit
 * @n: index of the action
 * @kind: expected kind
 * @a: expected model_event.a
 *
 * Context: Any; no other CPU accesses the unit.
 */
void vtd_model_expect_event(struct vtd_model *model, unsigned int n,
			    enum model_event_kind kind, u64 a)
{
	KUNIT_ASSERT_LT(model->test, n, model->nr_events);
	KUNIT_EXPECT_EQ_MSG(model->test, model->events[n].kind, kind,
			    "event %u", n);
	KUNIT_EXPECT_EQ_MSG(model->test, model->events[n].a, a, "event %u", n);
}
