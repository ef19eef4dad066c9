// SPDX-License-Identifier: GPL-2.0-only
/* The command report. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/output.h"
#include "base/snapfile.h"
#include "base/wallclock.h"
#include "commands.h"
#include "nyxctl.h"
#include "report.h"
#include "snapshot/capture.h"

#define DAY 24.0		/* hours */
#define YEAR 8784.0
#define HOUR 3600.0		/* seconds */

static double created_of(const json_t *snapshot)
{
	return json_number_value(snapshot_part(snapshot, "clock", "created_s"));
}

static int by_time(const void *a, const void *b)
{
	double x = created_of(*(json_t * const *)a), y = created_of(*(json_t * const *)b);

	return (x > y) - (x < y);
}

/* The period ends with the last snapshot. Without a clock it is not known. */
static void set_period(struct report *report)
{
	const json_t *last;

	qsort(report->snapshots, report->count, sizeof(*report->snapshots), by_time);
	last = report->snapshots[report->count - 1];
	if (!has_wall_clock(last))
		return;
	report->end = created_of(last);
	report->begin = report->end - report->hours * HOUR;
	/* Only a broken snapshot is from such a time. */
	if (report->begin < 1)
		report->begin = 1;
}

/*
 * Without a chart, parts of the period without faults say nothing. Leaves them out, and
 * returns the list of the other cells, which the caller frees.
 */
static char **drop_zeros(const struct section *section, struct table *table)
{
	size_t row, kept = 0, width = table->width;
	char **cells = must(calloc(table->rows * width + 1, sizeof(*cells)));

	for (row = 0; row < table->rows; row++)
		if (!table_is(table, row, section->value, "0"))
			memcpy(cells + kept++ * width, table->cells + row * width,
			       width * sizeof(*cells));
	table->cells = cells;
	table->rows = kept;
	return cells;
}

static void print_text(struct report *report)
{
	struct section *section;
	struct table table;
	char **cells;
	size_t i;

	for (i = 0; i < SECTIONS; i++) {
		section = &report->section[i];
		table = section_table(section);
		cells = section->chart == COLUMNS_OF_TIME ? drop_zeros(section, &table) : NULL;
		if (options.header)
			printf("%s%s%s%s\n", i ? "\n" : "", color(STRONG), section->title,
			       color(PLAIN));
		if (table.rows)
			print_table(&table, section->columns);
		else
			puts(section->empty);
		free(cells);
	}
}

static json_t *time_json(double seconds)
{
	char *text = time_in_words(seconds);
	json_t *json = seconds ? text_json(text) : json_null();

	free(text);
	return json;
}

/* Its values are texts, also if they look like numbers. */
static json_t *state_json(const struct table *state)
{
	json_t *json = must(json_object());
	size_t row;

	for (row = 0; row < state->rows; row++)
		json_object_set_new(json, table_cell(state, row, "what"),
				    text_json(table_cell(state, row, "value")));
	return json;
}

static json_t *report_json(const struct report *report)
{
	json_t *json = must(json_object());
	struct table table;
	size_t i;

	json_object_set_new(json, "begin", time_json(report->begin));
	json_object_set_new(json, "end", time_json(report->end));
	for (i = 0; i < SECTIONS; i++) {
		table = section_table(&report->section[i]);
		json_object_set_new(json, report->section[i].name,
				    i == STATE ? state_json(&table) : table_json(&table));
	}
	return json;
}

static void print_report(struct report *report, bool html)
{
	set_period(report);
	report_fill(report);
	if (html)
		report_html(report);
	else if (options.json)
		print_json(report_json(report));
	else
		print_text(report);
	report_free(report);
}

/* The state of the module now, as a snapshot. */
static int take_now(json_t **snapshot)
{
	struct capture now = { 0 };
	struct table units;
	/* If the module is not loaded, this says so. */
	int ret = table_read(&units, "units");

	table_free(&units);
	if (!ret)
		ret = capture(&now);
	*snapshot = now.snapshot;
	names_free(&now.problems);
	return ret;
}

static int load_all(struct report *report, int count, char **paths)
{
	int ret = NYX_OK;

	report->snapshots = must(calloc(count + 1, sizeof(*report->snapshots)));
	if (!count)
		ret = take_now(&report->snapshots[report->count++]);
	while (!ret && report->count < (size_t)count) {
		ret = snapshot_load(paths[report->count], &report->snapshots[report->count]);
		report->count++;
	}
	return ret;
}

static bool parse_hours(const char *text, double *hours)
{
	char *end;

	*hours = strtod(text, &end);
	return end != text && !*end && *hours > 0 && *hours <= YEAR;
}

static int parse(int argc, char **argv, bool *html, double *hours)
{
	static const struct option longopts[] = {
		{ "html", no_argument, NULL, 'h' },
		{ "since", required_argument, NULL, 's' },
		{ 0 },
	};
	int c;

	optind = 0;
	opterr = 0;
	while ((c = getopt_long(argc, argv, "", longopts, NULL)) != -1) {
		if (c == 'h')
			*html = true;
		else if (c != 's')
			return fail(NYX_USAGE, "report: wrong option; see nyxctl report --help");
		else if (!parse_hours(optarg, hours))
			return fail(NYX_USAGE, "report: --since=%s: give hours, up to %g",
				    optarg, YEAR);
	}
	if (*html && options.json)
		return fail(NYX_USAGE, "report: use --html or --json");
	return NYX_OK;
}

/**
 * cmd_report() - report faults, quarantines, the largest users and changes
 * @argc: number of arguments, with the command
 * @argv: the command, options, and snapshots; without them the module is read
 *
 * Return: an exit code.
 */
int cmd_report(int argc, char **argv)
{
	struct report report = { .hours = DAY };
	bool html = false;
	size_t i;
	int ret;

	ret = parse(argc, argv, &html, &report.hours);
	if (ret)
		return ret;
	ret = load_all(&report, argc - optind, argv + optind);
	if (!ret)
		print_report(&report, html);
	for (i = 0; i < report.count; i++)
		json_decref(report.snapshots[i]);
	free(report.snapshots);
	return ret;
}
