// SPDX-License-Identifier: GPL-2.0-only
/* The command status: the state of the module on one screen, and what needs attention. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/output.h"
#include "commands.h"
#include "nyxctl.h"
#include "state.h"

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
			const struct findings *attention)
{
	char *vendor = with_blanks("vendor", hardware(state));
	char *mapped = size_in_words(table_sum(&state->domains, "mapped_bytes"));
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
	       table_count(&state->interrupts, "state", "adopted") +
	       table_count(&state->interrupts, "state", "posted"),
	       table_count(&state->interrupts, "state", "passes") +
	       table_count(&state->interrupts, "state", "blocked"));
	if (faults->rows)
		printf("faults      %llu; last: nyxctl explain %s\n",
		       table_sum(&state->units, "faults"), table_cell(faults, last, "seq"));
	else
		printf("faults      0\n");
	for (i = 0; i < attention->count; i++)
		printf("%sattention%s   %s: %s\n", color(BAD), color(PLAIN),
		       attention->finding[i].text, attention->finding[i].remedy);
	if (attention->count)
		printf("%zu thing%s attention\n", attention->count,
		       attention->count == 1 ? " needs" : "s need");
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
			const struct findings *attention)
{
	json_t *json = must(json_object()), *lines = must(json_array());
	char *vendor = with_blanks("vendor", hardware(state)), *line;
	size_t i;

	for (i = 0; i < attention->count; i++) {
		line = text_of("%s: %s", attention->finding[i].text,
			       attention->finding[i].remedy);
		json_array_append_new(lines, text_json(line));
		free(line);
	}
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
			    count_json(table_sum(&state->domains, "mapped_bytes")));
	json_object_set_new(json, "faults", count_json(table_sum(&state->units, "faults")));
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

/* The findings are not told apart by their checks. */
static struct findings attention_of(const struct state *state)
{
	struct findings findings = { .check = "status" };

	attend_units(&findings, state);
	attend_interrupts(&findings, state);
	attend_bypass(&findings, state);
	attend_overflows(&findings, state);
	attend_invalidations(&findings, state);
	attend_devices(&findings, state);
	return findings;
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
	struct findings attention = { 0 };
	struct state state;
	int ret;

	(void)argc;
	(void)argv;
	ret = state_read(&state);
	if (!ret) {
		attention = attention_of(&state);
		if (options.json)
			print_state(&state, version ? version : "-", &attention);
		else
			print_human(&state, version ? version : "-", &attention);
		ret = attention.count ? NYX_ATTENTION : NYX_OK;
	} else if (version && !options.json) {
		ret = without_debugfs(version, ret);
	}
	findings_free(&attention);
	state_free(&state);
	free(version);
	return ret;
}
