/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a debugfs file would show, as a string.
 */
#ifndef NYX_KUNIT_SEQ_TEXT_H
#define NYX_KUNIT_SEQ_TEXT_H

#include <kunit/test.h>
#include <linux/seq_file.h>

#define NYX_SEQ_TEXT_SIZE 1024

/* An empty file; it and its text live as long as the test. */
static inline struct seq_file *nyx_seq_text(struct kunit *test)
{
	struct seq_file *m = kunit_kzalloc(test, sizeof(*m), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, m);
	/* One byte more than the file knows of ends the string. */
	m->buf = kunit_kzalloc(test, NYX_SEQ_TEXT_SIZE + 1, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, m->buf);
	m->size = NYX_SEQ_TEXT_SIZE;
	return m;
}

#endif /* NYX_KUNIT_SEQ_TEXT_H */
