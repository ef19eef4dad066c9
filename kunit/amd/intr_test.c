// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupts of devices, given, changed and taken back, and requests that use
 * them, on a model of the unit that caches what it may.
 */
#include <linux/io.h>
#include <nyx/intr.h>

#include "../log_text.h"
#include "../unit_core.h"
#include "amd/intr.h"
#include "amd/ivrs.h"
#include "amd/store128.h"
#include "intr_fixture.h"

/* Where southbridges have an I/O APIC, whatever firmware says. */
#define SOUTHBRIDGE 0x00a0

/* Plain, blocked, remapped, blocked by entries, plain again. */
static void states_of_a_device(struct kunit *test)
{
	const struct nyx_intr_target target = { 3, 0x51, false };
	struct amd_model *model = remapping(test);
	struct nyx_device *ndev = amd_model_add(model, 0x0108);
	struct nyx_intr_run *run;

	KUNIT_EXPECT_PTR_EQ(test, nyx_intr_alloc(ndev, 100, 1), ERR_PTR(-ENXIO));
	KUNIT_EXPECT_EQ(test, forge(model, 0x0108), AMD_FATE_PLAIN);
	KUNIT_EXPECT_TRUE(test, block(ndev));
	KUNIT_EXPECT_TRUE(test, block(ndev));
	KUNIT_EXPECT_EQ(test, forge(model, 0x0108), AMD_FATE_ABORTED);
	KUNIT_EXPECT_EQ(test, forge(model, 0x0110), AMD_FATE_PLAIN);
	run = give(test, ndev, 1);
	KUNIT_EXPECT_EQ(test, forge(model, 0x0108), AMD_FATE_FAULT);
	KUNIT_EXPECT_EQ(test, raise(model, 0x0108, &run->intr[0]).fate,
			AMD_FATE_FAULT);
	KUNIT_EXPECT_EQ(test, nyx_intr_set(&run->intr[0], &target), 0);
	expect_delivery(test, raise(model, 0x0108, &run->intr[0]), 3, 0x51);
	/* By another it is not remapped at all: tables are a device's own. */
	KUNIT_EXPECT_EQ(test, raise(model, 0x0110, &run->intr[0]).fate,
			AMD_FATE_PLAIN);
	take(run);
	KUNIT_EXPECT_EQ(test, forge(model, 0x0108), AMD_FATE_FAULT);
	allow(ndev);
	KUNIT_EXPECT_EQ(test, forge(model, 0x0108), AMD_FATE_PLAIN);
	allow(ndev);
	KUNIT_EXPECT_NULL(test, model->intr.broken);
}

/* After each change the unit uses the new entry: what it cached is gone. */
static void follow_changes(struct kunit *test, struct amd_model *model,
			   u32 base)
{
	struct nyx_device *ndev = new_device(model, 0x0108);
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
	i = model->intr.forgotten;
	KUNIT_EXPECT_EQ(test, nyx_intr_set(intr, &target), 0);
	KUNIT_EXPECT_EQ(test, model->intr.forgotten, i + 1);
	KUNIT_EXPECT_EQ(test, nyx_intr_block(intr), 0);
	KUNIT_EXPECT_EQ(test, raise(model, 0x0108, intr).fate, AMD_FATE_FAULT);
	take(run);
	KUNIT_EXPECT_NULL(test, model->intr.broken);
}

static void follows_changes(struct kunit *test)
{
	struct nyx_intr_target target = { .dest = 256 };
	struct amd_model *model = remapping(test);
	struct nyx_intr_run *run;

	follow_changes(test, model, 0);
	/* An APIC ID of more than 8 bits has no place there. */
	run = give(test, new_device(model, 0x0110), 1);
	KUNIT_EXPECT_EQ(test, nyx_intr_set(&run->intr[0], &target), -EINVAL);
	take(run);
}

/* GAEn and XTEn: 32-bit destinations, in entries that take a 128-bit store. */
static void x2apic_mode(struct kunit *test)
{
	struct amd_model *model = off(test);

	unit_core.extended = true;
	amd_model_start(model);
	if (!nyx_has_store128()) {
		KUNIT_EXPECT_FALSE(test, model->au->unit.intr.on);
		kunit_skip(test, "this CPU has no store of 128 bits");
	}
	KUNIT_EXPECT_EQ(test, model->control & (BIT_ULL(17) | BIT_ULL(50)),
			BIT_ULL(17) | BIT_ULL(50));
	KUNIT_EXPECT_TRUE(test, model->au->unit.intr.extended);
	follow_changes(test, model, 0x12345600);
	/* A driver that comes next may read tables of 32-bit entries. */
	amd_model_free(model);
	KUNIT_EXPECT_EQ(test, model->control & (BIT_ULL(17) | BIT_ULL(50)), 0);
}

