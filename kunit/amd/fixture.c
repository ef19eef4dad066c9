// SPDX-License-Identifier: GPL-2.0-only
/*
 * Models of units, whose registers the driver accesses as it does on hardware.
 */
#include <kunit/static_stub.h>
#include <kunit/test-bug.h>
#include <linux/io.h>
#include <linux/ioport.h>
#include <linux/irqflags.h>
#include <linux/logic_iomem.h>
#include <nyx/pt.h>

#include "../unit_core.h"
#include "amd/amd.h"
#include "amd/entry.h"
#include "amd/event.h"
#include "amd/flush.h"
#include "amd/function.h"
#include "amd/intr.h"
#include "amd/ivrs.h"
#include "amd/unit_ops.h"
#include "model.h"

/* Number of models, and size of the registers of each. */
#define SLOTS 2
#define SLOT 0x4000

static struct amd_model *models[SLOTS];

static unsigned long read_reg(void *priv, unsigned int reg, int size)
{
	struct amd_model *model = priv;
	bool atomic = irqs_disabled();
	bool hook = reg == 0x2020 && model->on_status && !atomic;
	unsigned long flags, val;

	if (hook)
		model->on_status(model, false);
	raw_spin_lock_irqsave(&model->lock, flags);
	model->atomic = atomic;
	if (reg == 0x2020)
		amd_model_run(model);
	raw_spin_unlock_irqrestore(&model->lock, flags);
	if (hook && model->on_status)
		model->on_status(model, true);
	raw_spin_lock_irqsave(&model->lock, flags);
	val = amd_model_read(model, reg);
	raw_spin_unlock_irqrestore(&model->lock, flags);
	return val;
}

static void write_reg(void *priv, unsigned int reg, int size, unsigned long val)
{
	struct amd_model *model = priv;
	unsigned long flags;

	if (model->read_only)
		KUNIT_FAIL(model->test,
			   "write to a unit that is only looked at: %#x", reg);
	raw_spin_lock_irqsave(&model->lock, flags);
	amd_model_write(model, reg, val);
	raw_spin_unlock_irqrestore(&model->lock, flags);
}

static const struct logic_iomem_ops reg_ops = {
	.read = read_reg,
	.write = write_reg,
};

static long map_regs(unsigned long offset, size_t size,
		     const struct logic_iomem_ops **ops, void **priv)
{
	if (offset / SLOT >= SLOTS || !models[offset / SLOT])
		return -ENXIO;
	*ops = &reg_ops;
	*priv = models[offset / SLOT];
	return 0;
}

static const struct logic_iomem_region_ops region_ops = {
	.map = map_regs,
};

static struct resource region = {
	.name = "AMD-Vi model",
	/* Far above the memory and the PCI windows of User-mode Linux. */
	.start = 0x50000000000,
	.end = 0x50000000000 + SLOTS * SLOT - 1,
	.flags = IORESOURCE_MEM,
};

/* Registers the address range of the models; it cannot be removed again. */
static void add_region(struct kunit *test)
{
	static bool added;

	if (added)
		return;
	KUNIT_ASSERT_EQ(test, 0, logic_iomem_add_region(&region, &region_ops));
	added = true;
}

/**
 * amd_model_at() - find the unit with an index
 * @index: the index
 *
 * Context: Any.
 * Return: the unit, or NULL.
 */
struct amd_model *amd_model_at(unsigned int index)
{
	return index < SLOTS ? models[index] : NULL;
}

/**
 * amd_model_of() - find the unit with an address
 * @base: physical address of its registers
 *
 * Context: Any.
 * Return: the unit, or NULL.
 */
struct amd_model *amd_model_of(phys_addr_t base)
{
	return amd_model_at((base - region.start) / SLOT);
}

/* The unit raises no interrupt: tests call the handler themselves. */
int amd_irq_init(struct amd_unit *au)
{
	if (unit_core.irq_fails)
		return -ENOSPC;
	au->unit.fault_irq.stopping = false;
	amd_model_at(au->index)->irq_control = amd_model_at(au->index)->control;
	return 0;
}

void amd_irq_exit(struct amd_unit *au)
{
	WRITE_ONCE(au->unit.fault_irq.stopping, true);
}

