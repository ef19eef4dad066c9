// SPDX-License-Identifier: GPL-2.0-only
/*
 * The DMAR parser: tables with a single error.
 */
#include <kunit/test.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "dmar_result.h"

#define ALL	"3/3 1 2 2 1 1 9"
#define NONE	"0/0 0 0 0 0 0 0"

static const struct fw_poke pokes[] = {
	/* 8.1: the table's header */
	REFUSED(0, 1, 'X', 0, "signature", "signature"),
	REFUSED(4, 4, 0, 0, "less than a header", "length is 0"),
	REFUSED(4, 4, 47, 0, "less than a header", "length is 47"),
	REFUSED(4, 4, 300, 0, "more than is mapped", "length 1 too large"),
	REFUSED(4, 4, 0xffffffff, 0, "more than is", "length is all ones"),
	GOOD(8, 1, 2, "revision is 2"),
	KEPT(8, 1, 0, 1, 0, "revision", ALL, "revision is 0"),
	REFUSED(36, 1, 10, 0, "host address width", "width is 11"),
	KEPT(36, 1, 11, 1, 140, "beyond the host", ALL,
	     "width is 12, too narrow for the RMRR"),
	GOOD(36, 1, 30, "width is 31, just enough for the RMRR"),
	KEPT(36, 1, 29, 1, 140, "beyond the host", ALL,
	     "width is 30, one bit less than the RMRR needs"),
	GOOD(36, 1, 63, "width is 64"),
	REFUSED(36, 1, 64, 0, "host address width", "width is 65"),
	REFUSED(36, 1, 255, 0, "host address width", "width is 256"),
	GOOD(37, 1, 0xf0, "reserved flags are set"),

	/* 8.2: the chain */
	REFUSED(74, 2, 0, 72, "less than a header", "structure of length 0"),
	REFUSED(74, 2, 3, 72, "less than a header", "structure of length 3"),
	REFUSED(74, 2, 228, 72, "exceeds the table", "structure 1 too long"),
	REFUSED(74, 2, 0xffff, 72, "exceeds the table", "structure of 64 KiB"),
	REFUSED(285, 2, 17, 283, "exceeds the table", "last one 1 too long"),
	REFUSED(285, 2, 15, 298, "ends inside", "1 byte after the last"),
	REFUSED(285, 2, 13, 296, "ends inside", "3 bytes after the last"),
	{ "structure of an undefined type", 140, 2, 7, 0, 1, NYX_FW_UNKNOWN,
	  140, "type", "3/3 0 2 2 1 1 7" },
	{ "structure of the last type", 140, 2, 0xffff, 0, 1, NYX_FW_UNKNOWN,
	  140, "type", "3/3 0 2 2 1 1 7" },

	/* 8.3: units */
	SKIPPED(108, 8, 0, 100, "not set", "2/3 1 2 2 1 1 9", "base is 0"),
	SKIPPED(108, 8, ~0ull, 100, "not set", "2/3 1 2 2 1 1 9",
		"base is all ones"),
	SKIPPED(108, 8, 0xfed91800, 100, "aligned", "2/3 1 2 2 1 1 9",
		"base is not aligned to a page"),
	GOOD(108, 8, 0xffffffffff000, "base is the last page"),
	SKIPPED(108, 8, 0x10000000000000, 100, "52 bits", "2/3 1 2 2 1 1 9",
		"base has 53 bits"),
	SKIPPED(108, 8, 0xfffffffffffff000, 100, "52 bits", "2/3 1 2 2 1 1 9",
		"base has 64 bits"),
	KEPT(108, 8, 0xfed90000, 1, 100, "earlier DRHD", "2/3 1 2 2 1 1 9",
	     "same unit twice"),
	REFUSED(80, 8, 0xfed90000, 72, "another unit",
		"same base in two segments"),
	REFUSED(53, 1, 1, 100, "another unit", "register windows overlap"),
	GOOD(105, 1, 0x0f, "window is 128 MiB"),
	GOOD(53, 1, 0xf0, "size has only reserved bits set"),
	GOOD(52, 1, 0xfe, "reserved flags are set"),
	REFUSED(52, 1, 1, 100, "two INCLUDE_PCI_ALL",
		"two units of a segment have INCLUDE_PCI_ALL"),
	GOOD(76, 1, 1, "units of two segments have INCLUDE_PCI_ALL"),

	/* 8.3.1: scopes of a unit without INCLUDE_PCI_ALL */
	REFUSED(65, 1, 0, 48, "shorter", "scope of length 0"),
	REFUSED(65, 1, 5, 48, "shorter", "scope of length 5"),
	REFUSED(65, 1, 6, 48, "no path", "scope without path"),
	REFUSED(65, 1, 7, 48, "half a hop", "scope with half a hop"),
	REFUSED(65, 1, 9, 48, "beyond its structure", "scope 1 byte too long"),
	REFUSED(65, 1, 255, 48, "beyond its structure", "scope far too long"),
	REFUSED(89, 1, 10, 72, "cut off", "2 bytes after the last scope"),
	REFUSED(70, 1, 32, 48, "invalid device", "device 32"),
	REFUSED(71, 1, 8, 48, "invalid device", "function 8"),
	REFUSED(96, 1, 0x40, 72, "invalid device", "device 64 within a path"),
	GOOD(66, 2, 0xffff, "reserved bytes are set"),
	KEPT(64, 1, 0, 2, 48, "scopes is 0", "3/3 1 2 2 1 1 8",
	     "scope of type 0"),
	KEPT(64, 1, 6, 2, 48, "scopes is 0", "3/3 1 2 2 1 1 8",
	     "scope of an undefined type"),

	/* 8.3.1: scopes of a unit with INCLUDE_PCI_ALL */
	SKIPPED(125, 1, 0, 100, "shorter", "3/3 1 2 2 1 1 7",
		"second of three scopes has length 0"),
	KEPT(136, 1, 9, 1, 100, "no ANDD", ALL, "scope without its ANDD"),

	/* 8.4 */
	SKIPPED(156, 8, 0x7d7fffff, 140, "above base", "3/3 0 2 2 1 1 7",
		"limit is below base"),
	SKIPPED(156, 8, 0x7d800000, 140, "above base", "3/3 0 2 2 1 1 7",
		"limit is base"),
	KEPT(156, 8, ~0ull, 1, 140, "beyond the host", ALL, "limit is all ones"),
	KEPT(156, 8, 0x400000000fff, 1, 140, "beyond the host", ALL,
	     "limit has 47 of 46 bits"),
	GOOD(156, 8, 0x3fffffffffff, "limit is the last byte"),
	KEPT(148, 8, 0x7d800800, 1, 140, "widened", ALL, "base not aligned"),
	KEPT(156, 8, 0x7ffff7ff, 1, 140, "widened", ALL, "limit not aligned"),
	SKIPPED(165, 1, 4, 140, "shorter", "3/3 0 2 2 1 1 7",
		"first of two scopes too short"),
	SKIPPED(178, 1, 33, 140, "invalid device", "3/3 1 2 2 1 1 8",
		"second of two scopes has device 33"),

	/* 8.5 to 8.9 */
	SKIPPED(189, 1, 0, 180, "shorter", "3/3 1 2 2 1 1 8",
		"ATSR with a scope of length 0"),
	SKIPPED(212, 8, 0x1000, 204, "no unit's", "3/3 1 2 1 1 1 9",
		"RHSA for an undefined unit"),
	KEPT(266, 1, 'X', 2, 100, "no ANDD", "3/3 1 2 2 0 1 9",
	     "name of ANDD has no end"),
	KEPT(252, 1, 'X', 2, 100, "no ANDD", "3/3 1 2 2 0 1 9",
	     "name of ANDD is not absolute"),
	SKIPPED(276, 1, 0, 267, "shorter", "3/3 1 2 2 1 1 8",
		"SATC with a scope of length 0"),
	GOOD(292, 1, 0xff, "SIDP with a scope too long: not parsed"),
};

