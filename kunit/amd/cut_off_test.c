// SPDX-License-Identifier: GPL-2.0-only
/*
 * Devices that are cut off, on a model of the unit: device table entries and
 * what the unit caches of them.
 */
#include <linux/io.h>
#include <nyx/pt.h>
#include <nyx/unit.h>

#include <asm/cpufeature.h>

#include "../cut_off_fixture.h"
#include "../cx16.h"
#include "../unit_core.h"
#include "intr_fixture.h"

#define OWN 0x0208
#define ALIAS 0x0300

/* SE, bit 97, and SA, bit 98, suppress page-fault events (2.2.2.1). */
#define QUIET 0x600000000ULL
#define PASSES (3ULL << 61)

static struct nyx_device *add(struct amd_model *model)
{
	struct nyx_device *ndev = amd_model_add(model, OWN);

	amd_model_alias(model, ndev, ALIAS);
	INIT_WORK(&ndev->quarantine.work, cut_off_work);
	return ndev;
}

static void must_set(struct amd_model *model, struct nyx_device *ndev,
		     const struct nyx_entry *entry)
{
	KUNIT_ASSERT_EQ(model->test, amd_model_set(ndev, entry), 0);
	ndev->entry = *entry;
}

static void expect_quiet(struct amd_model *model)
{
	static const u16 rids[] = { OWN, ALIAS };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rids); i++) {
		const u64 *dte = amd_model_entry(model, rids[i]);

		KUNIT_EXPECT_EQ(model->test, dte[0] & (PASSES | 3), 3);
		KUNIT_EXPECT_EQ(model->test, dte[1], QUIET);
	}
}

static void expect_table(struct amd_model *model, const struct nyx_entry *entry)
{
	const u64 *dte = amd_model_entry(model, ALIAS);

	KUNIT_EXPECT_EQ(model->test, dte[0], PASSES | 0x803 |
			virt_to_phys(entry->pt->root));
	KUNIT_EXPECT_EQ(model->test, dte[1],
			BIT_ULL(32) | entry->domain_id);
}

static const bool stores[] = { true, false };

