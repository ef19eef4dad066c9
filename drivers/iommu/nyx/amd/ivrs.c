// SPDX-License-Identifier: GPL-2.0-only
/*
 * The IVRS table as a whole (AMD I/O Virtualization Technology Specification,
 * 48882, 5.2).
 *
 * Firmware is not trusted: every length, range and DeviceID is checked before
 * use. The reaction to an error is always a safe one:
 *
 * - If the chain of blocks, or that of a unit's device entries, cannot be
 *   followed, nothing after the break is known: the table is refused.
 * - If the devices of a unit cannot be determined, the table is refused as
 *   well. Without that unit, its devices might be attributed to a unit that
 *   names all devices, and the kernel would assume an isolation that does not
 *   exist. For the same reason, two units must not share registers, and only
 *   one unit of a segment may name all devices.
 * - A device that two units name has no unit: see ivrs_find.c.
 * - A unit whose devices are known but whose registers are invalid stays in the
 *   parsed table, marked as unusable. Its devices have no unit.
 * - Any other error affects only its own block or device entry.
 */
#include <linux/bitfield.h>
#include <linux/string.h>
#include <linux/unaligned.h>

#include "firmware/fw_table.h"
#include "ivrs.h"
#include "ivrs_parser.h"

/*
 * Far more blocks than any machine has. The limit bounds the time for parsing,
 * because units are compared with each other.
 */
#define MAX_IVHD	3072

/**
 * struct counts - maximum number of items in the table
 * @ivhd: number of IVHD blocks
 * @ivmd: number of IVMD blocks
 * @entries: bytes of device entries in all IVHD blocks
 */
struct counts {
	unsigned int ivhd;
	unsigned int ivmd;
	size_t entries;
};

/*
 * Reads a width from IVinfo. Some firmware, including that of QEMU, leaves it
 * 0. The physical address size is not read: entries lead to any address that
 * the CPU has, whatever firmware writes there.
 */
static u8 read_width(struct amd_ivrs_parser *p, const char *what,
		     unsigned int value, const u8 *known, size_t nr, u8 widest)
{
	if (!value)
		return widest;
	if (memchr(known, value, nr))
		return value;
	nyx_fw_note(&p->t, NYX_FW_UNKNOWN, what, value);
	return widest;
}

static void read_info(struct amd_ivrs_parser *p)
{
	static const u8 va_bits[] = { 32, 40, 48, 64 };
	struct amd_ivrs *ivrs = p->ivrs;
	u32 info = get_unaligned_le32(p->t.bytes + IVRS_INFO);

	ivrs->efr_sup = info & IVRS_INFO_EFR_SUP;
	ivrs->dma_remap = info & IVRS_INFO_DMA_REMAP;
	ivrs->va_bits = read_width(p, "virtual address size",
				   FIELD_GET(IVRS_INFO_VA_SIZE, info), va_bits,
				   sizeof(va_bits), 64);
}

static const char *name(const u8 *b)
{
	return amd_ivrs_block_name(b[BLOCK_TYPE]);
}

/* Checks that the chain of blocks can be followed, and counts the blocks. */
static int check_chain(struct amd_ivrs_parser *p, struct counts *count)
{
	struct nyx_fw_table *t = &p->t;
	size_t size;
	int len;
	u8 type;

	for (t->pos = IVRS_HEADER_SIZE; t->pos < t->len; t->pos += len) {
		len = nyx_fw_check_structure(t, name);
		if (len < 0)
			return len;
		type = t->bytes[t->pos + BLOCK_TYPE];
		size = amd_ivhd_size(type);
		if (size) {
			if (len < size)
				return nyx_fw_refuse(t, "length is less than that of its fields",
						     len);
			count->ivhd++;
			count->entries += len - size;
		} else if (amd_ivrs_block_name(type)) {
			count->ivmd++;
		} else {
			nyx_fw_note(t, NYX_FW_UNKNOWN, "type", type);
		}
	}

	t->pos = 0;
	t->where = "header";
	if (count->ivhd > MAX_IVHD)
		return nyx_fw_refuse(t, "number of IVHD blocks is above 3072",
				     count->ivhd);
	return 0;
}

