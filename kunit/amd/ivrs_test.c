// SPDX-License-Identifier: GPL-2.0-only
/*
 * The IVRS parser: valid tables, truncated tables, and look-ups of devices.
 */
#include <kunit/test.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "ivrs_result.h"

/* The table of a QEMU 11.1 guest, from offset 36 on. */
static const u8 qemu[] = {
	/* 36 */
	0x01, 0x28, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x00,
	/* 48 */
	0x10, 0xd1, 0x5c, 0x00, 0x08, 0x00, 0x40, 0x00,
	0x00, 0x00, 0xd8, 0xfe, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x45, 0x00, 0x00, 0x00,
	/* 72 */
	0x02, 0x00, 0x00, 0x00, 0x02, 0x08, 0x00, 0x00,
	0x02, 0x18, 0x00, 0x00, 0x02, 0x00, 0x01, 0x00,
	0x43, 0x00, 0x02, 0x00, 0x00, 0x00, 0x02, 0x00,
	0x04, 0xff, 0x02, 0x00, 0x02, 0x20, 0x00, 0x00,
	0x02, 0x30, 0x00, 0x00, 0x43, 0x00, 0x03, 0x00,
	0x00, 0x30, 0x00, 0x00, 0x04, 0xff, 0x03, 0x00,
	0x02, 0xf8, 0x00, 0x00, 0x02, 0xfa, 0x00, 0x00,
	0x02, 0xfb, 0x00, 0x00, 0x48, 0x00, 0x00, 0x00,
	0x00, 0xa0, 0x00, 0x01,
	/* 140 */
	0x11, 0x11, 0x6c, 0x00, 0x08, 0x00, 0x40, 0x00,
	0x00, 0x00, 0xd8, 0xfe, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	0xd7, 0x29, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	/* 180 */
	0x02, 0x00, 0x00, 0x00, 0x02, 0x08, 0x00, 0x00,
	0x02, 0x18, 0x00, 0x00, 0x02, 0x00, 0x01, 0x00,
	0x43, 0x00, 0x02, 0x00, 0x00, 0x00, 0x02, 0x00,
	0x04, 0xff, 0x02, 0x00, 0x02, 0x20, 0x00, 0x00,
	0x02, 0x30, 0x00, 0x00, 0x43, 0x00, 0x03, 0x00,
	0x00, 0x30, 0x00, 0x00, 0x04, 0xff, 0x03, 0x00,
	0x02, 0xf8, 0x00, 0x00, 0x02, 0xfa, 0x00, 0x00,
	0x02, 0xfb, 0x00, 0x00, 0x48, 0x00, 0x00, 0x00,
	0x00, 0xa0, 0x00, 0x01,
};

static struct ivrs_result *good(struct kunit *test,
				void (*make)(struct fw_bytes *t),
				const char *left)
{
	struct ivrs_result *i = ivrs_result(test, ivrs_table_new(test, make));

	KUNIT_ASSERT_EQ(test, i->r.ret, 0);
	KUNIT_EXPECT_EQ(test, i->r.notes, 0);
	KUNIT_ASSERT_STREQ(test, i->r.left, left);
	return i;
}

static bool no_ats(const struct ivrs_result *i, u16 segment, u16 device_id)
{
	struct amd_ivrs_device found = {};

	return !amd_ivrs_find(&i->ivrs, segment, device_id, 0, &found) &&
	       found.ats_disabled;
}

