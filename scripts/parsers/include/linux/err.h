/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NYX_PARSERS_ERR_H
#define NYX_PARSERS_ERR_H

#include <errno.h>
#include <stdint.h>

#define MAX_ERRNO	4095

static inline void *ERR_PTR(long error)
{
	return (void *)error;
}

static inline int IS_ERR_OR_NULL(const void *pointer)
{
	return !pointer || (uintptr_t)pointer >= (uintptr_t)-MAX_ERRNO;
}

#endif /* NYX_PARSERS_ERR_H */
