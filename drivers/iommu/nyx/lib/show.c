// SPDX-License-Identifier: GPL-2.0-only
/*
 * Columns of debugfs files. Scripts split the lines at blanks, so that nothing
 * in a column may be empty or contain one, whatever a driver is called.
 */
#include <linux/bitops.h>
#include <linux/ctype.h>
#include <linux/kernel.h>
#include <linux/seq_buf.h>
#include <linux/seq_file.h>
#include <linux/string.h>

#include "show.h"

/**
 * nyx_show_word() - a name, left-aligned
 * @m: where to
 * @width: columns that it fills at least
 * @word: the name; blanks and unprintable characters become "_", nothing
 *	becomes "-"
 *
 * Context: Any.
 */
void nyx_show_word(struct seq_file *m, int width, const char *word)
{
	seq_setwidth(m, width);
	if (!word || !*word)
		word = "-";
	for (; *word; word++)
		seq_putc(m, isascii(*word) && isgraph(*word) ? *word : '_');
	seq_pad(m, ' ');
}

/**
 * nyx_show_id() - a number that 0 stands for "none" in, right-aligned
 * @m: where to
 * @width: columns that it fills at least
 * @id: the number
 *
 * Context: Any.
 */
void nyx_show_id(struct seq_file *m, int width, u32 id)
{
	if (id)
		seq_printf(m, "%*u ", width, id);
	else
		seq_printf(m, "%*s ", width, "-");
}

static void nyx_show_size(struct seq_buf *text, const char *sep,
			  unsigned int bit)
{
	static const char units[] = "BKMGTPE";

	seq_buf_printf(text, "%s%u%c", sep, 1U << bit % 10, units[bit / 10]);
}

/**
 * nyx_show_sizes() - a set of page sizes, like "4K+2M+1G", left-aligned
 * @m: where to
 * @width: columns that it fills at least
 * @sizes: the sizes in bytes, a bit each; 0 is shown as "-". Of three or more in
 *	a row only the first and the last are: "4K-1G"
 *
 * Context: Any.
 */
void nyx_show_sizes(struct seq_file *m, int width, u64 sizes)
{
	DECLARE_SEQ_BUF(text, 64);
	unsigned int first, last;
	const char *sep = "";

	while (sizes) {
		first = __ffs64(sizes);
		/* Up to the first clear bit, or to the end. */
		last = ~sizes >> first ? first + __ffs64(~sizes >> first) - 1 :
					 63;
		nyx_show_size(&text, sep, first);
		sep = "+";
		if (last > first)
			nyx_show_size(&text, last > first + 1 ? "-" : "+",
				      last);
		sizes &= ~GENMASK_ULL(last, first);
	}
	seq_printf(m, "%-*s ", width, *sep ? seq_buf_str(&text) : "-");
}
