// SPDX-License-Identifier: GPL-2.0-only
/*
 * The caches of the model for entries and translations.
 */
#include <linux/string.h>

#include "model.h"

/* Fields of a context entry (9.3). */
#define DID(hi)		((u16)((hi) >> 8))
#define TT(lo)		((u8)((lo) >> 2 & 3))
#define TABLE(lo)	((lo) & 0x000ffffffffff000ULL)
/* Where vtd_walk_legacy() puts a second-stage table below a first-stage one. */
#define SECOND(hi)	((hi) >> 24)

/**
 * vtd_walk_init() - initialize the caches
 * @model: the unit
 *
 * Context: May sleep.
 */
void vtd_walk_init(struct vtd_model *model)
{
	struct vtd_walk *walk = &model->walk;

	walk->memory = kunit_kcalloc(model->test, WALK_PAGES,
				     sizeof(*walk->memory), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(model->test, walk->memory);
}

/**
 * vtd_walk_add() - have a requester do DMA
 * @model: the unit
 * @rid: its ID
 *
 * Context: Any; no other CPU accesses the unit.
 */
void vtd_walk_add(struct vtd_model *model, u16 rid)
{
	struct vtd_walk *walk = &model->walk;

	KUNIT_ASSERT_LT(model->test, walk->nr_rids, WALK_RIDS);
	walk->rids[walk->nr_rids++] = rid;
}

/**
 * vtd_walk_slot() - find a requester by its ID
 * @model: the unit
 * @rid: the ID
 *
 * Context: Any.
 * Return: its index in @model->walk.rids, or -1.
 */
int vtd_walk_slot(const struct vtd_model *model, u16 rid)
{
	unsigned int i;

	for (i = 0; i < model->walk.nr_rids; i++)
		if (model->walk.rids[i] == rid)
			return i;
	return -1;
}

/*
 * A present entry is valid, has an allowed value, and is never torn. In scalable mode the
 * flag that allows translated requests, in bit 2, is in another entry than the rest.
 */
static void check_value(struct vtd_model *model, u64 lo, u64 hi)
{
	const struct vtd_walk *walk = &model->walk;
	u64 apart = model->scalable ? 4 : 0;
	unsigned int i;

	/* Reserved: bits 11:4 and 127:88, 71 (9.3); AW 0 and above 3. */
	if ((lo & 0xff0) || (SECOND(hi) && !(lo & WALK_FIRST)) || (hi & 0x80) ||
	    (hi & 7) < 1 || (hi & 7) > 3)
		vtd_model_break(model, "reserved bits in a context entry", lo);
	for (i = 0; i < walk->nr_values; i++)
		if (!((walk->values[i].lo ^ lo) & ~apart) &&
		    walk->values[i].hi == hi)
			return;
	if (walk->nr_values)
		vtd_model_break(model, "torn context entry", lo);
}

/* In scalable mode page tables are the same with and without a device TLB. */
static u8 iotlb_tt(const struct vtd_model *model, u64 lo)
{
	return model->scalable ? TT(lo) & 2 : TT(lo);
}

/* @pasid tags translations of first-stage tables only. */
static void fill_iotlb(struct vtd_model *model, u32 pasid, u64 lo, u64 hi)
{
	struct vtd_walk *walk = &model->walk;
	bool first = lo & WALK_FIRST;
	int i, slot = -1;

	if (!first)
		pasid = 0;
	for (i = 0; i < WALK_IOTLB; i++) {
		if (!walk->iotlb[i].valid) {
			slot = i;
			continue;
		}
		if (walk->iotlb[i].did == DID(hi) &&
		    walk->iotlb[i].first == first &&
		    walk->iotlb[i].pasid == pasid &&
		    walk->iotlb[i].tt == iotlb_tt(model, lo) &&
		    walk->iotlb[i].table == TABLE(lo) &&
		    walk->iotlb[i].second == SECOND(hi))
			return;
	}
	if (slot < 0) {
		vtd_model_break(model, "the IOTLB is never invalidated", lo);
		return;
	}
	walk->iotlb[slot].valid = true;
	walk->iotlb[slot].first = first;
	walk->iotlb[slot].did = DID(hi);
	walk->iotlb[slot].pasid = pasid;
	walk->iotlb[slot].tt = iotlb_tt(model, lo);
	walk->iotlb[slot].table = TABLE(lo);
	walk->iotlb[slot].second = SECOND(hi);
}

/* FPD of an entry that is not present suppresses its faults (9.3). */
static void count_fault(struct vtd_walk *walk, u64 lo)
{
	if (!(lo & 2))
		walk->logged++;
}

/* Fills the context-cache; false if the request is blocked. */
static bool fill_context(struct vtd_model *model, unsigned int i)
{
	struct vtd_walk *walk = &model->walk;
	bool caching = model->cap & MODEL_CAP_CM;
	u16 rid = walk->rids[i];
	u64 table, lo, hi;

	if (walk->no_root[rid >> 7])
		return false;
	if (!vtd_walk_root(model, rid, &table)) {
		walk->no_root[rid >> 7] = caching;
		return false;
	}
	vtd_walk_context_entry(model, rid, table, &lo, &hi);
	if (!(lo & 1)) {
		/* Cached in caching mode, with domain ID 0 (6.1). */
		walk->cc[i].valid = caching;
		walk->cc[i].did = 0;
		walk->cc[i].lo = lo;
		walk->cc[i].hi = 0;
		count_fault(walk, lo);
		return false;
	}
	if (!model->scalable)
		check_value(model, lo, hi);
	walk->cc[i].valid = true;
	/* In scalable mode it has no domain ID. */
	walk->cc[i].did = model->scalable ? 0 : DID(hi);
	walk->cc[i].lo = lo;
	walk->cc[i].hi = hi;
	return true;
}

/* Fills the PASID-cache from a context entry; false if the entry is not present. */
static bool fill_pasid(struct vtd_model *model, u64 context, u32 pasid,
		       struct vtd_walk_pasid *pc)
{
	u64 lo, hi;

	vtd_walk_pasid_entry(model, context, pasid, pc);
	pc->valid = (pc->lo & 1) || (model->cap & MODEL_CAP_CM);
	if (!(pc->lo & 1))
		return false;
	vtd_walk_legacy(model, context, pc, &lo, &hi);
	if (!pasid)
		check_value(model, lo, hi);
	return true;
}

static void dma(struct vtd_model *model, unsigned int i)
{
	struct vtd_walk *walk = &model->walk;
	u64 lo, hi;

	/* Unless this function reaches its end. */
	walk->blocked++;
	if (!walk->cc[i].valid && !fill_context(model, i))
		return;
	lo = walk->cc[i].lo;
	hi = walk->cc[i].hi;
	if (!(lo & 1)) {
		count_fault(walk, lo);
		return;
	}
	if (model->scalable) {
		if (!walk->pc[i].valid)
			fill_pasid(model, walk->cc[i].lo, 0, &walk->pc[i]);
		lo = walk->pc[i].lo;
		if (!(lo & 1)) {
			count_fault(walk, lo | walk->cc[i].lo);
			return;
		}
		vtd_walk_legacy(model, walk->cc[i].lo, &walk->pc[i], &lo, &hi);
	}
	walk->blocked--;
	fill_iotlb(model, 0, lo, hi);
	/* Translation requests need TT = 1 (9.3), or DTE (9.4). */
	if (walk->ats[i] && TT(lo) == 1)
		walk->atc[i] = TABLE(lo);
}

/* PASIDE is bit 3 of the context entry (9.4). */
static void dma_pasid(struct vtd_model *model, struct vtd_walk_sender *sender)
{
	int i = vtd_walk_slot(model, sender->rid);
	struct vtd_walk *walk = &model->walk;
	u64 lo, hi;

	sender->table = 0;
	sender->blocked++;
	/* The requester has also sent a request without PASID. */
	if (!walk->cc[i].valid || !(walk->cc[i].lo & 1) ||
	    !(walk->cc[i].lo & 8))
		return;
	if (!sender->pc.valid)
		fill_pasid(model, walk->cc[i].lo, sender->pasid, &sender->pc);
	if (!(sender->pc.lo & 1))
		return;
	sender->blocked--;
	vtd_walk_legacy(model, walk->cc[i].lo, &sender->pc, &lo, &hi);
	fill_iotlb(model, sender->pasid, lo, hi);
	sender->table = TABLE(lo);
}

/**
 * vtd_walk_send() - have a requester send requests with a PASID
 * @model: the unit, in scalable mode
 * @rid: its ID, which does DMA without PASID already
 * @pasid: the PASID
 *
 * Context: Any; no other CPU accesses the unit.
 * Return: its record.
 */
struct vtd_walk_sender *vtd_walk_send(struct vtd_model *model, u16 rid, u32 pasid)
{
	struct vtd_walk *walk = &model->walk;
	struct vtd_walk_sender *sender = &walk->senders[walk->nr_senders];

	KUNIT_ASSERT_LT(model->test, walk->nr_senders, WALK_PASIDS);
	KUNIT_ASSERT_GE(model->test, vtd_walk_slot(model, rid), 0);
	sender->rid = rid;
	sender->pasid = pasid;
	walk->nr_senders++;
	return sender;
}

/**
 * vtd_walk_dma() - have every requester do DMA
 * @model: the unit
 *
 * Context: @model->lock is held.
 */
void vtd_walk_dma(struct vtd_model *model)
{
	unsigned int i;

	if (!(model->gsts & 0x80000000) || model->gone)
		return;
	for (i = 0; i < model->walk.nr_rids; i++)
		dma(model, i);
	for (i = 0; i < model->walk.nr_senders; i++)
		dma_pasid(model, &model->walk.senders[i]);
}

/**
 * vtd_walk_context() - a context-cache invalidation (6.5.2.1)
 * @model: the unit
 * @gran: granularity: 1 global, 2 domain, 3 device
 * @did: domain ID
 * @sid: requester ID
 * @fm: function mask
 *
 * Invalidates no more than the specification requires.
 *
 * Context: @model->lock is held.
 */
void vtd_walk_context(struct vtd_model *model, u8 gran, u16 did, u16 sid, u8 fm)
{
	/* FM selects function number bits that are not compared. */
	static const u16 mask[] = { 0xffff, 0xfffb, 0xfff9, 0xfff8 };
	struct vtd_walk *walk = &model->walk;
	unsigned int i;

	for (i = 0; i < walk->nr_rids; i++) {
		if (gran != 1 && walk->cc[i].did != did)
			continue;
		if (gran == 3 && ((walk->rids[i] ^ sid) & mask[fm]))
			continue;
		walk->cc[i].valid = false;
	}
	if (gran == 1) {
		memset(walk->no_root, 0, sizeof(walk->no_root));
		model->cc_flushed = true;
	}
}

/**
 * vtd_walk_pasid() - a PASID-cache invalidation (6.5.2.2)
 * @model: the unit
 * @gran: granularity: 0 domain, 1 PASID within a domain, 3 global
 * @did: domain ID
 * @pasid: PASID
 *
 * Invalidates no more than the specification requires.
 *
 * Context: @model->lock is held.
 */
void vtd_walk_pasid(struct vtd_model *model, u8 gran, u16 did, u32 pasid)
{
	struct vtd_walk *walk = &model->walk;
	unsigned int i;

	/* Requests without PASID use PASID 0. */
	for (i = 0; i < walk->nr_rids; i++)
		if (gran == 3 || (walk->pc[i].did == did && (!gran || !pasid)))
			walk->pc[i].valid = false;
	for (i = 0; i < walk->nr_senders; i++) {
		struct vtd_walk_sender *sender = &walk->senders[i];

		if (gran == 3 || (sender->pc.did == did &&
				  (!gran || sender->pasid == pasid)))
			sender->pc.valid = false;
	}
	if (gran == 3 && model->cc_flushed)
		model->pasid_flushed = true;
}

/**
 * vtd_walk_iotlb() - an IOTLB invalidation (6.5.2.3)
 * @model: the unit
 * @gran: granularity: 1 global, 2 domain, 3 pages
 * @did: domain ID
 *
 * Invalidates no more than the specification requires. A page-selective
 * invalidation leaves translations of other pages, and so the entry.
 *
 * Context: @model->lock is held.
 */
void vtd_walk_iotlb(struct vtd_model *model, u8 gran, u16 did)
{
	struct vtd_walk *walk = &model->walk;
	unsigned int i;

	for (i = 0; i < WALK_IOTLB; i++)
		if (gran == 1 || (gran == 2 && walk->iotlb[i].did == did))
			walk->iotlb[i].valid = false;
	/* Entries tag the IOTLB, so they are invalidated before. */
	if (gran == 1 && model->cc_flushed &&
	    (!model->scalable || model->pasid_flushed))
		model->iotlb_flushed = true;
}

/**
 * vtd_walk_p_iotlb() - a PASID-based IOTLB invalidation (6.5.2.4)
 * @model: the unit
 * @gran: granularity: 2 PASID within a domain, 3 pages of it
 * @did: domain ID
 * @pasid: PASID
 *
 * Concerns translations of first-stage tables only. Invalidates no more than the
 * specification requires, as vtd_walk_iotlb().
 *
 * Context: @model->lock is held.
 */
void vtd_walk_p_iotlb(struct vtd_model *model, u8 gran, u16 did, u32 pasid)
{
	struct vtd_walk *walk = &model->walk;
	unsigned int i;

	for (i = 0; i < WALK_IOTLB; i++)
		if (gran == 2 && walk->iotlb[i].first &&
		    walk->iotlb[i].did == did && walk->iotlb[i].pasid == pasid)
			walk->iotlb[i].valid = false;
}

/**
 * vtd_walk_device() - a device-TLB invalidation
 * @model: the unit
 * @sid: requester ID of the device
 *
 * Context: @model->lock is held.
 */
void vtd_walk_device(struct vtd_model *model, u16 sid)
{
	int i = vtd_walk_slot(model, sid);

	if (i < 0)
		return;
	if (!model->walk.ats[i])
		vtd_model_break(model, "device TLB invalidated without ATS",
				sid);
	model->walk.atc[i] = 0;
}

/* Whether an entry with these bits has the table of cached translations. */
static bool matches(struct vtd_model *model, unsigned int cached, u32 pasid,
		    u64 lo, u64 hi)
{
	const struct vtd_walk *walk = &model->walk;
	bool first = lo & WALK_FIRST;

	return TABLE(lo) == walk->iotlb[cached].table &&
	       SECOND(hi) == walk->iotlb[cached].second &&
	       DID(hi) == walk->iotlb[cached].did &&
	       first == walk->iotlb[cached].first &&
	       (!first || pasid == walk->iotlb[cached].pasid) &&
	       iotlb_tt(model, lo) == walk->iotlb[cached].tt;
}

/* The entry of a sender in memory; false if its requests are blocked. */
static bool sender_entry(struct vtd_model *model,
			 const struct vtd_walk_sender *sender,
			 struct vtd_walk_pasid *entry, u64 *context)
{
	u64 table, hi;

	*entry = (struct vtd_walk_pasid) { };
	if (!model->root || !vtd_walk_root(model, sender->rid, &table))
		return false;
	vtd_walk_context_entry(model, sender->rid, table, context, &hi);
	if (!(*context & 1) || !(*context & 8))
		return false;
	vtd_walk_pasid_entry(model, *context, sender->pasid, entry);
	return entry->lo & 1;
}

/* Whether an entry in memory has the table of cached translations. */
static bool in_use(struct vtd_model *model, unsigned int cached)
{
	struct vtd_walk_pasid entry;
	u64 lo, hi, context;
	unsigned int i;

	for (i = 0; i < model->walk.nr_rids; i++)
		if (vtd_walk_entry(model, model->walk.rids[i], &lo, &hi) &&
		    matches(model, cached, 0, lo, hi))
			return true;
	for (i = 0; i < model->walk.nr_senders; i++) {
		struct vtd_walk_sender *sender = &model->walk.senders[i];

		if (!sender_entry(model, sender, &entry, &context))
			continue;
		vtd_walk_legacy(model, context, &entry, &lo, &hi);
		if (matches(model, cached, sender->pasid, lo, hi))
			return true;
	}
	return false;
}

static void check_cached_pasid(struct vtd_model *model,
			       const struct vtd_walk_pasid *pc,
			       const struct vtd_walk_pasid *now)
{
	if (pc->valid && (pc->lo != now->lo || pc->hi != now->hi ||
			  pc->first != now->first))
		vtd_model_break(model, "stale PASID-table entry is cached",
				pc->lo);
}

/* Compares what is cached of the entries of one requester with memory. */
static void check_entries(struct vtd_model *model, unsigned int i)
{
	struct vtd_walk *walk = &model->walk;
	u64 table, context = 0, context_hi = 0, ignored = 0;
	struct vtd_walk_pasid entry = { };

	if (model->root && vtd_walk_root(model, walk->rids[i], &table)) {
		if (walk->no_root[walk->rids[i] >> 7])
			vtd_model_break(model, "stale root entry is cached",
					walk->rids[i]);
		vtd_walk_context_entry(model, walk->rids[i], table, &context,
				       &context_hi);
	}
	/* In an entry that is not present, FPD alone counts (9.4). */
	if (model->scalable && !(context & 1))
		ignored = ~3ULL;
	if (walk->cc[i].valid &&
	    (((walk->cc[i].lo ^ context) & ~ignored) ||
	     ((context & 1) && walk->cc[i].hi != context_hi)))
		vtd_model_break(model, "stale context entry is cached",
				walk->cc[i].lo);
	if (!walk->pc[i].valid)
		return;
	if (context & 1)
		vtd_walk_pasid_entry(model, context, 0, &entry);
	check_cached_pasid(model, &walk->pc[i], &entry);
}

/**
 * vtd_walk_check() - check that no cache is older than memory
 * @model: the unit
 *
 * Called when the driver claims this, that is, after its functions return.
 *
 * Context: Any; takes @model->lock.
 */
void vtd_walk_check(struct vtd_model *model)
{
	struct vtd_walk *walk = &model->walk;
	struct vtd_walk_pasid entry;
	unsigned long flags;
	unsigned int i;
	u64 lo, hi;

	raw_spin_lock_irqsave(&model->lock, flags);
	for (i = 0; i < walk->nr_rids; i++) {
		check_entries(model, i);
		vtd_walk_entry(model, walk->rids[i], &lo, &hi);
		/* The unit can only block an unresponsive device. */
		if (walk->rids[i] == model->unresponsive)
			continue;
		if (walk->atc[i] && TT(lo) == 1 && walk->atc[i] != TABLE(lo))
			vtd_model_break(model, "stale device-TLB translation",
					walk->atc[i]);
		if (walk->atc[i] && TT(lo) != 1 && !walk->ats[i])
			vtd_model_break(model, "device TLB was not invalidated",
					walk->atc[i]);
	}
	for (i = 0; i < walk->nr_senders; i++) {
		sender_entry(model, &walk->senders[i], &entry, &lo);
		check_cached_pasid(model, &walk->senders[i].pc, &entry);
	}
	for (i = 0; i < WALK_IOTLB; i++)
		if (walk->iotlb[i].valid && !in_use(model, i))
			vtd_model_break(model, "stale translation is cached",
					walk->iotlb[i].table);
	raw_spin_unlock_irqrestore(&model->lock, flags);
}
