/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Builds firmware's tables byte by byte. All numbers are literal, so that
 * nothing is shared with what is tested.
 */
#ifndef NYX_KUNIT_FW_BYTES_H
#define NYX_KUNIT_FW_BYTES_H

#include <linux/types.h>

#define FW_BYTES_MAX	1024
#define FW_BYTES_PLACES	64

/**
 * struct fw_bytes - a table in the making
 * @b: its bytes
 * @len: how many there are
 * @entry: offsets of its structures
 * @item: offsets of what stands in structures
 * @nr_entry: how many structures there are
 * @nr_item: how many offsets of @item there are
 */
struct fw_bytes {
	u8 b[FW_BYTES_MAX];
	u32 len;
	u16 entry[FW_BYTES_PLACES];
	u16 item[FW_BYTES_PLACES];
	u32 nr_entry;
	u32 nr_item;
};

void fw_bytes_put(struct fw_bytes *t, u32 at, u32 bytes, u64 value);
void fw_bytes_start(struct fw_bytes *t, const char *signature, u8 revision,
		    u32 header);
u32 fw_bytes_entry(struct fw_bytes *t, u32 len);
u32 fw_bytes_item(struct fw_bytes *t, u32 len);
void fw_bytes_fix_length(struct fw_bytes *t);
void fw_bytes_end(struct fw_bytes *t);

#endif /* NYX_KUNIT_FW_BYTES_H */
