/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A unit that remaps interrupts, and devices that raise them.
 */
#ifndef NYX_KUNIT_VTD_INTR_FIXTURE_H
#define NYX_KUNIT_VTD_INTR_FIXTURE_H

#include "../intr_fixture.h"
#include "core.h"
#include "model.h"
#include "vtd/vtd.h"

/* A unit on a platform that remaps interrupts, not probed. */
static inline struct vtd_model *stopped_model(struct kunit *test, u64 cap,
					      u64 ecap)
{
	struct vtd_model *model = vtd_model_new(test, cap, ecap);

	unit_core.intr_remap = true;
	return model;
}

/* A unit that remaps interrupts. */
static inline struct vtd_model *remapping_model(struct kunit *test, u64 cap,
						u64 ecap)
{
	struct vtd_model *model = stopped_model(test, cap, ecap);

	vtd_model_probe(model);
	vtd_model_start(model);
	KUNIT_ASSERT_TRUE(test, model->vu->unit.intr.on);
	return model;
}

/* The device with requester ID @sid raises interrupt @intr. */
static inline struct vtd_delivery raise(struct vtd_model *model, u16 sid,
					const struct nyx_intr *intr)
{
	struct nyx_intr_message msg;

	nyx_intr_message(intr, &msg);
	return vtd_intr_request(model, sid, msg.address, msg.data);
}

static inline void expect_delivery(struct kunit *test, struct vtd_delivery d,
				   u32 dest, u8 vector)
{
	KUNIT_EXPECT_EQ(test, d.reason, 0);
	KUNIT_EXPECT_EQ(test, d.dest, dest);
	KUNIT_EXPECT_EQ(test, d.vector, vector);
}

#endif /* NYX_KUNIT_VTD_INTR_FIXTURE_H */
