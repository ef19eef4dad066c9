// SPDX-License-Identifier: GPL-2.0-only
/*
 * The commands of a flush and of a changed entry, and their order; and command
 * buffers that stop. Numbers are those of the AMD IOMMU specification (48882),
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

/*
 * INVALIDATE_DEVTAB_ENTRY of a DeviceID, INVALIDATE_IOMMU_PAGES of a DomainID.
 */
#define DEVTAB(rid) (2ULL << 60 | (rid))
#define PAGES(did) (3ULL << 60 | (u64)(did) << 32)
/* Address, S and PDE of INVALIDATE_IOMMU_PAGES for a whole domain. */
#define WHOLE 0x7ffffffffffff003

struct expect {
	u64 lo;
	u64 hi;
};

/*
 * COMPLETION_WAIT with F: the unit completes it before it starts later
 * commands.
 */
static const struct expect fence = { 0x1000000000000004 };

/* COMPLETION_WAIT with S, which ends with a store to memory. */
static bool is_wait(const u64 *cmd)
{
	return cmd[0] >> 60 == 1 && cmd[0] & 1;
}

/*
 * Expects these commands, followed by a completion wait; or no command at all.
 */
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

/* The same, of a flush that is posted and then awaited. */
static void expect_posted(struct amd_model *model,
			  const struct nyx_flush *flush,
			  const struct expect *wants, unsigned int nr)
{
	struct nyx_unit *unit = &model->au->unit;
	struct nyx_flush_ticket ticket;
	u16 device_id;

	model->nr_cmds = 0;
	KUNIT_ASSERT_TRUE(model->test,
			  unit->ops->flush_post(unit, flush, &ticket));
	KUNIT_EXPECT_EQ(model->test,
			unit->ops->flush_await(unit, &ticket, &device_id), 0);
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
	/* With PDE, bit 1: a table was freed. */
	struct expect one = { PAGES(0x1234), 0x2ff003 };
	const struct expect two[] = {
		{ PAGES(0x1234), 0x3002 }, { PAGES(0x1234), 0x4002 },
	};
	const struct expect all = { PAGES(0x1234), WHOLE };

	expect_flush(model, &flush, &one, 1);
	KUNIT_EXPECT_EQ(test, nyx_unit_stat(unit, NYX_STAT_FLUSH_PAGE), 1);
	/* No table was freed: cached upper levels stay valid. */
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

/*
 * A new mapping needs no flush, unless non-present entries are cached
 * (NpCache).
 */
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
	/* Always with PDE: the mapping may be in a new table. */
	const struct expect want = { PAGES(1), 0x5002 };

	expect_flush(model, &flush, NULL, 0);
	model->au->cap |= NP_CACHE;
	expect_flush(model, &flush, &want, 1);
}

/* Device TLBs are invalidated after a fence. */
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

	/* A virtual function, with the queue of its physical function. */
	b->ats_qdep = 7;
	b->ats_pfsid = 0x0400;
	a->ats_enabled = true;
	b->ats_enabled = true;
	c->ats_enabled = true;
	c->ats_refused = true;
	amd_model_find(model, a->rid)->ats = true;
	amd_model_find(model, b->rid)->ats = true;
	list_add_tail_rcu(&a->ats_node, &ats);
	list_add_tail_rcu(&b->ats_node, &ats);
	list_add_tail_rcu(&c->ats_node, &ats);
	expect_flush(model, &flush, wants, 4);
	KUNIT_EXPECT_EQ(test, nyx_unit_stat(&model->au->unit,
					    NYX_STAT_FLUSH_DEVICE), 2);
	expect_posted(model, &flush, wants, 4);
	/* Device TLBs cache no non-present entries. */
	flush.map = true;
	expect_flush(model, &flush, NULL, 0);
	model->au->cap |= NP_CACHE;
	expect_flush(model, &flush, wants, 1);
	flush.map = false;

	/* The whole domain. */
	flush.start = 0;
	flush.last = ALL;
	wants[0].hi = WHOLE;
	wants[2].hi = 0x7ffffffffffff001;
	wants[3].hi = 0x7ffffffffffff001;
	expect_flush(model, &flush, wants, 4);
}

