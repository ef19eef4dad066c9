// SPDX-License-Identifier: GPL-2.0-only
/*
 * The IVRS parser: tables with one error.
 */
#include <kunit/test.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "ivrs_result.h"

#define ALL	"3/3 9 3 3 4"
#define NONE	"0/0 0 0 0 0"

static const struct fw_poke pokes[] = {
	/* 5.2.1: the table's header */
	REFUSED(0, 1, 'X', 0, "signature", "signature"),
	REFUSED(4, 4, 0, 0, "less than a header", "length is 0"),
	REFUSED(4, 4, 47, 0, "less than a header", "length is 47"),
	REFUSED(4, 4, 560, 0, "more than is mapped", "length is 1 too many"),
	REFUSED(4, 4, 0xffffffff, 0, "more than is", "length is all ones"),
	GOOD(8, 1, 1, "revision is 1"),
	KEPT(8, 1, 0, 1, 0, "revision", ALL, "revision is 0"),
	GOOD(36, 4, 0, "IVinfo is 0"),
	GOOD(36, 4, 0xffe0305f, "IVinfo has reserved ones"),
	GOOD(36, 4, 0x00103043, "virtual address size is 32"),
	GOOD(36, 4, 0x00183843, "physical address size is 56"),
	UNKNOWN(36, 4, 0x00083043, 0, "virtual address size", ALL,
		"virtual address size is 16"),
	GOOD(36, 4, 0x00202843, "physical address size is 40, less than an IVMD"),

	/* the chain of IVHD and IVMD blocks */
	REFUSED(50, 2, 0, 48, "less than a header", "block of length 0"),
	REFUSED(50, 2, 3, 48, "less than a header", "block of length 3"),
	REFUSED(50, 2, 23, 48, "its fields", "IVHD 10h of length 23"),
	REFUSED(82, 2, 39, 80, "its fields", "IVHD 11h of length 39"),
	REFUSED(126, 2, 39, 124, "its fields", "IVHD 40h of length 39"),
	REFUSED(50, 2, 512, 48, "exceeds the table", "block 1 too long"),
	REFUSED(50, 2, 0xffff, 48, "exceeds the table", "block far too long"),
	REFUSED(529, 2, 33, 527, "exceeds the table", "last one 1 too long"),
	REFUSED(529, 2, 31, 558, "ends inside", "1 byte after the last"),
	REFUSED(529, 2, 29, 556, "ends inside", "3 bytes after the last"),
	UNKNOWN(431, 1, 0x23, 431, "type", "3/3 9 3 3 3", "unknown type of IVMD"),
	UNKNOWN(383, 1, 0x12, 383, "type", "2/2 7 3 3 4", "unknown type of IVHD"),
	UNKNOWN(383, 1, 0xff, 383, "type", "2/2 7 3 3 4", "last type of block"),

	/* 5.2.2: which IVHD block counts */
	UNKNOWN(124, 1, 0x41, 124, "type", "3/3 9 1 0 4",
		"highest type is unknown, the next one counts"),
	REFUSED(80, 1, 0x40, 124, "two blocks of one type", "two blocks of type 40h"),
	REFUSED(80, 1, 0x10, 80, "two blocks of one type", "two blocks of type 10h"),
	KEPT(88, 8, 0xfd400000, 2, 124, "another type", ALL,
	     "types differ in the base"),
	KEPT(399, 2, 0, 1, 383, "another type", "2/2 7 3 3 4",
	     "another segment's unit is in this one"),
	KEPT(279, 2, 2, 1, 275, "another type", "2/2 3 2 3 4",
	     "two units have one DeviceID"),

	/* 5.2.2: units */
	SKIPPED(283, 8, 0, 275, "not set", "2/3 9 3 3 4", "base is 0"),
	SKIPPED(283, 8, ~0ull, 275, "not set", "2/3 9 3 3 4",
		"base is all ones"),
	SKIPPED(283, 8, 0xb5502000, 275, "aligned", "2/3 9 3 3 4",
		"base is 8 KiB aligned"),
	GOOD(283, 8, 0xfffffffffc000, "base is the last"),
	SKIPPED(283, 8, 0x10000000000000, 275, "52 bits", "2/3 9 3 3 4",
		"base has 53 bits"),
	SKIPPED(283, 8, 0xffffffffffffc000, 275, "52 bits", "2/3 9 3 3 4",
		"base has 64 bits"),
	REFUSED(283, 8, 0xfd300000, 275, "another unit", "two units with one base"),
	REFUSED(391, 8, 0xb5500000, 383, "another unit",
		"another segment's unit has the base"),
	GOOD(281, 2, 0xe8, "capability offset is the last"),
	KEPT(281, 2, 0, 1, 275, "capability", ALL, "capability offset is 0"),
	KEPT(281, 2, 0x3c, 1, 275, "capability", ALL, "capability in the header"),
	KEPT(281, 2, 0x42, 1, 275, "capability", ALL, "capability not aligned"),
	KEPT(281, 2, 0xec, 1, 275, "capability", ALL, "capability beyond end"),
	KEPT(281, 2, 0xffff, 1, 275, "capability", ALL, "capability all ones"),
	GOOD(276, 1, 0xff, "flags are all ones"),
	GOOD(293, 2, 0xffff, "info is all ones"),
	GOOD(291, 2, 1, "unit in the segment of one with all"),

	/* device entries: ranges */
	REFUSED(168, 1, 0x02, 172, "no start", "end without start"),
	REFUSED(172, 1, 0x02, 124, "no end", "start without end"),
	REFUSED(172, 1, 0x03, 172, "starts inside", "start after start"),
	REFUSED(172, 1, 0x43, 172, "starts inside", "alias start after start"),
	REFUSED(172, 1, 0x47, 172, "starts inside", "extended start after start"),
	REFUSED(173, 2, 0x0002, 172, "ends before", "end is below start"),
	REFUSED(173, 2, 0x0000, 172, "ends before", "end is 0"),
	GOOD(173, 2, 0x0003, "range of one device"),
	GOOD(173, 2, 0x4007, "range up to another unit's"),
	SKIPPED(173, 2, 0x4008, 275, "another unit's", ALL,
		"range ends in another's"),
	SKIPPED(173, 2, 0xfffe, 275, "another unit's", ALL,
		"range has another's"),
	SKIPPED(316, 2, 0x3ffe, 275, "another unit's", ALL,
		"device of another's range"),
	SKIPPED(328, 2, 0x3ffe, 275, "another unit's", ALL,
		"alias range overlaps"),
	GOOD(316, 2, 0x4300, "device of a range of its own unit"),
	GOOD(315, 1, 0x01, "unit has all other devices"),
	GOOD(323, 1, 0xff, "alias has reserved ones"),
	GOOD(326, 1, 0xff, "alias has reserved ones at its end"),
	GOOD(324, 2, 0xffff, "alias is all ones"),
	GOOD(424, 2, 0xffff, "entry for all has a DeviceID"),

	/* device entries: their chain */
	UNKNOWN(164, 1, 0x05, 164, "type", ALL, "unknown type of 4 bytes"),
	UNKNOWN(375, 1, 0x7f, 375, "type", "3/3 9 2 3 4",
		"unknown type of 8 bytes"),
	UNKNOWN(176, 1, 0x80, 176, "type", "3/3 9 1 3 4",
		"unknown type of 16 bytes"),
	REFUSED(375, 1, 0x80, 375, "beyond its block", "16 bytes in 8"),
	REFUSED(253, 1, 0xc0, 253, "beyond its block", "32 bytes in 22"),
	REFUSED(253, 1, 0xf1, 253, "not known", "type of unknown length"),
	REFUSED(274, 1, 1, 253, "beyond its block", "ACPI device 1 too long"),
	REFUSED(274, 1, 255, 253, "beyond its block", "ACPI device far too long"),

	/* device entries: special and ACPI devices */
	UNKNOWN(183, 1, 0, 176, "variety", "3/3 9 2 3 4", "variety 0"),
	UNKNOWN(183, 1, 3, 176, "variety", "3/3 9 2 3 4", "variety 3"),
	SKIPPED(379, 1, 0x21, 375, "already", "3/3 9 2 3 4",
		"two entries for one I/O APIC"),
	GOOD(177, 2, 0xffff, "special device has reserved ones"),
	SKIPPED(196, 1, 0, 192, "hardware ID", "3/3 9 3 2 4", "no _HID"),
	SKIPPED(196, 1, 0xc1, 192, "hardware ID", "3/3 9 3 2 4",
		"_HID is not ASCII"),
	SKIPPED(203, 1, 0x07, 192, "hardware ID", "3/3 9 3 2 4",
		"_HID is not printable"),
	GOOD(197, 1, 0, "_HID of one letter"),
	GOOD(204, 8, ~0ull, "compatible ID is ignored"),
	GOOD(212, 1, 0, "_UID of format 0 is ignored"),
	SKIPPED(212, 1, 3, 192, "format", "3/3 9 3 2 4", "format of _UID is 3"),
	SKIPPED(212, 1, 1, 192, "not a number", "3/3 9 3 2 4", "number of 9 bytes"),
	SKIPPED(214, 1, 0, 192, "unique ID is not text", "3/3 9 3 2 4",
		"empty text"),
	SKIPPED(222, 1, 0xff, 192, "unique ID is not text", "3/3 9 3 2 4",
		"text ends with an invalid character"),
	GOOD(222, 1, 0, "text with a terminator"),

	/* IVMD blocks */
	UNKNOWN(432, 1, 0x06, 431, "neither unity", "3/3 9 3 3 3",
		"IVMD without a flag"),
	SKIPPED(432, 1, 0x01, 431, "neither read", "3/3 9 3 3 3",
		"IVMD without permissions"),
	GOOD(432, 1, 0xf7, "IVMD has reserved flags"),
	GOOD(432, 1, 0x0f, "IVMD is unity map and exclusion range"),
	SKIPPED(455, 8, 0, 431, "ends before", "3/3 9 3 3 3", "IVMD of length 0"),
	SKIPPED(455, 8, ~0ull, 431, "ends before", "3/3 9 3 3 3", "IVMD wraps"),
	SKIPPED(447, 8, ~0ull, 431, "ends before", "3/3 9 3 3 3",
		"IVMD starts at all ones"),
	KEPT(447, 8, 0xfffffffe01000, 1, 431, "beyond 52 bits", ALL,
	     "IVMD has 53 bits"),
	GOOD(447, 8, 0xfffffffe00000, "IVMD is the last of 52 bits"),
	KEPT(447, 8, 0x9d000800, 1, 431, "widened", ALL, "IVMD in mid-page"),
	KEPT(455, 8, 1, 1, 431, "widened", ALL, "IVMD of one byte"),
	SKIPPED(501, 2, 0x40ff, 495, "end before", "3/3 9 3 3 3",
		"IVMD's DeviceIDs end before they start"),
	GOOD(501, 2, 0x4100, "IVMD for a range of one"),
	GOOD(469, 2, 0x0001, "IVMD for one device ignores the last DeviceID"),
};

