/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Parsing many tables with random errors. A table ends where its buffer
 * ends, so KASAN detects reads beyond it. The same holds for the memory that
 * the parser fills.
 */
#ifndef NYX_KUNIT_FW_FUZZ_H
#define NYX_KUNIT_FW_FUZZ_H

#include <kunit/test.h>

#include "fw_bytes.h"
#include "fw_parser.h"

void fw_fuzz(struct kunit *test, const struct fw_parser *parser,
	     const struct fw_bytes *good, u32 nr_good);

#endif /* NYX_KUNIT_FW_FUZZ_H */
