/* SPDX-License-Identifier: GPL-2.0-only */
/* The tables in the module's files. */
#ifndef NYXCTL_TABLE_H
#define NYXCTL_TABLE_H

#include <stdbool.h>
#include <stddef.h>

/**
 * struct table - a file whose first line names the columns
 * @text: the content, with a zero byte after each cell
 * @columns: the names
 * @width: number of columns
 * @cells: all cells, row by row
 * @rows: number of rows
 */
struct table {
	char *text;
	char **columns;
	size_t width;
	char **cells;
	size_t rows;
};

int table_parse(struct table *table, char *text);
int table_report(const char *name, int error);
int table_read(struct table *table, const char *name);
int table_try(struct table *table, const char *name);
int table_part(struct table *table, const char *name);
void table_free(struct table *table);
const char *table_cell(const struct table *table, size_t row, const char *column);
bool table_has_number(const struct table *table, size_t row, const char *column,
		      unsigned long long *number);
bool table_has(const struct table *table, const char *column);
bool table_is(const struct table *table, size_t row, const char *column,
	      const char *value);
void table_keep(struct table *table, const char *column, const char *value);
size_t table_count(const struct table *table, const char *column, const char *value);
unsigned long long table_number(const struct table *table, size_t row,
				const char *column);
unsigned long long table_sum(const struct table *table, const char *column);
long table_find(const struct table *table, const char *column, const char *value);
char *with_blanks(const char *column, const char *cell);

#endif
