// SPDX-License-Identifier: GPL-2.0-only
/*
 * A unit that blocks all DMA for reboot or kexec. Numbers are those of the AMD
 * IOMMU specification (48882).
 */
#include <linux/io.h>
#include <nyx/invalidate.h>

#include "../unit_core.h"
#include "amd/ivrs.h"
#include "amd/takeover.h"
#include "intr_fixture.h"

#define OWN 0x0300
#define OTHER 0x0400
/* IommuEn, EventLogEn, EventIntEn, CmdBufEn, PPRLogEn, PPRIntEn, PPREn */
#define ENABLES 0xf00d
/* EventLogRun, CmdBufRun, PPRLogRun */
#define RUNS 0x98

/*
 * What firmware requests for the I/O APIC (IVHD, DTE setting): INITPass, NMIPass,
 * SysMgt 01b, LINT0Pass; and the bits of the DTE: 41:40 of q1, 56, 58 and 62 of q2.
 */
#define IOAPIC_SETTING	(1 | 4 | 1 << 4 | 1 << 6)
#define IOAPIC_Q1	BIT_ULL(40)
#define IOAPIC_Q2	(BIT_ULL(56) | BIT_ULL(58) | BIT_ULL(62))

static struct nyx_entry table;

/* A device with a table and one with identity; interrupts are remapped. */
static struct amd_model *model_new(struct kunit *test, u64 efr)
{
	const struct nyx_entry identity = unit_core_identity(1);
	struct amd_model *model = stopped_model(test, efr);

	((struct amd_ivrs_special *)model->au->ivrs->special)->dte =
		IOAPIC_SETTING;
	amd_model_start(model);
	KUNIT_ASSERT_TRUE(test, model->au->unit.intr.on);
	table = amd_model_table(model, 7);
	KUNIT_EXPECT_EQ(test, amd_model_set(blocked_device(model, OWN), &table),
			0);
	KUNIT_EXPECT_EQ(test, amd_model_set(amd_model_add(model, OTHER),
					    &identity), 0);
	KUNIT_EXPECT_TRUE(test, amd_model_reaches(model, &table));
	KUNIT_EXPECT_EQ(test, raise_unmapped(model, OWN), AMD_FATE_ABORTED);
	model->au->queue.timeout_ns = 1000000;
	return model;
}

static bool block(struct amd_model *model)
{
	const struct nyx_unit_ops *ops = model->au->unit.ops;
	bool blocked = ops->block(&model->au->unit, true);

	return ops->block_end(&model->au->unit) && blocked;
}

/*
 * V, TV, one level, no permission; IV is 0. The I/O APIC may send the messages that
 * it could send before.
 */
static void expect_table(struct amd_model *model)
{
	u64 nowhere = virt_to_phys(model->au->devtab.nowhere);
	const u64 *entry;
	u32 rid;

	for (rid = 0; rid < 65536; rid++) {
		entry = amd_model_entry(model, rid);
		if (!entry)
			continue;
		KUNIT_ASSERT_EQ(model->test, entry[0], 0x203 | nowhere);
		KUNIT_ASSERT_EQ(model->test, entry[1],
				rid == IOAPIC ? IOAPIC_Q1 : 0);
		KUNIT_ASSERT_EQ(model->test, entry[2],
				rid == IOAPIC ? IOAPIC_Q2 : 0);
	}
}

/*
 * The unit uses nothing but its device table, whose entries block DMA and pass
 * interrupts.
 */
static void expect_blocked(struct amd_model *model)
{
	struct kunit *test = model->test;
	unsigned int i;

	expect_table(model);
	for (i = 0; i < 2; i++)
		KUNIT_EXPECT_EQ(test, model->devices[i].q[0] & 3ULL << 61, 0);
	KUNIT_EXPECT_FALSE(test, amd_model_reaches(model, &table));
	KUNIT_EXPECT_EQ(test, model->control & ENABLES, 1);
	KUNIT_EXPECT_EQ(test, model->status & RUNS, 0);
	KUNIT_EXPECT_EQ(test, model->devtab[0] & 0xffffffffff000ULL,
			virt_to_phys(model->au->devtab.segment[0]));
	KUNIT_EXPECT_EQ(test, raise_unmapped(model, OWN), AMD_FATE_UNMAPPED);
	KUNIT_EXPECT_EQ(test, raise_unmapped(model, OTHER), AMD_FATE_UNMAPPED);
}

