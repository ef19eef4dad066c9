// SPDX-License-Identifier: GPL-2.0-only
/*
 * The registers of the model (11.4).
 */
#include <linux/bitops.h>
#include <linux/irqflags.h>
#include <linux/sched.h>

#include "model.h"
#include "vtd/vtd.h"

/**
 * vtd_model_break() - record that software broke a rule
 * @model: the unit
 * @why: the rule
 * @at: a number that describes where
 *
 * Only the first one is kept: others may be its consequences.
 *
 * Context: @model->lock is held.
 */
void vtd_model_break(struct vtd_model *model, const char *why, u64 at)
{
	if (model->broken)
		return;
	model->broken = why;
	model->broken_at = at;
}

/**
 * vtd_model_event() - record an action of software
 * @model: the unit
 * @kind: kind of the action
 * @a: see enum model_event_kind
 * @b: see enum model_event_kind
 *
 * Context: @model->lock is held.
 */
void vtd_model_event(struct vtd_model *model, enum model_event_kind kind, u64 a,
		     u64 b)
{
	if (model->nr_events == MODEL_EVENTS)
		return;
	model->events[model->nr_events].kind = kind;
	model->events[model->nr_events].a = a;
	model->events[model->nr_events++].b = b;
}

/* Registers at fixed offsets (11.4). */
struct reg_desc {
	u16 offset;
	u8 size;
	bool write;
};

static const struct reg_desc regs[] = {
	{ 0x000, 4 },		/* VER */
	{ 0x008, 8 },		/* CAP */
	{ 0x010, 8 },		/* ECAP */
	{ 0x018, 4, true },	/* GCMD */
	{ 0x01c, 4 },		/* GSTS */
	{ 0x020, 8, true },	/* RTADDR */
	{ 0x028, 8, true },	/* CCMD */
	{ 0x034, 4, true },	/* FSTS */
	{ 0x038, 4, true },	/* FECTL */
	{ 0x03c, 4, true },	/* FEDATA */
	{ 0x040, 4, true },	/* FEADDR */
	{ 0x044, 4, true },	/* FEUADDR */
	{ 0x064, 4, true },	/* PMEN */
	{ 0x068, 4, true },	/* PLMBASE */
	{ 0x06c, 4, true },	/* PLMLIMIT */
	{ 0x070, 8, true },	/* PHMBASE */
	{ 0x078, 8, true },	/* PHMLIMIT */
	{ 0x080, 8 },		/* IQH */
	{ 0x088, 8, true },	/* IQT */
	{ 0x090, 8, true },	/* IQA */
	{ 0x09c, 4, true },	/* ICS */
	{ 0x0a0, 4, true },	/* IECTL */
	{ 0x0b0, 8 },		/* IQERCD */
	{ 0x0b8, 8, true },	/* IRTA */
	{ 0x0c0, 8, true },	/* PQH */
	{ 0x0c8, 8, true },	/* PQT */
	{ 0x0d0, 8, true },	/* PQA */
	{ 0x0dc, 4, true },	/* PRS */
	{ 0x0e0, 4, true },	/* PECTL */
	{ 0x0e4, 4, true },	/* PEDATA */
	{ 0x0e8, 4, true },	/* PEADDR */
	{ 0x0ec, 4, true },	/* PEUADDR */
};

static u32 iotlb_offset(const struct vtd_model *model)
{
	return (model->ecap >> 8 & 0x3ff) * 16;
}

static u32 frcd_offset(const struct vtd_model *model)
{
	return (model->cap >> 24 & 0x3ff) * 16;
}

static u32 frcd_size(const struct vtd_model *model)
{
	return ((model->cap >> 40 & 0xff) + 1) * 16;
}

