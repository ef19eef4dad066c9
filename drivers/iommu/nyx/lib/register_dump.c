// SPDX-License-Identifier: GPL-2.0-only
/*
 * Registers and their fields, for people: by the names of the specification.
 */
#include <linux/bitops.h>
#include <linux/seq_file.h>

#include "register_dump.h"

static u64 nyx_field_value(const struct nyx_field *field, u64 reg)
{
	return (reg & field->mask) >> __ffs64(field->mask);
}

/**
 * nyx_show_register_header() - what the columns of registers are
 * @m: where to
 *
 * Context: Any.
 */
void nyx_show_register_header(struct seq_file *m)
{
	seq_puts(m, "register offset value fields\n");
}

/**
 * nyx_show_fields() - the fields of a value, one word
 * @m: where to
 * @fields: the fields
 * @value: what holds them
 * @sep: what to begin with: "", or what was returned for the fields before
 *
 * Context: Any.
 * Return: @sep for fields that belong to the same word.
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
 * nyx_show_register() - a register and its fields, one line
 * @m: where to
 * @reg: the register
 * @value: what it holds
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
 * nyx_show_capability_header() - what the columns of capabilities are
 * @m: where to
 *
 * Context: Any.
 */
void nyx_show_capability_header(struct seq_file *m)
{
	seq_puts(m, "register field    value\n");
}

/**
 * nyx_show_capability() - the fields of a capability register, a line each
 * @m: where to
 * @reg: the register's name
 * @fields: its fields
 * @value: what it holds
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
 * nyx_show_capability_word() - what no register says, in the same columns
 * @m: where to
 * @field: what it is
 * @value: what is to be said of it, not nothing; blanks become "_"
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
