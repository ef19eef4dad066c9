// SPDX-License-Identifier: GPL-2.0-only
/*
 * Starting, enabling and disabling units, and changes of entries. Numbers are
 * those of the AMD IOMMU specification (48882).
 */
#include <linux/cleanup.h>
#include <linux/io.h>
#include <nyx/invalidate.h>
#include <nyx/pt.h>

#include "../cx16.h"
#include "../seq_text.h"
#include "../unit_core.h"
#include "amd/amd.h"
#include "amd/ivrs.h"
#include "amd/unit_ops.h"
#include "model.h"

/* The exclusion range is cleared: its DMA would pass untranslated. */
static void exclusion(struct kunit *test)
{
	struct amd_model *model = amd_model_new(test, IA_SUP, 0xffff);

	model->exclusion[0] = 0x12345003;
	model->exclusion[1] = 0x12347000;
	amd_model_start(model);
	KUNIT_EXPECT_EQ(test, model->exclusion[0], 0);
	KUNIT_EXPECT_EQ(test, model->exclusion[1], 0);
}

/* Bits that another system left in the Control Register (MMIO offset 0018h). */
static void stale_control(struct kunit *test)
{
	struct amd_model *model = amd_model_new(test, IA_SUP, 0xffff);
	/*
	 * CRW, SmiFEn, SlfWBDis, SmiFLogEn, PrivAbrtEn, HADUpdate belong to the
	 * platform.
	 */
	const u64 kept = 0x7fULL << 18 | 3ULL << 37 | 3ULL << 46;
	/*
	 * From GAMEn to DualEventLogEn; PPRAutoRspEn to EPHEn; GDUpdateDis; XTEn to
	 * TMPMEn; GCR3TRPMode to SNPAVICEn.
	 */
	const u64 cleared = 0x1ffULL << 25 | 0x7fULL << 39 | 1ULL << 48 |
			    0x7fULL << 50 | 0x3fULL << 58;

	model->control = kept | cleared;
	amd_model_start(model);
	/* EventLogEn, EventIntEn, CmdBufEn, IommuEn */
	KUNIT_EXPECT_EQ(test, model->control, kept | 0x100d);
}

/*
 * Without a fault interrupt the unit stays off, and keeps nothing. Starting it can
 * be repeated.
 */
static void start_fails_without_interrupt(struct kunit *test)
{
	struct amd_model *model = amd_model_new(test, IA_SUP | PPR_SUP, 0xffff);
	struct amd_unit *au = model->au;

	unit_core.irq_fails = true;
	KUNIT_EXPECT_EQ(test, au->unit.ops->start(&au->unit), -ENOSPC);
	KUNIT_EXPECT_EQ(test, model->control, 0);
	KUNIT_EXPECT_EQ(test, model->devtab[0], 0);
	KUNIT_EXPECT_NULL(test, au->devtab.segment[0]);
	KUNIT_EXPECT_NULL(test, au->queue.ring);
	KUNIT_EXPECT_NULL(test, au->event.ring);
	KUNIT_EXPECT_NULL(test, au->ppr.ring);
	KUNIT_EXPECT_FALSE(test, au->unit.stuck);
	unit_core.irq_fails = false;
	amd_model_start(model);
}

/* The unit's caches are invalidated before it is disabled (kexec). */
static void disable_invalidates(struct kunit *test)
{
	struct amd_model *model = amd_model_running(test);
	struct nyx_unit *unit = &model->au->unit;

	model->globals = 0;
	unit->ops->disable(unit);
	KUNIT_EXPECT_EQ(test, model->globals, 1);
	KUNIT_EXPECT_EQ(test, model->control & 1, 0);
	/* A second time, it executes no commands. */
	unit->ops->disable(unit);
	KUNIT_EXPECT_EQ(test, model->globals, 1);
	KUNIT_EXPECT_FALSE(test, unit->dead);
}

