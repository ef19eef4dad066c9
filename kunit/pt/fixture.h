/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A page table and a model of the hardware that walks it, for the tests of the
 * engine.
 */
#ifndef NYX_KUNIT_PT_FIXTURE_H
#define NYX_KUNIT_PT_FIXTURE_H

#include <kunit/test.h>
#include <linux/sizes.h>
#include <nyx/pt.h>

#include "hw.h"

/**
 * struct pt_fixture - a page table, the hardware, and the state of the test
 * @pt: the page table; first, as in a domain
 * @hw: the hardware that walks it
 * @test: the test
 * @fail_in: the n-th allocation from now on fails; 0 for none
 * @failed: number of allocations that were made to fail
 * @direct_frees: number of tables freed without a flush
 * @synced_frees: number of tables freed by iotlb_sync
 * @syncs: number of calls of iotlb_sync
 * @peek: first IOVA at which a device reads during calls
 * @peek_len: length of the range in which it reads, bytes; 0 if it does not
 * @peeks: number of reads so far
 * @interrupt: called once during a call of the engine, as if by another CPU
 * @allocs_left: call @interrupt before the n-th allocation from now on; or 0
 * @flushes_left: call @interrupt before the n-th cache flush from now on; or 0
 * @exchanges_left: call @interrupt before the n-th exchange of an entry in
 *	nyx_pt_break() from now on; or 0
 * @pages_before: number of the kernel's page-table pages before the test
 * @parallel: several CPUs call the engine, and the hardware's caches are not
 *	modelled
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

enum pt_kind_format {
	PT_VTDSS,
	PT_AMDV1,
	PT_X86,
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
	enum pt_kind_format format;
};

/* Tests map physical addresses from here on, where no tables are. */
#define PT_FAR	BIT_ULL(37)

extern const struct pt_kind pt_kinds[];
const void *pt_kind_gen_params(struct kunit *test, const void *prev,
			       char *desc);
const void *pt_vtdss_gen_params(struct kunit *test, const void *prev,
				char *desc);
const void *pt_amdv1_gen_params(struct kunit *test, const void *prev,
				char *desc);
const void *pt_x86_gen_params(struct kunit *test, const void *prev,
			      char *desc);
const void *pt_dirty_gen_params(struct kunit *test, const void *prev,
				char *desc);
u64 pt_kind_last(const struct pt_kind *kind);
int pt_kind_prot(const struct pt_kind *kind, int prot);

struct pt_fixture *pt_fixture_new(struct kunit *test,
				  const struct pt_kind *kind);
struct pt_fixture *pt_fixture_new_dirty(struct kunit *test,
					const struct pt_kind *kind);
void pt_fixture_check(struct pt_fixture *fx);
void pt_fixture_free(struct pt_fixture *fx);
u64 pt_fixture_sum(struct pt_fixture *fx);
int pt_map(struct pt_fixture *fx, u64 iova, u64 paddr, u64 len);
size_t pt_unmap(struct pt_fixture *fx, u64 iova, u64 len);
unsigned long pt_count(struct pt_fixture *fx, u64 size);
unsigned long pt_leaves(struct pt_fixture *fx, u64 size);

#endif /* NYX_KUNIT_PT_FIXTURE_H */
