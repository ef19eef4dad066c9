/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NYX_PARSERS_BITFIELD_H
#define NYX_PARSERS_BITFIELD_H

#define FIELD_GET(mask, value) \
	(((value) & (mask)) >> __builtin_ctzll(mask))

#endif /* NYX_PARSERS_BITFIELD_H */
