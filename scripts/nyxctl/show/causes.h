/* SPDX-License-Identifier: GPL-2.0-only */
/* What causes faults, and what to do about it. */
#ifndef NYXCTL_CAUSES_H
#define NYXCTL_CAUSES_H

#include "base/table.h"

/**
 * struct cause - what an explanation of a fault suggests
 * @known: words in the module's explanation; NULL if it does not matter
 * @title: a few words; NULL if the reason of the unit says more
 * @cause: the likely cause
 * @remedy: what to do
 */
struct cause {
	const char *known;
	const char *title;
	const char *cause;
	const char *remedy;
};

const struct cause *cause_of(const struct table *faults, size_t row);

#endif
