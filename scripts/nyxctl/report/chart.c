// SPDX-License-Identifier: GPL-2.0-only
/*
 * Charts of a report: pictures in SVG, which the page contains. Their colours are those of
 * the page.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/output.h"
#include "nyxctl.h"
#include "report.h"

#define WIDTH 720		/* of a chart, in units of the picture */
#define LABELS 190		/* width of the names of bars */
#define VALUES 90		/* width of the values after bars */
#define LINE 26			/* height of a bar with the space around it */
#define THICK 16		/* height of a bar */
#define LETTERS 28		/* letters of a name that fit */
#define TALL 150		/* height of the columns */
#define TOP 20			/* above them */
#define BOTTOM 24		/* below them */
#define LEFT 40			/* left of them */
#define TICKS 6			/* labels below columns */
#define WIDEST 40		/* of a column */
#define HOUR_AT 11		/* place of the hour in a time */
#define HOUR_LENGTH 5
#define DATE_LENGTH 10

static unsigned long long value_of(const struct table *table, size_t row,
				   const struct section *section)
{
	return strtoull(table_cell(table, row, section->value), NULL, 10);
}

static unsigned long long largest_of(const struct table *table, const struct section *section)
{
	unsigned long long largest = 1, value;
	size_t row;

	for (row = 0; row < table->rows; row++) {
		value = value_of(table, row, section);
		if (value > largest)
			largest = value;
	}
	return largest;
}

/* What people see. The caller frees it. */
static char *value_text(const struct section *section, unsigned long long value)
{
	if (!strcmp(section->value, "mapped_bytes"))
		return size_in_words(value);
	return text_of("%llu", value);
}

static void begin_picture(const struct section *section, int height)
{
	printf("<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">\n", WIDTH, height,
	       section->title);
}

/* The names of bars are cut off at the end of a whole letter of UTF-8. */
static char *short_label(const char *label)
{
	size_t bytes = 0, letters = 0;

	for (; label[bytes] && letters < LETTERS; letters++)
		do
			bytes++;
		while ((label[bytes] & 0xc0) == 0x80);
	return text_of("%.*s%s", (int)bytes, label, label[bytes] ? "…" : "");
}

static void draw_bar(const struct section *section, const struct table *table, size_t row,
		     double scale)
{
	const char *cell = table_cell(table, row, section->label);
	unsigned long long value = value_of(table, row, section);
	char *cut = short_label(cell), *label = escaped(cut), *whole = escaped(cell);
	char *text = value_text(section, value);
	int y = row * LINE, middle = y + LINE / 2;
	double length = value * scale;

	printf("<g><title>%s: %s</title>\n", whole, text);
	printf("<text class=\"label\" x=\"%d\" y=\"%d\">%s</text>\n", LABELS - 8, middle, label);
	printf("<rect class=\"bar\" data-value=\"%llu\" x=\"%d\" y=\"%d\" width=\"%.2f\""
	       " height=\"%d\" rx=\"2\"/>\n",
	       value, LABELS, y + (LINE - THICK) / 2, length, THICK);
	printf("<text x=\"%.2f\" y=\"%d\">%s</text></g>\n", LABELS + length + 6, middle, text);
	free(text);
	free(whole);
	free(label);
	free(cut);
}

static void draw_bars(const struct section *section, const struct table *table)
{
	double scale = (double)(WIDTH - LABELS - VALUES) / largest_of(table, section);
	size_t row;

	begin_picture(section, table->rows * LINE);
	printf("<line class=\"axis\" x1=\"%d\" y1=\"0\" x2=\"%d\" y2=\"%zu\"/>\n", LABELS,
	       LABELS, table->rows * LINE);
	for (row = 0; row < table->rows; row++)
		draw_bar(section, table, row, scale);
	puts("</svg>");
}

static void draw_column(const struct section *section, const struct table *table, size_t row,
			double step, double scale)
{
	unsigned long long value = value_of(table, row, section);
	char *label = escaped(table_cell(table, row, section->label));
	double gap = step > 4 ? 2 : step / 4, height = value * scale;
	double width = step - gap > WIDEST ? WIDEST : step - gap;

	printf("<g><title>%s: %llu</title>", label, value);
	printf("<rect class=\"bar\" data-value=\"%llu\" x=\"%.2f\" y=\"%.2f\""
	       " width=\"%.2f\" height=\"%.2f\"/>",
	       value, LEFT + row * step + (step - width) / 2, TOP + TALL - height, width, height);
	puts("</g>");
	free(label);
}

/* The hour of a part of a day, or the date of a day. */
static void draw_tick(const struct section *section, const struct table *table, size_t row,
		      double x, bool days)
{
	const char *cell = table_cell(table, row, section->label);
	bool hour = !days && strlen(cell) > HOUR_AT + HOUR_LENGTH;
	char *text = text_of("%.*s", hour ? HOUR_LENGTH : DATE_LENGTH,
			     hour ? cell + HOUR_AT : cell);
	char *label = escaped(text);

	printf("<text class=\"tick\" x=\"%.2f\" y=\"%d\">%s</text>\n", x, TOP + TALL + BOTTOM / 2,
	       label);
	free(label);
	free(text);
}

/* The label of two columns that follow each other has the same hour if they are days. */
static bool has_days(const struct section *section, const struct table *table)
{
	const char *a, *b;

	if (table->rows < 2)
		return false;
	a = table_cell(table, 0, section->label);
	b = table_cell(table, 1, section->label);
	return strlen(a) > HOUR_AT && strlen(b) > HOUR_AT && !strcmp(a + HOUR_AT, b + HOUR_AT);
}

static void draw_columns(const struct section *section, const struct table *table)
{
	unsigned long long largest = largest_of(table, section);
	double step = (double)(WIDTH - LEFT) / table->rows;
	size_t row, every = (table->rows + TICKS - 1) / TICKS;
	bool days = has_days(section, table);

	begin_picture(section, TOP + TALL + BOTTOM);
	printf("<line class=\"grid\" x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>\n", LEFT, TOP,
	       WIDTH, TOP);
	printf("<text class=\"label\" x=\"%d\" y=\"%d\">%llu</text>\n", LEFT - 8, TOP, largest);
	printf("<text class=\"label\" x=\"%d\" y=\"%d\">0</text>\n", LEFT - 8, TOP + TALL);
	for (row = 0; row < table->rows; row++)
		draw_column(section, table, row, step, (double)TALL / largest);
	printf("<line class=\"axis\" x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>\n", LEFT,
	       TOP + TALL, WIDTH, TOP + TALL);
	for (row = 0; row < table->rows; row += every)
		draw_tick(section, table, row, LEFT + (row + 0.5) * step, days);
	puts("</svg>");
}

/**
 * draw_chart() - print the chart of a section
 * @section: the section, with rows
 */
void draw_chart(const struct section *section)
{
	struct table table = section_table(section);

	if (section->chart == BARS)
		draw_bars(section, &table);
	else if (section->chart == COLUMNS_OF_TIME)
		draw_columns(section, &table);
}
