// SPDX-License-Identifier: GPL-2.0-only
/*
 * The blocks of the IVRS table: IVHD blocks, which describe IOMMUs, and IVMD
 * blocks, which describe memory (48882, 5.2). The comment in ivrs.c explains
 * how errors are handled.
 */
#include <linux/align.h>
#include <linux/bitfield.h>
#include <linux/limits.h>
#include <linux/sizes.h>
#include <linux/unaligned.h>

#include "ivrs.h"
#include "ivrs_parser.h"

/* Registers that each IOMMU has; performance counters follow them. */
#define REGISTERS_SIZE		SZ_16K

/*
 * Valid offsets of a capability block in PCI configuration space, and its size.
 */
#define CAPABILITY_FIRST	0x40
#define CAPABILITY_END		0x100
#define CAPABILITY_SIZE		0x18

/**
 * amd_ivrs_block_name() - get the name of a type of block
 * @type: the type
 *
 * Context: Any.
 * Return: the name in the specification, or NULL if the type is not specified.
 */
const char *amd_ivrs_block_name(u8 type)
{
	switch (type) {
	case IVHD_10:
	case IVHD_11:
	case IVHD_40:
		return "IVHD";
	case IVMD_ALL:
	case IVMD_SELECT:
	case IVMD_RANGE:
		return "IVMD";
	default:
		return NULL;
	}
}

/**
 * amd_ivhd_size() - get the offset of the device entries in an IVHD block
 * @type: the type of the block
 *
 * Context: Any.
 * Return: the offset in bytes; 0 if the block is not an IVHD block.
 */
size_t amd_ivhd_size(u8 type)
{
	switch (type) {
	case IVHD_10:
		return IVHD_10_SIZE;
	case IVHD_11:
	case IVHD_40:
		return IVHD_11_SIZE;
	default:
		return 0;
	}
}

/**
 * amd_ivhd_choose() - choose the IVHD block that applies to an IOMMU
 * @p: the parser, at an IVHD block that lies inside the table
 *
 * Firmware describes an IOMMU with one block for each type, for compatibility
 * with older software. Only the block of the highest known type is used
 * (5.2.2).
 *
 * Context: As for the parser.
 * Return: 0, or -EINVAL after a note if the table is refused.
 */
int amd_ivhd_choose(struct amd_ivrs_parser *p)
{
	const u8 *b = p->t.bytes + p->t.pos;
	struct amd_ivrs *ivrs = p->ivrs;
	u16 segment = get_unaligned_le16(b + IVHD_SEGMENT);
	u16 device_id = get_unaligned_le16(b + BLOCK_DEVICE_ID);
	u64 base = get_unaligned_le64(b + IVHD_BASE);
	struct amd_ivrs_unit *unit;

	for (unit = ivrs->unit; unit < ivrs->unit + ivrs->nr_unit; unit++)
		if (unit->segment == segment && unit->device_id == device_id)
			break;
	if (unit == ivrs->unit + ivrs->nr_unit) {
		ivrs->nr_unit++;
	} else {
		if (unit->type == b[BLOCK_TYPE])
			return nyx_fw_refuse(&p->t, "IOMMU has two blocks of one type",
					     device_id);
		if (unit->base != base)
			nyx_fw_note(&p->t, NYX_FW_KEPT,
				    "register base differs from that of another type",
				    base);
		if (unit->type > b[BLOCK_TYPE])
			return 0;
	}
	unit->offset = p->t.pos;
	unit->type = b[BLOCK_TYPE];
	unit->segment = segment;
	unit->device_id = device_id;
	unit->base = base;
	return 0;
}

static const char *check_registers(u64 base)
{
	if (!base || base == U64_MAX)
		return "register base is not set";
	if (!IS_ALIGNED(base, REGISTERS_SIZE))
		return "register base is not 16 KiB aligned";
	if (base >> PHYS_BITS)
		return "register base is beyond 52 bits";
	return NULL;
}

static u16 read_capability(struct amd_ivrs_parser *p, const u8 *b)
{
	u16 capability = get_unaligned_le16(b + IVHD_CAPABILITY);

	if (capability >= CAPABILITY_FIRST &&
	    capability <= CAPABILITY_END - CAPABILITY_SIZE &&
	    IS_ALIGNED(capability, 4))
		return capability;
	nyx_fw_note(&p->t, NYX_FW_KEPT, "capability offset is invalid",
		    capability);
	return 0;
}

/**
 * amd_ivhd_read() - read the IVHD block of an IOMMU (5.2.2)
 * @p: the parser
 * @index: index of the unit, whose block amd_ivhd_choose() has chosen
 *
 * Context: As for the parser.
 * Return: 0, or -EINVAL after a note if the table is refused.
 */
