/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * CPU caches, for walkers that do not snoop them.
 */
#ifndef NYX_CACHE_H
#define NYX_CACHE_H

#include <linux/types.h>

#ifdef CONFIG_UML
#include <asm/barrier.h>

/* No hardware, so nothing to flush for: see the hook below. */
static inline void nyx_arch_cache_flush(void *virt, size_t len)
{
	mb(); /* Stands in for the fence that follows the flush of lines. */
}
#else
#include <asm/cacheflush.h>

static inline void nyx_arch_cache_flush(void *virt, size_t len)
{
	clflush_cache_range(virt, len);
}
#endif

#if IS_ENABLED(CONFIG_NYX_IOMMU_KUNIT_TEST)
/* Set by a test that wants to know what is flushed; else NULL. */
extern void (*nyx_kunit_cache_flush)(void *virt, size_t len);
#endif

/**
 * nyx_cache_flush() - write changed memory back to where hardware sees it
 * @virt: first byte; lines that are touched in part are flushed whole
 * @len: bytes, less than 4 GiB
 *
 * A full barrier on both sides: stores before the call are part of what is
 * flushed, and stores after it become visible after the flush has completed.
 *
 * Context: Any.
 */
static inline void nyx_cache_flush(void *virt, size_t len)
{
#if IS_ENABLED(CONFIG_NYX_IOMMU_KUNIT_TEST)
	if (nyx_kunit_cache_flush)
		nyx_kunit_cache_flush(virt, len);
#endif
	nyx_arch_cache_flush(virt, len);
}

#endif /* NYX_CACHE_H */
