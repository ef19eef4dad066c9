// SPDX-License-Identifier: GPL-2.0-only
/*
 * A decoder for host page-table entries, after AMD's specification 48882,
 * section 2.2.3. It does not support skipping levels, which the specification
 * allows: a table is always one level down.
 */
#include <linux/bits.h>
#include <linux/errno.h>

#include "hw.h"

/**
 * pt_hw_amd() - decode a PDE or PTE
 * @hw: the walker
 * @entry: the entry
 * @level: level of its table, 1 to 6
 * @e: the decoded entry
 *
 * Context: Any.
 * Return: see pt_hw_decode.
 */
int pt_hw_amd(const struct pt_hw *hw, u64 entry, int level,
	      struct pt_hw_entry *e)
{
	int next = entry >> 9 & 7, bits = pt_hw_shift(level);
	u64 addr = entry & 0x000ffffffffff000ULL;

	if (!(entry & 1))
		return entry ? -EBADMSG : -ENOENT;
	/* Reserved: 58:52. The driver must not set U, Dirty and Accessed. */
	if (entry & 0x0ff0000000000060ULL & ~(hw->records ? 0x60ULL : 0))
		return -EFAULT;

	if (next == 7) {
		/* The size is twice the value of the first 0 from bit 12 on. */
		for (bits = 13; entry & BIT_ULL(bits - 1); bits++)
			;
		addr &= ~GENMASK_ULL(bits - 1, 0);
		if (bits <= pt_hw_shift(level) ||
		    bits >= pt_hw_shift(level + 1))
			return -EFAULT;
	} else if (next && (next != level - 1 || entry & BIT_ULL(60))) {
		return -EFAULT;
	}
	*e = (struct pt_hw_entry) {
		.leaf = !next || next == 7,
		.addr = addr,
		.size = BIT_ULL(bits),
		.read = entry & BIT_ULL(61),
		.write = entry & BIT_ULL(62),
		.snoop = entry & BIT_ULL(60),
		.dirty = entry & BIT_ULL(6),
	};
	/* Level 6 has no leaves, a leaf is aligned, addresses are limited. */
	if (e->leaf && (level == 6 || addr & (e->size - 1)))
		return -EFAULT;
	return addr >> hw->haw ? -EFAULT : 0;
}
