// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the module would do with an IVRS table. The module's own parser and its search for
 * DeviceIDs decide; what amd/amd.c, amd/function.c and amd/scope.c do with the result is stated
 * here.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/unaligned.h>

#include "acpi.h"
#include "amd/ivrs_parser.h"
#include "firmware/madt.h"
#include "nyxctl.h"
#include "plan.h"

/* The Capability Header of an IOMMU (48882, 3.2.1). */
#define CAPABILITY_ID		0x0f
#define CAPABILITY_TYPE(cap)	((cap) >> 16 & 7)
#define CAPABILITY_TYPE_IOMMU	3

/**
 * struct ivrs_state - a table that the module accepts
 * @ivrs: the table
 * @bytes: its bytes
 * @machine: this machine, or NULL
 * @unnamed: ID of an I/O APIC that the table does not name, or negative
 * @plan: what the module would do
 */
struct ivrs_state {
	struct amd_ivrs ivrs;
	const u8 *bytes;
	const struct machine *machine;
	int unnamed;
	json_t *plan;
};

static bool names_ioapic(const void *arg, u8 id)
{
	const struct amd_ivrs *ivrs = arg;
	unsigned int i;

	for (i = 0; i < ivrs->nr_special; i++)
		if (ivrs->special[i].variety == AMD_IVRS_IOAPIC &&
		    ivrs->special[i].handle == id)
			return true;
	return false;
}

static bool has_ioapic(const struct amd_ivrs *ivrs)
{
	unsigned int i;

	for (i = 0; i < ivrs->nr_special; i++)
		if (ivrs->special[i].variety == AMD_IVRS_IOAPIC)
			return true;
	return false;
}

/* As amd_unnamed_ioapic(). */
static void find_unnamed(struct ivrs_state *state, struct findings *findings)
{
	const struct machine *machine = state->machine;

	state->unnamed = -ENOENT;
	if (!has_ioapic(&state->ivrs) || !machine || !machine->madt)
		return;
	state->unnamed = nyx_madt_unnamed(machine->madt, machine->madt_len, names_ioapic,
					  &state->ivrs);
	if (state->unnamed >= 0)
		add_warning(findings, "MADT",
			    "[Firmware Bug]: the IVRS table does not name I/O APIC %d: interrupts are not remapped",
			    state->unnamed);
}

static const char *why_no_interrupts(const struct ivrs_state *state)
{
	if (!has_ioapic(&state->ivrs))
		return "the IVRS table names no I/O APIC";
	if (state->unnamed >= 0)
		return "the IVRS table does not name all I/O APICs";
	return NULL;
}

/* As amd_function_cap(). */
static bool has_function(const struct ivrs_state *state, const struct amd_ivrs_unit *unit)
{
	const struct function *function = machine_at(state->machine, unit->segment,
						     unit->device_id);
	u8 bytes[4];
	u32 cap;

	if (!function || !unit->capability ||
	    !config_read(function->name, unit->capability, bytes, sizeof(bytes)))
		return false;
	cap = get_unaligned_le32(bytes);
	return (cap & 0xff) == CAPABILITY_ID && CAPABILITY_TYPE(cap) == CAPABILITY_TYPE_IOMMU;
}

/* Why a unit is not used, as far as that is known before its registers are read. */
static const char *why_not(const struct ivrs_state *state, const struct amd_ivrs_unit *unit)
{
	if (!unit->usable)
		return "its registers cannot be used: its devices stay untranslated";
	if (!unit->capability)
		return "its capability offset is invalid";
	if (state->machine && !has_function(state, unit))
		return "there is no IOMMU at its DeviceID";
	return NULL;
}

static json_t *structure_at(json_t *structures, size_t offset)
{
	json_t *structure;
	size_t i;

	json_array_foreach(structures, i, structure)
		if (json_integer_value(json_object_get(structure, "offset")) ==
		    (json_int_t)offset)
			return structure;
	return NULL;
}

/* Whether the module ignores an IVHD block for one of a higher type. */
static bool is_older(const struct ivrs_state *state, json_t *structure)
{
	size_t offset = json_integer_value(json_object_get(structure, "offset"));
	unsigned int i;

	if (!amd_ivhd_size(state->bytes[offset + BLOCK_TYPE]))
		return false;
	for (i = 0; i < state->ivrs.nr_unit; i++)
		if (state->ivrs.unit[i].offset == offset)
			return false;
	return true;
}

