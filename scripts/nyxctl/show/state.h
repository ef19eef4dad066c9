/* SPDX-License-Identifier: GPL-2.0-only */
/* The state of the module, and what needs attention in it. */
#ifndef NYXCTL_STATE_H
#define NYXCTL_STATE_H

#include "base/table.h"
#include "finding.h"

/**
 * struct state - the tables that the state is read from
 * @units: remapping units
 * @devices: devices below them
 * @domains: paging domains
 * @interrupts: interrupts that are remapped, and those that are not
 * @faults: recent faults
 */
struct state {
	struct table units, devices, domains, interrupts, faults;
};

int state_read(struct state *state);
void state_free(struct state *state);
char *interrupt_sources(const struct table *interrupts, const char *unit,
			const char *state);
void attend_units(struct findings *findings, const struct state *state);
void attend_interrupts(struct findings *findings, const struct state *state);
void attend_bypass(struct findings *findings, const struct state *state);
void attend_devices(struct findings *findings, const struct state *state);
void attend_overflows(struct findings *findings, const struct state *state);
void attend_invalidations(struct findings *findings, const struct state *state);

#endif
