/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NYX_KUNIT_FW_MUTATE_H
#define NYX_KUNIT_FW_MUTATE_H

#include <linux/prandom.h>
#include <linux/types.h>

#include "fw_bytes.h"
#include "fw_parser.h"

/**
 * struct fw_mutator - good tables, and a broken one made from them
 * @parser: the parser that the table is for
 * @good: good tables; each has at least one structure
 * @nr_good: number of @good; most broken tables are made from the last
 * @rnd: random numbers
 * @t: the broken table
 */
struct fw_mutator {
	const struct fw_parser *parser;
	const struct fw_bytes *good;
	u32 nr_good;
	struct rnd_state rnd;
	struct fw_bytes t;
};

void fw_mutate(struct fw_mutator *m);

#endif /* NYX_KUNIT_FW_MUTATE_H */
