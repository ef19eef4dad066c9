// SPDX-License-Identifier: GPL-2.0-only
/* The commands that show one of the module's tables. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/output.h"
#include "base/pcidev.h"
#include "commands.h"
#include "nyxctl.h"
#include "show.h"

#define COLUMNS(...) ((const char * const []){ __VA_ARGS__, NULL })

/**
 * struct subject - a table that a command of the same name shows
 * @name: the command, and the file below the module's folder in debugfs
 * @columns: the columns that people see
 * @summarize: prints what the table amounts to, in one line
 */
struct subject {
	const char *name;
	const char * const *columns;
	void (*summarize)(const struct table *table);
};

/* The columns of faults that people see. */
const char * const fault_columns[] = { "seq", "time_s", "device", "driver", "access", "iova",
				       "cause", NULL };

static void summarize_units(const struct table *table)
{
	printf("%zu unit%s: %zu on, %zu off, %zu out of service\n",
	       table->rows, plural(table->rows), table_count(table, "state", "on"),
	       table_count(table, "state", "off"), table_count(table, "state", "dead"));
}

/* With diagnose=1 units have other columns. */
static void summarize_unit_tables(const struct table *table)
{
	if (table_has(table, "state"))
		summarize_units(table);
	else
		printf("%zu unit%s: %zu on, driven by others (diagnose=1)\n", table->rows,
		       plural(table->rows), table_count(table, "translation", "on"));
}

static void summarize_devices(const struct table *table)
{
	printf("%zu device%s: %zu managed, %zu waiting for an unbind, %zu cut off\n",
	       table->rows, plural(table->rows), table_count(table, "managed", "yes"),
	       table_count(table, "managed", "waiting"),
	       table_count(table, "state", "QUARANTINED") +
	       table_count(table, "state", "DISABLED"));
}

static void summarize_domains(const struct table *table)
{
	char *size = size_in_words(table_sum(table, "mapped_bytes"));

	printf("%zu domain%s: %s mapped\n", table->rows, plural(table->rows), size);
	free(size);
}

static void summarize_interrupts(const struct table *table)
{
	printf("%zu interrupt%s: %zu remapped, %zu adopted, %zu posted, ",
	       table->rows, plural(table->rows), table_count(table, "state", "remapped"),
	       table_count(table, "state", "adopted"),
	       table_count(table, "state", "posted"));
	printf("%zu not remapped, %zu blocked\n",
	       table_count(table, "state", "passes"),
	       table_count(table, "state", "blocked"));
}

static void summarize_faults(const struct table *table)
{
	const char *last = table->rows ? table_cell(table, table->rows - 1, "seq") : "0";

	printf("%zu fault%s shown, %s since the module was loaded\n", table->rows,
	       plural(table->rows), last);
}

static void summarize_quarantine(const struct table *table)
{
	printf("%zu episode%s, %zu ongoing\n", table->rows, plural(table->rows),
	       table_count(table, "ended", "ongoing"));
}

static const struct subject subjects[] = {
	{ "units", COLUMNS("unit", "vendor", "segment", "state", "levels", "iova_bits",
			     "translation", "intr", "compat", "devices", "faults"),
	  summarize_unit_tables },
	{ "devices", COLUMNS("device", "group", "driver", "entry", "faults", "state",
			     "name"),
	  summarize_devices },
	{ "domains", COLUMNS("domain", "type", "isolation", "devices", "mapped_bytes",
			     "map_calls", "unmap_calls", "format"),
	  summarize_domains },
	{ "interrupts", COLUMNS("device", "irq", "vector", "dest", "updates", "state",
				  "reason"),
	  summarize_interrupts },
	{ "faults", fault_columns, summarize_faults },
	{ "quarantine", COLUMNS("time_s", "device", "reason", "caused_by", "faults",
				  "duration_s", "ended"),
	  summarize_quarantine },
	{ "policy", COLUMNS("device", "policy"), NULL },
	{ "forensics", COLUMNS("device", "mode", "domain", "operations"), NULL },
};

static const struct subject *find_subject(const char *name)
{
	size_t i;

	for (i = 0; i < COUNT_OF(subjects); i++)
		if (!strcmp(subjects[i].name, name))
			return &subjects[i];
	return NULL;
}

static int check_device(const char *device)
{
	struct table devices;
	int ret = table_read(&devices, "devices");

	if (!ret && table_find(&devices, "device", device) < 0)
		ret = fail(NYX_FAILED, "no unit serves %s; see nyxctl devices", device);
	table_free(&devices);
	return ret;
}

/**
 * show_table() - show one of the module's tables
 * @name: name of the table
 * @device: show only rows of this device; NULL for all
 *
 * Return: an exit code.
 */
int show_table(const char *name, const char *device)
{
	const struct subject *subject = find_subject(name);
	struct table table;
	int ret = table_read(&table, name);

	if (!ret && device) {
		table_keep(&table, "device", device);
		/* A name with a mistake must not look like a device without faults. */
		if (!table.rows)
			ret = check_device(device);
	}
	if (!ret && options.json) {
		print_json(table_json(&table));
	} else if (!ret) {
		print_table(&table, subject->columns);
		if (options.header && subject->summarize && !device)
			subject->summarize(&table);
	}
	table_free(&table);
	return ret;
}

/**
 * cmd_show() - the commands units, devices, domains, interrupts and quarantine
 * @argc: number of arguments, with the command
 * @argv: the command, and the device whose rows are shown, if there is one
 *
 * Return: an exit code.
 */
int cmd_show(int argc, char **argv)
{
	char *device = argc > 1 ? pcidev_name(argv[1]) : NULL;
	int ret = show_table(argv[0], device);

	free(device);
	return ret;
}
