// SPDX-License-Identifier: GPL-2.0-only
/*
 * What becomes of a device that does not forget what its TLB holds, on a model
 * of the unit. Numbers are those of the AMD IOMMU specification (48882).
 */
#include <asm/cpufeature.h>
#include <linux/io.h>
#include <linux/kthread.h>
#include <linux/rculist.h>
#include <nyx/invalidate.h>
#include <nyx/pt.h>

#include "../unit_core.h"
#include "amd/amd.h"
#include "model.h"
#include "pair.h"

#define ALIAS 0x0500
/* IR and IW; I */
#define PASSES (3ULL << 61)
#define ATS BIT_ULL(32)

static const struct nyx_entry blocked = { .kind = NYX_ENTRY_BLOCKED };

static const u64 *entry_of(struct amd_model *model, u16 rid)
{
	return model->au->devtab.segment[0][rid].q;
}

/* V, TV, one level of a table that leads nowhere; no domain. */
static void expect_blocked(struct amd_model *model, u16 rid)
{
	const u64 *q = entry_of(model, rid);

	KUNIT_EXPECT_EQ(model->test, q[0],
			0x203 | virt_to_phys(model->au->devtab.nowhere));
	KUNIT_EXPECT_EQ(model->test, q[1], 0);
}

/* V, TV, four levels, IR, IW. */
static void expect_table(struct amd_model *model, u16 rid,
			 const struct nyx_entry *entry, u64 ats)
{
	const u64 *q = entry_of(model, rid);

	KUNIT_EXPECT_EQ(model->test, q[0], PASSES | 0x803 |
			virt_to_phys(entry->pt->root));
	KUNIT_EXPECT_EQ(model->test, q[1], ats | entry->domain_id);
}

/* One that does not answer is blocked before the flush is over; nobody else. */
static void mute_device(struct kunit *test)
{
	struct amd_pair *pair = pair_new(test);
	struct amd_model *model = pair->model;

	expect_table(model, OWN, &pair->entry, ATS);
	model->mute = OWN;
	KUNIT_EXPECT_EQ(test, flush(pair), 0);
	expect_blocked(model, OWN);
	KUNIT_EXPECT_EQ(test, amd_model_find(model, OWN)->q[1], 0);
	KUNIT_EXPECT_TRUE(test, pair->own->ats_lost);
	KUNIT_EXPECT_TRUE(test, pair->own->ats_refused);
	KUNIT_EXPECT_TRUE(test, pair->own->isolated);
	expect_table(model, OTHER, &pair->entry, ATS);
	KUNIT_EXPECT_FALSE(test, pair->other->ats_lost);
	KUNIT_EXPECT_FALSE(test, pair->other->isolated);
	KUNIT_EXPECT_FALSE(test, model->au->unit.dead);

	/* From then on flushes leave it out. */
	KUNIT_EXPECT_EQ(test, flush(pair), 0);
	KUNIT_EXPECT_EQ(test, amd_model_find(model, OWN)->asked, 1);
	KUNIT_EXPECT_EQ(test, amd_model_find(model, OTHER)->asked, 2);
	/* It comes back, but never with ATS. */
	KUNIT_EXPECT_EQ(test, amd_model_set(pair->own, &pair->entry), 0);
	expect_table(model, OWN, &pair->entry, 0);
	KUNIT_EXPECT_FALSE(test, pair->own->isolated);
	KUNIT_EXPECT_FALSE(test, pair->own->ats_enabled);
	KUNIT_EXPECT_EQ(test, amd_model_find(model, OWN)->asked, 1);
	/* And is not blocked once more for what was. */
	KUNIT_EXPECT_EQ(test, nyx_ats_isolate(&model->au->unit, OWN), 0);
	expect_table(model, OWN, &pair->entry, 0);
}

/* Its aliases have I set as well, and what it cached carries any of them. */
static void aliases(struct kunit *test)
{
	struct amd_pair *pair = pair_new(test);

	amd_model_alias(pair->model, pair->own, ALIAS);
	KUNIT_EXPECT_EQ(test, amd_model_set(pair->own, &pair->entry), 0);
	expect_table(pair->model, ALIAS, &pair->entry, ATS);
	pair->model->mute = OWN;
	KUNIT_EXPECT_EQ(test, flush(pair), 0);
	expect_blocked(pair->model, OWN);
	expect_blocked(pair->model, ALIAS);
}

