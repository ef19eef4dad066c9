// SPDX-License-Identifier: GPL-2.0-only
/*
 * Printing columns of debugfs files. Scripts split lines at spaces. So no
 * column may be empty or contain a space, even if the name of a driver does.
 */
#include <linux/bitops.h>
#include <linux/ctype.h>
#include <linux/kernel.h>
#include <linux/seq_buf.h>
#include <linux/seq_file.h>
#include <linux/string.h>

#include "show.h"

/**
 * nyx_show_word() - print a name, left-aligned
 * @m: output
 * @width: minimum number of characters
 * @word: the name; spaces and unprintable characters are printed as "_", an
 *	empty name or NULL as "-"
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
 * nyx_show_id() - print a number, right-aligned
 * @m: output
 * @width: minimum number of characters
 * @id: the number; 0 means none and is printed as "-"
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
 * nyx_show_sizes() - print a set of page sizes like "4K+2M+1G", left-aligned
 * @m: output
 * @width: minimum number of characters
 * @sizes: bitmap of the sizes in bytes; 0 is printed as "-". Three or more
 *	consecutive powers of two are printed as a range: "4K-1G"
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
		/* The run ends at the next clear bit, or at bit 63. */
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

/**
 * nyx_show_levels() - print a set of table depths like "3+4", left-aligned
 * @m: output
 * @width: minimum number of characters
 * @levels: bit n is set for n levels; 0 is printed as "-"
 *
 * Context: Any.
 */
void nyx_show_levels(struct seq_file *m, int width, u32 levels)
{
	unsigned long bits = levels;
	unsigned int n, shown = 0;

	seq_setwidth(m, width);
	for_each_set_bit(n, &bits, 32)
		seq_printf(m, "%s%u", shown++ ? "+" : "", n);
	if (!shown)
		seq_putc(m, '-');
	seq_pad(m, ' ');
}
