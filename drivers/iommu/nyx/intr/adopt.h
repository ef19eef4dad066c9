/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Adopting interrupts that were in use before the module was loaded.
 */
#ifndef NYX_ADOPT_H
#define NYX_ADOPT_H

struct nyx_device;

int nyx_adopt_device(struct nyx_device *ndev);
void nyx_adopt_return(struct nyx_device *ndev);

#endif /* NYX_ADOPT_H */
