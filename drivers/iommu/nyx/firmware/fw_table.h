/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Helpers for parsing ACPI tables, which do not trust the contents of a table.
 */
#ifndef NYX_FW_TABLE_H
#define NYX_FW_TABLE_H

#include <linux/types.h>

/**
 * enum nyx_fw_verdict - consequence of a finding
 * @NYX_FW_REFUSED: the whole table is refused
 * @NYX_FW_SKIPPED: the structure, or the rest of it, is skipped
 * @NYX_FW_KEPT: the structure is wrong, but it is used; if it is corrected
 *	first, the description of the finding states how
 * @NYX_FW_UNKNOWN: not a bug: the structure is of an unknown type and skipped
 */
enum nyx_fw_verdict {
	NYX_FW_REFUSED,
	NYX_FW_SKIPPED,
	NYX_FW_KEPT,
	NYX_FW_UNKNOWN,
};

/**
 * struct nyx_fw_note - a finding: something wrong or unknown in a table
 * @verdict: consequence of the finding
 * @table: signature of the table, four letters
 * @offset: offset of the structure in the table, bytes
 * @where: type of the structure, for example "DRHD"
 * @what: description of the problem
 * @value: the value that is wrong
 */
struct nyx_fw_note {
	enum nyx_fw_verdict verdict;
	const char *table;
	size_t offset;
	const char *where;
	const char *what;
	u64 value;
};

typedef void (*nyx_fw_report)(const struct nyx_fw_note *note, void *arg);

/**
 * struct nyx_fw_table - a table and the position of its parser
 * @signature: signature of the table, four letters
 * @bytes: the table
 * @len: length in the table's header, not more than the mapped length
 * @pos: offset of the structure that is being parsed
 * @where: type of this structure, for findings
 * @report: called for each finding; may be NULL
 * @arg: passed to @report
 * @notes: number of findings so far
 */
struct nyx_fw_table {
	const char *signature;
	const u8 *bytes;
	size_t len;
	size_t pos;
	const char *where;
	nyx_fw_report report;
	void *arg;
	unsigned int notes;
};

void *nyx_fw_alloc(size_t size);
void nyx_fw_free(void *mem);
int nyx_fw_check_header(struct nyx_fw_table *t, size_t mapped, size_t size);
int nyx_fw_check_structure(struct nyx_fw_table *t,
			   const char *(*name)(const u8 *s));
void nyx_fw_note(struct nyx_fw_table *t, enum nyx_fw_verdict verdict,
		 const char *what, u64 value);
int nyx_fw_refuse(struct nyx_fw_table *t, const char *what, u64 value);
int nyx_fw_note_text(const struct nyx_fw_note *note, char *buf, size_t size);
void nyx_fw_print(const struct nyx_fw_note *note, void *arg);

#endif /* NYX_FW_TABLE_H */
