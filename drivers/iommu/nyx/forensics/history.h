/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The history of a domain: a ring of recent maps, unmaps and flushes.
 */
#ifndef NYX_FORENSICS_HISTORY_H
#define NYX_FORENSICS_HISTORY_H

#include <linux/jump_label.h>
#include <linux/types.h>

struct nyx_domain;
struct nyx_history;

/* Return addresses that are kept of the call that led to an operation. */
#define NYX_CALLERS 10

/* Limits of the size of a ring: a fault looks through all of it. */
#define NYX_HISTORY_MIN 16
#define NYX_HISTORY_MAX 16384

/**
 * enum nyx_op_kind - kind of an operation
 * @NYX_OP_MAP: a range was mapped
 * @NYX_OP_UNMAP: a range was unmapped; units may still use the old entries
 * @NYX_OP_FLUSH: all units confirmed the invalidation of a range
 */
enum nyx_op_kind {
	NYX_OP_MAP,
	NYX_OP_UNMAP,
	NYX_OP_FLUSH,
};

/**
 * struct nyx_op - one operation on a domain
 * @seq: number of the operation, counted from 1 since the recording began
 * @time_ns: when it was complete, on the clock of the kernel log
 * @iova: first IOVA of the range
 * @last: last IOVA
 * @paddr: of a map: physical address of @iova
 * @covers: of a flush: number of the last operation before it began. Unmaps up
 *	to this one are invalidated
 * @kind: what was done
 * @prot: of a map: IOMMU_READ, IOMMU_WRITE
 * @cpu: CPU on which it was done
 * @callers: return addresses, innermost first, without the module's own; 0 after
 *	the last one
 */
struct nyx_op {
	u64 seq;
	u64 time_ns;
	u64 iova;
	u64 last;
	phys_addr_t paddr;
	u64 covers;
	enum nyx_op_kind kind;
	int prot;
	unsigned int cpu;
	unsigned long callers[NYX_CALLERS];
};

/**
 * typedef nyx_op_visit - called by nyx_history_scan() for each operation
 * @op: the operation, valid during the call
 * @arg: the argument passed to nyx_history_scan()
 *
 * Return: true to continue with the operation before it.
 */
typedef bool (*nyx_op_visit)(const struct nyx_op *op, void *arg);

DECLARE_STATIC_KEY_FALSE(nyx_history_key);

/* Whether any domain is recorded. While none is, this is one no-op instruction. */
static inline bool nyx_history_on(void)
{
	return static_branch_unlikely(&nyx_history_key);
}

struct nyx_history *nyx_history_new(unsigned int size);
void nyx_history_free(struct nyx_history *history);
void nyx_history_set_complete(struct nyx_history *history);
bool nyx_history_is_complete(struct nyx_history *history);
u64 nyx_history_begin(struct nyx_history *history);

void nyx_history_map(struct nyx_domain *domain, u64 iova, phys_addr_t paddr,
		     u64 len, int prot);
void nyx_history_unmap(struct nyx_domain *domain, u64 iova, u64 len);
u64 nyx_history_mark(struct nyx_domain *domain);
void nyx_history_flush(struct nyx_domain *domain, u64 iova, u64 last,
		       u64 covers);

void nyx_history_scan(struct nyx_history *history, nyx_op_visit visit,
		      void *arg);
bool nyx_history_read(struct nyx_domain *domain, u64 seq, struct nyx_op *op);
unsigned long nyx_op_caller(const struct nyx_op *op);

#endif /* NYX_FORENSICS_HISTORY_H */
