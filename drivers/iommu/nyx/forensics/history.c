// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ring of recent operations on a domain.
 *
 * Operations are recorded in any context, so the ring is allocated when the
 * recording begins, and freed a grace period after it ended. Return addresses
 * are stored as numbers: finding their symbols takes long, and is left to those
 * who read the ring.
 */
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/overflow.h>
#include <linux/rcupdate.h>
#include <linux/sched/clock.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/spinlock.h>
#include <linux/stacktrace.h>
#include <linux/string.h>

#include <nyx/domain.h>

#include "history.h"

/* Enabled while any domain has a history. */
DEFINE_STATIC_KEY_FALSE(nyx_history_key);

/**
 * struct nyx_history - the ring of a domain
 * @lock: protects @pushed and @ops; raw, because ranges are mapped in any
 *	context
 * @begin_ns: when the recording began
 * @complete: no range was mapped before the recording began
 * @size: number of operations that fit
 * @pushed: number of operations ever added
 * @ops: the operations; operation n is in slot n % @size
 */
struct nyx_history {
	raw_spinlock_t lock;
	u64 begin_ns;
	bool complete;
	unsigned int size;
	u64 pushed;
	struct nyx_op ops[] __counted_by(size);
};

/**
 * nyx_history_new() - allocate an empty ring
 * @size: number of operations that fit, at least 1
 *
 * Context: May sleep.
 * Return: the ring, or NULL.
 */
struct nyx_history *nyx_history_new(unsigned int size)
{
	struct nyx_history *history;

	history = kvzalloc(struct_size(history, ops, size), GFP_KERNEL);
	if (!history)
		return NULL;
	raw_spin_lock_init(&history->lock);
	history->size = size;
	history->begin_ns = local_clock();
	return history;
}

/**
 * nyx_history_free() - free a ring
 * @history: the ring, which no reader can reach any more
 *
 * Context: May sleep.
 */
void nyx_history_free(struct nyx_history *history)
{
	kvfree(history);
}

/**
 * nyx_history_set_complete() - note that nothing was mapped before the recording
 * @history: the ring
 *
 * Context: Any.
 */
void nyx_history_set_complete(struct nyx_history *history)
{
	WRITE_ONCE(history->complete, true);
}

/**
 * nyx_history_is_complete() - whether a ring has all operations of its domain
 * @history: the ring
 *
 * Context: Any.
 * Return: true if nothing was mapped before the recording began, and no
 *	operation was overwritten since.
 */
bool nyx_history_is_complete(struct nyx_history *history)
{
	return READ_ONCE(history->complete) &&
	       READ_ONCE(history->pushed) <= history->size;
}

static struct nyx_op *slot_of(struct nyx_history *history, u64 seq)
{
	lockdep_assert_held_once(&history->lock);

	return &history->ops[seq % history->size];
}

/* Returns the number of the oldest operation in the ring. */
static u64 oldest(const struct nyx_history *history)
{
	lockdep_assert_held_once(&history->lock);

	return history->pushed > history->size ?
	       history->pushed - history->size + 1 : 1;
}

/**
 * nyx_history_begin() - the time from which on a ring has all operations
 * @history: the ring
 *
 * Context: Any.
 * Return: when the recording began, or the time of the oldest operation if some
 *	were overwritten.
 */
u64 nyx_history_begin(struct nyx_history *history)
{
	unsigned long flags;
	u64 begin;

	raw_spin_lock_irqsave(&history->lock, flags);
	begin = history->pushed > history->size ?
		slot_of(history, oldest(history))->time_ns : history->begin_ns;
	raw_spin_unlock_irqrestore(&history->lock, flags);
	return begin;
}

/* The module's own functions are the same for all operations. */
static bool is_own(unsigned long addr)
{
#ifdef MODULE
	return within_module(addr, THIS_MODULE);
#else
	return false;
#endif
}

static void save_callers(unsigned long *callers)
{
	unsigned long frames[2 * NYX_CALLERS];
	unsigned int nr, own = 0;

	nr = stack_trace_save(frames, ARRAY_SIZE(frames), 1);
	while (own < nr && is_own(frames[own]))
		own++;
	memcpy(callers, frames + own,
	       min(nr - own, NYX_CALLERS) * sizeof(*callers));
}

static void push(struct nyx_domain *domain, struct nyx_op *op)
{
	struct nyx_history *history;
	unsigned long flags;

	guard(rcu)();
	history = rcu_dereference(domain->history);
	if (!history)
		return;
	op->cpu = raw_smp_processor_id();
	if (op->kind != NYX_OP_FLUSH)
		save_callers(op->callers);
	raw_spin_lock_irqsave(&history->lock, flags);
	/* Under the lock, so that times have the order of numbers. */
	op->time_ns = local_clock();
	op->seq = ++history->pushed;
	*slot_of(history, op->seq) = *op;
	raw_spin_unlock_irqrestore(&history->lock, flags);
}

/**
 * nyx_history_map() - record a map
 * @domain: the domain; nothing happens unless it has a history
 * @iova: first IOVA
 * @paddr: first physical address
 * @len: bytes, not 0
 * @prot: IOMMU_READ, IOMMU_WRITE
 *
 * Context: Any.
 */
