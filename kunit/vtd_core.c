// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is around the unit code, for tests. User-mode Linux has no interrupts of
 * x86 and no device with ATS; and what the core does is not what is tested.
 */
#include <kunit/device.h>
#include <linux/io.h>
#include <linux/string.h>
#include <nyx/ats.h>
#include <nyx/pt.h>

#include "../drivers/iommu/nyx/ats_device.h"
#include "../drivers/iommu/nyx/vtd/irq.h"
#include "../drivers/iommu/nyx/vtd/vtd.h"
#include "vtd_core.h"
#include "vtd_model.h"

struct vtd_core vtd_core;

/**
 * vtd_core_reset() - nothing happened yet
 * @model: the unit that devices are below
 *
 * Context: Any.
 */
void vtd_core_reset(struct vtd_model *model)
{
	memset(&vtd_core, 0, sizeof(vtd_core));
	vtd_core.model = model;
}

/**
 * vtd_core_device() - a device below a unit, which does DMA from now on
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
	struct nyx_device *ndev = kunit_kzalloc(test, sizeof(*ndev), GFP_KERNEL);
	static unsigned int nr;
	char name[16];

	KUNIT_ASSERT_NOT_NULL(test, ndev);
	KUNIT_ASSERT_LT(test, vtd_core.nr_devices, CORE_DEVICES);
	snprintf(name, sizeof(name), "%04x.%u", rid, nr++);
	ndev->dev = kunit_device_register(test, name);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, ndev->dev);
	ndev->unit = &model->vu->unit;
	ndev->rid = rid;
	ndev->rids[0] = rid;
	ndev->nr_rids = 1;
	ndev->ats_supported = true;
	ndev->ats_qdep = 32;
	ndev->ats_pfsid = rid;
	kref_init(&ndev->refs);
	mutex_init(&ndev->entry_lock);
	vtd_core.devices[vtd_core.nr_devices++] = ndev;
	vtd_walk_add(model, rid);
	return ndev;
}

/**
 * vtd_core_alias() - one more requester ID for a device
 * @model: the unit
 * @ndev: the device
 * @rid: the ID; others may have it too
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
 * vtd_core_identity() - an entry that lets all pass
 * @did: domain ID
 *
 * Context: Any.
 * Return: the entry.
 */
struct nyx_entry vtd_core_identity(u16 did)
{
	return (struct nyx_entry) {
		.kind = NYX_ENTRY_IDENTITY,
		.domain_id = did,
	};
}

/**
 * vtd_core_table() - an entry with a table of its own, of 4 levels
 * @test: the test
 * @did: domain ID
 * @ats: allow translation requests
 *
 * Context: May sleep.
 * Return: the entry; its table is freed with the test.
 */
struct nyx_entry vtd_core_table(struct kunit *test, u16 did, bool ats)
{
	struct nyx_pt *pt = kunit_kzalloc(test, sizeof(*pt), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, pt);
	pt->root = kunit_kzalloc(test, 4096, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, pt->root);
	KUNIT_ASSERT_EQ(test, virt_to_phys(pt->root) & 0xfff, 0);
	pt->cfg.levels = 4;
	return (struct nyx_entry) {
		.kind = NYX_ENTRY_TABLE,
		.domain_id = did,
		.pt = pt,
		.ats = ats,
	};
}

/**
 * vtd_core_table_lo() - the lower half of a context entry for such an entry
 * @entry: the entry
 * @tt: translation type, 0 or 1
 *
 * Context: Any.
 * Return: bits 63:0.
 */
u64 vtd_core_table_lo(const struct nyx_entry *entry, u8 tt)
{
	return virt_to_phys(entry->pt->root) + tt * 4 + 1;
}

/**
 * vtd_core_set() - set a device's entry, and see that all else is forgotten
 * @model: the unit
 * @ndev: the device
 * @entry: what it shall say
 *
 * Context: May sleep.
 * Return: as nyx_unit_ops.set_entry.
 */
int vtd_core_set(struct vtd_model *model, struct nyx_device *ndev,
		 const struct nyx_entry *entry)
{
	struct nyx_unit *unit = ndev->unit;
	int ret;

	mutex_lock(&ndev->entry_lock);
	ret = unit->ops->set_entry(unit, ndev, entry);
	mutex_unlock(&ndev->entry_lock);
	vtd_walk_check(model);
	return ret;
}

struct nyx_device *nyx_device_find(struct nyx_unit *unit, u16 rid)
{
	unsigned int i;

	for (i = 0; i < vtd_core.nr_devices; i++)
		if (vtd_core.devices[i]->unit == unit &&
		    vtd_core.devices[i]->rid == rid)
			return vtd_core.devices[i];
	return NULL;
}

void nyx_fault_report(struct nyx_unit *unit, const struct nyx_fault *fault)
{
	if (vtd_core.nr_faults < CORE_FAULTS)
		vtd_core.faults[vtd_core.nr_faults] = *fault;
	vtd_core.nr_faults++;
	if (vtd_core.on_fault)
		vtd_core.on_fault(vtd_core.model);
}

void nyx_fault_overflow(struct nyx_unit *unit)
{
	vtd_core.overflows++;
}

/* The unit's message is sent to nobody: tests call the handler themselves. */
int vtd_irq_init(struct vtd_unit *vu)
{
	if (vtd_core.irq_fails)
		return -ENOSPC;
	vu->stopping = false;
	vtd_core.irqs++;
	return 0;
}

void vtd_irq_exit(struct vtd_unit *vu)
{
	vtd_core.irqs--;
}

bool vtd_irq_extended(void)
{
	return vtd_core.extended;
}

/* What the TLB holds stays there when it goes off (PCI Express, ATS). */
static void set_ats(struct nyx_device *ndev, bool on)
{
	struct vtd_model *model = vtd_core.model;
	unsigned long flags;

	/* A device below another kind of unit. */
	if (!model)
		return;
	raw_spin_lock_irqsave(&model->lock, flags);
	vtd_walk_dma(model);
	vtd_model_event(model, on ? EVENT_ATS_ON : EVENT_ATS_OFF,
			ndev->rid, 0);
	model->walk.ats[vtd_walk_slot(model, ndev->rid)] = on;
	vtd_walk_dma(model);
	raw_spin_unlock_irqrestore(&model->lock, flags);
}

void nyx_ats_prepare(struct nyx_device *ndev)
{
}

int nyx_ats_device_enable(struct nyx_device *ndev)
{
	if (vtd_core.ats_refuses)
		return -EINVAL;
	set_ats(ndev, true);
	return 0;
}

bool nyx_ats_device_disable(struct nyx_device *ndev)
{
	set_ats(ndev, false);
	return !vtd_core.unplugged;
}

bool nyx_ats_device_gone(const struct nyx_device *ndev)
{
	return vtd_core.disconnected == ndev->rids[0];
}
