/* SPDX-License-Identifier: GPL-2.0-only */
/* Registers of the events that a unit reports with an interrupt (7.3, 7.8). */
#ifndef NYX_VTD_EVENT_H
#define NYX_VTD_EVENT_H

#include <linux/types.h>

struct msi_msg;
struct vtd_unit;

void vtd_event_mask(const struct vtd_unit *vu, bool mask);
void vtd_event_set_message(const struct vtd_unit *vu, const struct msi_msg *msg);

#endif /* NYX_VTD_EVENT_H */
