// SPDX-License-Identifier: GPL-2.0-only
/* What a report says about the last snapshot, and about changes between the first and it. */
#include <stdlib.h>
#include <string.h>

#include "base/output.h"
#include "base/snapfile.h"
#include "base/wallclock.h"
#include "nyxctl.h"
#include "report.h"
#include "snapshot/diff.h"

#define TOP 10		/* rows of each list of users */

static unsigned long long number(const struct table *table, size_t row, const char *column)
{
	return strtoull(table_cell(table, row, column), NULL, 10);
}

/**
 * struct ranking - rows in the order of a value
 * @row: the rows
 * @value: the value of each row
 * @count: number of rows
 */
struct ranking {
	size_t *row;
	unsigned long long *value;
	size_t count;
};

static int by_value(const void *a, const void *b, void *values)
{
	size_t x = *(const size_t *)a, y = *(const size_t *)b;
	unsigned long long p = ((unsigned long long *)values)[x];
	unsigned long long q = ((unsigned long long *)values)[y];

	return p != q ? (p < q) - (p > q) : (x > y) - (x < y);
}

/* The largest first, without those with the value 0. */
static struct ranking rank(const struct table *table,
			   unsigned long long (*value_of)(const struct table *table, size_t row,
							  const void *context),
			   const void *context)
{
	struct ranking ranking = { 0 };
	size_t row;

	ranking.row = must(calloc(table->rows + 1, sizeof(*ranking.row)));
	ranking.value = must(calloc(table->rows + 1, sizeof(*ranking.value)));
	for (row = 0; row < table->rows; row++) {
		ranking.value[row] = value_of(table, row, context);
		ranking.row[row] = row;
	}
	qsort_r(ranking.row, table->rows, sizeof(*ranking.row), by_value, ranking.value);
	while (ranking.count < table->rows && ranking.count < TOP &&
	       ranking.value[ranking.row[ranking.count]])
		ranking.count++;
	return ranking;
}

static void ranking_free(struct ranking *ranking)
{
	free(ranking->row);
	free(ranking->value);
}

/* The last column of the section gets the value. */
static void add_ranked(struct section *section, const struct table *table,
		       const struct ranking *ranking)
{
	size_t i, k, row;

	for (i = 0; i < ranking->count; i++) {
		row = ranking->row[i];
		for (k = 0; section->columns[k + 1]; k++)
			names_add(&section->cells, table_cell(table, row, section->columns[k]));
		names_addf(&section->cells, "%llu", ranking->value[row]);
	}
}

static unsigned long long mapped_by_domain(const struct table *table, size_t row,
					   const void *context)
{
	(void)context;
	return number(table, row, "mapped_bytes");
}

/* Devices that share a domain can all reach what is mapped in it. */
static unsigned long long mapped_by_device(const struct table *table, size_t row,
					   const void *context)
{
	const struct table *domains = context;
	long domain = table_find(domains, "domain", table_cell(table, row, "domain"));

	return domain < 0 || table_is(table, row, "domain", "-") ? 0 :
		number(domains, domain, "mapped_bytes");
}

static unsigned long long flushes_of_unit(const struct table *table, size_t row,
					  const void *context)
{
	static const char prefix[] = "flush_", errors[] = "flush_errors";
	unsigned long long sum = 0;
	size_t i;

	(void)context;
	for (i = 0; i < table->width; i++)
		if (!strncmp(table->columns[i], prefix, strlen(prefix)) &&
		    strcmp(table->columns[i], errors))
			sum += number(table, row, table->columns[i]);
	return sum;
}

static unsigned long long flushes_of_domain(const struct table *table, size_t row,
					    const void *context)
{
	static const char prefix[] = "domain-";

	(void)context;
	if (strncmp(table_cell(table, row, "name"), prefix, strlen(prefix)) ||
	    !table_is(table, row, "op", "flush"))
		return 0;
	return number(table, row, "count");
}

static void fill_section(struct section *section, const struct table *table,
			 unsigned long long (*value_of)(const struct table *table, size_t row,
							const void *context),
			 const void *context)
{
	struct ranking ranking = rank(table, value_of, context);

	add_ranked(section, table, &ranking);
	ranking_free(&ranking);
}

static void fill_latency(struct section *section, const struct table *latency)
{
	struct ranking ranking = rank(latency, flushes_of_domain, NULL);
	size_t i, row;

	for (i = 0; i < ranking.count; i++) {
		row = ranking.row[i];
		names_add(&section->cells, strchr(table_cell(latency, row, "name"), '-') + 1);
		names_addf(&section->cells, "%llu", ranking.value[row]);
	}
	ranking_free(&ranking);
}

