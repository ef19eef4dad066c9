// SPDX-License-Identifier: GPL-2.0-only
/*
 * Decodes what all tables have in common. All of a table is decoded, also what the module
 * ignores, and as much as possible of one that is refused.
 */
#include <linux/unaligned.h>

#include "acpi.h"
#include "nyxctl.h"

/* Both tables have further fields in the header, and structures behind it. */
#define HEADER_SIZE		48
#define STRUCTURE_LENGTH	2
#define STRUCTURE_HEADER_SIZE	4

/* The part of the file that belongs to the table. */
static struct bytes table_of(struct bytes file)
{
	size_t len = get_unaligned_le32(file.at + ACPI_LENGTH);

	return (struct bytes){ file.at, len < file.len ? len : file.len };
}

static json_t *checksum_state(struct bytes file)
{
	struct bytes table = table_of(file);
	u8 sum = 0;
	size_t i;

	if (get_unaligned_le32(file.at + ACPI_LENGTH) > file.len)
		return json_text("unknown");
	for (i = 0; i < table.len; i++)
		sum += table.at[i];
	return json_text(sum ? "wrong" : "good");
}

/**
 * decode_header() - decode the header of a table
 * @format: its type
 * @table: the file; it starts with the signature
 *
 * Return: an object; fields that the file does not contain are missing.
 */
json_t *decode_header(const struct format *format, struct bytes table)
{
	json_t *header = must(json_object());

	json_object_set_new(header, "signature", json_text("%s", format->signature));
	put_number(header, "file_bytes", table.len);
	json_object_set_new(header, "findings", must(json_array()));
	if (table.len < ACPI_HEADER_SIZE)
		return header;
	put_number(header, "length", get_unaligned_le32(table.at + ACPI_LENGTH));
	put_number(header, "revision", table.at[ACPI_REVISION]);
	put_hex(header, "checksum", table.at[ACPI_CHECKSUM], 2);
	json_object_set_new(header, "checksum_state", checksum_state(table));
	json_object_set_new(header, "oem_id", json_letters(table.at + ACPI_OEM_ID, 6));
	json_object_set_new(header, "oem_table_id",
			    json_letters(table.at + ACPI_OEM_TABLE_ID, 8));
	put_hex(header, "oem_revision", get_unaligned_le32(table.at + ACPI_OEM_REVISION), 1);
	json_object_set_new(header, "creator_id",
			    json_letters(table.at + ACPI_CREATOR_ID, 4));
	put_hex(header, "creator_revision",
		get_unaligned_le32(table.at + ACPI_CREATOR_REVISION), 1);
	if (table.len >= HEADER_SIZE)
		format->header(table, header);
	return header;
}

static json_t *decode_structure(const struct format *format, struct bytes rest,
				size_t offset, size_t len)
{
	json_t *object = must(json_object());

	put_number(object, "offset", offset);
	put_number(object, "length", len);
	json_object_set_new(object, "complete", json_boolean(len <= rest.len));
	if (rest.len >= STRUCTURE_HEADER_SIZE)
		format->structure((struct bytes){ rest.at, len < rest.len ? len : rest.len },
				  offset, object);
	json_object_set_new(object, "findings", must(json_array()));
	return object;
}

/**
 * decode_structures() - decode the structures of a table
 * @format: its type
 * @file: the file; it starts with the signature
 *
 * Return: an array of objects in the order of the table. It ends where the chain of
 *	structures is broken.
 */
json_t *decode_structures(const struct format *format, struct bytes file)
{
	json_t *list = must(json_array());
	struct bytes table, rest;
	size_t offset, len;

	if (file.len < HEADER_SIZE)
		return list;
	table = table_of(file);
	for (offset = HEADER_SIZE; offset < table.len; offset += len) {
		rest = (struct bytes){ table.at + offset, table.len - offset };
		len = rest.len;
		if (rest.len >= STRUCTURE_HEADER_SIZE)
			len = get_unaligned_le16(rest.at + STRUCTURE_LENGTH);
		json_array_append_new(list, decode_structure(format, rest, offset, len));
		if (len < STRUCTURE_HEADER_SIZE)
			break;
	}
	return list;
}
