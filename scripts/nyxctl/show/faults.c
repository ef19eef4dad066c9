// SPDX-License-Identifier: GPL-2.0-only
/* The command faults. With --follow it prints each new fault as it arrives. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/output.h"
#include "base/pcidev.h"
#include "base/snapfile.h"
#include "commands.h"
#include "nyxctl.h"
#include "show.h"

#define INTERVAL_US 500000

static unsigned long long seq_of(const struct table *table, size_t row)
{
	return strtoull(table_cell(table, row, "seq"), NULL, 10);
}

/* The kept faults are overwritten by newer ones: the numbers show how many. */
static void report_lost(unsigned long long lost)
{
	if (lost)
		fail(NYX_OK, "%llu fault%s came too fast to be shown", lost,
		     plural(lost));
}

/* Leaves only the rows after the fault @seen. */
static void drop_seen(struct table *table, unsigned long long seen)
{
	size_t row = 0;

	while (row < table->rows && seq_of(table, row) <= seen)
		row++;
	table->rows -= row;
	memmove(table->cells, table->cells + row * table->width,
		table->rows * table->width * sizeof(*table->cells));
}

/* One line for each fault, because the reader may be a program that waits for lines. */
static void print_lines(const struct table *table)
{
	json_t *rows = table_json(table), *object;
	size_t i;

	json_array_foreach(rows, i, object) {
		json_dumpf(object, stdout, JSON_COMPACT | JSON_REAL_PRECISION(15));
		putchar('\n');
	}
	json_decref(rows);
}

/* Prints the faults after @seen, only those of @device if it is not NULL. */
static unsigned long long print_new(struct table *table, unsigned long long seen,
				    const char *device)
{
	unsigned long long last;

	/* The module was loaded again, and counts from 1. */
	if (table->rows && seq_of(table, table->rows - 1) < seen)
		seen = 0;
	drop_seen(table, seen);
	if (!table->rows)
		return seen;
	report_lost(seq_of(table, 0) - seen - 1);
	last = seq_of(table, table->rows - 1);
	if (device)
		table_keep(table, "device", device);
	if (!table->rows)
		return last;
	if (options.json)
		print_lines(table);
	else
		print_table(table, fault_columns);
	fflush(stdout);
	options.header = false;
	return last;
}

/* Begins with the faults that are kept. Ends by a signal, or if the file vanishes. */
static int follow(const char *device)
{
	unsigned long long seen = 0;
	struct table table;
	bool first = true;
	int ret;

	while (!(ret = table_read(&table, "faults"))) {
		if (first && table.rows)
			seen = seq_of(&table, 0) - 1;
		first = false;
		seen = print_new(&table, seen, device);
		table_free(&table);
		if (ferror(stdout))
			return fail(NYX_FAILED, "cannot write the output");
		usleep(INTERVAL_US);
	}
	table_free(&table);
	return ret;
}

/**
 * cmd_faults() - show the recent faults
 * @argc: number of arguments, with the command
 * @argv: the command, --follow, and the device whose faults are shown, if there is one
 *
 * Return: an exit code.
 */
int cmd_faults(int argc, char **argv)
{
	static const struct option longopts[] = {
		{ "follow", no_argument, NULL, 'f' },
		{ 0 },
	};
	bool following = false;
	char *device;
	int c;

	optind = 0;
	opterr = 0;
	while ((c = getopt_long(argc, argv, "f", longopts, NULL)) != -1) {
		if (c != 'f')
			return fail(NYX_USAGE, "faults: wrong option; see nyxctl faults --help");
		following = true;
	}
	if (argc - optind > 1)
		return fail(NYX_USAGE, "faults: too many arguments; see nyxctl faults --help");
	if (following && snapshot_in_use())
		return fail(NYX_USAGE, "faults: a snapshot gets no new faults");
	device = optind < argc ? pcidev_name(argv[optind]) : NULL;
	c = following ? follow(device) : show_table("faults", device);
	free(device);
	return c;
}
