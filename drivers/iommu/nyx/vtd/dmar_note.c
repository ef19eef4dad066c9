// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the DMAR parser found, told so that somebody can act on it.
 */
#define pr_fmt(fmt) "nyx: " fmt

#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/printk.h>

#include "dmar.h"
#include "dmar_parser.h"

/* So many lines say that the firmware is broken; more only flood the log. */
#define MAX_NOTES	16

/**
 * vtd_dmar_note() - report a finding at the parser's place
 * @p: the parser
 * @verdict: what comes of it
 * @what: what is wrong, a string constant that lives on
 * @value: the value that is wrong
 *
 * Context: that of vtd_dmar_parse().
 */
void vtd_dmar_note(struct vtd_dmar_parser *p, enum vtd_dmar_verdict verdict,
		   const char *what, u64 value)
{
	struct vtd_dmar_note note = {
		.verdict = verdict,
		.offset = p->pos,
		.where = p->where,
		.what = what,
		.value = value,
	};

	if (!p->report)
		return;
	/* A refusal is the one line that must be seen, however late. */
	if (verdict != VTD_DMAR_REFUSED && ++p->notes >= MAX_NOTES) {
		if (p->notes > MAX_NOTES)
			return;
		note.verdict = VTD_DMAR_KEPT;
		note.what = "more than the log should hold is wrong";
	}
	p->report(&note, p->arg);
}

/**
 * vtd_dmar_refuse() - report that the table is refused
 * @p: the parser
 * @what: why, a string constant that lives on
 * @value: the value that is wrong
 *
 * Context: that of vtd_dmar_parse().
 *
 * Return: -EINVAL.
 */
int vtd_dmar_refuse(struct vtd_dmar_parser *p, const char *what, u64 value)
{
	vtd_dmar_note(p, VTD_DMAR_REFUSED, what, value);
	return -EINVAL;
}

/**
 * vtd_dmar_note_text() - put a finding into words
 * @note: the finding
 * @buf: filled with one line without a newline
 * @size: of @buf
 *
 * Any context.
 *
 * Return: the length of the line, as snprintf() counts.
 */
int vtd_dmar_note_text(const struct vtd_dmar_note *note, char *buf, size_t size)
{
	static const char *const outcome[] = {
		[VTD_DMAR_REFUSED] = "table refused, update the firmware",
		[VTD_DMAR_SKIPPED] = "left out",
		[VTD_DMAR_KEPT] = "going on",
		[VTD_DMAR_UNKNOWN] = "not known to this driver, left out",
	};

	return snprintf(buf, size, "%sDMAR: %s at offset %#zx: %s (%#llx): %s",
			note->verdict == VTD_DMAR_UNKNOWN ? "" : FW_BUG,
			note->where, note->offset, note->what, note->value,
			outcome[note->verdict]);
}

/**
 * vtd_dmar_print() - report for vtd_dmar_parse() that writes to the log
 * @note: the finding
 * @arg: not used
 *
 * Any context.
 */
void vtd_dmar_print(const struct vtd_dmar_note *note, void *arg)
{
	char line[160];

	vtd_dmar_note_text(note, line, sizeof(line));
	switch (note->verdict) {
	case VTD_DMAR_REFUSED:
		pr_err("%s\n", line);
		break;
	case VTD_DMAR_UNKNOWN:
		pr_info("%s\n", line);
		break;
	default:
		pr_warn("%s\n", line);
		break;
	}
}
