// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the module would do with a DMAR table. The module's own parser and its search for
 * devices decide; what vtd/vtd.c and vtd/scope.c do with the result is stated here.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "acpi.h"
#include "nyxctl.h"
#include "plan.h"
#include "vtd/dmar_parser.h"
#include "vtd/target.h"

#define CLASS_USB		0x0c03
#define CLASS_DISPLAY		0x03

#define OPT_OUT \
	"firmware forbids DMA remapping (DMA_REMAP_OPT_OUT): allow it in the firmware setup"

/**
 * struct dmar_state - a table that the module accepts
 * @dmar: the table
 * @machine: this machine, or NULL
 * @present: for each unit, whether the module would try to use it
 * @unnamed: ID of an I/O APIC that no unit is named for, or negative
 * @plan: what the module would do
 */
struct dmar_state {
	struct vtd_dmar dmar;
	const struct machine *machine;
	bool *present;
	int unnamed;
	json_t *plan;
};

static struct vtd_target target_of(const struct function *function)
{
	const struct function *source = function->source;

	return (struct vtd_target){
		.pdev = &source->physical->pdev,
		.segment = source->segment,
		.andd = -1,
		.is_virtual = source->is_virtual,
	};
}

static int unit_of(const struct dmar_state *state, const struct function *function)
{
	const struct vtd_target target = target_of(function);
	const struct vtd_scope *scope;

	return vtd_target_unit(&target, &state->dmar, &scope);
}

static bool has_scope(const struct vtd_drhd *drhd, enum vtd_scope_type type)
{
	unsigned int i;

	for (i = 0; i < drhd->scopes.nr; i++)
		if (drhd->scopes.scope[i].type == type)
			return true;
	return false;
}

/* As vtd_scope_present(). Without a machine, all units may have devices. */
static void find_present(struct dmar_state *state)
{
	const struct vtd_dmar *dmar = &state->dmar;
	unsigned int i;
	size_t at;
	int unit;

	state->present = must(calloc(dmar->nr_drhd, sizeof(*state->present)));
	for (i = 0; i < dmar->nr_drhd; i++)
		if (!state->machine || dmar->drhd[i].include_all ||
		    has_scope(&dmar->drhd[i], VTD_SCOPE_ACPI))
			state->present[dmar->drhd[i].unit] = true;
	for (at = 0; state->machine && at < state->machine->count; at++) {
		unit = unit_of(state, &state->machine->function[at]);
		if (unit >= 0)
			state->present[unit] = true;
	}
}

/* The path as text: bus, then device and function of each hop. */
static json_t *path_text(const struct vtd_scope *scope, u16 segment)
{
	char text[8 + 5 * VTD_SCOPE_MAX_HOPS] = "", hop[8];
	unsigned int i;

	for (i = 0; i < scope->hops; i++) {
		snprintf(hop, sizeof(hop), "%s%02x.%x", i ? "/" : "",
			 PCI_SLOT(scope->path[i]), PCI_FUNC(scope->path[i]));
		strncat(text, hop, sizeof(text) - strlen(text) - 1);
	}
	return json_text("%04x:%02x:%s", segment, scope->bus, text);
}

static bool is_pci(const struct vtd_scope *scope)
{
	return scope->type == VTD_SCOPE_ENDPOINT || scope->type == VTD_SCOPE_SUBTREE;
}

static const struct function *find_scope(const struct dmar_state *state,
					 const struct vtd_scope *scope, u16 segment)
{
	return machine_follow(state->machine, segment, scope->bus, scope->path, scope->hops);
}

static const struct vtd_andd *find_andd(const struct dmar_state *state, u8 device)
{
	unsigned int i;

	for (i = 0; i < state->dmar.nr_andd; i++)
		if (state->dmar.andd[i].device == device)
			return &state->dmar.andd[i];
	return NULL;
}

/* Records PCI and ACPI devices of a list of scopes that do not exist here. */
static void check_absent(struct dmar_state *state, const char *where, json_t *structure,
			 const struct vtd_scopes *scopes, u16 segment)
{
	const struct vtd_scope *scope;
	const struct vtd_andd *andd;

	if (!state->machine)
		return;
	for (scope = scopes->scope; scope < scopes->scope + scopes->nr; scope++) {
		andd = scope->type == VTD_SCOPE_ACPI ? find_andd(state, scope->id) : NULL;
		if (is_pci(scope) && !find_scope(state, scope, segment))
			plan_absent(state->plan, where, structure, path_text(scope, segment));
		else if (andd && !machine_has_path(state->machine, andd->name))
			plan_absent(state->plan, where, structure,
				    json_text("%s", andd->name));
	}
}

