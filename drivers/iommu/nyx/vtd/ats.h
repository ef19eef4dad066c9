/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Devices that cache translations themselves: Address Translation Services.
 */
#ifndef NYX_VTD_ATS_H
#define NYX_VTD_ATS_H

#include <linux/types.h>

struct nyx_device;
struct vtd_unit;

int vtd_ats_disable(struct vtd_unit *vu, struct nyx_device *ndev);
int vtd_ats_isolate(struct vtd_unit *vu, u16 sid);

#endif /* NYX_VTD_ATS_H */
