/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Two devices of one domain below a model of an AMD unit, and a flush of it.
 */
#ifndef NYX_KUNIT_AMD_ATS_FIXTURE_H
#define NYX_KUNIT_AMD_ATS_FIXTURE_H

#include <linux/rculist.h>

#include "model.h"

#define OWN 0x0300
#define OTHER 0x0400

struct amd_pair {
	struct amd_model *model;
	struct nyx_device *own;
	struct nyx_device *other;
	struct nyx_entry entry;
	struct list_head list;
};

/* Two devices in a domain, both with ATS on. */
static inline struct amd_pair *pair_new(struct kunit *test)
{
	struct amd_pair *pair = kunit_kzalloc(test, sizeof(*pair), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, pair);
	pair->model = amd_model_running(test);
	pair->own = amd_model_add(pair->model, OWN);
	pair->other = amd_model_add(pair->model, OTHER);
	pair->entry = amd_model_table(pair->model, 7);
	INIT_LIST_HEAD(&pair->list);
	KUNIT_EXPECT_EQ(test, amd_model_set(pair->own, &pair->entry), 0);
	KUNIT_EXPECT_EQ(test, amd_model_set(pair->other, &pair->entry), 0);
	list_add_tail_rcu(&pair->own->ats_node, &pair->list);
	list_add_tail_rcu(&pair->other->ats_node, &pair->list);
	pair->model->globals = 0;
	return pair;
}

static inline int flush(struct amd_pair *pair)
{
	const struct nyx_flush flush = {
		.domain_id = 7,
		.start = 0x1000,
		.last = 0x1fff,
		.ats = &pair->list,
	};

	return pair->own->unit->ops->flush(pair->own->unit, &flush);
}

#endif /* NYX_KUNIT_AMD_ATS_FIXTURE_H */