/* I/O APICs keep the DTE settings of firmware; SysMgt is bits 105:104. */
static void special_device(struct kunit *test)
{
	static const struct nyx_entry blocked = { .kind = NYX_ENTRY_BLOCKED };
	struct amd_model *model = amd_model_new(test, IA_SUP, 0xffff);
	struct nyx_device *ndev = amd_model_add(model, 0x00a0);
	struct nyx_entry entry = amd_model_table(model, 7);

	amd_model_ioapic(model, 0x00a0);
	((struct amd_ivrs *)model->au->ivrs)->special->dte = 0x20;
	((struct amd_ivrs *)model->au->ivrs)->range->dte = 0x10;
	amd_model_start(model);
	KUNIT_EXPECT_EQ(test, amd_model_entry(model, 0x00a0)[1],
			0x0000020000000000);
	KUNIT_EXPECT_EQ(test, amd_model_entry(model, 0x00a1)[1], 0);
	/* Even if a device has the same DeviceID. */
	KUNIT_EXPECT_EQ(test, amd_model_set(ndev, &entry), 0);
	KUNIT_EXPECT_EQ(test, amd_model_entry(model, 0x00a0)[1],
			BIT_ULL(32) | 0x0000030000000007);
	KUNIT_EXPECT_EQ(test, amd_model_set(ndev, &blocked), 0);
	KUNIT_EXPECT_EQ(test, amd_model_entry(model, 0x00a0)[1],
			0x0000020000000000);
}

/* All that the unit may use stays in memory, at the same addresses. */
static void expect_kept(struct kunit *test, struct amd_model *model, u64 base)
{
	struct amd_unit *au = model->au;

	KUNIT_EXPECT_TRUE(test, au->unit.stuck);
	KUNIT_EXPECT_NE(test, base, 0);
	KUNIT_EXPECT_EQ(test, model->devtab[0], base);
	au->unit.ops->stop(&au->unit);
	KUNIT_EXPECT_NOT_NULL(test, au->devtab.segment[0]);
	KUNIT_EXPECT_NOT_NULL(test, au->queue.ring);
	KUNIT_EXPECT_NOT_NULL(test, au->event.ring);
}

/* A unit that stays enabled keeps its memory. */
static void stays_enabled(struct kunit *test)
{
	struct amd_model *model = amd_model_running(test);
	struct nyx_unit *unit = &model->au->unit;
	const u64 base = model->devtab[0];

	/* EventLogRun, CmdBufRun */
	model->frozen = 0x18;
	unit->ops->disable(unit);
	KUNIT_EXPECT_TRUE(test, unit->dead);
	/* The entries of its devices are as before. */
	KUNIT_EXPECT_FALSE(test, unit->contained);
	expect_kept(test, model, base);
}

/* Its PPR log stays enabled. */
static void ppr_log_stays_enabled(struct kunit *test)
{
	struct amd_model *model = amd_model_new(test, IA_SUP | PPR_SUP, 0xffff);

	amd_model_start(model);
	/* PPRLogRun */
	model->frozen = 0x80;
	model->au->unit.ops->disable(&model->au->unit);
	KUNIT_EXPECT_TRUE(test, model->au->unit.dead);
	expect_kept(test, model, model->devtab[0]);
	KUNIT_EXPECT_NOT_NULL(test, model->au->ppr.ring);
}

/*
 * A unit does not confirm that it runs, and may start late. It then uses the
 * table with the identity entries of its devices.
 */
static void starts_late(struct kunit *test)
{
	/* CmdBufRun, EventLogRun */
	static const u32 late[] = { 0x10, 0x08 };
	struct nyx_entry entry = unit_core_identity(1);
	struct amd_model *model;
	struct nyx_device *ndev;
	struct nyx_unit *unit;
	unsigned int i;
	u64 base;

	for (i = 0; i < ARRAY_SIZE(late); i++) {
		model = amd_model_new(test, IA_SUP, 0xffff);
		unit = &model->au->unit;
		ndev = amd_model_add(model, 0x0300);
		KUNIT_ASSERT_EQ(test, unit->ops->start(unit), 0);
		unit->started = true;
		KUNIT_EXPECT_EQ(test, amd_model_set(ndev, &entry), 0);
		model->frozen = late[i];
		KUNIT_EXPECT_EQ(test, unit->ops->enable(unit), -ETIMEDOUT);
		/* It was told to stop, and its status is that it does not run. */
		KUNIT_EXPECT_EQ(test, model->control & 0x1005, 0);
		KUNIT_EXPECT_EQ(test, model->status & 0x18, 0);
		KUNIT_EXPECT_FALSE(test, unit->dead);
		base = model->devtab[0];
		KUNIT_EXPECT_EQ(test, amd_model_entry(model, 0x0300)[0],
				3ULL << 61 | 3);
		expect_kept(test, model, base);
		amd_model_free(model);
	}
}

