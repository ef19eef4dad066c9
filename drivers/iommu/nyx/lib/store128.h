/* SPDX-License-Identifier: GPL-2.0-only */
/* Stores of 128 bits, on CPUs that support them. */
#ifndef NYX_STORE128_H
#define NYX_STORE128_H

#include <linux/atomic.h>
#include <linux/types.h>
#include <asm/cpufeature.h>

/**
 * nyx_has_store128() - check whether nyx_store128() works
 *
 * Context: Any.
 * Return: true if it does.
 */
static inline bool nyx_has_store128(void)
{
#ifdef system_has_cmpxchg128
	return system_has_cmpxchg128();
#else
	return false;
#endif
}

/**
 * nyx_store128() - change 128 bits that a unit may read at any time
 * @entry: bits 63:0 and 127:64, aligned to 16 bytes; there are no other writers
 * @lo: the new bits 63:0
 * @hi: the new bits 127:64
 *
 * This is a full barrier before and after the store. The unit reads either the
 * old bits or the new ones.
 *
 * Context: Any.
 * Return: false if this CPU has no such store; then the bits are unchanged.
 */
static inline bool nyx_store128(u64 entry[2], u64 lo, u64 hi)
{
#ifdef system_has_cmpxchg128
	u128 old = (u128)entry[1] << 64 | entry[0];
	u128 new = (u128)hi << 64 | lo;

	if (!system_has_cmpxchg128())
		return false;
	/*
	 * There are no other writers, so the second attempt succeeds at the
	 * latest.
	 */
	while (!try_cmpxchg128((u128 *)entry, &old, new))
		;
	return true;
#else
	return false;
#endif
}

#endif /* NYX_STORE128_H */