/* The arrays are in one allocation, each with room for all counted items. */
static int allocate(struct amd_ivrs_parser *p, const struct counts *count)
{
	size_t ranges = count->entries / ENTRY_HEADER_SIZE;
	size_t specials = count->entries / ENTRY_SPECIAL_SIZE;
	size_t acpis = count->entries / ENTRY_UID;
	struct amd_ivrs *ivrs = p->ivrs;

	ivrs->mem = nyx_fw_alloc(count->ivhd * sizeof(*ivrs->unit) +
				 count->ivmd * sizeof(*ivrs->memory) +
				 acpis * sizeof(*ivrs->acpi) +
				 ranges * sizeof(*ivrs->range) +
				 ranges * sizeof(*p->sorted) +
				 specials * sizeof(*ivrs->special) +
				 count->entries);
	if (!ivrs->mem)
		return -ENOMEM;
	ivrs->unit = ivrs->mem;
	ivrs->memory = (void *)(ivrs->unit + count->ivhd);
	ivrs->acpi = (void *)(ivrs->memory + count->ivmd);
	ivrs->range = (void *)(ivrs->acpi + acpis);
	p->sorted = (void *)(ivrs->range + ranges);
	ivrs->special = (void *)(p->sorted + ranges);
	p->texts = (void *)(ivrs->special + specials);
	return 0;
}

/* Calls @fn at each IVHD block or each IVMD block of a checked chain. */
static int for_blocks(struct amd_ivrs_parser *p, bool ivhd,
		      int (*fn)(struct amd_ivrs_parser *p))
{
	struct nyx_fw_table *t = &p->t;
	u8 type;
	int ret;

	for (t->pos = IVRS_HEADER_SIZE; t->pos < t->len;
	     t->pos += get_unaligned_le16(t->bytes + t->pos + BLOCK_LENGTH)) {
		type = t->bytes[t->pos + BLOCK_TYPE];
		t->where = amd_ivrs_block_name(type);
		if (!t->where || !!amd_ivhd_size(type) != ivhd)
			continue;
		ret = fn(p);
		if (ret)
			return ret;
	}
	return 0;
}

static int read_units(struct amd_ivrs_parser *p)
{
	unsigned int i;
	int ret;

	for (i = 0; i < p->ivrs->nr_unit; i++) {
		ret = amd_ivhd_read(p, i);
		if (ret)
			return ret;
	}
	return 0;
}

static int parse(struct amd_ivrs_parser *p, size_t mapped)
{
	struct counts count = {};
	unsigned int i;
	int ret;

	ret = nyx_fw_check_header(&p->t, mapped, IVRS_HEADER_SIZE);
	if (ret)
		return ret;
	read_info(p);
	ret = check_chain(p, &count) ?:
	      allocate(p, &count) ?:
	      for_blocks(p, true, amd_ivhd_choose) ?:
	      read_units(p) ?:
	      amd_ivrs_check_ranges(p) ?:
	      for_blocks(p, false, amd_ivmd_read);
	if (ret)
		return ret;

	for (i = 0; i < p->ivrs->nr_unit; i++)
		if (p->ivrs->unit[i].usable)
			return 0;
	p->t.pos = 0;
	p->t.where = "header";
	return nyx_fw_refuse(&p->t, "number of usable units is 0",
			     p->ivrs->nr_unit);
}

/**
 * amd_ivrs_parse() - read and check an IVRS table (5.2)
 * @table: the table, including its ACPI header; not used after the call
 * @len: number of readable bytes at @table; may exceed the size of the table
 * @ivrs: filled in; amd_ivrs_free() frees it
 * @report: called in this context for each finding; NULL discards the findings.
 *	Only the first of many findings are reported
 * @arg: argument for @report
 *
 * Several tables may exist at a time.
 *
 * Context: May sleep.
 * Return: 0 with at least one usable unit in @ivrs; -EINVAL if the table is
 *	refused, after exactly one note with the verdict NYX_FW_REFUSED, which
 *	is the last note; -ENOMEM without such a note. After an error @ivrs is
 *	empty.
 */
int amd_ivrs_parse(const void *table, size_t len, struct amd_ivrs *ivrs,
		   nyx_fw_report report, void *arg)
{
	struct amd_ivrs_parser p = {
		.t = {
			.signature = "IVRS",
			.bytes = table,
			.report = report,
			.arg = arg,
		},
		.ivrs = ivrs,
	};
	int ret;

	memset(ivrs, 0, sizeof(*ivrs));
	ret = parse(&p, len);
	if (ret)
		amd_ivrs_free(ivrs);
	return ret;
}

/**
 * amd_ivrs_free() - free a parsed table
 * @ivrs: result of amd_ivrs_parse(), or all zeroes; all zeroes afterwards
 *
 * There are no users of @ivrs any more.
 *
 * Context: May sleep.
 */
void amd_ivrs_free(struct amd_ivrs *ivrs)
{
	nyx_fw_free(ivrs->override_mem);
	nyx_fw_free(ivrs->mem);
	memset(ivrs, 0, sizeof(*ivrs));
}
