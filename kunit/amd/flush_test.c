// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which commands a flush or a changed entry becomes, and in what order, on a
 * model of the unit. Numbers are those of the AMD IOMMU specification (48882),
 * section 2.4.
 */
#include <linux/bitfield.h>
#include <linux/rculist.h>
#include <nyx/invalidate.h>
#include <nyx/stats.h>
#include <nyx/unit.h>

#include "../unit_core.h"
#include "amd/amd.h"
#include "model.h"

#define ALL (~0ULL)
#define OWN 0x0300
#define OTHER 0x0401
/* Capability Header: NpCache */
#define NP_CACHE BIT(26)
/* CmdBufRun */
#define RUN 0x10

/* INVALIDATE_DEVTAB_ENTRY, and INVALIDATE_IOMMU_PAGES of a DomainID. */
#define DEVTAB(rid) (2ULL << 60 | (rid))
#define PAGES(did) (3ULL << 60 | (u64)(did) << 32)
/* Size and PDE of the latter, for all that a domain has. */
#define WHOLE 0x7ffffffffffff003

struct expect {
	u64 lo;
	u64 hi;
};

/* COMPLETION_WAIT with F, which begins nothing behind it before it is done. */
static const struct expect fence = { 0x1000000000000004 };

/* COMPLETION_WAIT with S, which stores. */
static bool is_wait(const u64 *cmd)
{
	return cmd[0] >> 60 == 1 && cmd[0] & 1;
}

/* These commands were executed and a wait behind them; nothing if none. */
static void expect_cmds(struct amd_model *model, const struct expect *wants,
			unsigned int nr)
{
	struct kunit *test = model->test;
	unsigned int i;

	KUNIT_ASSERT_EQ(test, model->nr_cmds, nr ? nr + 1 : 0);
	for (i = 0; i < nr; i++) {
		KUNIT_EXPECT_EQ_MSG(test, model->cmds[i][0], wants[i].lo,
				    "%u", i);
		KUNIT_EXPECT_EQ_MSG(test, model->cmds[i][1], wants[i].hi,
				    "%u", i);
	}
	if (nr)
		KUNIT_EXPECT_TRUE(test, is_wait(model->cmds[nr]));
}

static void expect_flush(struct amd_model *model, const struct nyx_flush *flush,
			 const struct expect *wants, unsigned int nr)
{
	struct nyx_unit *unit = &model->au->unit;

	model->nr_cmds = 0;
	KUNIT_EXPECT_EQ(model->test, unit->ops->flush(unit, flush), 0);
	expect_cmds(model, wants, nr);
}

static void flush_pages(struct kunit *test)
{
	struct amd_model *model = amd_model_running(test);
	struct nyx_unit *unit = &model->au->unit;
	struct nyx_flush flush = {
		.domain_id = 0x1234,
		.start = 0x200000,
		.last = 0x3fffff,
	};
	/* A table was freed: PDE, bit 1. */
	struct expect one = { PAGES(0x1234), 0x2ff003 };
	const struct expect two[] = {
		{ PAGES(0x1234), 0x3002 }, { PAGES(0x1234), 0x4002 },
	};
	const struct expect all = { PAGES(0x1234), WHOLE };

	expect_flush(model, &flush, &one, 1);
	KUNIT_EXPECT_EQ(test, nyx_unit_stat(unit, NYX_STAT_FLUSH_PAGE), 1);
	/* None was: caches of upper levels may stay. */
	flush.leaf_only = true;
	one.hi = 0x2ff001;
	expect_flush(model, &flush, &one, 1);

	flush.leaf_only = false;
	flush.start = 0x3000;
	flush.last = 0x4fff;
	expect_flush(model, &flush, two, 2);

	flush.start = 0;
	flush.last = ALL;
	expect_flush(model, &flush, &all, 1);
	KUNIT_EXPECT_EQ(test, nyx_unit_stat(unit, NYX_STAT_FLUSH_DOMAIN), 1);
}

/* What appeared needs nothing, but where what was not there is cached. */
static void flush_of_map(struct kunit *test)
{
	struct amd_model *model = amd_model_running(test);
	const struct nyx_flush flush = {
		.domain_id = 1,
		.start = 0x5000,
		.last = 0x5fff,
		.leaf_only = true,
		.map = true,
	};
	/* Always PDE: it may hang on a table that is new. */
	const struct expect want = { PAGES(1), 0x5002 };

	expect_flush(model, &flush, NULL, 0);
	model->au->cap |= NP_CACHE;
	expect_flush(model, &flush, &want, 1);
}

