/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Module parameters that name devices.
 */
#ifndef NYX_NAMES_H
#define NYX_NAMES_H

#include <linux/moduleparam.h>
#include <linux/types.h>

struct device;

extern const struct kernel_param_ops nyx_names_ops;

bool nyx_names_has(const char *names, const struct device *dev);

#endif /* NYX_NAMES_H */