static void remove_model(void *data)
{
	struct amd_model *model = data;
	struct nyx_unit *unit = &model->au->unit;
	unsigned int i;

	/* The unit must stop, or the driver would not free its memory. */
	model->on_status = NULL;
	model->gone = false;
	model->frozen = 0;
	model->stalled = false;
	if (unit->started) {
		unit->ops->disable(unit);
		unit->stuck = false;
		unit->ops->stop(unit);
	}
	nyx_unit_cleanup(unit);
	iounmap(model->au->regs);
	for (i = 0; i < SLOTS; i++)
		if (models[i] == model)
			models[i] = NULL;
}

/* An IVRS table that assigns DeviceIDs 0 to @last to a unit. */
static const struct amd_ivrs *new_ivrs(struct kunit *test, unsigned int index,
				       u16 last)
{
	struct amd_ivrs *ivrs = kunit_kzalloc(test, sizeof(*ivrs), GFP_KERNEL);
	struct amd_ivrs_range *range = kunit_kzalloc(test, sizeof(*range),
						     GFP_KERNEL);
	/* All of segment 0; the table lists none. */
	struct amd_ivrs_unit *units = kunit_kcalloc(test, SLOTS, sizeof(*units),
						    GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, ivrs);
	KUNIT_ASSERT_NOT_NULL(test, range);
	KUNIT_ASSERT_NOT_NULL(test, units);
	ivrs->unit = units;
	range->unit = index;
	range->last = last;
	ivrs->range = range;
	ivrs->nr_range = 1;
	return ivrs;
}

static void set_ats(void *unused, struct nyx_device *ndev, bool on)
{
	unsigned int i;

	for (i = 0; i < SLOTS; i++)
		if (models[i] && ndev->unit == &models[i]->au->unit)
			amd_model_find(models[i], ndev->rid)->ats = on;
}

/**
 * amd_model_new() - create a unit, which is not started
 * @test: the test
 * @efr: Extended Feature Register
 * @last: largest DeviceID that it serves
 *
 * Context: May sleep.
 * Return: the unit, freed with the test.
 */
struct amd_model *amd_model_new(struct kunit *test, u64 efr, u16 last)
{
	struct amd_model *model = kunit_kzalloc(test, sizeof(*model),
						GFP_KERNEL);
	struct amd_unit *au = kunit_kzalloc(test, sizeof(*au), GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, model);
	KUNIT_ASSERT_NOT_NULL(test, au);
	add_region(test);
	for (i = 0; i < SLOTS && models[i]; i++)
		;
	KUNIT_ASSERT_LT(test, i, SLOTS);
	raw_spin_lock_init(&model->lock);
	model->test = test;
	model->au = au;
	model->efr = efr;
	model->base = region.start + i * SLOT;
	models[i] = model;
	if (!i)
		unit_core_reset();
	unit_core.on_ats = set_ats;

	raw_spin_lock_init(&au->reg_lock);
	raw_spin_lock_init(&au->log_lock);
	ida_init(&au->contested_logged);
	au->index = i;
	au->ivrs = new_ivrs(test, i, last);
	au->efr = efr;
	amd_intr_init(au);
	au->unit.caps.blocked_cached = true;
	au->unit.caps.max_domain_id = 0xffff;
	au->unit.nid = NUMA_NO_NODE;
	snprintf(au->unit.name, sizeof(au->unit.name), "amd%u", i);
	KUNIT_ASSERT_EQ(test, 0, nyx_unit_init(&au->unit, &amd_unit_ops));
	au->regs = ioremap(model->base, SLOT);
	KUNIT_ASSERT_NOT_NULL(test, au->regs);
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, remove_model, model));
	return model;
}

/**
 * amd_model_ioapic() - have the IVRS table name an I/O APIC
 * @model: the unit, which is not started
 * @source: DeviceID of the I/O APIC
 *
 * Without one, the driver does not remap interrupts.
 *
 * Context: May sleep.
 */
