// SPDX-License-Identifier: GPL-2.0-only
/* nyxctl: shows what nyx_iommu.ko knows, and controls it. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../drivers/iommu/nyx/version.h"
#include "base/names.h"
#include "base/snapfile.h"
#include "commands.h"
#include "nyxctl.h"

#define DEBUGFS "/sys/kernel/debug/nyx"

struct options options = {
	.header = true,
	.debugfs = DEBUGFS,
	.sysfs = "/sys",
	.procfs = "/proc",
};

/* The snapshot that is shown instead of the module; NULL without one. */
static const char *snapshot_path;

/**
 * struct command - a command
 * @name: its name
 * @arguments: the arguments that it takes, for --help
 * @min: least number of arguments
 * @max: largest number of arguments; -1 for any number
 * @run: carries it out
 * @help: what it does, for --help
 */
struct command {
	const char *name;
	const char *arguments;
	int min, max;
	int (*run)(int argc, char **argv);
	const char *help;
};

static const struct command commands[] = {
	{ "status", "", 0, 0, cmd_status,
	  "the state on one screen, and what needs attention" },
	{ "check", "", 0, 0, cmd_check,
	  "whether the module can be used on this machine, before it is loaded" },
	{ "doctor", "", 0, 0, cmd_doctor,
	  "what is wrong with the module that is loaded, and what to do about it" },
	{ "firmware", "[FILE|--live]", 0, 1, cmd_firmware,
	  "a DMAR or IVRS table, what is wrong in it, and what the module would do with it" },
	{ "units", "", 0, 0, cmd_show, "remapping units" },
	{ "devices", "[DEVICE]", 0, 1, cmd_show, "devices below the units" },
	{ "domains", "", 0, 0, cmd_show, "paging domains" },
	{ "interrupts", "[DEVICE]", 0, 1, cmd_show,
	  "interrupts that are remapped, and those that are not" },
	{ "faults", "[--follow] [DEVICE]", 0, 2, cmd_faults,
	  "recent faults; --follow prints new ones as they arrive" },
	{ "explain", "[FAULT]", 0, 1, cmd_explain,
	  "a fault in plain words, by its number in faults (default: the last one)" },
	{ "quarantine", "[DEVICE]", 0, 1, cmd_show,
	  "when and why devices were cut off" },
	{ "top", "[--sort KEY] [--interval SECONDS] [--count N]", 0, -1, cmd_top,
	  "what units, domains and devices do now, again and again" },
	{ "export", "[--listen [[ADDRESS:]PORT] | --textfile FILE]", 0, -1, cmd_export,
	  "metrics for Prometheus: once, over HTTP, or in a file for node_exporter" },
	{ "assign", "[--force] [--yes] [--print FORMAT] DEVICE...", 1, -1, cmd_assign,
	  "give devices, with their groups, to a virtual machine, and print its lines" },
	{ "release", "DEVICE...", 1, -1, cmd_release,
	  "return assigned devices, with their groups, to their drivers" },
	{ "list", "", 0, 0, cmd_list,
	  "devices that are assigned, and which process has them" },
	{ "disable", "DEVICE...", 1, -1, cmd_disable,
	  "cut devices off until they are reset" },
	{ "reset", "DEVICE...", 1, -1, cmd_reset,
	  "make devices work again that are cut off or isolated" },
	{ "policy", "[get [DEVICE] | set DEVICE WORD...]", 0, -1, cmd_policy,
	  "when devices are cut off because of their faults" },
	{ "forensics", "[on|hunt|off [DEVICE...]]", 0, -1, cmd_forensics,
	  "for which devices maps and unmaps are recorded (default: all)" },
	{ "snapshot", "[--page-tables] FILE | --diff FILE FILE", 1, 3, cmd_snapshot,
	  "write the state to a file (- for stdout), or compare two such files" },
	{ "report", "[--html] [--since HOURS] [SNAPSHOT...]", 0, -1, cmd_report,
	  "faults, quarantines, top users and changes of a day, or of snapshots" },
};

/* The commands that can show a snapshot. */
static const char * const showing[] = { "status", "units", "devices", "domains",
					"interrupts", "faults", "explain", "quarantine",
					"policy", "forensics" };

/* Options and words of commands, for --help after the command. */
static const struct {
	const char *command;
	const char *text;
} details[] = {
	{ "top",
	  "KEY is maps, unmaps, bytes, mapped, faults, flushes, waits or device.\n" },
	{ "assign",
	  "--force assigns devices that the machine uses, too. --yes does not ask.\n"
	  "FORMAT is qemu, libvirt or cloud-hypervisor.\n" },
	{ "policy",
	  "Words: max_faults=N and window=SECONDS, the faults that are accepted in that time;\n"
	  "action=quarantine or action=log; vfio_action, the same while VFIO has the device;\n"
	  "scope=device or scope=domain. Those that are not given stay as they are.\n" },
	{ "forensics",
	  "hunt also completes each unmap at once, so that a use after it is a fault.\n" },
};

#define COMMANDS COUNT_OF(commands)

