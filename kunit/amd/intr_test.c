// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupts of devices: allocated, changed and freed, and raised by the
 * devices.
 */
#include <linux/err.h>
#include <linux/io.h>
#include <nyx/intr.h>

#include "../cx16.h"
#include "../log_text.h"
#include "../unit_core.h"
#include "amd/intr.h"
#include "amd/ivrs.h"
#include "intr_fixture.h"
#include "lib/store128.h"

/* DeviceID of a southbridge's I/O APIC, whatever the IVRS table names. */
#define SOUTHBRIDGE 0x00a0

/* Unmapped, blocked, remapped, blocked by a table entry, unmapped again. */
static void device_states(struct kunit *test)
{
	const struct nyx_intr_target target = { 3, 0x51, false };
	struct amd_model *model = remapping_model(test, EFR);
	struct nyx_device *ndev = amd_model_add(model, 0x0108);
	struct nyx_intr_run *run;

	KUNIT_EXPECT_PTR_EQ(test, nyx_intr_alloc(ndev, 100, 1),
			    ERR_PTR(-ENXIO));
	KUNIT_EXPECT_EQ(test, raise_unmapped(model, 0x0108), AMD_FATE_UNMAPPED);
	KUNIT_EXPECT_TRUE(test, block_unmapped(ndev));
	KUNIT_EXPECT_TRUE(test, block_unmapped(ndev));
	KUNIT_EXPECT_EQ(test, raise_unmapped(model, 0x0108), AMD_FATE_ABORTED);
	KUNIT_EXPECT_EQ(test, raise_unmapped(model, 0x0110), AMD_FATE_UNMAPPED);
	run = give(test, ndev, 1);
	KUNIT_EXPECT_EQ(test, raise_unmapped(model, 0x0108), AMD_FATE_FAULT);
	KUNIT_EXPECT_EQ(test, raise(model, 0x0108, &run->intr[0]).fate,
			AMD_FATE_FAULT);
	KUNIT_EXPECT_EQ(test, nyx_intr_set(&run->intr[0], &target), 0);
	expect_delivery(test, raise(model, 0x0108, &run->intr[0]), 3, 0x51);
	/* Another device does not use this table. */
	KUNIT_EXPECT_EQ(test, raise(model, 0x0110, &run->intr[0]).fate,
			AMD_FATE_UNMAPPED);
	take(run);
	KUNIT_EXPECT_EQ(test, raise_unmapped(model, 0x0108), AMD_FATE_FAULT);
	allow_unmapped(ndev);
	KUNIT_EXPECT_EQ(test, raise_unmapped(model, 0x0108), AMD_FATE_UNMAPPED);
	allow_unmapped(ndev);
	KUNIT_EXPECT_NULL(test, model->intr.violation);
}

/* After each change the unit uses the new entry, not the cached one. */
static void change_entries(struct kunit *test, struct amd_model *model,
			   u32 base)
{
	struct nyx_device *ndev = blocked_device(model, 0x0108);
	struct nyx_intr_run *run = give(test, ndev, 1);
	struct nyx_intr *intr = &run->intr[0];
	struct nyx_intr_target target = { };
	u32 i;

	for (i = 0; i < 256; i++) {
		target.dest = base + 255 - i;
		target.vector = i;
		target.logical = i & 1;
		KUNIT_EXPECT_EQ(test, nyx_intr_set(intr, &target), 0);
		expect_delivery(test, raise(model, 0x0108, intr),
				base + 255 - i, i);
		KUNIT_EXPECT_EQ(test, raise(model, 0x0108, intr).logical,
				i & 1);
	}
	KUNIT_EXPECT_EQ(test, intr->updates, 255);
	/* One command for each change. */
	i = model->intr.table_cmds;
	KUNIT_EXPECT_EQ(test, nyx_intr_set(intr, &target), 0);
	KUNIT_EXPECT_EQ(test, model->intr.table_cmds, i + 1);
	KUNIT_EXPECT_EQ(test, nyx_intr_block(intr), 0);
	KUNIT_EXPECT_EQ(test, raise(model, 0x0108, intr).fate, AMD_FATE_FAULT);
	take(run);
	KUNIT_EXPECT_NULL(test, model->intr.violation);
}

/*
 * In xAPIC mode too, entries have 128 bits (GAEn) if the unit and the CPU allow
 * it.
 */
