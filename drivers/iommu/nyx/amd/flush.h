/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Invalidation by commands.
 */
#ifndef NYX_AMD_FLUSH_H
#define NYX_AMD_FLUSH_H

#include <nyx/invalidate.h>

struct nyx_flush;

extern const struct nyx_invalidate_ops amd_invalidate_ops;

int amd_flush(struct nyx_unit *unit, const struct nyx_flush *flush);

#endif /* NYX_AMD_FLUSH_H */