/* NumIntRemapSup, EFR2 bits 9:8: all 11 bits of the index. */
static void more_entries(struct kunit *test)
{
	const struct nyx_intr_target target = { 3, 0x51, false };
	struct amd_model *model = off(test);
	struct nyx_intr_run *runs[64];
	struct nyx_device *ndev;
	int i;

	model->au->efr2 = 0x100;
	amd_intr_init(model->au);
	amd_model_start(model);
	KUNIT_EXPECT_EQ(test, model->au->unit.intr.entries, 2048);
	KUNIT_EXPECT_EQ(test, model->control >> 43 & 3, 1);
	ndev = new_device(model, 0x0108);
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
	struct amd_model *model = remapping(test);
	struct nyx_device *ndev = new_device(model, 0x0108);
	struct nyx_device *other = new_device(model, 0x0110);
	struct nyx_intr_run *runs[16];
	int i;

	for (i = 0; i < 16; i++)
		runs[i] = give(test, ndev, 32);
	for (i = 0; i < 2; i++)
		KUNIT_EXPECT_PTR_EQ(test, nyx_intr_alloc(ndev, 1, 1),
				    ERR_PTR(-ENOSPC));
	/* With more intr_entries there would not be more. */
	KUNIT_EXPECT_EQ(test, log_text_count(test, most), lines + 1);
	for (i = 0; i < 16; i++)
		take(runs[i]);
	take(give(test, ndev, 1));
	/* Others have their own, and are told as well. */
	for (i = 0; i < 16; i++)
		runs[i] = give(test, other, 32);
	for (i = 0; i < 2; i++)
		KUNIT_EXPECT_PTR_EQ(test, nyx_intr_alloc(other, 1, 1),
				    ERR_PTR(-ENOSPC));
	KUNIT_EXPECT_EQ(test, log_text_count(test, most), lines + 2);
	for (i = 0; i < 16; i++)
		take(runs[i]);
}

/* Smaller than it could be: that is what can be helped. */
static void small_table_full(struct kunit *test)
{
	static const char *const remedy =
		"amd0 has no 2 free interrupt entries of 2: load with a larger intr_entries;";
	unsigned int lines = log_text_count(test, remedy);
	struct amd_model *model = remapping(test);
	struct nyx_device *ndev, *other;
	struct nyx_intr_run *run;

	model->au->unit.intr.entries = 2;
	ndev = new_device(model, 0x0108);
	other = new_device(model, 0x0110);
	run = give(test, ndev, 1);
	KUNIT_EXPECT_PTR_EQ(test, nyx_intr_alloc(ndev, 1, 2), ERR_PTR(-ENOSPC));
	KUNIT_EXPECT_EQ(test, log_text_count(test, remedy), lines + 1);
	take(give(test, other, 2));
	take(run);
	take(give(test, ndev, 2));
}

/* Firmware forgot an I/O APIC: nobody knows whose requests are to pass. */
static void ioapic_forgotten(struct kunit *test)
{
	struct amd_model *model = off(test);

	model->au->unit.intr.ops = NULL;
	((struct amd_ivrs *)model->au->ivrs)->ioapic_forgotten = true;
	amd_intr_init(model->au);
	amd_model_start(model);
	KUNIT_EXPECT_FALSE(test, model->au->unit.intr.on);
	KUNIT_EXPECT_NOT_NULL(test, model->au->unit.intr.why_off);
}

/* An I/O APIC keeps what was set up, and whoever has its DeviceID. */
static void ioapic(struct kunit *test)
{
	struct amd_model *model = remapping(test);
	struct nyx_device *ndev = amd_model_add(model, IOAPIC);

	KUNIT_EXPECT_FALSE(test, block(ndev));
	KUNIT_EXPECT_EQ(test, forge(model, IOAPIC), AMD_FATE_PLAIN);
	/* Timer and keyboard are there, whatever firmware says. */
	KUNIT_EXPECT_FALSE(test, block(amd_model_add(model, SOUTHBRIDGE)));
	KUNIT_EXPECT_EQ(test, forge(model, SOUTHBRIDGE), AMD_FATE_PLAIN);
}

/*
 * Firmware lets NMIs and the like pass for all its devices. One that is said to be
 * isolated raises none, nor do those that share a DeviceID with it.
 */
