/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The MADT, which lists the CPUs and the I/O APICs of the machine (ACPI
 * specification 6.5, section 5.2.12).
 */
#ifndef NYX_MADT_H
#define NYX_MADT_H

#include <linux/types.h>

/**
 * typedef nyx_madt_named - check whether firmware names a unit for an I/O APIC
 * @arg: the argument passed to nyx_madt_unnamed()
 * @id: the I/O APIC's ID
 *
 * Return: true if firmware names a unit.
 */
typedef bool nyx_madt_named(const void *arg, u8 id);

int nyx_madt_unnamed(const void *table, size_t len, nyx_madt_named *named,
		     const void *arg);

int nyx_madt_ioapic(const void *table, size_t len, unsigned int position,
		    u32 *gsi);
unsigned int nyx_madt_wide_cpus(const void *table, size_t len);

#endif /* NYX_MADT_H */
