/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NYX_PARSERS_PRINTK_H
#define NYX_PARSERS_PRINTK_H

#include <stdio.h>

#define FW_BUG			"[Firmware Bug]: "
#define pr_err(...)		fprintf(stderr, __VA_ARGS__)
#define pr_warn(...)		fprintf(stderr, __VA_ARGS__)
#define pr_info(...)		fprintf(stderr, __VA_ARGS__)

#endif /* NYX_PARSERS_PRINTK_H */
