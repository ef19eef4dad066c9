// SPDX-License-Identifier: GPL-2.0-only
/*
 * IVRS tables: their parts, and complete ones.
 */
#include <linux/string.h>

#include "ivrs_table.h"

/**
 * ivrs_table_start() - begin a table with its header (5.2.1)
 * @t: the table
 * @revision: revision
 * @info: IVinfo
 */
void ivrs_table_start(struct fw_bytes *t, u8 revision, u32 info)
{
	fw_bytes_start(t, "IVRS", revision, 48);
	fw_bytes_put(t, 36, 4, info);
}

/**
 * ivrs_table_empty() - a header only: EFRSup, 40 address bits of each kind
 * @t: the table
 */
void ivrs_table_empty(struct fw_bytes *t)
{
	ivrs_table_start(t, 2, 0x00203041);
}

/**
 * ivrs_table_ivhd() - append an IVHD block without device entries (5.2.2)
 * @t: the table
 * @type: 0x10, 0x11 or 0x40
 * @device_id: the IOMMU's own DeviceID
 * @base: register base
 * @segment: PCI segment
 */
void ivrs_table_ivhd(struct fw_bytes *t, u8 type, u16 device_id, u64 base,
		     u16 segment)
{
	u32 at = fw_bytes_entry(t, type == 0x10 ? 24 : 40);

	t->b[at] = type;
	t->b[at + 1] = 0xb0;
	fw_bytes_put(t, at + 4, 2, device_id);
	fw_bytes_put(t, at + 6, 2, 0x40);
	fw_bytes_put(t, at + 8, 8, base);
	fw_bytes_put(t, at + 16, 2, segment);
}

/**
 * ivrs_table_dev() - append a device entry of 4 bytes
 * @t: the table, whose last block is an IVHD
 * @type: 0x01 all, 0x02 select, 0x03 start, 0x04 end of range
 * @device_id: DeviceID
 * @dte: DTE setting
 */
void ivrs_table_dev(struct fw_bytes *t, u8 type, u16 device_id, u8 dte)
{
	u32 at = fw_bytes_item(t, 4 << (type >> 6));

	t->b[at] = type;
	fw_bytes_put(t, at + 1, 2, device_id);
	t->b[at + 3] = dte;
}

/**
 * ivrs_table_alias() - append a device entry with an alias
 * @t: the table, whose last block is an IVHD
 * @type: 0x42 alias select, 0x43 alias start of range
 * @device_id: DeviceID
 * @dte: DTE setting
 * @source: source DeviceID
 */
void ivrs_table_alias(struct fw_bytes *t, u8 type, u16 device_id, u8 dte,
		      u16 source)
{
	ivrs_table_dev(t, type, device_id, dte);
	fw_bytes_put(t, t->len - 3, 2, source);
}

/**
 * ivrs_table_extended() - append a device entry with extended data
 * @t: the table, whose last block is an IVHD
 * @type: 0x46 extended select, 0x47 extended start of range
 * @device_id: DeviceID
 * @dte: DTE setting
 * @extended: extended DTE setting
 */
void ivrs_table_extended(struct fw_bytes *t, u8 type, u16 device_id, u8 dte,
			 u32 extended)
{
	ivrs_table_dev(t, type, device_id, dte);
	fw_bytes_put(t, t->len - 4, 4, extended);
}

/**
 * ivrs_table_special() - append a special device
 * @t: the table, whose last block is an IVHD
 * @dte: DTE setting
 * @handle: I/O APIC ID or HPET number
 * @source: source DeviceID
 * @variety: 1 I/O APIC, 2 HPET
 */
void ivrs_table_special(struct fw_bytes *t, u8 dte, u8 handle, u16 source,
			u8 variety)
{
	ivrs_table_alias(t, 0x48, 0, dte, source);
	t->b[t->len - 4] = handle;
	t->b[t->len - 1] = variety;
}

/**
 * ivrs_table_acpi() - append a device of the ACPI namespace
 * @t: the table, whose last block is an IVHD
 * @device_id: DeviceID
 * @dte: DTE setting
 * @hid: _HID, up to 8 characters
 * @format: 0 no _UID, 1 a number, 2 characters
 * @uid: the _UID
 * @len: its length
 */
