/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A unit that remaps interrupts, and devices that raise them.
 */
#ifndef NYX_KUNIT_AMD_INTR_FIXTURE_H
#define NYX_KUNIT_AMD_INTR_FIXTURE_H

#include "../intr_fixture.h"
#include "amd/amd.h"
#include "model.h"

/* IASup, GASup, XTSup. */
#define EFR (BIT_ULL(6) | BIT_ULL(7) | BIT_ULL(2))
/* Where firmware says that an I/O APIC is. */
#define IOAPIC 0x00b0
/* What a driver sends that knows nothing of the unit: vector 41h. */
#define PLAIN 0xfee07000

static inline struct amd_model *off(struct kunit *test)
{
	struct amd_model *model = amd_model_new(test, EFR, 0xffff);

	amd_model_ioapic(model, IOAPIC);
	return model;
}

static inline struct amd_model *remapping(struct kunit *test)
{
	struct amd_model *model = off(test);

	amd_model_start(model);
	KUNIT_ASSERT_TRUE(test, model->au->unit.intr.on);
	return model;
}

static inline bool block(struct nyx_device *ndev)
{
	return ndev->unit->intr.ops->block_compat(ndev->unit, ndev);
}

static inline void allow(struct nyx_device *ndev)
{
	ndev->unit->intr.ops->allow_compat(ndev->unit, ndev);
}

static inline struct nyx_device *new_device(struct amd_model *model, u16 rid)
{
	struct nyx_device *ndev = amd_model_add(model, rid);

	KUNIT_ASSERT_TRUE(model->test, block(ndev));
	return ndev;
}

static inline struct amd_delivery raise(struct amd_model *model, u16 rid,
					const struct nyx_intr *intr)
{
	struct nyx_intr_message msg;

	nyx_intr_message(intr, &msg);
	return amd_intr_request(model, rid, msg.address, msg.data);
}

static inline enum amd_fate forge(struct amd_model *model, u16 rid)
{
	return amd_intr_request(model, rid, PLAIN, 0x41).fate;
}

static inline void expect_delivery(struct kunit *test, struct amd_delivery d,
				   u32 dest, u8 vector)
{
	KUNIT_EXPECT_EQ(test, d.fate, AMD_FATE_REMAPPED);
	KUNIT_EXPECT_EQ(test, d.dest, dest);
	KUNIT_EXPECT_EQ(test, d.vector, vector);
}

#endif /* NYX_KUNIT_AMD_INTR_FIXTURE_H */
