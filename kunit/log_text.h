/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Searches the kernel log.
 */
#ifndef NYX_KUNIT_LOG_TEXT_H
#define NYX_KUNIT_LOG_TEXT_H

#include <linux/types.h>

struct kunit;

unsigned int log_text_count(struct kunit *test, const char *text);

#endif /* NYX_KUNIT_LOG_TEXT_H */
