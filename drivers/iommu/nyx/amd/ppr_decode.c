// SPDX-License-Identifier: GPL-2.0-only
/*
 * Decoding of entries of the PPR log, which are page requests, and encoding of
 * responses (2.4.7).
 */
#include <linux/bitfield.h>

#include "cmd.h"
#include "log.h"
#include "ppr_decode.h"
#include "regs.h"

/* In the tag of a request, next to the response in that of a command */
#define AMD_PPR_TAG_LAST BIT(9)
#define AMD_PPR_TAG_GROUP GENMASK(8, 0)

/**
 * amd_ppr_decode() - decode a page request
 * @entry: a PAGE_SERVICE_REQUEST in the PPR log
 * @req: filled in
 *
 * Context: Any.
 * Return: false if the device set a reserved bit of the request. It still waits for a
 *	response, and that must not be NYX_PAGE_SUCCESS.
 */
bool amd_ppr_decode(const struct amd_entry *entry, struct nyx_page_request *req)
{
	u16 tag = FIELD_GET(AMD_PPR_TAG, entry->lo);

	*req = (struct nyx_page_request) {
		.rid = FIELD_GET(AMD_PPR_DEVICE_ID, entry->lo),
		.has_pasid = entry->lo & AMD_PPR_GN,
		.iova = entry->hi & AMD_PPR_HI_ADDR,
		.read = entry->lo & AMD_PPR_RP,
		.write = entry->lo & AMD_PPR_WP,
		.exec = entry->lo & AMD_PPR_EX,
		.group = FIELD_GET(AMD_PPR_TAG_GROUP, tag),
		.last = tag & AMD_PPR_TAG_LAST,
	};
	if (req->has_pasid) {
		req->pasid = FIELD_GET(AMD_PPR_PASID_19_16, entry->lo) << 16 |
			     FIELD_GET(AMD_PPR_PASID_15_0, entry->lo);
		req->priv = !(entry->lo & AMD_PPR_US);
	}
	return !(entry->lo & AMD_PPR_RZ);
}

/**
 * amd_ppr_complete() - encode the response to a group of page requests
 * @req: a request of the group
 * @response: the response
 *
 * Context: Any.
 * Return: the command.
 */
struct nyx_cmd amd_ppr_complete(const struct nyx_page_request *req,
				enum nyx_page_response response)
{
	static const u8 codes[] = {
		[NYX_PAGE_SUCCESS] = AMD_PPR_SUCCESS,
		[NYX_PAGE_INVALID] = AMD_PPR_INVALID,
		[NYX_PAGE_FAILURE] = AMD_PPR_FAILURE,
	};

	return amd_cmd_complete_ppr(req->rid, req->has_pasid, req->pasid,
				    FIELD_PREP(AMD_PPR_TAG_RESPONSE,
					       codes[response]) | req->group);
}
