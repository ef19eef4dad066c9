// SPDX-License-Identifier: GPL-2.0-only
/*
 * The caches of the model for entries and translations.
 */
#include <linux/io.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "model.h"

/* Size of a cache line. */
#define LINE 64

/* Fields of a context entry (9.3). */
#define DID(hi)		((u16)((hi) >> 8))
#define TT(lo)		((u8)((lo) >> 2 & 3))
#define TABLE(lo)	((lo) & 0x000ffffffffff000ULL)

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

/* The page at @phys with the contents that were flushed. */
static u8 *page_of(struct vtd_model *model, u64 phys, bool create)
{
	struct vtd_walk *walk = &model->walk;
	unsigned int i;

	for (i = 0; i < walk->nr_pages; i++)
		if (walk->memory[i].phys == phys)
			return walk->memory[i].bytes;
	if (!create)
		return NULL;
	if (i == WALK_PAGES) {
		vtd_model_break(model, "too many pages of tables", phys);
		return NULL;
	}
	/* Memory may hold any value before the first flush of a line. */
	memset(walk->memory[i].bytes, 0xa5, sizeof(walk->memory[i].bytes));
	walk->memory[i].phys = phys;
	walk->nr_pages++;
	return walk->memory[i].bytes;
}

/**
 * vtd_walk_flushed() - a flush of CPU caches by software
 * @model: the unit
 * @virt: first byte
 * @len: bytes
 *
 * Context: @model->lock is held.
 */
void vtd_walk_flushed(struct vtd_model *model, void *virt, size_t len)
{
	u64 start = round_down(virt_to_phys(virt), LINE);
	u64 end = round_up(virt_to_phys(virt) + len, LINE);
	u8 *page;

	if (model->ecap & 1)
		vtd_model_break(model, "flush for a unit that snoops", start);
	for (; start < end; start += LINE) {
		page = page_of(model, round_down(start, 4096), true);
		if (page)
			memcpy(page + start % 4096, phys_to_virt(start), LINE);
	}
}

/* 128 bits as the unit reads them. */
static void read_memory(struct vtd_model *model, u64 phys, u64 *lo, u64 *hi)
{
	const u8 *page;
	const u64 *entry = phys_to_virt(phys);

	model->walk.walks++;
	if (!(model->ecap & 1)) {
		page = page_of(model, round_down(phys, 4096), false);
		if (!page) {
			vtd_model_break(model, "table was never flushed",
					phys);
			*lo = 0;
			*hi = 0;
			return;
		}
		entry = (const u64 *)(page + phys % 4096);
	}
	*lo = READ_ONCE(entry[0]);
	*hi = READ_ONCE(entry[1]);
}

/* The root entry of a bus; false if it is not present. */
static bool read_root(struct vtd_model *model, u8 bus, u64 *table)
{
	u64 lo, hi;

	read_memory(model, model->root + bus * 16, &lo, &hi);
	/* Bits are reserved only in a present entry (9.1). */
	if ((lo & 1) && ((lo & 0xffe) || hi))
		vtd_model_break(model, "reserved bits in a root entry", lo);
	*table = TABLE(lo);
	return lo & 1;
}

/**
 * vtd_walk_entry() - read the context entry of a requester from memory
 * @model: the unit
 * @rid: its ID
 * @lo: bits 63:0 of its context entry
 * @hi: bits 127:64
 *
 * Context: Any; tables do not change.
 * Return: true if the entry exists and is present.
 */
bool vtd_walk_entry(struct vtd_model *model, u16 rid, u64 *lo, u64 *hi)
{
	u64 table;

	*lo = 0;
	*hi = 0;
	/* Before the first SRTP there is none. */
	if (!model->root || !read_root(model, rid >> 8, &table))
		return false;
	read_memory(model, table + (rid & 0xff) * 16, lo, hi);
	return *lo & 1;
}

/* A present entry is valid, has an allowed value, and is never torn. */
static void check_value(struct vtd_model *model, u64 lo, u64 hi)
{
	const struct vtd_walk *walk = &model->walk;
	unsigned int i;

	/* Reserved: bits 11:4 and 127:88, 71 (9.3); AW 0 and above 3. */
	if ((lo & 0xff0) || hi >> 24 || (hi & 0x80) || (hi & 7) < 1 ||
	    (hi & 7) > 3)
		vtd_model_break(model, "reserved bits in a context entry", lo);
	for (i = 0; i < walk->nr_values; i++)
		if (walk->values[i].lo == lo && walk->values[i].hi == hi)
			return;
	if (walk->nr_values)
		vtd_model_break(model, "torn context entry", lo);
}

