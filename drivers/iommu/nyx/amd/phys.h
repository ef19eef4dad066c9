/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Addresses of memory that a unit reads and writes.
 */
#ifndef NYX_AMD_PHYS_H
#define NYX_AMD_PHYS_H

#include <linux/io.h>
#include <linux/mem_encrypt.h>

/* As the unit must be told: with the bit that says that it is encrypted. */
static inline u64 amd_phys(const void *virt)
{
	return __sme_set(virt_to_phys((void *)virt));
}

#endif /* NYX_AMD_PHYS_H */
