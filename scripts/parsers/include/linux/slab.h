/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NYX_PARSERS_SLAB_H
#define NYX_PARSERS_SLAB_H

#include <stdlib.h>

/* Each allocation is one of malloc(), so AddressSanitizer knows its end. */
#define GFP_KERNEL		0

static inline void *kvzalloc(size_t size, int flags)
{
	return calloc(1, size);
}

static inline void kvfree(void *mem)
{
	free(mem);
}

#endif /* NYX_PARSERS_SLAB_H */
