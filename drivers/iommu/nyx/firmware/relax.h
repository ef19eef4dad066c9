/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NYX_RELAX_H
#define NYX_RELAX_H

#include <linux/types.h>

struct device;

bool nyx_relax_has(const struct device *dev);

#endif /* NYX_RELAX_H */