static void add_state(struct report *report, const char *what, const char *value)
{
	struct names *cells = &report->section[STATE].cells;

	names_add(cells, what);
	names_add(cells, value);
}

static __attribute__((format(printf, 3, 4)))
void add_statef(struct report *report, const char *what, const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	text = format_text(format, args);
	va_end(args);
	add_state(report, what, text);
	free(text);
}

static void add_period(struct report *report)
{
	char *begin = time_in_words(report->begin), *end = time_in_words(report->end);

	if (report->begin)
		add_statef(report, "period", "%s to %s", begin, end);
	else
		add_state(report, "period", "not known: the times are seconds since boot");
	free(begin);
	free(end);
}

/* The module keeps a limited number of faults. */
static void add_fault_counts(struct report *report, const struct table *units)
{
	const json_t *last = report->snapshots[report->count - 1];
	unsigned long long total = 0;
	struct table faults;
	size_t row;

	for (row = 0; row < units->rows; row++)
		total += number(units, row, "faults");
	add_statef(report, "faults", "%zu in the period, %llu since the module was loaded",
		   report->faults, total);
	report_table(report, report->count - 1, "faults", &faults);
	if (faults.rows && number(&faults, 0, "seq") > 1 &&
	    (!report->begin || !has_wall_clock(last) ||
	     wall_clock(last, table_cell(&faults, 0, "time_s")) >= report->begin))
		names_add(&report->attention,
			  "older faults of the period may be missing, because the module keeps only the last ones");
	table_free(&faults);
}

static void add_tables(struct report *report, const struct table *units,
		       const struct table *devices, const struct table *domains)
{
	unsigned long long bytes = 0;
	char *size;
	size_t row;

	for (row = 0; row < domains->rows; row++)
		bytes += number(domains, row, "mapped_bytes");
	size = size_in_words(bytes);
	add_statef(report, "units", "%zu, %zu on", units->rows,
		   table_count(units, "state", "on"));
	add_statef(report, "devices", "%zu: %zu managed, %zu cut off", devices->rows,
		   table_count(devices, "managed", "yes"),
		   table_count(devices, "state", "QUARANTINED") +
		   table_count(devices, "state", "DISABLED"));
	add_statef(report, "domains", "%zu: %s mapped", domains->rows, size);
	add_fault_counts(report, units);
	free(size);
}

/* All in one row, because the state has a value for each name. */
static void add_attention(struct report *report)
{
	const struct names *attention = &report->attention;
	char *text = must(strdup("")), *longer;
	size_t i;

	for (i = 0; i < attention->count; i++) {
		longer = text_of("%s%s%s", text, i ? "; " : "", attention->name[i]);
		free(text);
		text = longer;
	}
	if (*text)
		add_state(report, "attention", text);
	free(text);
}

static void fill_changes(struct report *report)
{
	struct diff diff = { 0 };
	const char *type;
	char *text;
	size_t i;

	if (report->count < 2) {
		report->section[CHANGES].empty =
			"not known: give snapshots from before and after";
		return;
	}
	diff_snapshots(&diff, report->snapshots[0], report->snapshots[report->count - 1]);
	for (i = 0; i < diff.changes.count; i++) {
		type = diff.changes.change[i].type;
		/* They have sections of their own. */
		if (!strcmp(type, "fault") || !strcmp(type, "quarantine"))
			continue;
		text = change_in_words(&diff.changes.change[i]);
		names_add(&report->section[CHANGES].cells, text);
		free(text);
	}
	diff_free(&diff);
}

/**
 * fill_users() - add the state, the largest users and the changes to a report
 * @report: the report, with its faults
 */
void fill_users(struct report *report)
{
	const json_t *last = report->snapshots[report->count - 1];
	struct table units, devices, domains, latency;

	fill_changes(report);
	add_period(report);
	add_state(report, "module", snapshot_string(last, "module", "version"));
	add_state(report, "kernel", snapshot_string(last, "kernel", "release"));
	report_table(report, report->count - 1, "units", &units);
	report_table(report, report->count - 1, "devices", &devices);
	report_table(report, report->count - 1, "domains", &domains);
	report_table(report, report->count - 1, "latency", &latency);
	add_tables(report, &units, &devices, &domains);
	add_attention(report);
	fill_section(&report->section[MAPPED_DEVICES], &devices, mapped_by_device, &domains);
	fill_section(&report->section[MAPPED_DOMAINS], &domains, mapped_by_domain, NULL);
	fill_section(&report->section[FLUSHED_UNITS], &units, flushes_of_unit, NULL);
	fill_latency(&report->section[FLUSHED_DOMAINS], &latency);
	table_free(&units);
	table_free(&devices);
	table_free(&domains);
	table_free(&latency);
}
