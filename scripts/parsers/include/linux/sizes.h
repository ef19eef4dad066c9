/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NYX_PARSERS_SIZES_H
#define NYX_PARSERS_SIZES_H

#define SZ_4K		0x00001000
#define SZ_16K		0x00004000
#define SZ_1M		0x00100000

#endif /* NYX_PARSERS_SIZES_H */
