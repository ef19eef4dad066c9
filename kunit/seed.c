// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reproducible random numbers.
 */
#include <linux/moduleparam.h>
#include <linux/random.h>

#include "seed.h"

static ulong kunit_seed;
module_param(kunit_seed, ulong, 0444);
MODULE_PARM_DESC(kunit_seed,
		 "Seed of the random KUnit tests (default: 0, a new seed for each run)");

/**
 * nyx_kunit_seed() - seed the random numbers of a test
 * @test: the test; the seed is printed in its log
 * @rnd: state for prandom_u32_state() and prandom_bytes_state()
 *
 * Context: Any in which printk() is allowed.
 */
void nyx_kunit_seed(struct kunit *test, struct rnd_state *rnd)
{
	u64 seed = kunit_seed ?: get_random_u64();

	prandom_seed_state(rnd, seed);
	kunit_info(test, "kunit_seed=%llu\n", seed);
}