static void change_in_xapic_mode(struct kunit *test, u64 efr, bool wide)
{
	struct nyx_intr_target target = { .dest = 256 };
	struct amd_model *model = remapping_model(test, efr);
	struct nyx_intr_run *run;

	KUNIT_EXPECT_EQ(test, model->control & (BIT_ULL(17) | BIT_ULL(50)),
			wide ? BIT_ULL(17) : 0);
	change_entries(test, model, 0);
	/* An APIC ID of more than 8 bits does not fit. */
	run = give(test, blocked_device(model, 0x0110), 1);
	KUNIT_EXPECT_EQ(test, nyx_intr_set(&run->intr[0], &target), -EINVAL);
	take(run);
	amd_model_free(model);
	/* The next driver may use tables of 32-bit entries. */
	KUNIT_EXPECT_EQ(test, model->control & BIT_ULL(17), 0);
}

static void entry_changes(struct kunit *test)
{
	if (nyx_has_store128()) {
		change_in_xapic_mode(test, EFR, true);
		without_cx16(test);
	}
	change_in_xapic_mode(test, EFR, false);
	change_in_xapic_mode(test, IA_SUP | XT_SUP, false);
}

/*
 * Guest mode would lose interrupts, so a unit never posts. GAMSup, bits 23:21 of EFR,
 * offers it.
 */
static void never_posts(struct kunit *test)
{
	const struct nyx_intr_posting posting = { 0x100000040, 0x31 };
	const struct nyx_intr_target target = { 3, 0x51, false };
	struct amd_model *model = remapping_model(test, EFR | BIT_ULL(21));
	struct nyx_device *ndev = blocked_device(model, 0x0108);
	struct nyx_intr_run *run = give(test, ndev, 1);
	struct nyx_intr *intr = &run->intr[0];

	KUNIT_EXPECT_EQ(test, nyx_intr_set(intr, &target), 0);
	KUNIT_EXPECT_EQ(test, nyx_intr_post(intr, &posting), -EOPNOTSUPP);
	KUNIT_EXPECT_FALSE(test, intr->posted);
	expect_delivery(test, raise(model, 0x0108, intr), 3, 0x51);
	KUNIT_EXPECT_EQ(test, nyx_intr_unpost(intr), 0);
	expect_delivery(test, raise(model, 0x0108, intr), 3, 0x51);
	take(run);
}

/* GAEn and XTEn: entries of 128 bits with destinations of 32 bits. */
static void x2apic_mode(struct kunit *test)
{
	struct amd_model *model = stopped_model(test, EFR);

	unit_core.extended = true;
	amd_model_start(model);
	if (!nyx_has_store128()) {
		KUNIT_EXPECT_FALSE(test, model->au->unit.intr.on);
		kunit_skip(test, "this CPU has no store of 128 bits");
	}
	KUNIT_EXPECT_EQ(test, model->control & (BIT_ULL(17) | BIT_ULL(50)),
			BIT_ULL(17) | BIT_ULL(50));
	KUNIT_EXPECT_TRUE(test, model->au->unit.intr.extended);
	change_entries(test, model, 0x12345600);
	/* The next driver may use tables of 32-bit entries. */
	amd_model_free(model);
	KUNIT_EXPECT_EQ(test, model->control & (BIT_ULL(17) | BIT_ULL(50)), 0);
}

/* Starts a unit with NumIntRemapSup, EFR2 bits 9:8. */
static struct amd_model *large_tables(struct kunit *test, u64 efr)
{
	struct amd_model *model = stopped_model(test, efr);

	model->au->efr2 = 0x100;
	amd_intr_init(model->au);
	amd_model_start(model);
	return model;
}

/* Tables of 2048 entries are used only with entries of 128 bits (GAEn). */
static void no_entries_2048(struct kunit *test)
{
	struct amd_model *model = large_tables(test, IA_SUP | XT_SUP);

	KUNIT_EXPECT_EQ(test, model->au->unit.intr.entries, 512);
	KUNIT_EXPECT_EQ(test, model->control & (BIT_ULL(17) | 3ULL << 43), 0);
	amd_model_free(model);
	if (!nyx_has_store128())
		return;
	without_cx16(test);
	model = large_tables(test, EFR);
	KUNIT_EXPECT_EQ(test, model->au->unit.intr.entries, 512);
	KUNIT_EXPECT_EQ(test, model->control & (BIT_ULL(17) | 3ULL << 43), 0);
}

