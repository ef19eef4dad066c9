// SPDX-License-Identifier: GPL-2.0-only
#include <linux/string.h>

#include "fw_bytes.h"

/**
 * fw_bytes_put() - write a little-endian number
 * @t: the table
 * @at: offset
 * @bytes: 1 to 8
 * @value: the number
 */
void fw_bytes_put(struct fw_bytes *t, u32 at, u32 bytes, u64 value)
{
	for (; bytes--; value >>= 8)
		t->b[at++] = value;
}

/**
 * fw_bytes_start() - begin with the header that all ACPI tables have
 * @t: the table
 * @signature: four letters
 * @revision: revision
 * @header: bytes of the table's own header, which starts with ACPI's 36
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
 * fw_bytes_entry() - append a structure, all zero but for its length
 * @t: the table
 * @len: its length, a number of two bytes at its offset 2
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
 * fw_bytes_item() - append something to the last structure, all zero
 * @t: the table
 * @len: by how much the structure grows
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
 * @t: the table, which may be cut off
 */
void fw_bytes_fix_length(struct fw_bytes *t)
{
	if (t->len >= 8)
		fw_bytes_put(t, 4, 4, t->len);
}

/**
 * fw_bytes_end() - write the length, and the checksum over all
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
