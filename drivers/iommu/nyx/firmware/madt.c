// SPDX-License-Identifier: GPL-2.0-only
/*
 * I/O APICs that firmware forgot to say the unit of. It works on bytes alone, so
 * it runs under User-mode Linux as well.
 */
#include <linux/errno.h>

#include "madt.h"

/* Behind the header come two fields of 4 bytes, then structures (5.2.12). */
#define MADT_STRUCTURES 44
/* Type and length; an I/O APIC's has its ID behind them (5.2.12.3). */
#define MADT_HEADER 2
#define MADT_IOAPIC 1
#define MADT_IOAPIC_ID 2
#define MADT_IOAPIC_LENGTH 12

/**
 * nyx_madt_unnamed() - an I/O APIC that no unit is named for
 * @table: the MADT
 * @len: its length
 * @named: whether a unit is named for one
 * @arg: for @named
 *
 * A structure that does not fit ends the table.
 *
 * Context: Any.
 * Return: the ID of the first, 0 to 255; -ENOENT if there is none.
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
