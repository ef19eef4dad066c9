// SPDX-License-Identifier: GPL-2.0-only
/*
 * Units of hot-added host bridges (Remapping Hardware Unit Hot Plug). The driver
 * does not use them, but must not attribute their devices to another unit.
 */
#include <linux/unaligned.h>

#include "dmar.h"
#include "target.h"

/* Remapping structures (8.2), and the register base in a DRHD (8.3). */
#define HOT_HEADER	4
#define HOT_DRHD	0
#define HOT_DRHD_BASE	8
#define HOT_DRHD_SIZE	16

static bool hot_is_known(const struct vtd_dmar *dmar, u64 base)
{
	unsigned int i;

	for (i = 0; i < dmar->nr_drhd; i++)
		if (dmar->drhd[i].base == base)
			return true;
	return false;
}

/**
 * vtd_hot_is_new() - check for units that the DMAR table does not name
 * @dmar: the table
 * @drhds: the DRHD structures of a host bridge, which firmware returned
 * @len: their number of bytes
 *
 * Context: Any.
 * Return: true if there is such a unit, or if the structures are malformed.
 */
bool vtd_hot_is_new(const struct vtd_dmar *dmar, const u8 *drhds, size_t len)
{
	size_t size;

	while (len >= HOT_HEADER) {
		size = get_unaligned_le16(drhds + 2);
		if (size < HOT_HEADER || size > len)
			return true;
		if (get_unaligned_le16(drhds) == HOT_DRHD &&
		    (size < HOT_DRHD_SIZE ||
		     !hot_is_known(dmar, get_unaligned_le64(drhds + HOT_DRHD_BASE))))
			return true;
		drhds += size;
		len -= size;
	}
	return len;
}