/* With NumIntRemapMode an index has 11 bits. */
static void entries_2048(struct kunit *test)
{
	const struct nyx_intr_target target = { 3, 0x51, false };
	struct nyx_intr_run *runs[64];
	struct amd_model *model;
	struct nyx_device *ndev;
	int i;

	if (!nyx_has_store128())
		kunit_skip(test, "this CPU has no store of 128 bits");
	model = large_tables(test, EFR);
	KUNIT_EXPECT_EQ(test, model->au->unit.intr.entries, 2048);
	KUNIT_EXPECT_EQ(test, model->control >> 43 & 3, 1);
	ndev = blocked_device(model, 0x0108);
	/* A message with DM clear is not one of this mode, so none can be kept. */
	KUNIT_EXPECT_PTR_EQ(test, nyx_intr_alloc_at(ndev, 100, 0x41),
			    ERR_PTR(-EOPNOTSUPP));
	for (i = 0; i < 64; i++) {
		runs[i] = give(test, ndev, 32);
		KUNIT_EXPECT_EQ(test, nyx_intr_set(&runs[i]->intr[31], &target),
				0);
		expect_delivery(test, raise(model, 0x0108, &runs[i]->intr[31]),
				3, 0x51);
	}
	KUNIT_EXPECT_PTR_EQ(test, nyx_intr_alloc(ndev, 1, 1), ERR_PTR(-ENOSPC));
	for (i = 0; i < 64; i++)
		take(runs[i]);
}

static void table_full(struct kunit *test)
{
	static const char *const most =
		"amd0 has no 1 free interrupt entries of 512, which is the maximum: configure";
	unsigned int lines = log_text_count(test, most);
	struct amd_model *model = remapping_model(test, EFR);
	struct nyx_device *ndev = blocked_device(model, 0x0108);
	struct nyx_device *other = blocked_device(model, 0x0110);
	struct nyx_intr_run *runs[16];
	int i;

	for (i = 0; i < 16; i++)
		runs[i] = give(test, ndev, 32);
	for (i = 0; i < 2; i++)
		KUNIT_EXPECT_PTR_EQ(test, nyx_intr_alloc(ndev, 1, 1),
				    ERR_PTR(-ENOSPC));
	/* The log does not suggest intr_entries, as this is the maximum. */
	KUNIT_EXPECT_EQ(test, log_text_count(test, most), lines + 1);
	for (i = 0; i < 16; i++)
		take(runs[i]);
	take(give(test, ndev, 1));
	/*
	 * Other devices have tables of their own, and a log line of their own.
	 */
	for (i = 0; i < 16; i++)
		runs[i] = give(test, other, 32);
	for (i = 0; i < 2; i++)
		KUNIT_EXPECT_PTR_EQ(test, nyx_intr_alloc(other, 1, 1),
				    ERR_PTR(-ENOSPC));
	KUNIT_EXPECT_EQ(test, log_text_count(test, most), lines + 2);
	for (i = 0; i < 16; i++)
		take(runs[i]);
}

/* A table smaller than the maximum: the log suggests intr_entries. */
static void small_table_full(struct kunit *test)
{
	static const char *const remedy =
		"amd0 has no 2 free interrupt entries of 2: load with a larger intr_entries;";
	unsigned int lines = log_text_count(test, remedy);
	struct amd_model *model = remapping_model(test, EFR);
	struct nyx_device *ndev, *other;
	struct nyx_intr_run *run;

	model->au->unit.intr.entries = 2;
	ndev = blocked_device(model, 0x0108);
	other = blocked_device(model, 0x0110);
	run = give(test, ndev, 1);
	KUNIT_EXPECT_PTR_EQ(test, nyx_intr_alloc(ndev, 1, 2), ERR_PTR(-ENOSPC));
	KUNIT_EXPECT_EQ(test, log_text_count(test, remedy), lines + 1);
	take(give(test, other, 2));
	take(run);
	take(give(test, ndev, 2));
}

/*
 * The IVRS table does not name an I/O APIC of the MADT. Its DeviceID is
 * unknown, so interrupts are not remapped.
 */
