/* SPDX-License-Identifier: GPL-2.0-only */
/* Decoding of page requests, and encoding of responses. */
#ifndef NYX_AMD_PPR_DECODE_H
#define NYX_AMD_PPR_DECODE_H

#include <linux/types.h>

#include <nyx/page_request.h>
#include <nyx/queue.h>

struct amd_entry;

bool amd_ppr_decode(const struct amd_entry *entry, struct nyx_page_request *req);
struct nyx_cmd amd_ppr_complete(const struct nyx_page_request *req,
				enum nyx_page_response response);

#endif /* NYX_AMD_PPR_DECODE_H */