/* A unit that ignored the command to run cannot start late. */
static void control_is_locked(struct kunit *test)
{
	struct amd_model *model = amd_model_new(test, IA_SUP, 0xffff);
	struct nyx_unit *unit = &model->au->unit;

	KUNIT_ASSERT_EQ(test, unit->ops->start(unit), 0);
	model->locked = true;
	KUNIT_EXPECT_EQ(test, unit->ops->enable(unit), -ETIMEDOUT);
	KUNIT_EXPECT_FALSE(test, unit->stuck);
	unit->ops->stop(unit);
	KUNIT_EXPECT_NULL(test, model->au->devtab.segment[0]);
}

/* A log does not start again after an overflow, and could do so late. */
static void log_starts_late(struct kunit *test)
{
	/* EventLogRun, PPRLogRun */
	static const u32 late[] = { 0x08, 0x80 };
	struct amd_model *model;
	struct amd_unit *au;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(late); i++) {
		model = amd_model_new(test, IA_SUP | PPR_SUP, 0xffff);
		amd_model_start(model);
		au = model->au;
		model->status &= ~late[i];
		model->frozen = late[i];
		scoped_guard(raw_spinlock_irqsave, &au->log_lock)
			KUNIT_EXPECT_EQ(test, amd_log_restart(au, i ? &au->ppr :
							      &au->event),
					-ETIMEDOUT);
		/* All else works. */
		KUNIT_EXPECT_EQ(test, nyx_invalidate_global(&au->unit), 0);
		au->unit.ops->disable(&au->unit);
		KUNIT_EXPECT_FALSE(test, au->unit.dead);
		expect_kept(test, model, model->devtab[0]);
		KUNIT_EXPECT_NOT_NULL(test, au->ppr.ring);
		amd_model_free(model);
	}
}

/* The command buffer stops, and does not start again. */
static void command_buffer_starts_late(struct kunit *test)
{
	struct amd_model *model = amd_model_running(test);
	struct nyx_unit *unit = &model->au->unit;
	const u64 base = model->devtab[0];

	model->status &= ~0x10;
	model->frozen = 0x10;
	KUNIT_EXPECT_EQ(test, nyx_invalidate_global(unit), -EIO);
	KUNIT_EXPECT_TRUE(test, unit->dead);
	unit->ops->disable(unit);
	expect_kept(test, model, base);
}

/*
 * The unit finds entries in the table that its registers describe. It has as
 * few segments as memory allows.
 */
static void segments(struct kunit *test)
{
	static const u16 rids[] = {
		0x0000, 0x1fff, 0x2000, 0x7fff, 0x8000, 0xffff,
	};
	struct amd_model *model;
	struct nyx_device *ndev;
	struct nyx_entry entry;
	unsigned int seg, i;

	for (seg = 0; seg < 4; seg++) {
		for (i = 0; i < ARRAY_SIZE(rids); i++) {
			model = amd_model_new(test, IA_SUP | DEV_TBL_SEG_SUP(3),
					      0xffff);
			amd_model_scatter(model, BIT(seg) / 2);
			amd_model_start(model);
			ndev = amd_model_add(model, rids[i]);
			entry = amd_model_table(model, 7);
			KUNIT_EXPECT_EQ(test, model->control >> 34 & 7, seg);
			KUNIT_EXPECT_EQ(test, amd_model_set(ndev, &entry), 0);
			KUNIT_EXPECT_EQ(test, amd_model_entry(model, rids[i])[0],
					virt_to_phys(entry.pt->root) |
					0x6000000000000803);
			KUNIT_EXPECT_TRUE(test, amd_model_reaches(model,
								  &entry));
			amd_model_free(model);
			KUNIT_EXPECT_EQ(test, model->control >> 34 & 7, 0);
			/* No register points to freed memory. */
			KUNIT_EXPECT_PTR_EQ(test, memchr_inv(model->devtab, 0,
							     sizeof(model->devtab)),
					    NULL);
		}
	}
}

/* No number of segments that the unit supports fits into memory. */
static void no_memory_for_segments(struct kunit *test)
{
	struct amd_model *model = amd_model_new(test, IA_SUP |
						DEV_TBL_SEG_SUP(1), 0xffff);
	struct nyx_unit *unit = &model->au->unit;

	amd_model_scatter(model, 2);
	KUNIT_EXPECT_EQ(test, unit->ops->start(unit), -ENOMEM);
}

