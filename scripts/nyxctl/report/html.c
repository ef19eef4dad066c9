// SPDX-License-Identifier: GPL-2.0-only
/*
 * A report as an HTML page, which needs nothing else: neither scripts, nor fonts, nor other
 * files. It is well-formed XML, too.
 *
 * The names of devices and drivers may come from a hostile device, so each text is escaped,
 * and the page forbids what it does not need.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/output.h"
#include "base/wallclock.h"
#include "nyxctl.h"
#include "report.h"

static const char head[] =
	"<!DOCTYPE html>\n"
	"<html lang=\"en\" xmlns=\"http://www.w3.org/1999/xhtml\">\n"
	"<head>\n"
	"<meta charset=\"utf-8\"/>\n"
	"<meta http-equiv=\"Content-Security-Policy\""
	" content=\"default-src 'none'; style-src 'unsafe-inline'\"/>\n"
	"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
	"<meta name=\"color-scheme\" content=\"light dark\"/>\n"
	"<title>Report of Nyx</title>\n"
	"<style>\n"
	":root { color-scheme: light dark; --page: #f6f6f4; --card: #fcfcfb; --text: #1c1c1a;\n"
	"  --soft: #5f5e5a; --line: #dddcd7; --bar: #2a78d6; --bad: #b3261e; }\n"
	"@media (prefers-color-scheme: dark) {\n"
	"  :root { --page: #121211; --card: #1c1c1a; --text: #f2f1ed; --soft: #a9a8a2;\n"
	"    --line: #3a3936; --bar: #3987e5; --bad: #f2887f; }\n"
	"}\n"
	"body { margin: 0 auto; max-width: 72rem; padding: 1.5rem 1rem; background: var(--page);\n"
	"  color: var(--text); font: 15px/1.45 system-ui, sans-serif; }\n"
	"h1 { font-size: 1.5rem; margin: 0; }\n"
	"h2 { font-size: 1.05rem; margin: 0 0 .6rem; }\n"
	"p { color: var(--soft); margin: .2rem 0; }\n"
	"section { background: var(--card); border: 1px solid var(--line); border-radius: 8px;\n"
	"  margin-top: 1rem; padding: 1rem; }\n"
	"div { overflow-x: auto; }\n"
	"table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }\n"
	"th, td { border-bottom: 1px solid var(--line); padding: .3rem .8rem .3rem 0;\n"
	"  text-align: left; vertical-align: top; overflow-wrap: anywhere; }\n"
	"th { color: var(--soft); font-weight: 500; white-space: nowrap; }\n"
	"tr:last-child td { border-bottom: 0; }\n"
	".number { text-align: right; white-space: nowrap; }\n"
	".number:last-child { padding-right: 0; }\n"
	".whole { white-space: nowrap; }\n"
	".bad { color: var(--bad); font-weight: 600; }\n"
	"details { margin-top: .6rem; }\n"
	"summary { color: var(--soft); cursor: pointer; }\n"
	"svg { display: block; margin: .2rem 0 .8rem; max-width: 100%; }\n"
	"svg text { fill: var(--text); dominant-baseline: middle;\n"
	"  font: 12px system-ui, sans-serif; }\n"
	"svg .label { fill: var(--soft); text-anchor: end; }\n"
	"svg .tick { fill: var(--soft); text-anchor: middle; }\n"
	".bar { fill: var(--bar); }\n"
	".axis { stroke: var(--soft); }\n"
	".grid { stroke: var(--line); }\n"
	"@media print { section { break-inside: avoid; } }\n"
	"</style>\n"
	"</head>\n"
	"<body>\n";

/* Whether a character may be in XML: no control character, and neither U+FFFE nor U+FFFF. */
static bool is_allowed(const char *c)
{
	unsigned char first = *c;

	if (first == 0xef)
		return strncmp(c, "\xef\xbf\xbe", 3) && strncmp(c, "\xef\xbf\xbf", 3);
	return first >= ' ' || first == '\t' || first == '\n';
}

