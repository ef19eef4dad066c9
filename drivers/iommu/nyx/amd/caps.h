/* SPDX-License-Identifier: GPL-2.0-only */
/* Capabilities and features of a unit. */
#ifndef NYX_AMD_CAPS_H
#define NYX_AMD_CAPS_H

#include "lib/register_dump.h"

struct amd_ivrs;
struct amd_ivrs_unit;
struct nyx_unit_caps;

/* Each array ends with an entry without a name. */
extern const struct nyx_field amd_cap_fields[];
extern const struct nyx_field amd_efr_fields[];
extern const struct nyx_field amd_efr2_fields[];

u64 amd_caps_efr(const struct amd_ivrs_unit *fw, u32 cap, u64 efr);
u64 amd_caps_efr2(const struct amd_ivrs_unit *fw, u32 cap, u64 efr2);
int amd_caps_decode(const struct amd_ivrs *ivrs, unsigned int index, u32 cap,
		    u64 efr, struct nyx_unit_caps *caps, const char **why);
u64 amd_caps_control(u8 flags);
bool amd_caps_ht_reserved(u64 efr2);
unsigned int amd_caps_segments(u64 efr);
u16 amd_last_device_id(const struct amd_ivrs *ivrs, unsigned int index);

#endif /* NYX_AMD_CAPS_H */
