// SPDX-License-Identifier: GPL-2.0-only
/*
 * The tables in memory as the model reads them, in legacy mode (9.1, 9.3) and in
 * scalable mode (9.2, 9.4 to 9.6). Numbers are those of the specification.
 *
 * What both modes say about a requester is compared in the format of a context entry of
 * legacy mode.
 */
#include <linux/io.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "model.h"

/* Size of a cache line. */
#define LINE 64

#define ADDRESS(lo)	((lo) & 0x000ffffffffff000ULL)

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

/**
 * vtd_walk_root() - read the root entry of a requester from memory
 * @model: the unit
 * @rid: its ID
 * @table: set to the address of its context table
 *
 * Context: Any; tables do not change.
 * Return: true if there is one.
 */
bool vtd_walk_root(struct vtd_model *model, u16 rid, u64 *table)
{
	u64 lo, hi;

	read_memory(model, model->root + (rid >> 8) * 16, &lo, &hi);
	/* Bits are reserved only in a present entry. */
	if ((lo & 1) && ((lo & 0xffe) || (hi && !model->scalable)))
		vtd_model_break(model, "reserved bits in a root entry", lo);
	if (model->scalable && (hi & 1) && (hi & 0xffe))
		vtd_model_break(model, "reserved bits in a root entry", hi);
	/* Functions of devices 16 to 31 have the upper table (9.2). */
	if (model->scalable && (rid & 0x80))
		lo = hi;
	*table = ADDRESS(lo);
	return lo & 1;
}

/**
 * vtd_walk_context_entry() - read the context entry of a requester from memory
 * @model: the unit
 * @rid: its ID
 * @table: the context table
 * @lo: set to bits 63:0
 * @hi: set to bits 127:64
 *
 * Context: Any; tables do not change.
 */
void vtd_walk_context_entry(struct vtd_model *model, u16 rid, u64 table,
			    u64 *lo, u64 *hi)
{
	u64 more[2];

	if (!model->scalable) {
		read_memory(model, table + (rid & 0xff) * 16, lo, hi);
		return;
	}
	read_memory(model, table + (rid & 0x7f) * 32, lo, hi);
	read_memory(model, table + (rid & 0x7f) * 32 + 16, &more[0], &more[1]);
	/*
	 * Reserved: bits 8:7; PASIDE, PRE, HPTE and EPTR are not supported. RID_PASID
	 * is 0, and so is all that follows.
	 */
	if ((*lo & 1) && ((*lo & 0x1f8) || *hi || more[0] || more[1]))
		vtd_model_break(model, "wrong bits in a scalable context entry",
				*lo);
}

/**
 * vtd_walk_pasid_entry() - read the entry of PASID 0 from memory
 * @model: the unit, in scalable mode
 * @context: bits 63:0 of the context entry, which is present
 * @lo: set to bits 63:0 of the PASID-table entry; 0 if there is none
 * @hi: set to bits 127:64
 *
 * Context: Any; tables do not change.
 */
void vtd_walk_pasid_entry(struct vtd_model *model, u64 context, u64 *lo, u64 *hi)
{
	u64 directory, next, more[2];
	unsigned int i;

	read_memory(model, ADDRESS(context), &directory, &next);
	*lo = 0;
	*hi = 0;
	if (!(directory & 1))
		return;
	if (directory & 0xffe)
		vtd_model_break(model, "wrong bits in a PASID-directory entry",
				directory);
	read_memory(model, ADDRESS(directory), lo, hi);
	if (!(*lo & 1))
		return;
	/* Reserved: bits 5, 11:10, 86:80, and without ECAP.SSADS SSADE, bit 9. */
	if ((*lo & 0xc20) || (*hi & ~0x180ffffULL) ||
	    ((*lo & BIT_ULL(9)) && !(model->ecap & MODEL_ECAP_SSADS)))
		vtd_model_break(model, "reserved bits in a PASID-table entry",
				*lo);
	/* PWSNP is bit 87. It is reserved without ECAP.SMPWCS. */
	if (!(*hi & BIT_ULL(23)) != !(model->ecap & MODEL_ECAP_SMPWCS))
		vtd_model_break(model, "wrong PWSNP in a PASID-table entry",
				*hi);
	/* PGSNP would override the snooping that page tables ask for. */
	if (*hi & BIT_ULL(24))
		vtd_model_break(model, "PGSNP in a PASID-table entry", *hi);
	for (i = 16; i < 64; i += 16) {
		read_memory(model, ADDRESS(directory) + i, &more[0], &more[1]);
		if (more[0] || more[1])
			vtd_model_break(model, "first stage in a PASID-table entry",
					*lo);
	}
}

/**
 * vtd_walk_legacy() - convert entries of scalable mode to a context entry
 * @model: the unit
 * @context: bits 63:0 of the context entry, which is present
 * @lo: bits 63:0 of the PASID-table entry, which is present; replaced by those of the
 *	context entry of legacy mode with the same meaning
 * @hi: bits 127:64, likewise
 *
 * Context: Any.
 */
void vtd_walk_legacy(struct vtd_model *model, u64 context, u64 *lo, u64 *hi)
{
	u64 pgtt = *lo >> 6 & 7, aw = *lo >> 2 & 7, did = *hi & 0xffff;

	switch (pgtt) {
	case 2:
		/* Second stage: DTE is bit 2 of the context entry, like TT = 1. */
		*lo = ADDRESS(*lo) | (context & 4) | 1;
		break;
	case 4:
		*lo = ADDRESS(*lo) | 9;
		break;
	default:
		vtd_model_break(model, "PGTT in a PASID-table entry", *lo);
	}
	*hi = did << 8 | aw;
}

/**
 * vtd_walk_entry() - read what the tables in memory say about a requester
 * @model: the unit
 * @rid: its ID
 * @lo: bits 63:0 of its context entry, in the format of legacy mode
 * @hi: bits 127:64
 *
 * Context: Any; tables do not change.
 * Return: true if the entry exists and is present.
 */
bool vtd_walk_entry(struct vtd_model *model, u16 rid, u64 *lo, u64 *hi)
{
	u64 table, context;

	*lo = 0;
	*hi = 0;
	/* Before the first SRTP there is none. */
	if (!model->root || !vtd_walk_root(model, rid, &table))
		return false;
	vtd_walk_context_entry(model, rid, table, lo, hi);
	if (!model->scalable)
		return *lo & 1;
	context = *lo;
	if (!(context & 1)) {
		/* The unit ignores all but FPD. */
		*lo = context & 2;
		return false;
	}
	vtd_walk_pasid_entry(model, context, lo, hi);
	if (*lo & 1)
		vtd_walk_legacy(model, context, lo, hi);
	return *lo & 1;
}
