// SPDX-License-Identifier: GPL-2.0-only
/* The command snapshot: takes a snapshot, or compares two. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/output.h"
#include "base/safefile.h"
#include "base/snapfile.h"
#include "capture.h"
#include "commands.h"
#include "diff.h"
#include "nyxctl.h"

#define SHOWN 5		/* problems that are named */

static char *text_of_snapshot(const json_t *snapshot)
{
	char *text = must(json_dumps(snapshot, JSON_INDENT(1) | JSON_REAL_PRECISION(16)));
	char *with_newline = text_of("%s\n", text);

	free(text);
	return with_newline;
}

/* One line, also if each file is missing. */
static int report_problems(const struct names *problems)
{
	char *text = must(strdup("")), *longer;
	size_t i;

	for (i = 0; i < problems->count && i < SHOWN; i++) {
		longer = text_of("%s%s%s", text, i ? ", " : "", problems->name[i]);
		free(text);
		text = longer;
	}
	if (problems->count > SHOWN)
		fail(NYX_OK, "the snapshot is not complete: %s, and %zu more", text,
		     problems->count - SHOWN);
	else if (problems->count)
		fail(NYX_OK, "the snapshot is not complete: %s", text);
	free(text);
	return problems->count ? NYX_ATTENTION : NYX_OK;
}

static int write_snapshot(const json_t *snapshot, const char *path)
{
	char *text = text_of_snapshot(snapshot);
	int ret = NYX_OK;

	if (!strcmp(path, "-"))
		fputs(text, stdout);
	else
		ret = replace_file(path, text, 0600);
	free(text);
	return ret;
}

static int take(const char *path, bool page_tables)
{
	struct capture taken = { .page_tables = page_tables };
	int ret = capture(&taken);

	if (!ret)
		ret = write_snapshot(taken.snapshot, path);
	if (!ret)
		ret = report_problems(&taken.problems);
	json_decref(taken.snapshot);
	names_free(&taken.problems);
	return ret;
}

static int compare(const char *before, const char *after)
{
	struct diff diff = { 0 };
	json_t *from, *to = NULL;
	int ret;

	ret = snapshot_load(before, &from);
	if (!ret)
		ret = snapshot_load(after, &to);
	if (!ret) {
		diff_snapshots(&diff, from, to);
		if (options.json)
			print_json(diff_json(&diff, from, to));
		else
			diff_print(&diff);
		ret = diff.changes.count ? NYX_ATTENTION : NYX_OK;
	}
	diff_free(&diff);
	json_decref(from);
	json_decref(to);
	return ret;
}

/**
 * cmd_snapshot() - write what is known about the module and the machine to a file, or
 *	compare two such files
 * @argc: number of arguments, with the command
 * @argv: the command, options, and the file or files
 *
 * Return: an exit code.
 */
int cmd_snapshot(int argc, char **argv)
{
	static const struct option longopts[] = {
		{ "diff", no_argument, NULL, 'd' },
		{ "page-tables", no_argument, NULL, 'p' },
		{ 0 },
	};
	bool diff = false, page_tables = false;
	int c;

	optind = 0;
	opterr = 0;
	while ((c = getopt_long(argc, argv, "", longopts, NULL)) != -1) {
		if (c == 'd')
			diff = true;
		else if (c == 'p')
			page_tables = true;
		else
			return fail(NYX_USAGE,
				    "snapshot: wrong option; see nyxctl snapshot --help");
	}
	if (argc - optind != 1 + diff || (diff && page_tables))
		return fail(NYX_USAGE,
			    "snapshot: give a file to write, or --diff and two snapshots");
	if (diff)
		return compare(argv[optind], argv[optind + 1]);
	return take(argv[optind], page_tables);
}