static void blocks_all(struct kunit *test)
{
	const struct amd_host next = { .takeover = true };
	struct amd_model *model;
	unsigned int ppr;

	for (ppr = 0; ppr < 2; ppr++) {
		model = model_new(test, EFR | (ppr ? PPR_SUP : 0));
		KUNIT_EXPECT_TRUE(test, block(model));
		KUNIT_EXPECT_FALSE(test, model->au->unit.dead);
		expect_blocked(model);
		/* The next kernel may take it over, whatever it overwrote. */
		*(u64 *)model->au->devtab.nowhere = 0x1001;	/* PR */
		KUNIT_EXPECT_EQ(test, amd_takeover_check(model->au, &next), 0);
		amd_model_free(model);
	}
}

/* The I/O APIC has the DeviceID of a device that does DMA. */
static void shared_with_ioapic(struct kunit *test)
{
	const struct nyx_entry identity = unit_core_identity(1);
	struct amd_model *model = model_new(test, EFR);

	KUNIT_EXPECT_EQ(test, amd_model_set(amd_model_add(model, IOAPIC),
					    &identity), 0);
	KUNIT_EXPECT_EQ(test, amd_model_entry(model, IOAPIC)[1] & 3ULL << 40,
			IOAPIC_Q1);
	KUNIT_EXPECT_TRUE(test, block(model));
	expect_blocked(model);
}

/*
 * In a capture kernel unmapped interrupts that are blocked stay blocked: devices
 * may raise those of the crashed kernel. The others pass as before.
 */
static void interrupts_stay_blocked(struct kunit *test)
{
	struct amd_model *model = model_new(test, EFR);
	struct nyx_unit *unit = &model->au->unit;

	KUNIT_EXPECT_TRUE(test, unit->ops->block(unit, false));
	KUNIT_EXPECT_TRUE(test, unit->ops->block_end(unit));
	KUNIT_EXPECT_FALSE(test, amd_model_reaches(model, &table));
	KUNIT_EXPECT_EQ(test, model->devices[1].q[0] & 3ULL << 61, 0);
	KUNIT_EXPECT_EQ(test, model->control & ENABLES, 1);
	KUNIT_EXPECT_EQ(test, raise_unmapped(model, OWN), AMD_FATE_ABORTED);
	KUNIT_EXPECT_EQ(test, raise_unmapped(model, OTHER), AMD_FATE_UNMAPPED);
	KUNIT_EXPECT_EQ(test, raise_unmapped(model, IOAPIC), AMD_FATE_UNMAPPED);
}

/* The I/O APIC keeps working below a unit that is out of service, too. */
static void contained_with_ioapic(struct kunit *test)
{
	struct amd_model *model = model_new(test, EFR);

	KUNIT_EXPECT_TRUE(test, model->au->unit.ops->contain(&model->au->unit));
	KUNIT_EXPECT_FALSE(test, amd_model_reaches(model, &table));
	KUNIT_EXPECT_EQ(test, amd_model_entry(model, IOAPIC)[1], IOAPIC_Q1);
	KUNIT_EXPECT_EQ(test, amd_model_entry(model, IOAPIC)[2], IOAPIC_Q2);
}

/* The command buffer of a dead unit is restarted. */
static void unit_stalls(struct kunit *test)
{
	struct amd_model *model;
	int dead;

	for (dead = 0; dead < 2; dead++) {
		model = model_new(test, EFR);
		model->stalled = true;
		model->stall_stops = 1;
		if (dead)
			nyx_invalidate_global(&model->au->unit);
		KUNIT_EXPECT_EQ(test, model->au->unit.dead, dead);
		KUNIT_EXPECT_TRUE(test, block(model));
		KUNIT_EXPECT_TRUE(test, model->au->unit.dead);
		expect_blocked(model);
		amd_model_free(model);
	}
}

/* A unit that executes no command delays a reboot only for a short time. */
static void stays_stalled(struct kunit *test)
{
	struct amd_model *model = model_new(test, EFR);

	model->stalled = true;
	model->stays_stalled = true;
	KUNIT_EXPECT_FALSE(test, block(model));
	expect_table(model);
}

static void unit_gone(struct kunit *test)
{
	struct amd_model *model = model_new(test, EFR);
	u64 control = model->control;

	model->gone = true;
	KUNIT_EXPECT_FALSE(test, block(model));
	model->gone = false;
	/* It has the location of the device table. */
	model->control = control;
	expect_table(model);
}

static struct kunit_case nyx_amd_block_cases[] = {
	KUNIT_CASE(blocks_all),
	KUNIT_CASE(shared_with_ioapic),
	KUNIT_CASE(interrupts_stay_blocked),
	KUNIT_CASE(contained_with_ioapic),
	KUNIT_CASE(unit_stalls),
	KUNIT_CASE_SLOW(stays_stalled),
	KUNIT_CASE(unit_gone),
	{}
};

static struct kunit_suite nyx_amd_block_suite = {
	.name = "nyx_amd_block",
	.test_cases = nyx_amd_block_cases,
};

kunit_test_suite(nyx_amd_block_suite);
