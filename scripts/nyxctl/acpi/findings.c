// SPDX-License-Identifier: GPL-2.0-only
/* What the module's parser finds in a table, as the kernel log would have it. */
#include <stdarg.h>
#include <stdlib.h>

#include "acpi.h"
#include "nyxctl.h"

static const char *verdict_word(enum nyx_fw_verdict verdict)
{
	static const char * const words[] = {
		[NYX_FW_REFUSED] = "refused",
		[NYX_FW_SKIPPED] = "skipped",
		[NYX_FW_KEPT] = "kept",
		[NYX_FW_UNKNOWN] = "unknown",
	};

	return words[verdict];
}

/**
 * note_finding() - collect a finding; a nyx_fw_report
 * @note: the finding
 * @arg: the struct findings to add it to
 */
void note_finding(const struct nyx_fw_note *note, void *arg)
{
	struct findings *findings = arg;
	json_t *finding = must(json_object());
	char line[160];

	nyx_fw_note_text(note, line, sizeof(line));
	json_object_set_new(finding, "verdict", json_text("%s", verdict_word(note->verdict)));
	put_number(finding, "offset", note->offset);
	json_object_set_new(finding, "where", json_text("%s", note->where));
	json_object_set_new(finding, "what", json_text("%s", note->what));
	put_hex(finding, "value", note->value, 1);
	json_object_set_new(finding, "text", json_text("%s", line));
	json_array_append_new(findings->list, finding);
}

/**
 * add_warning() - add what the module finds when it compares the table with another one
 * @findings: the findings
 * @table: signature of that other table
 * @format: the line of the log and its arguments, as for printf()
 */
void add_warning(struct findings *findings, const char *table, const char *format, ...)
{
	json_t *finding = must(json_object());
	va_list args;
	char *text;

	va_start(args, format);
	text = format_text(format, args);
	va_end(args);
	json_object_set_new(finding, "verdict", json_text("kept"));
	json_object_set_new(finding, "offset", json_null());
	json_object_set_new(finding, "where", json_text("%s", table));
	json_object_set_new(finding, "what", json_null());
	json_object_set_new(finding, "value", json_null());
	json_object_set_new(finding, "text", json_text("%s", text));
	json_array_append_new(findings->list, finding);
	free(text);
}

static void give(json_t *owner, const json_t *finding)
{
	json_t *list = json_object_get(owner, "findings");

	json_array_append(list, json_object_get(finding, "text"));
}

/* The structure whose bytes include an offset, or the header. */
static json_t *owner_of(json_int_t offset, json_t *header, json_t *structures)
{
	json_t *structure, *owner = header;
	size_t i;

	json_array_foreach(structures, i, structure)
		if (json_integer_value(json_object_get(structure, "offset")) <= offset)
			owner = structure;
	return owner;
}

/**
 * give_findings() - add each finding to the structure that it is about
 * @findings: the findings
 * @header: the header, which gets those about the whole table
 * @structures: the structures in the order of the table
 */
void give_findings(const struct findings *findings, json_t *header, json_t *structures)
{
	json_t *finding, *offset;
	size_t i;

	json_array_foreach(findings->list, i, finding) {
		offset = json_object_get(finding, "offset");
		if (!json_is_null(offset))
			give(owner_of(json_integer_value(offset), header, structures),
			     finding);
	}
}
