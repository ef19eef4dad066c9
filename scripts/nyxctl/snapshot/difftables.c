// SPDX-License-Identifier: GPL-2.0-only
/*
 * Comparing the module's tables in two snapshots. Rows are matched by the cells that name
 * an object, so their order does not matter.
 */
#include <stdlib.h>
#include <string.h>

#include "base/snapfile.h"
#include "base/table.h"
#include "diff.h"
#include "nyxctl.h"

#define MAX 16		/* columns that are named below */

/**
 * struct kind - how a table is compared
 * @type: what each row describes
 * @file: the table; a file of each unit if it begins with '/'
 * @keys: columns that name an object, each after a text that is printed before it
 * @counters: columns whose values change by themselves
 * @skipped: columns that another table has, too, or that say little
 * @details: columns that describe a new object
 * @words: column with words of the form name=value, which are compared one by one
 * @events: old rows vanish by themselves
 * @only_counters: new rows do not matter
 */
struct kind {
	const char *type;
	const char *file;
	const char *keys[4][2];
	const char *counters[MAX];
	const char *skipped[MAX];
	const char *details[4];
	const char *words;
	bool events, only_counters;
};

static const struct kind kinds[] = {
	{ .type = "unit", .file = "units", .keys = { { "", "unit" } },
	  .counters = { "devices", "domain_ids", "intr_used", "flush_page", "flush_domain",
			"flush_global", "flush_entry", "flush_device", "flush_intr",
			"write_buffer", "waits", "flush_errors", "faults", "overflows" },
	  .details = { "vendor", "state" } },
	{ .type = "capability", .file = "/capabilities",
	  .keys = { { "", "register" }, { " ", "field" } }, .details = { "value" } },
	{ .type = "device", .file = "devices", .keys = { { "", "device" } },
	  .counters = { "faults" }, .details = { "driver", "entry", "state" } },
	{ .type = "entry", .file = "/entries",
	  .keys = { { "", "device" }, { " requester ", "requester" } },
	  .skipped = { "entry" }, .words = "fields" },
	{ .type = "pasid", .file = "pasids",
	  .keys = { { "", "device" }, { " pasid ", "pasid" } }, .details = { "domain" } },
	{ .type = "domain", .file = "domains", .keys = { { "", "domain" } },
	  .counters = { "devices", "mapped_bytes", "map_calls", "map_bytes", "unmap_calls",
			"unmap_bytes", "table_pages" },
	  .details = { "type", "isolation" } },
	{ .type = "interrupt", .file = "interrupts",
	  .keys = { { "", "device" }, { " irq ", "irq" }, { " at ", "unit" },
		    { " index ", "index" } },
	  .counters = { "vector", "dest", "updates" }, .details = { "state", "reason" } },
	{ .type = "policy", .file = "policy", .keys = { { "", "device" } }, .words = "policy" },
	{ .type = "forensics", .file = "forensics", .keys = { { "", "device" } },
	  .counters = { "operations" }, .skipped = { "domain" }, .details = { "mode" } },
	{ .type = "quarantine", .file = "quarantine",
	  .keys = { { "", "device" }, { " at ", "time_s" }, { " s, episode ", "episode" } },
	  .counters = { "faults", "suppressed", "duration_s" },
	  .details = { "reason", "caused_by" }, .events = true },
	{ .type = "fault", .file = "faults", .keys = { { "", "seq" }, { " at ", "time_s" } },
	  .details = { "device", "access", "iova", "explanation" }, .events = true },
	{ .type = "latency", .file = "latency", .keys = { { "", "name" }, { " ", "op" } },
	  .counters = { "count" },
	  .skipped = { "min_ns", "median_ns", "p99_ns", "max_ns", "histogram" },
	  .only_counters = true },
};

/**
 * struct side - a table of one of the snapshots
 * @table: the table
 * @objects: the name of the object of each row
 * @order: the numbers of the rows in the order of these names
 */
struct side {
	struct table table;
	char **objects;
	size_t *order;
};

static bool has(const char * const *columns, const char *column)
{
	size_t i;

	for (i = 0; i < MAX && columns[i]; i++)
		if (!strcmp(columns[i], column))
			return true;
	return false;
}

