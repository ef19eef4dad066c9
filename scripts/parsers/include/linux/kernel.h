/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NYX_PARSERS_KERNEL_H
#define NYX_PARSERS_KERNEL_H

#include <stdio.h>

#include <linux/align.h>
#include <linux/bits.h>
#include <linux/limits.h>
#include <linux/minmax.h>

#endif /* NYX_PARSERS_KERNEL_H */
