// SPDX-License-Identifier: GPL-2.0-only
/* The command status: the state of the module on one screen, and what needs attention. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "list.h"
#include "nyxctl.h"
#include "output.h"

/* The tables that the state is read from. */
struct state {
	struct table units, devices, domains, interrupts, faults;
};

static unsigned long long number(const struct table *table, size_t row,
				 const char *column)
{
	return strtoull(table_cell(table, row, column), NULL, 10);
}

static unsigned long long sum(const struct table *table, const char *column)
{
	unsigned long long total = 0;
	size_t row;

	for (row = 0; row < table->rows; row++)
		total += number(table, row, column);
	return total;
}

static void note_units(struct names *notes, const struct table *units)
{
	const char *unit;
	size_t row;

	for (row = 0; row < units->rows; row++) {
		unit = table_cell(units, row, "unit");
		if (table_is(units, row, "state", "dead"))
			names_addf(notes, "%s stopped responding and is out of service: see dmesg",
				   unit);
		else if (table_is(units, row, "state", "off"))
			names_addf(notes, "%s does not translate: see dmesg", unit);
		if (table_is(units, row, "intr", "off"))
			names_addf(notes, "%s does not remap interrupts: see %s/%s/capabilities",
				   unit, options.debugfs, unit);
		if (table_is(units, row, "compat", "allowed"))
			names_addf(notes,
				   "%s lets interrupts bypass it, so VFIO refuses its devices: see nyxctl interrupts",
				   unit);
		if (number(units, row, "overflows"))
			names_addf(notes, "%s lost faults, because its log was full %llu time%s",
				   unit, number(units, row, "overflows"),
				   plural(number(units, row, "overflows")));
		if (number(units, row, "flush_errors"))
			names_addf(notes, "%s did not confirm %llu invalidation%s: see dmesg", unit,
				   number(units, row, "flush_errors"),
				   plural(number(units, row, "flush_errors")));
	}
}

static bool is_cut_off(const struct table *devices, size_t row)
{
	return table_is(devices, row, "state", "QUARANTINED") ||
	       table_is(devices, row, "state", "DISABLED");
}

static void note_devices(struct names *notes, const struct table *devices)
{
	size_t row, waiting = table_count(devices, "managed", "waiting");
	const char *device;

	for (row = 0; row < devices->rows; row++) {
		device = table_cell(devices, row, "device");
		if (is_cut_off(devices, row))
			names_addf(notes,
				   "%s is cut off: see nyxctl quarantine %s, or nyxctl reset %s",
				   device, device, device);
		else if (table_is(devices, row, "entry", "isolated"))
			names_addf(notes,
				   "%s is isolated, as it did not respond to an invalidation: nyxctl reset %s",
				   device, device);
		else if (table_is(devices, row, "ats", "lost"))
			names_addf(notes, "%s lost ATS, as it did not respond to an invalidation",
				   device);
	}
	if (waiting)
		names_addf(notes,
			   "%zu device%s untranslated until %s driver is unbound",
			   waiting, waiting == 1 ? " is" : "s are", waiting == 1 ? "its" : "their");
}

static size_t cut_off(const struct table *devices)
{
	return table_count(devices, "state", "QUARANTINED") +
	       table_count(devices, "state", "DISABLED");
}

static const char *hardware(const struct state *state)
{
	return state->units.rows ? table_cell(&state->units, 0, "vendor") : "none";
}

static void print_human(const struct state *state, const char *version,
			const struct names *notes)
{
	char *vendor = with_blanks("vendor", hardware(state));
	char *mapped = size_in_words(sum(&state->domains, "mapped_bytes"));
	const struct table *faults = &state->faults;
	size_t i, last = faults->rows - 1;

	printf("module      %s\n", version);
	printf("hardware    %s, %zu unit%s, %zu on\n", vendor, state->units.rows,
	       plural(state->units.rows), table_count(&state->units, "state", "on"));
	printf("devices     %zu: %zu managed, %zu waiting for an unbind, %zu cut off\n",
	       state->devices.rows, table_count(&state->devices, "managed", "yes"),
	       table_count(&state->devices, "managed", "waiting"),
	       cut_off(&state->devices));
	printf("domains     %zu: %s mapped\n", state->domains.rows, mapped);
	printf("interrupts  %zu remapped, %zu not\n",
	       table_count(&state->interrupts, "state", "remapped") +
	       table_count(&state->interrupts, "state", "adopted"),
	       table_count(&state->interrupts, "state", "passes") +
	       table_count(&state->interrupts, "state", "blocked"));
	if (faults->rows)
		printf("faults      %llu; last: nyxctl explain %s\n",
		       sum(&state->units, "faults"), table_cell(faults, last, "seq"));
	else
		printf("faults      0\n");
	for (i = 0; i < notes->count; i++)
		printf("%sattention%s   %s\n", color(BAD), color(PLAIN), notes->name[i]);
	if (notes->count)
		printf("%zu thing%s attention\n", notes->count,
		       notes->count == 1 ? " needs" : "s need");
	else
		puts("nothing needs attention");
	free(vendor);
	free(mapped);
}

