// SPDX-License-Identifier: GPL-2.0-only
/*
 * The mapped intervals of a page table. Adjacent leaves form one interval if
 * their access rights are equal and their physical addresses are contiguous.
 */
#include <linux/limits.h>
#include <linux/sched/signal.h>

#include <nyx/pt.h>

#include "interval.h"

struct collector {
	struct nyx_interval *ivs;
	size_t max;
	size_t n;
	u64 from;	/* IOVAs below are not reported */
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
	struct nyx_interval *iv;

	/*
	 * Cut off what lies below c->from. The first leaf may begin below the
	 * start of the walk. A later leaf may begin below the end of the last
	 * one if it replaced smaller leaves, some of which were already
	 * reported.
	 */
	if (span.iova < c->from) {
		span.paddr += c->from - span.iova;
		span.len -= c->from - span.iova;
		span.iova = c->from;
	}
	if (!c->n || !continues(&c->ivs[c->n - 1], &span)) {
		if (c->n == c->max)
			return 1;
		c->ivs[c->n++] = (struct nyx_interval) {
			.first = span.iova,
			.paddr = span.paddr,
			.prot = span.prot,
		};
	}
	iv = &c->ivs[c->n - 1];
	iv->last = span.iova + span.len - 1;
	iv->leaves |= span.pgsize;
	c->from = iv->last + 1;

	return fatal_signal_pending(current);
}

/**
 * nyx_intervals() - find the mapped intervals from an IOVA on
 * @pt: the page table; if it is changed during the call, each leaf is reported
 *	as it was at some time during the call
 * @from: first IOVA; an interval that begins below it is cut there
 * @ivs: filled in, in order of IOVAs
 * @max: size of @ivs, at least 1
 *
 * Each call is one nyx_pt_walk(), which waits for an RCU grace period. It is
 * faster to ask for many intervals at once than to call it many times. If the
 * task has a fatal signal pending, the result may be incomplete.
 *
 * Context: May sleep.
 * Return: number of intervals; if it is less than @max, there are no more.
 */
size_t nyx_intervals(struct nyx_pt *pt, u64 from, struct nyx_interval *ivs,
		     size_t max)
{
	struct collector c = { .ivs = ivs, .max = max, .from = from };

	nyx_pt_walk(pt, from, U64_MAX, collect, &c);
	return c.n;
}
