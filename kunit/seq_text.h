/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Collects the text of a debugfs file as a string.
 */
#ifndef NYX_KUNIT_SEQ_TEXT_H
#define NYX_KUNIT_SEQ_TEXT_H

#include <kunit/test.h>
#include <linux/seq_file.h>

#define NYX_SEQ_TEXT_SIZE 1024
#define NYX_SEQ_TEXT_UNIT_SIZE 16384

/* An empty file with room for @size bytes, freed with the test. */
static inline struct seq_file *nyx_seq_text_sized(struct kunit *test,
						  size_t size)
{
	struct seq_file *m = kunit_kzalloc(test, sizeof(*m), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, m);
	/* An additional byte terminates the string. */
	m->buf = kunit_kzalloc(test, size + 1, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, m->buf);
	m->size = size;
	return m;
}

/* A file for the text of a few lines. */
static inline struct seq_file *nyx_seq_text(struct kunit *test)
{
	return nyx_seq_text_sized(test, NYX_SEQ_TEXT_SIZE);
}

/* A file for all registers or capabilities of a unit. */
static inline struct seq_file *nyx_seq_text_unit(struct kunit *test)
{
	return nyx_seq_text_sized(test, NYX_SEQ_TEXT_UNIT_SIZE);
}

#endif /* NYX_KUNIT_SEQ_TEXT_H */
