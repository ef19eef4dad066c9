/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Devices of one domain with ATS enabled, below a model of a unit, and a flush
 * of that domain.
 */
#ifndef NYX_KUNIT_AMD_ATS_FIXTURE_H
#define NYX_KUNIT_AMD_ATS_FIXTURE_H

#include <linux/rculist.h>

#include "model.h"

#define OWN 0x0300
#define OTHER 0x0400

/**
 * struct ats_fixture - devices of one domain
 * @model: the unit
 * @own: device OWN
 * @other: device OTHER, NULL if the domain has one device
 * @entry: the entry of all devices
 * @list: the devices
 */
struct ats_fixture {
	struct amd_model *model;
	struct nyx_device *own;
	struct nyx_device *other;
	struct nyx_entry entry;
	struct list_head list;
};

static inline struct nyx_device *ats_device(struct ats_fixture *ats, u16 rid)
{
	struct nyx_device *ndev = amd_model_add(ats->model, rid);

	KUNIT_EXPECT_EQ(ats->model->test, amd_model_set(ndev, &ats->entry), 0);
	list_add_tail_rcu(&ndev->ats_node, &ats->list);
	return ndev;
}

static inline struct ats_fixture *ats_one_device(struct kunit *test)
{
	struct ats_fixture *ats = kunit_kzalloc(test, sizeof(*ats), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, ats);
	ats->model = amd_model_running(test);
	ats->entry = amd_model_table(ats->model, 7);
	INIT_LIST_HEAD(&ats->list);
	ats->own = ats_device(ats, OWN);
	ats->model->globals = 0;
	return ats;
}

static inline struct ats_fixture *ats_two_devices(struct kunit *test)
{
	struct ats_fixture *ats = ats_one_device(test);

	ats->other = ats_device(ats, OTHER);
	ats->model->globals = 0;
	return ats;
}

static inline int flush(struct ats_fixture *ats)
{
	const struct nyx_flush flush = {
		.domain_id = 7,
		.start = 0x1000,
		.last = 0x1fff,
		.ats = &ats->list,
	};

	return ats->own->unit->ops->flush(ats->own->unit, &flush);
}

#endif /* NYX_KUNIT_AMD_ATS_FIXTURE_H */
