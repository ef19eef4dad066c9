// SPDX-License-Identifier: GPL-2.0-only
/* The command explain: a fault in plain words, with what the module knows about it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/names.h"
#include "base/output.h"
#include "causes.h"
#include "commands.h"
#include "nyxctl.h"

#define WIDTH 80		/* columns of text */
#define OPERATIONS 5		/* operations of the history that are shown */
#define PAGE 4096ULL

/*
 * Prints a paragraph after a label, with its lines indented below the first. Lines end
 * at a blank, or after a comma.
 */
static void paragraph(const char *label, const char *text)
{
	size_t indent = 11, used = indent, length, blank;

	printf("%s%-*s%s", color(STRONG), (int)indent, label, color(PLAIN));
	while (*text) {
		blank = strspn(text, " ");
		text += blank;
		length = strcspn(text, " ,");
		length += text[length] == ',';
		if (used > indent && used + !!blank + length > WIDTH) {
			printf("\n%*s", (int)indent, "");
			used = indent;
		} else if (used > indent && blank) {
			putchar(' ');
			used++;
		}
		printf("%.*s", (int)length, text);
		used += length;
		text += length;
	}
	putchar('\n');
}

static char *what_happened(const struct table *faults, size_t row)
{
	const char *device = table_cell(faults, row, "device");
	const char *driver = table_cell(faults, row, "driver");
	const char *access = table_cell(faults, row, "access");
	const char *iova = table_cell(faults, row, "iova");
	char *name = device_name(device), *what, *text;

	if (!strcmp(access, "interrupt"))
		what = text_of("sent an interrupt with index %s", table_cell(faults, row, "index"));
	else
		what = text_of("attempted to %s %s",
			       !strcmp(access, "read") ? "read from" :
			       !strcmp(access, "write") ? "write to" :
			       !strcmp(access, "execute") ? "execute code at" : "access",
			       strcmp(iova, "-") ? iova : "an address that is not reported");
	text = text_of("At %s s on the clock of the kernel log, %s (%s, driver %s) %s.",
		       table_cell(faults, row, "time_s"),
		       strcmp(device, "-") ? device : table_cell(faults, row, "requester"),
		       strcmp(name, "-") ? name : "unknown device",
		       strcmp(driver, "-") ? driver : "none", what);
	free(what);
	free(name);
	return text;
}

/* The operations before the fault that overlap its page, the last ones only. */
static void keep_related(struct table *history, unsigned long long iova, double time)
{
	size_t row, kept = 0, first, size = history->width * sizeof(*history->cells);
	unsigned long long page = iova & ~(PAGE - 1), from, to;

	for (row = 0; row < history->rows; row++) {
		from = strtoull(table_cell(history, row, "first_iova"), NULL, 16);
		to = strtoull(table_cell(history, row, "last_iova"), NULL, 16);
		if (to < page || from > page + PAGE - 1 ||
		    strtod(table_cell(history, row, "time_s"), NULL) > time ||
		    table_is(history, row, "operation", "flush"))
			continue;
		memmove(history->cells + kept++ * history->width,
			history->cells + row * history->width, size);
	}
	first = kept > OPERATIONS ? kept - OPERATIONS : 0;
	if (first)
		memmove(history->cells, history->cells + first * history->width,
			(kept - first) * size);
	history->rows = kept - first;
}

/*
 * Leaves @history empty if the operations are not recorded. Returns whether the file is
 * truncated.
 */
static bool read_history(const struct table *faults, size_t row, struct table *history)
{
	const char *domain = table_cell(faults, row, "domain");
	const char *iova = table_cell(faults, row, "iova");
	char *name;
	int ret;

	*history = (struct table){ 0 };
	if (!strcmp(domain, "-") || !strcmp(iova, "-"))
		return false;
	name = text_of("domain-%s/history", domain);
	/* The domain may be gone. What a file adds is left out if it cannot be read. */
	ret = table_part(history, name);
	keep_related(history, strtoull(iova, NULL, 16),
		     strtod(table_cell(faults, row, "time_s"), NULL));
	free(name);
	return ret == -ENODATA;
}

