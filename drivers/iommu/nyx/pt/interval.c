// SPDX-License-Identifier: GPL-2.0-only
/*
 * A page table as the intervals that it maps: neighbouring leaves of equal
 * rights whose physical addresses continue each other are one interval.
 */
#include <linux/limits.h>
#include <linux/sched/signal.h>

#include <nyx/pt.h>

#include "interval.h"

struct collector {
	struct nyx_interval *ivs;
	size_t max;
	size_t n;
	u64 from;	/* nothing before is told any more */
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
	 * The first leaf may begin before the place where the walk did; any other
	 * before the end of the last, if it came in the place of smaller ones
	 * that were seen already.
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
 * nyx_intervals() - what is mapped at and after an IOVA
 * @pt: the table; it may be changed meanwhile, and then each leaf is reported
 *	as it was at some time during the call
 * @from: where to begin; an interval that reaches across it is cut there
 * @ivs: filled in, in order of IOVAs
 * @max: intervals that fit, at least 1
 *
 * One walk, which waits for RCU: better one call for many intervals than many.
 * A task that is being killed may get fewer, and the last of them cut.
 *
 * Context: May sleep.
 * Return: how many there are; where they are less than @max, those were all.
 */
size_t nyx_intervals(struct nyx_pt *pt, u64 from, struct nyx_interval *ivs,
		     size_t max)
{
	struct collector c = { .ivs = ivs, .max = max, .from = from };

	nyx_pt_walk(pt, from, U64_MAX, collect, &c);
	return c.n;
}