/*
 * A unit that serves few devices has a small table, and refuses other
 * DeviceIDs. Aliases on the last bus are in the table, even if firmware does
 * not name them.
 */
static void small_table(struct kunit *test)
{
	struct amd_model *model = amd_model_new(test, IA_SUP |
						DEV_TBL_SEG_SUP(1), 0x007f);
	struct nyx_device *ndev;
	struct nyx_entry entry;

	amd_model_start(model);
	KUNIT_ASSERT_NOT_NULL(test, amd_model_entry(model, 0x00ff));
	KUNIT_EXPECT_NULL(test, amd_model_entry(model, 0x0100));
	entry = amd_model_table(model, 7);
	ndev = amd_model_add(model, 0x0010);
	amd_model_alias(model, ndev, 0x00f9);
	KUNIT_EXPECT_EQ(test, amd_model_set(ndev, &entry), 0);
	KUNIT_EXPECT_EQ(test, amd_model_entry(model, 0x00f9)[0],
			amd_model_entry(model, 0x0010)[0]);
	ndev = amd_model_add(model, 0x0100);
	KUNIT_EXPECT_EQ(test, amd_model_set(ndev, &entry), -EINVAL);
	KUNIT_EXPECT_FALSE(test, model->au->unit.dead);
}

/*
 * Without IASup, each ID is invalidated, and INVALIDATE_IOMMU_ALL is not used.
 */
static void without_ia(struct kunit *test)
{
	struct amd_model *model = amd_model_new(test, 0, 0xffff);

	amd_model_start(model);
	KUNIT_EXPECT_TRUE(test, bitmap_full(model->entries, 65536));
	KUNIT_EXPECT_TRUE(test, bitmap_full(model->domains, 65536));
	KUNIT_EXPECT_EQ(test, model->status & 0x18, 0x18);
	KUNIT_EXPECT_FALSE(test, model->au->unit.dead);
}

/* A sleep costs the unit its registers, and leaves its tables in memory. */
static void sleeps(struct kunit *test)
{
	struct amd_model *model = amd_model_running(test);
	struct nyx_unit *unit = &model->au->unit;
	const u64 table = model->devtab[0], log = model->log_base;
	unsigned long flags;

	local_irq_save(flags);
	unit->ops->disable(unit);
	model->control = 0;
	model->cmd_base = 0;
	model->cmd_head = 0;
	model->cmd_tail = 0;
	model->log_base = 0;
	/* Firmware left the command buffer and the event log enabled. */
	amd_model_write(model, 0x18, 0x1004);
	KUNIT_EXPECT_EQ(test, unit->ops->wake(unit), 0);
	KUNIT_EXPECT_EQ(test, model->control, 0);
	KUNIT_EXPECT_EQ(test, unit->ops->enable(unit), 0);
	local_irq_restore(flags);
	KUNIT_EXPECT_EQ(test, model->status & 0x18, 0x18);
	KUNIT_EXPECT_EQ(test, model->devtab[0], table);
	KUNIT_EXPECT_EQ(test, model->log_base, log);
	KUNIT_EXPECT_EQ(test, nyx_invalidate_global(unit), 0);
	KUNIT_EXPECT_FALSE(test, unit->stuck);

	/* Registers that cannot be read. */
	unit->ops->disable(unit);
	model->gone = true;
	KUNIT_EXPECT_EQ(test, unit->ops->wake(unit), -ENODEV);
}

