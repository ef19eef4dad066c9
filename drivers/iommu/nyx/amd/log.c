// SPDX-License-Identifier: GPL-2.0-only
/*
 * A log that a unit writes to memory: the event log (2.5) or the log of
 * peripheral page requests (PPR log).
 */
#include <linux/bitfield.h>
#include <linux/errno.h>
#include <linux/gfp.h>
#include <linux/lockdep.h>
#include <linux/mm.h>
#include <linux/processor.h>

#include "amd.h"
#include "lib/poll.h"
#include "log.h"

/* Time by which an entry may follow the tail that covers it. */
#define AMD_LOG_LATE_NS 100000ULL

static size_t amd_log_size(const struct amd_log *log)
{
	return amd_log_entries(log) * sizeof(struct amd_entry);
}

/**
 * amd_log_init() - allocate a log
 * @log: the log
 * @regs: its registers and bits
 * @len: the desired number of entries is 2^@len, at least 2^AMD_LOG_LEN_MIN;
 *	reduced if there is no contiguous memory for it
 * @nid: NUMA node to allocate memory from, or NUMA_NO_NODE
 *
 * Context: May sleep.
 * Return: 0 or -ENOMEM.
 */
int amd_log_init(struct amd_log *log, const struct amd_log_regs *regs, u8 len,
		 int nid)
{
	gfp_t gfp = GFP_KERNEL | __GFP_ZERO | __GFP_NOWARN | __GFP_NORETRY;
	struct page *page;

	log->regs = regs;
	for (log->len = len; ; log->len--) {
		/* This is the smallest size, so try harder. */
		if (log->len == AMD_LOG_LEN_MIN)
			gfp &= ~__GFP_NORETRY;
		page = alloc_pages_node(nid, gfp, get_order(amd_log_size(log)));
		if (page || log->len == AMD_LOG_LEN_MIN)
			break;
	}
	log->ring = page ? page_address(page) : NULL;
	return page ? 0 : -ENOMEM;
}

/**
 * amd_log_destroy() - free a log
 * @log: the log, which may be unallocated; the unit does not write it any more
 *
 * Context: May sleep.
 */
void amd_log_destroy(struct amd_log *log)
{
	free_pages((unsigned long)log->ring, get_order(amd_log_size(log)));
	log->ring = NULL;
}

/**
 * amd_log_start() - empty a log and give the unit its address
 * @au: the unit; the log is not enabled
 * @log: the log
 *
 * Context: Any; there are no other users of the log.
 */
void amd_log_start(struct amd_unit *au, struct amd_log *log)
{
	/*
	 * Status bits left by an earlier driver would raise a spurious
	 * interrupt.
	 */
	amd_writel(au, AMD_STATUS, log->regs->overflow | log->regs->interrupt);
	memset(log->ring, 0, amd_log_size(log));
	amd_writeq(au, log->regs->base,
		   (amd_phys(log->ring) & AMD_RING_ADDR) |
		   FIELD_PREP(AMD_RING_LEN, log->len));
	amd_writeq(au, log->regs->head, 0);
	amd_writeq(au, log->regs->tail, 0);
	log->head = 0;
	log->crowded = false;
	log->failed = false;
}

/**
 * amd_log_tail() - read the tail of a log
 * @au: the unit
 * @log: its log
 * @tail: index of the entry that the unit writes next, below amd_log_entries()
 *	regardless of the register's value
 *
 * Context: Any.
 * Return: 0; -ENODEV if the unit is gone, and then @tail is @log->head.
 */
int amd_log_tail(const struct amd_unit *au, const struct amd_log *log,
		 u32 *tail)
{
	u32 val = amd_readl(au, log->regs->tail);

	*tail = log->head;
	if (val == AMD_GONE)
		return -ENODEV;
	*tail = FIELD_GET(AMD_RING_PTR, val) % amd_log_entries(log);
	return 0;
}

/* Returns the low half of an entry once it is not zero, or zero if it is late. */
static u64 amd_log_await(const struct amd_entry *from)
{
	struct nyx_deadline deadline = nyx_deadline_in(AMD_LOG_LATE_NS);
	u64 lo;

	do {
		cpu_relax();
		lo = READ_ONCE(from->lo);
	} while (!lo && !nyx_deadline_passed(&deadline));
	return lo;
}

