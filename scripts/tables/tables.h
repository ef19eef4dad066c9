/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Parts of the program that runs the module's parsers in user space.
 */
#ifndef NYX_TABLES_H
#define NYX_TABLES_H

#include <stdio.h>

#include "firmware/fw_bytes.h"
#include "firmware/fw_parser.h"

typedef void (*write_table)(struct fw_bytes *t);

/**
 * struct format - a type of firmware table
 * @parser: its parser
 * @describe: prints what a table contains, without a newline
 * @find_items: finds the items of the structure at offset @entry, of @len bytes
 * @write: writes example tables; ends with NULL
 */
struct format {
	const struct fw_parser *parser;
	void (*describe)(FILE *out, const void *result);
	void (*find_items)(struct fw_bytes *t, u32 entry, u32 len);
	const write_table *write;
};

extern const struct format dmar_format;
extern const struct format ivrs_format;

void add_item(struct fw_bytes *t, u32 at);

#endif /* NYX_TABLES_H */