/* I/O APICs, HPETs and ACPI devices that a structure attributes to a unit. */
static void add_others(struct dmar_state *state, const struct vtd_drhd *drhd)
{
	const struct vtd_scope *scope = drhd->scopes.scope;
	const struct vtd_andd *andd;
	const char *list;
	unsigned int i;
	json_t *item;

	for (i = 0; i < drhd->scopes.nr; i++, scope++) {
		if (is_pci(scope))
			continue;
		list = scope->type == VTD_SCOPE_IOAPIC ? "io_apics" :
		       scope->type == VTD_SCOPE_HPET ? "hpets" : "acpi_devices";
		item = must(json_object());
		put_number(item, "id", scope->id);
		if (scope->type == VTD_SCOPE_ACPI) {
			andd = find_andd(state, scope->id);
			json_object_set_new(item, "device", andd ?
					    json_text("%s", andd->name) : json_null());
		}
		json_object_set_new(item, "unit", json_text("vtd%u", drhd->unit));
		json_object_set_new(item, "source", path_text(scope, drhd->segment));
		plan_add(state->plan, list, item);
	}
}

/* As vtd_drhd_intr_sources(): also what duplicates of the DRHD list. */
static bool has_intr_sources(const struct dmar_state *state, unsigned int index)
{
	const struct vtd_drhd *drhd = state->dmar.drhd;
	unsigned int i;

	if (state->unnamed >= 0)
		return true;
	for (i = index; i < state->dmar.nr_drhd; i++)
		if (drhd[i].unit == index && (has_scope(&drhd[i], VTD_SCOPE_IOAPIC) ||
					      has_scope(&drhd[i], VTD_SCOPE_HPET)))
			return true;
	return false;
}

static json_t *proximity(const struct dmar_state *state, u64 base)
{
	unsigned int i;

	for (i = 0; i < state->dmar.nr_rhsa; i++)
		if (state->dmar.rhsa[i].base == base)
			return must(json_integer(state->dmar.rhsa[i].domain));
	return json_null();
}

static void add_unit(struct dmar_state *state, unsigned int index, json_t *structure)
{
	const struct vtd_drhd *drhd = &state->dmar.drhd[index];
	bool used = drhd->usable && state->present[index];
	json_t *unit = must(json_object()), *why = json_null();

	if (drhd->unit != index)
		why = json_text("a duplicate: its devices belong to vtd%u", drhd->unit);
	else if (!drhd->usable)
		why = json_text("its registers cannot be used: its devices stay untranslated");
	else if (!used)
		why = json_text("none of its devices is present");
	json_object_set_new(unit, "unit", json_text("vtd%u", index));
	json_object_set(unit, "offset", json_object_get(structure, "offset"));
	put_hex(unit, "registers", drhd->base, 1);
	put_segment(unit, drhd->segment);
	json_object_set_new(unit, "used", json_boolean(used));
	json_object_set_new(unit, "why_not", why);
	json_object_set_new(unit, "serves_rest", json_boolean(drhd->include_all));
	json_object_set_new(unit, "proximity_domain", proximity(state, drhd->base));
	json_object_set_new(unit, "interrupt_remapping",
			    json_boolean(used && state->dmar.intr_remap));
	json_object_set_new(unit, "compatibility_format",
			    json_boolean(used && state->dmar.intr_remap &&
					 has_intr_sources(state, index)));
	plan_add(state->plan, "units", unit);
	add_others(state, drhd);
	check_absent(state, "DRHD", structure, &drhd->scopes, drhd->segment);
}

/* As rmrr_type() of vtd/scope.c. */
static bool is_relaxable(const struct function *function)
{
	return function->class >> 8 == CLASS_USB || function->class >> 16 == CLASS_DISPLAY;
}

static json_t *region_device(const char *device, const char *vfio)
{
	json_t *item = must(json_object());

	json_object_set_new(item, "device", json_text("%s", device));
	json_object_set_new(item, "vfio", json_text("%s", vfio));
	return item;
}

