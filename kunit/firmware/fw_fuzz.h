/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Parsing a million tables with random errors. A table ends where its buffer
 * ends, so KASAN detects reads beyond it. The same holds for the memory that
 * the parser fills.
 */
#ifndef NYX_KUNIT_FW_FUZZ_H
#define NYX_KUNIT_FW_FUZZ_H

#include <kunit/test.h>

#include "firmware/fw_table.h"
#include "fw_bytes.h"

/**
 * struct fw_fuzz_ops - the parser under test
 * @name: the table's signature
 * @size: size of the result that @parse fills in; zeroed if @parse fails
 * @type_size: size of a structure's type, bytes
 * @types: types to use for structures
 * @nr_types: number of @types
 * @item_types: types to use for items in structures, one byte each
 * @nr_item_types: number of @item_types
 * @parse: parse a table
 * @check: check the result for a table of @len bytes that was not refused;
 *	returns a description of the error, or NULL
 * @free: free the result
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
