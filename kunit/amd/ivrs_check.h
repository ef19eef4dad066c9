/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NYX_KUNIT_IVRS_CHECK_H
#define NYX_KUNIT_IVRS_CHECK_H

#include "../firmware/fw_parser.h"

extern const struct fw_parser ivrs_parser;

#endif /* NYX_KUNIT_IVRS_CHECK_H */
