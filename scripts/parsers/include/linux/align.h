/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NYX_PARSERS_ALIGN_H
#define NYX_PARSERS_ALIGN_H

#define ALIGN_DOWN(x, a)	((x) & ~((__typeof__(x))(a) - 1))
#define ALIGN(x, a) ({						\
	__typeof__(x) align_a = (a);				\
	((x) + align_a - 1) & ~(align_a - 1); })
#define IS_ALIGNED(x, a)	(((x) & ((__typeof__(x))(a) - 1)) == 0)

#endif /* NYX_PARSERS_ALIGN_H */
