/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NYX_PARSERS_LIMITS_H
#define NYX_PARSERS_LIMITS_H

#include_next <linux/limits.h>
#include <linux/types.h>

#define U16_MAX		((u16)~0U)
#define U64_MAX		((u64)~0ULL)

#endif /* NYX_PARSERS_LIMITS_H */
