// SPDX-License-Identifier: GPL-2.0-only
/*
 * Log messages about findings in firmware tables.
 */
#include <kunit/test.h>

#include "firmware/fw_table.h"

static void fw_table_text(struct kunit *test)
{
	struct nyx_fw_note note = {
		.verdict = NYX_FW_REFUSED,
		.table = "DMAR",
		.offset = 0x48,
		.where = "DRHD",
		.what = "length exceeds the table",
		.value = 0x1234,
	};
	char line[160];

	nyx_fw_note_text(&note, line, sizeof(line));
	KUNIT_EXPECT_STREQ(test, line,
			   "[Firmware Bug]: DMAR: DRHD at offset 0x48: length exceeds the table (0x1234): table refused, update the firmware");
	note.table = "IVRS";
	note.where = "IVHD";
	note.verdict = NYX_FW_SKIPPED;
	nyx_fw_note_text(&note, line, sizeof(line));
	KUNIT_EXPECT_STREQ(test, line,
			   "[Firmware Bug]: IVRS: IVHD at offset 0x48: length exceeds the table (0x1234): skipped");
	note.verdict = NYX_FW_KEPT;
	nyx_fw_note_text(&note, line, sizeof(line));
	KUNIT_EXPECT_STREQ(test, line,
			   "[Firmware Bug]: IVRS: IVHD at offset 0x48: length exceeds the table (0x1234): continuing");
	note.verdict = NYX_FW_UNKNOWN;
	note.where = "structure";
	note.what = "type";
	nyx_fw_note_text(&note, line, sizeof(line));
	KUNIT_EXPECT_STREQ(test, line,
			   "IVRS: structure at offset 0x48: type (0x1234): unknown to this driver, skipped");
}

static struct kunit_case fw_table_cases[] = {
	KUNIT_CASE(fw_table_text),
	{}
};

static struct kunit_suite fw_table_suite = {
	.name = "nyx_firmware_fw_table",
	.test_cases = fw_table_cases,
};

kunit_test_suite(fw_table_suite);
