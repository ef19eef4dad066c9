/* SPDX-License-Identifier: GPL-2.0-only */
/* Printing tables for people and JSON for programs. */
#ifndef NYXCTL_OUTPUT_H
#define NYXCTL_OUTPUT_H

#include <jansson.h>

#include "table.h"

#define STRONG "\033[1m"
#define BAD "\033[31m"
#define PLAIN "\033[0m"

void print_table(const struct table *table, const char * const *columns);
json_t *text_json(const char *text);
void print_json(json_t *json);
json_t *table_json(const struct table *table);
const char *color(const char *sequence);
char *size_in_words(unsigned long long bytes);
const char *plural(unsigned long long n);

#endif