static void ivrs_qemu(struct kunit *test)
{
	struct ivrs_result *i = good(test, ivrs_table_qemu, "1/1 5 1 0 0");
	const struct amd_ivrs_unit *unit = i->ivrs.unit;

	KUNIT_EXPECT_TRUE(test, i->ivrs.efr_sup);
	KUNIT_EXPECT_FALSE(test, i->ivrs.dma_remap);
	KUNIT_EXPECT_EQ(test, i->ivrs.va_bits, 64);

	KUNIT_EXPECT_EQ(test, unit->type, 0x11);
	KUNIT_EXPECT_EQ(test, unit->flags, 0x11);
	KUNIT_EXPECT_EQ(test, unit->base, 0xfed80000);
	KUNIT_EXPECT_EQ(test, unit->device_id, 0x0008);
	KUNIT_EXPECT_EQ(test, unit->capability, 0x40);
	KUNIT_EXPECT_TRUE(test, unit->has_efr);
	KUNIT_EXPECT_EQ(test, unit->efr, 0x29d3);
	KUNIT_EXPECT_EQ(test, unit->efr2, 0);

	ivrs_expect_device(test, i, 0, 0x00fa, 0, 0x00fa);
	ivrs_expect_none(test, i, 0, 0x0008);
	ivrs_expect_none(test, i, 0, 0x0100);
	ivrs_expect_none(test, i, 1, 0x00fa);
	KUNIT_EXPECT_EQ(test, i->ivrs.special[0].source, 0x00a0);
	KUNIT_EXPECT_EQ(test, i->ivrs.special[0].handle, 0);
	KUNIT_EXPECT_EQ(test, i->ivrs.special[0].variety, 1);
}

static void ivrs_qemu_bridges(struct kunit *test)
{
	struct fw_bytes *t = ivrs_table_new(test, ivrs_table_qemu_bridges);
	struct ivrs_result *i;

	KUNIT_ASSERT_EQ(test, t->len, 248);
	KUNIT_ASSERT_EQ(test, sizeof(qemu), 248 - 36);
	KUNIT_ASSERT_MEMEQ(test, t->b + 36, qemu, sizeof(qemu));

	i = good(test, ivrs_table_qemu_bridges, "1/1 11 1 0 0");
	KUNIT_EXPECT_EQ(test, i->ivrs.unit[0].efr, 0x29d7);
	ivrs_expect_device(test, i, 0, 0x0100, 0, 0x0100);
	ivrs_expect_device(test, i, 0, 0x0208, 0, 0x0200);
	ivrs_expect_device(test, i, 0, 0x0300, 0, 0x0030);
	ivrs_expect_device(test, i, 0, 0x03ff, 0, 0x0030);
	ivrs_expect_none(test, i, 0, 0x0400);
}

static void ivrs_server_units(struct kunit *test)
{
	struct ivrs_result *i = good(test, ivrs_table_server, "3/3 9 3 3 4");
	const struct amd_ivrs_unit *unit = i->ivrs.unit;

	KUNIT_ASSERT_EQ(test, ivrs_table_new(test, ivrs_table_server)->len,
			559);
	KUNIT_EXPECT_TRUE(test, i->ivrs.efr_sup);
	KUNIT_EXPECT_TRUE(test, i->ivrs.dma_remap);
	KUNIT_EXPECT_EQ(test, i->ivrs.va_bits, 64);

	KUNIT_EXPECT_EQ(test, unit[0].type, 0x40);
	KUNIT_EXPECT_EQ(test, unit[0].offset, 124);
	KUNIT_EXPECT_EQ(test, unit[0].segment, 0);
	KUNIT_EXPECT_EQ(test, unit[0].device_id, 0x0002);
	KUNIT_EXPECT_EQ(test, unit[0].base, 0xfd300000);
	KUNIT_EXPECT_EQ(test, unit[0].flags, 0xb0);
	KUNIT_EXPECT_EQ(test, unit[0].attributes, 0x00048000);
	KUNIT_EXPECT_EQ(test, unit[0].efr, 0x25bf732fa2295afe);
	KUNIT_EXPECT_EQ(test, unit[0].efr2, 0x1d);
	KUNIT_EXPECT_EQ(test, unit[1].type, 0x11);
	KUNIT_EXPECT_EQ(test, unit[1].device_id, 0x4002);
	KUNIT_EXPECT_EQ(test, unit[1].base, 0xb5500000);
	KUNIT_EXPECT_EQ(test, unit[2].segment, 1);
	KUNIT_EXPECT_EQ(test, unit[2].base, 0x201ffc000000);
}

