// SPDX-License-Identifier: GPL-2.0-only
/* The command list: the devices that virtual machines may have. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/output.h"
#include "base/pcidev.h"
#include "commands.h"
#include "holders.h"
#include "nyxctl.h"
#include "record.h"
#include "take.h"

/* Written as the module would, so that the same functions print it. No cell has blanks. */
static char *write_table(void)
{
	struct names devices = names_in("bus/pci/devices");
	char *text, *group, *holder;
	struct record record;
	size_t i, size;
	FILE *file = must(open_memstream(&text, &size));

	fputs("device group process driver_before\n", file);
	for (i = 0; i < devices.count; i++) {
		if (!pcidev_is_assigned(devices.name[i]) && !is_stranded(devices.name[i]))
			continue;
		group = pcidev_group(devices.name[i]);
		holder = group ? holder_of(group) : NULL;
		record_read(devices.name[i], &record);
		fprintf(file, "%s %s %s %s\n", devices.name[i], group ? group : "-",
			holder ? holder : "-",
			record.driver && *record.driver ? record.driver : "-");
		record_free(&record);
		free(holder);
		free(group);
	}
	fclose(file);
	names_free(&devices);
	return text;
}

static void print_end(const struct table *table)
{
	size_t row, count = 0;
	const char *device;

	for (row = 0; row < table->rows; row++)
		count += pcidev_is_assigned(table_cell(table, row, "device"));
	printf("%zu device%s assigned\n", count, count == 1 ? " is" : "s are");
	for (row = 0; row < table->rows; row++) {
		device = table_cell(table, row, "device");
		if (!pcidev_is_assigned(device))
			printf("%s has no driver: run nyxctl release %s\n", device, device);
	}
}

/**
 * cmd_list() - list the devices that are assigned, and which process has them
 * @argc: number of arguments, with the command
 * @argv: the command
 *
 * Return: an exit code.
 */
int cmd_list(int argc, char **argv)
{
	static const char * const columns[] = { "device", "group", "process",
						"driver_before", "name", NULL };
	struct table table;

	(void)argc;
	(void)argv;
	if (geteuid())
		return fail(NYX_PERMISSION,
			    "list needs root to see processes; run the command with sudo");
	table_parse(&table, write_table());
	if (options.json)
		print_json(table_json(&table));
	else
		print_table(&table, columns);
	if (!options.json && options.header)
		print_end(&table);
	table_free(&table);
	return NYX_OK;
}
