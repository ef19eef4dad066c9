// SPDX-License-Identifier: GPL-2.0-only
/*
 * The unit's registers, commands and caches. Numbers are those of the AMD IOMMU
 * specification (48882).
 */
#include <linux/io.h>
#include <linux/timekeeping.h>
#include <nyx/pt.h>

#include "model.h"

#define ADDRESS 0x000ffffffffff000ULL

/**
 * amd_model_find() - find a device below the unit
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

/**
 * amd_model_entry() - find the device table entry that the unit reads
 * @model: the unit
 * @rid: the device's DeviceID
 *
 * The table has 2^DevTblSegEn segments (Control Register, bits 36:34), which
 * the uppermost bits of the DeviceID select. Size, bits 8:0 of a base register,
 * is the number of pages minus one.
 *
 * Context: Any.
 * Return: the entry, or NULL if the table is too small.
 */
const u64 *amd_model_entry(struct amd_model *model, u16 rid)
{
	unsigned int share = 65536 >> (model->control >> 34 & 7);
	u64 base = model->devtab[rid / share];
	const u64 *table = phys_to_virt(base & ADDRESS);

	if (rid % share >= ((base & 0x1ff) + 1) * 128)
		return NULL;
	return table + rid % share * 4;
}

/* The unit caches translations of a table under the DomainID of the entry. */
static void cache_walk(struct amd_model *model, u64 q0, u64 q1)
{
	struct amd_model_walk *walk = model->walks;
	struct amd_model_walk *end = walk + model->nr_walks;

	for (; walk != end; walk++)
		if (walk->domain_id == (u16)q1 && walk->root == (q0 & ADDRESS))
			return;
	KUNIT_EXPECT_LT(model->test, model->nr_walks, AMD_MODEL_WALKS);
	if (model->nr_walks == AMD_MODEL_WALKS)
		return;
	walk->domain_id = q1;
	walk->root = q0 & ADDRESS;
	model->nr_walks++;
}

/*
 * All devices do DMA all the time, so the unit caches every entry that is not
 * cached. Where the CPU stores the halves of an entry one by one, the unit may
 * have read either mixture of the old and the new entry.
 */
static void dma(struct amd_model *model)
{
	struct amd_model_device *dev;
	const u64 *entry;
	unsigned int i;
	u64 q[2];

	for (i = 0; i < model->nr_devices; i++) {
		dev = &model->devices[i];
		entry = amd_model_entry(model, dev->rid);
		if (dev->cached)
			amd_guest_dma(model, dev);
		if (dev->cached || !entry)
			continue;
		q[0] = READ_ONCE(entry[0]);
		q[1] = READ_ONCE(entry[1]);
		if (model->split_stores && dev->q[0]) {
			cache_walk(model, dev->q[0], q[1]);
			cache_walk(model, q[0], dev->q[1]);
		}
		dev->q[0] = q[0];
		dev->q[1] = q[1];
		dev->cached = true;
		amd_guest_dma(model, dev);
	}
}

/**
 * amd_model_reread() - have the unit read all entries again, while devices do DMA
 * @model: the unit
 *
 * It does so at any time, also entries of GCR3 tables. Cached translations stay.
 *
 * Context: Any.
 */
void amd_model_reread(struct amd_model *model)
{
	unsigned long flags;
	unsigned int i;

	raw_spin_lock_irqsave(&model->lock, flags);
	for (i = 0; i < model->nr_devices; i++)
		model->devices[i].cached = false;
	model->guest.entries.nr = 0;
	dma(model);
	raw_spin_unlock_irqrestore(&model->lock, flags);
}

/**
 * amd_model_mixes() - whether the unit caches a wrong table for a domain
 * @model: the unit
 * @entry: an entry with the domain and its table
 *
 * Context: Any.
 * Return: true if it caches translations of another table under the DomainID.
 */
bool amd_model_mixes(struct amd_model *model, const struct nyx_entry *entry)
{
	unsigned int i;

	for (i = 0; i < model->nr_walks; i++)
		if (model->walks[i].domain_id == entry->domain_id &&
		    model->walks[i].root != virt_to_phys(entry->pt->root))
			return true;
	return false;
}

/**
 * amd_model_reaches() - whether a cached entry leads to a table
 * @model: the unit
 * @entry: an entry with the table
 *
 * Context: Any.
 * Return: true if a device can reach the table.
 */
