// SPDX-License-Identifier: GPL-2.0-only
/* The state of the module, and what needs attention in it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/list.h"
#include "base/output.h"
#include "nyxctl.h"
#include "state.h"

#define SHOWN 3			/* names in a finding */

/**
 * state_read() - read the tables
 * @state: filled in; state_free() frees it, also after an error
 *
 * Return: NYX_OK, or the exit code of an error, which has been reported.
 */
int state_read(struct state *state)
{
	int ret;

	*state = (struct state){ 0 };
	ret = table_read(&state->units, "units");
	if (!ret)
		ret = table_read(&state->devices, "devices");
	if (!ret)
		ret = table_read(&state->domains, "domains");
	if (!ret)
		ret = table_read(&state->interrupts, "interrupts");
	if (!ret)
		ret = table_read(&state->faults, "faults");
	return ret;
}

/**
 * state_free() - free the tables
 * @state: the tables; they may be empty
 */
void state_free(struct state *state)
{
	table_free(&state->units);
	table_free(&state->devices);
	table_free(&state->domains);
	table_free(&state->interrupts);
	table_free(&state->faults);
}

/**
 * attend_units() - find units that do not translate
 * @findings: a list, to which what needs attention is added
 * @state: the tables
 */
void attend_units(struct findings *findings, const struct state *state)
{
	const struct table *units = &state->units;
	const char *unit;
	size_t row;

	for (row = 0; row < units->rows; row++) {
		unit = table_cell(units, row, "unit");
		if (table_is(units, row, "state", "dead"))
			found(findings, ATTENTION,
			      text_of("%s stopped responding and is out of service", unit),
			      text_of("see dmesg"));
		else if (table_is(units, row, "state", "off"))
			found(findings, ATTENTION, text_of("%s does not translate", unit),
			      text_of("see dmesg"));
	}
}

/*
 * Why a unit does not remap interrupts: the last line of its capabilities. The name of the
 * unit must not lead out of the folder.
 */
static char *why_not_remapped(const char *unit)
{
	char *name = path_of(unit, "capabilities"), *why = NULL;
	struct table table = { 0 };
	long row = -1;

	if (!strchr(unit, '/') && !table_try(&table, name))
		row = table_find(&table, "field", "intr");
	if (row >= 0)
		why = with_blanks("reason", table_cell(&table, row, "value"));
	table_free(&table);
	free(name);
	return why;
}

/**
 * attend_interrupts() - find units that do not remap interrupts
 * @findings: a list, to which what needs attention is added
 * @state: the tables
 */
void attend_interrupts(struct findings *findings, const struct state *state)
{
	const struct table *units = &state->units;
	const char *unit;
	size_t row;
	char *why;

	for (row = 0; row < units->rows; row++) {
		if (!table_is(units, row, "intr", "off"))
			continue;
		unit = table_cell(units, row, "unit");
		why = why_not_remapped(unit);
		found(findings, ATTENTION,
		      text_of("%s does not remap interrupts%s%s, so VFIO refuses its devices",
			      unit, why ? ": " : "", why ? why : ""),
		      text_of("see dmesg, and the parameters intr_entries and register_based"));
		free(why);
	}
}

/**
 * interrupt_sources() - name what sends interrupts that are not remapped
 * @interrupts: the table of interrupts
 * @unit: only of this unit, and of those whose unit is not known; NULL for all
 * @state: only in this state, "passes" or "blocked"
 *
 * Return: the first sources, each with the reason, such as "IO-APIC-2 (no unit is named
 *	for it) and 2 more", which the caller frees; NULL if there are none.
 */
char *interrupt_sources(const struct table *interrupts, const char *unit,
			const char *state)
{
	struct names sources = { 0 };
	char *reason, *text;
	size_t row;

	for (row = 0; row < interrupts->rows; row++) {
		if (!table_is(interrupts, row, "state", state) ||
		    (unit && !table_is(interrupts, row, "unit", unit) &&
		     !table_is(interrupts, row, "unit", "-")))
			continue;
		reason = with_blanks("reason", table_cell(interrupts, row, "reason"));
		text = text_of("%s (%s)", table_cell(interrupts, row, "device"), reason);
		/* An I/O APIC has a row for each pin. */
		if (!names_have(&sources, text))
			names_add(&sources, text);
		free(text);
		free(reason);
	}
	text = sources.count ? names_join(&sources, SHOWN) : NULL;
	names_free(&sources);
	return text;
}

