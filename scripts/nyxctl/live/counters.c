// SPDX-License-Identifier: GPL-2.0-only
/* Reading the module's counters. */
#include <time.h>

#include "counters.h"
#include "nyxctl.h"

/**
 * clock_seconds() - read the time
 *
 * Return: seconds on a clock that never goes back.
 */
double clock_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

/**
 * counters_read() - read the counters
 * @counters: filled in; counters_free() frees it, also after an error
 * @tables: how many of the tables to read
 *
 * Nothing is reported, because the caller may have to restore a terminal first, or may
 * have reported the same before.
 *
 * Return: 0, or a negative error number, which counters_report() explains.
 */
int counters_read(struct counters *counters, size_t tables)
{
	static const char * const names[ALL_TABLES] = {
		[UNITS] = "units", [DEVICES] = "devices", [DOMAINS] = "domains",
		[INTERRUPTS] = "interrupts", [FAULTS] = "faults",
		[QUARANTINE] = "quarantine",
	};
	size_t i;

	*counters = (struct counters){ .seconds = clock_seconds() };
	for (i = 0; i < tables && !counters->error; i++) {
		counters->error = table_try(&counters->tables[i], names[i]);
		if (counters->error)
			counters->failed = names[i];
	}
	return counters->error;
}

/**
 * counters_report() - report why the counters cannot be read
 * @counters: what counters_read() failed on
 *
 * Return: an exit code.
 */
int counters_report(const struct counters *counters)
{
	return table_report(counters->failed, counters->error);
}

/**
 * counters_free() - free the counters
 * @counters: the counters; empty afterwards
 */
void counters_free(struct counters *counters)
{
	size_t i;

	for (i = 0; i < ALL_TABLES; i++)
		table_free(&counters->tables[i]);
	*counters = (struct counters){ 0 };
}
