// SPDX-License-Identifier: GPL-2.0-only
/*
 * Searches the kernel log.
 */
#include <kunit/test.h>
#include <linux/kmsg_dump.h>
#include <linux/string.h>

#include "log_text.h"

#define LINE 1024

/**
 * log_text_count() - count the lines of the kernel log that contain a text
 * @test: the test
 * @text: the text
 *
 * Context: May sleep.
 * Return: the number of lines since the kernel started.
 */
unsigned int log_text_count(struct kunit *test, const char *text)
{
	char *line = kunit_kzalloc(test, LINE, GFP_KERNEL);
	struct kmsg_dump_iter iter;
	unsigned int nr = 0;
	size_t len;

	KUNIT_ASSERT_NOT_NULL(test, line);
	kmsg_dump_rewind(&iter);
	while (kmsg_dump_get_line(&iter, false, line, LINE - 1, &len)) {
		line[len] = '\0';
		nr += !!strstr(line, text);
	}
	return nr;
}
