// SPDX-License-Identifier: GPL-2.0-only
/*
 * The DMAR parser, and what vtd/dmar.h documents about its result.
 */
#include <linux/array_size.h>
#include <linux/string.h>

#include "vtd/dmar.h"
#include "dmar_check.h"

static int parse(const void *table, size_t len, void *result,
		 nyx_fw_report report, void *arg)
{
	return vtd_dmar_parse(table, len, result, report, arg);
}

static void free_result(void *result)
{
	vtd_dmar_free(result);
}

static const char *check_scopes(const struct vtd_dmar *d,
				const struct vtd_scopes *scopes)
{
	const struct vtd_scope *s;
	unsigned int i;

	if (scopes->nr && (scopes->scope < d->scope ||
			   scopes->scope + scopes->nr > d->scope + d->nr_scope))
		return "scopes outside of the array of scopes";
	for (s = scopes->scope; s < scopes->scope + scopes->nr; s++) {
		if (s->type < 1 || s->type > 5)
			return "undefined scope type";
		if (s->hops < 1 || s->hops > 16)
			return "number of hops";
		for (i = s->hops; i < 16; i++)
			if (s->path[i])
				return "path not empty after its last hop";
	}
	return NULL;
}

static const char *check_units(const struct vtd_dmar *d)
{
	const struct vtd_drhd *u, *o;
	const char *wrong = NULL;
	bool usable = false;

	for (u = d->drhd; !wrong && u < d->drhd + d->nr_drhd; u++) {
		wrong = check_scopes(d, &u->scopes);
		usable |= u->usable;
		if (u->usable && (!u->base || u->base & 0xfff ||
				  u->size < 0x1000 || u->size > 0x8000000 ||
				  u->size & (u->size - 1) ||
				  (u->base + u->size - 1) >> 52))
			return "invalid register window";
		o = &d->drhd[u->unit];
		if (o > u || o->unit != u->unit)
			return "duplicate of a later unit";
		if (o < u && (u->usable || !o->usable || u->base != o->base ||
			      u->segment != o->segment))
			return "duplicate of another unit";
		for (o = d->drhd; o < u; o++) {
			if (u->include_all && o->include_all &&
			    u->segment == o->segment && u->unit != o->unit)
				return "two units with INCLUDE_PCI_ALL";
			if (u->usable && o->usable &&
			    u->base <= o->base + o->size - 1 &&
			    o->base <= u->base + u->size - 1)
				return "register windows overlap";
		}
	}
	if (!usable)
		return "no usable unit";
	return wrong;
}

static const char *check_rest(const struct vtd_dmar *d, u32 len)
{
	const char *wrong = NULL;
	unsigned int i, j;

	for (i = 0; !wrong && i < d->nr_rmrr; i++) {
		const struct vtd_rmrr *r = &d->rmrr[i];

		wrong = check_scopes(d, &r->scopes);
		if (r->base >= r->limit || r->base & 0xfff ||
		    (r->limit & 0xfff) != 0xfff || !r->scopes.nr)
			return "invalid RMRR";
	}
	for (i = 0; !wrong && i < d->nr_atsr; i++)
		wrong = check_scopes(d, &d->atsr[i].scopes);
	for (i = 0; !wrong && i < d->nr_satc; i++)
		wrong = check_scopes(d, &d->satc[i].scopes);
	for (i = 0; i < d->nr_rhsa; i++) {
		for (j = 0; j < d->nr_drhd; j++)
			if (d->drhd[j].base == d->rhsa[i].base)
				break;
		if (j == d->nr_drhd)
			return "RHSA for an undefined unit";
	}
	for (i = 0; i < d->nr_andd; i++) {
		if (d->andd[i].name[0] != '\\' || strlen(d->andd[i].name) > len)
			return "invalid name of an ANDD";
		for (j = 0; j < i; j++)
			if (d->andd[i].device == d->andd[j].device)
				return "two ANDDs for a device";
	}
	return wrong;
}

static const char *check(const void *result, u32 len)
{
	const struct vtd_dmar *d = result;
	u32 bytes = d->nr_drhd * 16 + d->nr_rmrr * 24 + d->nr_atsr * 8 +
		    d->nr_rhsa * 20 + d->nr_andd * 10 + d->nr_satc * 8 +
		    d->nr_scope * 8;

	if (48 + bytes > len)
		return "more entries than bytes in the table";
	if ((void *)(d->drhd + d->nr_drhd) > (void *)d->rmrr ||
	    (void *)(d->rmrr + d->nr_rmrr) > (void *)d->atsr ||
	    (void *)(d->atsr + d->nr_atsr) > (void *)d->rhsa ||
	    (void *)(d->rhsa + d->nr_rhsa) > (void *)d->andd ||
	    (void *)(d->andd + d->nr_andd) > (void *)d->satc ||
	    (void *)(d->satc + d->nr_satc) > (void *)d->scope)
		return "arrays overlap";
	if (d->nr_andd && (void *)d->andd[0].name <
			  (void *)(d->scope + d->nr_scope))
		return "scopes and names overlap";
	if (d->host_bits < 12 || d->host_bits > 64)
		return "invalid host address width";
	return check_units(d) ?: check_rest(d, len);
}

static const u8 types[] = { 0, 1, 2, 3, 4, 5, 6, 7, 8 };

/* The parser and its results, for fw_fuzz() and for the lane "tables". */
const struct fw_parser dmar_parser = {
	.name = "DMAR",
	.size = sizeof(struct vtd_dmar),
	.type_size = 2,
	.types = types,
	.nr_types = ARRAY_SIZE(types),
	.item_types = types,
	.nr_item_types = ARRAY_SIZE(types),
	.parse = parse,
	.check = check,
	.free = free_result,
};