static void ioapic_not_named(struct kunit *test)
{
	struct amd_model *model = stopped_model(test, EFR);

	model->au->unit.intr.ops = NULL;
	((struct amd_ivrs *)model->au->ivrs)->ioapic_unnamed = true;
	amd_intr_init(model->au);
	amd_model_start(model);
	KUNIT_EXPECT_FALSE(test, model->au->unit.intr.on);
	KUNIT_EXPECT_NOT_NULL(test, model->au->unit.intr.why_off);
}

/* Unmapped interrupts pass for an I/O APIC, and a device with its DeviceID. */
static void ioapic(struct kunit *test)
{
	struct amd_model *model = remapping_model(test, EFR);
	struct nyx_device *ndev = amd_model_add(model, IOAPIC);

	KUNIT_EXPECT_FALSE(test, block_unmapped(ndev));
	KUNIT_EXPECT_EQ(test, raise_unmapped(model, IOAPIC), AMD_FATE_UNMAPPED);
	/* The timer and the keyboard use it, whatever the IVRS table names. */
	ndev = amd_model_add(model, SOUTHBRIDGE);
	KUNIT_EXPECT_FALSE(test, block_unmapped(ndev));
	KUNIT_EXPECT_EQ(test, raise_unmapped(model, SOUTHBRIDGE),
			AMD_FATE_UNMAPPED);
}

/*
 * The IVRS table lets INIT, EInt and NMI pass for all devices. The unit blocks
 * them for managed devices nevertheless, and for all DeviceIDs of these.
 */
static void init_eint_nmi_blocked(struct kunit *test)
{
	/* INIT, EInt, NMI, with different vectors. */
	static const u32 data[] = { 0x500, 0x741, 0x400 };
	const struct nyx_intr_target target = { 3, 0x51, false };
	const u64 passes = 0xc700000000000000;
	struct amd_model *model = stopped_model(test, EFR);
	struct nyx_device *ndev;
	struct nyx_intr_run *run;
	const u64 *own, *alias;
	unsigned int i;

	((struct amd_ivrs *)model->au->ivrs)->range->dte = 0xff;
	amd_model_start(model);
	own = amd_model_entry(model, 0x0608);
	alias = amd_model_entry(model, 0x0600);
	KUNIT_EXPECT_EQ(test, own[2], passes);
	ndev = amd_model_add(model, 0x0608);
	amd_model_alias(model, ndev, 0x0600);
	KUNIT_EXPECT_TRUE(test, block_unmapped(ndev));
	KUNIT_EXPECT_EQ(test, own[2], 1);
	KUNIT_EXPECT_EQ(test, alias[2], 1);
	run = give(test, ndev, 1);
	KUNIT_EXPECT_EQ(test, nyx_intr_set(&run->intr[0], &target), 0);
	KUNIT_EXPECT_EQ(test, own[2] & passes, 0);
	KUNIT_EXPECT_EQ(test, alias[2] & passes, 0);
	for (i = 0; i < ARRAY_SIZE(data); i++) {
		KUNIT_EXPECT_EQ(test, raise_unmapped_data(model, 0x0608,
							  data[i]),
				AMD_FATE_ABORTED);
		KUNIT_EXPECT_EQ(test, raise_unmapped_data(model, 0x0600,
							  data[i]),
				AMD_FATE_ABORTED);
	}
	/* They still pass for an I/O APIC. */
	KUNIT_EXPECT_EQ(test, raise_unmapped_data(model, IOAPIC, 0x400),
			AMD_FATE_UNMAPPED);
	KUNIT_EXPECT_EQ(test, amd_model_entry(model, IOAPIC)[2], passes);
	take(run);
	allow_unmapped(ndev);
	KUNIT_EXPECT_EQ(test, own[2], passes);
	KUNIT_EXPECT_EQ(test, alias[2], passes);
	KUNIT_EXPECT_EQ(test, raise_unmapped_data(model, 0x0608, 0x400),
			AMD_FATE_UNMAPPED);
}