/**
 * amd_log_peek() - read an entry without removing it
 * @log: the log
 * @pos: index of the entry, from @log->head on and before the tail
 * @entry: filled in; all zeroes, which is an invalid code, if the entry does
 *	not arrive
 *
 * Some units move the tail before they write the entry (family 15h erratum
 * 732). For this reason entries are zeroed once they were read, and this
 * function waits until the entry is not zero.
 *
 * Context: Any. Spins for AMD_LOG_LATE_NS at most.
 * Return: false if the entry does not arrive, so that it is lost.
 */
bool amd_log_peek(const struct amd_log *log, u32 pos, struct amd_entry *entry)
{
	const struct amd_entry *from = &log->ring[pos];

	*entry = (struct amd_entry) { };
	entry->lo = READ_ONCE(from->lo) ?: amd_log_await(from);
	if (!entry->lo)
		return false;
	/*
	 * The unit writes all 16 bytes at once, so the upper half has arrived
	 * as well.
	 */
	dma_rmb();
	entry->hi = READ_ONCE(from->hi);
	return true;
}

/**
 * amd_log_release() - return entries to the unit
 * @au: the unit
 * @log: its log
 * @pos: index of the first entry that was not read
 *
 * Context: Any.
 */
void amd_log_release(struct amd_unit *au, struct amd_log *log, u32 pos)
{
	/*
	 * A CPU that finds an entry zeroed also finds what was recorded of it:
	 * pairs with amd_timeouts_none().
	 */
	smp_wmb();
	for (; log->head != pos;
	     log->head = (log->head + 1) % amd_log_entries(log))
		log->ring[log->head] = (struct amd_entry) { };
	/*
	 * A write to a register follows all earlier stores to memory, so the
	 * unit gets zeroed entries.
	 */
	amd_writeq(au, log->regs->head, FIELD_PREP(AMD_RING_PTR, pos));
}

/* Nothing waits for a log that another CPU is disabling. */
static bool amd_log_is_wanted(const struct amd_unit *au,
			      const struct amd_log *log)
{
	u64 want = AMD_CTRL_IOMMU_EN | log->regs->enable;

	return (amd_readq(au, AMD_CONTROL) & want) == want;
}

/**
 * amd_log_restart() - restart a log after an overflow
 * @au: the unit
 * @log: its log; there is room for new entries
 *
 * Section 2.5.1 requires this sequence: disable the log, clear the overflow,
 * enable the log. Events that occur meanwhile are lost without a trace, so the
 * restart counts as a loss. The count increases at the end. A caller that reads
 * the count under the lock therefore knows whether its commands ran before the
 * restart.
 *
 * A log that does not stop or start is not restarted any more, because every
 * attempt takes seconds. The unit is stuck then: see amd_wait_running().
 *
 * Context: Any. Spins for twice NYX_POLL_TIMEOUT_NS at most;
 *	&amd_unit.log_lock is held.
 * Return: 0; if the log does not stop or start, -ENODEV or -ETIMEDOUT, once,
 *	which is for amd_log_failed(). The log is enabled in any case.
 */
int amd_log_restart(struct amd_unit *au, struct amd_log *log)
{
	int ret;

	lockdep_assert_held(&au->log_lock);
	if (log->failed || !amd_log_is_wanted(au, log))
		return 0;
	/* Precedes the write to the register. */
	WRITE_ONCE(log->restarting, true);
	amd_control(au, log->regs->enable, 0);
	ret = amd_wait_status(au, log->regs->run, 0);
	amd_writel(au, AMD_STATUS, log->regs->overflow);
	amd_control(au, 0, log->regs->enable);
	if (!ret)
		ret = amd_wait_status(au, log->regs->run, log->regs->run);
	if (ret && !amd_log_is_wanted(au, log))
		ret = 0;
	if (ret)
		WRITE_ONCE(au->unit.stuck, true);
	WRITE_ONCE(log->failed, ret);
	WRITE_ONCE(log->losses, log->losses + 1);
	/* Both are visible to a CPU that finds the restart complete. */
	smp_store_release(&log->restarting, false);
	return ret;
}
