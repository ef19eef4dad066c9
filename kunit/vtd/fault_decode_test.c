// SPDX-License-Identifier: GPL-2.0-only
/*
 * Decoding fault records, compared with the numbers of the VT-d specification
 * (revision 5.1, 5.1.4.1, 7.1.3 and 11.4.7.6).
 */
#include <kunit/test.h>
#include <linux/bits.h>
#include <linux/string.h>
#include <nyx/fault.h>

#include "vtd/fault.h"

/* A fault reason, and words of its text that identify it. */
struct reason {
	u8 code;
	const char *words[3];
};

static const struct reason reasons[] = {
	{ 0x01, { "Present", "in root-entry" } },
	{ 0x02, { "Present", "in context-entry" } },
	{ 0x03, { "Invalid programming", "of context-entry" } },
	{ 0x04, { "beyond MGAW", "AGAW", "HAW" } },
	{ 0x05, { "write permission" } },
	{ 0x06, { "read permission" } },
	{ 0x07, { "accessing", "second-stage" } },
	{ 0x08, { "accessing root-entry" } },
	{ 0x09, { "accessing context-entry" } },
	{ 0x0a, { "reserved", "in root-entry" } },
	{ 0x0b, { "reserved", "in context-entry" } },
	{ 0x0c, { "reserved", "second-stage" } },
	{ 0x0d, { "(TT)", "context-entry", "blocks" } },
	{ 0x0e, { "Output address", "interrupt address range" } },
	{ 0x20, { "reserved", "interrupt request" } },
	{ 0x21, { "interrupt_index", "exceeds" } },
	{ 0x22, { "Present", "IRTE" } },
	{ 0x23, { "accessing", "interrupt-remapping table" } },
	{ 0x24, { "reserved", "IRTE" } },
	{ 0x25, { "Compatibility format", "blocked" } },
	{ 0x26, { "Source-id", "verification" } },
	{ 0x27, { "accessing", "Posted Interrupt Descriptor" } },
	{ 0x28, { "reserved", "Posted Interrupt Descriptor" } },
	{ 0x29, { "Untranslated", "interrupt address range" } },
	{ 0x2a, { "(EIME)" } },
	{ 0x2b, { "interrupt remapping", "disabled" } },
	{ 0x30, { "Root Table Address" } },
	{ 0x31, { "Request-with-PASID", "legacy" } },
	{ 0x32, { "Page request", "legacy" } },
	{ 0x33, { "abort-dma" } },
	{ 0x34, { "Request-with-PASID", "(ER)" } },
	{ 0x38, { "accessing", "scalable-mode root-entry" } },
	{ 0x39, { "Present", "scalable-mode root-entry" } },
	{ 0x3a, { "reserved", "scalable-mode root-entry" } },
	{ 0x40, { "accessing", "scalable-mode context-entry" } },
	{ 0x41, { "Present", "scalable-mode context-entry" } },
	{ 0x42, { "reserved", "scalable-mode context-entry" } },
	{ 0x43, { "Invalid programming", "scalable-mode context-entry" } },
	{ 0x44, { "(DTE)", "scalable-mode context-entry" } },
	{ 0x45, { "(PASIDE)", "scalable-mode context-entry" } },
	{ 0x46, { "PASID larger", "PDTS" } },
	{ 0x47, { "(PRE)", "scalable-mode context-entry" } },
	{ 0x48, { "RID_PASID" } },
	{ 0x49, { "(EPTR)" } },
	{ 0x50, { "accessing", "PASID-directory" } },
	{ 0x51, { "Present", "PASID-directory" } },
	{ 0x52, { "reserved", "PASID-directory" } },
	{ 0x58, { "accessing", "PASID-table" } },
	{ 0x59, { "Present", "PASID-table" } },
	{ 0x5a, { "reserved", "PASID-table" } },
	{ 0x5b, { "Invalid programming", "PASID-table" } },
	{ 0x5c, { "(ER)", "Execute Requests" } },
	{ 0x5d, { "(SRE)", "PASID-table" } },
	{ 0x60, { "Translated request", "Host Permission Table" } },
	{ 0x70, { "accessing first-stage" } },
	{ 0x71, { "Present", "first-stage" } },
	{ 0x72, { "reserved", "first-stage" } },
	{ 0x73, { "accessing FS-PML4" } },
	{ 0x74, { "first-stage", "beyond MGAW" } },
	{ 0x75, { "read permission", "FS-PML4" } },
	{ 0x76, { "read permission", "for first-stage" } },
	{ 0x77, { "write permission", "first-stage" } },
	{ 0x78, { "accessing second-stage", "scalable mode" } },
	{ 0x79, { "Second-stage", "neither read nor write" } },
	{ 0x7a, { "reserved", "second-stage", "scalable mode" } },
	{ 0x7b, { "second-stage", "SSPTPTR" } },
	{ 0x7c, { "A/D bit", "second-stage", "without snoop" } },
	{ 0x7d, { "Failed to update", "second-stage" } },
	{ 0x80, { "not canonical" } },
	{ 0x81, { "User privilege", "first-stage" } },
	{ 0x83, { "Input-address", "(HAW)" } },
	{ 0x84, { "Input-address", "MGAW", "scalable mode" } },
	{ 0x85, { "write permission", "scalable mode" } },
	{ 0x86, { "read permission", "scalable mode" } },
	{ 0x87, { "interrupt address range", "scalable mode" } },
	{ 0x89, { "PASID larger", "(PSS)" } },
	{ 0x90, { "A/D bit", "first-stage", "without snoop" } },
	{ 0x91, { "Failed to update", "first-stage" } },
	{ 0xa0, { "accessing HPT entry" } },
	{ 0xa1, { "reserved", "HPT entry" } },
	{ 0xa2, { "accessing", "HPT root" } },
	{ 0xa3, { "HPT walk" } },
	{ 0xa4, { "write permission", "HPT" } },
	{ 0xa5, { "read permission", "HPT" } },
};

