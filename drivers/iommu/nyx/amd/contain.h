/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A unit that no longer confirms what it is told.
 */
#ifndef NYX_AMD_CONTAIN_H
#define NYX_AMD_CONTAIN_H

#include <linux/types.h>

struct nyx_unit;

bool amd_contain(struct nyx_unit *unit);

#endif /* NYX_AMD_CONTAIN_H */
