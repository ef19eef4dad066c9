// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kinds of hardware with which page tables are tested.
 */
#include <linux/bits.h>

#include "fixture.h"

#define ALL	GENMASK_ULL(38, 12)

const struct pt_kind pt_kinds[] = {
	{ "3 levels, coherent", 3, 39, 39, true, false, SZ_4K | SZ_2M | SZ_1G },
	{ "3 levels, not coherent", 3, 39, 46, false, true,
	  SZ_4K | SZ_2M | SZ_1G },
	{ "4 levels, coherent", 4, 48, 52, true, true, SZ_4K | SZ_2M | SZ_1G },
	{ "4 levels, not coherent", 4, 48, 46, false, false,
	  SZ_4K | SZ_2M | SZ_1G },
	{ "5 levels, coherent", 5, 57, 52, true, false, SZ_4K | SZ_2M | SZ_1G },
	{ "5 levels, not coherent", 5, 57, 52, false, true,
	  SZ_4K | SZ_2M | SZ_1G },
	{ "4 levels, no 1 GiB", 4, 42, 46, true, true, SZ_4K | SZ_2M },
	{ "3 levels, 4 KiB only", 3, 39, 42, false, false, SZ_4K },
	{ "AMD, 3 levels, coherent", 3, 39, 48, true, true, ALL, PT_AMDV1 },
	{ "AMD, 4 levels, coherent", 4, 48, 52, true, true, ALL, PT_AMDV1 },
	{ "AMD, 5 levels, coherent", 5, 57, 52, true, false, ALL, PT_AMDV1 },
	{ "AMD, 6 levels, 60 bits", 6, 60, 52, true, false, ALL, PT_AMDV1 },
	{ "AMD, 6 levels, 64 bits, not coherent", 6, 64, 52, false, true, ALL,
	  PT_AMDV1 },
	{ "AMD, 4 levels, not coherent", 4, 48, 46, false, true, ALL, PT_AMDV1 },
	{ "AMD, 4 levels, up to 8 MiB", 4, 42, 46, true, true,
	  GENMASK_ULL(23, 12), PT_AMDV1 },
	{ "AMD, 3 levels, 4 KiB only", 3, 39, 42, true, true, SZ_4K, PT_AMDV1 },
	{ "x86, 4 levels, coherent", 4, 47, 52, true, false,
	  SZ_4K | SZ_2M | SZ_1G, PT_X86 },
	{ "x86, 4 levels, not coherent", 4, 47, 46, false, true,
	  SZ_4K | SZ_2M | SZ_1G, PT_X86 },
	{ "x86, 5 levels, coherent", 5, 56, 52, true, true,
	  SZ_4K | SZ_2M | SZ_1G, PT_X86 },
	{ "x86, 5 levels, not coherent", 5, 56, 52, false, false,
	  SZ_4K | SZ_2M | SZ_1G, PT_X86 },
	{ "x86, 4 levels, no 1 GiB", 4, 47, 46, true, false, SZ_4K | SZ_2M,
	  PT_X86 },
};

/* The next kind after @prev: of one format, or of any if @format is -1. */
static const void *pt_kind_next(const struct pt_kind *prev, int format,
				char *desc)
{
	const struct pt_kind *kind = prev ? prev + 1 : pt_kinds;

	while (kind < pt_kinds + ARRAY_SIZE(pt_kinds)) {
		if (format < 0 || kind->format == format) {
			strscpy(desc, kind->name, KUNIT_PARAM_DESC_SIZE);
			return kind;
		}
		kind++;
	}
	return NULL;
}

/**
 * pt_kind_gen_params() - all kinds of hardware, for KUNIT_CASE_PARAM()
 * @test: the test
 * @prev: the previous kind, or NULL
 * @desc: set to the name of the kind, KUNIT_PARAM_DESC_SIZE bytes
 *
 * Return: the next kind, or NULL after the last.
 */
const void *pt_kind_gen_params(struct kunit *test, const void *prev, char *desc)
{
	return pt_kind_next(prev, -1, desc);
}

/**
 * pt_vtdss_gen_params() - the kinds that walk VT-d's second-stage tables
 * @test: the test
 * @prev: the previous kind, or NULL
 * @desc: set to the name of the kind, KUNIT_PARAM_DESC_SIZE bytes
 *
 * Return: the next kind, or NULL after the last.
 */
const void *pt_vtdss_gen_params(struct kunit *test, const void *prev,
				char *desc)
{
	return pt_kind_next(prev, PT_VTDSS, desc);
}

/**
 * pt_amdv1_gen_params() - the kinds that walk AMD's host page tables
 * @test: the test
 * @prev: the previous kind, or NULL
 * @desc: set to the name of the kind, KUNIT_PARAM_DESC_SIZE bytes
 *
 * Return: the next kind, or NULL after the last.
 */
const void *pt_amdv1_gen_params(struct kunit *test, const void *prev,
				char *desc)
{
	return pt_kind_next(prev, PT_AMDV1, desc);
}

/**
 * pt_x86_gen_params() - the kinds that walk tables in the CPU's format
 * @test: the test
 * @prev: the previous kind, or NULL
 * @desc: set to the name of the kind, KUNIT_PARAM_DESC_SIZE bytes
 *
 * Return: the next kind, or NULL after the last.
 */
const void *pt_x86_gen_params(struct kunit *test, const void *prev, char *desc)
{
	return pt_kind_next(prev, PT_X86, desc);
}

/**
 * pt_dirty_gen_params() - the kinds that can record writes: those that snoop
 * @test: the test
 * @prev: the previous kind, or NULL
 * @desc: set to the name of the kind, KUNIT_PARAM_DESC_SIZE bytes
 *
 * Return: the next kind, or NULL after the last.
 */
const void *pt_dirty_gen_params(struct kunit *test, const void *prev,
				char *desc)
{
	const struct pt_kind *kind = prev;

	do {
		kind = pt_kind_next(kind, -1, desc);
	} while (kind && !kind->coherent);
	return kind;
}

/**
 * pt_kind_last() - the last IOVA of a page table
 * @kind: the kind of hardware
 *
 * Return: the last IOVA.
 */
u64 pt_kind_last(const struct pt_kind *kind)
{
	return GENMASK_ULL(kind->va_bits - 1, 0);
}

/**
 * pt_kind_prot() - the flags that a walk reports for a mapping
 * @kind: the kind of hardware
 * @prot: IOMMU_READ, IOMMU_WRITE, IOMMU_CACHE, as passed to nyx_pt_map()
 *
 * Return: the flags.
 */
int pt_kind_prot(const struct pt_kind *kind, int prot)
{
	/* There is neither a right to write alone nor a bit that forces snooping. */
	if (kind->format == PT_X86)
		return IOMMU_READ | (prot & IOMMU_WRITE);
	if (kind->format == PT_AMDV1 || kind->snoop)
		return prot | IOMMU_CACHE;
	return prot & ~IOMMU_CACHE;
}
