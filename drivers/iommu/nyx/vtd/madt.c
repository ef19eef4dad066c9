// SPDX-License-Identifier: GPL-2.0-only
/*
 * I/O APICs that the DMAR table does not name. It works on bytes alone, so it
 * runs under User-mode Linux as well.
 */
#include "dmar.h"
#include "firmware/madt.h"
#include "madt.h"

static bool vtd_madt_is_named(const void *arg, u8 id)
{
	const struct vtd_dmar *dmar = arg;
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
 * Context: Any.
 * Return: the ID of the first, 0 to 255; -ENOENT if there is none.
 */
int vtd_madt_unnamed(const void *table, size_t len,
		     const struct vtd_dmar *dmar)
{
	return nyx_madt_unnamed(table, len, vtd_madt_is_named, dmar);
}