bool amd_model_reaches(struct amd_model *model, const struct nyx_entry *entry)
{
	unsigned int i;

	for (i = 0; i < model->nr_devices; i++)
		if (model->devices[i].cached &&
		    (model->devices[i].q[0] & ADDRESS) ==
		    virt_to_phys(entry->pt->root))
			return true;
	return false;
}

/*
 * INVALIDATE_IOMMU_PAGES without GN: guest translations stay. It covers a whole
 * domain if S and all address bits are set; the model caches nothing smaller.
 */
static void invalidate_domain(struct amd_model *model, u16 domain_id, u64 hi)
{
	unsigned int i, nr = 0;

	if ((hi | 0x8000000000000000ULL) >> 12 != 0xfffffffffffffULL ||
	    !(hi & 1))
		return;
	set_bit(domain_id, model->domains);
	for (i = 0; i < model->nr_walks; i++)
		if (model->walks[i].domain_id != domain_id)
			model->walks[nr++] = model->walks[i];
	model->nr_walks = nr;
}

static void invalidate_all(struct amd_model *model)
{
	unsigned int i;

	/* Without IASup, ILLEGAL_COMMAND_ERROR: the command buffer stops. */
	if (!(model->efr & BIT_ULL(6))) {
		model->status &= ~0x10;
		return;
	}
	model->globals++;
	model->globals_atomic += model->atomic;
	model->nr_walks = 0;
	amd_guest_invalidate_all(model);
	amd_intr_invalidate_all(model);
	for (i = 0; i < model->nr_devices; i++)
		model->devices[i].cached = false;
}

/*
 * ILLEGAL_COMMAND_ERROR: the unit stops with the head at the command (2.5.6).
 */
static bool stops_at(struct amd_model *model, u64 lo)
{
	if (!model->illegal_count || lo >> 60 != model->illegal_opcode)
		return false;
	model->illegal_count--;
	model->status &= ~0x10;
	return true;
}

static void execute(struct amd_model *model, u64 lo, u64 hi)
{
	struct amd_model_device *dev = amd_model_find(model, lo & 0xffff);
	unsigned int i;
	u64 *status;

	if (model->nr_cmds < AMD_MODEL_CMDS) {
		model->cmds[model->nr_cmds][0] = lo;
		model->cmds[model->nr_cmds][1] = hi;
	}
	model->nr_cmds++;
	switch (lo >> 60) {
	case 1:	/* COMPLETION_WAIT: S is bit 0 */
		status = phys_to_virt(lo & 0x000ffffffffffff8ULL);
		if (!(lo & 1))
			break;
		/* The store is visible after all earlier ones. */
		smp_store_release(status, hi);
		break;
	case 2:	/* INVALIDATE_DEVTAB_ENTRY */
		set_bit(lo & 0xffff, model->entries);
		amd_guest_invalidate_entry(model, lo);
		amd_intr_invalidate_entry(model, lo);
		if (dev)
			dev->cached = false;
		break;
	case 3:	/* INVALIDATE_IOMMU_PAGES */
		if (hi & 4)
			amd_guest_invalidate_pages(model, lo, hi);
		else
			invalidate_domain(model, lo >> 32, hi);
		break;
	case 4:	/* INVALIDATE_IOTLB_PAGES */
		/* IO_PAGE_FAULT */
		for (i = 0; i < model->flood; i++)
			amd_model_log(model, 2ULL << 60 | 0x0700, i << 12);
		if (dev) {
			/* Without ATS it need not respond. */
			KUNIT_EXPECT_TRUE(model->test, dev->ats);
			dev->iotlb_cmds++;
		}
		if (dev && (model->all_unresponsive ||
			    dev->rid == model->unresponsive))
			amd_model_log(model, 7ULL << 60 | dev->rid, 0);
		break;
	case 5:	/* INVALIDATE_INTERRUPT_TABLE */
		amd_intr_invalidate_table(model, lo);
		break;
	case 7:	/* COMPLETE_PPR_REQUEST */
		model->response[0] = lo;
		model->response[1] = hi;
		model->nr_responses++;
		break;
	case 8:	/* INVALIDATE_IOMMU_ALL */
		invalidate_all(model);
		break;
	}
}

