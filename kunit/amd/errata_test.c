// SPDX-License-Identifier: GPL-2.0-only
/*
 * Errata that firmware should have worked around, on a model of the unit.
 * Numbers are those of AMD's revision guides.
 */
#include "amd/amd.h"
#include "model.h"

struct want {
	const char *name;
	u8 family;
	u8 model;
	u8 index;
	u32 bit;
};

static const struct want wants[] = {
	{ "746, first model", 0x15, 0x10, 0x90, 4 },
	{ "746, last model", 0x15, 0x1f, 0x90, 4 },
	{ "ATS, first model", 0x15, 0x30, 0x47, 1 },
	{ "ATS, last model", 0x15, 0x3f, 0x47, 1 },
	{ "before", 0x15, 0x0f },
	{ "between, 20h", 0x15, 0x20 },
	{ "between, 2fh", 0x15, 0x2f },
	{ "behind", 0x15, 0x40 },
	{ "family 16h, model 30h", 0x16, 0x30 },
	{ "family 17h, model 11h", 0x17, 0x11 },
};

KUNIT_ARRAY_PARAM_DESC(wants, wants, name);

/* One bit more, of one register, and only where it is needed. */
static void workaround(struct kunit *test)
{
	const struct want *want = test->param_value;
	struct amd_model *model = amd_model_new(test, 0x40, 0xff);
	unsigned int i;

	model->au->cpu_family = want->family;
	model->au->cpu_model = want->model;
	for (i = 0; i < 256; i++)
		model->l2[i] = 0xa5a5a0a0 + (i << 8);
	amd_model_start(model);
	for (i = 0; i < 256; i++)
		KUNIT_EXPECT_EQ(test, model->l2[i],
				(0xa5a5a0a0 + (i << 8)) |
				(i == want->index ? want->bit : 0));
	KUNIT_EXPECT_EQ(test, model->l2_writes, !!want->bit);
	KUNIT_EXPECT_EQ(test, model->l2_index & 0x100, 0);
}

/* Firmware did it: nothing is written. */
static void done_already(struct kunit *test)
{
	const struct want *want = test->param_value;
	struct amd_model *model = amd_model_new(test, 0x40, 0xff);

	model->au->cpu_family = want->family;
	model->au->cpu_model = want->model;
	model->l2[want->index] = 0x40000000 | want->bit;
	amd_model_start(model);
	KUNIT_EXPECT_EQ(test, model->l2[want->index], 0x40000000 | want->bit);
	KUNIT_EXPECT_EQ(test, model->l2_writes, 0);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(workaround, wants_gen_params),
	KUNIT_CASE_PARAM(done_already, wants_gen_params),
	{ }
};

static struct kunit_suite suite = {
	.name = "nyx_amd_errata",
	.test_cases = cases,
};

kunit_test_suite(suite);
