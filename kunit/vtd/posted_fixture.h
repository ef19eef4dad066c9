/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Virtual CPUs that get interrupts of a device, and what they find in their
 * posted-interrupt descriptors.
 */
#ifndef NYX_KUNIT_VTD_POSTED_FIXTURE_H
#define NYX_KUNIT_VTD_POSTED_FIXTURE_H

#include <linux/atomic.h>
#include <linux/bitfield.h>
#include <linux/bitmap.h>

#include "intr_fixture.h"

#define SID 0x0108

/* Bits of vtd_pid_model.control. */
#define PID_ON BIT_ULL(0)
#define PID_SN BIT_ULL(1)
#define PID_NV GENMASK_ULL(23, 16)
/* An APIC ID of 8 bits */
#define PID_NDST GENMASK_ULL(47, 40)

/* Virtual CPUs, whose descriptors lie at addresses that differ in both halves. */
static const struct nyx_intr_posting postings[INTR_PIDS] = {
	{ 0x0000004321000040, 0x31 },
	{ 0x00000023fedcbfc0, 0x92 },
};

/* The virtual CPU @nr runs on the CPU with APIC ID @cpu, or notifies no CPU. */
static inline void run_on(struct vtd_model *model, unsigned int nr, u8 cpu,
			  bool notify)
{
	u64 *control = &model->intr.pids[nr].control, new;
	u64 old = READ_ONCE(*control);

	do {
		new = (old & PID_ON) | (notify ? 0 : PID_SN) |
		      FIELD_PREP(PID_NV, 0xf2) | FIELD_PREP(PID_NDST, cpu);
	} while (!try_cmpxchg64(control, &old, new));
}

/*
 * Returns how often the virtual CPU @nr finds its vector recorded, which is at most
 * once, and clears it; -1 if it finds another vector.
 */
static inline int recorded(struct vtd_model *model, unsigned int nr)
{
	struct vtd_pid_model *pid = &model->intr.pids[nr];
	u64 old = READ_ONCE(pid->control);
	int found;

	while (!try_cmpxchg64(&pid->control, &old, old & ~PID_ON))
		;
	found = test_and_clear_bit(postings[nr].vector, pid->pir);
	return bitmap_empty(pid->pir, 256) ? found : -1;
}

/* A unit that posts interrupts. The virtual CPUs run on CPUs 10 and 11. */
static inline struct vtd_model *posting_model(struct kunit *test, u64 cap,
					      u64 ecap)
{
	struct vtd_model *model = remapping_model(test, cap | MODEL_CAP_PI, ecap);
	unsigned int i;

	for (i = 0; i < INTR_PIDS; i++) {
		model->intr.pids[i].address = postings[i].descriptor;
		run_on(model, i, 10 + i, true);
	}
	return model;
}

/* The request is recorded for virtual CPU @nr, exactly once, and notifies its CPU. */
static inline void expect_posted(struct vtd_model *model,
				 const struct nyx_intr *intr, unsigned int nr,
				 u8 cpu)
{
	struct vtd_delivery d = raise(model, SID, intr);
	unsigned int i;

	KUNIT_EXPECT_EQ(model->test, d.reason, 0);
	KUNIT_EXPECT_TRUE(model->test, d.posted);
	KUNIT_EXPECT_TRUE(model->test, d.notified);
	KUNIT_EXPECT_EQ(model->test, d.vector, 0xf2);
	KUNIT_EXPECT_EQ(model->test, d.dest, cpu);
	for (i = 0; i < INTR_PIDS; i++)
		KUNIT_EXPECT_EQ(model->test, recorded(model, i), i == nr);
}

/* The request goes to a CPU of the host, and to no virtual CPU. */
static inline void expect_remapped(struct vtd_model *model,
				   const struct nyx_intr *intr,
				   const struct nyx_intr_target *target)
{
	struct vtd_delivery d = raise(model, SID, intr);
	unsigned int i;

	expect_delivery(model->test, d, target->dest, target->vector);
	KUNIT_EXPECT_FALSE(model->test, d.posted);
	for (i = 0; i < INTR_PIDS; i++)
		KUNIT_EXPECT_EQ(model->test, recorded(model, i), 0);
}

/* The request is blocked. */
static inline void expect_blocked(struct vtd_model *model,
				  const struct nyx_intr *intr)
{
	unsigned int i;

	KUNIT_EXPECT_EQ(model->test, raise(model, SID, intr).reason, 0x22);
	for (i = 0; i < INTR_PIDS; i++)
		KUNIT_EXPECT_EQ(model->test, recorded(model, i), 0);
}

#endif /* NYX_KUNIT_VTD_POSTED_FIXTURE_H */