static void check_access(struct vtd_model *model, u32 reg, int size, bool write)
{
	size_t i;

	if (reg + size > model->window)
		vtd_model_break(model, "access outside of the mapped registers",
				reg);
	if (reg >= 0x0c0 && reg < 0x0f0 && !(model->ecap & MODEL_ECAP_PRS))
		vtd_model_break(model, "page requests without ECAP.PRS", reg);
	for (i = 0; i < ARRAY_SIZE(regs); i++) {
		if (regs[i].offset != reg)
			continue;
		if (regs[i].size != size)
			vtd_model_break(model, "access of the wrong size", reg);
		if (write && !regs[i].write)
			vtd_model_break(model, "write to a read-only register",
					reg);
		return;
	}
	vtd_model_break(model, "access to an undefined register", reg);
}

/* A command takes effect (11.4.4.1). */
static void take_command(struct vtd_model *model, u32 cmd)
{
	if (cmd & 0x40000000) {
		/* SRTP */
		bool scalable = (model->rtaddr >> 10 & 3) == 1;

		if ((model->gsts & 0x80000000) && scalable != model->scalable)
			vtd_model_break(model, "TTM changes with TES",
					model->rtaddr);
		model->root = model->rtaddr & ~0xfffULL;
		model->scalable = scalable;
		model->cc_flushed = false;
		model->pasid_flushed = false;
		model->iotlb_flushed = false;
	}
	if ((cmd ^ model->gsts) & 0x04000000) {
		/* QIE changes. */
		model->head = 0;
		if (cmd & 0x04000000 && model->tail)
			vtd_model_break(model, "IQT is not 0 at QIE",
					model->tail);
	}
	if ((cmd & ~model->gsts) & 0x80000000 && !model->iotlb_flushed)
		vtd_model_break(model, "translation enabled with stale caches",
				cmd);
	vtd_intr_command(model, cmd);
	if (model->intr.cfis_stuck)
		cmd &= ~0x00800000;
	/* RTPS and IRTPS stay; TES, QIES, IRES and CFIS follow the command. */
	model->gsts = (model->gsts & 0x41000000) | (cmd & 0xc7800000);
	vtd_walk_dma(model);
	vtd_model_queue(model);
}

static u64 read_gsts(struct vtd_model *model)
{
	u32 held = model->held_cmds;

	/* A queue is disabled when its invalidations have completed. */
	if (model->stalled)
		held |= 0x04000000;
	if (model->busy && !(model->pending_bits & held) && !--model->busy)
		take_command(model, model->pending);
	/* WBFS is set during a flush, all other bits after their command. */
	return model->gsts | (model->busy ? model->pending & 0x08000000 : 0);
}

static void write_gcmd(struct vtd_model *model, u32 cmd)
{
	/* One-shot bits are not written back. */
	u32 changed = cmd ^ (model->gsts & 0x96ffffff);

	/* CFI does not count as a command if CFIS never follows it. */
	if (model->intr.cfis_stuck)
		changed &= ~0x00800000;
	vtd_model_event(model, EVENT_GCMD, cmd, 0);
	if (model->busy)
		vtd_model_break(model, "command before the last completed",
				cmd);
	if (hweight32(changed) > 1)
		vtd_model_break(model, "several commands in one write", cmd);
	/* Containment of a dead unit takes the risk. */
	if ((changed & ~cmd & 0x04000000) && !model->vu->unit.dead &&
	    (model->stalled || model->head != model->tail))
		vtd_model_break(model, "QIE cleared while the queue is in use",
				cmd);
	if (!changed || (changed & model->ignored_cmds))
		return;
	/* RTPS and IRTPS are clear until the new table is in use. */
	model->gsts &= ~(cmd & 0x41000000);
	model->pending = cmd;
	model->pending_bits = changed;
	model->busy = model->latency + 1;
}

/*
 * CCMD and IOTLB: bit 63 is set until the invalidation completes. The register
 * then reports the granularity that was invalidated.
 */
static void write_reginv(struct vtd_model *model, u64 *reg, u64 val)
{
	if (*reg & BIT_ULL(63))
		vtd_model_break(model, "register invalidation too early",
				val);
	if (model->gsts & 0x04000000)
		vtd_model_break(model, "register invalidation with QIE",
				val);
	if (model->scalable)
		vtd_model_break(model, "register invalidation in scalable mode",
				val);
	*reg = val;
	model->reg_busy = model->latency + 1;
}

