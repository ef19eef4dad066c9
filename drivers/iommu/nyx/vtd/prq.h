/* SPDX-License-Identifier: GPL-2.0-only */
/* The page request queue (7.4 to 7.7, 7.10). */
#ifndef NYX_VTD_PRQ_H
#define NYX_VTD_PRQ_H

#include <linux/types.h>

#include <nyx/page_request.h>

struct nyx_device;
struct nyx_unit;
struct vtd_unit;

int vtd_prq_init(struct vtd_unit *vu);
void vtd_prq_destroy(struct vtd_unit *vu);
void vtd_prq_on(struct vtd_unit *vu);
void vtd_prq_off(struct vtd_unit *vu);
bool vtd_prq_decode(u64 lo, u64 hi, struct nyx_page_request *req);
bool vtd_prq_pending(const struct vtd_unit *vu);
void vtd_read_requests(struct nyx_unit *unit);
void vtd_respond(struct nyx_unit *unit, const struct nyx_page_request *req,
		 enum nyx_page_response response);
void vtd_drain_requests(struct nyx_unit *unit, const struct nyx_device *ndev);

#endif /* NYX_VTD_PRQ_H */
