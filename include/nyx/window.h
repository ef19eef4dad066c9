/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Register windows of units.
 */
#ifndef NYX_WINDOW_H
#define NYX_WINDOW_H

#include <linux/compiler_types.h>
#include <linux/types.h>

struct nyx_unit;

void __iomem *nyx_window_map(const struct nyx_unit *unit, size_t size,
			     const char *remedy);
void nyx_window_unmap(const struct nyx_unit *unit, void __iomem *regs,
		      size_t size);

bool nyx_window_is_claimed(phys_addr_t phys, size_t size);
const void __iomem *nyx_window_look(phys_addr_t phys, size_t size);
void nyx_window_look_away(const void __iomem *regs);

#endif /* NYX_WINDOW_H */