void ivrs_table_acpi(struct fw_bytes *t, u16 device_id, u8 dte,
		     const char *hid, u8 format, const void *uid, u8 len)
{
	u32 at = fw_bytes_item(t, 22 + len);

	t->b[at] = 0xf0;
	fw_bytes_put(t, at + 1, 2, device_id);
	t->b[at + 3] = dte;
	memcpy(t->b + at + 4, hid, strlen(hid));
	t->b[at + 20] = format;
	t->b[at + 21] = len;
	memcpy(t->b + at + 22, uid, len);
}

/**
 * ivrs_table_ivmd() - append an IVMD block
 * @t: the table
 * @type: 0x20 all, 0x21 one, 0x22 a range of devices
 * @flags: 1 unity, 2 read, 4 write, 8 exclusion range
 * @segment: PCI segment
 * @first: DeviceID
 * @last: the last one
 * @base: first byte
 * @len: bytes
 */
void ivrs_table_ivmd(struct fw_bytes *t, u8 type, u8 flags, u16 segment,
		     u16 first, u16 last, u64 base, u64 len)
{
	u32 at = fw_bytes_entry(t, 32);

	t->b[at] = type;
	t->b[at + 1] = flags;
	fw_bytes_put(t, at + 4, 2, first);
	fw_bytes_put(t, at + 6, 2, last);
	fw_bytes_put(t, at + 8, 2, segment);
	fw_bytes_put(t, at + 16, 8, base);
	fw_bytes_put(t, at + 24, 8, len);
}

/* A table of QEMU 11.1: two blocks that differ only in their headers. */
static void qemu(struct fw_bytes *t, void (*devices)(struct fw_bytes *t),
		 u32 features, u64 efr)
{
	ivrs_table_start(t, 1, 0x2801);
	ivrs_table_ivhd(t, 0x10, 0x0008, 0xfed80000, 0);
	t->b[49] = 0xd1;
	fw_bytes_put(t, 48 + 20, 4, features);
	devices(t);
	ivrs_table_ivhd(t, 0x11, 0x0008, 0xfed80000, 0);
	t->b[t->entry[1] + 1] = 0x11;
	fw_bytes_put(t, t->entry[1] + 24, 8, efr);
	devices(t);
	fw_bytes_end(t);
}

static void qemu_devices(struct fw_bytes *t)
{
	ivrs_table_dev(t, 0x02, 0x0000, 0);
	ivrs_table_dev(t, 0x02, 0x0008, 0);
	ivrs_table_dev(t, 0x02, 0x00f8, 0);
	ivrs_table_dev(t, 0x02, 0x00fa, 0);
	ivrs_table_dev(t, 0x02, 0x00fb, 0);
	ivrs_table_special(t, 0, 0, 0x00a0, 1);
}

/**
 * ivrs_table_qemu() - table of QEMU 11.1
 * @t: the table
 *
 * QEMU builds it for -M q35 -device amd-iommu,dma-remap=on.
 */
void ivrs_table_qemu(struct fw_bytes *t)
{
	qemu(t, qemu_devices, 0x00000044, 0x29d3);
}

static void qemu_bridge_devices(struct fw_bytes *t)
{
	ivrs_table_dev(t, 0x02, 0x0000, 0);
	ivrs_table_dev(t, 0x02, 0x0008, 0);
	ivrs_table_dev(t, 0x02, 0x0018, 0);
	ivrs_table_dev(t, 0x02, 0x0100, 0);
	ivrs_table_alias(t, 0x43, 0x0200, 0, 0x0200);
	ivrs_table_dev(t, 0x04, 0x02ff, 0);
	ivrs_table_dev(t, 0x02, 0x0020, 0);
	ivrs_table_dev(t, 0x02, 0x0030, 0);
	ivrs_table_alias(t, 0x43, 0x0300, 0, 0x0030);
	ivrs_table_dev(t, 0x04, 0x03ff, 0);
	ivrs_table_dev(t, 0x02, 0x00f8, 0);
	ivrs_table_dev(t, 0x02, 0x00fa, 0);
	ivrs_table_dev(t, 0x02, 0x00fb, 0);
	ivrs_table_special(t, 0, 0, 0x00a0, 1);
}

/**
 * ivrs_table_qemu_bridges() - table of QEMU 11.1 with bridges
 * @t: the table
 *
 * As ivrs_table_qemu(), with xtsup=on, and with a PCI Express to PCI bridge
 * below a root port, an edu device and a pci-bridge in slots 3, 4 and 6.
 */
void ivrs_table_qemu_bridges(struct fw_bytes *t)
{
	qemu(t, qemu_bridge_devices, 0x00000045, 0x29d7);
}

