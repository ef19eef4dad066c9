// SPDX-License-Identifier: GPL-2.0-only
/* The command doctor: what is wrong with the module that is loaded, and what to do. */
#include <stdio.h>
#include <string.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/output.h"
#include "commands.h"
#include "doctor.h"
#include "nyxctl.h"

/* What a check reads, and cannot do without. */
enum { TABLES = 1, MACHINE = 2 };

/**
 * struct doctor_check - a check
 * @name: its name
 * @needs: what it reads: TABLES, MACHINE for sysfs and the like, or both
 * @run: adds what it finds
 * @fine: what is found if it adds nothing
 */
struct doctor_check {
	const char *name;
	int needs;
	void (*run)(struct findings *findings, const struct state *state);
	const char *fine;
};

static const struct doctor_check checks[] = {
	{ "module", MACHINE, doctor_module, "module and nyxctl have the same version" },
	{ "parameters", MACHINE, doctor_parameters, "no parameter weakens the protection" },
	{ "kernel", MACHINE, doctor_kernel,
	  "the kernel has reported no errors, and is not locked down" },
	{ "units", TABLES, attend_units, "all units translate" },
	{ "remapping", TABLES, attend_interrupts, "all units remap interrupts" },
	{ "bypass", TABLES, attend_bypass, "no unit lets interrupts in compatibility format "
	  "pass" },
	{ "interrupts", TABLES, doctor_blocked, "all interrupts arrive, and are remapped" },
	{ "invalidation", TABLES, attend_invalidations, "all invalidations were confirmed" },
	{ "devices", TABLES, attend_devices,
	  "no device is cut off, isolated or waiting for an unbind" },
	{ "identity", TABLES, doctor_identity, "all managed devices are translated" },
	{ "log", TABLES, attend_overflows, "no fault was lost" },
	{ "faults", TABLES | MACHINE, doctor_faults, "no device caused a fault in the last "
	  "hour" },
	{ "groups", MACHINE, doctor_groups, "each device can be assigned alone" },
	{ "reserved", MACHINE, doctor_reserved,
	  "firmware reserves no memory that keeps VFIO from a device" },
	{ "initramfs", MACHINE, doctor_initramfs,
	  "the initramfs of the running kernel has the module" },
	{ "next-kernel", MACHINE, doctor_next_kernel, "the newest kernel has the module" },
	{ "kdump", MACHINE, doctor_kdump,
	  "the capture kernel is loaded, and its initramfs has the module" },
};

static bool is_diagnose(void)
{
	char *line = read_line("module/nyx_iommu/parameters/diagnose");
	bool diagnose = line && !strcmp(line, "Y");

	free(line);
	return diagnose;
}

/*
 * Finds out what can be read. Without debugfs or with diagnose=1 there are no tables, which
 * doctor_module() reports.
 */
static int look_around(int *has, struct state *state)
{
	char *version = read_line("module/nyx_iommu/version");
	bool loaded = version;
	int ret;

	free(version);
	*has = 0;
	*state = (struct state){ 0 };
	if (strcmp(options.sysfs, NO_SYSFS))
		*has |= MACHINE;
	if (loaded && (is_diagnose() || access(options.debugfs, F_OK)))
		return NYX_OK;
	ret = state_read(state);
	if (!ret)
		*has |= TABLES;
	return ret;
}

static void run_checks(struct findings *findings, const struct state *state, int has)
{
	size_t i, before;

	for (i = 0; i < COUNT_OF(checks); i++) {
		if (checks[i].needs & ~has)
			continue;
		before = findings->count;
		findings->check = checks[i].name;
		checks[i].run(findings, state);
		if (findings->count == before)
			found(findings, FINE, text_of("%s", checks[i].fine), NULL);
	}
}

static void print_summary(const struct findings *findings)
{
	size_t attention = findings_count(findings, ATTENTION);
	size_t notes = findings_count(findings, NOTE);

	if (attention)
		printf("%zu thing%s attention", attention, attention == 1 ? " needs" : "s need");
	else
		printf("nothing needs attention");
	if (notes)
		printf("; %zu note%s", notes, plural(notes));
	putchar('\n');
}

/**
 * cmd_doctor() - check what is wrong with the module that is loaded
 * @argc: number of arguments, with the command
 * @argv: the command
 *
 * Return: NYX_OK, NYX_ATTENTION, or the exit code of an error.
 */
int cmd_doctor(int argc, char **argv)
{
	static const char * const results[] = { "ok", "note", "attention" };
	struct findings findings = { 0 };
	struct state state;
	int has, ret;

	(void)argc;
	(void)argv;
	ret = look_around(&has, &state);
	if (!ret) {
		run_checks(&findings, &state, has);
		findings_print(&findings, results);
		if (!options.json)
			print_summary(&findings);
		ret = findings_count(&findings, ATTENTION) ? NYX_ATTENTION : NYX_OK;
	}
	findings_free(&findings);
	state_free(&state);
	return ret;
}
