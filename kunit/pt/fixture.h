/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A page table with hardware below it, for the tests of the engine.
 */
#ifndef NYX_KUNIT_PT_FIXTURE_H
#define NYX_KUNIT_PT_FIXTURE_H

#include <kunit/test.h>
#include <linux/sizes.h>
#include <nyx/pt.h>

#include "hw.h"

/**
 * struct pt_fixture - the page table, and what the test knows of it
 * @pt: the page table; first, as in a domain
 * @hw: the hardware that walks it
 * @test: the test
 * @fail_in: which allocation from now on fails, from 1 on; 0: none does
 * @failed: allocations that were made to fail
 * @direct_frees: tables freed without a flush
 * @synced_frees: tables freed by iotlb_sync
 * @syncs: calls of iotlb_sync
 * @peek: where a device reads in the middle of calls, if @peek_len is not 0
 * @peek_len: bytes
 * @peeks: reads so far
 * @interrupt: called once in the middle of a call, as if by another CPU
 * @allocs_left: before which allocation from now on, from 1 on; or 0
 * @flushes_left: before which flush of lines from now on; or 0
 * @exchanges_left: before which exchange of a part of a leaf from now on; or 0
 * @pages_before: page-table pages of the whole kernel before the test
 * @parallel: calls from several CPUs: the hardware's caches are left out
 */
struct pt_fixture {
	struct nyx_pt pt;
	struct pt_hw hw;
	struct kunit *test;
	atomic_t fail_in;
	atomic_t failed;
	atomic_t direct_frees;
	atomic_t synced_frees;
	atomic_t syncs;
	u64 peek;
	u64 peek_len;
	unsigned long peeks;
	void (*interrupt)(struct pt_fixture *fx);
	int allocs_left;
	int flushes_left;
	int exchanges_left;
	long pages_before;
	bool parallel;
};

/* A kind of hardware, as a parameter of tests. */
struct pt_kind {
	const char *name;
	u8 levels;
	u8 va_bits;
	u8 oa_bits;
	bool coherent;
	bool snoop;
	unsigned long pgsizes;
	bool amd;
};

/* What tests map lies here, so that nothing of it looks like a table. */
#define PT_FAR	BIT_ULL(37)

extern const struct pt_kind pt_kinds[];
const void *pt_kind_gen_params(struct kunit *test, const void *prev,
			       char *desc);
const void *pt_vtdss_gen_params(struct kunit *test, const void *prev,
				char *desc);
const void *pt_amdv1_gen_params(struct kunit *test, const void *prev,
				char *desc);
u64 pt_kind_last(const struct pt_kind *kind);
int pt_kind_prot(const struct pt_kind *kind, int prot);

struct pt_fixture *pt_fixture_new(struct kunit *test,
				  const struct pt_kind *kind);
void pt_fixture_check(struct pt_fixture *fx);
void pt_fixture_free(struct pt_fixture *fx);
u64 pt_fixture_sum(struct pt_fixture *fx);
int pt_map(struct pt_fixture *fx, u64 iova, u64 paddr, u64 len);
size_t pt_unmap(struct pt_fixture *fx, u64 iova, u64 len);
unsigned long pt_count(struct pt_fixture *fx, u64 size);
unsigned long pt_leaves(struct pt_fixture *fx, u64 size);

#endif /* NYX_KUNIT_PT_FIXTURE_H */
