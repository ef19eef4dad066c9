// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the unit does. Numbers are those of the AMD IOMMU specification (48882).
 */
#include <linux/io.h>
#include <nyx/pt.h>

#include "amd_model.h"

#define ADDRESS 0x000ffffffffff000ULL

/**
 * amd_model_find() - a device below the unit
 * @model: the unit
 * @rid: the device's DeviceID
 *
 * Context: Any.
 * Return: the device, or NULL.
 */
struct amd_model_device *amd_model_find(struct amd_model *model, u16 rid)
{
	unsigned int i;

	for (i = 0; i < model->nr_devices; i++)
		if (model->devices[i].rid == rid)
			return &model->devices[i];
	return NULL;
}

/* All devices do DMA all the time: the unit caches what it did not know. */
static void dma(struct amd_model *model)
{
	const u64 *table = phys_to_virt(model->devtab & ADDRESS);
	struct amd_model_device *dev;
	unsigned int i;

	for (i = 0; i < model->nr_devices; i++) {
		dev = &model->devices[i];
		if (dev->known)
			continue;
		dev->q[0] = READ_ONCE(table[dev->rid * 4]);
		dev->q[1] = READ_ONCE(table[dev->rid * 4 + 1]);
		dev->known = true;
	}
}

/**
 * amd_model_reaches() - whether a device reaches a table by what is cached
 * @model: the unit
 * @entry: an entry with the table
 *
 * Context: Any.
 * Return: true if one does.
 */
bool amd_model_reaches(struct amd_model *model, const struct nyx_entry *entry)
{
	unsigned int i;

	for (i = 0; i < model->nr_devices; i++)
		if (model->devices[i].known &&
		    (model->devices[i].q[0] & ADDRESS) ==
		    virt_to_phys(entry->pt->root))
			return true;
	return false;
}

/* IOTLB_INV_TIMEOUT, into a log of 512 entries (2.5). */
static void log_timeout(struct amd_model *model, u16 rid)
{
	u64 *entry = phys_to_virt(model->log_base & ADDRESS);
	u32 next = (model->log_tail + 1) % 512;

	if (next == model->log_head)
		model->status |= 1;
	if (!(model->status & 8) || (model->status & 1)) {
		model->dropped++;
		return;
	}
	entry += model->log_tail * 2;
	model->log_tail = next;
	if (model->late) {
		model->late--;
		return;
	}
	entry[1] = 0;
	WRITE_ONCE(entry[0], 7ULL << 60 | rid);
}

static void execute(struct amd_model *model, u64 lo, u64 hi)
{
	struct amd_model_device *dev = amd_model_find(model, lo & 0xffff);
	unsigned int i;
	u64 *status;

	switch (lo >> 60) {
	case 1:	/* COMPLETION_WAIT: S is bit 0 */
		status = phys_to_virt(lo & 0x000ffffffffffff8ULL);
		if (!(lo & 1))
			break;
		/* It comes after all that was done before. */
		smp_store_release(status, hi);
		break;
	case 2:	/* INVALIDATE_DEVTAB_ENTRY */
		if (dev)
			dev->known = false;
		break;
	case 4:	/* INVALIDATE_IOTLB_PAGES */
		if (model->storm)
			model->status |= 1;
		if (dev)
			dev->asked++;
		if (dev && dev->rid == model->mute)
			log_timeout(model, dev->rid);
		break;
	case 8:	/* INVALIDATE_IOMMU_ALL */
		model->globals++;
		for (i = 0; i < model->nr_devices; i++)
			model->devices[i].known = false;
		break;
	}
}

/**
 * amd_model_run() - execute the commands that are there
 * @model: the unit
 *
 * Context: @model->lock is held.
 */
void amd_model_run(struct amd_model *model)
{
	const u64 *cmd;

	if (model->gone || !(model->status & 0x10))
		return;
	dma(model);
	while (model->cmd_head != model->cmd_tail) {
		cmd = phys_to_virt((model->cmd_base & ADDRESS) +
				   model->cmd_head);
		execute(model, cmd[0], cmd[1]);
		/* ComLen: 2^n commands. */
		model->cmd_head = (model->cmd_head + 16) %
				  (16U << (model->cmd_base >> 56 & 15));
		dma(model);
	}
}

/* EventLogRun is bit 3, CmdBufRun bit 4: they run while IommuEn is set. */
static void control(struct amd_model *model, u64 val)
{
	u32 run = 0;

	model->control = val;
	if (val & 1)
		run = (val & BIT_ULL(2) ? 8 : 0) | (val & BIT_ULL(12) ? 0x10 : 0);
	run = (model->status & model->deaf) | (run & ~model->deaf);
	model->status = (model->status & ~0x18) | (run & 0x18);
}

/**
 * amd_model_read() - software reads a register
 * @model: the unit
 * @reg: offset
 *
 * Context: @model->lock is held.
 * Return: the value.
 */
u64 amd_model_read(struct amd_model *model, u32 reg)
{
	if (model->gone)
		return ~0ULL;
	switch (reg) {
	case 0x0018: return model->control;
	case 0x2000: return model->cmd_head;
	case 0x2008: return model->cmd_tail;
	case 0x2010: return model->log_head * 16;
	case 0x2018: return model->log_tail * 16;
	case 0x2020: return model->status;
	default: return 0;
	}
}

/**
 * amd_model_write() - software writes a register
 * @model: the unit
 * @reg: offset
 * @val: the value
 *
 * Context: @model->lock is held.
 */
void amd_model_write(struct amd_model *model, u32 reg, u64 val)
{
	switch (reg) {
	case 0x0000:
		model->devtab = val;
		break;
	case 0x0008:
		model->cmd_base = val;
		break;
	case 0x0010:
		model->log_base = val;
		break;
	case 0x0018:
		control(model, val);
		break;
	case 0x2000:
		model->cmd_head = val;
		break;
	case 0x2008:
		model->cmd_tail = val;
		break;
	case 0x2010:
		model->log_head = val / 16;
		break;
	case 0x2018:
		model->log_tail = val / 16;
		break;
	case 0x2020:
		/* EventOverflow and EventLogInt are cleared by writing 1. */
		model->status &= ~(val & 3);
		break;
	}
}