static void stores_desc(const bool *cx16, char *desc)
{
	strscpy(desc, *cx16 ? "128-bit stores" : "no 128-bit stores",
		KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(stores, stores, stores_desc);

static struct amd_model *model_of(struct kunit *test)
{
	const bool *cx16 = test->param_value;

	if (!*cx16)
		without_cx16(test);
	return amd_model_running(test);
}

static void blocks_and_restores(struct kunit *test)
{
	const struct nyx_entry blocked = { .kind = NYX_ENTRY_BLOCKED };
	struct amd_model *model = model_of(test);
	struct nyx_device *ndev = add(model);
	struct nyx_entry a = amd_model_table(model, 5);
	struct nyx_entry b = amd_model_table(model, 6);

	must_set(model, ndev, &a);
	KUNIT_EXPECT_TRUE(test, amd_model_reaches(model, &a));
	cut_off(ndev, &cut_by_faults);
	/* At once, before anything sleeps. */
	expect_quiet(model);
	nyx_cut_off_wait();
	KUNIT_EXPECT_FALSE(test, amd_model_reaches(model, &a));
	KUNIT_EXPECT_FALSE(test, ndev->ats_enabled);

	/* It stays cut off, whatever is attached. */
	must_set(model, ndev, &b);
	expect_quiet(model);
	KUNIT_EXPECT_FALSE(test, ndev->ats_enabled);
	KUNIT_EXPECT_FALSE(test, amd_model_reaches(model, &b));

	nyx_cut_off_end(ndev);
	must_set(model, ndev, &b);
	expect_table(model, &b);
	KUNIT_EXPECT_TRUE(test, ndev->ats_enabled);
	KUNIT_EXPECT_TRUE(test, amd_model_reaches(model, &b));

	/* Faults of a blocked device that is not cut off are logged again. */
	cut_off(ndev, &cut_by_faults);
	nyx_cut_off_wait();
	nyx_cut_off_end(ndev);
	must_set(model, ndev, &blocked);
	KUNIT_EXPECT_EQ(test, amd_model_entry(model, OWN)[1], 0);
	KUNIT_EXPECT_EQ(test, amd_model_find(model, OWN)->q[1], 0);
}

/* The device is cut off while the driver waits for the unit. */
static struct nyx_device *victim;
static unsigned int wait_number;

static void cut_off_while_waiting(struct amd_model *model, bool done)
{
	if (!victim || wait_number--)
		return;
	cut_off(victim, &cut_by_faults);
	victim = NULL;
}

static void while_attaching(struct kunit *test)
{
	struct amd_model *model = model_of(test);
	struct nyx_device *ndev = add(model);
	struct nyx_entry a = amd_model_table(model, 5);
	struct nyx_entry b = amd_model_table(model, 6);
	unsigned int nr, hit = 0;

	model->on_status = cut_off_while_waiting;
	for (nr = 0; nr < 20; nr++) {
		must_set(model, ndev, &a);
		victim = ndev;
		wait_number = nr;
		scoped_guard(mutex, &ndev->entry_lock) {
			KUNIT_EXPECT_EQ(test, nyx_entry_set(ndev->unit, ndev,
							    &b), 0);
			ndev->entry = b;
		}
		hit += !victim;
		victim = NULL;
		nyx_cut_off_wait();
		if (nyx_device_is_cut_off(ndev)) {
			expect_quiet(model);
			KUNIT_EXPECT_FALSE(test, ndev->ats_enabled);
			KUNIT_EXPECT_FALSE(test, amd_model_reaches(model, &a));
			KUNIT_EXPECT_FALSE(test, amd_model_reaches(model, &b));
		}
		nyx_cut_off_end(ndev);
	}
	KUNIT_EXPECT_GT(test, hit, 0);
}

/* SupIOPF of an interrupt entry, bit 1, suppresses its events (2.2.5). */
static void interrupts(struct kunit *test)
{
	static const u64 efrs[] = { IA_SUP, EFR };
	const struct nyx_intr_target there = { 3, 0x41, false };
	const struct nyx_intr_target here = { 4, 0x42, false };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(efrs); i++) {
		struct amd_model *model = remapping_model(test, efrs[i]);
		struct nyx_device *ndev = blocked_device(model, OWN);
		struct nyx_intr_run *run = give(test, ndev, 2);
		/* Bits 51:6 of the upper half of the DTE; 4 or 16 bytes. */
		const u32 *irte = phys_to_virt(amd_model_entry(model, OWN)[2] &
					       0x000fffffffffffc0);
		unsigned int next = i ? 4 : 1;

		INIT_WORK(&ndev->quarantine.work, cut_off_work);
		KUNIT_EXPECT_EQ(test, nyx_intr_set(&run->intr[0], &there), 0);
		expect_delivery(test, raise(model, OWN, &run->intr[0]), 3,
				0x41);
		cut_off(ndev, &cut_by_faults);
		nyx_cut_off_wait();
		nyx_intr_refresh(ndev);
		KUNIT_EXPECT_EQ(test, raise(model, OWN, &run->intr[0]).fate,
				AMD_FATE_FAULT);
		KUNIT_EXPECT_EQ(test, irte[0], 2);
		KUNIT_EXPECT_EQ(test, irte[next], 2);
		KUNIT_EXPECT_EQ(test, nyx_intr_set(&run->intr[0], &here), 0);
		KUNIT_EXPECT_EQ(test, raise(model, OWN, &run->intr[0]).fate,
				AMD_FATE_FAULT);
		nyx_cut_off_end(ndev);
		nyx_intr_refresh(ndev);
		expect_delivery(test, raise(model, OWN, &run->intr[0]), 4,
				0x42);
		KUNIT_EXPECT_EQ(test, irte[next], 0);
		/* Entries that are freed do not keep the bit. */
		cut_off(ndev, &cut_by_faults);
		nyx_cut_off_wait();
		nyx_intr_refresh(ndev);
		take(run);
		KUNIT_EXPECT_EQ(test, irte[0], 0);
		KUNIT_EXPECT_EQ(test, irte[next], 0);
		amd_model_free(model);
	}
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(blocks_and_restores, stores_gen_params),
	KUNIT_CASE_PARAM(while_attaching, stores_gen_params),
	KUNIT_CASE(interrupts),
	{}
};

static struct kunit_suite suite = {
	.name = "nyx_amd_cut_off",
	.init = cut_off_test_init,
	.exit = cut_off_test_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