void amd_model_ioapic(struct amd_model *model, u16 source)
{
	struct amd_ivrs *ivrs = (struct amd_ivrs *)model->au->ivrs;

	ivrs->special = kunit_kzalloc(model->test, sizeof(*ivrs->special),
				      GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(model->test, ivrs->special);
	ivrs->special->unit = model->au->index;
	ivrs->special->source = source;
	ivrs->special->variety = 1;
	ivrs->nr_special = 1;
	amd_intr_init(model->au);
}

/* The largest number of segments for which there is no contiguous memory. */
static unsigned int scattered;

static int scattered_devtab(struct amd_devtab *tab, unsigned int segments,
			    u16 last, int nid, amd_devtab_setting setting,
			    const void *arg)
{
	if (segments <= scattered)
		return -ENOMEM;
	kunit_deactivate_static_stub(kunit_get_current_test(), amd_devtab_init);
	return amd_devtab_init(tab, segments, last, nid, setting, arg);
}

/**
 * amd_model_scatter() - leave no contiguous memory for large segments
 * @model: the unit, which is started next
 * @segments: the device table fits only if it has more segments than this
 *
 * Context: May sleep.
 */
void amd_model_scatter(struct amd_model *model, unsigned int segments)
{
	scattered = segments;
	kunit_activate_static_stub(model->test, amd_devtab_init,
				   scattered_devtab);
}

/**
 * amd_model_start() - have the driver start a unit and enable translation
 * @model: the unit
 *
 * Context: May sleep.
 */
void amd_model_start(struct amd_model *model)
{
	struct nyx_unit *unit = &model->au->unit;

	KUNIT_ASSERT_EQ(model->test, 0, unit->ops->start(unit));
	unit->started = true;
	KUNIT_ASSERT_EQ(model->test, 0, unit->ops->enable(unit));
	model->globals = 0;
}

/**
 * amd_model_running() - create a unit that translates
 * @test: the test
 *
 * Context: May sleep.
 * Return: the unit, freed with the test.
 */
struct amd_model *amd_model_running(struct kunit *test)
{
	/* With INVALIDATE_IOMMU_ALL. */
	struct amd_model *model = amd_model_new(test, IA_SUP, 0xffff);

	amd_model_start(model);
	return model;
}

/**
 * amd_model_fail_once() - hook that takes the unit out of service
 * @model: the unit, whose @on_status is removed
 * @done: the commands were executed already; then nothing happens
 *
 * Context: That of @on_status.
 */
void amd_model_fail_once(struct amd_model *model, bool done)
{
	if (done)
		return;
	model->on_status = NULL;
	nyx_unit_fail(&model->au->unit, "failed by the test");
}

/**
 * amd_model_free() - stop and remove the unit
 * @model: the unit
 *
 * A unit that is left at the end of a test is removed then.
 *
 * Context: May sleep.
 */
void amd_model_free(struct amd_model *model)
{
	kunit_release_action(model->test, remove_model, model);
}

static void add_rid(struct amd_model *model, u16 rid)
{
	KUNIT_ASSERT_LT(model->test, model->nr_devices, AMD_MODEL_DEVICES);
	model->devices[model->nr_devices++].rid = rid;
}

/**
 * amd_model_add() - add a device below a unit, which does DMA from now on
 * @model: the unit
 * @rid: its DeviceID
 *
 * Context: May sleep.
 * Return: the device, freed with the test.
 */
struct nyx_device *amd_model_add(struct amd_model *model, u16 rid)
{
	struct nyx_device *ndev = unit_core_device(model->test,
						   &model->au->unit, rid);

	add_rid(model, rid);
	return ndev;
}

/**
 * amd_model_alias() - add a DeviceID that a device's requests may carry
 * @model: the unit
 * @ndev: the device
 * @rid: the DeviceID
 *
 * Context: May sleep.
 */
void amd_model_alias(struct amd_model *model, struct nyx_device *ndev, u16 rid)
{
	ndev->rids[ndev->nr_rids++] = rid;
	add_rid(model, rid);
}

/**
 * amd_model_table() - create an entry with a table of 4 levels, and with ATS
 * @model: the unit
 * @domain_id: DomainID
 *
 * Context: May sleep.
 * Return: the entry; its table is freed with the test.
 */
struct nyx_entry amd_model_table(struct amd_model *model, u16 domain_id)
{
	return unit_core_table(model->test, domain_id, true);
}

/**
 * amd_model_set() - set a device's entry
 * @ndev: the device
 * @entry: the new entry
 *
 * Context: May sleep.
 * Return: as nyx_entry_set().
 */
int amd_model_set(struct nyx_device *ndev, const struct nyx_entry *entry)
{
	guard(mutex)(&ndev->entry_lock);
	return nyx_entry_set(ndev->unit, ndev, entry);
}
