/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A unit with guest tables, and devices that use them.
 */
#ifndef NYX_KUNIT_AMD_GUEST_FIXTURE_H
#define NYX_KUNIT_AMD_GUEST_FIXTURE_H

#include <nyx/pt.h>
#include <nyx/unit.h>

#include "../unit_core.h"
#include "amd/amd.h"
#include "amd/caps.h"
#include "model.h"

/* Both places in which a unit may cache entries of GCR3 tables. */
static const bool guest_caches[] = { false, true };

static inline void guest_caches_desc(const bool *with_entry, char *desc)
{
	strscpy(desc, *with_entry ? "cached with the device table entry" :
				    "cached with translations",
		KUNIT_PARAM_DESC_SIZE);
}

/* A unit with @glx + 1 levels and PASIDs of @bits bits, which is not started. */
static inline struct amd_model *guest_new(struct kunit *test, unsigned int glx,
					  unsigned int bits)
{
	u64 efr = IA_SUP | GT_SUP | GIO_SUP | GLX_SUP(glx) | PAS_MAX(bits - 1);
	struct amd_model *model = amd_model_new(test, efr, 0xffff);
	struct amd_unit *au = model->au;
	const char *why;

	KUNIT_ASSERT_EQ(test, 0, amd_caps_decode(au->ivrs, au->index, 0, efr,
						 &au->unit.caps, &why));
	return model;
}

/* A unit with PASIDs of 16 bits, as most have. */
static inline struct amd_model *guest_running(struct kunit *test)
{
	struct amd_model *model = guest_new(test, 1, 16);

	if (test->param_value)
		model->guest.with_entry = *(const bool *)test->param_value;
	amd_model_start(model);
	return model;
}

static inline struct nyx_entry guest_table(struct kunit *test, u16 domain_id)
{
	struct nyx_entry entry = unit_core_table(test, domain_id, false);

	((struct nyx_pt *)entry.pt)->fmt = &nyx_pt_x86;
	entry.pasids = true;
	return entry;
}

static inline struct nyx_entry guest_identity(u16 domain_id)
{
	struct nyx_entry entry = unit_core_identity(domain_id);

	entry.pasids = true;
	return entry;
}

/* A device that may use PASIDs; the entries that it gets have their own DomainIDs. */
static inline struct nyx_device *guest_add(struct amd_model *model, u16 rid)
{
	struct nyx_device *ndev = amd_model_add(model, rid);

	ndev->own_domain_id = 1;
	return ndev;
}

static inline void guest_set(struct nyx_device *ndev,
			     const struct nyx_entry *entry)
{
	struct amd_model *model = amd_model_at(0);

	KUNIT_ASSERT_EQ(model->test, amd_model_set(ndev, entry), 0);
	ndev->entry = *entry;
}

#endif /* NYX_KUNIT_AMD_GUEST_FIXTURE_H */
