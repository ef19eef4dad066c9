/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reproducible random numbers: tests print their seed.
 */
#ifndef NYX_KUNIT_SEED_H
#define NYX_KUNIT_SEED_H

#include <kunit/test.h>
#include <linux/prandom.h>

void nyx_kunit_seed(struct kunit *test, struct rnd_state *rnd);

#endif /* NYX_KUNIT_SEED_H */
