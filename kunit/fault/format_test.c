// SPDX-License-Identifier: GPL-2.0-only
/*
 * Text output of faults: lines of debugfs and sentences of the log.
 */
#include <kunit/test.h>
#include <linux/string.h>

#include "../seq_text.h"
#include "fault/format.h"
#include "fault/ring.h"

static const struct nyx_fault_record example = {
	.seq = 42,
	.time_ns = 12345678999ULL,
	.unit = "vtd0",
	.device = "0000:03:1f.7",
	.driver = "e1000e",
	.segment = 0,
	.domain = 3,
	.isolation = NYX_ISOLATION_SHARED,
	.fault = {
		.rid = 0x02a5,
		.access = NYX_ACCESS_WRITE,
		.iova = 0xfffe1000,
		.has_iova = true,
		.code = 5,
		.reason = "no write access",
		.pasid = 0x12345,
		.has_pasid = true,
	},
};

static const struct nyx_fault_record explained = {
	.seq = 43,
	.unit = "vtd0",
	.device = "0000:03:1f.7",
	.fault = {
		.rid = 0x1aff,
		.access = NYX_ACCESS_READ,
		.iova = 0x1000,
		.has_iova = true,
		.code = 6,
		.reason = "no read access",
	},
	.explanation = { .why = NYX_WHY_NEVER_MAPPED },
};

static const struct nyx_fault_record bare = {
	.seq = 1,
	.unit = "vtd15",
	.segment = 0xabcd,
	.fault = {
		.rid = 0xffff,
		.access = NYX_ACCESS_UNKNOWN,
		.code = 0xffff,
		.reason = "reserved",
	},
};

static void line_has_every_column(struct kunit *test)
{
	struct seq_file *m = nyx_seq_text(test);

	nyx_fault_show(m, &example);
	KUNIT_EXPECT_STREQ(test, m->buf,
			   "      42      12.345678 vtd0     0000:02:14.5 0000:03:1f.7 e1000e                3 SHARED    write     0x00000000fffe1000 -      0x0005 0x012345 -           no write access\n");
}

/* An explanation is one word in debugfs, and ends the sentence of the log. */
static void explanation_is_shown(struct kunit *test)
{
	struct seq_file *m = nyx_seq_text(test);
	char text[NYX_FAULT_SENTENCE];

	nyx_fault_show(m, &explained);
	KUNIT_EXPECT_NOT_NULL_MSG(test,
				  strstr(m->buf, " never_mapped no read access\n"),
				  "%s", m->buf);
	nyx_fault_describe(text, sizeof(text), &explained);
	KUNIT_EXPECT_STREQ(test, text,
			   "vtd0: 0000:03:1f.7 (requester 0000:1a:1f.7, driver none, domain none): DMA read from 0x1000 blocked: no read access (code 0x6): never mapped");
}

/* A fault of an interrupt request shows an index instead of an address. */
static void interrupts_have_an_index(struct kunit *test)
{
	struct nyx_fault_record rec = example;
	struct seq_file *m = nyx_seq_text(test);
	char text[NYX_FAULT_SENTENCE];

	rec.fault.access = NYX_ACCESS_INTERRUPT;
	rec.fault.has_iova = false;
	rec.fault.has_pasid = false;
	rec.fault.has_index = true;
	rec.fault.index = 0xa5;
	rec.fault.code = 0x22;
	rec.fault.reason = "not present";
	nyx_fault_show(m, &rec);
	KUNIT_EXPECT_STREQ(test, m->buf,
			   "      42      12.345678 vtd0     0000:02:14.5 0000:03:1f.7 e1000e                3 SHARED    interrupt -                  0x00a5 0x0022 -        -           not present\n");
	nyx_fault_describe(text, sizeof(text), &rec);
	KUNIT_EXPECT_STREQ(test, text,
			   "vtd0: 0000:03:1f.7 (requester 0000:02:14.5, driver e1000e, domain 3 SHARED): interrupt request to entry 165 blocked: not present (code 0x22)");
}

static void line_marks_unknown_values(struct kunit *test)
{
	struct seq_file *m = nyx_seq_text(test);

	nyx_fault_show(m, &bare);
	KUNIT_EXPECT_STREQ(test, m->buf,
			   "       1       0.000000 vtd15    abcd:ff:1f.7 -            -                     - -         unknown   -                  -      0xffff -        -           reserved\n");
}

/* The values of left-aligned columns start below their names. */
static void line_matches_header(struct kunit *test)
{
	struct seq_file *header = nyx_seq_text(test);
	struct seq_file *line = nyx_seq_text(test);
	static const char * const columns[][2] = {
		{ "unit", "vtd0" },
		{ "requester", "0000:02:14.5" },
		{ "device", "0000:03:1f.7" },
		{ "driver", "e1000e" },
		{ "isolation", "SHARED" },
		{ "access", "write" },
		{ "iova", "0x00000000fffe1000" },
		{ "code", "0x0005" },
		{ "pasid", "0x012345" },
		{ "explanation", "-           no" },
		{ "reason", "no write access" },
	};
	size_t i;

	nyx_fault_show_header(header);
	nyx_fault_show(line, &example);
	for (i = 0; i < ARRAY_SIZE(columns); i++) {
		char *name = strstr(header->buf, columns[i][0]);
		char *value = strstr(line->buf, columns[i][1]);

		KUNIT_ASSERT_NOT_NULL(test, name);
		KUNIT_ASSERT_NOT_NULL(test, value);
		KUNIT_EXPECT_EQ_MSG(test, name - header->buf, value - line->buf,
				    "column %s", columns[i][0]);
	}
}