/* Units have tables, command buffers and logs of their own. */
static void two_units(struct kunit *test)
{
	struct amd_model *a = amd_model_new(test, IA_SUP, 0xffff);
	struct amd_model *b = amd_model_new(test, IA_SUP | PPR_SUP |
					    DEV_TBL_SEG_SUP(2), 0xffff);
	struct nyx_entry entry = amd_model_table(a, 7);
	struct nyx_device *on_a, *on_b;

	amd_model_start(a);
	amd_model_start(b);
	KUNIT_EXPECT_NE(test, a->devtab[0], b->devtab[0]);
	KUNIT_EXPECT_NE(test, a->cmd_base, b->cmd_base);
	KUNIT_EXPECT_NE(test, a->log_base, b->log_base);
	/* PPRLogRun */
	KUNIT_EXPECT_EQ(test, a->status & 0x98, 0x18);
	KUNIT_EXPECT_EQ(test, b->status & 0x98, 0x98);
	/* The same DeviceID, in different PCI segments. */
	on_a = amd_model_add(a, 0x0300);
	on_b = amd_model_add(b, 0x0300);
	KUNIT_EXPECT_EQ(test, amd_model_set(on_b, &entry), 0);
	KUNIT_EXPECT_TRUE(test, amd_model_reaches(b, &entry));
	KUNIT_EXPECT_EQ(test, amd_model_entry(a, 0x0300)[0] & 3ULL << 61, 0);
	KUNIT_EXPECT_EQ(test, amd_model_set(on_a, &entry), 0);
	KUNIT_EXPECT_TRUE(test, amd_model_reaches(a, &entry));
	/* If one unit fails, the other one works. */
	a->stalled = true;
	a->stall_stops = 1;
	a->au->queue.timeout_ns = 1000000;
	entry = unit_core_identity(1);
	KUNIT_EXPECT_EQ(test, amd_model_set(on_a, &entry), -EIO);
	KUNIT_EXPECT_TRUE(test, a->au->unit.dead);
	KUNIT_EXPECT_FALSE(test, b->au->unit.dead);
	KUNIT_EXPECT_EQ(test, amd_model_set(on_b, &entry), 0);
	KUNIT_EXPECT_EQ(test, b->globals, 0);
}

/*
 * The halves of an entry are stored one by one, and the unit reads the entry in
 * between. The translations that it caches then are invalidated, too.
 */
static void split_stores(struct kunit *test)
{
	struct amd_model *model = amd_model_running(test);
	struct nyx_device *ndev = amd_model_add(model, 0x0300);
	struct nyx_entry to[2] = {
		amd_model_table(model, 7), amd_model_table(model, 8),
	};
	unsigned int i, j;

	without_cx16(test);
	model->split_stores = true;
	for (i = 0; i < 4; i++) {
		KUNIT_EXPECT_EQ(test, amd_model_set(ndev, &to[i % 2]), 0);
		for (j = 0; j < 2; j++)
			KUNIT_EXPECT_FALSE(test, amd_model_mixes(model, &to[j]));
	}
}

static void interrupts_on_and_off(struct kunit *test)
{
	struct amd_model *model = amd_model_new(test, IA_SUP | GA_SUP |
						XT_SUP, 0xffff);
	struct nyx_unit *unit = &model->au->unit;
	int i;

	amd_model_ioapic(model, 0x00a0);
	KUNIT_EXPECT_NOT_NULL(test, unit->intr.ops);
	KUNIT_EXPECT_EQ(test, unit->intr.bus_token, DOMAIN_BUS_AMDVI);
	KUNIT_EXPECT_FALSE(test, unit->intr.on);
	amd_model_start(model);
	for (i = 0; i < 3; i++) {
		KUNIT_EXPECT_TRUE(test, unit->intr.on);
		/* An index is a vector and one of two message types. */
		KUNIT_EXPECT_EQ(test, unit->intr.entries, 512);
		/* GAEn, but neither XTEn nor NumIntRemapMode. */
		KUNIT_EXPECT_EQ(test, model->control & (BIT_ULL(17) |
				BIT_ULL(50) | 3ULL << 43), BIT_ULL(17));
		unit->ops->disable(unit);
		KUNIT_EXPECT_FALSE(test, unit->intr.on);
		KUNIT_EXPECT_EQ(test, amd_intr_request(model, 0x0100,
						       0xfee07000, 0x41).fate,
				AMD_FATE_UNMAPPED);
		KUNIT_EXPECT_EQ(test, unit->ops->enable(unit), 0);
	}
	KUNIT_EXPECT_FALSE(test, unit->dead);
}