/* Devices with a TLB, which are asked behind a fence. */
static void flush_devices(struct kunit *test)
{
	struct amd_model *model = amd_model_running(test);
	struct nyx_device *a = amd_model_add(model, OWN);
	struct nyx_device *b = amd_model_add(model, OTHER);
	struct nyx_device *c = amd_model_add(model, 0x0500);
	LIST_HEAD(ats);
	struct nyx_flush flush = {
		.domain_id = 1,
		.start = 0x4000,
		.last = 0x7fff,
		.ats = &ats,
	};
	struct expect wants[] = {
		{ PAGES(1), 0x5003 },
		fence,
		/* MaxPend is in bits 31:24, QueueID in bits 47:32. */
		{ 0x4000030020000300, 0x5001 },
		{ 0x4000040007000401, 0x5001 },
	};

	/* A virtual function: the queue is that of the physical one. */
	b->ats_qdep = 7;
	b->ats_pfsid = 0x0400;
	c->ats_refused = true;
	list_add_tail_rcu(&a->ats_node, &ats);
	list_add_tail_rcu(&b->ats_node, &ats);
	list_add_tail_rcu(&c->ats_node, &ats);
	expect_flush(model, &flush, wants, 4);
	KUNIT_EXPECT_EQ(test, nyx_unit_stat(&model->au->unit,
					    NYX_STAT_FLUSH_DEVICE), 2);
	/* Of what appeared, they hold nothing. */
	flush.map = true;
	expect_flush(model, &flush, NULL, 0);
	model->au->cap |= NP_CACHE;
	expect_flush(model, &flush, wants, 1);
	flush.map = false;

	/* All there is. */
	flush.start = 0;
	flush.last = ALL;
	wants[0].hi = WHOLE;
	wants[2].hi = 0x7ffffffffffff001;
	wants[3].hi = 0x7ffffffffffff001;
	expect_flush(model, &flush, wants, 4);
}

/* More devices than a submission takes: several, and none is left out. */
static void flush_many_devices(struct kunit *test)
{
	struct amd_model *model = amd_model_running(test);
	struct nyx_device *ndevs = kunit_kcalloc(test, 70, sizeof(*ndevs),
						 GFP_KERNEL);
	struct nyx_unit *unit = &model->au->unit;
	LIST_HEAD(ats);
	const struct nyx_flush flush = {
		.domain_id = 1,
		.last = ALL,
		.ats = &ats,
	};
	unsigned int i, n = 0, asked = 0;

	KUNIT_ASSERT_NOT_NULL(test, ndevs);
	for (i = 0; i < 70; i++) {
		ndevs[i].unit = unit;
		ndevs[i].rid = 0x100 + i;
		ndevs[i].rids[0] = 0x100 + i;
		list_add_tail_rcu(&ndevs[i].ats_node, &ats);
	}
	model->nr_cmds = 0;
	KUNIT_EXPECT_EQ(test, unit->ops->flush(unit, &flush), 0);
	KUNIT_ASSERT_LE(test, model->nr_cmds, AMD_MODEL_CMDS);
	KUNIT_EXPECT_EQ(test, model->cmds[0][0], PAGES(1));
	KUNIT_EXPECT_EQ(test, model->cmds[1][0], fence.lo);
	for (i = 2; i < model->nr_cmds; i++) {
		if (is_wait(model->cmds[i])) {
			asked = 0;
			continue;
		}
		KUNIT_ASSERT_EQ(test, model->cmds[i][0] >> 60, 4);
		/* None answers for a second each, and it still gets ahead. */
		KUNIT_EXPECT_LT(test, ++asked * 1000000000ULL,
				model->au->queue.timeout_ns);
		KUNIT_EXPECT_EQ(test, model->cmds[i][0] & 0xffff, 0x100 + n);
		n++;
	}
	KUNIT_EXPECT_EQ(test, n, 70);
	KUNIT_EXPECT_TRUE(test, is_wait(model->cmds[model->nr_cmds - 1]));
}

/*
 * Entries, then a fence, then translations: a walk that begins at an entry that
 * is still cached would bring translations back.
 */
static void change_of_entry(struct kunit *test)
{
	struct amd_model *model = amd_model_running(test);
	struct nyx_device *ndev = amd_model_add(model, OWN);
	struct nyx_entry from = unit_core_table(test, 7, false);
	struct nyx_entry to = unit_core_table(test, 8, false);
	const struct expect wants[] = {
		{ DEVTAB(OWN) },
		{ DEVTAB(OTHER) },
		fence,
		{ PAGES(7), WHOLE },
	};

	amd_model_alias(model, ndev, OTHER);
	KUNIT_ASSERT_EQ(test, amd_model_set(ndev, &from), 0);
	model->nr_cmds = 0;
	KUNIT_ASSERT_EQ(test, amd_model_set(ndev, &to), 0);
	expect_cmds(model, wants, ARRAY_SIZE(wants));
}

