/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Compares names and bits of register fields with those of a specification.
 */
#ifndef NYX_KUNIT_FIELDS_H
#define NYX_KUNIT_FIELDS_H

#include <kunit/test.h>

#include "lib/register_dump.h"

/* Both arrays end with a field without a name. */
static inline void nyx_expect_fields(struct kunit *test,
				     const struct nyx_field *fields,
				     const struct nyx_field *wants)
{
	for (; wants->name; wants++, fields++) {
		KUNIT_ASSERT_NOT_NULL(test, fields->name);
		KUNIT_EXPECT_STREQ(test, fields->name, wants->name);
		KUNIT_EXPECT_EQ_MSG(test, fields->mask, wants->mask, "%s",
				    wants->name);
	}
	KUNIT_EXPECT_NULL(test, fields->name);
}

#endif /* NYX_KUNIT_FIELDS_H */