/* Without interrupt remapping all else works, and the reason is recorded. */
static void interrupts_stay_off(struct kunit *test)
{
	struct amd_model *model = amd_model_new(test, IA_SUP | GA_SUP |
						XT_SUP, 0xffff);
	struct nyx_unit *unit = &model->au->unit;

	amd_model_start(model);
	KUNIT_EXPECT_FALSE(test, unit->intr.on);
	KUNIT_EXPECT_STREQ(test, unit->intr.why_off,
			   "the IVRS table names no I/O APIC");
	amd_model_free(model);

	model = amd_model_new(test, IA_SUP | GA_SUP, 0xffff);
	amd_model_ioapic(model, 0x00a0);
	unit = &model->au->unit;
	unit_core.extended = true;
	amd_model_start(model);
	KUNIT_EXPECT_FALSE(test, unit->intr.on);
	KUNIT_ASSERT_NOT_NULL(test, unit->intr.why_off);
	KUNIT_EXPECT_NOT_NULL(test, strstr(unit->intr.why_off, "XTSup"));
	KUNIT_EXPECT_EQ(test, model->control & (BIT_ULL(17) | BIT_ULL(50)), 0);
}

static void expect_shown(struct nyx_device *ndev, struct kunit *test,
			 const char *text)
{
	struct seq_file *m = nyx_seq_text(test);

	ndev->unit->ops->show_entry(ndev->unit, ndev->rid, m);
	KUNIT_EXPECT_STREQ(test, m->buf, text);
}

/* An entry as the unit reads it, and its fields (2.2.2.1). */
static void shows_entry(struct kunit *test)
{
	struct amd_model *model = amd_model_new(test, IA_SUP |
						DEV_TBL_SEG_SUP(1), 0x8000);
	struct nyx_device *beyond = amd_model_add(model, 0x8100);
	struct nyx_device *ndev = amd_model_add(model, 0x8001);
	struct nyx_entry entry = amd_model_table(model, 0x1234);
	char *text = kunit_kzalloc(test, 512, GFP_KERNEL);
	u64 *dte;

	KUNIT_ASSERT_NOT_NULL(test, text);
	/* A single table would be large enough for the DeviceID beyond. */
	amd_model_scatter(model, 1);
	amd_model_start(model);
	expect_shown(beyond, test, "- -");
	KUNIT_ASSERT_EQ(test, amd_model_set(ndev, &entry), 0);
	dte = (u64 *)amd_model_entry(model, 0x8001);
	/*
	 * IV; IntTabLen 9; IG; a table at 2a5a5c0h; EIntPass; IntCtl 2; Lint1
	 */
	dte[2] = 0xa200000002a5a5f3;
	snprintf(text, 512,
		 "0x%016llx+0x%016llx+0x%016llx+0x%016llx V=0x1,TV=0x1,Mode=0x4,Root=0x%llx,PPR=0x0,GIOV=0x0,GV=0x0,GLX=0x0,GCR3[14:12]=0x0,IR=0x1,IW=0x1,DomainID=0x1234,GCR3[30:15]=0x0,I=0x1,SE=0x0,SA=0x0,SysMgt=0x0,GCR3[51:31]=0x0,IV=0x1,IntTabLen=0x9,IG=0x1,IntTabRoot=0xa9697,INITPass=0x0,EIntPass=0x1,NMIPass=0x0,IntCtl=0x2,Lint0Pass=0x0,Lint1Pass=0x1",
		 dte[0], dte[1], dte[2], dte[3],
		 (u64)virt_to_phys(entry.pt->root) >> 12);
	expect_shown(ndev, test, text);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(exclusion),
	KUNIT_CASE(stale_control),
	KUNIT_CASE(start_fails_without_interrupt),
	KUNIT_CASE(disable_invalidates),
	KUNIT_CASE(special_device),
	KUNIT_CASE_SLOW(stays_enabled),
	KUNIT_CASE_SLOW(ppr_log_stays_enabled),
	KUNIT_CASE_SLOW(starts_late),
	KUNIT_CASE_SLOW(control_is_locked),
	KUNIT_CASE_SLOW(log_starts_late),
	KUNIT_CASE_SLOW(command_buffer_starts_late),
	KUNIT_CASE(segments),
	KUNIT_CASE(no_memory_for_segments),
	KUNIT_CASE(small_table),
	KUNIT_CASE(without_ia),
	KUNIT_CASE(sleeps),
	KUNIT_CASE(two_units),
	KUNIT_CASE(split_stores),
	KUNIT_CASE(interrupts_on_and_off),
	KUNIT_CASE(interrupts_stay_off),
	KUNIT_CASE(shows_entry),
	{ }
};

static struct kunit_suite suite = {
	.name = "nyx_amd_unit",
	.test_cases = cases,
};

kunit_test_suite(suite);
