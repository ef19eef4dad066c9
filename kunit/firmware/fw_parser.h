/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A parser of firmware tables, as tests call it. The lane "tables" compiles
 * this for user space, so nothing here needs KUnit.
 */
#ifndef NYX_KUNIT_FW_PARSER_H
#define NYX_KUNIT_FW_PARSER_H

#include <linux/types.h>

#include "firmware/fw_table.h"

/**
 * struct fw_parser - the parser under test
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
struct fw_parser {
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

/**
 * struct fw_outcome - findings of one call of a parser
 * @parser: the parser
 * @len: length of the table, bytes
 * @notes: number of findings
 * @refusals: number of findings that refuse the table
 * @bad_note: a finding was invalid, or reported after a refusal
 */
struct fw_outcome {
	const struct fw_parser *parser;
	u32 len;
	unsigned int notes;
	unsigned int refusals;
	bool bad_note;
};

void fw_outcome_note(const struct nyx_fw_note *note, void *arg);
const char *fw_outcome_check(const struct fw_outcome *o, int ret,
			     const void *result);

#endif /* NYX_KUNIT_FW_PARSER_H */
