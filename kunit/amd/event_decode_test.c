// SPDX-License-Identifier: GPL-2.0-only
/*
 * Decoding of event log entries, against the numbers of the AMD IOMMU
 * specification (48882), section 2.5.
 */
#include <kunit/test.h>
#include <linux/bits.h>
#include <linux/string.h>
#include <nyx/fault.h>

#include "amd/event_decode.h"

/* The unit's own DeviceID. */
#define UNIT 0x0002

/* Bits of an entry. */
#define GN	BIT_ULL(48)
#define NX	BIT_ULL(49)
#define US	BIT_ULL(50)
#define I	BIT_ULL(51)
#define PR	BIT_ULL(52)
#define RW	BIT_ULL(53)
#define PE	BIT_ULL(54)
#define RZ	BIT_ULL(55)
#define TR	BIT_ULL(56)

static struct nyx_fault decode(u64 code, u64 lo, u64 hi)
{
	struct nyx_fault fault;

	memset(&fault, 0xff, sizeof(fault));
	amd_event_decode(code << 60 | lo, hi, UNIT, true, &fault);
	return fault;
}

/*
 * The name of each code, and whether the entry has a DeviceID and an address.
 */
static void codes(struct kunit *test)
{
	static const struct {
		const char *name;
		bool device;
		bool address;
	} names[16] = {
		{ "Reserved event code" },
		{ "ILLEGAL_DEV_TABLE_ENTRY", true, true },
		{ "IO_PAGE_FAULT", true, true },
		{ "DEV_TAB_HARDWARE_ERROR", true },
		{ "PAGE_TAB_HARDWARE_ERROR", true },
		{ "ILLEGAL_COMMAND_ERROR" },
		{ "COMMAND_HARDWARE_ERROR" },
		{ "IOTLB_INV_TIMEOUT", true },
		{ "INVALID_DEVICE_REQUEST", true, true },
		{ "INVALID_PPR_REQUEST", true, true },
		{ "EVENT_COUNTER_ZERO" },
		{ "GUEST_EVENT_FAULT" },
		{ "VIOMMU_HARDWARE_ERROR" },
		{ "RMP_PAGE_FAULT", true, true },
		{ "RMP_HARDWARE_ERROR", true },
		{ "Reserved event code" },
	};
	struct nyx_fault fault;
	u64 code;

	for (code = 0; code < 16; code++) {
		fault = decode(code, 0xabcd, 0x123456789abcdef0);
		KUNIT_EXPECT_EQ(test, fault.code, code);
		KUNIT_EXPECT_TRUE_MSG(test, strstarts(fault.reason,
						      names[code].name),
				      "%llu: %s", code, fault.reason);
		KUNIT_EXPECT_EQ(test, fault.rid,
				names[code].device ? 0xabcd : UNIT);
		KUNIT_EXPECT_EQ(test, fault.has_iova, names[code].address);
		KUNIT_EXPECT_EQ(test, fault.iova, names[code].address ?
				0x123456789abcdef0 : 0);
		KUNIT_EXPECT_FALSE(test, fault.has_pasid);
		/*
		 * Codes 3 to 7 have the address of a table entry or of a
		 * command.
		 */
		KUNIT_EXPECT_EQ(test, fault.has_phys, code >= 3 && code <= 7);
		KUNIT_EXPECT_EQ(test, fault.phys, code >= 3 && code <= 7 ?
				0x123456789abcdef0 : 0);
	}
}

