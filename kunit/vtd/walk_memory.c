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
	 * Reserved: bits 8:7, and without ECAP.PASID PASIDE, bit 3; PRE, HPTE and EPTR
	 * are not supported. RID_PASID is 0, and so is all that follows.
	 */
	if ((*lo & 1) && ((*lo & (model->ecap & MODEL_ECAP_PASID ? 0x1f0 : 0x1f8)) ||
			  *hi || more[0] || more[1]))
		vtd_model_break(model, "wrong bits in a scalable context entry",
				*lo);
}

/* The entry of a PASID in the directory; 0 if that has no room for it (9.4, 9.5). */
static u64 directory_entry(struct vtd_model *model, u64 context, u32 pasid)
{
	u64 both[2], entry;

	if (pasid >> 6 >= 128 << (context >> 9 & 7))
		return 0;
	read_memory(model, ADDRESS(context) + (pasid >> 7) * 16, &both[0],
		    &both[1]);
	entry = both[pasid >> 6 & 1];
	if ((entry & 1) && (entry & 0xffe))
		vtd_model_break(model, "wrong bits in a PASID-directory entry",
				entry);
	return entry;
}

/*
 * Bits of the part for first-stage tables. The driver lets guests alone set SRE, bit 128,
 * WPE, bit 132, and EAFE, bit 135.
 */
static void check_first(struct vtd_model *model, const struct vtd_walk_pasid *entry)
{
	u64 pgtt = entry->lo >> 6 & 7, reserved = 0xff3;
	bool used = pgtt == 1 || pgtt == 3;

	if (!used && entry->first)
		vtd_model_break(model, "first stage in a PASID-table entry",
				entry->first);
	if (!used)
		return;
	if (pgtt == 3 && (model->ecap & MODEL_ECAP_SRS))
		reserved &= ~0x11ULL;
	if (pgtt == 3 && (model->ecap & MODEL_ECAP_EAFS))
		reserved &= ~0x80ULL;
	if (pgtt == 3 && (!(model->ecap & MODEL_ECAP_NEST) ||
			  !(model->ecap & MODEL_ECAP_SSTS)))
		vtd_model_break(model, "nested PASID-table entry", entry->lo);
	/* FSPM is bits 131:130: 0 for 4 levels, 1 for 5. */
	if ((entry->first & reserved) || (entry->first & 0xc) > 4 ||
	    ((entry->first & 0xc) && !(model->cap & MODEL_CAP_FS5LP)) ||
	    !(model->ecap & MODEL_ECAP_FSTS) ||
	    (pgtt == 3 ? !ADDRESS(entry->lo) : ADDRESS(entry->lo)))
		vtd_model_break(model, "invalid first stage in a PASID-table entry",
				entry->first);
}

/**
 * vtd_walk_pasid_entry() - read the entry of a PASID from memory
 * @model: the unit, in scalable mode
 * @context: bits 63:0 of the context entry, whose P bit is not checked
 * @pasid: the PASID; 0 for requests without PASID
 * @entry: set to the PASID-table entry, with the domain ID that tags caches; @entry->lo
 *	is 0 if there is none
 *
 * Context: Any; tables do not change.
 */
void vtd_walk_pasid_entry(struct vtd_model *model, u64 context, u32 pasid,
			  struct vtd_walk_pasid *entry)
{
	u64 directory = directory_entry(model, context, pasid), more[2];
	u64 phys = ADDRESS(directory) + (pasid & 63) * 64;
	unsigned int i;
	bool snoops;

	*entry = (struct vtd_walk_pasid) { };
	if (!(directory & 1))
		return;
	read_memory(model, phys, &entry->lo, &entry->hi);
	if (!(entry->lo & 1)) {
		/* The unit ignores the rest, except for FPD. */
		entry->lo &= 2;
		entry->hi = 0;
		return;
	}
	entry->did = entry->hi;
	read_memory(model, phys + 16, &entry->first, &more[1]);
	if (more[1])
		vtd_model_break(model, "upper half of a PASID-table entry",
				more[1]);
	/* Reserved: bits 5, 11:10, 86:80, and without ECAP.SSADS SSADE, bit 9. */
	if ((entry->lo & 0xc20) || (entry->hi & ~0x180ffffULL) ||
	    ((entry->lo & BIT_ULL(9)) && !(model->ecap & MODEL_ECAP_SSADS)))
		vtd_model_break(model, "reserved bits in a PASID-table entry",
				entry->lo);
	/* PWSNP is bit 87. It is reserved without ECAP.SMPWCS. */
	if (!(entry->hi & BIT_ULL(23)) != !(model->ecap & MODEL_ECAP_SMPWCS))
		vtd_model_break(model, "wrong PWSNP in a PASID-table entry",
				entry->hi);
	/*
	 * PGSNP is bit 88. It would override the snooping that second-stage tables ask
	 * for; first-stage ones cannot ask.
	 */
	snoops = (entry->lo >> 6 & 5) == 1 && (model->ecap & MODEL_ECAP_SC);
	if (!(entry->hi & BIT_ULL(24)) == snoops)
		vtd_model_break(model, "wrong PGSNP in a PASID-table entry",
				entry->hi);
	check_first(model, entry);
	for (i = 32; i < 64; i += 16) {
		read_memory(model, phys + i, &more[0], &more[1]);
		if (more[0] || more[1])
			vtd_model_break(model, "upper half of a PASID-table entry",
					entry->lo);
	}
}

/**
 * vtd_walk_legacy() - convert entries of scalable mode to a context entry
 * @model: the unit
 * @context: bits 63:0 of the context entry, which is present
 * @entry: the PASID-table entry, which is present
 * @lo: set to bits 63:0 of the context entry of legacy mode with the same meaning; with a
 *	first-stage table, WALK_FIRST is set
 * @hi: set to bits 127:64; with two stages, the number of the page with the
 *	second-stage table is in bits 127:88
 *
 * Context: Any.
 */
void vtd_walk_legacy(struct vtd_model *model, u64 context,
		     const struct vtd_walk_pasid *entry, u64 *lo, u64 *hi)
{
	u64 pgtt = entry->lo >> 6 & 7, aw = entry->lo >> 2 & 7, second = 0;

	switch (pgtt) {
	case 1:
		*lo = ADDRESS(entry->first) | (context & 4) | WALK_FIRST | 1;
		aw = 2 + (entry->first >> 2 & 3);
		break;
	case 2:
		/* Second stage: DTE is bit 2 of the context entry, like TT = 1. */
		*lo = ADDRESS(entry->lo) | (context & 4) | 1;
		break;
	case 3:
		*lo = ADDRESS(entry->first) | (context & 4) | WALK_FIRST | 1;
		second = ADDRESS(entry->lo);
		break;
	case 4:
		*lo = ADDRESS(entry->lo) | 9;
		break;
	default:
		vtd_model_break(model, "PGTT in a PASID-table entry", entry->lo);
		*lo = 0;
	}
	*hi = second << 12 | (u64)entry->did << 8 | aw;
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
	struct vtd_walk_pasid entry;
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
	vtd_walk_pasid_entry(model, context, 0, &entry);
	*lo = entry.lo;
	*hi = entry.hi;
	if (*lo & 1)
		vtd_walk_legacy(model, context, &entry, lo, hi);
	return *lo & 1;
}
