// SPDX-License-Identifier: GPL-2.0-only
/*
 * Code shared by the parsers of firmware tables: checks of the header that
 * all ACPI tables have (ACPI specification 6.5, section 5.2.6), memory for the
 * parsed table, and log messages about findings.
 */
#define pr_fmt(fmt) "nyx: " fmt

#include <kunit/static_stub.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/printk.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/unaligned.h>

#include "fw_table.h"

#define TABLE_LENGTH	4
#define TABLE_REVISION	8

/*
 * In all tables that describe units, a structure has its length at this offset.
 * The first two bytes differ between tables.
 */
#define STRUCTURE_LENGTH	2
#define STRUCTURE_HEADER_SIZE	4

/* Far more than any machine needs. Limits the time to parse a table. */
#define MAX_TABLE	SZ_1M

/* Findings that are logged; more would only flood the log. */
#define MAX_NOTES	16

/**
 * nyx_fw_check_header() - check the header of a table
 * @t: the parser; @t->len is set to the table's length
 * @mapped: number of bytes that may be read; may be more than the table's
 *	length
 * @size: size of this table's header, at least that of an ACPI header
 *
 * Context: That of the parser.
 * Return: 0, or -EINVAL if the table is refused, which is reported.
 */
int nyx_fw_check_header(struct nyx_fw_table *t, size_t mapped, size_t size)
{
	u8 sum = 0;
	size_t i;

	t->where = "header";
	if (mapped < size)
		return nyx_fw_refuse(t, "table is shorter than a header",
				     mapped);
	if (memcmp(t->bytes, t->signature, 4))
		return nyx_fw_refuse(t, "signature does not match",
				     get_unaligned_le32(t->bytes));
	t->len = get_unaligned_le32(t->bytes + TABLE_LENGTH);
	if (t->len < size)
		return nyx_fw_refuse(t, "length is less than a header's",
				     t->len);
	if (t->len > mapped)
		return nyx_fw_refuse(t, "length is more than is mapped",
				     t->len);
	if (t->len > MAX_TABLE)
		return nyx_fw_refuse(t, "length is more than 1 MiB", t->len);

	/*
	 * The kernel's ACPI code accepts tables with a wrong checksum, and some
	 * machines have them. Each structure is checked anyway.
	 */
	for (i = 0; i < t->len; i++)
		sum += t->bytes[i];
	if (sum)
		nyx_fw_note(t, NYX_FW_KEPT, "checksum is wrong", sum);
	/* Later revisions only add to revision 1. */
	if (!t->bytes[TABLE_REVISION])
		nyx_fw_note(t, NYX_FW_KEPT, "revision is 0", 0);
	return 0;
}

/**
 * nyx_fw_check_structure() - check that a structure lies inside its table
 * @t: the parser, at the structure; @t->where is set to the structure's name
 * @name: returns the name of a structure, given its first four bytes, or NULL
 *	if its type is unknown
 *
 * Context: That of the parser.
 * Return: the structure's length, 4 or more, or -EINVAL if the table is
 *	refused, which is reported.
 */
int nyx_fw_check_structure(struct nyx_fw_table *t,
			   const char *(*name)(const u8 *s))
{
	const u8 *s = t->bytes + t->pos;
	size_t len, left = t->len - t->pos;

	t->where = "structure";
	if (left < STRUCTURE_HEADER_SIZE)
		return nyx_fw_refuse(t, "table ends inside it", left);
	t->where = name(s) ?: "structure";
	len = get_unaligned_le16(s + STRUCTURE_LENGTH);
	if (len < STRUCTURE_HEADER_SIZE)
		return nyx_fw_refuse(t, "length is less than a header's", len);
	if (len > left)
		return nyx_fw_refuse(t, "length exceeds the table", len);
	return len;
}

/**
 * nyx_fw_alloc() - allocate memory for a parsed table
 * @size: bytes
 *
 * A function of its own, so that tests can replace it.
 *
 * Context: May sleep.
 * Return: zeroed memory, or NULL.
 */
void *nyx_fw_alloc(size_t size)
{
	KUNIT_STATIC_STUB_REDIRECT(nyx_fw_alloc, size);
	return kvzalloc(size, GFP_KERNEL);
}

/**
 * nyx_fw_free() - free memory from nyx_fw_alloc()
 * @mem: the memory, or NULL
 *
 * Context: May sleep.
 */
void nyx_fw_free(void *mem)
{
	KUNIT_STATIC_STUB_REDIRECT(nyx_fw_free, mem);
	kvfree(mem);
}

/**
 * nyx_fw_note() - report a finding at the parser's position
 * @t: the parser
 * @verdict: consequence of the finding
 * @what: description of the problem, a string constant
 * @value: the value that is wrong
 *
 * Reports at most MAX_NOTES findings, the last of which stands for all others,
 * and one refusal.
 *
 * Context: That of the parser.
 */
void nyx_fw_note(struct nyx_fw_table *t, enum nyx_fw_verdict verdict,
		 const char *what, u64 value)
{
	struct nyx_fw_note note = {
		.verdict = verdict,
		.table = t->signature,
		.offset = t->pos,
		.where = t->where,
		.what = what,
		.value = value,
	};

	if (!t->report)
		return;
	/* A refusal must be seen, regardless of earlier findings. */
	if (verdict != NYX_FW_REFUSED && ++t->notes >= MAX_NOTES) {
		if (t->notes > MAX_NOTES)
			return;
		note.verdict = NYX_FW_KEPT;
		note.what = "too many findings, no more are logged";
	}
	t->report(&note, t->arg);
}

/**
 * nyx_fw_refuse() - report that the table is refused
 * @t: the parser
 * @what: the reason, a string constant
 * @value: the value that is wrong
 *
 * Context: That of the parser.
 * Return: -EINVAL.
 */
int nyx_fw_refuse(struct nyx_fw_table *t, const char *what, u64 value)
{
	nyx_fw_note(t, NYX_FW_REFUSED, what, value);
	return -EINVAL;
}

/**
 * nyx_fw_note_text() - format a finding as text
 * @note: the finding
 * @buf: filled with one line without a newline
 * @size: size of @buf
 *
 * Context: Any.
 * Return: the length of the line, as from snprintf().
 */
int nyx_fw_note_text(const struct nyx_fw_note *note, char *buf, size_t size)
{
	static const char *const outcome[] = {
		[NYX_FW_REFUSED] = "table refused, update the firmware",
		[NYX_FW_SKIPPED] = "skipped",
		[NYX_FW_KEPT] = "continuing",
		[NYX_FW_UNKNOWN] = "unknown to this driver, skipped",
	};

	return snprintf(buf, size, "%s%s: %s at offset %#zx: %s (%#llx): %s",
			note->verdict == NYX_FW_UNKNOWN ? "" : FW_BUG,
			note->table, note->where, note->offset, note->what,
			note->value, outcome[note->verdict]);
}

/**
 * nyx_fw_print() - write a finding to the log, for nyx_fw_table.report
 * @note: the finding
 * @arg: not used
 *
 * Context: Any.
 */
void nyx_fw_print(const struct nyx_fw_note *note, void *arg)
{
	char line[160];

	nyx_fw_note_text(note, line, sizeof(line));
	switch (note->verdict) {
	case NYX_FW_REFUSED:
		pr_err("%s\n", line);
		break;
	case NYX_FW_UNKNOWN:
		pr_info("%s\n", line);
		break;
	default:
		pr_warn("%s\n", line);
		break;
	}
}