/* One unit, described by three blocks, of which the last one counts. */
static void server_first(struct fw_bytes *t)
{
	static const u8 uid[] = { 0xef, 0xcd, 0xab, 0x89, 1, 2, 3, 4 };

	ivrs_table_ivhd(t, 0x10, 0x0002, 0xfd300000, 0);	/* 48 */
	fw_bytes_put(t, 48 + 20, 4, 0x80048f6f);
	ivrs_table_dev(t, 0x03, 0x0003, 0);			/* 72 */
	ivrs_table_dev(t, 0x04, 0xfffe, 0);			/* 76 */
	ivrs_table_ivhd(t, 0x11, 0x0002, 0xfd300000, 0);	/* 80 */
	ivrs_table_dev(t, 0x01, 0, 0);				/* 120 */
	ivrs_table_ivhd(t, 0x40, 0x0002, 0xfd300000, 0);	/* 124 */
	fw_bytes_put(t, 124 + 18, 2, 0x1503);
	fw_bytes_put(t, 124 + 20, 4, 0x00048000);
	fw_bytes_put(t, 124 + 24, 8, 0x25bf732fa2295afe);
	fw_bytes_put(t, 124 + 32, 8, 0x0000001d);
	ivrs_table_dev(t, 0x00, 0, 0);				/* 164 */
	ivrs_table_dev(t, 0x03, 0x0003, 0);			/* 168 */
	ivrs_table_dev(t, 0x04, 0x3ffe, 0);			/* 172 */
	ivrs_table_special(t, 0xd7, 0x21, 0x00a0, 1);		/* 176 */
	ivrs_table_special(t, 0x00, 0x00, 0x00a0, 2);		/* 184 */
	ivrs_table_acpi(t, 0x00a5, 0x40, "AMDI0020", 2, "\\_SB.FUR0", 9); /* 192 */
	ivrs_table_acpi(t, 0x00a6, 0, "AMDI1", 1, uid, 8);	/* 223 */
	ivrs_table_acpi(t, 0x00a7, 0, "AMDI0040", 0, NULL, 0);	/* 253 */
}

/* A unit with all other kinds of device entries. */
static void server_second(struct fw_bytes *t)
{
	ivrs_table_ivhd(t, 0x11, 0x4002, 0xb5500000, 0);	/* 275 */
	ivrs_table_dev(t, 0x02, 0x4008, 0x04);			/* 315 */
	ivrs_table_alias(t, 0x42, 0x4010, 0x01, 0x4018);	/* 319 */
	ivrs_table_alias(t, 0x43, 0x4100, 0x02, 0x4020);	/* 327 */
	ivrs_table_dev(t, 0x04, 0x41ff, 0xff);			/* 335 */
	ivrs_table_extended(t, 0x46, 0x4200, 0x10, 0x80000000);	/* 339 */
	ivrs_table_extended(t, 0x47, 0x4300, 0x80, 0x80000000);	/* 347 */
	ivrs_table_dev(t, 0x04, 0x43ff, 0);			/* 355 */
	ivrs_table_extended(t, 0x46, 0x4308, 0, 0x7fffffff);	/* 359 */
	ivrs_table_dev(t, 0x40, 0, 0);				/* 367 */
	ivrs_table_special(t, 0x41, 0x22, 0x4008, 1);		/* 375 */
}

/**
 * ivrs_table_server() - all kinds of blocks and device entries, two segments
 * @t: the table
 *
 * Tests use the offsets in the comments after blocks and entries.
 */
void ivrs_table_server(struct fw_bytes *t)
{
	ivrs_table_start(t, 2, 0x00603043);
	server_first(t);
	server_second(t);
	ivrs_table_ivhd(t, 0x11, 0x0002, 0x201ffc000000, 1);	/* 383 */
	ivrs_table_dev(t, 0x01, 0, 0x03);			/* 423 */
	ivrs_table_dev(t, 0x02, 0x0018, 0);			/* 427 */
	ivrs_table_ivmd(t, 0x20, 0x07, 1, 0, 0, 0x9d000000, 0x200000); /* 431 */
	ivrs_table_ivmd(t, 0x21, 0x03, 0, 0x00a0, 0, 0x9e000000, 0x1000); /* 463 */
	ivrs_table_ivmd(t, 0x22, 0x05, 0, 0x4100, 0x4200, 0xfff00000,
			0xffff00100000);			/* 495 */
	ivrs_table_ivmd(t, 0x21, 0x08, 0, 0x4010, 0, 0x9f000000, 0x3000); /* 527 */
	fw_bytes_end(t);					/* 559 */
}