static void usage(FILE *file)
{
	size_t i;

	fputs("Usage: nyxctl [OPTION...] COMMAND [ARGUMENT...]\n\n"
	      "Shows what the module nyx_iommu knows, and controls it. Most commands need root.\n\n",
	      file);
	for (i = 0; i < COMMANDS; i++)
		fprintf(file, "  %s%s%s\n      %s\n", commands[i].name,
			*commands[i].arguments ? " " : "", commands[i].arguments,
			commands[i].help);
	fputs("\nOptions:\n"
	      "  --json         print JSON, with all columns; numbers are numbers, and - is null\n"
	      "  --no-header    print neither names of columns nor the line with totals\n"
	      "  --wide         print all columns\n"
	      "  --color=WHEN   always, never, or auto: on a terminal (the default)\n"
	      "  --snapshot=FILE\n"
	      "                 show what is in FILE, which nyxctl snapshot has written\n"
	      "  --debugfs=DIR  read the files in DIR, such as a copy in a report, instead of\n"
	      "                 /sys/kernel/debug/nyx\n"
	      "  --sysfs=DIR    where sysfs is, instead of /sys\n"
	      "  --procfs=DIR   where procfs is, instead of /proc\n"
	      "  --version      print the version of nyxctl\n"
	      "  --help         print this, or what a command does\n\n"
	      "Exit codes: 0 done, 1 done but something needs attention, 2 wrong arguments,\n"
	      "3 the module is not loaded, 4 needs root or the kernel is locked down,\n"
	      "5 the module refused it, or a step failed.\n", file);
}

static const struct command *find_command(const char *name)
{
	size_t i;

	for (i = 0; i < COMMANDS; i++)
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	return NULL;
}

static void explain_command(const struct command *command)
{
	size_t i;

	printf("Usage: nyxctl %s%s%s\n\n%s: %s.\n", command->name,
	       *command->arguments ? " " : "", command->arguments, command->name,
	       command->help);
	for (i = 0; i < COUNT_OF(details); i++)
		if (!strcmp(details[i].command, command->name))
			fputs(details[i].text, stdout);
}

static int run(const struct command *command, int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++)
		if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h")) {
			explain_command(command);
			return NYX_OK;
		}
	if (argc - 1 < command->min || (command->max >= 0 && argc - 1 > command->max))
		return fail(NYX_USAGE, "usage: nyxctl %s%s%s", command->name,
			    *command->arguments ? " " : "", command->arguments);
	return command->run(argc, argv);
}

static bool wants_color(const char *when)
{
	if (!strcmp(when, "auto"))
		return isatty(STDOUT_FILENO) && !getenv("NO_COLOR");
	return !strcmp(when, "always");
}

/* Shows a snapshot instead of the module. Returns an exit code. */
static int show_snapshot(const struct command *command, int argc, char **argv)
{
	json_t *snapshot;
	bool shows = false;
	size_t i;
	int ret;

	for (i = 0; i < COUNT_OF(showing); i++)
		if (!strcmp(showing[i], command->name))
			shows = true;
	if (!shows && !strcmp(command->name, "report"))
		return fail(NYX_USAGE, "report takes snapshots as arguments: nyxctl report %s",
			    snapshot_path);
	if (!shows)
		return fail(NYX_USAGE, "%s cannot be used with --snapshot", command->name);
	ret = snapshot_load(snapshot_path, &snapshot);
	if (ret)
		return ret;
	snapshot_use(snapshot, snapshot_path);
	ret = run(command, argc, argv);
	snapshot_use(NULL, NULL);
	json_decref(snapshot);
	return ret;
}

static int parse_options(int argc, char **argv)
{
	static const struct option longopts[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "no-header", no_argument, NULL, 'n' },
		{ "wide", no_argument, NULL, 'w' },
		{ "color", required_argument, NULL, 'c' },
		{ "snapshot", required_argument, NULL, 'S' },
		{ "debugfs", required_argument, NULL, 'd' },
		{ "sysfs", required_argument, NULL, 's' },
		{ "procfs", required_argument, NULL, 'p' },
		{ "version", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	const char *when = "auto", *sysfs = NULL;
	int c;

	opterr = 0;
	/* Options after the command belong to the command. */
	while ((c = getopt_long(argc, argv, "+h", longopts, NULL)) != -1) {
		switch (c) {
		case 'j':
			options.json = true;
			break;
		case 'n':
			options.header = false;
			break;
		case 'w':
			options.wide = true;
			break;
		case 'c':
			when = optarg;
			break;
		case 'S':
			snapshot_path = optarg;
			break;
		case 'd':
			options.debugfs = optarg;
			break;
		case 's':
			sysfs = optarg;
			break;
		case 'p':
			options.procfs = optarg;
			break;
		case 'v':
			puts("nyxctl " NYX_VERSION);
			exit(NYX_OK);
		case 'h':
			usage(stdout);
			exit(NYX_OK);
		default:
			return fail(NYX_USAGE, "wrong option %s; see nyxctl --help",
				    argv[optind - 1]);
		}
	}
	if (strcmp(when, "auto") && strcmp(when, "always") && strcmp(when, "never"))
		return fail(NYX_USAGE, "--color=%s: use auto, always or never", when);
	/* The files of a report are of another machine than /sys. */
	if (sysfs)
		options.sysfs = sysfs;
	else if (strcmp(options.debugfs, DEBUGFS))
		options.sysfs = NO_SYSFS;
	options.color = wants_color(when);
	return NYX_OK;
}

int main(int argc, char **argv)
{
	const struct command *command;
	int ret = parse_options(argc, argv);

	if (ret)
		return ret;
	if (optind == argc) {
		usage(stderr);
		return NYX_USAGE;
	}
	command = find_command(argv[optind]);
	if (!command)
		return fail(NYX_USAGE, "there is no command %s; see nyxctl --help",
			    argv[optind]);
	if (snapshot_path)
		ret = show_snapshot(command, argc - optind, argv + optind);
	else
		ret = run(command, argc - optind, argv + optind);
	names_end();
	if ((fflush(stdout) || ferror(stdout)) && ret <= NYX_ATTENTION)
		ret = fail(NYX_FAILED, "cannot write the output");
	return ret;
}
