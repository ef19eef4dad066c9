/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NYX_PARSERS_SORT_H
#define NYX_PARSERS_SORT_H

#include <stdlib.h>

/* qsort_r() has the same arguments, but its comparison gets no const @priv. */
static inline void sort_r(void *base, size_t num, size_t size,
			  int (*cmp)(const void *a, const void *b,
				     const void *priv),
			  void *swap, const void *priv)
{
	qsort_r(base, num, size, (int (*)(const void *, const void *, void *))cmp,
		(void *)priv);
}

#endif /* NYX_PARSERS_SORT_H */
