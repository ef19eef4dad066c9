/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The MADT, which names the machine's I/O APICs (ACPI specification 6.5,
 * 5.2.12).
 */
#ifndef NYX_MADT_H
#define NYX_MADT_H

#include <linux/types.h>

/**
 * typedef nyx_madt_named - tells whether a unit is named for an I/O APIC
 * @arg: what nyx_madt_unnamed() was given
 * @id: the I/O APIC's ID
 *
 * Return: true if one is.
 */
typedef bool nyx_madt_named(const void *arg, u8 id);

int nyx_madt_unnamed(const void *table, size_t len, nyx_madt_named *named,
		     const void *arg);

#endif /* NYX_MADT_H */