/* Without a machine, the devices that are named; what they are is not known. */
static void add_named(const struct dmar_state *state, const struct vtd_rmrr *rmrr,
		      json_t *devices)
{
	const struct vtd_scope *scope = rmrr->scopes.scope;
	const struct vtd_andd *andd;
	unsigned int i;
	json_t *path;

	for (i = 0; i < rmrr->scopes.nr; i++, scope++) {
		andd = scope->type == VTD_SCOPE_ACPI ? find_andd(state, scope->id) : NULL;
		path = path_text(scope, rmrr->segment);
		if (andd && (!state->machine || machine_has_path(state->machine, andd->name)))
			json_array_append_new(devices, region_device(andd->name, "refused"));
		else if (is_pci(scope) && !state->machine)
			json_array_append_new(devices, region_device(json_string_value(path),
								     "depends"));
		json_decref(path);
	}
}

/* The devices that need the memory. Without a unit they are not translated at all. */
static void add_region_devices(const struct dmar_state *state, const struct vtd_rmrr *rmrr,
			       json_t *region)
{
	json_t *devices = json_object_get(region, "devices");
	const struct function *f;
	struct vtd_target target;
	size_t at;

	add_named(state, rmrr, devices);
	for (at = 0; state->machine && at < state->machine->count; at++) {
		f = &state->machine->function[at];
		target = target_of(f);
		if (unit_of(state, f) >= 0 && vtd_target_reserved(&target, rmrr))
			json_array_append_new(devices, region_device(f->name, is_relaxable(f) ?
								     "allowed" : "refused"));
	}
}

static u64 number_of(json_t *structure, const char *key)
{
	const char *text = json_string_value(json_object_get(structure, key));

	return text ? strtoull(text, NULL, 0) : 0;
}

static bool is_valid_path(json_t *scope)
{
	json_t *path = json_object_get(scope, "path"), *hop;
	unsigned int device, function;
	size_t i;

	if (json_integer_value(json_object_get(scope, "length")) % SCOPE_HOP_SIZE ||
	    !json_array_size(path) || json_array_size(path) > VTD_SCOPE_MAX_HOPS)
		return false;
	json_array_foreach(path, i, hop)
		if (sscanf(json_string_value(hop), "%x.%x", &device, &function) != 2 ||
		    device > 31 || function > 7)
			return false;
	return true;
}

/* Whether the parser finds a scope; the first that it knows decides. */
static bool has_scopes(json_t *structure)
{
	json_int_t type;
	json_t *scope;
	size_t i;

	json_array_foreach(json_object_get(structure, "scopes"), i, scope) {
		type = json_integer_value(json_object_get(scope, "type"));
		if (type >= VTD_SCOPE_ENDPOINT && type <= VTD_SCOPE_ACPI)
			return is_valid_path(scope);
	}
	return false;
}

/* Whether the parser made @rmrr from a structure. It leaves out those that are invalid. */
static bool is_from(const struct vtd_rmrr *rmrr, json_t *structure)
{
	u64 base = number_of(structure, "base"), limit = number_of(structure, "limit");
	const char *segment = json_string_value(json_object_get(structure, "segment"));

	return has_scopes(structure) && limit > base && rmrr->base == (base & ~0xfffULL) &&
	       rmrr->limit == (limit | 0xfff) &&
	       rmrr->segment == strtoul(segment ?: "", NULL, 16);
}

static void add_region(struct dmar_state *state, const struct vtd_rmrr *rmrr,
		       json_t *structure)
{
	json_t *region = plan_region(structure, rmrr->base, rmrr->limit, rmrr->segment);

	add_region_devices(state, rmrr, region);
	plan_add(state->plan, "reserved", region);
	check_absent(state, "RMRR", structure, &rmrr->scopes, rmrr->segment);
}

/* The parser keeps the order of the table. */
static void add_structures(struct dmar_state *state, json_t *structures)
{
	unsigned int drhd = 0, rmrr = 0;
	json_t *structure, *type;
	size_t i;

	json_array_foreach(structures, i, structure) {
		type = json_object_get(structure, "type");
		if (json_integer_value(type) == VTD_DRHD && type) {
			add_unit(state, drhd++, structure);
		} else if (json_integer_value(type) == VTD_RMRR) {
			if (rmrr < state->dmar.nr_rmrr &&
			    is_from(&state->dmar.rmrr[rmrr], structure))
				add_region(state, &state->dmar.rmrr[rmrr++], structure);
			else
				plan_ignored_region(state->plan, structure);
		}
	}
}

