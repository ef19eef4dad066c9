/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Devices of one domain with ATS enabled, below a model of a unit, and a flush
 * of that domain.
 */
#ifndef NYX_KUNIT_VTD_ATS_FIXTURE_H
#define NYX_KUNIT_VTD_ATS_FIXTURE_H

#include <linux/rculist.h>
#include <nyx/unit.h>

#include "core.h"
#include "mode.h"
#include "model.h"
#include "vtd/vtd.h"

#define OWN 0x0300
#define OTHER 0x0400
/* A unit that supports device TLBs. */
#define ECAP_ATS (MODEL_ECAP | MODEL_ECAP_DT)
/* More invalidations than the driver ever sends to an unresponsive device. */
#define ALWAYS 1000000

/**
 * struct ats_fixture - devices of one domain
 * @model: the unit
 * @own: device OWN
 * @other: device OTHER
 * @entry: the entry of both devices
 * @list: both devices
 */
struct ats_fixture {
	struct vtd_model *model;
	struct nyx_device *own;
	struct nyx_device *other;
	struct nyx_entry entry;
	struct list_head list;
};

/* Attaches a device to the domain. */
static inline void ats_attach(struct ats_fixture *ats, struct nyx_device *ndev)
{
	KUNIT_EXPECT_EQ(ats->model->test,
			vtd_core_set(ats->model, ndev, &ats->entry), 0);
	list_add_tail_rcu(&ndev->ats_node, &ats->list);
}

/* Two devices, of which OWN has @nr_aliases additional requester IDs. */
static inline struct ats_fixture *ats_two_devices(struct kunit *test,
						  unsigned int nr_aliases)
{
	struct ats_fixture *ats = kunit_kzalloc(test, sizeof(*ats), GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, ats);
	ats->model = vtd_model_running(test, MODEL_CAP,
				       ECAP_ATS | mode_ecap(test));
	ats->own = vtd_core_device(test, ats->model, OWN);
	ats->other = vtd_core_device(test, ats->model, OTHER);
	for (i = 1; i <= nr_aliases; i++)
		vtd_core_alias(ats->model, ats->own, OWN + i);
	ats->entry = unit_core_table(test, 7, true);
	INIT_LIST_HEAD(&ats->list);
	ats_attach(ats, ats->own);
	ats_attach(ats, ats->other);
	vtd_model_clear_events(ats->model);
	return ats;
}

static inline int flush(struct ats_fixture *ats)
{
	struct nyx_unit *unit = &ats->model->vu->unit;
	const struct nyx_flush flush = {
		.domain_id = 7,
		.start = 0x1000,
		.last = 0x1fff,
		.ats = &ats->list,
	};

	return unit->ops->flush(unit, &flush);
}

/* Number of executed device-TLB invalidations, of all devices. */
static inline unsigned int count_device_tlb(const struct vtd_model *model)
{
	return vtd_model_count(model, EVENT_DSC, 0xf, 0x3);
}

/* Number of executed device-TLB invalidations of one device. */
static inline unsigned int count_tlb_of(const struct vtd_model *model, u16 sid)
{
	return vtd_model_count(model, EVENT_DSC, 0xffff0000000f,
				      (u64)sid << 32 | 0x3);
}

#endif /* NYX_KUNIT_VTD_ATS_FIXTURE_H */
