/* SPDX-License-Identifier: GPL-2.0-only */
/* What causes faults, and what to do about it. */
#ifndef NYXCTL_CAUSES_H
#define NYXCTL_CAUSES_H

#include "table.h"

/**
 * struct cause - what an explanation of a fault suggests
 * @known: words in the module's explanation; NULL if it does not matter
 * @cause: the likely cause
 * @remedy: what to do
 */
struct cause {
	const char *known;
	const char *cause;
	const char *remedy;
};

const struct cause *cause_of(const struct table *faults, size_t row);

#endif
