// SPDX-License-Identifier: GPL-2.0-only
/*
 * I/O APICs that the IVRS table does not name. It works on bytes alone, so it
 * runs under User-mode Linux as well.
 */
#include "firmware/madt.h"
#include "ivrs.h"
#include "madt.h"

static bool amd_madt_is_named(const void *arg, u8 id)
{
	const struct amd_ivrs *ivrs = arg;
	unsigned int i;

	for (i = 0; i < ivrs->nr_special; i++)
		if (ivrs->special[i].variety == AMD_IVRS_IOAPIC &&
		    ivrs->special[i].handle == id)
			return true;
	return false;
}

/**
 * amd_madt_unnamed() - an I/O APIC whose DeviceID is not known
 * @table: the MADT
 * @len: its length
 * @ivrs: the IVRS table
 *
 * Context: Any.
 * Return: the ID of the first, 0 to 255; -ENOENT if there is none.
 */
int amd_madt_unnamed(const void *table, size_t len, const struct amd_ivrs *ivrs)
{
	return nyx_madt_unnamed(table, len, amd_madt_is_named, ivrs);
}
