/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A million tables, each broken in ways of its own. Each ends where its buffer
 * ends, so that KASAN sees a read beyond it, and so does the memory that the
 * parser fills.
 */
#ifndef NYX_KUNIT_FW_FUZZ_H
#define NYX_KUNIT_FW_FUZZ_H

#include <kunit/test.h>

#include "firmware/fw_table.h"
#include "fw_bytes.h"

/**
 * struct fw_fuzz_ops - what is tested
 * @name: the table's signature
 * @size: bytes of what @parse fills in, which is all zero where it fails
 * @type_size: bytes of the type of a structure
 * @types: types that a structure may be given
 * @nr_types: how many
 * @item_types: types that what stands in a structure may be given, of a byte
 * @nr_item_types: how many
 * @parse: parse a table
 * @check: what is wrong with what came of a table of @len bytes that was not
 *	refused; NULL if nothing
 * @free: free what @parse filled in
 */
struct fw_fuzz_ops {
	const char *name;
	size_t size;
	u32 type_size;
	const u8 *types;
	u32 nr_types;
	const u8 *item_types;
	u32 nr_item_types;
	int (*parse)(const void *table, size_t len, void *result,
		     nyx_fw_report report, void *arg);
	const char *(*check)(const void *result, u32 len);
	void (*free)(void *result);
};

void fw_fuzz(struct kunit *test, const struct fw_fuzz_ops *ops,
	     const struct fw_bytes *good, u32 nr_good);

#endif /* NYX_KUNIT_FW_FUZZ_H */
