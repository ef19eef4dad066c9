// SPDX-License-Identifier: GPL-2.0-only
/*
 * A decoder for second-stage entries, after the VT-d specification, revision
 * 5.10, sections 3.7 and 9.8.
 */
#include <linux/errno.h>

#include "hw.h"

/* Reserved bits of an entry, figure 9-8 and tables 41 to 47. */
static u64 pt_hw_reserved(const struct pt_hw *hw, int level, bool leaf)
{
	/* 62: IW; 51:HAW */
	u64 bits = 1ULL << 62 | ((1ULL << 52) - (1ULL << hw->haw));

	if (!leaf || !hw->snoop_control)
		bits |= 1ULL << 11;
	if (level >= 4)
		bits |= 1ULL << 7;
	if (leaf && level == 3)
		bits |= 0x3ffff000;
	if (leaf && level == 2)
		bits |= 0x001ff000;
	return bits;
}

/**
 * pt_hw_vtd() - decode a second-stage entry
 * @hw: the walker
 * @entry: the entry
 * @level: level of its table, 1 to 5
 * @e: the decoded entry
 *
 * Context: Any.
 * Return: see pt_hw_decode.
 */
int pt_hw_vtd(const struct pt_hw *hw, u64 entry, int level,
	      struct pt_hw_entry *e)
{
	bool leaf = level == 1 || (level <= 3 && (entry & 0x80));

	if (!(entry & 3))
		return entry ? -EBADMSG : -ENOENT;
	if (entry & pt_hw_reserved(hw, level, leaf))
		return -EFAULT;
	*e = (struct pt_hw_entry) {
		.leaf = leaf,
		.addr = entry & 0x000ffffffffff000ULL,
		.size = 1ULL << pt_hw_shift(level),
		.read = entry & 1,
		.write = entry & 2,
		.snoop = entry & 0x800,
		.dirty = leaf && (entry & 0x200),
	};
	return 0;
}