/* F is set, and the fault reason is in bits 103:96. */
static const char *reason_of(u8 code)
{
	struct nyx_fault fault;

	vtd_fault_decode(0, 0x8000000000000000ULL | (u64)code << 32, &fault);
	return fault.code == code ? fault.reason : NULL;
}

static bool is_known(u8 code)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(reasons); i++)
		if (reasons[i].code == code)
			return true;
	return false;
}

static void decodes_reasons(struct kunit *test)
{
	const char *reason;
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(reasons); i++) {
		reason = reason_of(reasons[i].code);
		KUNIT_ASSERT_NOT_NULL(test, reason);
		for (j = 0; j < 3 && reasons[i].words[j]; j++)
			KUNIT_EXPECT_NOT_NULL_MSG(test,
						  strstr(reason,
							 reasons[i].words[j]),
						  "%#x: %s", reasons[i].code,
						  reason);
		/* All texts differ. */
		for (j = 0; j < i; j++)
			KUNIT_EXPECT_STRNEQ(test, reason,
					    reason_of(reasons[j].code));
	}
}

static void decodes_reserved_reasons(struct kunit *test)
{
	int code;

	for (code = 0; code < 256; code++)
		if (!is_known(code))
			KUNIT_EXPECT_STREQ_MSG(test, reason_of(code),
					       "Reserved fault reason", "%#x",
					       code);
}

/* FI: bits 63:12. Bits 11:0 are not part of the address. */
static void decodes_address(struct kunit *test)
{
	struct nyx_fault fault;
	int bit;

	for (bit = 0; bit < 64; bit++) {
		vtd_fault_decode(BIT_ULL(bit), 0x8000000500000000ULL, &fault);
		KUNIT_EXPECT_TRUE(test, fault.has_iova);
		KUNIT_EXPECT_EQ(test, fault.iova, bit < 12 ? 0 : BIT_ULL(bit));
	}
}

/* SID: bits 79:64; bits 91:80 are reserved. */
static void decodes_requester(struct kunit *test)
{
	struct nyx_fault fault;
	int bit;

	for (bit = 0; bit < 28; bit++) {
		vtd_fault_decode(0, 0x8000000500000000ULL | BIT_ULL(bit),
				 &fault);
		KUNIT_EXPECT_EQ(test, fault.rid, bit < 16 ? BIT(bit) : 0);
	}
}

/* T1 is bit 126, T2 bit 92, EXE bit 94, PP bit 95. */
static void decodes_access(struct kunit *test)
{
	static const struct {
		u64 hi;
		enum nyx_access access;
	} cases[] = {
		{ 0, NYX_ACCESS_WRITE },
		{ 0x10000000, NYX_ACCESS_UNKNOWN },
		{ 0x4000000000000000, NYX_ACCESS_READ },
		{ 0x4000000010000000, NYX_ACCESS_ATOMIC },
		/* EXE is valid only with PP. */
		{ 0x4000000040000000, NYX_ACCESS_READ },
		{ 0x40000000c0000000, NYX_ACCESS_EXECUTE },
		{ 0x4000000080000000, NYX_ACCESS_READ },
		{ 0x00000000c0000000, NYX_ACCESS_WRITE },
		{ 0x40000000d0000000, NYX_ACCESS_ATOMIC },
	};
	struct nyx_fault fault;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		vtd_fault_decode(0, cases[i].hi | 0x8000000500000000ULL,
				 &fault);
		KUNIT_EXPECT_EQ_MSG(test, fault.access, cases[i].access,
				    "%#llx", cases[i].hi);
	}
}

