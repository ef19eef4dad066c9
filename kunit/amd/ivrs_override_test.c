// SPDX-License-Identifier: GPL-2.0-only
/*
 * Corrections of the IVRS table: the built-in driver's syntax, and the tables
 * that result.
 */
#include <kunit/test.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "amd/ivrs_override.h"
#include "ivrs_result.h"

enum { IOAPIC = 1, HPET = 2, ACPI = 0 };

/**
 * struct syntax - a value of a parameter
 * @text: the value
 * @variety: 1 I/O APIC, 2 HPET, 0 ACPI device
 * @valid: it is valid
 * @segment: the expected segment
 * @device_id: the expected DeviceID
 * @handle: the expected ID
 * @hid: the expected _HID
 * @uid: the expected _UID
 * @printed: the text of amd_override_print()
 */
struct syntax {
	const char *text;
	u8 variety;
	bool valid;
	u16 segment;
	u16 device_id;
	u8 handle;
	const char *hid;
	const char *uid;
	const char *printed;
};

static const struct syntax syntaxes[] = {
	{ "10@0001:00:14.0", IOAPIC, true, 1, 0x00a0, 10, "", "",
	  "10@0001:00:14.0" },
	{ "10@00:14.0", IOAPIC, true, 0, 0x00a0, 10, "", "",
	  "10@0000:00:14.0" },
	{ "255@ffff:ff:1f.7", HPET, true, 0xffff, 0xffff, 255, "", "",
	  "255@ffff:ff:1f.7" },
	{ "0@0:0:0.1", HPET, true, 0, 0x0001, 0, "", "", "0@0000:00:00.1" },
	{ "AMD0020:0@00:14.5", ACPI, true, 0, 0x00a5, 0, "AMD0020", "0",
	  "AMD0020:0@0000:00:14.5" },
	{ "AMDI0095:00@0002:00:1c.3", ACPI, true, 2, 0x00e3, 0, "AMDI0095",
	  "0", "AMDI0095:0@0002:00:1c.3" },
	{ "AMDI0020:ID01@00:14.5", ACPI, true, 0, 0x00a5, 0, "AMDI0020",
	  "ID01", "AMDI0020:ID01@0000:00:14.5" },
	{ "", IOAPIC }, { "10", IOAPIC }, { "10@", IOAPIC },
	{ "@00:14.0", IOAPIC }, { "256@00:14.0", IOAPIC },
	{ "a@00:14.0", IOAPIC }, { "10@00:14", IOAPIC },
	{ "10@00:20.0", IOAPIC }, { "10@00:14.8", IOAPIC },
	{ "10@100:14.0", IOAPIC }, { "10@10000:00:14.0", IOAPIC },
	{ "10@00:14.0z", IOAPIC }, { "10 @00:14.0", IOAPIC },
	{ "1:10@00:14.0", IOAPIC }, { "[10]=00:14.0", IOAPIC },
	{ "AMD0020@00:14.5", ACPI }, { ":0@00:14.5", ACPI },
	{ "AMD0020:@00:14.5", ACPI }, { "AMDI00201:0@00:14.5", ACPI },
	{ "AMD0020:0", ACPI },
};

static void syntax(struct kunit *test)
{
	struct amd_ivrs_override *o = kunit_kzalloc(test, sizeof(*o),
						    GFP_KERNEL);
	const struct syntax *s;
	char text[64];

	KUNIT_ASSERT_NOT_NULL(test, o);
	for (s = syntaxes; s < syntaxes + ARRAY_SIZE(syntaxes); s++) {
		KUNIT_EXPECT_EQ_MSG(test,
				    amd_override_parse(s->text, s->variety, o),
				    s->valid ? 0 : -EINVAL, "%s", s->text);
		if (!s->valid)
			continue;
		KUNIT_EXPECT_EQ(test, o->variety, s->variety);
		KUNIT_EXPECT_EQ(test, o->segment, s->segment);
		KUNIT_EXPECT_EQ(test, o->device_id, s->device_id);
		KUNIT_EXPECT_EQ(test, o->handle, s->handle);
		KUNIT_EXPECT_STREQ(test, o->hid, s->hid);
		KUNIT_EXPECT_STREQ(test, o->uid, s->uid);
		amd_override_print(o, text, sizeof(text));
		KUNIT_EXPECT_STREQ(test, text, s->printed);
	}
}

/* A _UID of 255 characters is the longest. */
static void long_uid(struct kunit *test)
{
	struct amd_ivrs_override *o = kunit_kzalloc(test, sizeof(*o),
						    GFP_KERNEL);
	char *text = kunit_kzalloc(test, 512, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, o);
	KUNIT_ASSERT_NOT_NULL(test, text);
	memset(text, 'u', 9 + 255);
	memcpy(text, "AMDI0020:", 9);
	memcpy(text + 9 + 255, "@00:14.5", 9);
	KUNIT_EXPECT_EQ(test, amd_override_parse(text, ACPI, o), 0);
	KUNIT_EXPECT_EQ(test, strlen(o->uid), 255);
	memcpy(text + 9 + 255, "u@00:14.5", 10);
	KUNIT_EXPECT_EQ(test, amd_override_parse(text, ACPI, o), -EINVAL);
}

/*
 * The table has I/O APICs 0x21 (unit 0) and 0x22 (unit 1), HPET 0 (unit 0), and
 * three ACPI devices, all in segment 0, which has two units. Unit 2 is the only
 * one of segment 1.
 */
