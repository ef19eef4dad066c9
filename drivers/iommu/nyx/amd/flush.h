/* SPDX-License-Identifier: GPL-2.0-only */
/* Invalidation through the command buffer. */
#ifndef NYX_AMD_FLUSH_H
#define NYX_AMD_FLUSH_H

#include <nyx/invalidate.h>

struct nyx_flush;
struct nyx_flush_ticket;

typedef int amd_flush_submit_fn(struct nyx_unit *unit,
				const struct nyx_cmd *cmds, unsigned int nr);

extern const struct nyx_invalidate_ops amd_invalidate_ops;

int amd_flush_all(struct nyx_unit *unit, amd_flush_submit_fn *submit);
int amd_flush(struct nyx_unit *unit, const struct nyx_flush *flush);
bool amd_flush_post(struct nyx_unit *unit, const struct nyx_flush *flush,
		    struct nyx_flush_ticket *ticket);
int amd_flush_await(struct nyx_unit *unit,
		    const struct nyx_flush_ticket *ticket, u16 *device_id);

#endif /* NYX_AMD_FLUSH_H */
