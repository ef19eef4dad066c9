// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rates between two readings. A rate is unknown if the first reading did not have the
 * unit, domain or device, or if its counter is now smaller: the module was loaded again,
 * or a device was recovered, which sets its faults to 0.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "nyxctl.h"
#include "rates.h"

static const char * const flush_columns[] = { "flush_page", "flush_domain", "flush_global",
					      "flush_entry", "flush_device", "flush_intr" };

/* A row in both readings. The first reading has none if @old is -1. */
struct pair {
	const struct table *before, *now;
	long old;
	size_t row;
	double seconds;
};

static double number(const struct table *table, size_t row, const char *column)
{
	unsigned long long value;

	return table_has_number(table, row, column, &value) ? value : UNKNOWN;
}

static double rate(const struct pair *pair, const char *column)
{
	unsigned long long old, new;

	if (pair->old < 0 || pair->seconds <= 0 ||
	    !table_has_number(pair->before, pair->old, column, &old) ||
	    !table_has_number(pair->now, pair->row, column, &new) || new < old)
		return UNKNOWN;
	return (new - old) / pair->seconds;
}

/* Without a first reading no time has passed. */
static double time_between(const struct counters *before, const struct counters *now)
{
	return before->seconds > 0 ? now->seconds - before->seconds : 0;
}

static struct pair pair_of(const struct counters *before, const struct counters *now,
			   int table, const char *key, size_t row)
{
	struct pair pair = {
		.before = &before->tables[table],
		.now = &now->tables[table],
		.row = row,
		.seconds = time_between(before, now),
	};

	pair.old = table_find(pair.before, key, table_cell(pair.now, row, key));
	return pair;
}

/* If a column differs, the row is of something else that now has the same name. */
static void must_agree(struct pair *pair, const char *column)
{
	if (pair->old >= 0 && !table_is(pair->before, pair->old, column,
					table_cell(pair->now, pair->row, column)))
		pair->old = -1;
}

static void unit_rates(struct unit_rates *unit, const struct pair *pair)
{
	size_t i;

	unit->unit = table_cell(pair->now, pair->row, "unit");
	unit->state = table_cell(pair->now, pair->row, "state");
	for (i = 0; i < sizeof(flush_columns) / sizeof(*flush_columns); i++)
		unit->flushes += rate(pair, flush_columns[i]);
	unit->waits = rate(pair, "waits");
	unit->faults = rate(pair, "faults");
	unit->errors = number(pair->now, pair->row, "flush_errors");
	unit->overflows = number(pair->now, pair->row, "overflows");
}

static void domain_rates(struct domain_rates *domain, const struct pair *pair)
{
	domain->domain = table_cell(pair->now, pair->row, "domain");
	domain->type = table_cell(pair->now, pair->row, "type");
	domain->maps = rate(pair, "map_calls");
	domain->unmaps = rate(pair, "unmap_calls");
	domain->map_bytes = rate(pair, "map_bytes");
	domain->unmap_bytes = rate(pair, "unmap_bytes");
	domain->mapped = number(pair->now, pair->row, "mapped_bytes");
}

static void device_rates(struct device_rates *device, const struct pair *pair,
			 const struct rates *rates, const struct counters *now)
{
	long unit = table_find(&now->tables[UNITS], "unit",
			       table_cell(pair->now, pair->row, "unit"));
	long domain = table_find(&now->tables[DOMAINS], "domain",
				 table_cell(pair->now, pair->row, "domain"));

	device->device = table_cell(pair->now, pair->row, "device");
	device->state = table_cell(pair->now, pair->row, "state");
	device->unit = unit < 0 ? NULL : &rates->units[unit];
	device->faults = rate(pair, "faults");
	if (domain < 0)
		return;
	device->domain = &rates->domains[domain];
	rates->domains[domain].devices++;
}

/**
 * rates_between() - compute what changed between two readings
 * @rates: filled in; rates_free() frees it. It refers to @now, which must exist as long
 * @before: the first reading; if it is empty, no rate is known
 * @now: the second reading
 */
void rates_between(struct rates *rates, const struct counters *before,
		   const struct counters *now)
{
	struct pair pair;
	size_t i;

	*rates = (struct rates){
		.seconds = time_between(before, now),
		.unit_count = now->tables[UNITS].rows,
		.domain_count = now->tables[DOMAINS].rows,
		.device_count = now->tables[DEVICES].rows,
	};
	rates->units = must(calloc(rates->unit_count + 1, sizeof(*rates->units)));
	rates->domains = must(calloc(rates->domain_count + 1, sizeof(*rates->domains)));
	rates->devices = must(calloc(rates->device_count + 1, sizeof(*rates->devices)));
	for (i = 0; i < rates->unit_count; i++) {
		pair = pair_of(before, now, UNITS, "unit", i);
		unit_rates(&rates->units[i], &pair);
	}
	for (i = 0; i < rates->domain_count; i++) {
		pair = pair_of(before, now, DOMAINS, "domain", i);
		/* After the module was loaded again, numbers begin at 1. */
		must_agree(&pair, "root_table");
		domain_rates(&rates->domains[i], &pair);
	}
	for (i = 0; i < rates->device_count; i++) {
		pair = pair_of(before, now, DEVICES, "device", i);
		must_agree(&pair, "unit");
		device_rates(&rates->devices[i], &pair, rates, now);
	}
}

/**
 * rates_free() - free rates
 * @rates: the rates; empty afterwards
 */
void rates_free(struct rates *rates)
{
	free(rates->units);
	free(rates->domains);
	free(rates->devices);
	*rates = (struct rates){ 0 };
}
