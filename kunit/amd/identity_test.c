// SPDX-License-Identifier: GPL-2.0-only
/*
 * Devices below AMD IOMMUs that get identity by default.
 */
#include <kunit/test.h>

#include <nyx/device.h>

#include "amd/identity.h"
#include "quirks/quirks.h"

/* AMD's functions with PASIDs, unless memory is encrypted. */
static void functions_with_pasid(struct kunit *test)
{
	struct nyx_device ndev = { .quirks = NYX_QUIRK_PASID, .pasid = true };

	KUNIT_EXPECT_TRUE(test, amd_identity_with(&ndev, false));
	KUNIT_EXPECT_FALSE(test, amd_identity_with(&ndev, true));
	/* This kernel does not encrypt memory. */
	KUNIT_EXPECT_TRUE(test, amd_identity_needed(&ndev));
	ndev.pasid = false;
	KUNIT_EXPECT_FALSE(test, amd_identity_needed(&ndev));
	/* A card of another vendor, such as a network card. */
	ndev.pasid = true;
	ndev.quirks = NYX_QUIRK_ISOLATED;
	KUNIT_EXPECT_FALSE(test, amd_identity_needed(&ndev));
}

static struct kunit_case nyx_amd_identity_cases[] = {
	KUNIT_CASE(functions_with_pasid),
	{}
};

static struct kunit_suite nyx_amd_identity_suite = {
	.name = "nyx_amd_identity",
	.test_cases = nyx_amd_identity_cases,
};

kunit_test_suite(nyx_amd_identity_suite);
