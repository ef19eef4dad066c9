/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Units that remap interrupts, and devices that raise them.
 */
#ifndef NYX_KUNIT_AMD_INTR_FIXTURE_H
#define NYX_KUNIT_AMD_INTR_FIXTURE_H

#include "../intr_fixture.h"
#include "amd/amd.h"
#include "model.h"

/* Features of a unit that remaps interrupts in any mode. */
#define EFR (IA_SUP | GA_SUP | XT_SUP)
/* DeviceID of the I/O APIC that the IVRS table names. */
#define IOAPIC 0x00b0
/* A message in the format of an unmapped interrupt: fixed, vector 41h. */
#define UNMAPPED_ADDRESS 0xfee07000
#define UNMAPPED_DATA 0x41

/* A unit that can remap interrupts, not started. */
static inline struct amd_model *stopped_model(struct kunit *test, u64 efr)
{
	struct amd_model *model = amd_model_new(test, efr, 0xffff);

	amd_model_ioapic(model, IOAPIC);
	return model;
}

/* A unit that remaps interrupts. */
static inline struct amd_model *remapping_model(struct kunit *test, u64 efr)
{
	struct amd_model *model = stopped_model(test, efr);

	amd_model_start(model);
	KUNIT_ASSERT_TRUE(test, model->au->unit.intr.on);
	return model;
}

static inline bool block_unmapped(struct nyx_device *ndev)
{
	return ndev->unit->intr.ops->block_compat(ndev->unit, ndev);
}

static inline void allow_unmapped(struct nyx_device *ndev)
{
	ndev->unit->intr.ops->allow_compat(ndev->unit, ndev);
}

/* A device whose unmapped interrupts the unit blocks. */
static inline struct nyx_device *blocked_device(struct amd_model *model,
						u16 rid)
{
	struct nyx_device *ndev = amd_model_add(model, rid);

	KUNIT_ASSERT_TRUE(model->test, block_unmapped(ndev));
	return ndev;
}

/* The device with DeviceID @rid raises an interrupt that it was given. */
static inline struct amd_delivery raise(struct amd_model *model, u16 rid,
					const struct nyx_intr *intr)
{
	struct nyx_intr_message msg;

	nyx_intr_message(intr, &msg);
	return amd_intr_request(model, rid, msg.address, msg.data);
}

/* The device raises an interrupt that was not set up for remapping. */
static inline enum amd_fate raise_unmapped_data(struct amd_model *model,
						u16 rid, u32 data)
{
	return amd_intr_request(model, rid, UNMAPPED_ADDRESS, data).fate;
}

static inline enum amd_fate raise_unmapped(struct amd_model *model, u16 rid)
{
	return raise_unmapped_data(model, rid, UNMAPPED_DATA);
}

static inline void expect_delivery(struct kunit *test, struct amd_delivery d,
				   u32 dest, u8 vector)
{
	KUNIT_EXPECT_EQ(test, d.fate, AMD_FATE_REMAPPED);
	KUNIT_EXPECT_EQ(test, d.dest, dest);
	KUNIT_EXPECT_EQ(test, d.vector, vector);
}

#endif /* NYX_KUNIT_AMD_INTR_FIXTURE_H */
