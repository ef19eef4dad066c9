// SPDX-License-Identifier: GPL-2.0-only
/* The sections of a report: what they are called, and what they consist of. */
#include <stdlib.h>

#include "nyxctl.h"
#include "report.h"

#define LIST(...) ((const char * const []){ __VA_ARGS__, NULL })

static const struct section empty_sections[SECTIONS] = {
	[STATE] = { "state", "State", "", LIST("what", "value"), NO_CHART, NULL, NULL, { 0 } },
	[CHANGES] = { "changes", "Changes", "none", LIST("change"),
		      NO_CHART, NULL, NULL, { 0 } },
	[FAULT_TIMES] = { "faults_by_time", "Faults by time", "no faults",
			  LIST("begin", "faults"), COLUMNS_OF_TIME, "begin", "faults", { 0 } },
	[FAULT_DEVICES] = { "faults_by_device", "Faults by device", "no faults",
			    LIST("device", "driver", "name", "faults"), BARS, "device",
			    "faults", { 0 } },
	[FAULT_CAUSES] = { "faults_by_cause", "Faults by cause", "no faults",
			   LIST("cause", "faults"), BARS, "cause", "faults", { 0 } },
	[LAST_FAULTS] = { "last_faults", "Last faults", "no faults",
			  LIST("seq", "time", "device", "driver", "access", "iova", "cause"),
			  NO_CHART, NULL, NULL, { 0 } },
	[QUARANTINES] = { "quarantines", "Quarantines", "no device was cut off",
			  LIST("time", "device", "reason", "caused_by", "faults", "duration_s",
			       "ended"), NO_CHART, NULL, NULL, { 0 } },
	[MAPPED_DEVICES] = { "devices_by_mapped_bytes", "Devices by mapped bytes",
			     "nothing is mapped",
			     LIST("device", "driver", "domain", "mapped_bytes"), BARS,
			     "device", "mapped_bytes", { 0 } },
	[MAPPED_DOMAINS] = { "domains_by_mapped_bytes", "Domains by mapped bytes",
			     "nothing is mapped",
			     LIST("domain", "type", "devices", "map_calls", "unmap_calls",
				  "mapped_bytes"), BARS, "domain", "mapped_bytes", { 0 } },
	[FLUSHED_UNITS] = { "units_by_flushes", "Units by flushes", "nothing was flushed",
			    LIST("unit", "waits", "flush_errors", "flushes"), BARS, "unit",
			    "flushes", { 0 } },
	[FLUSHED_DOMAINS] = { "domains_by_flushes", "Domains by flushes",
			      "counted only while latency is on",
			      LIST("domain", "flushes"), BARS, "domain", "flushes", { 0 } },
};

static size_t width_of(const struct section *section)
{
	size_t width = 0;

	while (section->columns[width])
		width++;
	return width;
}

/**
 * section_rows() - count the rows of a section
 * @section: the section
 *
 * Return: the number of rows.
 */
size_t section_rows(const struct section *section)
{
	return section->cells.count / width_of(section);
}

/**
 * section_table() - make a table of a section
 * @section: the section
 *
 * Return: a table whose cells belong to the section. It is not freed.
 */
struct table section_table(const struct section *section)
{
	return (struct table){
		.columns = (char **)section->columns,
		.width = width_of(section),
		.cells = section->cells.name,
		.rows = section_rows(section),
	};
}

/**
 * report_free() - free what report_fill() added to a report
 * @report: the report; its snapshots stay
 */
void report_free(struct report *report)
{
	size_t i;

	for (i = 0; i < SECTIONS; i++)
		names_free(&report->section[i].cells);
	names_free(&report->attention);
}

/**
 * report_fill() - compute a report
 * @report: the report, with its snapshots and the length of the period; report_free() frees
 *	what is added
 *
 * Context: no snapshot is in use, neither before nor after.
 */
void report_fill(struct report *report)
{
	size_t i;

	for (i = 0; i < SECTIONS; i++)
		report->section[i] = empty_sections[i];
	fill_faults(report);
	fill_quarantines(report);
	fill_users(report);
}
