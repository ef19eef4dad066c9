// SPDX-License-Identifier: GPL-2.0-only
/* The command export: metrics for Prometheus. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/safefile.h"
#include "commands.h"
#include "counters.h"
#include "metrics.h"
#include "nyxctl.h"
#include "serve.h"

/* What the last reading failed on. */
static int last_error;

/* Reports that the module is gone, or has returned, once. */
static void report_change(const struct counters *counters)
{
	if (counters->error && counters->error != last_error)
		counters_report(counters);
	else if (!counters->error && last_error)
		fail(NYX_OK, "the module's files can be read again");
	last_error = counters->error;
}

static char *read_metrics(size_t *length)
{
	struct counters counters;
	char *text;

	counters_read(&counters, ALL_TABLES);
	report_change(&counters);
	text = metrics_text(&counters, length);
	counters_free(&counters);
	return text;
}

/* Who may not read the files would export that the module is absent. */
static int check_permission(void)
{
	struct counters counters;
	int ret = NYX_OK;

	counters_read(&counters, ALL_TABLES);
	if (counters.error == -EACCES || counters.error == -EPERM)
		ret = counters_report(&counters);
	counters_free(&counters);
	return ret;
}

static int write_metrics(const char *path)
{
	char *text;
	size_t length;
	int ret = NYX_OK;

	text = read_metrics(&length);
	/*
	 * node_exporter reads the file as another user, at any time. It ignores the temporary
	 * one, whose name does not end with .prom.
	 */
	if (path)
		ret = replace_file(path, text, 0644);
	else
		fwrite(text, 1, length, stdout);
	free(text);
	return !ret && last_error ? NYX_ATTENTION : ret;
}

static int export_to(const char *address, const char *path)
{
	int ret = check_permission();

	if (ret)
		return ret;
	return address ? serve(address, read_metrics) : write_metrics(path);
}

/**
 * cmd_export() - export metrics for Prometheus
 * @argc: number of arguments, with the command
 * @argv: the command, and where they are exported to: --listen, --textfile, or nothing for
 *	the standard output
 *
 * Return: an exit code.
 */
int cmd_export(int argc, char **argv)
{
	static const struct option longopts[] = {
		{ "listen", optional_argument, NULL, 'l' },
		{ "textfile", required_argument, NULL, 't' },
		{ 0 },
	};
	const char *address = NULL, *path = NULL;
	int c;

	optind = 0;
	opterr = 0;
	while ((c = getopt_long(argc, argv, "+", longopts, NULL)) != -1) {
		if (c == 't')
			path = optarg;
		else if (c != 'l')
			return fail(NYX_USAGE,
				    "export: wrong option; see nyxctl export --help");
		else if (!optarg && optind < argc && *argv[optind] != '-')
			address = argv[optind++];
		else
			address = optarg ? optarg : "";
	}
	if (optind < argc || (address && path))
		return fail(NYX_USAGE, "export: too many arguments; see nyxctl export --help");
	if (options.json)
		return fail(NYX_USAGE, "export: there is only the format of Prometheus");
	return export_to(address, path);
}