static void ivrs_server_devices(struct kunit *test)
{
	struct ivrs_result *i = good(test, ivrs_table_server, "3/3 9 3 3 4");

	ivrs_expect_none(test, i, 0, 0x0000);
	ivrs_expect_none(test, i, 0, 0x0002);
	ivrs_expect_device(test, i, 0, 0x0003, 0, 0x0003);
	ivrs_expect_device(test, i, 0, 0x3ffe, 0, 0x3ffe);
	ivrs_expect_none(test, i, 0, 0x3fff);
	ivrs_expect_none(test, i, 0, 0x4002);
	ivrs_expect_device(test, i, 0, 0x4008, 1, 0x4008);
	ivrs_expect_none(test, i, 0, 0x4009);
	ivrs_expect_device(test, i, 0, 0x4010, 1, 0x4018);
	ivrs_expect_none(test, i, 0, 0x4018);
	ivrs_expect_device(test, i, 0, 0x4100, 1, 0x4020);
	ivrs_expect_device(test, i, 0, 0x41ff, 1, 0x4020);
	ivrs_expect_device(test, i, 0, 0x4200, 1, 0x4200);
	ivrs_expect_none(test, i, 0, 0x42ff);
	ivrs_expect_device(test, i, 0, 0x43ff, 1, 0x43ff);
	ivrs_expect_none(test, i, 0, 0x4400);

	ivrs_expect_device(test, i, 1, 0x0000, 2, 0x0000);
	ivrs_expect_device(test, i, 1, 0x4010, 2, 0x4010);
	ivrs_expect_device(test, i, 1, 0xffff, 2, 0xffff);
	ivrs_expect_none(test, i, 1, 0x0002);
	ivrs_expect_none(test, i, 2, 0x0003);

	KUNIT_EXPECT_FALSE(test, no_ats(i, 0, 0x4100));
	KUNIT_EXPECT_TRUE(test, no_ats(i, 0, 0x4200));
	KUNIT_EXPECT_TRUE(test, no_ats(i, 0, 0x4300));
	KUNIT_EXPECT_FALSE(test, no_ats(i, 0, 0x4308));
	KUNIT_EXPECT_TRUE(test, no_ats(i, 0, 0x4309));
}

/*
 * The setting of the narrowest range, and those of others with the same
 * DeviceID.
 */
static void ivrs_server_dte(struct kunit *test)
{
	struct ivrs_result *i = good(test, ivrs_table_server, "3/3 9 3 3 4");
	const struct amd_ivrs *ivrs = &i->ivrs;

	KUNIT_EXPECT_EQ(test, amd_ivrs_special_dte(ivrs, 0, 0x00a0), 0xd7);
	KUNIT_EXPECT_EQ(test, amd_ivrs_special_dte(ivrs, 1, 0x00a0), 0x00);
	KUNIT_EXPECT_EQ(test, amd_ivrs_special_dte(ivrs, 0, 0x00a5), 0x00);
	KUNIT_EXPECT_EQ(test, amd_ivrs_special_dte(ivrs, 1, 0x4008), 0x41);
	KUNIT_EXPECT_EQ(test, amd_ivrs_dte(ivrs, 0, 0x0003), 0x00);
	KUNIT_EXPECT_EQ(test, amd_ivrs_dte(ivrs, 0, 0x00a0), 0xd7);
	KUNIT_EXPECT_EQ(test, amd_ivrs_dte(ivrs, 0, 0x00a5), 0x40);
	KUNIT_EXPECT_EQ(test, amd_ivrs_dte(ivrs, 0, 0x4008), 0x00);
	KUNIT_EXPECT_EQ(test, amd_ivrs_dte(ivrs, 1, 0x4008), 0x45);
	KUNIT_EXPECT_EQ(test, amd_ivrs_dte(ivrs, 1, 0x4010), 0x01);
	KUNIT_EXPECT_EQ(test, amd_ivrs_dte(ivrs, 1, 0x4018), 0x01);
	KUNIT_EXPECT_EQ(test, amd_ivrs_dte(ivrs, 1, 0x4020), 0x02);
	KUNIT_EXPECT_EQ(test, amd_ivrs_dte(ivrs, 1, 0x41ff), 0x02);
	KUNIT_EXPECT_EQ(test, amd_ivrs_dte(ivrs, 1, 0x4200), 0x10);
	KUNIT_EXPECT_EQ(test, amd_ivrs_dte(ivrs, 1, 0x4300), 0x80);
	KUNIT_EXPECT_EQ(test, amd_ivrs_dte(ivrs, 1, 0x4308), 0x00);
	KUNIT_EXPECT_EQ(test, amd_ivrs_dte(ivrs, 2, 0x0017), 0x03);
	KUNIT_EXPECT_EQ(test, amd_ivrs_dte(ivrs, 2, 0x0018), 0x00);
}

