/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Parses IVRS tables, and compares the result.
 */
#ifndef NYX_KUNIT_IVRS_RESULT_H
#define NYX_KUNIT_IVRS_RESULT_H

#include "../firmware/fw_result.h"
#include "amd/ivrs.h"
#include "ivrs_table.h"

/**
 * struct ivrs_result - result of parsing an IVRS table
 * @r: outcome; its @left counts usable units, all units, ranges, special
 *	devices, ACPI devices and IVMD blocks
 * @ivrs: the parsed table
 */
struct ivrs_result {
	struct fw_result r;
	struct amd_ivrs ivrs;
};

struct fw_bytes *ivrs_table_new(struct kunit *test,
				void (*make)(struct fw_bytes *t));
struct fw_result *ivrs_parse(struct kunit *test, const struct fw_bytes *t,
			     u32 mapped);
struct ivrs_result *ivrs_result(struct kunit *test, const struct fw_bytes *t);
void ivrs_expect_device(struct kunit *test, const struct ivrs_result *i,
			u16 segment, u16 device_id, unsigned int unit,
			u16 alias);
void ivrs_expect_below(struct kunit *test, const struct ivrs_result *i,
		       u8 root_bus, u16 device_id, int unit, u16 alias);
void ivrs_expect_none(struct kunit *test, const struct ivrs_result *i,
		      u16 segment, u16 device_id);

#endif /* NYX_KUNIT_IVRS_RESULT_H */
