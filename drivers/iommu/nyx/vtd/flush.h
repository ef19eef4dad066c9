/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Invalidation, whichever way the unit takes it.
 */
#ifndef NYX_VTD_FLUSH_H
#define NYX_VTD_FLUSH_H

#include <linux/types.h>

#include "dsc.h"

struct nyx_device;
struct nyx_flush;
struct nyx_unit;
struct vtd_unit;

u64 vtd_flush_drain(const struct vtd_unit *vu);
int vtd_invalidate(struct vtd_unit *vu, const struct nyx_cmd *dscs,
		   unsigned int nr);
int vtd_invalidate_global(struct vtd_unit *vu);
int vtd_flush_write_buffer(struct vtd_unit *vu);
struct nyx_cmd vtd_flush_device_all(const struct vtd_unit *vu,
				    const struct nyx_device *ndev);
int vtd_flush(struct nyx_unit *unit, const struct nyx_flush *flush);

#endif /* NYX_VTD_FLUSH_H */
