/* SPDX-License-Identifier: GPL-2.0-only */
/* The module's counters at one moment. */
#ifndef NYXCTL_COUNTERS_H
#define NYXCTL_COUNTERS_H

#include "base/table.h"

/* The tables, in the order in which they are read. */
enum {
	UNITS,
	DEVICES,
	DOMAINS,
	RATE_TABLES,	/* what rates are computed from ends here */
	INTERRUPTS = RATE_TABLES,
	FAULTS,
	QUARANTINE,
	ALL_TABLES,
};

/**
 * struct counters - the tables with the module's counters
 * @tables: the tables; those that were not read are empty
 * @seconds: when they were read, on a clock that never goes back
 * @failed: name of the table that could not be read
 * @error: why, as a negative error number; 0 if all were read
 */
struct counters {
	struct table tables[ALL_TABLES];
	double seconds;
	const char *failed;
	int error;
};

double clock_seconds(void);
int counters_read(struct counters *counters, size_t tables);
int counters_report(const struct counters *counters);
void counters_free(struct counters *counters);

#endif
