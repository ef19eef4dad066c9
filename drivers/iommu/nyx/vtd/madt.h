/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The MADT, which names the machine's I/O APICs (ACPI specification 6.5,
 * 5.2.12), against the DMAR table.
 */
#ifndef NYX_VTD_MADT_H
#define NYX_VTD_MADT_H

#include <linux/types.h>

struct vtd_dmar;

int vtd_madt_unnamed(const void *table, size_t len,
		     const struct vtd_dmar *dmar);

#endif /* NYX_VTD_MADT_H */