/* Changes for DMA do not change interrupts, and vice versa. */
static void independent_of_dma(struct kunit *test)
{
	const struct nyx_intr_target target = { 1, 0x51, false };
	const struct nyx_entry blocked = { .kind = NYX_ENTRY_BLOCKED };
	struct amd_model *model = remapping_model(test, EFR);
	struct nyx_device *ndev = blocked_device(model, 0x0108);
	struct nyx_entry entry = amd_model_table(model, 7);
	struct nyx_intr_run *run = give(test, ndev, 1);
	const u64 *dte = amd_model_entry(model, 0x0108);
	u64 q0, q1, q2 = dte[2];

	ndev->ats_supported = false;
	entry.ats = false;
	KUNIT_EXPECT_EQ(test, nyx_intr_set(&run->intr[0], &target), 0);
	KUNIT_EXPECT_EQ(test, amd_model_set(ndev, &entry), 0);
	KUNIT_EXPECT_EQ(test, dte[2], q2);
	expect_delivery(test, raise(model, 0x0108, &run->intr[0]), 1, 0x51);
	KUNIT_EXPECT_EQ(test, amd_model_set(ndev, &blocked), 0);
	KUNIT_EXPECT_EQ(test, dte[2], q2);
	KUNIT_EXPECT_EQ(test, amd_model_set(ndev, &entry), 0);
	q0 = dte[0];
	q1 = dte[1];
	take(run);
	allow_unmapped(ndev);
	KUNIT_EXPECT_EQ(test, dte[0], q0);
	KUNIT_EXPECT_EQ(test, dte[1], q1);
	KUNIT_EXPECT_EQ(test, dte[2], 0);
}

/*
 * Entries whose invalidation the unit did not complete are not allocated again.
 */
static void dead_unit(struct kunit *test)
{
	const struct nyx_intr_target target = { 1, 0x51, false };
	struct amd_model *model = remapping_model(test, EFR);
	struct nyx_device *ndev = blocked_device(model, 0x0108);
	struct nyx_intr_run *run = give(test, ndev, 2);

	KUNIT_EXPECT_EQ(test, nyx_intr_set(&run->intr[0], &target), 0);
	model->stalled = true;
	model->stays_stalled = true;
	KUNIT_EXPECT_EQ(test, nyx_intr_block(&run->intr[0]), -EIO);
	KUNIT_EXPECT_TRUE(test, ndev->unit->dead);
	/*
	 * A new entry is not enabled: its vector is allocated to another
	 * interrupt.
	 */
	KUNIT_EXPECT_EQ(test, nyx_intr_set(&run->intr[1], &target), -EIO);
	KUNIT_EXPECT_NE(test, raise(model, 0x0108, &run->intr[1]).fate,
			AMD_FATE_REMAPPED);
	take(run);
	KUNIT_EXPECT_PTR_EQ(test, nyx_intr_alloc(ndev, 1, 1), ERR_PTR(-EIO));
	KUNIT_EXPECT_FALSE(test, block_unmapped(amd_model_add(model, 0x0110)));
}

/* A device that should have been blocked and is not is logged once. */
static void not_blocked(struct kunit *test)
{
	static const char *const line =
		"amd0 does not block its unmapped interrupts and therefore remaps none: unbind";
	unsigned int lines = log_text_count(test, line);
	struct amd_model *model = remapping_model(test, EFR);
	struct nyx_device *ndevs[] = {
		amd_model_add(model, 0x0108),
		amd_model_add(model, 0x0110),
	};
	unsigned int i;

	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_PTR_EQ(test, nyx_intr_alloc(ndevs[i / 2], 1, 1),
				    ERR_PTR(-ENXIO));
	KUNIT_EXPECT_EQ(test, log_text_count(test, line), lines + 2);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(device_states),
	KUNIT_CASE(entry_changes),
	KUNIT_CASE(never_posts),
	KUNIT_CASE(x2apic_mode),
	KUNIT_CASE(entries_2048),
	KUNIT_CASE(no_entries_2048),
	KUNIT_CASE(table_full),
	KUNIT_CASE(small_table_full),
	KUNIT_CASE(not_blocked),
	KUNIT_CASE(ioapic),
	KUNIT_CASE(ioapic_not_named),
	KUNIT_CASE(init_eint_nmi_blocked),
	KUNIT_CASE(independent_of_dma),
	KUNIT_CASE_SLOW(dead_unit),
	{ }
};

static struct kunit_suite suite = {
	.name = "nyx_amd_intr",
	.test_cases = cases,
};

kunit_test_suite(suite);
