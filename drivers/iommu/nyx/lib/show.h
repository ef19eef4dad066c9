/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Printing columns of debugfs files. Each column is a padded word and a space.
 */
#ifndef NYX_SHOW_H
#define NYX_SHOW_H

#include <linux/types.h>

struct seq_file;

void nyx_show_word(struct seq_file *m, int width, const char *word);
void nyx_show_id(struct seq_file *m, int width, u32 id);
void nyx_show_sizes(struct seq_file *m, int width, u64 sizes);
void nyx_show_levels(struct seq_file *m, int width, u32 levels);

#endif /* NYX_SHOW_H */
