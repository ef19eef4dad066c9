// SPDX-License-Identifier: GPL-2.0-only
/*
 * Printing registers and their fields to debugfs files, with the names of the
 * specification.
 */
#include <linux/bitops.h>
#include <linux/seq_file.h>

#include "register_dump.h"

static u64 nyx_field_value(const struct nyx_field *field, u64 reg)
{
	return (reg & field->mask) >> __ffs64(field->mask);
}

/**
 * nyx_show_register_header() - print the column names for nyx_show_register()
 * @m: output
 *
 * Context: Any.
 */
void nyx_show_register_header(struct seq_file *m)
{
	seq_puts(m, "register offset value fields\n");
}

/**
 * nyx_show_fields() - print the fields of a value as one word
 * @m: output
 * @fields: the fields
 * @value: the value
 * @sep: printed before the first field: "" at the start of a word; to continue
 *	a word, the return value of the previous call
 *
 * Context: Any.
 * Return: @sep for the next call.
 */
const char *nyx_show_fields(struct seq_file *m, const struct nyx_field *fields,
			    u64 value, const char *sep)
{
	for (; fields->name; fields++) {
		seq_printf(m, "%s%s=%#llx", sep, fields->name,
			   nyx_field_value(fields, value));
		sep = ",";
	}
	return sep;
}

/**
 * nyx_show_register() - print a register and its fields on one line
 * @m: output
 * @reg: the register
 * @value: its value
 *
 * Context: Any.
 */
void nyx_show_register(struct seq_file *m, const struct nyx_reg *reg,
		       u64 value)
{
	const char *sep = "";

	seq_printf(m, "%-8s 0x%03x %#018llx ", reg->name, reg->offset, value);
	if (reg->fields)
		sep = nyx_show_fields(m, reg->fields, value, sep);
	seq_puts(m, *sep ? "\n" : "-\n");
}

/**
 * nyx_show_capability_header() - print the column names for capabilities
 * @m: output
 *
 * Context: Any.
 */
void nyx_show_capability_header(struct seq_file *m)
{
	seq_puts(m, "register field    value\n");
}

/**
 * nyx_show_capability() - print each field of a capability register on a line
 * @m: output
 * @reg: the register's name
 * @fields: its fields
 * @value: its value
 *
 * Context: Any.
 */
void nyx_show_capability(struct seq_file *m, const char *reg,
			 const struct nyx_field *fields, u64 value)
{
	for (; fields->name; fields++)
		seq_printf(m, "%-8s %-8s %#llx\n", reg, fields->name,
			   nyx_field_value(fields, value));
}

/**
 * nyx_show_capability_word() - print a property that is in no register
 * @m: output
 * @field: name of the property
 * @value: its value, not empty; spaces are printed as "_"
 *
 * Uses the columns of nyx_show_capability().
 *
 * Context: Any.
 */
void nyx_show_capability_word(struct seq_file *m, const char *field,
			      const char *value)
{
	seq_printf(m, "%-8s %-8s ", "-", field);
	for (; *value; value++)
		seq_putc(m, *value == ' ' ? '_' : *value);
	seq_putc(m, '\n');
}
