/* SPDX-License-Identifier: GPL-2.0-only */
/* Reports: what they consist of, and how they are printed. */
#ifndef NYXCTL_REPORT_H
#define NYXCTL_REPORT_H

#include <jansson.h>
#include <stdbool.h>

#include "base/list.h"
#include "base/table.h"

/* Kinds of charts. */
enum chart { NO_CHART, BARS, COLUMNS_OF_TIME };

/**
 * struct section - a table of a report
 * @name: its name in JSON
 * @title: its title
 * @empty: what is said if it has no rows
 * @columns: names of the columns, ended by NULL
 * @chart: which chart shows it
 * @label: the column that names a bar
 * @value: the column that a chart shows
 * @cells: its cells, row by row
 */
struct section {
	const char *name;
	const char *title;
	const char *empty;
	const char * const *columns;
	enum chart chart;
	const char *label;
	const char *value;
	struct names cells;
};

/* The sections in their order. */
enum {
	STATE,
	CHANGES,
	FAULT_TIMES,
	FAULT_DEVICES,
	FAULT_CAUSES,
	LAST_FAULTS,
	QUARANTINES,
	MAPPED_DEVICES,
	MAPPED_DOMAINS,
	FLUSHED_UNITS,
	FLUSHED_DOMAINS,
	SECTIONS,
};

/**
 * struct report - a report
 * @snapshots: what it is made of, the earliest first
 * @count: number of snapshots
 * @hours: length of the period
 * @begin: begin of the period, in seconds since 1970; 0 if it is not known
 * @end: end of the period; 0 if it is not known
 * @faults: number of faults in the period
 * @attention: what makes the report incomplete
 * @section: the sections
 */
struct report {
	json_t **snapshots;
	size_t count;
	double hours;
	double begin;
	double end;
	size_t faults;
	struct names attention;
	struct section section[SECTIONS];
};

void report_fill(struct report *report);
void report_free(struct report *report);

/* Parts of report_fill(). */
void fill_faults(struct report *report);
void fill_quarantines(struct report *report);
void fill_users(struct report *report);

void report_table(struct report *report, size_t snapshot, const char *name,
		  struct table *table);

struct table section_table(const struct section *section);
size_t section_rows(const struct section *section);
void report_html(const struct report *report);
char *escaped(const char *text);
void draw_chart(const struct section *section);

#endif