static int flush_whole(struct nyx_unit *unit, struct list_head *ats)
{
	const struct nyx_flush flush = {
		.domain_id = 1,
		.last = ALL,
		.ats = ats,
	};

	return unit->ops->flush(unit, &flush);
}

/* More devices than fit into one submission take several. */
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
	struct nyx_flush_ticket ticket;
	unsigned int i, n = 0, pending = 0;

	KUNIT_ASSERT_NOT_NULL(test, ndevs);
	for (i = 0; i < 70; i++) {
		ndevs[i].unit = unit;
		ndevs[i].rid = 0x100 + i;
		ndevs[i].rids[0] = 0x100 + i;
		ndevs[i].ats_enabled = true;
		list_add_tail_rcu(&ndevs[i].ats_node, &ats);
	}
	model->nr_cmds = 0;
	KUNIT_EXPECT_EQ(test, flush_whole(unit, &ats), 0);
	KUNIT_ASSERT_LE(test, model->nr_cmds, AMD_MODEL_CMDS);
	KUNIT_EXPECT_EQ(test, model->cmds[0][0], PAGES(1));
	KUNIT_EXPECT_EQ(test, model->cmds[1][0], fence.lo);
	for (i = 2; i < model->nr_cmds; i++) {
		if (is_wait(model->cmds[i])) {
			pending = 0;
			continue;
		}
		KUNIT_ASSERT_EQ(test, model->cmds[i][0] >> 60, 4);
		/* The queue's timeout allows for a second for each device. */
		KUNIT_EXPECT_LT(test, ++pending * 1000000000ULL,
				model->au->queue.timeout_ns);
		KUNIT_EXPECT_EQ(test, model->cmds[i][0] & 0xffff, 0x100 + n);
		n++;
	}
	KUNIT_EXPECT_EQ(test, n, 70);
	KUNIT_EXPECT_TRUE(test, is_wait(model->cmds[model->nr_cmds - 1]));
	/* A posted flush is one submission. */
	model->nr_cmds = 0;
	KUNIT_EXPECT_FALSE(test, unit->ops->flush_post(unit, &flush, &ticket));
	KUNIT_EXPECT_EQ(test, model->nr_cmds, 0);
}

/*
 * Entries, then a fence, then translations: a walk that starts at an entry that
 * is still cached would cache the old translations again.
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

/* A unit whose command buffer stops at commands of an opcode, @times times. */
static struct amd_model *stopping_model(struct kunit *test, u8 opcode,
					unsigned int times)
{
	struct amd_model *model = amd_model_running(test);

	model->illegal_opcode = opcode;
	model->illegal_count = times;
	model->au->queue.timeout_ns = 1000000;
	return model;
}

/*
 * The command buffer stops once. It is restarted without the pending commands,
 * all caches are invalidated, and the flush submits its commands again.
 */
static void stops_once(struct kunit *test)
{
	struct amd_model *model = stopping_model(test, 4, 1);
	struct nyx_device *a = amd_model_add(model, OWN);
	struct nyx_unit *unit = &model->au->unit;
	LIST_HEAD(ats);

	a->ats_enabled = true;
	amd_model_find(model, OWN)->ats = true;
	list_add_tail_rcu(&a->ats_node, &ats);
	KUNIT_EXPECT_EQ(test, flush_whole(unit, &ats), 0);
	KUNIT_EXPECT_EQ(test, model->illegal_count, 0);
	KUNIT_EXPECT_EQ(test, model->globals, 1);
	KUNIT_EXPECT_EQ(test, amd_model_find(model, OWN)->iotlb_cmds, 1);
	KUNIT_EXPECT_FALSE(test, a->ats_refused);
	KUNIT_EXPECT_FALSE(test, unit->dead);
	KUNIT_EXPECT_EQ(test, model->status & RUN, RUN);
	/* The restart skipped the pending commands. */
	KUNIT_EXPECT_EQ(test, model->cmd_head, model->cmd_tail);
	KUNIT_EXPECT_GT(test, nyx_unit_stat(unit, NYX_STAT_FLUSH_ERROR), 0);
}

