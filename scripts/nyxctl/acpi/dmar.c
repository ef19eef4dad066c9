// SPDX-License-Identifier: GPL-2.0-only
/* Decodes the structures of the DMAR table (VT-d specification, chapter 8). */
#include <string.h>

#include <linux/array_size.h>
#include <linux/unaligned.h>

#include "acpi.h"
#include "nyxctl.h"
#include "vtd/dmar_parser.h"

/* Flags of a device scope; they mean something only in a SIDP (8.9). */
#define SCOPE_FLAGS		2

static const char * const table_flags[] = {
	"INTR_REMAP", "X2APIC_OPT_OUT", "DMA_CTRL_PLATFORM_OPT_IN_FLAG", "DMA_REMAP_OPT_OUT",
};

static const char * const scope_types[] = {
	NULL, "PCI endpoint", "PCI sub-hierarchy", "I/O APIC", "HPET", "ACPI device",
};

static void decode_dmar_header(struct bytes table, json_t *object)
{
	put_number(object, "host_address_width", table.at[DMAR_HOST_WIDTH] + 1);
	json_object_set_new(object, "flags", json_flags(table.at[DMAR_FLAGS], table_flags,
							ARRAY_SIZE(table_flags)));
}

/* Each hop as device.function; the first follows the bus number. */
static json_t *decode_path(const u8 *hops, size_t size)
{
	json_t *path = must(json_array());
	size_t i;

	for (i = 0; i + SCOPE_HOP_SIZE <= size; i += SCOPE_HOP_SIZE)
		json_array_append_new(path, json_text("%02x.%x", hops[i], hops[i + 1]));
	return path;
}

static json_t *scope_name(u8 type)
{
	if (type < ARRAY_SIZE(scope_types) && scope_types[type])
		return json_text("%s", scope_types[type]);
	return json_text("type %u", type);
}

static json_t *decode_scope(struct bytes scope)
{
	json_t *object = must(json_object());
	u8 type = scope.at[SCOPE_TYPE];

	put_number(object, "type", type);
	json_object_set_new(object, "name", scope_name(type));
	put_number(object, "length", scope.len);
	put_hex(object, "flags", scope.at[SCOPE_FLAGS], 2);
	put_number(object, "id", scope.at[SCOPE_ID]);
	json_object_set_new(object, "bus", json_text("%02x", scope.at[SCOPE_BUS]));
	json_object_set_new(object, "path",
			    decode_path(scope.at + SCOPE_PATH, scope.len - SCOPE_PATH));
	return object;
}

/* Ends at a scope that has no valid length. */
static json_t *decode_scopes(struct bytes structure, size_t at)
{
	json_t *list = must(json_array());
	struct bytes scope;

	for (; at + SCOPE_PATH <= structure.len; at += scope.len) {
		scope = (struct bytes){ structure.at + at, structure.at[at + SCOPE_LENGTH] };
		if (scope.len < SCOPE_PATH || scope.len > structure.len - at)
			break;
		json_array_append_new(list, decode_scope(scope));
	}
	return list;
}

static void decode_drhd(struct bytes s, json_t *object)
{
	static const char * const flags[] = { "INCLUDE_PCI_ALL" };

	json_object_set_new(object, "flags", json_flags(s.at[ENTRY_FLAGS], flags,
							ARRAY_SIZE(flags)));
	put_number(object, "register_bytes",
		   4096LL << (s.at[DRHD_SIZE] & DRHD_SIZE_LOG2_PAGES));
	put_segment(object, get_unaligned_le16(s.at + ENTRY_SEGMENT));
	put_hex(object, "register_base", get_unaligned_le64(s.at + DRHD_BASE), 1);
}

static void decode_rmrr(struct bytes s, json_t *object)
{
	put_segment(object, get_unaligned_le16(s.at + ENTRY_SEGMENT));
	put_hex(object, "base", get_unaligned_le64(s.at + RMRR_BASE), 1);
	put_hex(object, "limit", get_unaligned_le64(s.at + RMRR_LIMIT), 1);
}

static void decode_atsr(struct bytes s, json_t *object)
{
	static const char * const flags[] = { "ALL_PORTS" };

	json_object_set_new(object, "flags", json_flags(s.at[ENTRY_FLAGS], flags,
							ARRAY_SIZE(flags)));
	put_segment(object, get_unaligned_le16(s.at + ENTRY_SEGMENT));
}

static void decode_rhsa(struct bytes s, json_t *object)
{
	put_hex(object, "register_base", get_unaligned_le64(s.at + RHSA_BASE), 1);
	put_number(object, "proximity_domain", get_unaligned_le32(s.at + RHSA_DOMAIN));
}

static void decode_andd(struct bytes s, json_t *object)
{
	const char *name = (const char *)s.at + ANDD_NAME;

	put_number(object, "device_number", s.at[ANDD_DEVICE]);
	json_object_set_new(object, "object_name",
			    json_letters(s.at + ANDD_NAME, strnlen(name, s.len - ANDD_NAME)));
}

static void decode_satc(struct bytes s, json_t *object)
{
	static const char * const flags[] = { "ATC_REQUIRED" };

	json_object_set_new(object, "flags", json_flags(s.at[ENTRY_FLAGS], flags,
							ARRAY_SIZE(flags)));
	put_segment(object, get_unaligned_le16(s.at + ENTRY_SEGMENT));
}

static void decode_sidp(struct bytes s, json_t *object)
{
	put_segment(object, get_unaligned_le16(s.at + ENTRY_SEGMENT));
}

static const struct {
	void (*decode)(struct bytes s, json_t *object);
	size_t size;
	bool scopes;
} kinds[VTD_DMAR_TYPES] = {
	[VTD_DRHD] = { decode_drhd, DRHD_FIELDS, true },
	[VTD_RMRR] = { decode_rmrr, RMRR_FIELDS, true },
	[VTD_ATSR] = { decode_atsr, ATSR_FIELDS, true },
	[VTD_RHSA] = { decode_rhsa, RHSA_FIELDS, false },
	[VTD_ANDD] = { decode_andd, ANDD_NAME, false },
	[VTD_SATC] = { decode_satc, SATC_FIELDS, true },
	[VTD_SIDP] = { decode_sidp, SIDP_FIELDS, true },
};

static void decode_dmar(struct bytes s, size_t offset, json_t *object)
{
	u16 type = get_unaligned_le16(s.at + ENTRY_TYPE);

	(void)offset;
	put_number(object, "type", type);
	json_object_set_new(object, "name", type < VTD_DMAR_TYPES ?
			    json_text("%s", vtd_dmar_kinds[type].name) :
			    json_text("structure of type %u", type));
	if (type >= VTD_DMAR_TYPES || s.len < kinds[type].size)
		return;
	kinds[type].decode(s, object);
	if (kinds[type].scopes)
		json_object_set_new(object, "scopes", decode_scopes(s, kinds[type].size));
}

const struct format dmar_format = {
	.signature = "DMAR",
	.header = decode_dmar_header,
	.structure = decode_dmar,
	.plan = dmar_plan,
};
