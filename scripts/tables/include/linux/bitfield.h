/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NYX_TABLES_BITFIELD_H
#define NYX_TABLES_BITFIELD_H

#define FIELD_GET(mask, value) \
	(((value) & (mask)) >> __builtin_ctzll(mask))

#endif /* NYX_TABLES_BITFIELD_H */
