// SPDX-License-Identifier: GPL-2.0-only
/* What a report says about faults and quarantines, from all its snapshots. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/names.h"
#include "base/snapfile.h"
#include "base/wallclock.h"
#include "nyxctl.h"
#include "report.h"
#include "show/causes.h"

#define LAST 20			/* faults that are listed */
#define TOP 20			/* devices and causes that are listed */
#define EPISODES 100		/* quarantines that are listed */
#define HOUR 3600.0
#define MAX_HOURS 48		/* a longer period is divided into days */

/**
 * struct counts - how often each text occurs
 * @texts: the texts
 * @notes: what was noted with each text the last time
 * @n: how often
 * @place: the number of each text in @texts
 */
struct counts {
	struct names texts;
	struct names notes;
	unsigned long long *n;
	json_t *place;
};

static void count(struct counts *counts, const char *text, const char *note)
{
	json_t *place = json_object_get(counts->place, text);
	size_t i = place ? (size_t)json_integer_value(place) : counts->texts.count;

	if (!place) {
		names_add(&counts->texts, text);
		names_add(&counts->notes, note);
		counts->n = must(reallocarray(counts->n, i + 1, sizeof(*counts->n)));
		counts->n[i] = 0;
		json_object_set_new(counts->place, text, must(json_integer(i)));
	}
	counts->n[i]++;
	free(counts->notes.name[i]);
	counts->notes.name[i] = must(strdup(note));
}

static void counts_free(struct counts *counts)
{
	names_free(&counts->texts);
	names_free(&counts->notes);
	free(counts->n);
	json_decref(counts->place);
}

/* The number of the text that occurs most often; -1 if none is left. */
static long largest_of(struct counts *counts)
{
	long largest = -1;
	size_t i;

	for (i = 0; i < counts->texts.count; i++)
		if (counts->n[i] && (largest < 0 || counts->n[i] > counts->n[largest]))
			largest = i;
	return largest;
}

/* Several snapshots have the same faults. Returns whether this one is new. */
static bool is_new(json_t *seen, const json_t *snapshot, const struct table *table, size_t row,
		   const char *column)
{
	char *key = text_of("%s %s %s %s", snapshot_string(snapshot, "clock", "boot_id"),
			    table_cell(table, row, "time_s"),
			    table_cell(table, row, column),
			    table_cell(table, row, "device"));
	bool new = !json_object_get(seen, key);

	json_object_set_new(seen, key, json_true());
	free(key);
	return new;
}

static char *time_of(const json_t *snapshot, const char *time_s)
{
	if (has_wall_clock(snapshot))
		return time_in_words(wall_clock(snapshot, time_s));
	return text_of("%s s after boot", time_s);
}

/* A time that is not known may be in the period. */
static bool is_in_period(const struct report *report, const json_t *snapshot,
			 const char *time_s)
{
	return !report->begin || !has_wall_clock(snapshot) ||
	       wall_clock(snapshot, time_s) >= report->begin;
}

/**
 * struct faults - what is counted
 * @devices: by device
 * @causes: by cause
 * @times: by part of the period
 * @parts: number of parts; 0 if the period is not known
 * @part: length of a part, in seconds
 * @begin: begin of the first part, which is a whole hour or day, before the period begins
 */
struct faults {
	struct counts devices, causes;
	unsigned long long *times;
	size_t parts;
	double part, begin;
};

static void count_time(struct faults *faults, const json_t *snapshot, const char *time_s)
{
	double place;

	if (!faults->parts || !has_wall_clock(snapshot))
		return;
	place = (wall_clock(snapshot, time_s) - faults->begin) / faults->part;
	/* A fault may have come just after the clock was read. */
	if (place >= faults->parts)
		place = faults->parts - 1;
	if (place >= 0)
		faults->times[(size_t)place]++;
}

static const char *cause_text(const struct table *table, size_t row)
{
	const char *title = cause_of(table, row)->title;

	return title ? title : table_cell(table, row, "reason");
}

static void add_fault(struct names *cells, const json_t *snapshot, const struct table *table,
		      size_t row)
{
	static const char * const columns[] = { "device", "driver", "access", "iova" };
	bool explained = !table_is(table, row, "explanation", "-");
	char *time = time_of(snapshot, table_cell(table, row, "time_s")), *cause;
	const char *column = explained ? "explanation" : "reason";
	size_t i;

	cause = with_blanks(column, table_cell(table, row, column));
	names_add(cells, table_cell(table, row, "seq"));
	names_add(cells, time);
	for (i = 0; i < COUNT_OF(columns); i++)
		names_add(cells, table_cell(table, row, columns[i]));
	names_add(cells, cause);
	free(cause);
	free(time);
}

static void count_table(struct report *report, struct faults *faults, const json_t *snapshot,
			json_t *seen, const struct table *table)
{
	const char *time_s;
	size_t row;

	for (row = 0; row < table->rows; row++) {
		time_s = table_cell(table, row, "time_s");
		if (!is_in_period(report, snapshot, time_s) ||
		    !is_new(seen, snapshot, table, row, "seq"))
			continue;
		count(&faults->devices, table_cell(table, row, "device"),
		      table_cell(table, row, "driver"));
		count(&faults->causes, cause_text(table, row), "");
		count_time(faults, snapshot, time_s);
		add_fault(&report->section[LAST_FAULTS].cells, snapshot, table, row);
	}
}

