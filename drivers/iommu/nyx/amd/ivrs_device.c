// SPDX-License-Identifier: GPL-2.0-only
/*
 * The device entries of an IVHD block (48882, 5.2.2). The comment in ivrs.c
 * explains how errors are handled.
 */
#include <linux/ctype.h>
#include <linux/string.h>
#include <linux/unaligned.h>

#include "ivrs.h"
#include "ivrs_parser.h"

/*
 * Far more device entries than any machine has. The limit bounds the time to
 * fill a device table, which searches all of them for each of 65536 DeviceIDs.
 */
#define MAX_ENTRIES	8192

enum entry_type {
	ENTRY_PAD_4		= 0x00,
	ENTRY_ALL		= 0x01,
	ENTRY_SELECT		= 0x02,
	ENTRY_START		= 0x03,
	ENTRY_END		= 0x04,
	ENTRY_PAD_8		= 0x40,
	ENTRY_ALIAS_SELECT	= 0x42,
	ENTRY_ALIAS_START	= 0x43,
	ENTRY_EXTENDED_SELECT	= 0x46,
	ENTRY_EXTENDED_START	= 0x47,
	ENTRY_SPECIAL		= 0x48,
	ENTRY_ACPI		= 0xf0,
};

/**
 * struct entries - state while the device entries of a block are read
 * @e: the current entry, which is completely inside the block
 * @unit: index of the unit
 * @start: the current range, whose end has not been read
 * @open: @start is valid
 */
struct entries {
	const u8 *e;
	unsigned int unit;
	struct amd_ivrs_range start;
	bool open;
};

/*
 * Returns the size of an entry, of which @left bytes are readable; 0 if it is
 * unknown. Two bits of the type encode the size, except for the last sixteen
 * types, which define it individually.
 */
static size_t entry_size(const u8 *e, size_t left)
{
	u8 type = e[ENTRY_TYPE];

	if (type < ENTRY_ACPI)
		return 4 << (type >> 6);
	if (type == ENTRY_ACPI)
		return ENTRY_UID + (left >= ENTRY_UID ? e[ENTRY_UID_LENGTH] : 0);
	return 0;
}

static void put_range(struct amd_ivrs *ivrs, const struct amd_ivrs_range *range)
{
	ivrs->range[ivrs->nr_range++] = *range;
}

/* Reads the first or only entry of a range. */
static struct amd_ivrs_range read_range(const struct entries *list)
{
	const u8 *e = list->e;
	struct amd_ivrs_range range = {
		.unit = list->unit,
		.first = get_unaligned_le16(e + ENTRY_DEVICE_ID),
		.dte = e[ENTRY_DTE],
	};

	range.last = range.first;
	switch (e[ENTRY_TYPE]) {
	case ENTRY_ALL:
		range.first = 0;
		range.last = U16_MAX;
		break;
	case ENTRY_ALIAS_SELECT:
	case ENTRY_ALIAS_START:
		range.alias = true;
		range.source = get_unaligned_le16(e + ENTRY_SOURCE);
		break;
	case ENTRY_EXTENDED_SELECT:
	case ENTRY_EXTENDED_START:
		range.ats_disabled = get_unaligned_le32(e + ENTRY_EXTENDED) &
				     ENTRY_EXTENDED_ATS_DISABLED;
		break;
	}
	return range;
}

static int start_range(struct amd_ivrs_parser *p, struct entries *list)
{
	if (list->open)
		return nyx_fw_refuse(&p->t, "range starts inside another",
				     list->start.first);
	list->start = read_range(list);
	list->open = true;
	return 0;
}

static int end_range(struct amd_ivrs_parser *p, struct entries *list)
{
	u16 last = get_unaligned_le16(list->e + ENTRY_DEVICE_ID);

	if (!list->open)
		return nyx_fw_refuse(&p->t, "range has no start", last);
	if (last < list->start.first)
		return nyx_fw_refuse(&p->t, "range ends before it starts",
				     last);
	list->start.last = last;
	put_range(p->ivrs, &list->start);
	list->open = false;
	return 0;
}

static void read_special(struct amd_ivrs_parser *p, const struct entries *list)
{
	struct amd_ivrs *ivrs = p->ivrs;
	struct amd_ivrs_special *s = &ivrs->special[ivrs->nr_special], *other;
	const u8 *e = list->e;

	s->unit = list->unit;
	s->source = get_unaligned_le16(e + ENTRY_SOURCE);
	s->handle = e[ENTRY_HANDLE];
	s->variety = e[ENTRY_VARIETY];
	s->dte = e[ENTRY_DTE];
	if (s->variety != AMD_IVRS_IOAPIC && s->variety != AMD_IVRS_HPET) {
		nyx_fw_note(&p->t, NYX_FW_UNKNOWN, "variety of special device",
			    s->variety);
		return;
	}
	for (other = ivrs->special; other < s; other++) {
		if (other->variety != s->variety || other->handle != s->handle)
			continue;
		nyx_fw_note(&p->t, NYX_FW_SKIPPED,
			    "special device is already named", s->handle);
		return;
	}
	ivrs->nr_special++;
}

/*
 * Copies up to @size bytes of text that is padded with zeroes, and terminates
 * it.
 */
