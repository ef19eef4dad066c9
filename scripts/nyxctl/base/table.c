// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reading tables. Each cell is a word, except for those of the last column, which may
 * contain blanks. Later versions of the module may add columns, so callers find them by
 * name, and a column that is missing has the cell "-" in each row.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nyxctl.h"
#include "table.h"

#define BLANKS " \t"

/* Ends the next word of a line with a zero byte. Returns NULL at the end of the line. */
static char *next_word(char **rest)
{
	char *word = *rest + strspn(*rest, BLANKS);
	size_t length = strcspn(word, BLANKS);

	if (!length)
		return NULL;
	*rest = word + length;
	if (**rest)
		*(*rest)++ = '\0';
	return word;
}

static char *next_line(char **rest)
{
	char *line = *rest;
	size_t length = strcspn(line, "\n");

	if (!*line)
		return NULL;
	*rest = line + length;
	if (**rest)
		*(*rest)++ = '\0';
	return line;
}

static void parse_header(struct table *table, char *line)
{
	char *word;

	while ((word = next_word(&line))) {
		table->columns = must(reallocarray(table->columns, table->width + 1,
						   sizeof(*table->columns)));
		table->columns[table->width++] = word;
	}
}

static char *last_cell(char *rest)
{
	size_t length;

	rest += strspn(rest, BLANKS);
	length = strlen(rest);
	while (length && strchr(BLANKS, rest[length - 1]))
		rest[--length] = '\0';
	return length ? rest : NULL;
}

static void parse_row(struct table *table, char *line)
{
	char **row, *cell;
	size_t i;

	table->cells = must(reallocarray(table->cells,
					 (table->rows + 1) * table->width,
					 sizeof(*table->cells)));
	row = table->cells + table->rows++ * table->width;
	for (i = 0; i < table->width; i++) {
		cell = i + 1 < table->width ? next_word(&line) : last_cell(line);
		row[i] = cell ? cell : "-";
	}
}

/**
 * table_parse() - split a text into the cells of a table
 * @table: filled in; table_free() frees it
 * @text: the text, whose first line names the columns; the table owns it afterwards
 *
 * Return: 0; -1 if no column is named.
 */
int table_parse(struct table *table, char *text)
{
	char *rest = text, *line;

	*table = (struct table){ .text = text };
	line = next_line(&rest);
	if (line)
		parse_header(table, line);
	if (!table->width)
		return -1;
	while ((line = next_line(&rest)))
		if (*line)
			parse_row(table, line);
	return 0;
}

/**
 * table_try() - read one of the module's files without reporting an error
 * @table: filled in; table_free() frees it, also after an error
 * @name: the path of the file below the module's folder in debugfs
 *
 * Return: 0, or a negative error number, which table_report() explains.
 */
int table_try(struct table *table, const char *name)
{
	char *text;
	int ret = try_debugfs(name, &text);
	bool truncated;
	size_t length;

	*table = (struct table){ 0 };
	if (ret)
		return ret;
	length = strlen(text);
	truncated = length && text[length - 1] != '\n';
	if (table_parse(table, text))
		return -EBADMSG;
	return truncated ? -ENODATA : 0;
}

/**
 * table_part() - read as much as there is of one of the module's files
 * @table: filled in; table_free() frees it, also after an error
 * @name: the path of the file below the module's folder in debugfs
 *
 * Return: as table_try(). If the file is truncated, the table has the rows before the one
 *	that is cut off; after another error it has none.
 */
int table_part(struct table *table, const char *name)
{
	int ret = table_try(table, name);

	if (ret == -ENODATA && table->rows)
		table->rows--;
	return ret;
}

/**
 * table_report() - report why one of the module's files cannot be used
 * @name: the path of the file below the module's folder in debugfs
 * @error: what table_try() returned
 *
 * Return: an exit code.
 */
int table_report(const char *name, int error)
{
	if (error == -EBADMSG)
		return fail(NYX_FAILED, "%s/%s names no columns", options.debugfs, name);
	if (error == -ENODATA)
		return fail(NYX_FAILED, "%s/%s is truncated", options.debugfs, name);
	return report_debugfs(name, error);
}

/**
 * table_read() - read one of the module's files
 * @table: filled in; table_free() frees it, also after an error
 * @name: the path of the file below the module's folder in debugfs
 *
 * Return: NYX_OK, or the exit code of an error, which has been reported.
 */
int table_read(struct table *table, const char *name)
{
	int ret = table_try(table, name);

	return ret ? table_report(name, ret) : NYX_OK;
}

/**
 * table_free() - free a table
 * @table: the table; it may be empty
 */
void table_free(struct table *table)
{
	free(table->text);
	free(table->columns);
	free(table->cells);
	*table = (struct table){ 0 };
}

/**
 * table_cell() - look up a cell
 * @table: the table
 * @row: number of the row, from 0
 * @column: name of the column
 *
 * Return: the cell, or "-" if the table has no such column. It exists until
 *	table_free().
 */