static bool is_key(const struct kind *kind, const char *column)
{
	size_t i;

	for (i = 0; i < 4 && kind->keys[i][1]; i++)
		if (!strcmp(kind->keys[i][1], column))
			return true;
	return false;
}

static char *object_of(const struct kind *kind, const char *unit, const struct table *table,
		       size_t row)
{
	char *text = text_of("%s%s", unit ? unit : "", unit ? " " : ""), *longer;
	size_t i;

	for (i = 0; i < 4 && kind->keys[i][1]; i++) {
		longer = text_of("%s%s%s", text, kind->keys[i][0],
				 table_cell(table, row, kind->keys[i][1]));
		free(text);
		text = longer;
	}
	return text;
}

static int by_object(const void *a, const void *b, void *objects)
{
	size_t x = *(const size_t *)a, y = *(const size_t *)b;
	int order = strverscmp(((char **)objects)[x], ((char **)objects)[y]);

	return order ? order : (x > y) - (x < y);
}

static int side_read(struct side *side, const struct kind *kind, const char *unit,
		     const json_t *snapshot)
{
	char *name = text_of("%s%s", unit ? unit : "", kind->file);
	size_t row;
	int ret;

	*side = (struct side){ 0 };
	snapshot_use(snapshot, "the snapshot");
	ret = table_try(&side->table, name);
	snapshot_use(NULL, NULL);
	free(name);
	if (ret)
		return ret;
	side->objects = must(calloc(side->table.rows + 1, sizeof(*side->objects)));
	side->order = must(calloc(side->table.rows + 1, sizeof(*side->order)));
	for (row = 0; row < side->table.rows; row++) {
		side->objects[row] = object_of(kind, unit, &side->table, row);
		side->order[row] = row;
	}
	qsort_r(side->order, side->table.rows, sizeof(*side->order), by_object,
		side->objects);
	return 0;
}

static void side_free(struct side *side)
{
	size_t row;

	for (row = 0; side->objects && row < side->table.rows; row++)
		free(side->objects[row]);
	free(side->objects);
	free(side->order);
	table_free(&side->table);
}

/* The value of a word in a list of words. Returns NULL without such a word. */
static char *value_of(const char *words, const char *name, size_t length)
{
	const char *word = words;

	while (*(word += strspn(word, " ,"))) {
		if (!strncmp(word, name, length) && word[length] == '=')
			return must(strndup(word + length + 1,
					    strcspn(word + length + 1, " ,")));
		word += strcspn(word, " ,");
	}
	return NULL;
}

/*
 * Compares the words of @from with those of @to, or lists those of @from that @to does not
 * have.
 */
static void compare_words(struct change_list *list, const char *type, const char *object,
			  const char *from, const char *to, bool only_missing)
{
	const char *word = from;
	char *before, *after, *name;
	size_t length;

	for (; *(word += strspn(word, " ,")); word += strcspn(word, " ,")) {
		length = strcspn(word, "= ,");
		if (word[length] != '=')
			continue;
		before = value_of(word, word, length);
		after = value_of(to, word, length);
		name = must(strndup(word, length));
		if (only_missing && !after)
			change_add(list, type, object, name, "-", before);
		else if (!only_missing && (!after || strcmp(before, after)))
			change_add(list, type, object, name, before, after ? after : "-");
		free(before);
		free(after);
		free(name);
	}
}

static void compare_cells(struct diff *diff, const struct kind *kind, const char *object,
			  const char *column, const char *before, const char *after)
{
	bool counter = has(kind->counters, column);
	char *a, *b;

	if (kind->words && !strcmp(kind->words, column) && strchr(before, '=') &&
	    strchr(after, '=')) {
		compare_words(&diff->changes, kind->type, object, before, after, false);
		compare_words(&diff->changes, kind->type, object, after, before, true);
	} else if (strcmp(before, after)) {
		a = with_blanks(column, before);
		b = with_blanks(column, after);
		change_add(counter ? &diff->counters : &diff->changes, kind->type, object,
			   column, a, b);
		free(a);
		free(b);
	}
}

