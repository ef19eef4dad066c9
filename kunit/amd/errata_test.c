// SPDX-License-Identifier: GPL-2.0-only
/*
 * Workarounds of errata that firmware did not apply. Numbers are those of AMD's
 * revision guides.
 */
#include "amd/amd.h"
#include "model.h"

/**
 * struct cpu_case - a CPU and its workaround
 * @name: description
 * @family: CPU family
 * @model: CPU model
 * @index: index of the L2 register
 * @bit: bit that the workaround sets; 0: this CPU needs none
 */
struct cpu_case {
	const char *name;
	u8 family;
	u8 model;
	u8 index;
	u32 bit;
};

static const struct cpu_case cpus[] = {
	{ "746, first model", 0x15, 0x10, 0x90, 4 },
	{ "746, last model", 0x15, 0x1f, 0x90, 4 },
	{ "ATS, first model", 0x15, 0x30, 0x47, 1 },
	{ "ATS, last model", 0x15, 0x3f, 0x47, 1 },
	{ "family 15h, model 0fh", 0x15, 0x0f },
	{ "family 15h, model 20h", 0x15, 0x20 },
	{ "family 15h, model 2fh", 0x15, 0x2f },
	{ "family 15h, model 40h", 0x15, 0x40 },
	{ "family 16h, model 30h", 0x16, 0x30 },
	{ "family 17h, model 11h", 0x17, 0x11 },
};

KUNIT_ARRAY_PARAM_DESC(cpus, cpus, name);

/* The driver sets one bit of one register, and only on affected models. */
static void workaround(struct kunit *test)
{
	const struct cpu_case *cpu = test->param_value;
	struct amd_model *model = amd_model_new(test, IA_SUP, 0xff);
	unsigned int i;

	model->au->cpu_family = cpu->family;
	model->au->cpu_model = cpu->model;
	for (i = 0; i < 256; i++)
		model->l2[i] = 0xa5a5a0a0 + (i << 8);
	amd_model_start(model);
	for (i = 0; i < 256; i++)
		KUNIT_EXPECT_EQ(test, model->l2[i],
				(0xa5a5a0a0 + (i << 8)) |
				(i == cpu->index ? cpu->bit : 0));
	KUNIT_EXPECT_EQ(test, model->l2_writes, !!cpu->bit);
	KUNIT_EXPECT_EQ(test, model->l2_index & 0x100, 0);
}

/* If firmware applied the workaround, nothing is written. */
static void applied_already(struct kunit *test)
{
	const struct cpu_case *cpu = test->param_value;
	struct amd_model *model = amd_model_new(test, IA_SUP, 0xff);

	model->au->cpu_family = cpu->family;
	model->au->cpu_model = cpu->model;
	model->l2[cpu->index] = 0x40000000 | cpu->bit;
	amd_model_start(model);
	KUNIT_EXPECT_EQ(test, model->l2[cpu->index], 0x40000000 | cpu->bit);
	KUNIT_EXPECT_EQ(test, model->l2_writes, 0);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(workaround, cpus_gen_params),
	KUNIT_CASE_PARAM(applied_already, cpus_gen_params),
	{ }
};

static struct kunit_suite suite = {
	.name = "nyx_amd_errata",
	.test_cases = cases,
};

kunit_test_suite(suite);