int amd_ivhd_read(struct amd_ivrs_parser *p, unsigned int index)
{
	struct amd_ivrs_unit *unit = &p->ivrs->unit[index], *other;
	const u8 *b = p->t.bytes + unit->offset;
	const char *wrong = check_registers(unit->base);

	p->t.pos = unit->offset;
	p->t.where = "IVHD";
	unit->flags = b[BLOCK_FLAGS];
	unit->attributes = get_unaligned_le32(b + IVHD_ATTRIBUTES);
	if (unit->type != IVHD_10) {
		unit->has_efr = p->ivrs->efr_sup;
		unit->efr = get_unaligned_le64(b + IVHD_EFR);
		unit->efr2 = get_unaligned_le64(b + IVHD_EFR2);
	}
	unit->capability = read_capability(p, b);

	if (wrong)
		nyx_fw_note(&p->t, NYX_FW_SKIPPED, wrong, unit->base);
	unit->usable = !wrong;
	for (other = p->ivrs->unit; other < unit; other++)
		if (unit->usable && other->usable && other->base == unit->base)
			return nyx_fw_refuse(&p->t, "registers overlap another unit's",
					     unit->base);

	return amd_ivrs_read_entries(p, index,
				     unit->offset + amd_ivhd_size(unit->type),
				     unit->offset +
				     get_unaligned_le16(b + BLOCK_LENGTH));
}

/* Returns the error that makes @m invalid; NULL if there is none. */
static const char *check_memory(const struct amd_ivrs_memory *m)
{
	/* At address 0, the limit of an empty range is the last address. */
	if (m->limit < m->base || m->limit + 1 == m->base)
		return "memory ends before it starts";
	if (m->last < m->first)
		return "DeviceIDs end before they start";
	if (!m->read && !m->write)
		return "memory is neither read nor written";
	return NULL;
}

/**
 * amd_ivmd_read() - read an IVMD block
 * @p: the parser, at an IVMD block that lies inside the table
 *
 * Older revisions specify reserved zeroes in place of the segment.
 *
 * Context: As for the parser.
 * Return: 0, even if the block was skipped.
 */
int amd_ivmd_read(struct amd_ivrs_parser *p)
{
	const u8 *b = p->t.bytes + p->t.pos;
	struct amd_ivrs *ivrs = p->ivrs;
	struct amd_ivrs_memory *m = &ivrs->memory[ivrs->nr_memory];
	u8 flags = b[BLOCK_FLAGS];
	const char *wrong;

	if (get_unaligned_le16(b + BLOCK_LENGTH) < IVMD_SIZE) {
		nyx_fw_note(&p->t, NYX_FW_SKIPPED,
			    "length is less than that of its fields",
			    get_unaligned_le16(b + BLOCK_LENGTH));
		return 0;
	}
	if (!(flags & (IVMD_FLAG_UNITY | IVMD_FLAG_EXCLUSION))) {
		nyx_fw_note(&p->t, NYX_FW_UNKNOWN,
			    "neither unity-mapped nor excluded, flags", flags);
		return 0;
	}

	m->segment = get_unaligned_le16(b + IVMD_SEGMENT);
	m->first = 0;
	m->last = U16_MAX;
	if (b[BLOCK_TYPE] != IVMD_ALL) {
		m->first = get_unaligned_le16(b + BLOCK_DEVICE_ID);
		m->last = m->first;
	}
	if (b[BLOCK_TYPE] == IVMD_RANGE)
		m->last = get_unaligned_le16(b + IVMD_LAST_DEVICE_ID);
	m->read = flags & (IVMD_FLAG_READ | IVMD_FLAG_EXCLUSION);
	m->write = flags & (IVMD_FLAG_WRITE | IVMD_FLAG_EXCLUSION);
	m->base = get_unaligned_le64(b + IVMD_BASE);
	m->limit = m->base + get_unaligned_le64(b + IVMD_LENGTH) - 1;

	wrong = check_memory(m);
	if (wrong) {
		nyx_fw_note(&p->t, NYX_FW_SKIPPED, wrong, m->base);
		return 0;
	}
	/* Without the IVMD, VFIO would be allowed to use the device. */
	if (m->limit >> PHYS_BITS)
		nyx_fw_note(&p->t, NYX_FW_KEPT, "memory extends beyond 52 bits",
			    m->base);
	/*
	 * The device needs all of the range, so it is widened to whole pages.
	 */
	if (!IS_ALIGNED(m->base, SZ_4K) || !IS_ALIGNED(m->limit + 1, SZ_4K))
		nyx_fw_note(&p->t, NYX_FW_KEPT,
			    "range is widened to whole 4 KiB pages", m->base);
	m->base = ALIGN_DOWN(m->base, SZ_4K);
	m->limit |= SZ_4K - 1;
	ivrs->nr_memory++;
	return 0;
}
