// SPDX-License-Identifier: GPL-2.0-only
/*
 * Text of explanations, for the log and for debugfs.
 */
#include <linux/math64.h>
#include <linux/seq_buf.h>
#include <linux/time64.h>

#include "explain.h"

/* Prints a time with at least four digits, unless it is less than 10 ms. */
static void put_time(struct seq_buf *s, u64 ns)
{
	if (ns < 10 * NSEC_PER_MSEC)
		seq_buf_printf(s, "%llu us", div_u64(ns, NSEC_PER_USEC));
	else if (ns < 10ULL * NSEC_PER_SEC)
		seq_buf_printf(s, "%llu ms", div_u64(ns, NSEC_PER_MSEC));
	else
		seq_buf_printf(s, "%llu s", div_u64(ns, NSEC_PER_SEC));
}

/* Prints the function that mapped or unmapped, if it is known. */
static void put_caller(struct seq_buf *s, const struct nyx_explanation *ex)
{
	if (*ex->caller)
		seq_buf_printf(s, " by %s", ex->caller);
}

/* Prints when, where and by which function something was mapped or unmapped. */
static void put_op(struct seq_buf *s, const struct nyx_explanation *ex)
{
	if (!ex->recorded)
		return;
	seq_buf_putc(s, ' ');
	put_time(s, ex->ago_ns);
	seq_buf_puts(s, " earlier");
	put_caller(s, ex);
	seq_buf_printf(s, " on CPU %u", ex->cpu);
}

static void put_near(struct seq_buf *s, const struct nyx_explanation *ex,
		     bool page, const char *where, const char *done)
{
	if (page)
		seq_buf_puts(s, "in the page");
	else
		seq_buf_printf(s, "%llu bytes", ex->distance);
	seq_buf_printf(s, " %s of a %llu-byte mapping %s", where, ex->size,
		       done);
	put_op(s, ex);
}

/**
 * nyx_explanation_text() - format an explanation for the log
 * @buf: output buffer
 * @size: size of @buf in bytes; NYX_EXPLANATION_TEXT is always enough
 * @ex: the explanation
 *
 * Context: Any.
 * Return: number of characters written, without the terminating NUL; 0 if there
 *	is no explanation.
 */
int nyx_explanation_text(char *buf, size_t size,
			 const struct nyx_explanation *ex)
{
	struct seq_buf s;

	seq_buf_init(&s, buf, size);
	switch (ex->why) {
	case NYX_WHY_NONE:
		break;
	case NYX_WHY_MAPPED:
		seq_buf_puts(&s, "mapped with sufficient permissions");
		put_op(&s, ex);
		break;
	case NYX_WHY_READ_ONLY:
		seq_buf_puts(&s, "mapped read-only");
		put_op(&s, ex);
		break;
	case NYX_WHY_WRITE_ONLY:
		seq_buf_puts(&s, "mapped write-only");
		put_op(&s, ex);
		break;
	case NYX_WHY_UNMAPPED:
		seq_buf_puts(&s, "unmapped");
		put_op(&s, ex);
		if (ex->flushed) {
			seq_buf_puts(&s, ", invalidation completed ");
			put_time(&s, ex->flushed_ago_ns);
			seq_buf_puts(&s, " earlier");
		} else {
			seq_buf_puts(&s, ", invalidation pending");
		}
		break;
	case NYX_WHY_PAST_END:
		put_near(&s, ex, !ex->distance, "past the end", "made");
		break;
	case NYX_WHY_BEFORE_START:
		put_near(&s, ex, ex->distance == 4096, "before the start",
			 "made");
		break;
	case NYX_WHY_PHYSICAL:
		seq_buf_printf(&s, "physical address of a page that was mapped at 0x%llx",
			       ex->iova);
		put_op(&s, ex);
		break;
	case NYX_WHY_PAST_UNMAPPED:
		put_near(&s, ex, !ex->distance, "past the end",
			 "that was unmapped");
		break;
	case NYX_WHY_OTHER_DOMAIN:
		seq_buf_printf(&s, "mapped in domain %u of %s", ex->domain,
			       ex->device);
		break;
	case NYX_WHY_NEVER_MAPPED:
		seq_buf_puts(&s, "never mapped");
		break;
	case NYX_WHY_NOT_RECENTLY:
		seq_buf_puts(&s, "not mapped in the last ");
		put_time(&s, ex->ago_ns);
		break;
	case NYX_WHY_NOT_MAPPED:
		seq_buf_puts(&s, "not mapped");
		break;
	}
	seq_buf_str(&s);
	return seq_buf_used(&s);
}