static void ivrs_server_special(struct kunit *test)
{
	struct ivrs_result *i = good(test, ivrs_table_server, "3/3 9 3 3 4");
	const struct amd_ivrs_special *s = i->ivrs.special;
	const struct amd_ivrs_acpi *a = i->ivrs.acpi;

	KUNIT_EXPECT_EQ(test, s[0].variety, 1);
	KUNIT_EXPECT_EQ(test, s[0].handle, 0x21);
	KUNIT_EXPECT_EQ(test, s[0].source, 0x00a0);
	KUNIT_EXPECT_EQ(test, s[0].dte, 0xd7);
	KUNIT_EXPECT_EQ(test, s[0].unit, 0);
	KUNIT_EXPECT_EQ(test, s[1].variety, 2);
	KUNIT_EXPECT_EQ(test, s[1].handle, 0);
	KUNIT_EXPECT_EQ(test, s[2].handle, 0x22);
	KUNIT_EXPECT_EQ(test, s[2].unit, 1);

	KUNIT_EXPECT_EQ(test, a[0].device_id, 0x00a5);
	KUNIT_EXPECT_EQ(test, a[0].unit, 0);
	KUNIT_EXPECT_EQ(test, a[0].uid_format, 2);
	KUNIT_EXPECT_STREQ(test, a[0].hid, "AMDI0020");
	KUNIT_EXPECT_STREQ(test, a[0].uid_text, "\\_SB.FUR0");
	KUNIT_EXPECT_STREQ(test, a[1].hid, "AMDI1");
	KUNIT_EXPECT_EQ(test, a[1].uid_format, 1);
	KUNIT_EXPECT_EQ(test, a[1].uid, 0x0403020189abcdef);
	KUNIT_EXPECT_NULL(test, a[1].uid_text);
	KUNIT_EXPECT_EQ(test, a[2].uid_format, 0);
	KUNIT_EXPECT_EQ(test, a[2].device_id, 0x00a7);
}

static void expect_memory(struct kunit *test, const struct amd_ivrs_memory *m,
			  u64 base, u64 limit, u16 segment, u16 first, u16 last)
{
	KUNIT_EXPECT_EQ(test, m->base, base);
	KUNIT_EXPECT_EQ(test, m->limit, limit);
	KUNIT_EXPECT_EQ(test, m->segment, segment);
	KUNIT_EXPECT_EQ(test, m->first, first);
	KUNIT_EXPECT_EQ(test, m->last, last);
}

static void ivrs_server_memory(struct kunit *test)
{
	struct ivrs_result *i = good(test, ivrs_table_server, "3/3 9 3 3 4");
	const struct amd_ivrs_memory *m = i->ivrs.memory;

	expect_memory(test, &m[0], 0x9d000000, 0x9d1fffff, 1, 0, 0xffff);
	KUNIT_EXPECT_TRUE(test, m[0].read && m[0].write);
	expect_memory(test, &m[1], 0x9e000000, 0x9e000fff, 0, 0xa0, 0xa0);
	KUNIT_EXPECT_TRUE(test, m[1].read && !m[1].write);
	expect_memory(test, &m[2], 0xfff00000, 0xffffffffffff, 0, 0x4100,
		      0x4200);
	KUNIT_EXPECT_TRUE(test, !m[2].read && m[2].write);
	expect_memory(test, &m[3], 0x9f000000, 0x9f002fff, 0, 0x4010, 0x4010);
	KUNIT_EXPECT_TRUE(test, m[3].read && m[3].write);
}

