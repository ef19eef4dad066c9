/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NYX_PARSERS_STRING_H
#define NYX_PARSERS_STRING_H

#include <string.h>

/* The kernel's header brings these, too. */
#include <linux/errno.h>
#include <linux/limits.h>

/* Returns the first byte that differs from @c, or NULL. */
static inline const void *memchr_inv(const void *p, int c, size_t n)
{
	const unsigned char *b = p;

	for (; n; b++, n--)
		if (*b != (unsigned char)c)
			return b;
	return NULL;
}

#endif /* NYX_PARSERS_STRING_H */
