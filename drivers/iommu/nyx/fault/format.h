/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Text output of faults.
 */
#ifndef NYX_FAULT_FORMAT_H
#define NYX_FAULT_FORMAT_H

#include <linux/types.h>

struct nyx_fault_record;
struct seq_file;

#include "forensics/explain.h"

/* Size of the buffer for nyx_fault_describe(). */
#define NYX_FAULT_SENTENCE (360 + NYX_EXPLANATION_TEXT)

int nyx_fault_describe(char *buf, size_t size,
		       const struct nyx_fault_record *rec);
void nyx_fault_show_header(struct seq_file *m);
void nyx_fault_show(struct seq_file *m, const struct nyx_fault_record *rec);

#endif /* NYX_FAULT_FORMAT_H */
