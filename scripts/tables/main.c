// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs the module's parsers of firmware tables in user space: on files, or on
 * the tables that the KUnit suites write. Each table is also parsed cut off at
 * each byte, and in broken copies. scripts/tables.sh compiles this program so
 * that a read outside of a table, or of freed memory, ends it.
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sanitizer/common_interface_defs.h>

#include "firmware/fw_mutate.h"
#include "tables.h"

/* Findings that are shown; the parser reports no more, and one refusal. */
#define MAX_LINES	17
/* Seconds for one table with all its copies. */
#define MAX_TIME	60
/* Larger files are no tables; larger tables have no broken copies. */
#define MAX_FILE	(2 << 20)
#define MAX_MUTANT	(FW_BYTES_MAX / 2)

/**
 * struct run - options and results of the program
 * @mutants: number of broken copies of each table
 * @seed: seed of the first
 * @tables: tables so far
 * @refused: tables that the parser refused
 * @noted: tables that were accepted with findings
 * @failed: tables for which the parser did something wrong
 * @copies: broken copies so far
 * @refused_copies: broken copies that the parser refused
 * @skipped: files that are neither DMAR nor IVRS tables
 */
struct run {
	unsigned long mutants;
	unsigned long seed;
	unsigned long tables;
	unsigned long refused;
	unsigned long noted;
	unsigned long failed;
	unsigned long copies;
	unsigned long refused_copies;
	unsigned long skipped;
};

/**
 * struct findings - findings of one call of a parser, as text
 * @outcome: what the suites check
 * @nr: number of @line
 * @line: as the kernel log would show them
 */
struct findings {
	struct fw_outcome outcome;
	unsigned int nr;
	char line[MAX_LINES][160];
};

/* The table and its variant, for the report of a sanitizer or a hang. */
static const char *current_name = "no table";
static const char *current_variant = "";
static unsigned long current_number;

static void tell_current(void)
{
	char line[512];
	int len;

	len = snprintf(line, sizeof(line), "not ok %s: stopped at %s %lu\n",
		       current_name, current_variant, current_number);
	if (write(STDOUT_FILENO, line, len) != len)
		_exit(3);
}

static void hangs(int sig)
{
	tell_current();
	_exit(3);
}

void add_item(struct fw_bytes *t, u32 at)
{
	if (t->nr_item < FW_BYTES_PLACES)
		t->item[t->nr_item++] = at;
}

static void take_finding(const struct nyx_fw_note *note, void *arg)
{
	struct findings *f = arg;

	fw_outcome_note(note, &f->outcome);
	if (f->nr < MAX_LINES)
		nyx_fw_note_text(note, f->line[f->nr++], sizeof(f->line[0]));
}

static void *allocate(size_t size)
{
	void *mem = calloc(1, size ?: 1);

	if (!mem) {
		fprintf(stderr, "out of memory\n");
		exit(2);
	}
	return mem;
}

/*
 * Parses a copy of the table that ends where its memory ends, and that is freed
 * before the result is used. @out, if not NULL, gets a description. Returns a
 * description of the error, or NULL.
 */
static const char *parse(const struct format *format, const u8 *bytes, u32 len,
			 struct findings *f, int *ret, FILE *out)
{
	const struct fw_parser *parser = format->parser;
	void *result = allocate(parser->size);
	u8 *table = allocate(len);
	const char *wrong;

	memcpy(table, bytes, len);
	f->nr = 0;
	f->outcome = (struct fw_outcome) { .parser = parser, .len = len };
	*ret = parser->parse(table, len, result, take_finding, f);
	free(table);
	wrong = fw_outcome_check(&f->outcome, *ret, result);
	if (out && !*ret)
		format->describe(out, result);
	parser->free(result);
	free(result);
	return wrong;
}

/* Finds the structures of a table; false if it cannot be mutated. */
static bool find_places(const struct format *format, struct fw_bytes *t,
			const u8 *bytes, u32 len)
{
	u32 at, size;

	if (len <= 48 || len > MAX_MUTANT)
		return false;
	memset(t, 0, sizeof(*t));
	memcpy(t->b, bytes, len);
	t->len = len;
	for (at = 48; at + 4 <= len; at += size) {
		size = t->b[at + 2] | t->b[at + 3] << 8;
		if (size < 4 || size > len - at ||
		    t->nr_entry == FW_BYTES_PLACES)
			break;
		t->entry[t->nr_entry++] = at;
		format->find_items(t, at, size);
	}
	return t->nr_entry;
}

/* Parses the table cut off at each byte, with the old and the new length. */
static const char *parse_cut(const struct format *format, const u8 *bytes,
			     u32 len, struct findings *f)
{
	u8 *copy = allocate(len);
	const char *wrong = NULL;
	u32 cut;
	int ret;

	current_variant = "length";
	for (cut = 1; cut < len && cut <= MAX_MUTANT && !wrong; cut++) {
		current_number = cut;
		memcpy(copy, bytes, len);
		wrong = parse(format, copy, cut, f, &ret, NULL);
		if (wrong || cut < 8)
			continue;
		memcpy(copy + 4, &cut, 4);
		wrong = parse(format, copy, cut, f, &ret, NULL);
	}
	free(copy);
	return wrong;
}