/* JSON null if the device does not offer ATS, else whether the table lets the module use it. */
static json_t *ats_of(const struct dmar_state *state, struct function *function)
{
	const struct vtd_target target = target_of(function);

	if (!pci_find_ext_capability(&function->pdev, PCI_EXT_CAP_ID_ATS))
		return json_null();
	return json_boolean(function->source == function &&
			    vtd_ats_page_aligned(&function->pdev) &&
			    vtd_target_ats(&target, &state->dmar));
}

static void add_devices(struct dmar_state *state)
{
	struct function *f;
	json_t *device;
	size_t i;
	int unit;

	for (i = 0; state->machine && i < state->machine->count; i++) {
		f = &state->machine->function[i];
		unit = unit_of(state, f);
		device = plan_device(f, unit, "vtd", unit == -ENXIO ?
				     "the registers of its unit cannot be used" : unit < 0 ?
				     "no unit serves it" : NULL);
		json_object_set_new(device, "ats", unit < 0 ? json_null() : ats_of(state, f));
		plan_add(state->plan, "devices", device);
	}
}

static void add_notes(const struct dmar_state *state)
{
	const struct vtd_dmar *dmar = &state->dmar;
	json_t *plan = state->plan;

	if (!state->machine)
		plan_note(plan,
			  "A unit that serves neither the rest of its segment nor an ACPI device stays off if none of its devices is present.");
	if (!dmar->intr_remap)
		plan_note(plan,
			  "Interrupts are not remapped: the platform does not support it (INTR_REMAP is clear).");
	else
		plan_note(plan,
			  "Interrupts are remapped by each unit that supports it and has an invalidation queue.");
	if (dmar->x2apic_opt_out)
		plan_note(plan,
			  "X2APIC_OPT_OUT has no effect: the module does not change the mode of the CPUs.");
	if (dmar->platform_opt_in)
		plan_note(plan,
			  "The kernel learns that firmware blocks DMA before it starts the system (DMA_CTRL_PLATFORM_OPT_IN_FLAG).");
	if (dmar->nr_satc)
		plan_note(plan,
			  "Devices in a SATC may get ATS without an ATSR, but not if ATC_REQUIRED is set.");
	if (!dmar->nr_atsr)
		plan_note(plan,
			  "No device below a root port gets ATS, unless a SATC lists it: there is no ATSR.");
}

static void find_unnamed(struct dmar_state *state, struct findings *findings)
{
	state->unnamed = -ENOENT;
	if (!state->dmar.intr_remap || !state->machine || !state->machine->madt)
		return;
	state->unnamed = vtd_madt_unnamed(state->machine->madt, state->machine->madt_len,
					  &state->dmar);
	if (state->unnamed >= 0)
		add_warning(findings, "MADT",
			    "[Firmware Bug]: the DMAR table names no unit for I/O APIC %d: assuming that all units need compatibility format",
			    state->unnamed);
}

/**
 * dmar_plan() - say what the module would do with a DMAR table
 * @table: the file
 * @structures: what dmar_format decodes from it
 * @findings: gets what the module would log
 * @machine: this machine, or NULL if the table may be another one's
 *
 * Return: an object.
 */
json_t *dmar_plan(struct bytes table, json_t *structures, struct findings *findings,
		  const struct machine *machine)
{
	struct dmar_state state = { .machine = machine };

	if (vtd_dmar_parse(table.at, table.len, &state.dmar, note_finding, findings))
		return plan_refuses("the table is refused");
	state.plan = plan_new();
	find_unnamed(&state, findings);
	find_present(&state);
	add_structures(&state, structures);
	add_devices(&state);
	add_notes(&state);
	plan_check_units(state.plan);
	if (state.dmar.remap_opt_out) {
		json_decref(state.plan);
		state.plan = plan_refuses(OPT_OUT);
	}
	free(state.present);
	vtd_dmar_free(&state.dmar);
	return state.plan;
}
