/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Capability registers, decoded (11.4.1 to 11.4.3).
 */
#ifndef NYX_VTD_CAPS_H
#define NYX_VTD_CAPS_H

#include <linux/types.h>

#include "lib/register_dump.h"

struct nyx_unit_caps;

/* Each array ends with an entry that has no name. */
extern const struct nyx_field vtd_ver_fields[];
extern const struct nyx_field vtd_cap_fields[];
extern const struct nyx_field vtd_ecap_fields[];

int vtd_caps_decode(u32 ver, u64 cap, u64 ecap, u8 host_bits,
		    struct nyx_unit_caps *caps, const char **why);
void vtd_caps_scalable(u64 cap, u64 ecap, struct nyx_unit_caps *caps);
bool vtd_caps_needs_scalable(u64 cap);
bool vtd_caps_register_based(u32 ver);
const char *vtd_caps_not_scalable(u64 ecap);
u32 vtd_caps_frcd(u64 cap);
u32 vtd_caps_nr_frcd(u64 cap);
u32 vtd_caps_iotlb(u64 ecap);
size_t vtd_caps_window(u64 cap, u64 ecap);

#endif /* NYX_VTD_CAPS_H */
