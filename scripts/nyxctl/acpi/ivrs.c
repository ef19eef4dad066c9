// SPDX-License-Identifier: GPL-2.0-only
/* Decodes the blocks of the IVRS table (48882, 5.2). */
#include <linux/array_size.h>
#include <linux/bitfield.h>
#include <linux/string.h>
#include <linux/unaligned.h>

#include "acpi.h"
#include "amd/ivrs_parser.h"
#include "nyxctl.h"

/* Further fields of IVinfo (5.2.1), and of an IVHD block (5.2.2). */
#define INFO_GVA_SIZE		GENMASK(7, 5)
#define INFO_PA_SIZE		GENMASK(14, 8)
#define INFO_HT_ATS_RESERVED	BIT(22)
#define IVHD_IOMMU_INFO		18
/* Fields of an ACPI device entry. */
#define ENTRY_CID		12
#define ENTRY_CID_SIZE		8

enum layout { ID, NO_FIELDS, ALIAS, EXTENDED, SPECIAL, ACPI };

static const struct kind {
	u8 type;
	enum layout layout;
	const char *name;
} kinds[] = {
	{ 0x00, NO_FIELDS, "padding of 4 bytes" },
	{ 0x01, NO_FIELDS, "all" },
	{ 0x02, ID, "select" },
	{ 0x03, ID, "start of range" },
	{ 0x04, ID, "end of range" },
	{ 0x40, NO_FIELDS, "padding of 8 bytes" },
	{ 0x42, ALIAS, "alias select" },
	{ 0x43, ALIAS, "alias start of range" },
	{ 0x46, EXTENDED, "extended select" },
	{ 0x47, EXTENDED, "extended start of range" },
	{ 0x48, SPECIAL, "special device" },
	{ 0xf0, ACPI, "ACPI device" },
};

static void decode_ivrs_header(struct bytes table, json_t *object)
{
	u32 info = get_unaligned_le32(table.at + IVRS_INFO);

	put_hex(object, "iv_info", info, 8);
	json_object_set_new(object, "efr_sup", json_boolean(info & IVRS_INFO_EFR_SUP));
	json_object_set_new(object, "dma_remap_sup", json_boolean(info & IVRS_INFO_DMA_REMAP));
	put_number(object, "gva_size", FIELD_GET(INFO_GVA_SIZE, info));
	put_number(object, "pa_size", FIELD_GET(INFO_PA_SIZE, info));
	put_number(object, "va_size", FIELD_GET(IVRS_INFO_VA_SIZE, info));
	json_object_set_new(object, "ht_ats_resv",
			    json_boolean(info & INFO_HT_ATS_RESERVED));
}

static json_t *decode_uid(const u8 *e, size_t len)
{
	u8 number[8] = { 0 };

	switch (e[ENTRY_UID_FORMAT]) {
	case AMD_IVRS_UID_NONE:
		return json_null();
	case AMD_IVRS_UID_INTEGER:
		memcpy(number, e + ENTRY_UID, len < 8 ? len : 8);
		return json_hex(get_unaligned_le64(number), 1);
	default:
		return json_letters(e + ENTRY_UID, len);
	}
}

static void decode_fields(const u8 *e, size_t size, enum layout layout, json_t *object)
{
	switch (layout) {
	case ALIAS:
		json_object_set_new(object, "source",
				    json_requester(get_unaligned_le16(e + ENTRY_SOURCE)));
		break;
	case EXTENDED:
		json_object_set_new(object, "ats_disabled",
				    json_boolean(get_unaligned_le32(e + ENTRY_EXTENDED) &
						 ENTRY_EXTENDED_ATS_DISABLED));
		break;
	case SPECIAL:
		json_object_set_new(object, "variety",
				    e[ENTRY_VARIETY] == AMD_IVRS_IOAPIC ?
				    json_text("I/O APIC") :
				    e[ENTRY_VARIETY] == AMD_IVRS_HPET ? json_text("HPET") :
				    json_text("%u", e[ENTRY_VARIETY]));
		put_number(object, "handle", e[ENTRY_HANDLE]);
		json_object_set_new(object, "source",
				    json_requester(get_unaligned_le16(e + ENTRY_SOURCE)));
		break;
	case ACPI:
		json_object_set_new(object, "hid", json_letters(e + ENTRY_HID, ENTRY_HID_SIZE));
		json_object_set_new(object, "cid", json_letters(e + ENTRY_CID, ENTRY_CID_SIZE));
		put_number(object, "uid_format", e[ENTRY_UID_FORMAT]);
		json_object_set_new(object, "uid", decode_uid(e, size - ENTRY_UID));
		break;
	default:
		break;
	}
}

/* The size of an entry, of which some bytes may be missing; 0 if it is not known. */
static size_t size_of(struct bytes entry)
{
	u8 type = entry.at[ENTRY_TYPE];

	if (type < 0xf0)
		return 4 << (type >> 6);
	if (type == 0xf0 && entry.len >= ENTRY_UID)
		return ENTRY_UID + entry.at[ENTRY_UID_LENGTH];
	return 0;
}

