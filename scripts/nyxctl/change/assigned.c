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

/* Written as the module would, so that the same functions print it. No cell has blanks. */
static char *write_table(void)
{
	struct names devices = names_in("bus/pci/drivers/" VFIO_DRIVER);
	char *text, *group, *holder;
	struct record record;
	size_t i, size;
	FILE *file = must(open_memstream(&text, &size));

	fputs("device group process driver_before\n", file);
	for (i = 0; i < devices.count; i++) {
		/* The folder also has files, such as bind. */
		if (!pcidev_exists(devices.name[i]))
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
		printf("%zu device%s assigned\n", table.rows,
		       table.rows == 1 ? " is" : "s are");
	table_free(&table);
	return NYX_OK;
}