/* Another CPU submits a flush, and restarts the stopped buffer. */
static void flush_first(struct amd_model *model, bool done)
{
	struct nyx_unit *unit = &model->au->unit;

	if (!done || model->status & RUN)
		return;
	model->on_status = NULL;
	KUNIT_EXPECT_EQ(model->test, flush_whole(unit, NULL), 0);
	KUNIT_EXPECT_EQ(model->test, model->status & RUN, RUN);
}

/* Two CPUs had commands in the buffer when it stopped. */
static void stops_for_two(struct kunit *test)
{
	struct amd_model *model = stopping_model(test, 3, 1);
	struct nyx_unit *unit = &model->au->unit;

	model->on_status = flush_first;
	KUNIT_EXPECT_EQ(test, flush_whole(unit, NULL), 0);
	KUNIT_EXPECT_PTR_EQ(test, model->on_status, NULL);
	KUNIT_EXPECT_FALSE(test, unit->dead);
	/* One for each CPU. */
	KUNIT_EXPECT_EQ(test, model->globals, 2);
}

/* The number of restarts is limited. */
static void stops_always(struct kunit *test)
{
	struct amd_model *model = stopping_model(test, 8, 8);
	struct nyx_unit *unit = &model->au->unit;

	KUNIT_EXPECT_EQ(test, unit->ops->invalidate->global(unit), -EAGAIN);
	KUNIT_EXPECT_EQ(test, model->illegal_count, 0);
	KUNIT_EXPECT_EQ(test, model->status & RUN, RUN);

	model->illegal_opcode = 3;
	model->illegal_count = 1;
	KUNIT_EXPECT_EQ(test, flush_whole(unit, NULL), 0);
	model->illegal_count = UINT_MAX;
	model->efr = 0;
	KUNIT_EXPECT_EQ(test, flush_whole(unit, NULL), -EIO);
	KUNIT_EXPECT_TRUE(test, unit->dead);
}

/* The command buffer does not run again. */
static void does_not_restart(struct kunit *test)
{
	struct amd_model *model = stopping_model(test, 3, 1);
	struct nyx_unit *unit = &model->au->unit;

	model->status &= ~RUN;
	model->frozen = RUN;
	model->nr_cmds = 0;
	KUNIT_EXPECT_EQ(test, flush_whole(unit, NULL), -EIO);
	KUNIT_EXPECT_TRUE(test, unit->dead);
	KUNIT_EXPECT_EQ(test, model->nr_cmds, 0);
}

/* A posted flush submits the same commands, or none. */
static void flush_posted(struct kunit *test)
{
	struct amd_model *model = amd_model_running(test);
	struct nyx_unit *unit = &model->au->unit;
	struct nyx_flush flush = {
		.domain_id = 0x1234,
		.start = 0x200000,
		.last = 0x3fffff,
	};
	const struct expect one = { PAGES(0x1234), 0x2ff003 };
	struct nyx_flush_ticket ticket;

	expect_posted(model, &flush, &one, 1);
	model->nr_cmds = 0;
	/* Without NpCache, a map needs no invalidation. */
	flush.map = true;
	KUNIT_EXPECT_FALSE(test, unit->ops->flush_post(unit, &flush, &ticket));
	flush.map = false;
	/* A dead unit gets no commands. */
	unit->dead = true;
	KUNIT_EXPECT_FALSE(test, unit->ops->flush_post(unit, &flush, &ticket));
	unit->dead = false;
	expect_cmds(model, NULL, 0);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(flush_pages),
	KUNIT_CASE(flush_of_map),
	KUNIT_CASE(flush_devices),
	KUNIT_CASE(flush_many_devices),
	KUNIT_CASE(flush_posted),
	KUNIT_CASE(change_of_entry),
	KUNIT_CASE(stops_once),
	KUNIT_CASE(stops_for_two),
	KUNIT_CASE(stops_always),
	KUNIT_CASE_SLOW(does_not_restart),
	{ }
};

static struct kunit_suite suite = {
	.name = "nyx_amd_flush",
	.test_cases = cases,
};

kunit_test_suite(suite);
