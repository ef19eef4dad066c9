// SPDX-License-Identifier: GPL-2.0-only
/* What the module's tables show, apart from what the command status shows, too. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/list.h"
#include "base/output.h"
#include "doctor.h"
#include "nyxctl.h"

#define SHOWN 3			/* names in a finding */
#define HOUR 3600

/**
 * doctor_blocked() - find interrupts that are lost, or are not remapped
 * @findings: a list, to which what is found is added
 * @state: the tables
 *
 * Those that bypass a unit of VT-d are what attend_bypass() finds.
 */
void doctor_blocked(struct findings *findings, const struct state *state)
{
	char *blocked = interrupt_sources(&state->interrupts, NULL, "blocked");
	char *passing = interrupt_sources(&state->interrupts, NULL, "passes");

	if (blocked)
		found(findings, ATTENTION, text_of("interrupts are lost: %s", blocked),
		      text_of("unbind and bind the drivers, or load the module without "
			      "compat_interrupts=block"));
	if (passing && !table_count(&state->units, "compat", "allowed"))
		found(findings, NOTE, text_of("interrupts are not remapped: %s", passing),
		      text_of("unbind and bind the drivers; those of an I/O APIC stay as they "
			      "are with AMD-Vi"));
	free(passing);
	free(blocked);
}

/**
 * doctor_identity() - find managed devices that reach all memory
 * @findings: a list, to which what is found is added
 * @state: the tables
 */
void doctor_identity(struct findings *findings, const struct state *state)
{
	const struct table *devices = &state->devices;
	struct names names = { 0 };
	char *text;
	size_t row;

	for (row = 0; row < devices->rows; row++)
		if (table_is(devices, row, "managed", "yes") &&
		    table_is(devices, row, "entry", "identity"))
			names_add(&names, table_cell(devices, row, "device"));
	text = names_join(&names, SHOWN);
	if (names.count)
		found(findings, NOTE,
		      text_of("%zu managed device%s all memory: %s", names.count,
			      names.count == 1 ? " reaches" : "s reach", text),
		      text_of("see type in /sys/kernel/iommu_groups/*, and iommu= in "
			      "/proc/cmdline"));
	free(text);
	names_free(&names);
}

/* The kernel log has the clock that stands still while the machine sleeps. */
static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec + time.tv_nsec / 1e9;
}

/**
 * doctor_faults() - find the devices that caused faults in the last hour
 * @findings: a list, to which what is found is added
 * @state: the tables
 */
void doctor_faults(struct findings *findings, const struct state *state)
{
	const struct table *faults = &state->faults;
	struct names names = { 0 };
	double since = now() - HOUR;
	size_t row, count = 0;
	const char *device;
	char *text;

	for (row = 0; row < faults->rows; row++) {
		if (strtod(table_cell(faults, row, "time_s"), NULL) < since)
			continue;
		count++;
		device = table_cell(faults, row, "device");
		if (!names_have(&names, device))
			names_add(&names, device);
	}
	text = names_join(&names, SHOWN);
	if (count)
		found(findings, ATTENTION,
		      text_of("%zu fault%s in the last hour: %s", count, plural(count), text),
		      text_of("nyxctl explain %s",
			      table_cell(faults, faults->rows - 1, "seq")));
	free(text);
	names_free(&names);
}