/* Nobody knows the device any more: its entry goes all the same. */
static void unknown_device(struct kunit *test)
{
	struct amd_pair *pair = pair_new(test);

	unit_core.nr_devices = 0;
	KUNIT_EXPECT_EQ(test, nyx_ats_isolate(&pair->model->au->unit, OWN), 0);
	expect_blocked(pair->model, OWN);
}

/* What happens on another CPU while a device is isolated. */
static struct amd_pair *meanwhile_pair;

static void flush_meanwhile(struct amd_model *model, bool done)
{
	struct amd_pair *pair = meanwhile_pair;

	if (done || !pair)
		return;
	meanwhile_pair = NULL;
	KUNIT_EXPECT_TRUE(model->test, pair->own->ats_lost);
	KUNIT_EXPECT_FALSE(model->test, pair->own->ats_refused);
	KUNIT_EXPECT_EQ(model->test, flush(pair), 0);
	/* The unit may let its translated requests pass: it has to be asked. */
	KUNIT_EXPECT_EQ(model->test, amd_model_find(model, OWN)->asked, 1);
	KUNIT_EXPECT_FALSE(model->test, pair->own->ats_refused);
}

static void flushed_meanwhile(struct kunit *test)
{
	struct amd_pair *pair = pair_new(test);

	meanwhile_pair = pair;
	pair->model->on_status = flush_meanwhile;
	KUNIT_EXPECT_EQ(test, nyx_ats_isolate(&pair->model->au->unit, OWN), 0);
	KUNIT_EXPECT_NULL(test, meanwhile_pair);
	KUNIT_EXPECT_TRUE(test, pair->own->ats_refused);
	KUNIT_EXPECT_EQ(test, flush(pair), 0);
	KUNIT_EXPECT_EQ(test, amd_model_find(pair->model, OWN)->asked, 1);
}

/*
 * Another CPU has blocked it, and waits until that is forgotten: who finds it
 * blocked may not believe that it is.
 */
static void blocked_meanwhile(struct kunit *test)
{
	struct amd_pair *pair = pair_new(test);
	u64 *q = pair->model->au->devtab.segment[0][OWN].q;

	KUNIT_EXPECT_EQ(test, amd_model_set(pair->other, &blocked), 0);
	KUNIT_EXPECT_TRUE(test, amd_model_reaches(pair->model, &pair->entry));
	pair->own->ats_lost = true;
	pair->own->isolated = true;
	q[0] = 0x203 | virt_to_phys(pair->model->au->devtab.nowhere);
	q[1] = 0;
	KUNIT_EXPECT_EQ(test, amd_model_set(pair->own, &blocked), 0);
	KUNIT_EXPECT_FALSE(test, amd_model_reaches(pair->model, &pair->entry));
	KUNIT_EXPECT_FALSE(test, pair->own->isolated);
}

/* A device is isolated while its entry is changed, at every point of that. */
static unsigned int moment, moments;

static void isolate_at_moment(struct amd_model *model, bool done)
{
	static bool within;

	if (within)
		return;
	within = true;
	/* From then on nothing lets its translated requests pass. */
	if (++moments > moment)
		KUNIT_EXPECT_EQ(model->test, entry_of(model, OWN)[1] & ATS, 0);
	if (moments == moment)
		KUNIT_EXPECT_EQ(model->test,
				nyx_ats_isolate(&model->au->unit, OWN), 0);
	within = false;
}

static void isolate_at_each_moment(struct kunit *test)
{
	struct nyx_entry to[3];
	struct amd_pair *pair;
	unsigned int i;
	const u64 *q;

	for (i = 0; i < ARRAY_SIZE(to); i++) {
		for (moment = 1; ; moment++) {
			pair = pair_new(test);
			to[0] = blocked;
			to[1] = amd_model_table(pair->model, 8);
			to[2] = unit_core_identity(1);
			moments = 0;
			pair->model->on_status = isolate_at_moment;
			KUNIT_EXPECT_EQ(test, amd_model_set(pair->own, &to[i]),
					0);
			pair->model->on_status = NULL;
			KUNIT_EXPECT_EQ(test, amd_model_set(pair->other,
							    &blocked), 0);
			KUNIT_EXPECT_FALSE(test, amd_model_reaches(pair->model,
								   &pair->entry));
			if (moments < moment)
				break;
			KUNIT_EXPECT_TRUE(test, pair->own->ats_refused);
			KUNIT_EXPECT_FALSE(test, pair->own->ats_enabled);
			q = entry_of(pair->model, OWN);
			KUNIT_EXPECT_EQ(test, q[1] & ATS, 0);
			/* Once stored anew, it is what was asked for. */
			if (i)
				KUNIT_EXPECT_EQ(test, !(q[0] & PASSES),
						pair->own->isolated);
			if (q[0] & PASSES)
				KUNIT_EXPECT_EQ(test, q[1], to[i].domain_id);
			else
				expect_blocked(pair->model, OWN);
			amd_model_free(pair->model);
		}
		KUNIT_EXPECT_GE(test, moment, 3);
		amd_model_free(pair->model);
	}
}