/**
 * attend_bypass() - find units that let interrupts in compatibility format pass
 * @findings: a list, to which what needs attention is added
 * @state: the tables
 */
void attend_bypass(struct findings *findings, const struct state *state)
{
	const struct table *units = &state->units;
	const char *unit;
	char *sources;
	size_t row;

	for (row = 0; row < units->rows; row++) {
		if (!table_is(units, row, "compat", "allowed"))
			continue;
		unit = table_cell(units, row, "unit");
		sources = interrupt_sources(&state->interrupts, unit, "passes");
		found(findings, ATTENTION,
		      text_of("%s lets interrupts bypass it, so VFIO refuses its "
			      "devices%s%s", unit,
			      sources ? "; they come from " : "", sources ? sources : ""),
		      text_of("unbind and bind the drivers that nyxctl interrupts shows with "
			      "passes, "
			      "or load the module with compat_interrupts=block if they do not "
			      "matter"));
		free(sources);
	}
}

static void attend_device(struct findings *findings, const struct table *devices, size_t row)
{
	const char *device = table_cell(devices, row, "device");

	if (table_is(devices, row, "state", "QUARANTINED") ||
	    table_is(devices, row, "state", "DISABLED"))
		found(findings, ATTENTION, text_of("%s is cut off", device),
		      text_of("see nyxctl quarantine %s, or nyxctl reset %s", device, device));
	else if (table_is(devices, row, "entry", "isolated"))
		found(findings, ATTENTION,
		      text_of("%s is isolated, as it did not respond to an invalidation", device),
		      text_of("nyxctl reset %s", device));
	else if (table_is(devices, row, "ats", "lost"))
		found(findings, ATTENTION,
		      text_of("%s lost ATS, as it did not respond to an invalidation", device),
		      text_of("remove the device and scan its bus again, or do without ATS"));
}

static void attend_waiting(struct findings *findings, const struct table *devices)
{
	struct names waiting = { 0 };
	size_t row;
	char *text;

	for (row = 0; row < devices->rows; row++)
		if (table_is(devices, row, "managed", "waiting"))
			names_addf(&waiting, "%s (%s)", table_cell(devices, row, "device"),
				   table_cell(devices, row, "driver"));
	text = names_join(&waiting, SHOWN);
	if (waiting.count)
		found(findings, ATTENTION,
		      text_of("%zu device%s untranslated until %s driver is unbound: %s",
			      waiting.count, waiting.count == 1 ? " is" : "s are",
			      waiting.count == 1 ? "its" : "their", text),
		      text_of("unbind and bind the drivers, or load the module from the "
			      "initramfs"));
	free(text);
	names_free(&waiting);
}

/**
 * attend_devices() - find devices that are cut off, isolated or untranslated
 * @findings: a list, to which what needs attention is added
 * @state: the tables
 */
void attend_devices(struct findings *findings, const struct state *state)
{
	size_t row;

	for (row = 0; row < state->devices.rows; row++)
		attend_device(findings, &state->devices, row);
	attend_waiting(findings, &state->devices);
}

/**
 * attend_overflows() - find units that lost faults
 * @findings: a list, to which what needs attention is added
 * @state: the tables
 */
void attend_overflows(struct findings *findings, const struct state *state)
{
	unsigned long long count;
	size_t row;

	for (row = 0; row < state->units.rows; row++) {
		count = table_number(&state->units, row, "overflows");
		if (count)
			found(findings, ATTENTION,
			      text_of("%s lost faults, because its log was full %llu time%s",
				      table_cell(&state->units, row, "unit"), count, plural(count)),
			      text_of("see nyxctl faults for the devices that cause so many"));
	}
}

/**
 * attend_invalidations() - find units that did not confirm invalidations
 * @findings: a list, to which what needs attention is added
 * @state: the tables
 */
void attend_invalidations(struct findings *findings, const struct state *state)
{
	unsigned long long count;
	size_t row;

	for (row = 0; row < state->units.rows; row++) {
		count = table_number(&state->units, row, "flush_errors");
		if (count)
			found(findings, ATTENTION,
			      text_of("%s did not confirm %llu invalidation%s",
				      table_cell(&state->units, row, "unit"), count, plural(count)),
			      text_of("see dmesg"));
	}
}