static const char *parse_mutants(struct run *run, const struct format *format,
				 const u8 *bytes, u32 len, struct findings *f)
{
	/* The last is the table; pieces of the others are put into it. */
	static struct fw_bytes good[2];
	static struct fw_mutator m;
	const char *wrong = NULL;
	unsigned long i;
	int ret;

	if (!find_places(format, &good[1], bytes, len))
		return NULL;
	format->write[2](&good[0]);
	m.parser = format->parser;
	m.good = good;
	m.nr_good = 2;
	current_variant = "broken copy";
	for (i = 0; i < run->mutants && !wrong; i++) {
		current_number = run->seed + i;
		prandom_seed_state(&m.rnd, run->seed + i);
		fw_mutate(&m);
		wrong = parse(format, m.t.b, m.t.len, f, &ret, NULL);
		run->copies++;
		run->refused_copies += ret ? 1 : 0;
	}
	return wrong;
}

static void run_table(struct run *run, const struct format *format,
		      const char *name, const u8 *bytes, u32 len)
{
	static struct findings f, copy;
	const char *wrong;
	char *text = NULL;
	unsigned int i;
	size_t size;
	FILE *out;
	int ret;

	current_name = name;
	current_variant = "the table itself";
	current_number = 0;
	alarm(MAX_TIME);
	out = open_memstream(&text, &size);
	if (!out)
		exit(2);
	wrong = parse(format, bytes, len, &f, &ret, out);
	fclose(out);
	current_number = 0;
	if (!wrong && run->mutants)
		wrong = parse_cut(format, bytes, len, &copy) ?:
			parse_mutants(run, format, bytes, len, &copy);
	alarm(0);

	run->tables++;
	run->refused += ret ? 1 : 0;
	run->noted += !ret && f.nr;
	run->failed += wrong ? 1 : 0;
	if (wrong)
		printf("not ok %s: %s %lu: %s\n", name, current_variant,
		       current_number, wrong);
	else
		printf("ok %s: %s of %u bytes: %s\n", name,
		       format->parser->name, len, ret ? "refused" : text);
	free(text);
	for (i = 0; i < f.nr; i++)
		printf("  %s\n", f.line[i]);
}

static void run_file(struct run *run, const char *name)
{
	u8 *bytes = allocate(MAX_FILE);
	const struct format *format = NULL;
	FILE *file = fopen(name, "rb");
	size_t len;

	if (!file) {
		fprintf(stderr, "%s: %s\n", name, strerror(errno));
		exit(2);
	}
	len = fread(bytes, 1, MAX_FILE, file);
	fclose(file);
	if (len >= 4 && !memcmp(bytes, "DMAR", 4))
		format = &dmar_format;
	else if (len >= 4 && !memcmp(bytes, "IVRS", 4))
		format = &ivrs_format;
	if (format)
		run_table(run, format, name, bytes, len);
	else
		run->skipped++;
	free(bytes);
}

/* The tables that the KUnit suites write. */
static void run_written(struct run *run, const struct format *format)
{
	static struct fw_bytes t;
	char name[32];
	int i;

	for (i = 0; format->write[i]; i++) {
		format->write[i](&t);
		snprintf(name, sizeof(name), "written-%d.%s", i + 1,
			 format->parser->name);
		run_table(run, format, name, t.b, t.len);
	}
}

static void print_sum(const struct run *run)
{
	printf("%lu tables: %lu refused, %lu accepted, %lu of these with findings\n",
	       run->tables, run->refused, run->tables - run->refused,
	       run->noted);
	printf("%lu broken copies: %lu refused, from seed %lu on\n",
	       run->copies, run->refused_copies, run->seed);
	if (run->skipped)
		printf("%lu files are neither DMAR nor IVRS tables\n",
		       run->skipped);
	printf("%lu passed, %lu failed\n", run->tables - run->failed,
	       run->failed);
}

static int refuse_options(void)
{
	fprintf(stderr, "usage: tables [--mutants N] [--seed N] [--written] [FILE...]\n");
	return 2;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "mutants", required_argument, NULL, 'm' },
		{ "seed", required_argument, NULL, 's' },
		{ "written", no_argument, NULL, 'w' },
		{ }
	};
	struct run run = { };
	int option;

	setvbuf(stdout, NULL, _IOLBF, 0);
	signal(SIGALRM, hangs);
	__sanitizer_set_death_callback(tell_current);
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 'm':
			run.mutants = strtoul(optarg, NULL, 0);
			break;
		case 's':
			run.seed = strtoul(optarg, NULL, 0);
			break;
		case 'w':
			run_written(&run, &dmar_format);
			run_written(&run, &ivrs_format);
			break;
		default:
			return refuse_options();
		}
	}
	for (; optind < argc; optind++)
		run_file(&run, argv[optind]);
	print_sum(&run);
	return run.failed || !run.tables;
}
