// SPDX-License-Identifier: GPL-2.0-only
/*
 * Builds DMAR tables byte by byte.
 */
#include <linux/string.h>

#include "dmar_table.h"

/**
 * dmar_table_start() - begin a table with its header (8.1)
 * @t: the table
 * @width: host address width field: the width minus one
 * @flags: flags field
 */
void dmar_table_start(struct fw_bytes *t, u8 width, u8 flags)
{
	fw_bytes_start(t, "DMAR", 1, 48);
	t->b[36] = width;
	t->b[37] = flags;
}

/**
 * dmar_table_entry() - append a remapping structure, all zero (8.2)
 * @t: the table
 * @type: its type
 * @len: its length
 *
 * Return: its offset.
 */
u32 dmar_table_entry(struct fw_bytes *t, u16 type, u16 len)
{
	u32 at = fw_bytes_entry(t, len);

	fw_bytes_put(t, at, 2, type);
	return at;
}

/**
 * dmar_table_drhd() - append a DRHD without scopes (8.3)
 * @t: the table
 * @flags: flags field
 * @segment: PCI segment
 * @base: register base
 */
void dmar_table_drhd(struct fw_bytes *t, u8 flags, u16 segment, u64 base)
{
	u32 at = dmar_table_entry(t, 0, 16);

	t->b[at + 4] = flags;
	fw_bytes_put(t, at + 6, 2, segment);
	fw_bytes_put(t, at + 8, 8, base);
}

/**
 * dmar_table_rmrr() - append an RMRR without scopes (8.4)
 * @t: the table
 * @segment: PCI segment
 * @base: first byte
 * @limit: last byte
 */
void dmar_table_rmrr(struct fw_bytes *t, u16 segment, u64 base, u64 limit)
{
	u32 at = dmar_table_entry(t, 1, 24);

	fw_bytes_put(t, at + 6, 2, segment);
	fw_bytes_put(t, at + 8, 8, base);
	fw_bytes_put(t, at + 16, 8, limit);
}

/**
 * dmar_table_atsr() - append an ATSR without scopes (8.5)
 * @t: the table
 * @flags: flags field
 * @segment: PCI segment
 */
void dmar_table_atsr(struct fw_bytes *t, u8 flags, u16 segment)
{
	u32 at = dmar_table_entry(t, 2, 8);

	t->b[at + 4] = flags;
	fw_bytes_put(t, at + 6, 2, segment);
}

/**
 * dmar_table_rhsa() - append an RHSA (8.6)
 * @t: the table
 * @base: register base of a unit
 * @domain: proximity domain
 */
void dmar_table_rhsa(struct fw_bytes *t, u64 base, u32 domain)
{
	u32 at = dmar_table_entry(t, 3, 20);

	fw_bytes_put(t, at + 8, 8, base);
	fw_bytes_put(t, at + 16, 4, domain);
}

/**
 * dmar_table_andd() - append an ANDD (8.7)
 * @t: the table
 * @device: device number
 * @name: object name
 */
void dmar_table_andd(struct fw_bytes *t, u8 device, const char *name)
{
	u32 at = dmar_table_entry(t, 4, 8 + strlen(name) + 1);

	t->b[at + 7] = device;
	memcpy(t->b + at + 8, name, strlen(name));
}

/**
 * dmar_table_satc() - append a SATC without scopes (8.8)
 * @t: the table
 * @flags: flags field
 * @segment: PCI segment
 */
void dmar_table_satc(struct fw_bytes *t, u8 flags, u16 segment)
{
	u32 at = dmar_table_entry(t, 5, 8);

	t->b[at + 4] = flags;
	fw_bytes_put(t, at + 6, 2, segment);
}

/**
 * dmar_table_path() - append a device scope to the last structure (8.3.1)
 * @t: the table
 * @type: scope type
 * @id: enumeration ID
 * @bus: start bus number
 * @path: pairs of device and function
 * @bytes: number of bytes of @path
 */
void dmar_table_path(struct fw_bytes *t, u8 type, u8 id, u8 bus,
		     const u8 *path, u32 bytes)
{
	u32 at = fw_bytes_item(t, 6 + bytes);

	t->b[at] = type;
	t->b[at + 1] = 6 + bytes;
	t->b[at + 4] = id;
	t->b[at + 5] = bus;
	memcpy(t->b + at + 6, path, bytes);
}

