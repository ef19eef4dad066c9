/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tests that run in legacy and in scalable mode: KUNIT_CASE_PARAM(test,
 * modes_gen_params).
 */
#ifndef NYX_KUNIT_VTD_MODE_H
#define NYX_KUNIT_VTD_MODE_H

#include "model.h"

struct mode {
	const char *name;
	u64 ecap;
};

static const struct mode modes[] = {
	{ "legacy mode" },
	{ "scalable mode", MODEL_ECAP_SCALABLE },
};

KUNIT_ARRAY_PARAM_DESC(modes, modes, name);

/* Bits of ECAP that make the driver use the mode; none in a test without parameter. */
static inline u64 mode_ecap(const struct kunit *test)
{
	const struct mode *mode = test->param_value;

	return mode ? mode->ecap : 0;
}

static inline bool mode_is_scalable(const struct kunit *test)
{
	return mode_ecap(test);
}

#endif /* NYX_KUNIT_VTD_MODE_H */