static void restore_cx16(void *unused)
{
	set_cpu_cap(&boot_cpu_data, X86_FEATURE_CX16);
}

static void without_cx16(struct kunit *test)
{
	KUNIT_ASSERT_TRUE(test, boot_cpu_has(X86_FEATURE_CX16));
	clear_bit(X86_FEATURE_CX16,
		  (unsigned long *)boot_cpu_data.x86_capability);
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, restore_cx16, NULL));
}

static void isolated_meanwhile(struct kunit *test)
{
	isolate_at_each_moment(test);
}

static void isolated_without_cx16(struct kunit *test)
{
	without_cx16(test);
	isolate_at_each_moment(test);
}

/* From another CPU: an entry is never a mixture. */
struct mixture {
	struct amd_pair *pair;
	struct nyx_entry to[2];
	unsigned int bad;
	u64 q[2];
};

static bool is_whole(struct mixture *mix)
{
	struct amd_model *model = mix->pair->model;
	const u64 *q = entry_of(model, OWN);
	unsigned int i;

	guard(raw_spinlock_irqsave)(&model->au->unit.store_lock);
	mix->q[0] = READ_ONCE(q[0]);
	mix->q[1] = READ_ONCE(q[1]);
	if (mix->q[0] == (0x203 | virt_to_phys(model->au->devtab.nowhere)))
		return !mix->q[1];
	for (i = 0; i < 2; i++)
		if (mix->q[0] == (PASSES | 0x803 |
				  virt_to_phys(mix->to[i].pt->root)))
			return (mix->q[1] & ~ATS) == mix->to[i].domain_id;
	return false;
}

static int isolate_all_the_time(void *arg)
{
	struct mixture *mix = arg;
	struct nyx_device *own = mix->pair->own;

	while (!kthread_should_stop()) {
		WRITE_ONCE(own->ats_lost, false);
		WRITE_ONCE(own->ats_refused, false);
		nyx_ats_isolate(&mix->pair->model->au->unit, OWN);
		mix->bad += !is_whole(mix);
		cond_resched();
	}
	return 0;
}

static void change_all_the_time(struct kunit *test)
{
	struct amd_pair *pair = pair_new(test);
	struct mixture *mix = kunit_kzalloc(test, sizeof(*mix), GFP_KERNEL);
	struct task_struct *task;
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, mix);
	mix->pair = pair;
	mix->to[0] = amd_model_table(pair->model, 0x1111);
	mix->to[1] = amd_model_table(pair->model, 0xeeee);
	KUNIT_ASSERT_EQ(test, amd_model_set(pair->own, &mix->to[0]), 0);
	task = kthread_run(isolate_all_the_time, mix, "nyx_isolate");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, task);
	for (i = 0; i < 4000; i++) {
		KUNIT_EXPECT_EQ(test, amd_model_set(pair->own, &mix->to[i % 2]),
				0);
		cond_resched();
	}
	kthread_stop(task);
	KUNIT_EXPECT_EQ(test, mix->bad, 0);
	KUNIT_EXPECT_FALSE(test, pair->model->au->unit.dead);
}

static void isolated_at_any_time(struct kunit *test)
{
	change_all_the_time(test);
}

static void any_time_without_cx16(struct kunit *test)
{
	without_cx16(test);
	change_all_the_time(test);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(mute_device),
	KUNIT_CASE(aliases),
	KUNIT_CASE(unknown_device),
	KUNIT_CASE(flushed_meanwhile),
	KUNIT_CASE(blocked_meanwhile),
	KUNIT_CASE(isolated_meanwhile),
	KUNIT_CASE(isolated_without_cx16),
	KUNIT_CASE(isolated_at_any_time),
	KUNIT_CASE(any_time_without_cx16),
	{ }
};

static struct kunit_suite suite = {
	.name = "nyx_amd_isolate",
	.test_cases = cases,
};

kunit_test_suite(suite);