/**
 * escaped() - make a text part of a page
 * @text: the text
 *
 * Return: the text, in UTF-8, with what has a meaning in HTML replaced. The caller frees it.
 */
char *escaped(const char *text)
{
	/* JSON has valid UTF-8. */
	json_t *json = text_json(text);
	const char *c;
	char *result;
	size_t size;
	FILE *stream = must(open_memstream(&result, &size));

	for (c = json_string_value(json); *c; c++) {
		switch (*c) {
		case '&':
			fputs("&amp;", stream);
			break;
		case '<':
			fputs("&lt;", stream);
			break;
		case '>':
			fputs("&gt;", stream);
			break;
		case '"':
			fputs("&quot;", stream);
			break;
		case '\'':
			fputs("&#39;", stream);
			break;
		default:
			if (is_allowed(c)) {
				fputc(*c, stream);
			} else {
				fputc('?', stream);
				c += *c == '\xef' ? 2 : 0;
			}
		}
	}
	fclose(stream);
	json_decref(json);
	return must(result);
}

static bool is_number(const char *cell)
{
	return *cell && !cell[strspn(cell, "0123456789.")];
}

/* A column is aligned like numbers if all its cells are numbers. */
static bool has_numbers(const struct table *table, size_t column)
{
	size_t row;

	for (row = 0; row < table->rows; row++)
		if (!is_number(table->cells[row * table->width + column]))
			return false;
	return true;
}

static void print_cell(const struct table *table, size_t row, size_t column, bool number)
{
	const char *name = table->columns[column];
	const char *cell = table->cells[row * table->width + column];
	const char *class = "";
	char *text;

	if (number)
		class = " class=\"number\"";
	else if (!strcmp(cell, "ongoing") || !strcmp(cell, "attention"))
		class = " class=\"bad\"";
	else if (strcmp(name, "cause") && strcmp(name, "change"))
		class = " class=\"whole\"";
	if (!strcmp(name, "mapped_bytes"))
		text = size_in_words(strtoull(cell, NULL, 10));
	else
		text = escaped(cell);
	printf("<td%s>%s</td>", class, text);
	free(text);
}

static void print_rows(const struct table *table)
{
	bool *numbers = must(calloc(table->width, sizeof(*numbers)));
	size_t row, i;

	puts("<div><table>\n<thead><tr>");
	for (i = 0; i < table->width; i++) {
		numbers[i] = has_numbers(table, i);
		printf("<th%s>%s</th>", numbers[i] ? " class=\"number\"" : "",
		       table->columns[i]);
	}
	puts("</tr></thead>\n<tbody>");
	for (row = 0; row < table->rows; row++) {
		printf("<tr>");
		for (i = 0; i < table->width; i++)
			print_cell(table, row, i, numbers[i]);
		puts("</tr>");
	}
	puts("</tbody></table></div>");
	free(numbers);
}

/* What the picture shows is folded away, if it is only that. */
static void print_section(const struct section *section)
{
	struct table table = section_table(section);
	bool folded = section->chart == COLUMNS_OF_TIME;

	printf("<section id=\"%s\">\n<h2>%s</h2>\n", section->name, section->title);
	if (!table.rows) {
		printf("<p>%s</p>\n", section->empty);
	} else {
		if (section->chart != NO_CHART)
			draw_chart(section);
		if (folded)
			puts("<details><summary>as a table</summary>");
		print_rows(&table);
		if (folded)
			puts("</details>");
	}
	puts("</section>");
}

/**
 * report_html() - print a report as an HTML page
 * @report: the report
 */
void report_html(const struct report *report)
{
	char *begin = time_in_words(report->begin), *end = time_in_words(report->end);
	size_t i;

	fputs(head, stdout);
	puts("<h1>Report of Nyx</h1>");
	if (report->begin)
		printf("<p>%s to %s</p>\n", begin, end);
	for (i = 0; i < SECTIONS; i++)
		print_section(&report->section[i]);
	puts("</body>\n</html>");
	free(begin);
	free(end);
}
