// SPDX-License-Identifier: GPL-2.0-only
/*
 * Random errors in firmware tables, most of them in types and lengths, on which
 * parsers depend most.
 */
#include <linux/minmax.h>
#include <linux/string.h>

#include "fw_mutate.h"

static u32 below(struct fw_mutator *m, u32 limit)
{
	return prandom_u32_state(&m->rnd) % limit;
}

static u8 odd_byte(struct fw_mutator *m)
{
	static const u8 odd[] = {
		0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 31, 32, 0x5c, 0x7f, 0x80,
		0xfe, 0xff,
	};

	return odd[below(m, sizeof(odd))];
}

/* A random offset in a structure or in an item. */
static u32 place(struct fw_mutator *m, u32 reach)
{
	const struct fw_bytes *t = &m->t;

	if (t->nr_item && below(m, 2))
		return t->item[below(m, t->nr_item)] + below(m, reach / 2);
	return t->entry[below(m, t->nr_entry)] + below(m, reach);
}

/* Changes a type or a length. */
static void mutate_chain(struct fw_mutator *m, u32 how)
{
	const struct fw_parser *parser = m->parser;
	struct fw_bytes *t = &m->t;
	u32 entry = t->entry[below(m, t->nr_entry)];

	switch (how) {
	case 0:
		t->b[entry + 2] += below(m, 9) - 4;
		break;
	case 1:
		fw_bytes_put(t, entry + 2, 2, below(m, 0x10000));
		break;
	case 2:
		fw_bytes_put(t, entry, parser->type_size,
			     parser->types[below(m, parser->nr_types)]);
		break;
	case 3:
		if (parser->nr_item_types && t->nr_item)
			t->b[t->item[below(m, t->nr_item)]] =
				parser->item_types[below(m, parser->nr_item_types)];
		break;
	}
}

/* Cuts the table, or copies a part of another table into it. */
static void mutate_size(struct fw_mutator *m, u32 how)
{
	const struct fw_bytes *other = &m->good[below(m, m->nr_good)];
	struct fw_bytes *t = &m->t;
	u32 at = below(m, t->len), from, n;

	switch (how) {
	case 0:
		t->len = 1 + below(m, t->len);
		fw_bytes_fix_length(t);
		break;
	case 1: /* a piece */
		from = below(m, other->len);
		n = 1 + below(m, min(other->len - from, t->len - at));
		memmove(t->b + at, other->b + from, n);
		break;
	case 2: /* whole structures, up to the end of the other table */
		from = other->entry[below(m, other->nr_entry)];
		n = min_t(u32, other->len - from, FW_BYTES_MAX - t->len);
		memcpy(t->b + t->len, other->b + from, n);
		t->len += n;
		fw_bytes_fix_length(t);
		break;
	}
}

/* Makes one random change to the table. */
static void mutate(struct fw_mutator *m)
{
	struct fw_bytes *t = &m->t;
	u32 at = below(m, t->len), how = below(m, 11);

	switch (how) {
	case 0:
		t->b[at] ^= 1 << below(m, 8);
		break;
	case 1:
		t->b[at] = odd_byte(m);
		break;
	case 2:
		t->b[at] = below(m, 256);
		break;
	case 3:
		t->b[place(m, 40)] = odd_byte(m);
		break;
	case 4 ... 7:
		mutate_chain(m, how - 4);
		break;
	case 8 ... 10:
		mutate_size(m, how - 8);
		break;
	}
}

/**
 * fw_mutate() - make a broken table
 * @m: the good tables and random numbers; @m->t is set to a good table with one
 *	to four errors
 */
void fw_mutate(struct fw_mutator *m)
{
	u32 n;

	m->t = m->good[min(below(m, 8), m->nr_good - 1)];
	for (n = 1 + below(m, 4); n; n--)
		mutate(m);
}
