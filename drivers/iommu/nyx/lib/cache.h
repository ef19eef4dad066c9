/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Flushing CPU cache lines, for hardware that does not snoop CPU caches.
 */
#ifndef NYX_CACHE_H
#define NYX_CACHE_H

#include <linux/types.h>

#ifdef CONFIG_UML
#include <asm/barrier.h>

/* There is no hardware. Tests see the flush through the hook below. */
static inline void nyx_arch_cache_flush(void *virt, size_t len)
{
	mb(); /* Instead of the fence in clflush_cache_range(). */
}
#else
#include <asm/cacheflush.h>

static inline void nyx_arch_cache_flush(void *virt, size_t len)
{
	clflush_cache_range(virt, len);
}
#endif

#if IS_ENABLED(CONFIG_NYX_IOMMU_KUNIT_TEST)
/* Hook for tests, called before each flush; NULL unless set. */
extern void (*nyx_kunit_cache_flush)(void *virt, size_t len);
#endif

/**
 * nyx_cache_flush() - write CPU cache lines back to memory
 * @virt: first byte; a line that is only partly in the range is flushed whole
 * @len: bytes, less than 4 GiB
 *
 * A full barrier on both sides: the flush includes stores before the call, and
 * stores after the call become visible only after the flush has completed.
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