static void add_unit(struct ivrs_state *state, unsigned int index, json_t *structures)
{
	const struct amd_ivrs_unit *unit = &state->ivrs.unit[index];
	json_t *item = must(json_object()), *structure = structure_at(structures, unit->offset);
	const char *why = why_not(state, unit);

	json_object_set_new(item, "unit", json_text("amd%u", index));
	json_object_set(item, "offset", json_object_get(structure, "offset"));
	put_hex(item, "registers", unit->base, 1);
	put_segment(item, unit->segment);
	json_object_set_new(item, "used", json_boolean(!why));
	json_object_set_new(item, "why_not", why ? json_text("%s", why) : json_null());
	json_object_set_new(item, "device_id", json_requester(unit->device_id));
	put_number(item, "ivhd_type", unit->type);
	json_object_set_new(item, "interrupt_remapping",
			    json_boolean(!why && !why_no_interrupts(state)));
	plan_add(state->plan, "units", item);
	if (state->machine && !machine_at(state->machine, unit->segment, unit->device_id))
		plan_absent(state->plan, "IVHD", structure,
			    json_text("%04x:%02x:%02x.%x", unit->segment,
				      unit->device_id >> 8, PCI_SLOT(unit->device_id & 0xff),
				      PCI_FUNC(unit->device_id)));
}

static void add_specials(struct ivrs_state *state)
{
	const struct amd_ivrs_special *s;
	json_t *item;

	for (s = state->ivrs.special; s < state->ivrs.special + state->ivrs.nr_special; s++) {
		item = must(json_object());
		put_number(item, "id", s->handle);
		json_object_set_new(item, "unit", json_text("amd%u", s->unit));
		json_object_set_new(item, "source", json_requester(s->source));
		plan_add(state->plan, s->variety == AMD_IVRS_IOAPIC ? "io_apics" : "hpets", item);
	}
}

static json_t *uid_text(const struct amd_ivrs_acpi *a)
{
	if (a->uid_format == AMD_IVRS_UID_INTEGER)
		return json_text("%llu", (unsigned long long)a->uid);
	return a->uid_text ? json_text("%s", a->uid_text) : json_null();
}

/* As find_acpi() of amd/scope.c. A path names one object, whatever its _HID is. */
static bool is_here(const struct ivrs_state *state, const struct amd_ivrs_acpi *a,
		    const char *uid)
{
	if (uid && *uid == '\\')
		return machine_has_path(state->machine, uid);
	return machine_has_id(a->hid, uid) ||
	       (amd_ivrs_only_hid(&state->ivrs, a->hid) == a && machine_has_id(a->hid, NULL));
}

static void add_acpi(struct ivrs_state *state, json_t *structures)
{
	const struct amd_ivrs_acpi *a;
	const char *uid;
	json_t *item, *structure;

	for (a = state->ivrs.acpi; a < state->ivrs.acpi + state->ivrs.nr_acpi; a++) {
		item = must(json_object());
		json_object_set_new(item, "hid", json_text("%s", a->hid));
		json_object_set_new(item, "uid", uid_text(a));
		json_object_set_new(item, "unit", json_text("amd%u", a->unit));
		json_object_set_new(item, "source", json_requester(a->device_id));
		plan_add(state->plan, "acpi_devices", item);
		uid = json_string_value(json_object_get(item, "uid"));
		structure = structure_at(structures, state->ivrs.unit[a->unit].offset);
		if (state->machine && !is_here(state, a, uid))
			plan_absent(state->plan, "IVHD", structure,
				    json_text("%s:%s", a->hid, uid ?: ""));
	}
}

/* As find_pci() of amd/scope.c. */
static int find_function(const struct ivrs_state *state, const struct function *function,
			 struct amd_ivrs_device *found)
{
	const struct function *source = function->source;

	return amd_ivrs_find(&state->ivrs, source->segment, function_id(source),
			     source->root_bus, found);
}

static bool is_for(const struct amd_ivrs_memory *m, u16 segment, u16 id)
{
	return m->segment == segment && m->first <= id && id <= m->last;
}

static void add_region_devices(const struct ivrs_state *state, const struct amd_ivrs_memory *m,
			       json_t *region)
{
	json_t *devices = json_object_get(region, "devices"), *item;
	struct amd_ivrs_device found;
	const struct function *f;
	u16 segment;
	size_t at;

	for (at = 0; state->machine && at < state->machine->count; at++) {
		f = &state->machine->function[at];
		if (find_function(state, f, &found) ||
		    why_not(state, &state->ivrs.unit[found.unit]))
			continue;
		segment = state->ivrs.unit[found.unit].segment;
		if (!is_for(m, segment, function_id(f->source)) &&
		    !is_for(m, segment, found.alias))
			continue;
		item = must(json_object());
		json_object_set_new(item, "device", json_text("%s", f->name));
		json_object_set_new(item, "vfio", json_text("refused"));
		json_array_append_new(devices, item);
	}
}

static void add_region(struct ivrs_state *state, const struct amd_ivrs_memory *m,
		       json_t *structure)
{
	json_t *region = plan_region(structure, m->base, m->limit, m->segment);

	json_object_set_new(region, "access", json_text("%s%s", m->read ? "r" : "",
							m->write ? "w" : ""));
	json_object_set_new(region, "first_id", json_requester(m->first));
	json_object_set_new(region, "last_id", json_requester(m->last));
	json_object_set_new(region, "whole_bus", json_boolean(amd_ivmd_has_bus(m)));
	add_region_devices(state, m, region);
	plan_add(state->plan, "reserved", region);
}

