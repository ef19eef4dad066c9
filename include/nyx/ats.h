/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Devices that cache translations themselves: Address Translation Services.
 */
#ifndef NYX_ATS_H
#define NYX_ATS_H

#include <linux/types.h>

struct nyx_device;
struct nyx_unit;

void nyx_ats_prepare(struct nyx_device *ndev);
bool nyx_ats_enable(struct nyx_device *ndev);
int nyx_ats_disable(struct nyx_device *ndev);
bool nyx_ats_device_gone(const struct nyx_device *ndev);
struct nyx_device *nyx_ats_block(struct nyx_unit *unit, u16 rid);
void nyx_ats_blocked(struct nyx_device *ndev);
int nyx_ats_isolate(struct nyx_unit *unit, u16 rid);

#endif /* NYX_ATS_H */
