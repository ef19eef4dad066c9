// SPDX-License-Identifier: GPL-2.0-only
/*
 * I/O APICs that firmware forgot to say the unit of. It works on bytes alone, so
 * it runs under User-mode Linux as well.
 */
#include <linux/errno.h>

#include "dmar.h"
#include "madt.h"

/* Behind the header come two fields of 4 bytes, then structures (5.2.12). */
#define MADT_STRUCTURES 44
/* Type and length; an I/O APIC's has its ID behind them (5.2.12.3). */
#define MADT_HEADER 2
#define MADT_IOAPIC 1
#define MADT_IOAPIC_ID 2
#define MADT_IOAPIC_LENGTH 12

static bool vtd_madt_is_named(const struct vtd_dmar *dmar, u8 id)
{
	const struct vtd_scopes *scopes;
	unsigned int i, j;

	for (i = 0; i < dmar->nr_drhd; i++) {
		scopes = &dmar->drhd[i].scopes;
		for (j = 0; j < scopes->nr; j++)
			if (scopes->scope[j].type == VTD_SCOPE_IOAPIC &&
			    scopes->scope[j].id == id)
				return true;
	}
	return false;
}

/**
 * vtd_madt_unnamed() - an I/O APIC that no unit is named for
 * @table: the MADT
 * @len: its length
 * @dmar: the DMAR table
 *
 * A structure that does not fit ends the table.
 *
 * Context: Any.
 * Return: the ID of the first, 0 to 255; -ENOENT if there is none.
 */
int vtd_madt_unnamed(const void *table, size_t len,
		     const struct vtd_dmar *dmar)
{
	const u8 *bytes = table;
	size_t at = MADT_STRUCTURES;
	u8 size;

	while (at < len && len - at >= MADT_HEADER) {
		size = bytes[at + 1];
		if (size < MADT_HEADER || size > len - at)
			break;
		if (bytes[at] == MADT_IOAPIC && size >= MADT_IOAPIC_LENGTH &&
		    !vtd_madt_is_named(dmar, bytes[at + MADT_IOAPIC_ID]))
			return bytes[at + MADT_IOAPIC_ID];
		at += size;
	}
	return -ENOENT;
}