static void fill_iotlb(struct vtd_model *model, u64 lo, u64 hi)
{
	struct vtd_walk *walk = &model->walk;
	int i, slot = -1;

	for (i = 0; i < WALK_IOTLB; i++) {
		if (!walk->iotlb[i].valid) {
			slot = i;
			continue;
		}
		if (walk->iotlb[i].did == DID(hi) &&
		    walk->iotlb[i].tt == TT(lo) &&
		    walk->iotlb[i].table == TABLE(lo))
			return;
	}
	if (slot < 0) {
		vtd_model_break(model, "the IOTLB is never invalidated", lo);
		return;
	}
	walk->iotlb[slot].valid = true;
	walk->iotlb[slot].did = DID(hi);
	walk->iotlb[slot].tt = TT(lo);
	walk->iotlb[slot].table = TABLE(lo);
}

/* FPD of an entry that is not present suppresses its faults (9.3). */
static void count_fault(struct vtd_walk *walk, u64 lo)
{
	if (!(lo & 2))
		walk->logged++;
}

static void dma(struct vtd_model *model, unsigned int i)
{
	struct vtd_walk *walk = &model->walk;
	bool caching = model->cap & MODEL_CAP_CM;
	u8 bus = walk->rids[i] >> 8;
	u64 table, lo, hi;

	/* Unless this function reaches its end. */
	walk->blocked++;
	if (!walk->cc[i].valid) {
		if (walk->no_root[bus])
			return;
		if (!read_root(model, bus, &table)) {
			walk->no_root[bus] = caching;
			return;
		}
		read_memory(model, table + (walk->rids[i] & 0xff) * 16, &lo,
			    &hi);
		if (!(lo & 1)) {
			/* Cached in caching mode, with domain ID 0 (6.1). */
			walk->cc[i].valid = caching;
			walk->cc[i].did = 0;
			walk->cc[i].lo = lo;
			walk->cc[i].hi = 0;
			count_fault(walk, lo);
			return;
		}
		check_value(model, lo, hi);
		walk->cc[i].valid = true;
		walk->cc[i].did = DID(hi);
		walk->cc[i].lo = lo;
		walk->cc[i].hi = hi;
	}
	lo = walk->cc[i].lo;
	if (!(lo & 1)) {
		count_fault(walk, lo);
		return;
	}
	walk->blocked--;
	fill_iotlb(model, lo, walk->cc[i].hi);
	/* Translation requests need TT = 1 (9.3). */
	if (walk->ats[i] && TT(lo) == 1)
		walk->atc[i] = TABLE(lo);
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
	/* Context entries tag the IOTLB, so they are invalidated before. */
	if (gran == 1 && model->cc_flushed)
		model->iotlb_flushed = true;
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

/* Whether an entry in memory has this @table, @did and @tt. */
static bool in_use(struct vtd_model *model, u64 table, u16 did, u8 tt)
{
	unsigned int i;
	u64 lo, hi;

	for (i = 0; i < model->walk.nr_rids; i++)
		if (vtd_walk_entry(model, model->walk.rids[i], &lo, &hi) &&
		    TABLE(lo) == table && DID(hi) == did && TT(lo) == tt)
			return true;
	return false;
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
	unsigned long flags;
	u64 lo, hi, table;
	unsigned int i;

	raw_spin_lock_irqsave(&model->lock, flags);
	for (i = 0; i < walk->nr_rids; i++) {
		vtd_walk_entry(model, walk->rids[i], &lo, &hi);
		if (walk->cc[i].valid &&
		    (walk->cc[i].lo != lo ||
		     ((lo & 1) && walk->cc[i].hi != hi)))
			vtd_model_break(model, "stale context entry is cached",
					walk->cc[i].lo);
		if (walk->no_root[walk->rids[i] >> 8] &&
		    read_root(model, walk->rids[i] >> 8, &table))
			vtd_model_break(model, "stale root entry is cached",
					walk->rids[i]);
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
	for (i = 0; i < WALK_IOTLB; i++)
		if (walk->iotlb[i].valid &&
		    !in_use(model, walk->iotlb[i].table, walk->iotlb[i].did,
			    walk->iotlb[i].tt))
			vtd_model_break(model, "stale translation is cached",
					walk->iotlb[i].table);
	raw_spin_unlock_irqrestore(&model->lock, flags);
}
