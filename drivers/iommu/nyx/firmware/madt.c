// SPDX-License-Identifier: GPL-2.0-only
/*
 * Finding I/O APICs in the MADT for which firmware names no unit. The code only
 * reads the bytes of the table, so it also works under User-mode Linux.
 */
#include <linux/errno.h>

#include "madt.h"

/* The header is followed by two fields of 4 bytes, then structures (5.2.12). */
#define MADT_STRUCTURES 44
/* Type and length. In the I/O APIC structure, the ID follows (5.2.12.3). */
#define MADT_HEADER 2
#define MADT_IOAPIC 1
#define MADT_IOAPIC_ID 2
#define MADT_IOAPIC_LENGTH 12

/**
 * nyx_madt_unnamed() - find an I/O APIC for which firmware names no unit
 * @table: the MADT
 * @len: its length
 * @named: returns whether firmware names a unit for an I/O APIC
 * @arg: passed to @named
 *
 * A structure whose length is invalid ends the search.
 *
 * Context: Any.
 * Return: the ID of the first such I/O APIC, 0 to 255; -ENOENT if there is
 *	none.
 */
int nyx_madt_unnamed(const void *table, size_t len, nyx_madt_named *named,
		     const void *arg)
{
	const u8 *bytes = table;
	size_t at = MADT_STRUCTURES;
	u8 size;

	while (at < len && len - at >= MADT_HEADER) {
		size = bytes[at + 1];
		if (size < MADT_HEADER || size > len - at)
			break;
		if (bytes[at] == MADT_IOAPIC && size >= MADT_IOAPIC_LENGTH &&
		    !named(arg, bytes[at + MADT_IOAPIC_ID]))
			return bytes[at + MADT_IOAPIC_ID];
		at += size;
	}
	return -ENOENT;
}
