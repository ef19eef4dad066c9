// SPDX-License-Identifier: GPL-2.0-only
/* Printing tables for people and JSON for programs. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "names.h"
#include "nyxctl.h"
#include "output.h"

#define GAP 2		/* blanks between two columns */

/* States that need attention, by column. */
static const char * const bad[][2] = {
	{ "state", "dead" }, { "state", "QUARANTINED" }, { "state", "DISABLED" },
	{ "state", "passes" }, { "state", "blocked" }, { "entry", "isolated" },
	{ "ats", "lost" }, { "compat", "allowed" }, { "intr", "off" },
	{ "ended", "ongoing" },
};

/**
 * color() - select a colour
 * @sequence: the control sequence
 *
 * Return: @sequence if colour is used, else an empty string.
 */
const char *color(const char *sequence)
{
	return options.color ? sequence : "";
}

/**
 * plural() - select singular or plural
 * @n: a number
 *
 * Return: what a noun after the number ends with.
 */
const char *plural(unsigned long long n)
{
	return n == 1 ? "" : "s";
}

/**
 * size_in_words() - write a size for people
 * @bytes: the size
 *
 * Return: the size in the largest unit that leaves at least 1, with three digits, which
 *	the caller frees.
 */
char *size_in_words(unsigned long long bytes)
{
	static const char * const units[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB",
					      "EiB" };
	double size = bytes;
	size_t i = 0;

	/* 1023.5 would be printed as 1024. */
	while (size >= 1023.5 && i + 1 < COUNT_OF(units)) {
		size /= 1024;
		i++;
	}
	return text_of("%.*f %s", i && size < 99.95 ? 1 : 0, size, units[i]);
}

static bool is_bad(const char *column, const char *cell)
{
	size_t i;

	for (i = 0; i < COUNT_OF(bad); i++)
		if (!strcmp(bad[i][0], column) && !strcmp(bad[i][1], cell))
			return true;
	return false;
}

/* What people see in a cell. */
static char *cell_text(const struct table *table, size_t row, const char *column)
{
	const char *cell;

	if (!strcmp(column, "name") && !table_has(table, column))
		return device_name(table_cell(table, row, "device"));
	/* The explanation of a fault says more than its reason code, if there is one. */
	if (!strcmp(column, "cause") && !table_has(table, column))
		column = table_is(table, row, "explanation", "-") ? "reason" :
								    "explanation";
	cell = table_cell(table, row, column);
	if (!strcmp(column, "mapped_bytes") && isdigit((unsigned char)*cell))
		return size_in_words(strtoull(cell, NULL, 10));
	return with_blanks(column, cell);
}

static bool is_number(const char *cell)
{
	return *cell && (!strcmp(cell, "-") || !cell[strspn(cell, "0123456789.")]);
}

/* The width of the terminal, or 0 if the output goes elsewhere. */
static size_t terminal_width(void)
{
	struct winsize size;

	if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size))
		return 0;
	return size.ws_col;
}

/* A table as people see it. */
struct sheet {
	const char **columns;
	size_t width, rows;
	char **cells;
	size_t *widths;
	bool *numbers;
};

static char **sheet_row(const struct sheet *sheet, size_t row)
{
	return sheet->cells + row * sheet->width;
}

static void measure(struct sheet *sheet)
{
	size_t i, row, length;

	sheet->widths = must(calloc(sheet->width + 1, sizeof(*sheet->widths)));
	sheet->numbers = must(calloc(sheet->width + 1, sizeof(*sheet->numbers)));
	for (i = 0; i < sheet->width; i++) {
		sheet->numbers[i] = true;
		sheet->widths[i] = options.header ? strlen(sheet->columns[i]) : 0;
		for (row = 0; row < sheet->rows; row++) {
			length = strlen(sheet_row(sheet, row)[i]);
			if (length > sheet->widths[i])
				sheet->widths[i] = length;
			if (!is_number(sheet_row(sheet, row)[i]))
				sheet->numbers[i] = false;
		}
	}
}

/*
 * The last column is cut off at the edge of a terminal, so that each row is one line.
 * Blanks at the end of a line are not printed.
 */
static void print_cells(const struct sheet *sheet, const char * const *cells,
			const char *strong, size_t terminal)
{
	size_t i, used = 0, length, left;
	const char *shade;

	for (i = 0; i < sheet->width; i++) {
		length = strlen(cells[i]);
		shade = is_bad(sheet->columns[i], cells[i]) ? BAD : strong;
		left = terminal > used ? terminal - used : 1;
		if (i + 1 == sheet->width && terminal && length > left)
			length = left;
		if (sheet->numbers[i])
			printf("%*s", (int)(sheet->widths[i] - length), "");
		printf("%s%.*s%s", *shade ? color(shade) : "", (int)length, cells[i],
		       *shade ? color(PLAIN) : "");
		if (i + 1 == sheet->width)
			break;
		printf("%*s", GAP + (sheet->numbers[i] ? 0 :
				     (int)(sheet->widths[i] - length)), "");
		used += sheet->widths[i] + GAP;
	}
	putchar('\n');
}