/* Only codes 1 to 4 have I, RW and TR. */
static void access(struct kunit *test)
{
	u64 code;

	for (code = 0; code < 16; code++) {
		bool known = code >= 1 && code <= 4;

		/* INVALID_DEVICE_REQUEST has a type instead. */
		if (code == 8)
			continue;
		KUNIT_EXPECT_EQ(test, decode(code, 0, 0).access,
				known ? NYX_ACCESS_READ : NYX_ACCESS_UNKNOWN);
		KUNIT_EXPECT_EQ(test, decode(code, RW, 0).access,
				known ? NYX_ACCESS_WRITE : NYX_ACCESS_UNKNOWN);
		KUNIT_EXPECT_EQ(test, decode(code, I, 0xfdf8000000).access,
				known ? NYX_ACCESS_INTERRUPT :
					NYX_ACCESS_UNKNOWN);
		KUNIT_EXPECT_EQ(test, decode(code, TR, 0).access,
				NYX_ACCESS_UNKNOWN);
		KUNIT_EXPECT_EQ(test, decode(code, TR | RW, 0).access,
				NYX_ACCESS_UNKNOWN);
	}
	/* NX counts only for a read with a PASID. */
	KUNIT_EXPECT_EQ(test, decode(2, NX, 0).access, NYX_ACCESS_READ);
	KUNIT_EXPECT_EQ(test, decode(2, GN | NX, 0).access, NYX_ACCESS_EXECUTE);
	KUNIT_EXPECT_EQ(test, decode(2, GN | NX | RW, 0).access,
			NYX_ACCESS_WRITE);
}

/*
 * The address of an interrupt request is HyperTransport's: the vector is in
 * bits 23:16, the message type in bits 4:2. The PASID has no meaning.
 */
static void interrupt_request(struct kunit *test)
{
	static const u64 addresses[] = { 0xfdf812050c, 0xfffffffdf812050c };
	struct nyx_fault fault;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(addresses); i++) {
		fault = decode(2, I | GN | 0x18, addresses[i]);
		KUNIT_EXPECT_EQ(test, fault.rid, 0x18);
		KUNIT_EXPECT_EQ(test, fault.access, NYX_ACCESS_INTERRUPT);
		KUNIT_EXPECT_TRUE(test, fault.has_index);
		KUNIT_EXPECT_EQ(test, fault.index, 0x312);
		KUNIT_EXPECT_FALSE(test, fault.has_iova);
		KUNIT_EXPECT_FALSE(test, fault.has_pasid);
		KUNIT_EXPECT_STREQ(test, fault.reason,
				   "IO_PAGE_FAULT: interrupt blocked");
	}
	/*
	 * PE, bit 54, and RZ, bit 55, have no meaning while PR, bit 52, is 0.
	 */
	KUNIT_EXPECT_STREQ(test, decode(2, I | PE | RZ, addresses[0]).reason,
			   "IO_PAGE_FAULT: interrupt blocked");
	KUNIT_EXPECT_STREQ(test, decode(2, I | PR, addresses[0]).reason,
			   "IO_PAGE_FAULT: interrupt blocked");
	KUNIT_EXPECT_STREQ(test, decode(2, I | PR | PE, addresses[0]).reason,
			   "IO_PAGE_FAULT: interrupt blocked");
	fault = decode(2, I | PR | RZ, addresses[0]);
	KUNIT_EXPECT_STREQ(test, fault.reason,
			   "IO_PAGE_FAULT: interrupt entry with a reserved bit not zero");
	KUNIT_EXPECT_EQ(test, fault.access, NYX_ACCESS_INTERRUPT);
	KUNIT_EXPECT_EQ(test, fault.index, 0x312);
	/* QEMU sets I, and address 0, for all requests. */
	fault = decode(2, I | 0x18, 0);
	KUNIT_EXPECT_EQ(test, fault.access, NYX_ACCESS_UNKNOWN);
	KUNIT_EXPECT_FALSE(test, fault.has_index);
	KUNIT_EXPECT_STREQ(test, fault.reason,
			   "IO_PAGE_FAULT: page not present");
}

