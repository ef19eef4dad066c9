// SPDX-License-Identifier: GPL-2.0-only
/*
 * The IVRS parser, and what amd/ivrs.h documents about its result.
 */
#include <linux/array_size.h>
#include <linux/string.h>

#include "amd/ivrs.h"
#include "ivrs_check.h"

static int parse(const void *table, size_t len, void *result,
		 nyx_fw_report report, void *arg)
{
	return amd_ivrs_parse(table, len, result, report, arg);
}

static void free_result(void *result)
{
	amd_ivrs_free(result);
}

static const char *check_units(const struct amd_ivrs *v, u32 len)
{
	const struct amd_ivrs_unit *u, *o;
	bool usable = false;

	for (u = v->unit; u < v->unit + v->nr_unit; u++) {
		usable |= u->usable;
		if (u->type != 0x10 && u->type != 0x11 && u->type != 0x40)
			return "type";
		if (u->offset < 48 || u->offset >= len)
			return "offset";
		if (u->has_efr && (u->type == 0x10 || !v->efr_sup))
			return "EFR without an image";
		if (u->capability &&
		    (u->capability < 0x40 || u->capability > 0xe8))
			return "capability";
		if (u->usable && (!u->base || u->base & 0x3fff ||
				  (u->base + 0x3fff) >> 52))
			return "registers";
		for (o = v->unit; o < u; o++)
			if ((u->usable && o->usable && u->base == o->base) ||
			    (u->segment == o->segment &&
			     u->device_id == o->device_id))
				return "two units with one base or DeviceID";
	}
	return usable ? NULL : "no usable unit";
}

static bool all(const struct amd_ivrs_range *r)
{
	return r->first == 0 && r->last == 0xffff;
}

static const char *check_ranges(const struct amd_ivrs *v)
{
	const struct amd_ivrs_range *r, *o;

	for (r = v->range; r < v->range + v->nr_range; r++) {
		if (r->unit >= v->nr_unit || r->last < r->first)
			return "range";
		for (o = v->range; o < r; o++)
			if (o->unit != r->unit && all(o) && all(r) &&
			    v->unit[o->unit].segment ==
			    v->unit[r->unit].segment)
				return "two units have all devices";
	}
	return NULL;
}

static const char *check_devices(const struct amd_ivrs *v)
{
	const struct amd_ivrs_special *s, *o;
	const struct amd_ivrs_acpi *a;
	const void *end = v->special + v->nr_special;

	for (s = v->special; s < v->special + v->nr_special; s++) {
		if (s->unit >= v->nr_unit || s->variety < 1 || s->variety > 2)
			return "special device";
		for (o = v->special; o < s; o++)
			if (o->variety == s->variety && o->handle == s->handle)
				return "two entries for one special device";
	}
	for (a = v->acpi; a < v->acpi + v->nr_acpi; a++) {
		if (a->unit >= v->nr_unit || v->unit[a->unit].type != 0x40 ||
		    !strlen(a->hid) || strlen(a->hid) > 8 || a->uid_format > 2)
			return "ACPI device";
		if (!a->uid_text && a->uid_format == 2)
			return "no text for a _UID";
		if (a->uid_text &&
		    (a->uid_format != 2 || (void *)a->uid_text < end ||
		     !strlen(a->uid_text) || strlen(a->uid_text) > 255))
			return "text of a _UID";
	}
	return NULL;
}

static const char *check_memory(const struct amd_ivrs *v)
{
	const struct amd_ivrs_memory *m;

	for (m = v->memory; m < v->memory + v->nr_memory; m++)
		if (m->base & 0xfff || (m->limit & 0xfff) != 0xfff ||
		    m->limit < m->base || m->last < m->first ||
		    (!m->read && !m->write))
			return "memory";
	return NULL;
}

/*
 * The device must be in a range of its unit. If it is in a range of another unit
 * too, its own must be on the root bus.
 */
static const char *check_found(const struct amd_ivrs *v, u16 segment, u16 id,
			       u8 root_bus, const struct amd_ivrs_device *found)
{
	const struct amd_ivrs_range *r;
	bool here = false, there = false;

	if (found->unit >= v->nr_unit || !v->unit[found->unit].usable ||
	    v->unit[found->unit].segment != segment ||
	    v->unit[found->unit].device_id == id)
		return "unit of a device";
	for (r = v->range; r < v->range + v->nr_range; r++) {
		if (v->unit[r->unit].segment != segment || id < r->first ||
		    id > r->last)
			continue;
		if (r->unit == found->unit)
			here |= found->alias == (r->alias ? r->source : id);
		else
			there |= !all(r);
	}
	if (!here)
		return "device is in no range";
	return there && v->unit[found->unit].device_id >> 8 != root_bus ?
	       "device is another unit's too" : NULL;
}

static const char *check_find(const struct amd_ivrs *v)
{
	struct amd_ivrs_device found;
	const char *wrong;
	u16 segment, id, n;
	u8 root_bus;

	for (n = 0; v->nr_unit && n < 64; n++) {
		segment = n & 1;
		id = n * 0x0411;
		root_bus = v->unit[n % v->nr_unit].device_id >> 8;
		if (amd_ivrs_find(v, segment, id, root_bus, &found))
			continue;
		wrong = check_found(v, segment, id, root_bus, &found);
		if (wrong)
			return wrong;
		amd_ivrs_dte(v, found.unit, id);
	}
	return NULL;
}

static const char *check(const void *result, u32 len)
{
	const struct amd_ivrs *v = result;

	if (48 + v->nr_unit * 24 + v->nr_range * 4 + v->nr_special * 8 +
	    v->nr_acpi * 22 + v->nr_memory * 32 > len)
		return "more was read than there is";
	if ((void *)(v->unit + v->nr_unit) > (void *)v->memory ||
	    (void *)(v->memory + v->nr_memory) > (void *)v->acpi ||
	    (void *)(v->acpi + v->nr_acpi) > (void *)v->range ||
	    (void *)(v->range + v->nr_range) > (void *)v->special)
		return "an array runs into the next";
	if (v->va_bits < 32 || v->va_bits > 64 || v->pa_bits < 40 ||
	    v->pa_bits > 52)
		return "address sizes";
	return check_units(v, len) ?: check_ranges(v) ?: check_devices(v) ?:
	       check_memory(v) ?: check_find(v);
}

static const u8 types[] = {
	0x10, 0x11, 0x40, 0x20, 0x21, 0x22, 0x12, 0x41, 0x00, 0xff,
};

static const u8 item_types[] = {
	0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x40, 0x42, 0x43, 0x46,
	0x47, 0x48, 0x49, 0x80, 0xc0, 0xef, 0xf0, 0xf1, 0xff,
};

/* The parser and its results, for fw_fuzz() and for the lane "tables". */
const struct fw_parser ivrs_parser = {
	.name = "IVRS",
	.size = sizeof(struct amd_ivrs),
	.type_size = 1,
	.types = types,
	.nr_types = ARRAY_SIZE(types),
	.item_types = item_types,
	.nr_item_types = ARRAY_SIZE(item_types),
	.parse = parse,
	.check = check,
	.free = free_result,
};