static u64 read_ccmd(struct vtd_model *model)
{
	u64 val = model->ccmd;
	u8 gran = val >> 61 & 3;

	if (!(val & BIT_ULL(63)) || model->reg_stuck ||
	    (model->reg_busy && --model->reg_busy))
		return val;
	model->ccmd = val & ~BIT_ULL(63) & ~(3ULL << 59);
	if (model->reg_refused) {
		model->reg_refused--;
		return model->ccmd;
	}
	vtd_walk_dma(model);
	vtd_walk_context(model, gran, val, val >> 16, val >> 32 & 3);
	vtd_walk_dma(model);
	model->ccmd |= (u64)gran << 59;
	return model->ccmd;
}

static u64 read_iotlb(struct vtd_model *model)
{
	u64 val = model->iotlb;
	u8 gran = val >> 60 & 3;

	if (!(val & BIT_ULL(63)) || model->reg_stuck ||
	    (model->reg_busy && --model->reg_busy))
		return val;
	model->iotlb = val & ~BIT_ULL(63) & ~(3ULL << 57);
	if (model->reg_refused) {
		model->reg_refused--;
		return model->iotlb;
	}
	vtd_walk_dma(model);
	vtd_walk_iotlb(model, gran, val >> 32);
	vtd_walk_dma(model);
	model->iotlb |= (u64)gran << 57;
	return model->iotlb;
}

static u64 read_fixed(struct vtd_model *model, u32 reg)
{
	switch (reg) {
	case 0x000: return model->ver;
	case 0x008: return model->cap;
	case 0x010: return model->ecap;
	case 0x01c: return read_gsts(model);
	case 0x020: return model->rtaddr;
	case 0x028: return read_ccmd(model);
	case 0x034: return vtd_model_fsts(model);
	case 0x038: return model->fectl;
	case 0x064: return model->pmen;
	case 0x080: return model->head * vtd_model_dsc_size(model);
	case 0x088: return model->tail * vtd_model_dsc_size(model);
	case 0x090: return model->iqa;
	case 0x0b0: return model->iqercd;
	case 0x0b8: return model->intr.irta;
	case 0x0c0: return model->pqh;
	case 0x0c8: return model->pqt;
	case 0x0d0: return model->pqa;
	case 0x0dc: return model->prs;
	case 0x0e0: return model->pectl;
	default: return 0;
	}
}

/* One of three registers that hold the message of an event. */
static void write_message(struct vtd_model *model, u32 *field, u32 ctl, u32 reg,
			  u32 val)
{
	if (!(ctl & 0x80000000))
		vtd_model_break(model, "message changes while it may be sent",
				reg);
	*field = val;
}