static struct amd_ivrs *correct(struct kunit *test,
				struct amd_ivrs_override *list,
				const struct syntax *s, unsigned int nr)
{
	struct ivrs_result *i;
	unsigned int n;

	i = ivrs_result(test, ivrs_table_new(test, ivrs_table_server));
	KUNIT_ASSERT_STREQ(test, i->r.left, "3/3 9 3 3 4");
	for (n = 0; n < nr; n++)
		KUNIT_ASSERT_EQ(test, amd_override_parse(s[n].text,
							 s[n].variety,
							 &list[n]), 0);
	KUNIT_ASSERT_EQ(test, amd_ivrs_override(&i->ivrs, list, nr), 0);
	return &i->ivrs;
}

static void specials(struct kunit *test)
{
	static const struct syntax s[] = {
		{ "33@00:14.1", IOAPIC },	/* replaces 0x21 */
		{ "34@40:01.0", HPET },		/* not I/O APIC 0x22 */
		{ "5@0001:00:00.7", IOAPIC },	/* the segment's only unit */
		{ "6@00:00.0", IOAPIC },	/* in no range: first unit */
		{ "7@0002:00:00.0", IOAPIC },	/* no such segment */
		{ "34@00:00.1", IOAPIC },	/* in no range: unit as before */
	};
	struct amd_ivrs_override *list;
	struct amd_ivrs *v;

	list = kunit_kcalloc(test, ARRAY_SIZE(s), sizeof(*list), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, list);
	v = correct(test, list, s, ARRAY_SIZE(s));
	KUNIT_ASSERT_EQ(test, v->nr_special, 6);
	KUNIT_EXPECT_EQ(test, v->nr_acpi, 3);
	KUNIT_EXPECT_EQ(test, v->special[0].handle, 0x21);
	KUNIT_EXPECT_EQ(test, v->special[0].source, 0x00a1);
	KUNIT_EXPECT_EQ(test, v->special[0].unit, 0);
	KUNIT_EXPECT_EQ(test, v->special[0].dte, 0xd7);
	KUNIT_EXPECT_EQ(test, v->special[2].handle, 0x22);
	KUNIT_EXPECT_EQ(test, v->special[2].source, 0x0001);
	KUNIT_EXPECT_EQ(test, v->special[2].unit, 1);
	KUNIT_EXPECT_EQ(test, v->special[3].variety, 2);
	KUNIT_EXPECT_EQ(test, v->special[3].handle, 34);
	KUNIT_EXPECT_EQ(test, v->special[3].source, 0x4008);
	KUNIT_EXPECT_EQ(test, v->special[3].unit, 1);
	KUNIT_EXPECT_EQ(test, v->special[4].source, 0x0007);
	KUNIT_EXPECT_EQ(test, v->special[4].unit, 2);
	KUNIT_EXPECT_EQ(test, v->special[5].handle, 6);
	KUNIT_EXPECT_EQ(test, v->special[5].source, 0x0000);
	KUNIT_EXPECT_EQ(test, v->special[5].unit, 0);
	KUNIT_EXPECT_FALSE(test, list[0].ignored);
	KUNIT_EXPECT_FALSE(test, list[1].ignored);
	KUNIT_EXPECT_FALSE(test, list[2].ignored);
	KUNIT_EXPECT_FALSE(test, list[3].ignored);
	KUNIT_EXPECT_TRUE(test, list[4].ignored);
	KUNIT_EXPECT_FALSE(test, list[5].ignored);
}

static void acpi_devices(struct kunit *test)
{
	static const struct syntax s[] = {
		{ "AMDI0020:0@00:14.6", ACPI },
		{ "AMDI0020:0@00:14.7", ACPI },	/* replaces the one before */
		{ "XYZ0001:1@40:01.0", ACPI },
		{ "XYZ0001:2@00:00.0", ACPI },	/* in no range: which unit? */
		{ "XYZ0001:3@0001:00:00.0", ACPI },	/* the only unit */
	};
	struct amd_ivrs_override *list;
	struct amd_ivrs *v;

	list = kunit_kcalloc(test, ARRAY_SIZE(s), sizeof(*list), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, list);
	v = correct(test, list, s, ARRAY_SIZE(s));
	KUNIT_ASSERT_EQ(test, v->nr_acpi, 6);
	KUNIT_EXPECT_STREQ(test, v->acpi[0].hid, "XYZ0001");
	KUNIT_EXPECT_STREQ(test, v->acpi[0].uid_text, "3");
	KUNIT_EXPECT_EQ(test, v->acpi[0].unit, 2);
	KUNIT_EXPECT_STREQ(test, v->acpi[1].hid, "XYZ0001");
	KUNIT_EXPECT_STREQ(test, v->acpi[1].uid_text, "1");
	KUNIT_EXPECT_EQ(test, v->acpi[1].unit, 1);
	KUNIT_EXPECT_STREQ(test, v->acpi[2].hid, "AMDI0020");
	KUNIT_EXPECT_STREQ(test, v->acpi[2].uid_text, "0");
	KUNIT_EXPECT_EQ(test, v->acpi[2].uid_format, 2);
	KUNIT_EXPECT_EQ(test, v->acpi[2].device_id, 0x00a7);
	KUNIT_EXPECT_STREQ(test, v->acpi[3].uid_text, "\\_SB.FUR0");
	KUNIT_EXPECT_STREQ(test, v->acpi[5].hid, "AMDI0040");
	KUNIT_EXPECT_TRUE(test, list[3].ignored);
	KUNIT_EXPECT_FALSE(test, list[4].ignored);
	KUNIT_EXPECT_EQ(test, v->nr_special, 3);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(syntax),
	KUNIT_CASE(long_uid),
	KUNIT_CASE(specials),
	KUNIT_CASE(acpi_devices),
	{}
};

static struct kunit_suite suite = {
	.name = "nyx_amd_ivrs_override",
	.test_cases = cases,
};

kunit_test_suite(suite);
