/* SPDX-License-Identifier: GPL-2.0-only */
/* The log of peripheral page requests (PPR log). */
#ifndef NYX_AMD_PPR_H
#define NYX_AMD_PPR_H

#include <linux/types.h>

#include <nyx/page_request.h>

struct amd_log_regs;
struct amd_unit;
struct nyx_unit;

extern const struct amd_log_regs amd_ppr_regs;

/* Control bits that make the unit accept page requests. */
#define AMD_PPR_ENABLES \
	(AMD_CTRL_PPR_EN | AMD_CTRL_PPR_LOG_EN | AMD_CTRL_PPR_INT_EN)

void amd_ppr_respond(struct nyx_unit *unit, const struct nyx_page_request *req,
		     enum nyx_page_response response);
u32 amd_ppr_entries(struct amd_unit *au);
void amd_read_requests(struct nyx_unit *unit);
void amd_drain_requests(struct nyx_unit *unit, const struct nyx_device *ndev);

#endif /* NYX_AMD_PPR_H */
