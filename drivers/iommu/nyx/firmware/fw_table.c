// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the parsers of firmware's tables share: the checks of the header that
 * all ACPI tables have (ACPI specification 6.5, 5.2.6), memory for what is kept
 * of a table, and findings told so that somebody can act on them.
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
 * What structures start with, of every table that describes units: a length,
 * behind two bytes that differ.
 */
#define STRUCTURE_LENGTH	2
#define STRUCTURE_HEADER_SIZE	4

/* Far more than any machine has. It bounds the time that a table can cost. */
#define MAX_TABLE	SZ_1M

/* So many lines say that the firmware is broken; more only flood the log. */
#define MAX_NOTES	16

/**
 * nyx_fw_check_header() - check what all tables start with
 * @t: the parser; @t->len is set to the table's length
 * @mapped: bytes that may be read; may be more than the table
 * @size: of the table's own header, at least an ACPI header's
 *
 * Context: That of the parser.
 * Return: 0, or -EINVAL after a note if the table is refused.
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
		return nyx_fw_refuse(t, "signature is another",
				     get_unaligned_le32(t->bytes));
	t->len = get_unaligned_le32(t->bytes + TABLE_LENGTH);
	if (t->len < size)
		return nyx_fw_refuse(t, "length is less than a header's",
				     t->len);
	if (t->len > mapped)
		return nyx_fw_refuse(t, "length is more than what is there",
				     t->len);
	if (t->len > MAX_TABLE)
		return nyx_fw_refuse(t, "length is beyond reason", t->len);

	/*
	 * ACPI lets tables with a wrong sum pass, and machines live with them.
	 * Whatever the table says is checked by itself anyway.
	 */
	for (i = 0; i < t->len; i++)
		sum += t->bytes[i];
	if (sum)
		nyx_fw_note(t, NYX_FW_KEPT, "bytes do not add up to 0", sum);
	/* Later revisions only add to the first. */
	if (!t->bytes[TABLE_REVISION])
		nyx_fw_note(t, NYX_FW_KEPT, "revision is not 1 or more", 0);
	return 0;
}

/**
 * nyx_fw_check_structure() - check that a structure lies inside its table
 * @t: the parser, at the structure; @t->where is set to its name
 * @name: gives a structure's name, from its first four bytes; NULL if it is of
 *	a type that is not known
 *
 * Context: That of the parser.
 * Return: the structure's length, 4 or more, or -EINVAL after a note if the
 *	table is refused.
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
		return nyx_fw_refuse(t, "length goes beyond the table", len);
	return len;
}

/**
 * nyx_fw_alloc() - memory for all that is kept of a table
 * @size: bytes
 *
 * A function, so that tests can put something else in its place.
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
 * nyx_fw_free() - free what nyx_fw_alloc() gave
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
 * nyx_fw_note() - report a finding at the parser's place
 * @t: the parser
 * @verdict: what comes of it
 * @what: what is wrong, a string constant that lives on
 * @value: the value that is wrong
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
	/* A refusal is the one line that must be seen, however late. */
	if (verdict != NYX_FW_REFUSED && ++t->notes >= MAX_NOTES) {
		if (t->notes > MAX_NOTES)
			return;
		note.verdict = NYX_FW_KEPT;
		note.what = "more than the log should hold is wrong";
	}
	t->report(&note, t->arg);
}

/**
 * nyx_fw_refuse() - report that the table is refused
 * @t: the parser
 * @what: why, a string constant that lives on
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
 * nyx_fw_note_text() - put a finding into words
 * @note: the finding
 * @buf: filled with one line without a newline
 * @size: of @buf
 *
 * Context: Any.
 * Return: the length of the line, as snprintf() counts.
 */
int nyx_fw_note_text(const struct nyx_fw_note *note, char *buf, size_t size)
{
	static const char *const outcome[] = {
		[NYX_FW_REFUSED] = "table refused, update the firmware",
		[NYX_FW_SKIPPED] = "left out",
		[NYX_FW_KEPT] = "going on",
		[NYX_FW_UNKNOWN] = "not known to this driver, left out",
	};

	return snprintf(buf, size, "%s%s: %s at offset %#zx: %s (%#llx): %s",
			note->verdict == NYX_FW_UNKNOWN ? "" : FW_BUG,
			note->table, note->where, note->offset, note->what,
			note->value, outcome[note->verdict]);
}

/**
 * nyx_fw_print() - a report that writes to the log
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
