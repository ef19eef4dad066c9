// SPDX-License-Identifier: GPL-2.0-only
/*
 * A page table as the intervals that it maps: neighbouring leaves of equal
 * rights whose physical addresses continue each other are one interval.
 */
#include <linux/bits.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>

#include <nyx/pt.h>

#include "interval.h"

/* Leaves visited before others may have the CPU: well under a millisecond. */
#define LEAVES_AT_ONCE 4096

enum { GO_ON, PAUSE, COMPLETE };

struct collector {
	struct nyx_interval *iv;
	u64 from;
	bool found;
	unsigned int leaves;
};

static bool continues(const struct nyx_interval *iv,
		      const struct nyx_pt_span *span)
{
	return span->iova == iv->last + 1 && span->prot == iv->prot &&
	       span->paddr == iv->paddr + (span->iova - iv->first);
}

static int collect(const struct nyx_pt_span *leaf, void *arg)
{
	struct nyx_pt_span span = *leaf;
	struct collector *c = arg;

	/* A leaf may reach back before the place where this walk began. */
	if (span.iova < c->from) {
		span.paddr += c->from - span.iova;
		span.len -= c->from - span.iova;
		span.iova = c->from;
	}
	if (!c->found) {
		c->found = true;
		*c->iv = (struct nyx_interval) {
			.first = span.iova,
			.paddr = span.paddr,
			.prot = span.prot,
		};
	} else if (!continues(c->iv, &span)) {
		return COMPLETE;
	}
	c->iv->last = span.iova + span.len - 1;
	c->iv->leaves |= span.pgsize;

	return ++c->leaves == LEAVES_AT_ONCE ? PAUSE : GO_ON;
}

/**
 * nyx_interval_end() - the last IOVA that a table can map
 * @pt: the table
 *
 * Context: Any.
 * Return: the IOVA.
 */
u64 nyx_interval_end(const struct nyx_pt *pt)
{
	return GENMASK_ULL(pt->cfg.va_bits - 1, 0);
}

/**
 * nyx_interval_next() - the first interval at or after an IOVA
 * @pt: the table; it may be changed meanwhile, and then each leaf is reported
 *	as it was at some time during the call
 * @from: where to look, at most nyx_interval_end(); an interval that reaches
 *	across it is cut there
 * @iv: filled in
 *
 * A task that is being killed gets a part of the interval.
 *
 * Context: May sleep.
 * Return: true, or false if nothing is mapped there.
 */
bool nyx_interval_next(struct nyx_pt *pt, u64 from, struct nyx_interval *iv)
{
	struct collector c = { .iv = iv, .from = from };
	u64 end = nyx_interval_end(pt);

	while (c.from <= end) {
		c.leaves = 0;
		if (nyx_pt_walk(pt, c.from, end, collect, &c) != PAUSE ||
		    fatal_signal_pending(current))
			break;
		c.from = iv->last + 1;
		cond_resched();
	}
	return c.found;
}