static struct amd_model *stopping(struct kunit *test, u8 opcode,
				  unsigned int times)
{
	struct amd_model *model = amd_model_running(test);

	model->illegal = opcode;
	model->illegal_times = times;
	model->au->queue.timeout_ns = 1000000;
	return model;
}

/* It stands still at a command once: all is forgotten, and asked anew. */
static void stops_once(struct kunit *test)
{
	struct amd_model *model = stopping(test, 4, 1);
	struct nyx_device *a = amd_model_add(model, OWN);
	struct nyx_unit *unit = &model->au->unit;
	LIST_HEAD(ats);
	const struct nyx_flush flush = {
		.domain_id = 1,
		.last = ALL,
		.ats = &ats,
	};

	list_add_tail_rcu(&a->ats_node, &ats);
	KUNIT_EXPECT_EQ(test, unit->ops->flush(unit, &flush), 0);
	KUNIT_EXPECT_EQ(test, model->illegal_times, 0);
	KUNIT_EXPECT_EQ(test, model->globals, 1);
	KUNIT_EXPECT_EQ(test, amd_model_find(model, OWN)->asked, 1);
	KUNIT_EXPECT_FALSE(test, a->ats_refused);
	KUNIT_EXPECT_FALSE(test, unit->dead);
	KUNIT_EXPECT_EQ(test, model->status & RUN, RUN);
	/* What it stood at is not tried again by itself. */
	KUNIT_EXPECT_EQ(test, model->cmd_head, model->cmd_tail);
	KUNIT_EXPECT_GT(test, nyx_unit_stat(unit, NYX_STAT_FLUSH_ERROR), 0);
}

static const struct nyx_flush whole = { .domain_id = 1, .last = ALL };

/* Another CPU finds it stopped first, and restarts it, with its own command. */
static void flush_first(struct amd_model *model, bool done)
{
	struct nyx_unit *unit = &model->au->unit;

	if (!done || model->status & RUN)
		return;
	model->on_status = NULL;
	KUNIT_EXPECT_EQ(model->test, unit->ops->flush(unit, &whole), 0);
	KUNIT_EXPECT_EQ(model->test, model->status & RUN, RUN);
}

static void stops_for_two(struct kunit *test)
{
	struct amd_model *model = stopping(test, 3, 1);
	struct nyx_unit *unit = &model->au->unit;

	model->on_status = flush_first;
	KUNIT_EXPECT_EQ(test, unit->ops->flush(unit, &whole), 0);
	KUNIT_EXPECT_PTR_EQ(test, model->on_status, NULL);
	KUNIT_EXPECT_FALSE(test, unit->dead);
	/* Both were in the buffer when it was restarted. */
	KUNIT_EXPECT_EQ(test, model->globals, 2);
}

/* It never likes what is behind all else: that has an end. */
static void stops_always(struct kunit *test)
{
	struct amd_model *model = stopping(test, 8, 8);
	struct nyx_unit *unit = &model->au->unit;

	KUNIT_EXPECT_EQ(test, unit->ops->invalidate->global(unit), -EAGAIN);
	KUNIT_EXPECT_EQ(test, model->illegal_times, 0);
	KUNIT_EXPECT_EQ(test, model->status & RUN, RUN);

	model->illegal = 3;
	model->illegal_times = 1;
	KUNIT_EXPECT_EQ(test, unit->ops->flush(unit, &whole), 0);
	model->illegal_times = UINT_MAX;
	model->efr = 0;
	KUNIT_EXPECT_EQ(test, unit->ops->flush(unit, &whole), -EIO);
	KUNIT_EXPECT_TRUE(test, unit->dead);
}

/* It does not run again. */
static void stops_for_good(struct kunit *test)
{
	struct amd_model *model = stopping(test, 3, 1);
	struct nyx_unit *unit = &model->au->unit;

	model->status &= ~RUN;
	model->deaf = RUN;
	model->nr_cmds = 0;
	KUNIT_EXPECT_EQ(test, unit->ops->flush(unit, &whole), -EIO);
	KUNIT_EXPECT_TRUE(test, unit->dead);
	KUNIT_EXPECT_EQ(test, model->nr_cmds, 0);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(flush_pages),
	KUNIT_CASE(flush_of_map),
	KUNIT_CASE(flush_devices),
	KUNIT_CASE(flush_many_devices),
	KUNIT_CASE(change_of_entry),
	KUNIT_CASE(stops_once),
	KUNIT_CASE(stops_for_two),
	KUNIT_CASE(stops_always),
	KUNIT_CASE_SLOW(stops_for_good),
	{ }
};

static struct kunit_suite suite = {
	.name = "nyx_amd_flush",
	.test_cases = cases,
};

kunit_test_suite(suite);