static const struct kind *kind_of(u8 type)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		if (kinds[i].type == type)
			return &kinds[i];
	return NULL;
}

/* All bytes of the entry are present. */
static json_t *decode_entry(const u8 *e, size_t size, size_t offset)
{
	const struct kind *kind = kind_of(e[ENTRY_TYPE]);
	json_t *object = must(json_object());

	put_number(object, "offset", offset);
	put_number(object, "type", e[ENTRY_TYPE]);
	json_object_set_new(object, "name", kind ? json_text("%s", kind->name) :
			    json_text("type %02xh", e[ENTRY_TYPE]));
	if (!kind)
		return object;
	if (kind->layout != NO_FIELDS && kind->layout != SPECIAL)
		json_object_set_new(object, "device_id",
				    json_requester(get_unaligned_le16(e + ENTRY_DEVICE_ID)));
	if (e[ENTRY_TYPE] != 0x00 && e[ENTRY_TYPE] != 0x04 && e[ENTRY_TYPE] != 0x40)
		put_hex(object, "dte_setting", e[ENTRY_DTE], 2);
	decode_fields(e, size, kind->layout, object);
	return object;
}

/* Ends at an entry that is not complete. */
static json_t *decode_entries(struct bytes block, size_t at, size_t offset)
{
	json_t *list = must(json_array());
	size_t size;

	for (; at < block.len; at += size) {
		size = size_of((struct bytes){ block.at + at, block.len - at });
		if (!size || size > block.len - at)
			break;
		json_array_append_new(list, decode_entry(block.at + at, size, offset + at));
	}
	return list;
}

/* Types 11h and 40h have the last two flags in the image of the EFR. */
static void decode_ivhd(struct bytes b, size_t offset, json_t *object)
{
	static const char * const flags[] = {
		"HtTunEn", "PassPW", "ResPassPW", "Isoc", "IotlbSup", "Coherent", "PreFSup",
		"PPRSup",
	};
	bool old = b.at[BLOCK_TYPE] == IVHD_10;

	json_object_set_new(object, "flags", json_flags(b.at[BLOCK_FLAGS], flags,
							ARRAY_SIZE(flags) - (old ? 0 : 2)));
	json_object_set_new(object, "device_id",
			    json_requester(get_unaligned_le16(b.at + BLOCK_DEVICE_ID)));
	put_hex(object, "capability_offset", get_unaligned_le16(b.at + IVHD_CAPABILITY), 2);
	put_hex(object, "register_base", get_unaligned_le64(b.at + IVHD_BASE), 1);
	put_segment(object, get_unaligned_le16(b.at + IVHD_SEGMENT));
	put_hex(object, "iommu_info", get_unaligned_le16(b.at + IVHD_IOMMU_INFO), 4);
	put_hex(object, old ? "feature_reporting" : "attributes",
		get_unaligned_le32(b.at + IVHD_ATTRIBUTES), 8);
	if (!old) {
		put_hex(object, "efr", get_unaligned_le64(b.at + IVHD_EFR), 16);
		put_hex(object, "efr2", get_unaligned_le64(b.at + IVHD_EFR2), 16);
	}
	json_object_set_new(object, "entries",
			    decode_entries(b, amd_ivhd_size(b.at[BLOCK_TYPE]), offset));
}

static void decode_ivmd(struct bytes b, json_t *object)
{
	static const char * const flags[] = { "Unity", "IR", "IW", "Exclusion" };
	u8 type = b.at[BLOCK_TYPE];

	json_object_set_new(object, "flags", json_flags(b.at[BLOCK_FLAGS], flags,
							ARRAY_SIZE(flags)));
	put_segment(object, get_unaligned_le16(b.at + IVMD_SEGMENT));
	if (type != IVMD_ALL)
		json_object_set_new(object, "device_id",
				    json_requester(get_unaligned_le16(b.at + BLOCK_DEVICE_ID)));
	if (type == IVMD_RANGE)
		json_object_set_new(object, "last_device_id",
				    json_requester(get_unaligned_le16(b.at +
								      IVMD_LAST_DEVICE_ID)));
	put_hex(object, "base", get_unaligned_le64(b.at + IVMD_BASE), 1);
	put_hex(object, "bytes", get_unaligned_le64(b.at + IVMD_LENGTH), 1);
}

static void decode_ivrs(struct bytes b, size_t offset, json_t *object)
{
	const char *name = amd_ivrs_block_name(b.at[BLOCK_TYPE]);
	size_t size = amd_ivhd_size(b.at[BLOCK_TYPE]);

	put_number(object, "type", b.at[BLOCK_TYPE]);
	json_object_set_new(object, "name", name ?
			    json_text("%s type %02xh", name, b.at[BLOCK_TYPE]) :
			    json_text("block of type %02xh", b.at[BLOCK_TYPE]));
	if (size && b.len >= size)
		decode_ivhd(b, offset, object);
	else if (!size && name && b.len >= IVMD_SIZE)
		decode_ivmd(b, object);
}

const struct format ivrs_format = {
	.signature = "IVRS",
	.header = decode_ivrs_header,
	.structure = decode_ivrs,
	.plan = ivrs_plan,
};