static const char * const history_columns[] = { "time_s", "operation", "first_iova",
						"last_iova", "access", "caller", NULL };

static char *table_entry(const struct table *faults, size_t row)
{
	char *name = path_of(table_cell(faults, row, "unit"), "entries"), *text = NULL;
	const char *device = table_cell(faults, row, "device");
	const char *requester = strchr(table_cell(faults, row, "requester"), ':');
	struct table entries = { 0 };
	size_t i;

	/* A device may have several requester IDs. They are shown without the segment. */
	if (requester && !table_try(&entries, name))
		for (i = 0; !text && i < entries.rows; i++)
			if (table_is(&entries, i, "device", device) &&
			    table_is(&entries, i, "requester", requester + 1))
				text = must(strdup(table_cell(&entries, i, "fields")));
	table_free(&entries);
	free(name);
	return text;
}

static void print_human(const struct table *faults, size_t row)
{
	const struct cause *cause = cause_of(faults, row);
	char *happened = what_happened(faults, row), *entry = table_entry(faults, row);
	char *known = with_blanks("explanation", table_cell(faults, row, "explanation"));
	char *blocked;
	struct table history;
	bool truncated;

	paragraph("fault", table_cell(faults, row, "seq"));
	paragraph("what", happened);
	blocked = text_of("%s blocked it: %s (code %s).",
			  table_cell(faults, row, "unit"), table_cell(faults, row, "reason"),
			  table_cell(faults, row, "code"));
	paragraph("unit", blocked);
	if (strcmp(table_cell(faults, row, "requester"), table_cell(faults, row, "device")))
		paragraph("requester", table_cell(faults, row, "requester"));
	if (strcmp(known, "-"))
		paragraph("known", known);
	paragraph("cause", cause->cause);
	paragraph("remedy", cause->remedy);
	if (entry)
		paragraph("entry", entry);
	truncated = read_history(faults, row, &history);
	if (history.rows) {
		paragraph("history", truncated ?
			  "operations on this page before it; the file is truncated" :
			  "the last operations on this page before it");
		print_table(&history, history_columns);
	}
	table_free(&history);
	free(blocked);
	free(happened);
	free(known);
	free(entry);
}

static void print_object(const struct table *faults, size_t row)
{
	const struct cause *cause = cause_of(faults, row);
	char *entry = table_entry(faults, row);
	json_t *rows = table_json(faults);
	json_t *fault = json_incref(json_array_get(rows, row));
	struct table history;

	json_object_set_new(fault, "cause", text_json(cause->cause));
	json_object_set_new(fault, "remedy", text_json(cause->remedy));
	json_object_set_new(fault, "entry", entry ? text_json(entry) : json_null());
	read_history(faults, row, &history);
	json_object_set_new(fault, "history", table_json(&history));
	table_free(&history);
	json_decref(rows);
	print_json(fault);
	free(entry);
}

/**
 * cmd_explain() - describe a fault in plain words
 * @argc: number of arguments, with the command
 * @argv: the command, and the number of the fault; without it the last fault
 *
 * Return: an exit code.
 */
int cmd_explain(int argc, char **argv)
{
	struct table faults;
	int ret = table_read(&faults, "faults");
	long row;

	if (!ret) {
		row = argc > 1 ? table_find(&faults, "seq", argv[1]) :
				 (long)faults.rows - 1;
		if (row < 0)
			ret = argc > 1 ?
			      fail(NYX_FAILED, "there is no fault %s; see nyxctl faults",
				   argv[1]) :
			      fail(NYX_FAILED, "there are no faults");
		else if (options.json)
			print_object(&faults, row);
		else
			print_human(&faults, row);
	}
	table_free(&faults);
	return ret;
}