static bool copy_text(char *to, const u8 *from, size_t size)
{
	size_t i;

	for (i = 0; i < size && from[i]; i++) {
		if (!isascii(from[i]) || !isprint(from[i]))
			return false;
		to[i] = from[i];
	}
	to[i] = '\0';
	return i;
}

/* Returns the error in the _UID of an entry; NULL if there is none. */
static const char *read_uid(struct amd_ivrs_parser *p, struct amd_ivrs_acpi *a,
			    const u8 *e)
{
	size_t len = e[ENTRY_UID_LENGTH];
	u8 number[8] = {};

	a->uid_format = e[ENTRY_UID_FORMAT];
	switch (a->uid_format) {
	case AMD_IVRS_UID_NONE:
		return NULL;
	case AMD_IVRS_UID_INTEGER:
		if (!len || len > sizeof(number))
			return "unique ID is not a number of 1 to 8 bytes";
		memcpy(number, e + ENTRY_UID, len);
		a->uid = get_unaligned_le64(number);
		return NULL;
	case AMD_IVRS_UID_STRING:
		if (!copy_text(p->texts, e + ENTRY_UID, len))
			return "unique ID is not text";
		a->uid_text = p->texts;
		p->texts += strlen(p->texts) + 1;
		return NULL;
	default:
		return "format of unique ID is not 0, 1 or 2";
	}
}

static void read_acpi(struct amd_ivrs_parser *p, const struct entries *list)
{
	struct amd_ivrs *ivrs = p->ivrs;
	struct amd_ivrs_acpi *a = &ivrs->acpi[ivrs->nr_acpi];
	const u8 *e = list->e;
	const char *wrong;

	a->unit = list->unit;
	a->device_id = get_unaligned_le16(e + ENTRY_DEVICE_ID);
	a->dte = e[ENTRY_DTE];
	if (ivrs->unit[list->unit].type != IVHD_40)
		wrong = "ACPI device is in a block that is not of type 40h";
	else if (!copy_text(a->hid, e + ENTRY_HID, ENTRY_HID_SIZE))
		wrong = "hardware ID is not text";
	else
		wrong = read_uid(p, a, e);
	if (wrong)
		nyx_fw_note(&p->t, NYX_FW_SKIPPED, wrong, a->device_id);
	else
		ivrs->nr_acpi++;
}

static int read_entry(struct amd_ivrs_parser *p, struct entries *list)
{
	struct amd_ivrs_range range;

	switch (list->e[ENTRY_TYPE]) {
	case ENTRY_PAD_4:
	case ENTRY_PAD_8:
		return 0;
	case ENTRY_ALL:
	case ENTRY_SELECT:
	case ENTRY_ALIAS_SELECT:
	case ENTRY_EXTENDED_SELECT:
		range = read_range(list);
		put_range(p->ivrs, &range);
		return 0;
	case ENTRY_START:
	case ENTRY_ALIAS_START:
	case ENTRY_EXTENDED_START:
		return start_range(p, list);
	case ENTRY_END:
		return end_range(p, list);
	case ENTRY_SPECIAL:
		read_special(p, list);
		return 0;
	case ENTRY_ACPI:
		read_acpi(p, list);
		return 0;
	default:
		nyx_fw_note(&p->t, NYX_FW_UNKNOWN, "type",
			    list->e[ENTRY_TYPE]);
		return 0;
	}
}

/* Counts the parsed entries of all units. */
static unsigned int nr_entries(const struct amd_ivrs *ivrs)
{
	return ivrs->nr_range + ivrs->nr_special + ivrs->nr_acpi;
}

/**
 * amd_ivrs_read_entries() - read the device entries of an IVHD block
 * @p: the parser
 * @index: index of the unit that the block describes
 * @pos: offset of the first entry in the table
 * @end: end of the block, not below @pos
 *
 * The arrays of the result have room for all of them.
 *
 * Context: As for the parser.
 * Return: 0, or -EINVAL after a note if the table is refused.
 */
int amd_ivrs_read_entries(struct amd_ivrs_parser *p, unsigned int index,
			  size_t pos, size_t end)
{
	struct entries list = { .unit = index };
	struct nyx_fw_table *t = &p->t;
	unsigned int ranges = p->ivrs->nr_range;
	size_t size;
	int ret;

	t->where = "device entry";
	for (t->pos = pos; t->pos < end; t->pos += size) {
		list.e = t->bytes + t->pos;
		size = entry_size(list.e, end - t->pos);
		if (!size)
			return nyx_fw_refuse(t, "length of its type is not known",
					     list.e[ENTRY_TYPE]);
		if (size > end - t->pos)
			return nyx_fw_refuse(t, "length extends beyond its block",
					     size);
		ret = read_entry(p, &list);
		if (ret)
			return ret;
		if (nr_entries(p->ivrs) > MAX_ENTRIES)
			return nyx_fw_refuse(t, "number of device entries is above 8192",
					     nr_entries(p->ivrs));
	}
	t->pos = p->ivrs->unit[index].offset;
	t->where = "IVHD";
	if (list.open)
		return nyx_fw_refuse(t, "range has no end",
				     list.start.first);
	if (p->ivrs->nr_range == ranges)
		nyx_fw_note(t, NYX_FW_KEPT, "number of DeviceIDs is 0", 0);
	return 0;
}
