/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NYX_TABLES_PCI_H
#define NYX_TABLES_PCI_H

#include_next <linux/pci.h>

#include <linux/align.h>
#include <linux/bits.h>
#include <linux/limits.h>
#include <linux/types.h>

#endif /* NYX_TABLES_PCI_H */
