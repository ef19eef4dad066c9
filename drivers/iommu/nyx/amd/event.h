/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The event log (2.5).
 */
#ifndef NYX_AMD_EVENT_H
#define NYX_AMD_EVENT_H

#include <linux/types.h>

struct amd_log_regs;
struct amd_unit;

extern const struct amd_log_regs amd_event_regs;

void amd_event_start(struct amd_unit *au);
void amd_event_service(struct amd_unit *au);

#endif /* NYX_AMD_EVENT_H */
