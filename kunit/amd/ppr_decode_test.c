// SPDX-License-Identifier: GPL-2.0-only
/*
 * Page requests and responses, bit by bit, against the numbers of the AMD IOMMU
 * specification (48882).
 */
#include <kunit/test.h>
#include <nyx/page_request.h>

#include "amd/log.h"
#include "amd/ppr_decode.h"

#define REQUEST 0x1000000000000000ULL

static struct nyx_page_request decode(struct kunit *test, u64 flags)
{
	const struct amd_entry entry = { .lo = REQUEST | flags };
	struct nyx_page_request req;

	KUNIT_EXPECT_EQ(test, amd_ppr_decode(&entry, &req),
			!(flags & BIT_ULL(55)));
	return req;
}

/*
 * The DeviceID is bits 15:0; PASID 15:0 are bits 31:16, 19:16 are bits 45:42; the group
 * is bits 40:32, bit 41 marks its last request; EX is bit 49, RP 50, WP 53, US 54, RZ
 * 55, GN 56. The address is bits 127:76.
 */
static void each_bit(struct kunit *test)
{
	struct nyx_page_request req;
	unsigned int bit;

	for (bit = 0; bit < 60; bit++) {
		const u64 flag = 1ULL << bit, gn = 1ULL << 56;

		req = decode(test, flag);
		KUNIT_EXPECT_EQ(test, req.rid, bit < 16 ? flag : 0);
		KUNIT_EXPECT_EQ(test, req.group,
				bit >= 32 && bit <= 40 ? flag >> 32 : 0);
		KUNIT_EXPECT_EQ(test, req.last, bit == 41);
		KUNIT_EXPECT_EQ(test, req.exec, bit == 49);
		KUNIT_EXPECT_EQ(test, req.read, bit == 50);
		KUNIT_EXPECT_EQ(test, req.write, bit == 53);
		KUNIT_EXPECT_EQ(test, req.has_pasid, bit == 56);
		KUNIT_EXPECT_EQ(test, req.pasid, 0);
		KUNIT_EXPECT_EQ(test, req.iova, 0);
		/* US 0 means a supervisor, but only with a PASID. */
		KUNIT_EXPECT_EQ(test, req.priv, bit == 56);
		req = decode(test, flag | gn);
		KUNIT_EXPECT_TRUE(test, req.has_pasid);
		KUNIT_EXPECT_EQ(test, req.priv, bit != 54);
		KUNIT_EXPECT_EQ(test, req.pasid,
				bit >= 16 && bit < 32 ? flag >> 16 :
				bit >= 42 && bit < 46 ? flag >> 26 : 0);
	}
}

static void address(struct kunit *test)
{
	const struct amd_entry entry = {
		.lo = REQUEST,
		.hi = 0xfedcba9876543fff,
	};
	struct nyx_page_request req;

	KUNIT_EXPECT_TRUE(test, amd_ppr_decode(&entry, &req));
	KUNIT_EXPECT_EQ(test, req.iova, 0xfedcba9876543000);
}

/*
 * Of the command, the PASID is bits 51:32, GN bit 66, the group bits 104:96, the
 * response bits 111:108: 0 success, 1 invalid, fh failure.
 */
static void responses(struct kunit *test)
{
	struct nyx_page_request req = {
		.rid = 0x1234,
		.group = 0x1a5,
		.iova = 0x5000,
		.read = true,
		.last = true,
	};
	static const u64 codes[] = {
		[NYX_PAGE_SUCCESS] = 0x01a500000000,
		[NYX_PAGE_INVALID] = 0x11a500000000,
		[NYX_PAGE_FAILURE] = 0xf1a500000000,
	};
	unsigned int i;

	for (i = 0; i < 3; i++) {
		struct nyx_cmd cmd;

		req.has_pasid = false;
		req.pasid = 0;
		cmd = amd_ppr_complete(&req, i);
		KUNIT_EXPECT_EQ(test, cmd.lo, 0x7000000000001234);
		KUNIT_EXPECT_EQ(test, cmd.hi, codes[i]);
		req.has_pasid = true;
		req.pasid = 0xfedcb;
		cmd = amd_ppr_complete(&req, i);
		KUNIT_EXPECT_EQ(test, cmd.lo, 0x700fedcb00001234);
		KUNIT_EXPECT_EQ(test, cmd.hi, codes[i] | 4);
	}
}

static struct kunit_case cases[] = {
	KUNIT_CASE(each_bit),
	KUNIT_CASE(address),
	KUNIT_CASE(responses),
	{ }
};

static struct kunit_suite suite = {
	.name = "nyx_amd_ppr_decode",
	.test_cases = cases,
};

kunit_test_suite(suite);
