// SPDX-License-Identifier: GPL-2.0-only
/*
 * A decoder for first-stage entries, after the VT-d specification, revision 5.10,
 * sections 3.6 and 9.7. AMD's guest tables have the same bits (specification 48882,
 * section 2.2.6).
 */
#include <linux/errno.h>

#include "hw.h"

/*
 * Bits that are reserved, or that the driver must not use: PWT, PCD, PAT, G and XD.
 * Bit 7 is PS, PAT in the lowest level, and reserved in the two uppermost.
 */
static u64 pt_hw_x86_reserved(const struct pt_hw *hw, int level, bool leaf)
{
	u64 bits = 0x8000000000000118ULL | ((1ULL << 52) - (1ULL << hw->haw));

	if (level == 1 || level >= 4)
		bits |= 0x80;
	if (leaf && level == 3)
		bits |= 0x3ffff000;
	if (leaf && level == 2)
		bits |= 0x001ff000;
	return bits;
}

/**
 * pt_hw_x86() - decode a first-stage entry
 * @hw: the walker
 * @entry: the entry
 * @level: level of its table, 1 to 5
 * @e: the decoded entry
 *
 * Requests have user privilege, so U/S must be set at each level. Unless the test
 * lets the hardware record accesses, A and D must be set, or the hardware would
 * change entries by itself.
 *
 * Context: Any.
 * Return: see pt_hw_decode.
 */
int pt_hw_x86(const struct pt_hw *hw, u64 entry, int level,
	      struct pt_hw_entry *e)
{
	bool leaf = level == 1 || (level <= 3 && (entry & 0x80));
	u64 needed = 4 | (hw->records ? 0 : leaf ? 0x60 : 0x20);

	if (!(entry & 1))
		return entry ? -EBADMSG : -ENOENT;
	if ((entry & needed) != needed ||
	    (entry & pt_hw_x86_reserved(hw, level, leaf)))
		return -EFAULT;
	*e = (struct pt_hw_entry) {
		.leaf = leaf,
		.addr = entry & 0x000ffffffffff000ULL,
		.size = 1ULL << pt_hw_shift(level),
		.read = true,
		.write = entry & 2,
		.dirty = leaf && (entry & 0x40),
	};
	return 0;
}
