/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Building firmware tables byte by byte. All numbers are literal, so the
 * tests share no constants with the code that they test.
 */
#ifndef NYX_KUNIT_FW_BYTES_H
#define NYX_KUNIT_FW_BYTES_H

#include <linux/types.h>

#ifndef FW_BYTES_MAX
#define FW_BYTES_MAX	1024
#endif
#ifndef FW_BYTES_PLACES
#define FW_BYTES_PLACES	64
#endif

/**
 * struct fw_bytes - a table under construction
 * @b: its bytes
 * @len: number of bytes
 * @entry: offsets of its structures
 * @item: offsets of the items inside structures
 * @nr_entry: number of structures
 * @nr_item: number of items
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
