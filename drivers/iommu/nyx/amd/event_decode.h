/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Event log entries, decoded.
 */
#ifndef NYX_AMD_EVENT_DECODE_H
#define NYX_AMD_EVENT_DECODE_H

#include <linux/types.h>

struct nyx_fault;

void amd_event_decode(u64 lo, u64 hi, u16 unit_id, bool remaps,
		      struct nyx_fault *fault);

#endif /* NYX_AMD_EVENT_DECODE_H */
