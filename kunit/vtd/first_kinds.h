/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kinds of units with first-stage tables.
 */
#ifndef NYX_KUNIT_VTD_FIRST_KINDS_H
#define NYX_KUNIT_VTD_FIRST_KINDS_H

#include "first_fixture.h"

static const struct first_kind first_kinds[] = {
	{ "snoops", MODEL_CAP | MODEL_CAP_FS5LP,
	  BOTH_ECAP | MODEL_ECAP_C | MODEL_ECAP_SMPWCS },
	{ "does not snoop", MODEL_CAP | MODEL_CAP_FS5LP, BOTH_ECAP },
	{ "caching mode", MODEL_CAP | MODEL_CAP_CM | MODEL_CAP_FS5LP,
	  BOTH_ECAP | MODEL_ECAP_C },
	{ "write buffers", MODEL_CAP | MODEL_CAP_RWBF | MODEL_CAP_FS5LP,
	  BOTH_ECAP },
	{ "no 128-bit stores", MODEL_CAP | MODEL_CAP_FS5LP, BOTH_ECAP, true },
	{ "snoop control", MODEL_CAP | MODEL_CAP_FS5LP,
	  BOTH_ECAP | MODEL_ECAP_SC },
	{ "first stage only", FIRST_CAP, FIRST_ECAP },
	{ "first stage only, caching mode", FIRST_CAP | MODEL_CAP_CM, FIRST_ECAP },
	{ "first stage only, snoops", FIRST_CAP,
	  FIRST_ECAP | MODEL_ECAP_C | MODEL_ECAP_SMPWCS },
};

KUNIT_ARRAY_PARAM_DESC(first_kinds, first_kinds, name);

#endif /* NYX_KUNIT_VTD_FIRST_KINDS_H */
