/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Definitions that engine.h needs about leaves of several entries, for formats
 * in which each leaf is one entry.
 */
#ifndef NYX_PT_SINGLE_H
#define NYX_PT_SINGLE_H

#include <linux/types.h>

enum {
	FMT_MAX_ORDER = 0,
};

#define FMT_LOOK 0ULL
#define FMT_WAS 0ULL

static inline unsigned int fmt_order(u64 leaf, unsigned int level)
{
	return 0;
}

static inline unsigned int fmt_was(u64 entry)
{
	return 0;
}

static inline u64 fmt_repeat(u64 leaf, unsigned int level, unsigned int order)
{
	return leaf;
}

static inline u64 fmt_part(u64 leaf, unsigned int level, unsigned int order,
			   unsigned int i)
{
	return leaf;
}

#endif /* NYX_PT_SINGLE_H */