static void compare_rows(struct diff *diff, const struct kind *kind, const struct side *from,
			 size_t a, const struct side *to, size_t b)
{
	const char *column;
	size_t i;

	for (i = 0; i < from->table.width; i++) {
		column = from->table.columns[i];
		/* Versions of the module may differ in their columns. */
		if (!is_key(kind, column) && !has(kind->skipped, column) &&
		    table_has(&to->table, column))
			compare_cells(diff, kind, from->objects[a], column,
				      table_cell(&from->table, a, column),
				      table_cell(&to->table, b, column));
	}
}

static char *details_of(const struct kind *kind, const struct table *table, size_t row)
{
	char *text = must(strdup("")), *cell, *longer;
	size_t i;

	for (i = 0; i < 4 && kind->details[i]; i++) {
		cell = with_blanks(kind->details[i], table_cell(table, row, kind->details[i]));
		/* "-" alone would say nothing. */
		if (!strcmp(cell, "-"))
			longer = must(strdup(text));
		else
			longer = text_of("%s%s%s", text, *text ? ", " : "", cell);
		free(cell);
		free(text);
		text = longer;
	}
	return text;
}

static void add_row(struct diff *diff, const struct kind *kind, const struct side *side,
		    size_t row, bool is_new)
{
	struct change_list *list = &diff->changes;
	char *details;

	if (kind->only_counters)
		return;
	if (kind->events && !is_new)
		list = &diff->counters;
	details = details_of(kind, &side->table, row);
	change_add(list, kind->type, side->objects[row], NULL, is_new ? NULL : details,
		   is_new ? details : NULL);
	free(details);
}

static void compare_sides(struct diff *diff, const struct kind *kind, const struct side *from,
			  const struct side *to)
{
	size_t i = 0, k = 0, a, b;
	int order;

	while (i < from->table.rows || k < to->table.rows) {
		a = from->order[i];
		b = to->order[k];
		if (i == from->table.rows)
			order = 1;
		else if (k == to->table.rows)
			order = -1;
		else
			order = strverscmp(from->objects[a], to->objects[b]);
		if (!order)
			compare_rows(diff, kind, from, a, to, b);
		else if (order < 0)
			add_row(diff, kind, from, a, false);
		else
			add_row(diff, kind, to, b, true);
		i += order <= 0;
		k += order >= 0;
	}
}

static const char *state_of(const json_t *snapshot, const char *name)
{
	const char *state = json_string_value(json_object_get(snapshot_part(snapshot, "files",
									    name), "state"));

	return state ? state : FILE_MISSING;
}

/* A file that only one snapshot has as a whole is not compared row by row. */
static void compare_file(struct diff *diff, const struct kind *kind, const char *unit,
			 const json_t *from, const json_t *to)
{
	char *name = text_of("%s%s", unit ? unit : "", kind->file);
	const char *before = state_of(from, name), *after = state_of(to, name);
	struct side a, b;

	if (strcmp(before, after)) {
		change_add(&diff->changes, "file", name, "state", before, after);
	} else {
		if (!side_read(&a, kind, unit, from)) {
			if (!side_read(&b, kind, unit, to))
				compare_sides(diff, kind, &a, &b);
			side_free(&b);
		}
		side_free(&a);
	}
	free(name);
}

/* A unit that only one snapshot has is a change by itself. */
static void compare_unit_file(struct diff *diff, const struct kind *kind, const json_t *from,
			      const json_t *to)
{
	const struct kind units = { .file = "units", .keys = { { "", "unit" } } };
	struct side a, b;
	size_t row;

	if (!side_read(&a, &units, NULL, from)) {
		if (!side_read(&b, &units, NULL, to))
			for (row = 0; row < a.table.rows; row++)
				if (table_find(&b.table, "unit", a.objects[row]) >= 0)
					compare_file(diff, kind, a.objects[row], from, to);
		side_free(&b);
	}
	side_free(&a);
}

/**
 * diff_tables() - compare the module's tables in two snapshots
 * @diff: what differs is added
 * @from: the earlier snapshot
 * @to: the later snapshot
 *
 * Not compared are registers, page tables and histories, which change all the time.
 *
 * Context: no snapshot is in use.
 */
void diff_tables(struct diff *diff, const json_t *from, const json_t *to)
{
	size_t i;

	for (i = 0; i < COUNT_OF(kinds); i++) {
		if (kinds[i].file[0] == '/')
			compare_unit_file(diff, &kinds[i], from, to);
		else
			compare_file(diff, &kinds[i], NULL, from, to);
	}
}
