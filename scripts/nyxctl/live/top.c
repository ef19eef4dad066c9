// SPDX-License-Identifier: GPL-2.0-only
/* The command top: what units, domains and devices do now. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/output.h"
#include "commands.h"
#include "nyxctl.h"
#include "terminal.h"
#include "view.h"

#define MIN_INTERVAL 0.1
#define MAX_INTERVAL 3600.0

/**
 * struct top - what the command shows
 * @key: what rows are sorted by
 * @interval: seconds between two readings
 * @count: how many intervals are shown; 0 for any number
 * @before: the reading before the last one
 * @now: the last reading
 */
struct top {
	enum sort_key key;
	double interval;
	unsigned long count;
	struct counters before, now;
};

static int read_next(struct top *top)
{
	counters_free(&top->before);
	top->before = top->now;
	return counters_read(&top->now, RATE_TABLES);
}

static void draw(const struct top *top)
{
	struct names lines = { 0 };
	size_t height, width;
	struct rates rates;
	char *help;

	terminal_size(&height, &width);
	rates_between(&rates, &top->before, &top->now);
	/* The last line has the keys. */
	view_lines(&lines, &rates, top->key, height > 1 ? height - 1 : 1);
	help = sort_help();
	terminal_draw(&lines, help);
	free(help);
	names_free(&lines);
	rates_free(&rates);
}

/* Shows the last reading until the next one is due. Returns false if the user quits. */
static bool show_until(struct top *top, double due)
{
	enum sort_key key;
	int pressed;

	do {
		draw(top);
		pressed = terminal_key(due - clock_seconds());
		if (pressed == 'q' || pressed == 'Q' || pressed == KEY_CLOSED)
			return false;
		key = sort_key_pressed(pressed);
		if (key != SORT_KEYS)
			top->key = key;
	} while (clock_seconds() < due && !ferror(stdout));
	return true;
}

static int watch(struct top *top)
{
	int ret = terminal_begin();

	if (ret)
		return ret;
	while (show_until(top, top->now.seconds + top->interval))
		if (ferror(stdout) || read_next(top))
			break;
	terminal_end();
	return NYX_OK;
}

static void sleep_until(double due)
{
	double seconds = due - clock_seconds();
	struct timespec time;

	if (seconds <= 0)
		return;
	time.tv_sec = (time_t)seconds;
	time.tv_nsec = (long)((seconds - time.tv_sec) * 1e9);
	while (nanosleep(&time, &time))
		;
}

static void print_rates(const struct top *top, bool first)
{
	struct names lines = { 0 };
	struct rates rates;
	json_t *json;
	size_t i;

	rates_between(&rates, &top->before, &top->now);
	if (options.json) {
		json = view_json(&rates, top->key);
		json_dumpf(json, stdout, JSON_COMPACT | JSON_REAL_PRECISION(15));
		putchar('\n');
		json_decref(json);
	} else {
		view_lines(&lines, &rates, top->key, 0);
		if (!first)
			putchar('\n');
		for (i = 0; i < lines.count; i++)
			puts(lines.name[i]);
		names_free(&lines);
	}
	rates_free(&rates);
	fflush(stdout);
}

static void print_all(struct top *top)
{
	unsigned long i;

	for (i = 0; !top->count || i < top->count; i++) {
		sleep_until(top->now.seconds + top->interval);
		if (read_next(top))
			return;
		print_rates(top, !i);
		if (ferror(stdout))
			return;
	}
}

static int parse_number(const char *text, const char *option, double min, double max,
			double *number)
{
	char *end;

	*number = strtod(text, &end);
	if (end == text || *end || !(*number >= min && *number <= max))
		return fail(NYX_USAGE, "top: %s %s: use a number from %g to %g", option, text,
			    min, max);
	return NYX_OK;
}

static int parse_option(struct top *top, int option)
{
	double number;
	int ret;

	switch (option) {
	case 's':
		top->key = sort_key_named(optarg);
		if (top->key == SORT_KEYS)
			return fail(NYX_USAGE, "top: cannot sort by %s; see man nyxctl", optarg);
		return NYX_OK;
	case 'i':
		return parse_number(optarg, "--interval", MIN_INTERVAL, MAX_INTERVAL,
				    &top->interval);
	case 'c':
		ret = parse_number(optarg, "--count", 1, 1e9, &number);
		if (!ret && number != (unsigned long)number)
			return fail(NYX_USAGE, "top: --count %s: use a whole number", optarg);
		top->count = ret ? 0 : (unsigned long)number;
		return ret;
	default:
		return fail(NYX_USAGE, "top: wrong option; see nyxctl top --help");
	}
}

/**
 * cmd_top() - show what units, domains and devices do, again and again
 * @argc: number of arguments, with the command
 * @argv: the command, --sort, --interval and --count
 *
 * Return: an exit code.
 */
int cmd_top(int argc, char **argv)
{
	static const struct option longopts[] = {
		{ "sort", required_argument, NULL, 's' },
		{ "interval", required_argument, NULL, 'i' },
		{ "count", required_argument, NULL, 'c' },
		{ 0 },
	};
	struct top top = { .key = BY_MAPS, .interval = 2 };
	int c, ret = NYX_OK;

	optind = 0;
	opterr = 0;
	while ((c = getopt_long(argc, argv, "", longopts, NULL)) != -1) {
		ret = parse_option(&top, c);
		if (ret)
			return ret;
	}
	if (optind < argc)
		return fail(NYX_USAGE, "top: too many arguments; see nyxctl top --help");
	counters_read(&top.now, RATE_TABLES);
	if (!top.now.error && !options.json && !top.count && terminal_usable())
		ret = watch(&top);
	else if (!top.now.error)
		print_all(&top);
	/* A terminal has been restored, so that the message stays. */
	if (top.now.error)
		ret = counters_report(&top.now);
	counters_free(&top.before);
	counters_free(&top.now);
	return ret;
}
