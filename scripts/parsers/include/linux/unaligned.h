/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NYX_PARSERS_UNALIGNED_H
#define NYX_PARSERS_UNALIGNED_H

#include <string.h>

#include <linux/types.h>

static inline u16 get_unaligned_le16(const void *p)
{
	u16 value;

	memcpy(&value, p, sizeof(value));
	return value;
}

static inline u32 get_unaligned_le32(const void *p)
{
	u32 value;

	memcpy(&value, p, sizeof(value));
	return value;
}

static inline u64 get_unaligned_le64(const void *p)
{
	u64 value;

	memcpy(&value, p, sizeof(value));
	return value;
}

#endif /* NYX_PARSERS_UNALIGNED_H */
