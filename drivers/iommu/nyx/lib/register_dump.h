/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Printing registers and their fields to debugfs files, with the names of the
 * specification.
 */
#ifndef NYX_REGISTER_DUMP_H
#define NYX_REGISTER_DUMP_H

#include <linux/types.h>

struct seq_file;

/**
 * struct nyx_field - a field of a register
 * @name: as in the specification
 * @mask: its bits, not 0
 *
 * A list of fields ends with an element whose name is NULL.
 */
struct nyx_field {
	const char *name;
	u64 mask;
};

/**
 * struct nyx_reg - a register to print
 * @name: as in the specification
 * @offset: offset in bytes
 * @quad: the register has 64 bits, not 32
 * @fields: its fields; NULL to print only the value
 */
struct nyx_reg {
	const char *name;
	u32 offset;
	bool quad;
	const struct nyx_field *fields;
};

const char *nyx_show_fields(struct seq_file *m, const struct nyx_field *fields,
			    u64 value, const char *sep);
void nyx_show_register_header(struct seq_file *m);
void nyx_show_register(struct seq_file *m, const struct nyx_reg *reg,
		       u64 value);
void nyx_show_capability_header(struct seq_file *m);
void nyx_show_capability(struct seq_file *m, const char *reg,
			 const struct nyx_field *fields, u64 value);
void nyx_show_capability_word(struct seq_file *m, const char *field,
			      const char *value);

#endif /* NYX_REGISTER_DUMP_H */
