/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Units with first-stage tables, and entries that lead to such tables.
 */
#ifndef NYX_KUNIT_VTD_FIRST_FIXTURE_H
#define NYX_KUNIT_VTD_FIRST_FIXTURE_H

#include <linux/io.h>
#include <nyx/pt.h>
#include <nyx/unit.h>

#include "core.h"
#include "model.h"

/* Capabilities of a unit that has only first-stage tables, for 20 bits of PASID. */
#define FIRST_CAP (MODEL_CAP & ~0x1f00ULL)
#define FIRST_ECAP (MODEL_ECAP | MODEL_ECAP_DT | MODEL_ECAP_SMTS | MODEL_ECAP_FSTS | \
		    MODEL_ECAP_PASID | MODEL_ECAP_PSS(20))
/* And of one that has both kinds. */
#define BOTH_ECAP (FIRST_ECAP | MODEL_ECAP_SSTS)

struct first_kind {
	const char *name;
	u64 cap;
	u64 ecap;
	bool no_cx16;
};

static inline bool first_only(const struct vtd_model *model)
{
	return !(model->ecap & MODEL_ECAP_SSTS);
}

/* An entry with a new first-stage table; with 4 levels unless the unit walks 5. */
static inline struct nyx_entry first_table(const struct vtd_model *model, u16 did,
					   u8 levels, bool ats)
{
	struct nyx_entry entry = unit_core_table(model->test, did, ats);
	struct nyx_pt *pt = (struct nyx_pt *)entry.pt;

	pt->fmt = &nyx_pt_x86;
	pt->cfg.levels = model->cap & MODEL_CAP_FS5LP ? levels : 4;
	return entry;
}

/* One with a new second-stage table if the unit has them. */
static inline struct nyx_entry second_table(const struct vtd_model *model, u16 did,
					    bool ats)
{
	return first_only(model) ? first_table(model, did, 4, ats) :
				   unit_core_table(model->test, did, ats);
}

static inline u64 table_of(const struct nyx_entry *entry)
{
	return virt_to_phys(entry->pt->root);
}

/* What the model reads of an entry, in its format. */
static inline void first_value(const struct nyx_entry *entry, u64 *lo, u64 *hi)
{
	*lo = 0;
	*hi = (u64)entry->domain_id << 8 | 2;
	if (entry->kind == NYX_ENTRY_IDENTITY) {
		*lo = 9;
	} else if (entry->kind == NYX_ENTRY_TABLE) {
		*lo = vtd_core_table_lo(entry, entry->ats);
		if (entry->pt->fmt == &nyx_pt_x86) {
			*lo |= WALK_FIRST;
			*hi += entry->pt->cfg.levels - 4;
		}
	}
	/* The page of the second stage is above the domain ID: see vtd_walk_legacy(). */
	if (entry->guest) {
		*lo = entry->guest->root | WALK_FIRST | (entry->ats ? 4 : 0) | 1;
		*hi |= table_of(entry) << 12;
	}
}

/*
 * From each value to each other. The unit only ever sees one of the two, and caches nothing of
 * the old one afterwards. @alias is a second requester ID of the device.
 */
static inline void first_each_to_each(struct vtd_model *model,
				      struct nyx_device *ndev, u16 alias,
				      const struct nyx_entry *entries, size_t nr)
{
	struct kunit *test = model->test;
	u64 lo, hi, want_lo, want_hi;
	size_t i;

	vtd_core_alias(model, ndev, alias);
	for (i = 0; i < nr * nr; i++) {
		const struct nyx_entry *from = &entries[i / nr];
		const struct nyx_entry *to = &entries[i % nr];

		KUNIT_ASSERT_EQ(test, vtd_core_set(model, ndev, from), 0);
		first_value(from, &model->walk.values[0].lo,
			    &model->walk.values[0].hi);
		first_value(to, &want_lo, &want_hi);
		model->walk.values[1].lo = want_lo;
		model->walk.values[1].hi = want_hi;
		model->walk.nr_values = 2;
		KUNIT_ASSERT_EQ(test, vtd_core_set(model, ndev, to), 0);
		vtd_walk_entry(model, alias, &lo, &hi);
		KUNIT_EXPECT_EQ(test, lo, want_lo);
		vtd_walk_entry(model, ndev->rid, &lo, &hi);
		KUNIT_EXPECT_EQ(test, lo, want_lo);
		KUNIT_EXPECT_EQ(test, lo ? hi : want_hi, want_hi);
		model->walk.nr_values = 0;
	}
}

#endif /* NYX_KUNIT_VTD_FIRST_FIXTURE_H */
