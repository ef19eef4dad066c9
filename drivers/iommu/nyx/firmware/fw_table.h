/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A table that firmware left for the driver, read with distrust.
 */
#ifndef NYX_FW_TABLE_H
#define NYX_FW_TABLE_H

#include <linux/types.h>

/**
 * enum nyx_fw_verdict - what a parser made of a finding
 * @NYX_FW_REFUSED: the whole table is refused
 * @NYX_FW_SKIPPED: the structure, or the rest of it, is left out
 * @NYX_FW_KEPT: wrong, but used as @what says
 * @NYX_FW_UNKNOWN: no bug: of a kind that this driver does not know, left out
 */
enum nyx_fw_verdict {
	NYX_FW_REFUSED,
	NYX_FW_SKIPPED,
	NYX_FW_KEPT,
	NYX_FW_UNKNOWN,
};

/**
 * struct nyx_fw_note - one finding
 * @verdict: what comes of it
 * @table: signature of the table, four letters
 * @offset: of the structure in the table, bytes
 * @where: kind of structure, "DRHD"
 * @what: what is wrong with it
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
 * struct nyx_fw_table - a table, and where its parser is
 * @signature: four letters that the table must start with
 * @bytes: the table
 * @len: its length as its header says, not more than what is mapped
 * @pos: offset of the structure being read
 * @where: its kind, for notes
 * @report: takes notes; may be NULL
 * @arg: for @report
 * @notes: how many there were
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