/* All 256 DeviceIDs of a bus must be in the range. */
static void ivrs_whole_buses(struct kunit *test)
{
	static const struct {
		u16 first;
		u16 last;
		bool has_bus;
	} ranges[] = {
		{ 0x0000, 0xffff, true }, { 0x0000, 0x0fff, true },
		{ 0x0000, 0x00ff, true }, { 0xff00, 0xffff, true },
		{ 0x0001, 0x01ff, true }, { 0x0080, 0x0280, true },
		{ 0x0000, 0x00fe, false }, { 0x0001, 0x00ff, false },
		{ 0x0001, 0x01fe, false }, { 0x0060, 0x0060, false },
		{ 0xff01, 0xffff, false }, { 0xffff, 0xffff, false },
	};
	struct amd_ivrs_memory m = { };
	size_t n;

	for (n = 0; n < ARRAY_SIZE(ranges); n++) {
		m.first = ranges[n].first;
		m.last = ranges[n].last;
		KUNIT_EXPECT_EQ_MSG(test, amd_ivmd_has_bus(&m),
				    ranges[n].has_bus, "%04x to %04x", m.first,
				    m.last);
	}
}

static void ivrs_cut(struct kunit *test)
{
	fw_cut(test, ivrs_table_new(test, ivrs_table_server), ivrs_parse);
}

static void ivrs_longer(struct kunit *test)
{
	fw_longer(test, ivrs_table_new(test, ivrs_table_server), ivrs_parse);
}

static void ivrs_checksum(struct kunit *test)
{
	fw_checksum(test, ivrs_table_new(test, ivrs_table_server), ivrs_parse);
}

static void ivrs_no_memory(struct kunit *test)
{
	fw_no_memory(test, ivrs_table_new(test, ivrs_table_server), ivrs_parse);
}

/* A device with another _UID than all entries gets the only one with its _HID. */
static void ivrs_only_hid(struct kunit *test)
{
	struct fw_bytes *t = ivrs_table_new(test, ivrs_table_empty);
	const struct amd_ivrs *v;
	const u64 uid = 1;

	ivrs_table_ivhd(t, 0x40, 0x0002, 0xfd300000, 0);
	ivrs_table_acpi(t, 0x00a5, 0, "AMDI0040", 2, "\\_SB.EMMC", 9);
	ivrs_table_acpi(t, 0x00a6, 0, "AMDI0041", 1, &uid, 8);
	ivrs_table_acpi(t, 0x00a7, 0, "AMDI0020", 2, "0", 1);
	ivrs_table_acpi(t, 0x00a8, 0, "AMDI0020", 2, "1", 1);
	ivrs_table_acpi(t, 0x00a9, 0, "AMDI0042", 0, NULL, 0);
	fw_bytes_end(t);
	v = &ivrs_result(test, t)->ivrs;
	KUNIT_ASSERT_EQ(test, v->nr_acpi, 5);
	KUNIT_EXPECT_PTR_EQ(test, amd_ivrs_only_hid(v, "AMDI0040"), &v->acpi[0]);
	KUNIT_EXPECT_PTR_EQ(test, amd_ivrs_only_hid(v, "AMDI0041"), &v->acpi[1]);
	/* Which of the two? */
	KUNIT_EXPECT_NULL(test, amd_ivrs_only_hid(v, "AMDI0020"));
	/* It names one device, the first, and so none with another _UID. */
	KUNIT_EXPECT_NULL(test, amd_ivrs_only_hid(v, "AMDI0042"));
	KUNIT_EXPECT_NULL(test, amd_ivrs_only_hid(v, "AMDI004"));
	KUNIT_EXPECT_NULL(test, amd_ivrs_only_hid(v, "AMDI0043"));
}

static struct kunit_case ivrs_cases[] = {
	KUNIT_CASE(ivrs_qemu),
	KUNIT_CASE(ivrs_qemu_bridges),
	KUNIT_CASE(ivrs_server_units),
	KUNIT_CASE(ivrs_server_devices),
	KUNIT_CASE(ivrs_server_dte),
	KUNIT_CASE(ivrs_server_special),
	KUNIT_CASE(ivrs_server_memory),
	KUNIT_CASE(ivrs_whole_buses),
	KUNIT_CASE(ivrs_cut),
	KUNIT_CASE(ivrs_longer),
	KUNIT_CASE(ivrs_checksum),
	KUNIT_CASE(ivrs_no_memory),
	KUNIT_CASE(ivrs_only_hid),
	{}
};

static struct kunit_suite ivrs_suite = {
	.name = "nyx_amd_ivrs",
	.test_cases = ivrs_cases,
};

kunit_test_suite(ivrs_suite);