/* Leaves the last rows of a section. */
static void keep_last(struct section *section, size_t rows)
{
	size_t width = section_table(section).width, drop, i;

	if (section_rows(section) <= rows)
		return;
	drop = (section_rows(section) - rows) * width;
	for (i = 0; i < drop; i++)
		free(section->cells.name[i]);
	section->cells.count -= drop;
	memmove(section->cells.name, section->cells.name + drop,
		section->cells.count * sizeof(*section->cells.name));
}

static void add_number(struct names *cells, unsigned long long n)
{
	names_addf(cells, "%llu", n);
}

/* Uses up the counts. The names of the devices are those of the last snapshot. */
static void add_devices(struct report *report, struct counts *counts)
{
	struct names *cells = &report->section[FAULT_DEVICES].cells;
	char *name;
	size_t n;
	long i;

	snapshot_use(report->snapshots[report->count - 1], "the snapshot");
	for (n = 0; n < TOP && (i = largest_of(counts)) >= 0; n++) {
		name = device_name(counts->texts.name[i]);
		names_add(cells, counts->texts.name[i]);
		names_add(cells, counts->notes.name[i]);
		names_add(cells, name);
		add_number(cells, counts->n[i]);
		counts->n[i] = 0;
		free(name);
	}
	snapshot_use(NULL, NULL);
}

static void add_causes(struct report *report, struct counts *counts)
{
	struct names *cells = &report->section[FAULT_CAUSES].cells;
	size_t n;
	long i;

	for (n = 0; n < TOP && (i = largest_of(counts)) >= 0; n++) {
		names_add(cells, counts->texts.name[i]);
		add_number(cells, counts->n[i]);
		counts->n[i] = 0;
	}
}

/* All parts of the period, because a chart without the empty ones would mislead. */
static void add_times(struct report *report, const struct faults *faults)
{
	struct names *cells = &report->section[FAULT_TIMES].cells;
	char *begin;
	size_t i;

	for (i = 0; i < faults->parts; i++) {
		begin = time_in_words(faults->begin + i * faults->part);
		names_add(cells, begin);
		add_number(cells, faults->times[i]);
		free(begin);
	}
}

/* Divides the period into hours or days. */
static void divide(struct faults *faults, const struct report *report)
{
	if (!report->begin)
		return;
	faults->part = report->hours > MAX_HOURS ? 24 * HOUR : HOUR;
	faults->begin = (long long)(report->begin / faults->part) * faults->part;
	faults->parts = (size_t)((report->end - faults->begin) / faults->part) + 1;
	faults->times = must(calloc(faults->parts + 1, sizeof(*faults->times)));
}

/**
 * fill_faults() - add the faults of the period to a report
 * @report: the report
 */
void fill_faults(struct report *report)
{
	struct faults faults = { .devices.place = must(json_object()),
				 .causes.place = must(json_object()) };
	json_t *seen = must(json_object());
	struct table table;
	size_t i;

	divide(&faults, report);
	for (i = 0; i < report->count; i++) {
		report_table(report, i, "faults", &table);
		count_table(report, &faults, report->snapshots[i], seen, &table);
		table_free(&table);
	}
	report->faults = json_object_size(seen);
	if (!faults.parts)
		report->section[FAULT_TIMES].empty =
			"not known: the times are seconds since boot";
	else if (report->faults)
		add_times(report, &faults);
	add_devices(report, &faults.devices);
	add_causes(report, &faults.causes);
	keep_last(&report->section[LAST_FAULTS], LAST);
	counts_free(&faults.devices);
	counts_free(&faults.causes);
	free(faults.times);
	json_decref(seen);
}

static void add_episode(struct names *cells, const json_t *snapshot, const struct table *table,
			size_t row)
{
	static const char * const columns[] = { "device", "reason", "caused_by", "faults",
						"duration_s", "ended" };
	char *time = time_of(snapshot, table_cell(table, row, "time_s"));
	size_t i;

	names_add(cells, time);
	for (i = 0; i < COUNT_OF(columns); i++)
		names_add(cells, table_cell(table, row, columns[i]));
	free(time);
}

/* An episode that is in several snapshots is as in the last of them. */
static void add_episodes(struct report *report, size_t snapshot, json_t *seen)
{
	const json_t *json = report->snapshots[snapshot];
	struct table table;
	size_t row;

	report_table(report, snapshot, "quarantine", &table);
	for (row = table.rows; row-- > 0;)
		if (is_in_period(report, json, table_cell(&table, row, "time_s")) &&
		    is_new(seen, json, &table, row, "episode"))
			add_episode(&report->section[QUARANTINES].cells, json, &table, row);
	table_free(&table);
}

/* Turns the order of the rows around. */
static void reverse(struct section *section)
{
	size_t width = section_table(section).width, rows = section_rows(section), row, i;
	char **cells = section->cells.name, *cell;

	for (row = 0; row < rows / 2; row++)
		for (i = 0; i < width; i++) {
			cell = cells[row * width + i];
			cells[row * width + i] = cells[(rows - 1 - row) * width + i];
			cells[(rows - 1 - row) * width + i] = cell;
		}
}

/**
 * fill_quarantines() - add the quarantines of the period to a report
 * @report: the report
 */
void fill_quarantines(struct report *report)
{
	json_t *seen = must(json_object());
	size_t i;

	for (i = report->count; i-- > 0;)
		add_episodes(report, i, seen);
	reverse(&report->section[QUARANTINES]);
	keep_last(&report->section[QUARANTINES], EPISODES);
	json_decref(seen);
}
