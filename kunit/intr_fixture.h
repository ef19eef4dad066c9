/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Allocates and frees interrupts of devices.
 */
#ifndef NYX_KUNIT_INTR_FIXTURE_H
#define NYX_KUNIT_INTR_FIXTURE_H

#include <kunit/test.h>
#include <nyx/intr.h>

static inline struct nyx_intr_run *give(struct kunit *test,
					struct nyx_device *ndev,
					unsigned int nr)
{
	struct nyx_intr_run *run = nyx_intr_alloc(ndev, 100, nr);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, run);
	return run;
}

static inline void take(struct nyx_intr_run *run)
{
	unsigned int i, nr = run->nr;

	for (i = 0; i < nr; i++)
		nyx_intr_free(&run->intr[i]);
}

#endif /* NYX_KUNIT_INTR_FIXTURE_H */
