// SPDX-License-Identifier: GPL-2.0-only
/* The time of day, also of what the module recorded on the clock of the kernel log. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "nyxctl.h"
#include "snapfile.h"
#include "wallclock.h"

/* Whether a time is from the years 1970 to 9999. NaN is not. */
static bool is_time(double seconds)
{
	return seconds >= 0 && seconds < 253402300800.0;
}

/**
 * time_in_words() - write a time of day
 * @seconds: seconds since 1970, UTC
 *
 * Return: the time in the form of ISO 8601, in UTC, which the caller frees; "-" if it is
 *	not from the years 1970 to 9999.
 */
char *time_in_words(double seconds)
{
	char text[32];
	struct tm parts;
	time_t time;

	if (!is_time(seconds))
		return must(strdup("-"));
	time = (time_t)seconds;
	gmtime_r(&time, &parts);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &parts);
	return must(strdup(text));
}

/**
 * has_wall_clock() - check whether times of a snapshot can be converted
 * @snapshot: the snapshot
 *
 * Return: true if wall_clock() can.
 */
bool has_wall_clock(const json_t *snapshot)
{
	const json_t *created = snapshot_part(snapshot, "clock", "created_s");

	return json_is_number(created) && is_time(json_number_value(created)) &&
	       json_is_number(snapshot_part(snapshot, "clock", "kernel_log_s"));
}

/**
 * wall_clock() - convert a time of the kernel log to the time of day
 * @snapshot: the snapshot that it is from, with has_wall_clock()
 * @time_s: the time, as in the module's tables
 *
 * A time from before the machine was suspended is late by the duration of that, because the
 * clock of the kernel log stood still.
 *
 * Return: seconds since 1970.
 */
double wall_clock(const json_t *snapshot, const char *time_s)
{
	double created = json_number_value(snapshot_part(snapshot, "clock", "created_s"));
	double log = json_number_value(snapshot_part(snapshot, "clock", "kernel_log_s"));

	return created - (log - strtod(time_s, NULL));
}
