/* SPDX-License-Identifier: GPL-2.0-only */
/* The event log (2.5): reading and decoding its entries. */
#ifndef NYX_AMD_EVENT_H
#define NYX_AMD_EVENT_H

#include <linux/types.h>

struct amd_log_regs;
struct amd_unit;
struct nyx_fault;
struct nyx_unit;

/* event.c */
extern const struct amd_log_regs amd_event_regs;

void amd_event_start(struct amd_unit *au);
u32 amd_read_faults(struct nyx_unit *unit);

/* event_decode.c */
void amd_event_decode(u64 lo, u64 hi, u16 unit_id, bool remaps,
		      struct nyx_fault *fault);

#endif /* NYX_AMD_EVENT_H */
