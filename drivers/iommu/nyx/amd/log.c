// SPDX-License-Identifier: GPL-2.0-only
/*
 * A log that a unit writes into memory: of events (2.5), or of peripheral page
 * requests (PPR log).
 */
#include <linux/bitfield.h>
#include <linux/errno.h>
#include <linux/gfp.h>
#include <linux/lockdep.h>
#include <linux/mm.h>
#include <linux/processor.h>
#include <linux/timekeeping.h>

#include <nyx/unit.h>

#include "amd.h"
#include "log.h"

/* How long an entry may be behind the tail that tells of it. */
#define AMD_LOG_LATE_NS 100000ULL

static size_t amd_log_size(const struct amd_log *log)
{
	return amd_log_entries(log) * sizeof(struct amd_entry);
}

/**
 * amd_log_init() - get memory for a log
 * @log: the log
 * @regs: what belongs to it
 * @len: how many entries it should have, 2^@len, AMD_LOG_LEN_MIN at least. Where
 *	there is not as much memory in one piece, it has fewer
 * @nid: NUMA node to take memory from, or NUMA_NO_NODE
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
		/* Nothing is smaller: for that it is worth waiting. */
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
 * amd_log_destroy() - free a log's memory
 * @log: the log, which the unit no longer writes, or none
 *
 * Context: May sleep.
 */
void amd_log_destroy(struct amd_log *log)
{
	free_pages((unsigned long)log->ring, get_order(amd_log_size(log)));
	log->ring = NULL;
}

/**
 * amd_log_start() - tell a unit where its log is, empty
 * @au: the unit; the log is not enabled
 * @log: the log
 *
 * Context: Any; nobody else uses the log.
 */
void amd_log_start(struct amd_unit *au, struct amd_log *log)
{
	/* What another system left there would interrupt us for nothing. */
	amd_writel(au, AMD_STATUS, log->regs->overflow | log->regs->interrupt);
	memset(log->ring, 0, amd_log_size(log));
	amd_writeq(au, log->regs->base,
		   (amd_phys(log->ring) & AMD_RING_ADDR) |
		   FIELD_PREP(AMD_RING_LEN, log->len));
	amd_writeq(au, log->regs->head, 0);
	amd_writeq(au, log->regs->tail, 0);
	log->head = 0;
}

/**
 * amd_log_tail() - up to where there are entries
 * @au: the unit
 * @log: its log
 * @tail: set to the entry that the unit writes next, below
 *	amd_log_entries() whatever the register says
 *
 * Context: Any.
 * Return: 0; -ENODEV if the unit is gone: then @tail is @log->head.
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

/**
 * amd_log_peek() - read an entry, and leave it in the log
 * @log: the log
 * @pos: the entry, from @log->head on and before the tail
 * @entry: set to it; to zeroes, with a code that does not exist, if it does not
 *	come
 *
 * Some units move the tail before the entry is there (family 15h erratum 732),
 * so entries that were read are zeroed, and this one is awaited.
 *
 * Context: Any. Spins for AMD_LOG_LATE_NS at most.
 * Return: false if it does not come, and so is lost.
 */
bool amd_log_peek(const struct amd_log *log, u32 pos, struct amd_entry *entry)
{
	const struct amd_entry *from = &log->ring[pos];
	u64 end = 0, now;

	*entry = (struct amd_entry) { };
	for (;;) {
		entry->lo = READ_ONCE(from->lo);
		if (entry->lo)
			break;
		now = ktime_get_mono_fast_ns();
		if (!end)
			end = now + AMD_LOG_LATE_NS;
		else if (now > end)
			return false;
		cpu_relax();
	}
	/* The unit writes all 16 bytes at once, so the rest is there as well. */
	dma_rmb();
	entry->hi = READ_ONCE(from->hi);
	return true;
}

/**
 * amd_log_release() - give entries back to the unit
 * @au: the unit
 * @log: its log
 * @pos: the entry up to which all have been read
 *
 * Context: Any.
 */
void amd_log_release(struct amd_unit *au, struct amd_log *log, u32 pos)
{
	for (; log->head != pos;
	     log->head = (log->head + 1) % amd_log_entries(log))
		log->ring[log->head] = (struct amd_entry) { };
	/*
	 * A write to a register comes after all stores to memory before it: the
	 * unit gets entries that are zero.
	 */
	amd_writeq(au, log->regs->head, FIELD_PREP(AMD_RING_PTR, pos));
}

/* Nothing is awaited of a log that somebody else is switching off. */
static bool amd_log_is_wanted(const struct amd_unit *au,
			      const struct amd_log *log)
{
	u64 want = AMD_CTRL_IOMMU_EN | log->regs->enable;

	return (amd_readq(au, AMD_CONTROL) & want) == want;
}

/**
 * amd_log_restart() - have a unit log again after its log overflowed
 * @au: the unit
 * @log: its log; room has been made in it
 *
 * Section 2.5.1: what overflowed is disabled, the condition is cleared, and it
 * is enabled again. What the unit has to log meanwhile is lost without a trace,
 * so that counts as a loss when it is over: who saw that number before or after,
 * both times under the lock, knows on which side he is.
 *
 * Context: Any. Spins for twice NYX_POLL_TIMEOUT_NS at most;
 *	&amd_unit.log_lock is held.
 * Return: 0, or if the log does not do as it is told, -ENODEV or -ETIMEDOUT for
 *	amd_log_failed(). It is enabled in any case.
 */
int amd_log_restart(struct amd_unit *au, struct amd_log *log)
{
	int ret;

	lockdep_assert_held(&au->log_lock);
	if (!amd_log_is_wanted(au, log))
		return 0;
	amd_control(au, log->regs->enable, 0);
	ret = amd_wait_status(au, log->regs->run, 0);
	amd_writel(au, AMD_STATUS, log->regs->overflow);
	amd_control(au, 0, log->regs->enable);
	if (!ret)
		ret = amd_wait_status(au, log->regs->run, log->regs->run);
	log->losses++;
	return ret && amd_log_is_wanted(au, log) ? ret : 0;
}

/**
 * amd_log_failed() - take a unit out of service that does not log
 * @au: the unit
 * @err: what amd_log_restart() or amd_log_tail() returned
 *
 * Nothing else tells that a device did not answer.
 *
 * Context: Any, without a lock of the unit.
 */
void amd_log_failed(struct amd_unit *au, int err)
{
	nyx_unit_fail(&au->unit, err == -ENODEV ? NYX_UNIT_GONE_WHY :
		      "a log of its does not stop and start");
}
