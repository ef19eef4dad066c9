/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What comes of one of firmware's tables, in a form that is easily compared.
 */
#ifndef NYX_KUNIT_FW_RESULT_H
#define NYX_KUNIT_FW_RESULT_H

#include <kunit/test.h>

#include "firmware/fw_table.h"
#include "fw_bytes.h"

/**
 * struct fw_result - what came of a table
 * @ret: return value of its parser
 * @notes: how many findings were reported
 * @last: the last of them
 * @left: numbers of what there is of each kind
 */
struct fw_result {
	int ret;
	unsigned int notes;
	struct nyx_fw_note last;
	char left[48];
};

/*
 * Parses a table of which the given bytes are there. They lie in a buffer of
 * just that size, which is gone when the result is looked at.
 */
typedef struct fw_result *(*fw_parse)(struct kunit *test,
				      const struct fw_bytes *t, u32 mapped);

/**
 * struct fw_poke - one number changed in a good table
 * @desc: what is wrong then
 * @at: offset
 * @bytes: of the number
 * @value: the number
 * @ret: what the parser must return
 * @notes: findings
 * @verdict: of the last one
 * @offset: of the last one
 * @what: part of the last one's text
 * @left: what must be left, as in struct fw_result
 */
struct fw_poke {
	const char *desc;
	u16 at;
	u16 bytes;
	u64 value;
	int ret;
	unsigned int notes;
	enum nyx_fw_verdict verdict;
	u16 offset;
	const char *what;
	const char *left;
};

/* For arrays of them; ALL is what the good table leaves, NONE an empty one. */
#define GOOD(at, bytes, value, desc)					\
	{ desc, at, bytes, value, 0, 0, 0, 0, NULL, ALL }
#define REFUSED(at, bytes, value, offset, what, desc)			\
	{ desc, at, bytes, value, -EINVAL, 1, NYX_FW_REFUSED, offset,	\
	  what, NONE }
#define SKIPPED(at, bytes, value, offset, what, left, desc)		\
	{ desc, at, bytes, value, 0, 1, NYX_FW_SKIPPED, offset, what, left }
#define KEPT(at, bytes, value, notes, offset, what, left, desc)		\
	{ desc, at, bytes, value, 0, notes, NYX_FW_KEPT, offset, what, left }
#define UNKNOWN(at, bytes, value, offset, what, left, desc)		\
	{ desc, at, bytes, value, 0, 1, NYX_FW_UNKNOWN, offset, what, left }

/**
 * struct fw_append - bytes appended to a good table
 * @desc: what is wrong with them
 * @len: how many
 * @b: the bytes, the rest are 0
 * @ret: what the parser must return
 * @verdict: of the only finding
 * @what: part of its text; NULL if there must be none
 */
struct fw_append {
	const char *desc;
	u32 len;
	u8 b[64];
	int ret;
	enum nyx_fw_verdict verdict;
	const char *what;
};

void fw_take_note(const struct nyx_fw_note *note, void *arg);
void fw_expect_note(struct kunit *test, const struct fw_result *r,
		    enum nyx_fw_verdict verdict, u32 offset, const char *what);
void fw_poke(struct kunit *test, struct fw_bytes *t, const struct fw_poke *c,
	     fw_parse parse);
void fw_append(struct kunit *test, struct fw_bytes *t,
	       const struct fw_append *c, fw_parse parse);
void fw_cut(struct kunit *test, const struct fw_bytes *good, fw_parse parse);
void fw_longer(struct kunit *test, const struct fw_bytes *good,
	       fw_parse parse);
void fw_no_memory(struct kunit *test, const struct fw_bytes *good,
		  fw_parse parse);
void fw_checksum(struct kunit *test, const struct fw_bytes *good,
		 fw_parse parse);

#endif /* NYX_KUNIT_FW_RESULT_H */
