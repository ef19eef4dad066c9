/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Invalidation through the queue or through registers.
 */
#ifndef NYX_VTD_FLUSH_H
#define NYX_VTD_FLUSH_H

#include <linux/types.h>

#include <nyx/invalidate.h>

#include "dsc.h"
#include "lib/range.h"

struct nyx_device;
struct nyx_flush;
struct nyx_flush_ticket;
struct nyx_unit;
struct vtd_unit;

extern const struct nyx_invalidate_ops vtd_invalidate_ops;

u64 vtd_flush_drain(const struct vtd_unit *vu);
bool vtd_flush_has_pasids(const struct vtd_unit *vu);
struct nyx_cmd vtd_flush_device_pasid(const struct nyx_unit *unit,
				      const struct nyx_device *ndev, u32 pasid,
				      struct nyx_range range);
int vtd_flush_write_buffer(struct vtd_unit *vu);
int vtd_flush(struct nyx_unit *unit, const struct nyx_flush *flush);
bool vtd_flush_post(struct nyx_unit *unit, const struct nyx_flush *flush,
		    struct nyx_flush_ticket *ticket);
int vtd_flush_await(struct nyx_unit *unit,
		    const struct nyx_flush_ticket *ticket, u16 *sid);

#endif /* NYX_VTD_FLUSH_H */
