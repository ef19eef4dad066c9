/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The results of parsing firmware tables, in a form that is easy to compare.
 */
#ifndef NYX_KUNIT_FW_RESULT_H
#define NYX_KUNIT_FW_RESULT_H

#include <kunit/test.h>

#include "firmware/fw_table.h"
#include "fw_bytes.h"

/**
 * struct fw_result - result of parsing a table
 * @ret: return value of the parser
 * @notes: number of reported findings
 * @last: the last finding
 * @left: contents of the parsed table: the number of structures of each type
 */
struct fw_result {
	int ret;
	unsigned int notes;
	struct nyx_fw_note last;
	char left[48];
};

/*
 * Parses a table of which @mapped bytes are mapped. They are in a buffer of
 * exactly this size, which is freed before the result is used.
 */
typedef struct fw_result *(*fw_parse)(struct kunit *test,
				      const struct fw_bytes *t, u32 mapped);

/**
 * struct fw_poke - a changed number in a good table, and the expected result
 * @desc: description of the change
 * @at: offset of the number
 * @bytes: size of the number
 * @value: the number
 * @ret: expected return value of the parser
 * @notes: expected number of findings
 * @verdict: verdict of the last finding
 * @offset: offset of the last finding
 * @what: part of the text of the last finding
 * @left: expected contents, as in struct fw_result
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

/*
 * Initializers of struct fw_poke. The users define ALL and NONE, the contents
 * of the good table and of an empty one.
 */
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
 * struct fw_append - bytes appended to a good table, and the expected result
 * @desc: description of the bytes
 * @len: number of bytes
 * @b: the bytes
 * @ret: expected return value of the parser
 * @verdict: verdict of the only finding
 * @what: part of its text; NULL if no finding is expected
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
