// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stand-ins for the code around a VT-d unit: devices that the model knows, and
 * a fault interrupt without x86 code.
 */
#include <linux/io.h>
#include <nyx/entry.h>
#include <nyx/intr.h>
#include <nyx/pt.h>

#include "core.h"
#include "model.h"
#include "vtd/fault.h"
#include "vtd/intr.h"
#include "vtd/vtd.h"

/* Disabling ATS leaves the entries of the device TLB (PCI Express, ATS). */
static void set_ats(void *arg, struct nyx_device *ndev, bool on)
{
	struct vtd_model *model = arg;
	unsigned long flags;

	raw_spin_lock_irqsave(&model->lock, flags);
	vtd_walk_dma(model);
	vtd_model_event(model, on ? EVENT_ATS_ON : EVENT_ATS_OFF,
			ndev->rid, 0);
	model->walk.ats[vtd_walk_slot(model, ndev->rid)] = on;
	vtd_walk_dma(model);
	raw_spin_unlock_irqrestore(&model->lock, flags);
}

/**
 * vtd_core_reset() - reset the stand-ins
 * @model: the unit that devices are below
 *
 * Context: Any.
 */
void vtd_core_reset(struct vtd_model *model)
{
	unit_core_reset();
	unit_core.model = model;
	unit_core.on_ats = set_ats;
}

/**
 * vtd_core_device() - add a device below a unit; it does DMA from now on
 * @test: the test
 * @model: the unit
 * @rid: its requester ID
 *
 * Context: May sleep.
 * Return: the device, freed with the test.
 */
struct nyx_device *vtd_core_device(struct kunit *test, struct vtd_model *model,
				   u16 rid)
{
	struct nyx_device *ndev = unit_core_device(test, &model->vu->unit, rid);

	vtd_walk_add(model, rid);
	return ndev;
}

/**
 * vtd_core_alias() - add a requester ID to a device
 * @model: the unit
 * @ndev: the device
 * @rid: the ID; other devices may have it too
 *
 * Context: May sleep.
 */
void vtd_core_alias(struct vtd_model *model, struct nyx_device *ndev, u16 rid)
{
	ndev->rids[ndev->nr_rids++] = rid;
	if (vtd_walk_slot(model, rid) < 0)
		vtd_walk_add(model, rid);
}

/**
 * vtd_core_table_lo() - bits 63:0 of the context entry for a table
 * @entry: an entry of kind NYX_ENTRY_TABLE
 * @tt: translation type, 0 or 1
 *
 * Context: Any.
 * Return: the bits.
 */
u64 vtd_core_table_lo(const struct nyx_entry *entry, u8 tt)
{
	return virt_to_phys(entry->pt->root) + tt * 4 + 1;
}

/**
 * vtd_core_set() - set a device's entry, and check that no cache is stale
 * @model: the unit
 * @ndev: the device
 * @entry: its new value
 *
 * Context: May sleep.
 * Return: the result of nyx_entry_set().
 */
int vtd_core_set(struct vtd_model *model, struct nyx_device *ndev,
		 const struct nyx_entry *entry)
{
	int ret;

	mutex_lock(&ndev->entry_lock);
	ret = nyx_entry_set(ndev->unit, ndev, entry);
	mutex_unlock(&ndev->entry_lock);
	vtd_walk_check(model);
	return ret;
}

/* User-mode Linux lacks the kernel's struct. */
bool vtd_intr_posting(const void *info, struct nyx_intr_posting *posting)
{
	*posting = *(const struct nyx_intr_posting *)info;
	return true;
}

/* The handler may run from now on, and reads the page request queue. */
static void expect_queue(const struct vtd_unit *vu)
{
	struct vtd_model *model = unit_core.model;

	if (vu->prq && ((model->pqa & ~0xfffULL) != virt_to_phys(vu->prq) ||
			model->prs || model->pqh != model->pqt))
		vtd_model_break(model, "interrupt before the queue is empty",
				model->prs);
}

/* The event message has no receiver; tests call the handler. */
int vtd_irq_init(struct vtd_unit *vu)
{
	if (unit_core.irq_fails)
		return -ENOSPC;
	expect_queue(vu);
	vu->unit.fault_irq.stopping = false;
	unit_core.irqs++;
	return 0;
}

void vtd_irq_restore(struct vtd_unit *vu)
{
	expect_queue(vu);
	unit_core.irq_restores++;
}

void vtd_irq_exit(struct vtd_unit *vu)
{
	unit_core.irqs--;
}