static json_t *count_json(size_t n)
{
	return must(json_integer(n));
}

static void print_state(const struct state *state, const char *version,
			const struct names *notes)
{
	json_t *json = must(json_object()), *lines = must(json_array());
	char *vendor = with_blanks("vendor", hardware(state));
	size_t i;

	for (i = 0; i < notes->count; i++)
		json_array_append_new(lines, text_json(notes->name[i]));
	json_object_set_new(json, "version", text_json(version));
	json_object_set_new(json, "hardware", text_json(vendor));
	json_object_set_new(json, "units", count_json(state->units.rows));
	json_object_set_new(json, "units_on",
			    count_json(table_count(&state->units, "state", "on")));
	json_object_set_new(json, "devices", count_json(state->devices.rows));
	json_object_set_new(json, "devices_managed",
			    count_json(table_count(&state->devices, "managed", "yes")));
	json_object_set_new(json, "devices_waiting",
			    count_json(table_count(&state->devices, "managed",
						   "waiting")));
	json_object_set_new(json, "devices_cut_off", count_json(cut_off(&state->devices)));
	json_object_set_new(json, "domains", count_json(state->domains.rows));
	json_object_set_new(json, "mapped_bytes",
			    count_json(sum(&state->domains, "mapped_bytes")));
	json_object_set_new(json, "faults", count_json(sum(&state->units, "faults")));
	json_object_set_new(json, "attention", lines);
	print_json(json);
	free(vendor);
}

/*
 * Any user may read the folder nyx of a device in sysfs. Shows what is there, and returns
 * @code, the reason why debugfs cannot be read.
 */
static int without_debugfs(const char *version, int code)
{
	char *path = path_of(options.sysfs, "bus/pci/devices");
	size_t devices = 0, off = 0;
	struct dirent *entry;
	DIR *dir = opendir(path);
	char *state;

	printf("module      %s\n", version);
	while (dir && (entry = readdir(dir))) {
		state = read_line("bus/pci/devices/%s/nyx/state", entry->d_name);
		if (!state)
			continue;
		devices++;
		if (strcmp(state, "ACTIVE")) {
			printf("attention   %s is %s\n", entry->d_name, state);
			off++;
		}
		free(state);
	}
	if (dir)
		closedir(dir);
	free(path);
	printf("devices     %zu: %zu cut off\n", devices, off);
	return code;
}

static void state_free(struct state *state)
{
	table_free(&state->units);
	table_free(&state->devices);
	table_free(&state->domains);
	table_free(&state->interrupts);
	table_free(&state->faults);
}

static int state_read(struct state *state)
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
 * cmd_status() - show the state of the module, and what needs attention
 * @argc: number of arguments, with the command
 * @argv: the command
 *
 * Return: NYX_OK, NYX_ATTENTION, or the exit code of an error.
 */
int cmd_status(int argc, char **argv)
{
	char *version = read_line("module/nyx_iommu/version");
	struct names notes = { 0 };
	struct state state;
	int ret;

	(void)argc;
	(void)argv;
	ret = state_read(&state);
	if (!ret) {
		note_units(&notes, &state.units);
		note_devices(&notes, &state.devices);
		if (options.json)
			print_state(&state, version ? version : "-", &notes);
		else
			print_human(&state, version ? version : "-", &notes);
		ret = notes.count ? NYX_ATTENTION : NYX_OK;
	} else if (version && !options.json) {
		ret = without_debugfs(version, ret);
	}
	names_free(&notes);
	state_free(&state);
	free(version);
	return ret;
}