static void firmware_passes(struct kunit *test)
{
	/* INIT, EInt, NMI, each with a vector of its own. */
	static const u32 data[] = { 0x500, 0x741, 0x400 };
	const struct nyx_intr_target target = { 3, 0x51, false };
	const u64 passes = 0xc700000000000000;
	struct amd_model *model = off(test);
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
	KUNIT_EXPECT_TRUE(test, block(ndev));
	KUNIT_EXPECT_EQ(test, own[2], 1);
	KUNIT_EXPECT_EQ(test, alias[2], 1);
	run = give(test, ndev, 1);
	KUNIT_EXPECT_EQ(test, nyx_intr_set(&run->intr[0], &target), 0);
	KUNIT_EXPECT_EQ(test, own[2] & passes, 0);
	KUNIT_EXPECT_EQ(test, alias[2] & passes, 0);
	for (i = 0; i < ARRAY_SIZE(data); i++) {
		KUNIT_EXPECT_EQ(test, amd_intr_request(model, 0x0608, PLAIN,
						       data[i]).fate,
				AMD_FATE_ABORTED);
		KUNIT_EXPECT_EQ(test, amd_intr_request(model, 0x0600, PLAIN,
						       data[i]).fate,
				AMD_FATE_ABORTED);
	}
	/* An I/O APIC goes on. */
	KUNIT_EXPECT_EQ(test, amd_intr_request(model, IOAPIC, PLAIN, 0x400).fate,
			AMD_FATE_PLAIN);
	KUNIT_EXPECT_EQ(test, amd_model_entry(model, IOAPIC)[2], passes);
	take(run);
	allow(ndev);
	KUNIT_EXPECT_EQ(test, own[2], passes);
	KUNIT_EXPECT_EQ(test, alias[2], passes);
	KUNIT_EXPECT_EQ(test, amd_intr_request(model, 0x0608, PLAIN, 0x400).fate,
			AMD_FATE_PLAIN);
}

/* What decides about DMA does not touch interrupts, and the other way round. */
static void beside_dma(struct kunit *test)
{
	const struct nyx_intr_target target = { 1, 0x51, false };
	const struct nyx_entry blocked = { .kind = NYX_ENTRY_BLOCKED };
	struct amd_model *model = remapping(test);
	struct nyx_device *ndev = new_device(model, 0x0108);
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
	allow(ndev);
	KUNIT_EXPECT_EQ(test, dte[0], q0);
	KUNIT_EXPECT_EQ(test, dte[1], q1);
	KUNIT_EXPECT_EQ(test, dte[2], 0);
}

/* What the unit did not confirm to have forgotten is given to nobody. */
static void dead_unit(struct kunit *test)
{
	const struct nyx_intr_target target = { 1, 0x51, false };
	struct amd_model *model = remapping(test);
	struct nyx_device *ndev = new_device(model, 0x0108);
	struct nyx_intr_run *run = give(test, ndev, 2);

	KUNIT_EXPECT_EQ(test, nyx_intr_set(&run->intr[0], &target), 0);
	model->held = true;
	model->jammed = true;
	KUNIT_EXPECT_EQ(test, nyx_intr_block(&run->intr[0]), -EIO);
	KUNIT_EXPECT_TRUE(test, ndev->unit->dead);
	/* Nor does a new one lead anywhere: its vector is given to others. */
	KUNIT_EXPECT_EQ(test, nyx_intr_set(&run->intr[1], &target), -EIO);
	KUNIT_EXPECT_NE(test, raise(model, 0x0108, &run->intr[1]).fate,
			AMD_FATE_REMAPPED);
	take(run);
	KUNIT_EXPECT_PTR_EQ(test, nyx_intr_alloc(ndev, 1, 1), ERR_PTR(-EIO));
	KUNIT_EXPECT_FALSE(test, block(amd_model_add(model, 0x0110)));
}

/* Who should have been blocked and was not is told, once. */
static void not_blocked(struct kunit *test)
{
	static const char *const line =
		"amd0 does not block its unmapped interrupts and therefore remaps none: unbind";
	unsigned int lines = log_text_count(test, line);
	struct amd_model *model = remapping(test);
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
	KUNIT_CASE(states_of_a_device),
	KUNIT_CASE(follows_changes),
	KUNIT_CASE(x2apic_mode),
	KUNIT_CASE(more_entries),
	KUNIT_CASE(table_full),
	KUNIT_CASE(small_table_full),
	KUNIT_CASE(not_blocked),
	KUNIT_CASE(ioapic),
	KUNIT_CASE(ioapic_forgotten),
	KUNIT_CASE(firmware_passes),
	KUNIT_CASE(beside_dma),
	KUNIT_CASE_SLOW(dead_unit),
	{ }
};

static struct kunit_suite suite = {
	.name = "nyx_amd_intr",
	.test_cases = cases,
};

kunit_test_suite(suite);
