/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NYX_PT_IO_PGTABLE_H
#define NYX_PT_IO_PGTABLE_H

#include <linux/io-pgtable.h>

extern const struct io_pgtable_ops nyx_pt_iop_ops;

#endif /* NYX_PT_IO_PGTABLE_H */
