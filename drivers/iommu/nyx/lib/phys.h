/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reading memory of another system, which may lie outside of the kernel's own.
 */
#ifndef NYX_LIB_PHYS_H
#define NYX_LIB_PHYS_H

#include <linux/cleanup.h>
#include <linux/types.h>

const void *nyx_phys_map(u64 phys);
void nyx_phys_unmap(const void *page);
bool nyx_phys_is_own(u64 phys);

DEFINE_FREE(nyx_phys_unmap, const void *, if (_T) nyx_phys_unmap(_T))

#endif /* NYX_LIB_PHYS_H */