void nyx_history_map(struct nyx_domain *domain, u64 iova, phys_addr_t paddr,
		     u64 len, int prot)
{
	struct nyx_op op = {
		.kind = NYX_OP_MAP,
		.iova = iova,
		.last = iova + len - 1,
		.paddr = paddr,
		.prot = prot & (IOMMU_READ | IOMMU_WRITE),
	};

	push(domain, &op);
}

/**
 * nyx_history_unmap() - record an unmap whose entries are cleared
 * @domain: the domain; nothing happens unless it has a history
 * @iova: first IOVA
 * @len: bytes, not 0
 *
 * Context: Any.
 */
void nyx_history_unmap(struct nyx_domain *domain, u64 iova, u64 len)
{
	struct nyx_op op = {
		.kind = NYX_OP_UNMAP,
		.iova = iova,
		.last = iova + len - 1,
	};

	push(domain, &op);
}

/**
 * nyx_history_mark() - note the beginning of a flush
 * @domain: the domain
 *
 * Context: Any.
 * Return: the argument @covers of nyx_history_flush(); 0 without a history.
 */
u64 nyx_history_mark(struct nyx_domain *domain)
{
	struct nyx_history *history;
	unsigned long flags;
	u64 pushed;

	guard(rcu)();
	history = rcu_dereference(domain->history);
	if (!history)
		return 0;
	raw_spin_lock_irqsave(&history->lock, flags);
	pushed = history->pushed;
	raw_spin_unlock_irqrestore(&history->lock, flags);
	return pushed;
}

/**
 * nyx_history_flush() - record a flush that all units have confirmed
 * @domain: the domain; nothing happens unless it has a history
 * @iova: first IOVA
 * @last: last IOVA
 * @covers: the result of nyx_history_mark()
 *
 * Context: Any.
 */
void nyx_history_flush(struct nyx_domain *domain, u64 iova, u64 last,
		       u64 covers)
{
	struct nyx_op op = {
		.kind = NYX_OP_FLUSH,
		.iova = iova,
		.last = last,
		.covers = covers,
	};

	push(domain, &op);
}

/**
 * nyx_history_scan() - visit operations, the newest first
 * @history: the ring
 * @visit: called for each operation until it returns false. Interrupts are
 *	disabled and the lock of the ring is held
 * @arg: passed to @visit
 *
 * Context: Any.
 */
void nyx_history_scan(struct nyx_history *history, nyx_op_visit visit,
		      void *arg)
{
	unsigned long flags;
	u64 seq;

	raw_spin_lock_irqsave(&history->lock, flags);
	for (seq = history->pushed; seq >= oldest(history); seq--)
		if (!visit(slot_of(history, seq), arg))
			break;
	raw_spin_unlock_irqrestore(&history->lock, flags);
}

/**
 * nyx_history_read() - copy one operation
 * @domain: the domain
 * @seq: number of the operation. If it was overwritten, the oldest one is copied
 *	instead
 * @op: set to the operation
 *
 * Context: Any.
 * Return: true; false if the domain has no history, or if @seq is larger than
 *	the number of the newest operation.
 */
bool nyx_history_read(struct nyx_domain *domain, u64 seq, struct nyx_op *op)
{
	struct nyx_history *history;
	unsigned long flags;
	bool found;

	guard(rcu)();
	history = rcu_dereference(domain->history);
	if (!history)
		return false;
	raw_spin_lock_irqsave(&history->lock, flags);
	seq = max(seq, oldest(history));
	found = seq <= history->pushed;
	if (found)
		*op = *slot_of(history, seq);
	raw_spin_unlock_irqrestore(&history->lock, flags);
	return found;
}

/* Functions that are called for drivers by the beginnings of their names. */
static const char * const core_functions[] = {
	"nyx_", "__traceiter_nyx_", "iommu_", "__iommu_", "dma_", "__dma_",
	"dmam_", "debug_dma_", "pt_iommu_",
};

static bool is_core(unsigned long addr)
{
	char name[32];
	size_t i;

	/* The address after a call may belong to the next function. */
	snprintf(name, sizeof(name), "%ps", (void *)(addr - 1));
	for (i = 0; i < ARRAY_SIZE(core_functions); i++)
		if (!strncmp(name, core_functions[i], strlen(core_functions[i])))
			return true;
	return false;
}

/**
 * nyx_op_caller() - find the driver's function that led to an operation
 * @op: the operation
 *
 * This is the innermost function outside of this module, the IOMMU core and the
 * DMA API, which are known by their names.
 *
 * Context: Any; looks up symbols.
 * Return: the return address in the function; the outermost one that is known if
 *	all belong to the core; 0 if none is known.
 */
unsigned long nyx_op_caller(const struct nyx_op *op)
{
	unsigned long caller = 0;
	unsigned int i;

	for (i = 0; i < NYX_CALLERS && op->callers[i]; i++) {
		caller = op->callers[i];
		if (!is_core(caller))
			break;
	}
	return caller;
}