const char *table_cell(const struct table *table, size_t row, const char *column)
{
	size_t i;

	for (i = 0; i < table->width; i++)
		if (!strcmp(table->columns[i], column))
			return table->cells[row * table->width + i];
	return "-";
}

/**
 * table_has_number() - read a cell that may have a number
 * @table: the table
 * @row: number of the row, from 0
 * @column: name of the column
 * @number: set to the number; to 0 if the cell has none
 *
 * Return: true if the cell has a decimal number that is not negative and fits.
 */
bool table_has_number(const struct table *table, size_t row, const char *column,
		      unsigned long long *number)
{
	const char *cell = table_cell(table, row, column);

	*number = 0;
	errno = 0;
	if (!*cell || cell[strspn(cell, "0123456789")])
		return false;
	*number = strtoull(cell, NULL, 10);
	return !errno;
}

/**
 * table_has() - look for a column
 * @table: the table
 * @column: its name
 *
 * Return: true if the table has it.
 */
bool table_has(const struct table *table, const char *column)
{
	size_t i;

	for (i = 0; i < table->width; i++)
		if (!strcmp(table->columns[i], column))
			return true;
	return false;
}

/**
 * table_is() - compare a cell
 * @table: the table
 * @row: number of the row, from 0
 * @column: name of the column
 * @value: the expected value
 *
 * Return: true if the cell has the value.
 */
bool table_is(const struct table *table, size_t row, const char *column,
	      const char *value)
{
	return !strcmp(table_cell(table, row, column), value);
}

/**
 * table_keep() - remove the rows that do not have a value in a column
 * @table: the table
 * @column: name of the column
 * @value: the value
 */
void table_keep(struct table *table, const char *column, const char *value)
{
	size_t row, kept = 0, size = table->width * sizeof(*table->cells);

	for (row = 0; row < table->rows; row++)
		if (table_is(table, row, column, value))
			memmove(table->cells + kept++ * table->width,
				table->cells + row * table->width, size);
	table->rows = kept;
}

/**
 * table_count() - count the rows with a value
 * @table: the table
 * @column: name of the column
 * @value: the value
 *
 * Return: number of rows that have the value in the column.
 */
size_t table_count(const struct table *table, const char *column, const char *value)
{
	size_t count = 0, row;

	for (row = 0; row < table->rows; row++)
		count += table_is(table, row, column, value);
	return count;
}

/**
 * table_number() - read a number
 * @table: the table
 * @row: number of the row, from 0
 * @column: name of the column
 *
 * Return: the decimal number that the cell begins with; 0 if it begins with none.
 */
unsigned long long table_number(const struct table *table, size_t row,
				const char *column)
{
	return strtoull(table_cell(table, row, column), NULL, 10);
}

/**
 * table_sum() - add up a column
 * @table: the table
 * @column: name of the column
 *
 * Return: the sum of its numbers.
 */
unsigned long long table_sum(const struct table *table, const char *column)
{
	unsigned long long total = 0;
	size_t row;

	for (row = 0; row < table->rows; row++)
		total += table_number(table, row, column);
	return total;
}

/**
 * table_find() - find a row
 * @table: the table
 * @column: name of the column
 * @value: the value
 *
 * Return: number of the first row that has the value in the column, or -1.
 */
long table_find(const struct table *table, const char *column, const char *value)
{
	size_t row;

	for (row = 0; row < table->rows; row++)
		if (table_is(table, row, column, value))
			return row;
	return -1;
}

/*
 * Restores the names in a text: a function follows "by", and ends with an offset; a module
 * is in brackets; a reason may be a parameter of the module.
 */
static void restore_names(char *text, const char *cell)
{
	static const char * const parameters[] = { "adopt_interrupts=", "intr_entries=" };
	static const char by[] = " by ";
	char *start = strstr(text, by), *end;
	const char *name;
	size_t at, i;

	if (start) {
		at = start - text + strlen(by);
		end = strstr(text + at, "+0x");
		if (end)
			memcpy(text + at, cell + at, end - text - at);
	}
	start = strchr(text, '[');
	end = start ? strchr(start, ']') : NULL;
	if (end)
		memcpy(start, cell + (start - text), end - start);
	for (i = 0; i < COUNT_OF(parameters); i++) {
		name = strstr(cell, parameters[i]);
		if (name)
			memcpy(text + (name - cell), name, strlen(parameters[i]));
	}
}

/**
 * with_blanks() - undo the replacement of blanks
 * @column: name of the column
 * @cell: the cell
 *
 * The module writes an underscore for each blank of a text that is not in the last
 * column. Other cells may contain underscores of their own.
 *
 * Return: the text, which the caller frees.
 */
char *with_blanks(const char *column, const char *cell)
{
	static const char * const texts[] = { "vendor", "explanation", "reason" };
	char *text = must(strdup(cell)), *c;
	size_t i;

	for (i = 0; i < COUNT_OF(texts); i++) {
		if (strcmp(column, texts[i]))
			continue;
		for (c = text; *c; c++)
			if (*c == '_')
				*c = ' ';
		restore_names(text, cell);
	}
	return text;
}