static void write_fixed(struct vtd_model *model, u32 reg, u64 val)
{
	switch (reg) {
	case 0x018:
		write_gcmd(model, val);
		break;
	case 0x020:
		/* TTM is legacy, or scalable if the unit supports that. */
		if (val & (model->ecap & MODEL_ECAP_SMTS ? 0xbff : 0xfff))
			vtd_model_break(model, "invalid RTADDR", val);
		model->rtaddr = val;
		break;
	case 0x028:
		write_reginv(model, &model->ccmd, val);
		vtd_model_event(model, EVENT_CCMD, val, 0);
		break;
	case 0x034:
		/* PFO, IQE, ICE and ITE are cleared by writing 1. */
		model->fsts &= ~(val & 0x71);
		vtd_model_storm(model);
		if (!model->run_on_poll)
			vtd_model_queue(model);
		break;
	case 0x038:
		model->fectl = (model->fectl & 0x40000000) | (val & 0x80000000);
		if (!(val & 0x80000000) && (model->fectl & 0x40000000)) {
			model->fectl = 0;
			model->interrupts++;
		}
		break;
	case 0x03c:
	case 0x040:
	case 0x044:
		write_message(model, &model->femsg[(reg - 0x03c) / 4],
			      model->fectl, reg, val);
		break;
	case 0x064:
		if (!(val & 0x80000000) && !(model->gsts & 0x80000000))
			vtd_model_break(model, "PMEN cleared before TES", val);
		/* PRS follows EPM. */
		model->pmen = val & 0x80000000;
		if (!(model->ignored_cmds & 1))
			model->pmen |= model->pmen >> 31;
		else
			model->pmen |= 1;
		break;
	case 0x088:
		if (val & ~0x7fff0ULL || val % vtd_model_dsc_size(model) ||
		    val / 16 >= 256 << (model->iqa & 7))
			vtd_model_break(model, "IQT outside of the queue", val);
		model->tail = val / vtd_model_dsc_size(model);
		if (!model->run_on_poll)
			vtd_model_queue(model);
		break;
	case 0x090:
		if (model->gsts & 0x04000000)
			vtd_model_break(model, "write to IQA with QIE", val);
		/* DW is bit 11. */
		if (val & (model->ecap & MODEL_ECAP_SMTS ? 0x7f8 : 0xff8))
			vtd_model_break(model, "reserved bits in IQA", val);
		model->iqa = val;
		break;
	case 0x0b8:
		/* The mode of the CPUs may not change while IRE is set. */
		if ((model->gsts & 0x02000000) &&
		    ((val ^ model->intr.irta) & 0x800))
			vtd_model_break(model, "EIME changes with IRE", val);
		model->intr.irta = val;
		break;
	case 0x0c0:
		model->pqh = val;
		break;
	case 0x0c8:
		if (val)
			vtd_model_break(model, "write to PQT", val);
		model->pqt = val;
		break;
	case 0x0d0:
		if (val & 0xff8)
			vtd_model_break(model, "reserved bits in PQA", val);
		model->pqa = val;
		break;
	case 0x0dc:
		/* PPR and PRO are cleared by writing 1. */
		model->prs &= ~(val & 3);
		break;
	case 0x0e0:
		vtd_model_page_ctl(model, val);
		break;
	case 0x0e4:
	case 0x0e8:
	case 0x0ec:
		write_message(model, &model->pemsg[(reg - 0x0e4) / 4],
			      model->pectl, reg, val);
		break;
	}
}

/**
 * vtd_model_read() - a read of a register by software
 * @model: the unit
 * @reg: offset
 * @size: bytes
 *
 * Context: @model->lock is held.
 * Return: the value.
 */
u64 vtd_model_read(struct vtd_model *model, u32 reg, int size)
{
	u32 iotlb = iotlb_offset(model), frcd = frcd_offset(model);

	model->accesses++;
	if (model->gone_after && !--model->gone_after)
		model->gone = true;
	if (model->gone)
		return ~0ULL;
	if (reg >= frcd && reg < frcd + frcd_size(model))
		return vtd_model_log_read(model, reg - frcd, size);
	if (reg == iotlb + 8 && size == 8)
		return read_iotlb(model);
	check_access(model, reg, size, false);
	return read_fixed(model, reg);
}

/**
 * vtd_model_write() - a write to a register by software
 * @model: the unit
 * @reg: offset
 * @size: bytes
 * @val: the value
 *
 * Context: @model->lock is held.
 */
void vtd_model_write(struct vtd_model *model, u32 reg, int size, u64 val)
{
	u32 iotlb = iotlb_offset(model), frcd = frcd_offset(model);

	model->accesses++;
	if (model->read_only) {
		vtd_model_break(model, "write to a unit that is only looked at",
				reg);
		return;
	}
	if (model->gone_after && !--model->gone_after)
		model->gone = true;
	if (model->gone)
		return;
	vtd_walk_dma(model);
	if (reg >= frcd && reg < frcd + frcd_size(model)) {
		vtd_model_log_write(model, reg - frcd, size, val);
	} else if (reg == iotlb && size == 8) {
		model->iva = val;
	} else if (reg == iotlb + 8 && size == 8) {
		write_reginv(model, &model->iotlb, val);
		vtd_model_event(model, EVENT_IOTLB, val, model->iva);
	} else {
		check_access(model, reg, size, true);
		write_fixed(model, reg, val);
	}
	vtd_walk_dma(model);
}
