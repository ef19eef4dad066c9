// SPDX-License-Identifier: GPL-2.0-only
/* The tables that a report is made of, and what is said if they are not complete. */
#include <stdlib.h>
#include <string.h>

#include "base/snapfile.h"
#include "nyxctl.h"
#include "report.h"

/**
 * report_table() - read a table of a snapshot
 * @report: the report, which says so if the table is not complete
 * @snapshot: number of the snapshot
 * @name: name of the table
 * @table: filled in with the rows that there are; the caller frees it
 *
 * A table of which the snapshot knows nothing is an empty one: with diagnose=1 the module
 * has few.
 */
void report_table(struct report *report, size_t snapshot, const char *name,
		  struct table *table)
{
	const json_t *json = report->snapshots[snapshot], *file;
	const char *state;
	char *text;
	int ret;

	snapshot_use(json, "the snapshot");
	ret = table_part(table, name);
	snapshot_use(NULL, NULL);
	file = snapshot_part(json, "files", name);
	if (!ret || !file)
		return;
	state = json_string_value(json_object_get(file, "state"));
	text = text_of("the file %s is %s", name,
		       state && strcmp(state, FILE_COMPLETE) ? state : "broken");
	if (!names_have(&report->attention, text))
		names_add(&report->attention, text);
	free(text);
}
