/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A CPU without CMPXCHG16B, which stores the halves of an entry one by one.
 */
#ifndef NYX_KUNIT_CX16_H
#define NYX_KUNIT_CX16_H

#include <asm/cpufeature.h>
#include <kunit/test.h>

static inline void restore_cx16(void *unused)
{
	set_cpu_cap(&boot_cpu_data, X86_FEATURE_CX16);
}

/*
 * Until the end of the test, or kunit_release_action(test, restore_cx16, NULL).
 */
static inline void without_cx16(struct kunit *test)
{
	KUNIT_ASSERT_TRUE(test, boot_cpu_has(X86_FEATURE_CX16));
	clear_bit(X86_FEATURE_CX16,
		  (unsigned long *)boot_cpu_data.x86_capability);
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, restore_cx16, NULL));
}

#endif /* NYX_KUNIT_CX16_H */