static void changed_number(struct kunit *test)
{
	fw_poke(test, dmar_new_server(test), test->param_value, dmar_parse);
}

KUNIT_ARRAY_PARAM_DESC(poke, pokes, desc);

static const struct fw_append appends[] = {
	{ "1 byte", 1, {}, -EINVAL, NYX_FW_REFUSED, "ends inside" },
	{ "3 bytes", 3, {}, -EINVAL, NYX_FW_REFUSED, "ends inside" },
	{ "4 bytes of zeroes", 4, {}, -EINVAL, NYX_FW_REFUSED, "header's" },
	{ "DRHD of 15 bytes", 15, { 0, 0, 15 }, -EINVAL, NYX_FW_REFUSED,
	  "its fields" },
	{ "RMRR of 23 bytes", 23, { 1, 0, 23 }, 0, NYX_FW_SKIPPED,
	  "its fields" },
	{ "ATSR of 7 bytes", 7, { 2, 0, 7 }, 0, NYX_FW_SKIPPED,
	  "its fields" },
	{ "RHSA of 19 bytes", 19, { 3, 0, 19 }, 0, NYX_FW_SKIPPED,
	  "its fields" },
	{ "ANDD of 7 bytes", 7, { 4, 0, 7 }, 0, NYX_FW_SKIPPED,
	  "its fields" },
	{ "ANDD of 8 bytes", 8, { 4, 0, 8, [7] = 2 }, 0, NYX_FW_SKIPPED,
	  "root" },
	{ "ANDD with an empty name", 9, { 4, 0, 9, [7] = 2 }, 0, NYX_FW_SKIPPED,
	  "root" },
	{ "ANDD whose name has no end", 9, { 4, 0, 9, [7] = 2, '\\' }, 0,
	  NYX_FW_SKIPPED, "no terminating NUL" },
	{ "second ANDD for a device", 10, { 4, 0, 10, [7] = 1, '\\' }, 0,
	  NYX_FW_SKIPPED, "already" },
	{ "SATC of 7 bytes", 7, { 5, 0, 7 }, 0, NYX_FW_SKIPPED,
	  "its fields" },
	{ "SIDP of 4 bytes", 4, { 6, 0, 4 }, 0, 0, NULL },
	{ "undefined type of 4 bytes", 4, { 9, 0, 4 }, 0, NYX_FW_UNKNOWN,
	  "type" },
	{ "DRHD without scopes", 16,
	  { 0, 0, 16, 0, 0, 0, 5, 0, [10] = 0xd8, 0xfe }, 0, NYX_FW_KEPT,
	  "scopes is 0" },
	{ "RMRR without scopes", 24, { 1, 0, 24, [16] = 0xff, 0x0f }, 0,
	  NYX_FW_SKIPPED, "scopes is 0" },
	{ "RMRR of all zeroes", 24, { 1, 0, 24 }, 0, NYX_FW_SKIPPED,
	  "above base" },
	{ "16 hops", 46, { 2, 0, 46, [8] = 2, 38 }, 0, 0, NULL },
	{ "17 hops", 48, { 2, 0, 48, [8] = 2, 40 }, 0, NYX_FW_SKIPPED,
	  "too many hops" },
};

static void appended_bytes(struct kunit *test)
{
	fw_append(test, dmar_new_server(test), test->param_value, dmar_parse);
}

KUNIT_ARRAY_PARAM_DESC(append, appends, desc);

static struct kunit_case nyx_vtd_dmar_broken_cases[] = {
	KUNIT_CASE_PARAM(changed_number, poke_gen_params),
	KUNIT_CASE_PARAM(appended_bytes, append_gen_params),
	{}
};

static struct kunit_suite nyx_vtd_dmar_broken_suite = {
	.name = "nyx_vtd_dmar_broken",
	.test_cases = nyx_vtd_dmar_broken_cases,
};

kunit_test_suite(nyx_vtd_dmar_broken_suite);