static void line_names_every_access(struct kunit *test)
{
	static const struct {
		int access;
		const char *word;
	} cases[] = {
		{ NYX_ACCESS_READ, " read " },
		{ NYX_ACCESS_WRITE, " write " },
		{ NYX_ACCESS_EXECUTE, " execute " },
		{ NYX_ACCESS_ATOMIC, " atomic " },
		{ NYX_ACCESS_INTERRUPT, " interrupt " },
		{ NYX_ACCESS_UNKNOWN, " unknown " },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct nyx_fault_record rec = bare;
		struct seq_file *m = nyx_seq_text(test);

		rec.fault.access = cases[i].access;
		nyx_fault_show(m, &rec);
		KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(m->buf, cases[i].word),
					  "%d:%s", cases[i].access, m->buf);
	}
}

/* Driver names may contain any character, but must be printed as one word. */
static void line_keeps_odd_names_one_word(struct kunit *test)
{
	struct nyx_fault_record rec = bare;
	struct seq_file *m = nyx_seq_text(test);

	strscpy(rec.driver, "my driver\n\x80");
	nyx_fault_show(m, &rec);
	KUNIT_EXPECT_NOT_NULL(test, strstr(m->buf, " my_driver__ "));
}

static void sentence_has_every_value(struct kunit *test)
{
	struct nyx_fault_record own = example;
	char text[NYX_FAULT_SENTENCE];

	nyx_fault_describe(text, sizeof(text), &example);
	KUNIT_EXPECT_STREQ(test, text,
			   "vtd0: 0000:03:1f.7 (requester 0000:02:14.5, driver e1000e, domain 3 SHARED): DMA write to 0xfffe1000 blocked: no write access (code 0x5)");
	/* A requester ID that is the name of the device is not repeated. */
	strscpy(own.device, "0000:02:14.5");
	nyx_fault_describe(text, sizeof(text), &own);
	KUNIT_EXPECT_STREQ(test, text,
			   "vtd0: 0000:02:14.5 (driver e1000e, domain 3 SHARED): DMA write to 0xfffe1000 blocked: no write access (code 0x5)");
	nyx_fault_describe(text, sizeof(text), &bare);
	KUNIT_EXPECT_STREQ(test, text,
			   "vtd15: unknown device (requester abcd:ff:1f.7, driver none, domain none): DMA to no address blocked: reserved (code 0xffff)");
}

/* The longest values fit; longer output is truncated without an overrun. */
static void sentence_stays_in_bounds(struct kunit *test)
{
	struct nyx_fault_record rec = example;
	char text[NYX_FAULT_SENTENCE + 1];

	memset(rec.unit, 'u', sizeof(rec.unit) - 1);
	memset(rec.device, 'd', sizeof(rec.device) - 1);
	memset(rec.driver, 'r', sizeof(rec.driver) - 1);
	rec.domain = U32_MAX;
	rec.isolation = NYX_ISOLATION_UNMANAGED;
	rec.fault.iova = U64_MAX;
	rec.fault.access = NYX_ACCESS_EXECUTE;
	rec.fault.code = 0xffff;
	rec.fault.has_phys = true;
	rec.fault.phys = U64_MAX;
	rec.fault.reason =
		"eighty characters eighty characters eighty characters eighty characters 89012345";
	rec.explanation = (struct nyx_explanation) {
		.why = NYX_WHY_UNMAPPED,
		.recorded = true,
		.cpu = U32_MAX,
		.ago_ns = U64_MAX,
		.flushed = true,
		.flushed_ago_ns = U64_MAX,
	};
	memset(rec.explanation.caller, 'c', sizeof(rec.explanation.caller) - 1);

	KUNIT_EXPECT_LT(test, nyx_fault_describe(text, NYX_FAULT_SENTENCE,
						 &rec),
			NYX_FAULT_SENTENCE - 1);
	KUNIT_EXPECT_NOT_NULL(test,
			      strstr(text, "(code 0xffff, physical address 0xffffffffffffffff)"));

	memset(text, 'x', sizeof(text));
	KUNIT_EXPECT_EQ(test, nyx_fault_describe(text, 16, &rec), 15);
	KUNIT_EXPECT_EQ(test, text[15], '\0');
	KUNIT_EXPECT_EQ(test, text[16], 'x');
}

static struct kunit_case nyx_fault_format_cases[] = {
	KUNIT_CASE(line_has_every_column),
	KUNIT_CASE(explanation_is_shown),
	KUNIT_CASE(interrupts_have_an_index),
	KUNIT_CASE(line_marks_unknown_values),
	KUNIT_CASE(line_matches_header),
	KUNIT_CASE(line_names_every_access),
	KUNIT_CASE(line_keeps_odd_names_one_word),
	KUNIT_CASE(sentence_has_every_value),
	KUNIT_CASE(sentence_stays_in_bounds),
	{}
};

static struct kunit_suite nyx_fault_format_suite = {
	.name = "nyx_fault_format",
	.test_cases = nyx_fault_format_cases,
};

kunit_test_suite(nyx_fault_format_suite);