/* The type of INVALID_DEVICE_REQUEST is bits 59:57, unused if TR is set. */
static void device_request(struct kunit *test)
{
	static const struct {
		const char *reason;
		enum nyx_access access;
	} types[8] = {
		[0] = { "INVALID_DEVICE_REQUEST: read of the interrupt range",
			NYX_ACCESS_READ },
		[5] = { "INVALID_DEVICE_REQUEST: interrupt blocked",
			NYX_ACCESS_INTERRUPT },
		[6] = { "INVALID_DEVICE_REQUEST: write to the reserved interrupt range",
			NYX_ACCESS_WRITE },
	};
	struct nyx_fault fault;
	u64 type;

	for (type = 0; type < 8; type++) {
		fault = decode(8, type << 57 | 0x18, 0xfdf8410000);
		KUNIT_EXPECT_EQ(test, fault.rid, 0x18);
		KUNIT_EXPECT_EQ(test, fault.access, types[type].reason ?
				types[type].access : NYX_ACCESS_UNKNOWN);
		KUNIT_EXPECT_STREQ(test, fault.reason, types[type].reason ?:
				   "INVALID_DEVICE_REQUEST");
		/* The request used no table entry. */
		KUNIT_EXPECT_FALSE(test, fault.has_index);
		fault = decode(8, TR | type << 57 | 0x18, 0x1000);
		KUNIT_EXPECT_EQ(test, fault.access, NYX_ACCESS_UNKNOWN);
		KUNIT_EXPECT_STREQ(test, fault.reason,
				   "INVALID_DEVICE_REQUEST");
		KUNIT_EXPECT_EQ(test, fault.iova, 0x1000);
	}
}

/*
 * A unit that does not remap interrupts cannot have blocked one. If it sets I
 * nevertheless, only the DeviceID counts.
 */
static void interrupts_not_remapped(struct kunit *test)
{
	struct nyx_fault fault;

	amd_event_decode(2ULL << 60 | I | GN | 0x18, 0, UNIT, false, &fault);
	KUNIT_EXPECT_EQ(test, fault.rid, 0x18);
	KUNIT_EXPECT_EQ(test, fault.access, NYX_ACCESS_UNKNOWN);
	KUNIT_EXPECT_FALSE(test, fault.has_iova);
	KUNIT_EXPECT_FALSE(test, fault.has_pasid);
	KUNIT_EXPECT_STREQ(test, fault.reason,
			   "IO_PAGE_FAULT: page not present");
	/* Without I, all fields count. */
	amd_event_decode(2ULL << 60 | RW | 0x18, 0x5000, UNIT, false, &fault);
	KUNIT_EXPECT_EQ(test, fault.access, NYX_ACCESS_WRITE);
	KUNIT_EXPECT_EQ(test, fault.iova, 0x5000);
}

/* If GN is set, bits 19:16 and 47:32 are bits 19:16 and 15:0 of the PASID. */
static void pasid(struct kunit *test)
{
	static const u64 with[] = { 1, 2, 4, 8 };
	u64 lo = 0x0000cdef000b0010;
	struct nyx_fault fault;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(with); i++) {
		fault = decode(with[i], lo | GN, 0);
		KUNIT_EXPECT_TRUE(test, fault.has_pasid);
		KUNIT_EXPECT_EQ(test, fault.pasid, 0xbcdef);
		KUNIT_EXPECT_EQ(test, fault.rid, 0x0010);
		/* Without GN, bits 47:32 are the DomainID. */
		fault = decode(with[i], lo, 0);
		KUNIT_EXPECT_FALSE(test, fault.has_pasid);
		KUNIT_EXPECT_EQ(test, fault.pasid, 0);
	}
}

static void page_fault_reasons(struct kunit *test)
{
	static const struct {
		u64 lo;
		const char *reason;
	} cases[] = {
		{ 0, "IO_PAGE_FAULT: page not present" },
		{ PE | RZ | US, "IO_PAGE_FAULT: page not present" },
		{ PR | PE, "IO_PAGE_FAULT: lack of permission" },
		{ PR | PE | RZ, "IO_PAGE_FAULT: lack of permission" },
		{ PR | RZ, "IO_PAGE_FAULT: reserved bit not zero" },
		{ PR, "IO_PAGE_FAULT: invalid level encoding" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		KUNIT_EXPECT_STREQ(test, decode(2, cases[i].lo, 0).reason,
				   cases[i].reason);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(codes),
	KUNIT_CASE(access),
	KUNIT_CASE(interrupt_request),
	KUNIT_CASE(device_request),
	KUNIT_CASE(interrupts_not_remapped),
	KUNIT_CASE(pasid),
	KUNIT_CASE(page_fault_reasons),
	{ }
};

static struct kunit_suite suite = {
	.name = "nyx_amd_event_decode",
	.test_cases = cases,
};

kunit_test_suite(suite);