/* Returns true while the unit waits for devices that do not respond. */
static bool waits(struct amd_model *model)
{
	u64 now = ktime_get_mono_fast_ns();

	if (!model->late)
		return false;
	if (!model->late_until)
		model->late_until = now + model->late_ns;
	if (now < model->late_until)
		return true;
	amd_model_log(model, 7ULL << 60 | model->unresponsive, 0);
	model->late_until = now + model->late_ns;
	return --model->late;
}

/**
 * amd_model_run() - execute the commands in the command buffer
 * @model: the unit
 *
 * Context: @model->lock is held.
 */
void amd_model_run(struct amd_model *model)
{
	const u64 *cmd;

	if (model->gone || !(model->status & 0x10) || waits(model))
		return;
	dma(model);
	while (!model->stalled && (model->status & 0x10) &&
	       model->cmd_head != model->cmd_tail) {
		cmd = phys_to_virt((model->cmd_base & ADDRESS) +
				   model->cmd_head);
		if (stops_at(model, cmd[0]))
			return;
		execute(model, cmd[0], cmd[1]);
		/* ComLen: the buffer has 2^n commands. */
		model->cmd_head = (model->cmd_head + 16) %
				  (16U << (model->cmd_base >> 56 & 15));
		dma(model);
	}
}

/*
 * EventLogRun is bit 3, CmdBufRun bit 4, PprLogRun bit 7. They can be set only
 * while IommuEn is set.
 */
static void control(struct amd_model *model, u64 val)
{
	u32 run = 0;

	if (model->locked)
		return;
	model->control = val;
	if (val & 1)
		run = (val & BIT_ULL(2) ? 8 : 0) |
		      (val & BIT_ULL(12) ? 0x10 : 0) |
		      (val & BIT_ULL(13) ? 0x80 : 0);
	/* Disabling the command buffer ends a stall. */
	if (!(run & 0x10) && model->status & 0x10) {
		if (model->stall_stops)
			model->stall_stops--;
		else if (!model->stays_stalled)
			model->stalled = false;
	}
	run = (model->status & model->frozen) | (run & ~model->frozen);
	model->status = (model->status & ~0x98) | (run & 0x98);
}

/**
 * amd_model_read() - read a register
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
	case 0x0000: return model->devtab[0];
	case 0x0010: return model->log_base;
	case 0x0018: return model->control;
	case 0x0030: return model->efr;
	case 0x0100 ... 0x0130: return model->devtab[(reg - 0x0100) / 8 + 1];
	case 0x2000: return model->cmd_head;
	case 0x2008: return model->cmd_tail;
	case 0x2010: return model->log_head * 16;
	case 0x2018:
		model->log_reads++;
		if (model->tail_reset_in && !--model->tail_reset_in)
			model->log_tail = model->tail_reset_to;
		return model->log_tail * 16;
	case 0x2020:
		model->status_reads++;
		return model->status;
	case 0x2030: return model->ppr_head * 16;
	case 0x2038: return model->ppr_tail * 16;
	default: return 0;
	}
}

/*
 * DMA of the watched device passes if translation is disabled (IommuEn), V is 0,
 * or IR and IW are set.
 */
static void watch(struct amd_model *model)
{
	const u64 *entry;

	if (!model->watched)
		return;
	if (!(model->control & 1)) {
		model->untranslated++;
		return;
	}
	entry = amd_model_entry(model, model->watched);
	if (!entry || ((entry[0] & 1) &&
		       (entry[0] & 3ULL << 61) != 3ULL << 61))
		model->blocked++;
}

/**
 * amd_model_write() - write a register
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
		model->devtab[0] = val;
		break;
	case 0x0020:
		model->exclusion[0] = val;
		break;
	case 0x0028:
		model->exclusion[1] = val;
		break;
	case 0x0038:
		model->ppr_base = val;
		break;
	case 0x0100 ... 0x0130:
		model->devtab[(reg - 0x0100) / 8 + 1] = val;
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
		/* Writing 1 clears overflow and interrupt bits. */
		model->status &= ~(val & 0x67 & ~model->sticky);
		model->sticky &= ~val;
		break;
	case 0x2030:
		model->ppr_head = val / 16;
		break;
	case 0x2038:
		model->ppr_tail = val / 16;
		break;
	}
	watch(model);
}
