/* SPDX-License-Identifier: GPL-2.0-only */
/* What changed between two readings of the module's counters, per second. */
#ifndef NYXCTL_RATES_H
#define NYXCTL_RATES_H

#include "counters.h"

/* A rate, or another number, that is not known. */
#define UNKNOWN ((double)NAN)

/**
 * struct unit_rates - what a unit does
 * @unit: its name
 * @state: its state
 * @flushes: invalidations per second
 * @waits: wait commands per second
 * @faults: faults per second
 * @errors: invalidations that failed, since the module was loaded
 * @overflows: overflows of its log, since the module was loaded
 */
struct unit_rates {
	const char *unit, *state;
	double flushes, waits, faults;
	double errors, overflows;
};

/**
 * struct domain_rates - what is done with a domain
 * @domain: its number
 * @type: its type
 * @maps: maps per second
 * @unmaps: unmaps per second
 * @map_bytes: bytes mapped per second
 * @unmap_bytes: bytes unmapped per second
 * @mapped: bytes mapped now
 * @devices: number of its devices in the table of devices
 */
struct domain_rates {
	const char *domain, *type;
	double maps, unmaps, map_bytes, unmap_bytes, mapped;
	size_t devices;
};

/**
 * struct device_rates - what a device does
 * @device: its name
 * @state: its state
 * @unit: the unit above it; NULL if it is not in the table of units
 * @domain: its domain; NULL without one
 * @faults: faults per second
 */
struct device_rates {
	const char *device, *state;
	const struct unit_rates *unit;
	const struct domain_rates *domain;
	double faults;
};

/**
 * struct rates - what changed between two readings
 * @seconds: the time between them
 * @units: the units
 * @domains: the domains
 * @devices: the devices
 * @unit_count: number of units
 * @domain_count: number of domains
 * @device_count: number of devices
 */
struct rates {
	double seconds;
	struct unit_rates *units;
	struct domain_rates *domains;
	struct device_rates *devices;
	size_t unit_count, domain_count, device_count;
};

void rates_between(struct rates *rates, const struct counters *before,
		   const struct counters *now);
void rates_free(struct rates *rates);

#endif