static void ivrs_poke(struct kunit *test)
{
	struct fw_bytes *t = ivrs_table_new(test, ivrs_table_server);

	fw_poke(test, t, test->param_value, ivrs_parse);
}

KUNIT_ARRAY_PARAM_DESC(poke, pokes, desc);

static const struct fw_append appends[] = {
	{ "1 byte", 1, {}, -EINVAL, NYX_FW_REFUSED, "ends inside" },
	{ "3 bytes", 3, {}, -EINVAL, NYX_FW_REFUSED, "ends inside" },
	{ "4 bytes of 0", 4, {}, -EINVAL, NYX_FW_REFUSED, "header's" },
	{ "IVHD 10h of 23 bytes", 23, { 0x10, 0, 23 }, -EINVAL, NYX_FW_REFUSED,
	  "its fields" },
	{ "IVHD 11h of 39 bytes", 39, { 0x11, 0, 39 }, -EINVAL, NYX_FW_REFUSED,
	  "its fields" },
	{ "IVHD 40h of 39 bytes", 39, { 0x40, 0, 39 }, -EINVAL, NYX_FW_REFUSED,
	  "its fields" },
	{ "IVHD 10h without devices", 24,
	  { 0x10, 0, 24, 0, 9, 0, 0x40, 0, [11] = 0xfe }, 0, NYX_FW_KEPT,
	  "DeviceIDs is 0" },
	{ "IVHD 40h without devices", 40,
	  { 0x40, 0, 40, 0, 9, 0, 0x40, 0, [11] = 0xfe }, 0, NYX_FW_KEPT,
	  "DeviceIDs is 0" },
	{ "IVHD 10h of a unit that has an 11h", 24, { 0x10, 0, 24, 0, 2, 0x40,
	  [10] = 0x50, 0xb5 }, 0, 0, NULL },
	{ "second unit with all devices", 28, { 0x10, 0, 28, 0, 9, 0, 0x40, 0,
	  [11] = 0xfe, [16] = 1, [24] = 1 }, -EINVAL, NYX_FW_REFUSED,
	  "two units with all" },
	{ "IVMD of 31 bytes", 31, { 0x20, 7, 31 }, 0, NYX_FW_SKIPPED,
	  "its fields" },
	{ "IVMD of all zeroes", 32, { 0x20, 0, 32 }, 0, NYX_FW_UNKNOWN,
	  "neither unity" },
	{ "IVMD of length 0 at address 0", 32, { 0x20, 7, 32 }, 0, NYX_FW_SKIPPED,
	  "ends before" },
	{ "IVMD that is longer", 36, { 0x20, 7, 36, [25] = 0x10 }, 0, 0, NULL },
	{ "block 51h, as some laptops have it", 32,
	  { 0x51, 8, 32, 0, 0, 3, [17] = 0x20, 0xd4, 0xcc, [26] = 0x60, 2 }, 0,
	  NYX_FW_UNKNOWN, "type" },
	{ "unknown type of 4 bytes", 4, { 0x50, 0, 4 }, 0, NYX_FW_UNKNOWN,
	  "type" },
};

static void ivrs_append(struct kunit *test)
{
	struct fw_bytes *t = ivrs_table_new(test, ivrs_table_server);

	fw_append(test, t, test->param_value, ivrs_parse);
}

KUNIT_ARRAY_PARAM_DESC(append, appends, desc);

static struct kunit_case ivrs_broken_cases[] = {
	KUNIT_CASE_PARAM(ivrs_poke, poke_gen_params),
	KUNIT_CASE_PARAM(ivrs_append, append_gen_params),
	{}
};

static struct kunit_suite ivrs_broken_suite = {
	.name = "nyx_amd_ivrs_broken",
	.test_cases = ivrs_broken_cases,
};

kunit_test_suite(ivrs_broken_suite);
