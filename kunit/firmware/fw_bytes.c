// SPDX-License-Identifier: GPL-2.0-only
#include <linux/string.h>

#include "fw_bytes.h"

/**
 * fw_bytes_put() - write a little-endian number
 * @t: the table
 * @at: offset
 * @bytes: size of the number, 1 to 8
 * @value: the number
 */
void fw_bytes_put(struct fw_bytes *t, u32 at, u32 bytes, u64 value)
{
	for (; bytes--; value >>= 8)
		t->b[at++] = value;
}

/**
 * fw_bytes_start() - begin a table with its header
 * @t: the table
 * @signature: four letters
 * @revision: revision
 * @header: size of the header, including the 36 bytes of an ACPI header
 */
void fw_bytes_start(struct fw_bytes *t, const char *signature, u8 revision,
		    u32 header)
{
	memset(t, 0, sizeof(*t));
	memcpy(t->b, signature, 4);
	t->b[8] = revision;
	memcpy(t->b + 10, "NYX   KUNIT   ", 14);
	t->len = header;
}

/**
 * fw_bytes_entry() - append a structure, zeroed except for its length
 * @t: the table
 * @len: its length, stored in two bytes at its offset 2
 *
 * Return: its offset.
 */
u32 fw_bytes_entry(struct fw_bytes *t, u32 len)
{
	u32 at = t->len;

	t->entry[t->nr_entry++] = at;
	fw_bytes_put(t, at + 2, 2, len);
	t->len += len;
	return at;
}

/**
 * fw_bytes_item() - append a zeroed item to the last structure
 * @t: the table
 * @len: length of the item, by which the structure grows
 *
 * Return: its offset.
 */
u32 fw_bytes_item(struct fw_bytes *t, u32 len)
{
	u32 at = t->len, entry = t->entry[t->nr_entry - 1];

	t->item[t->nr_item++] = at;
	t->len += len;
	fw_bytes_put(t, entry + 2, 2, t->len - entry);
	return at;
}

/**
 * fw_bytes_fix_length() - write the table's length into its header
 * @t: the table; may be cut off inside the header
 */
void fw_bytes_fix_length(struct fw_bytes *t)
{
	if (t->len >= 8)
		fw_bytes_put(t, 4, 4, t->len);
}

/**
 * fw_bytes_end() - write the table's length and checksum
 * @t: the table
 */
void fw_bytes_end(struct fw_bytes *t)
{
	u8 sum = 0;
	u32 i;

	fw_bytes_fix_length(t);
	t->b[9] = 0;
	for (i = 0; i < t->len; i++)
		sum += t->b[i];
	t->b[9] = -sum;
}