/* PP: bit 95, PASID: bits 123:104. */
static void decodes_pasid(struct kunit *test)
{
	struct nyx_fault fault;
	int bit;

	for (bit = 40; bit < 62; bit++) {
		vtd_fault_decode(0, 0x8000000580000000ULL | BIT_ULL(bit),
				 &fault);
		KUNIT_EXPECT_TRUE(test, fault.has_pasid);
		KUNIT_EXPECT_EQ(test, fault.pasid,
				bit < 60 ? BIT(bit - 40) : 0);
		vtd_fault_decode(0, 0x8000000500000000ULL | BIT_ULL(bit),
				 &fault);
		KUNIT_EXPECT_FALSE(test, fault.has_pasid);
		KUNIT_EXPECT_EQ(test, fault.pasid, 0);
	}
}

/*
 * For an interrupt request, only the reason, the requester ID and, if an entry
 * caused the fault, its index in bits 63:48 are valid (5.1.4.1, 11.4.7.6).
 */
static void decodes_interrupt_requests(struct kunit *test)
{
	struct nyx_fault fault;
	int code;

	for (code = 0; code < 256; code++) {
		vtd_fault_decode(0xfe12abcde000, 0xc000010080000123ULL |
				 (u64)code << 32, &fault);
		KUNIT_EXPECT_EQ(test, fault.rid, 0x123);
		if (code >= 0x20 && code <= 0x2b) {
			KUNIT_EXPECT_EQ(test, fault.access,
					NYX_ACCESS_INTERRUPT);
			KUNIT_EXPECT_FALSE(test, fault.has_iova);
			KUNIT_EXPECT_FALSE(test, fault.has_pasid);
			KUNIT_EXPECT_EQ(test, fault.has_index,
					code <= 0x28 && code != 0x25);
		} else {
			KUNIT_EXPECT_FALSE(test, fault.has_index);
			KUNIT_EXPECT_EQ(test, fault.access, NYX_ACCESS_READ);
			KUNIT_EXPECT_TRUE(test, fault.has_iova);
			KUNIT_EXPECT_TRUE(test, fault.has_pasid);
		}
	}
}

static void decodes_index(struct kunit *test)
{
	struct nyx_fault fault;
	int bit;

	for (bit = 0; bit < 64; bit++) {
		vtd_fault_decode(BIT_ULL(bit), 0x8000002600000000ULL, &fault);
		KUNIT_EXPECT_TRUE(test, fault.has_index);
		KUNIT_EXPECT_EQ(test, fault.index,
				bit < 48 ? 0 : BIT(bit - 48));
	}
}

static void decodes_all_ones(struct kunit *test)
{
	struct nyx_fault fault;

	vtd_fault_decode(~0ULL, ~0ULL, &fault);
	KUNIT_EXPECT_STREQ(test, fault.reason, "Reserved fault reason");
	KUNIT_EXPECT_EQ(test, fault.code, 0xff);
	KUNIT_EXPECT_EQ(test, fault.rid, 0xffff);
	KUNIT_EXPECT_EQ(test, fault.pasid, 0xfffff);
}

static struct kunit_case nyx_vtd_fault_decode_cases[] = {
	KUNIT_CASE(decodes_reasons),
	KUNIT_CASE(decodes_reserved_reasons),
	KUNIT_CASE(decodes_address),
	KUNIT_CASE(decodes_requester),
	KUNIT_CASE(decodes_access),
	KUNIT_CASE(decodes_pasid),
	KUNIT_CASE(decodes_interrupt_requests),
	KUNIT_CASE(decodes_index),
	KUNIT_CASE(decodes_all_ones),
	{}
};

static struct kunit_suite nyx_vtd_fault_decode_suite = {
	.name = "nyx_vtd_fault_decode",
	.test_cases = nyx_vtd_fault_decode_cases,
};

kunit_test_suite(nyx_vtd_fault_decode_suite);