/* A table that is not of this version, or of a module with diagnose=1, may lack columns. */
static bool is_shown(const struct table *table, const char *column)
{
	return table_has(table, column) || !strcmp(column, "name") ||
	       !strcmp(column, "cause");
}

static void fill(struct sheet *sheet, const struct table *table,
		 const char * const *columns)
{
	size_t row, i;

	for (i = 0; columns[i]; i++)
		;
	sheet->columns = must(calloc(i + 1, sizeof(*sheet->columns)));
	for (i = 0; columns[i]; i++)
		if (is_shown(table, columns[i]))
			sheet->columns[sheet->width++] = columns[i];
	sheet->rows = table->rows;
	sheet->cells = must(calloc(sheet->rows * sheet->width + 1,
				   sizeof(*sheet->cells)));
	for (row = 0; row < table->rows; row++) {
		for (i = 0; i < sheet->width; i++)
			sheet_row(sheet, row)[i] = cell_text(table, row, sheet->columns[i]);
	}
}

/* The names of all columns of a table, ended by NULL. */
static const char **all_columns(const struct table *table)
{
	const char **columns = must(calloc(table->width + 1, sizeof(*columns)));

	memcpy(columns, table->columns, table->width * sizeof(*columns));
	return columns;
}

/**
 * print_table() - print a table for people
 * @table: the table
 * @columns: the columns in the order in which they are shown, ended by NULL, unless the
 *	user wants all. "name" is what the device is, and "cause" the explanation or the
 *	reason of a fault
 */
void print_table(const struct table *table, const char * const *columns)
{
	const char **all = options.wide ? all_columns(table) : NULL;
	struct sheet sheet = { 0 };
	size_t row, terminal = options.wide ? 0 : terminal_width();

	fill(&sheet, table, all ? all : columns);
	measure(&sheet);
	if (options.header && sheet.rows)
		print_cells(&sheet, sheet.columns, STRONG, terminal);
	for (row = 0; row < sheet.rows; row++)
		print_cells(&sheet, (const char * const *)sheet_row(&sheet, row), "",
			    terminal);
	for (row = 0; row < sheet.rows * sheet.width; row++)
		free(sheet.cells[row]);
	free(sheet.cells);
	free(sheet.widths);
	free(sheet.numbers);
	free(sheet.columns);
	free(all);
}

/*
 * Cells that may look like a number, but are names. Their type must not depend on the
 * value.
 */
static bool is_name(const char *column)
{
	static const char * const names[] = { "segment", "levels", "page_sizes",
					      "driver", "requesters", "histogram",
					      "driver_before", "unit:domain_id" };
	size_t i;

	for (i = 0; i < COUNT_OF(names); i++)
		if (!strcmp(column, names[i]))
			return true;
	return false;
}

/**
 * text_json() - convert a text
 * @text: the text
 *
 * Return: a JSON string. In a text that is not UTF-8, other characters than those of ASCII
 *	are replaced.
 */
json_t *text_json(const char *text)
{
	json_t *json = json_string(text);
	char *copy, *c;

	if (json)
		return json;
	copy = must(strdup(text));
	for (c = copy; *c; c++)
		if (!isascii((unsigned char)*c))
			*c = '?';
	json = must(json_string(copy));
	free(copy);
	return json;
}

/* Hexadecimal numbers may exceed 64 bits, and stay strings. */
static json_t *cell_json(const char *column, const char *cell)
{
	bool digits = !cell[strspn(cell, "0123456789")];
	json_t *json;
	char *text;

	if (!strcmp(cell, "-"))
		return json_null();
	if (!is_name(column) && digits && strlen(cell) < 19)
		return json_integer(strtoll(cell, NULL, 10));
	if (!is_name(column) && is_number(cell) && !digits)
		return json_real(strtod(cell, NULL));
	text = with_blanks(column, cell);
	json = text_json(text);
	free(text);
	return json;
}

/**
 * table_json() - convert a table
 * @table: the table
 *
 * Return: an array of objects, one for each row, whose members are named after the
 *	columns.
 */
json_t *table_json(const struct table *table)
{
	json_t *rows = must(json_array()), *object;
	size_t row, i;

	for (row = 0; row < table->rows; row++) {
		object = must(json_object());
		for (i = 0; i < table->width; i++)
			json_object_set_new(object, table->columns[i],
					    cell_json(table->columns[i],
						      table->cells[row * table->width + i]));
		json_array_append_new(rows, object);
	}
	return rows;
}

/**
 * print_json() - print JSON and free it
 * @json: what to print
 */
void print_json(json_t *json)
{
	json_dumpf(json, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(15));
	putchar('\n');
	json_decref(json);
}
