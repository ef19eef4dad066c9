/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Invalidation.
 */
#ifndef NYX_AMD_FLUSH_H
#define NYX_AMD_FLUSH_H

#include <nyx/queue.h>

struct amd_unit;
struct nyx_device;
struct nyx_flush;
struct nyx_unit;

int amd_invalidate(struct amd_unit *au, const struct nyx_cmd *cmds,
		   unsigned int nr);
int amd_invalidate_global(struct amd_unit *au);
struct nyx_cmd amd_flush_device_all(const struct amd_unit *au,
				    const struct nyx_device *ndev);
int amd_flush(struct nyx_unit *unit, const struct nyx_flush *flush);

#endif /* NYX_AMD_FLUSH_H */