/**
 * dmar_table_qemu() - build the table of QEMU 11.1
 * @t: the table
 *
 * QEMU builds it for -M q35 -device intel-iommu with intremap=on,
 * device-iotlb=on and aw-bits=48. It lists each device.
 */
void dmar_table_qemu(struct fw_bytes *t)
{
	dmar_table_start(t, 0x2f, 0x01);
	dmar_table_drhd(t, 0x00, 0, 0xfed90000);
	dmar_table_scope(t, 3, 0x00, 0xff, 0x00, 0);
	dmar_table_scope(t, 1, 0x00, 0x00, 0x00, 0);
	dmar_table_scope(t, 2, 0x00, 0x00, 0x01, 0);
	dmar_table_scope(t, 1, 0x00, 0x00, 0x1f, 0);
	dmar_table_scope(t, 1, 0x00, 0x00, 0x1f, 2);
	dmar_table_scope(t, 1, 0x00, 0x00, 0x1f, 3);
	dmar_table_atsr(t, 0x01, 0);
	fw_bytes_end(t);
}

/**
 * dmar_table_qemu_all() - build the table of older versions of QEMU
 * @t: the table
 *
 * QEMU builds it for aw-bits=39. The unit has INCLUDE_PCI_ALL.
 */
void dmar_table_qemu_all(struct fw_bytes *t)
{
	dmar_table_start(t, 0x26, 0x00);
	dmar_table_drhd(t, 0x01, 0, 0xfed90000);
	dmar_table_scope(t, 3, 0x00, 0xff, 0x00, 0);
	fw_bytes_end(t);
}

/**
 * dmar_table_server() - build a table with all kinds of structures and scopes,
 *	for two segments
 * @t: the table
 *
 * Tests depend on the offsets in the comments.
 */
void dmar_table_server(struct fw_bytes *t)
{
	u32 at;

	dmar_table_start(t, 0x2d, 0x05);
	dmar_table_drhd(t, 0x00, 0, 0xfed90000);		/* 48 */
	dmar_table_scope(t, 1, 0, 0x00, 0x02, 0);		/* 64 */
	dmar_table_drhd(t, 0x00, 1, 0x201ffc000000);		/* 72 */
	t->b[t->entry[1] + 5] = 0x01;				/* 8 KiB */
	dmar_table_scope(t, 2, 0, 0x80, 0x01, 0, 0x02, 3, 0x1f, 7); /* 88 */
	dmar_table_drhd(t, 0x01, 0, 0xfed91000);		/* 100 */
	dmar_table_scope(t, 3, 0x08, 0xf0, 0x1f, 0);		/* 116 */
	dmar_table_scope(t, 4, 0x00, 0xf0, 0x0f, 0);		/* 124 */
	dmar_table_scope(t, 5, 0x01, 0x00, 0x15, 1);		/* 132 */
	dmar_table_rmrr(t, 0, 0x7d800000, 0x7fffffff);		/* 140 */
	dmar_table_scope(t, 1, 0, 0x00, 0x02, 0);		/* 164 */
	dmar_table_scope(t, 1, 0, 0x00, 0x14, 0);		/* 172 */
	dmar_table_atsr(t, 0x00, 0);				/* 180 */
	dmar_table_scope(t, 2, 0, 0x00, 0x1c, 4);		/* 188 */
	dmar_table_atsr(t, 0x01, 1);				/* 196 */
	dmar_table_rhsa(t, 0xfed90000, 1);			/* 204 */
	dmar_table_rhsa(t, 0x201ffc000000, 0x01020304);		/* 224 */
	dmar_table_andd(t, 1, "\\_SB.PCI0.I2C0");		/* 244 */
	dmar_table_satc(t, 0x01, 0);				/* 267 */
	dmar_table_scope(t, 1, 0, 0x00, 0x08, 0);		/* 275 */
	at = dmar_table_entry(t, 6, 8);				/* 283 */
	dmar_table_scope(t, 1, 0, 0x00, 0x09, 0);		/* 291 */
	t->b[at + 8 + 2] = 0x1f;				/* its flags */
	fw_bytes_end(t);					/* 299 */
}