/* Whether the parser made @m from a block. It leaves out those that are invalid. */
static bool is_from(const struct amd_ivrs_memory *m, const u8 *b, size_t len)
{
	u8 flags = b[BLOCK_FLAGS], type = b[BLOCK_TYPE];
	u64 base, limit;

	if (len < IVMD_SIZE || !(flags & (IVMD_FLAG_UNITY | IVMD_FLAG_EXCLUSION)))
		return false;
	base = get_unaligned_le64(b + IVMD_BASE);
	limit = base + get_unaligned_le64(b + IVMD_LENGTH) - 1;
	return limit >= base && limit + 1 != base &&
	       m->base == (base & ~0xfffULL) && m->limit == (limit | 0xfff) &&
	       m->segment == get_unaligned_le16(b + IVMD_SEGMENT) &&
	       m->first == (type == IVMD_ALL ? 0 : get_unaligned_le16(b + BLOCK_DEVICE_ID)) &&
	       m->last == (type == IVMD_ALL ? 0xffff : type == IVMD_SELECT ? m->first :
			   get_unaligned_le16(b + IVMD_LAST_DEVICE_ID)) &&
	       m->read == !!(flags & (IVMD_FLAG_READ | IVMD_FLAG_EXCLUSION)) &&
	       m->write == !!(flags & (IVMD_FLAG_WRITE | IVMD_FLAG_EXCLUSION));
}

/* The parser keeps the order of the table. */
static void add_blocks(struct ivrs_state *state, json_t *structures)
{
	unsigned int memory = 0;
	json_t *structure;
	size_t i, offset, len;
	const u8 *b;

	json_array_foreach(structures, i, structure) {
		offset = json_integer_value(json_object_get(structure, "offset"));
		len = json_integer_value(json_object_get(structure, "length"));
		b = state->bytes + offset;
		if (is_older(state, structure))
			plan_note(state->plan,
				  "The block at %#zx is ignored: its IOMMU has one of a higher type.",
				  offset);
		if (amd_ivhd_size(b[BLOCK_TYPE]) || !amd_ivrs_block_name(b[BLOCK_TYPE]))
			continue;
		if (memory < state->ivrs.nr_memory &&
		    is_from(&state->ivrs.memory[memory], b, len))
			add_region(state, &state->ivrs.memory[memory++], structure);
		else
			plan_ignored_region(state->plan, structure);
	}
}

static const char *why_no_unit(int ret, const char *unit_off)
{
	if (ret == -ENOTUNIQ)
		return "several units claim it: it stays untranslated";
	if (ret == -ENXIO)
		return "the registers of its unit cannot be used";
	if (ret)
		return "no unit serves it";
	return unit_off ? "its unit stays off" : NULL;
}

static void add_devices(struct ivrs_state *state)
{
	struct amd_ivrs_device found;
	const struct function *f;
	const char *off;
	json_t *device;
	size_t i;
	int ret;

	for (i = 0; state->machine && i < state->machine->count; i++) {
		f = &state->machine->function[i];
		ret = find_function(state, f, &found);
		off = ret ? NULL : why_not(state, &state->ivrs.unit[found.unit]);
		device = plan_device(f, ret || off ? -1 : (int)found.unit, "amd",
				     why_no_unit(ret, off));
		json_object_set_new(device, "alias", !ret && found.alias != function_id(f->source) ?
				    json_requester(found.alias) : json_null());
		json_object_set_new(device, "ats_disabled", ret ? json_null() :
				    json_boolean(found.ats_disabled));
		plan_add(state->plan, "devices", device);
	}
}

static void add_notes(const struct ivrs_state *state)
{
	const char *why = why_no_interrupts(state);

	if (why)
		plan_note(state->plan, "Interrupts are not remapped: %s.", why);
	else
		plan_note(state->plan,
			  "Interrupts of devices are remapped, but not those of I/O APICs and HPETs.");
	if (state->ivrs.dma_remap)
		plan_note(state->plan,
			  "The kernel learns that firmware blocks DMA before it starts the system (DMA remapping in IVinfo).");
}

/**
 * ivrs_plan() - say what the module would do with an IVRS table
 * @table: the file
 * @structures: what ivrs_format decodes from it
 * @findings: gets what the module would log
 * @machine: this machine, or NULL if the table may be another one's
 *
 * Return: an object.
 */
json_t *ivrs_plan(struct bytes table, json_t *structures, struct findings *findings,
		  const struct machine *machine)
{
	struct ivrs_state state = { .bytes = table.at, .machine = machine };
	unsigned int i;

	if (amd_ivrs_parse(table.at, table.len, &state.ivrs, note_finding, findings))
		return plan_refuses("the table is refused");
	state.plan = plan_new();
	find_unnamed(&state, findings);
	for (i = 0; i < state.ivrs.nr_unit; i++)
		add_unit(&state, i, structures);
	add_specials(&state);
	add_acpi(&state, structures);
	add_blocks(&state, structures);
	add_devices(&state);
	add_notes(&state);
	plan_check_units(state.plan);
	amd_ivrs_free(&state.ivrs);
	return state.plan;
}
