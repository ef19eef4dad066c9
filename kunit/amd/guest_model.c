// SPDX-License-Identifier: GPL-2.0-only
/*
 * The unit's guest translations. Numbers are those of the AMD IOMMU specification
 * (48882).
 */
#include <linux/io.h>
#include <nyx/pt.h>

#include "model.h"

#define ADDRESS 0x000ffffffffff000ULL

/**
 * amd_guest_root() - the GCR3 table that a device table entry leads to
 * @q: the entry
 *
 * Bits 14:12 of the address are bits 60:58 of the entry, bits 30:15 are bits 95:80,
 * bits 51:31 are bits 127:107.
 *
 * Context: Any.
 * Return: its physical address.
 */
u64 amd_guest_root(const u64 *q)
{
	return (q[0] >> 58 & 7) << 12 | (q[1] >> 16 & 0xffff) << 15 |
	       q[1] >> 43 << 31;
}

static bool covers(const struct amd_guest_cached *c, u16 domain_id, u32 pasid)
{
	return c->domain_id == domain_id && c->pasid == pasid;
}

static void add(struct amd_model *model, struct amd_guest_list *list,
		const struct amd_guest_cached *c)
{
	unsigned int i;

	for (i = 0; i < list->nr; i++)
		if (list->at[i].rid == c->rid && list->at[i].val == c->val &&
		    covers(&list->at[i], c->domain_id, c->pasid))
			return;
	KUNIT_EXPECT_LT(model->test, list->nr, AMD_GUEST_CACHED);
	if (list->nr < AMD_GUEST_CACHED)
		list->at[list->nr++] = *c;
}

/* GLX, bits 57:56, is the number of levels minus one. V is bit 0. */
static u64 read_entry(const struct amd_model_device *dev, u32 pasid)
{
	u64 entry = amd_guest_root(dev->q) | 1;
	int level;

	if (pasid >> (((dev->q[0] >> 56 & 3) + 1) * 9))
		return 0;
	for (level = dev->q[0] >> 56 & 3; level >= 0 && (entry & 1); level--)
		entry = READ_ONCE(((u64 *)phys_to_virt(entry & ADDRESS))
				  [pasid >> level * 9 & 511]);
	return entry;
}

/* Only valid entries are cached: NpCache is 0. */
static u64 cached_entry(struct amd_model *model,
			const struct amd_model_device *dev, u32 pasid)
{
	struct amd_guest_list *list = &model->guest.entries;
	struct amd_guest_cached c = {
		.rid = dev->rid,
		.domain_id = dev->q[1],
		.pasid = pasid,
	};
	unsigned int i;

	for (i = 0; i < list->nr; i++)
		if (list->at[i].rid == dev->rid &&
		    covers(&list->at[i], dev->q[1], pasid))
			return list->at[i].val;
	c.val = read_entry(dev, pasid);
	if (c.val & 1)
		add(model, list, &c);
	return c.val;
}

static void request(struct amd_model *model,
		    const struct amd_model_device *dev, u32 pasid)
{
	struct amd_guest_cached c = {
		.rid = dev->rid,
		.domain_id = dev->q[1],
		.pasid = pasid,
		.val = cached_entry(model, dev, pasid),
	};

	if (!(c.val & 1))
		return;
	add(model, &model->guest.walks, &c);
	add(model, &model->guest.ever, &c);
}

/**
 * amd_guest_dma() - have a device send requests without PASID, and with each PASID
 * @model: the unit
 * @dev: the device, whose entry is cached
 *
 * GV is bit 55, GIOV bit 54, IR and IW bits 62:61, Mode bits 11:9. GTEn is bit 16 of
 * the Control Register; the largest GLX is in bits 15:14 of the EFR.
 *
 * Context: @model->lock is held.
 */
void amd_guest_dma(struct amd_model *model, const struct amd_model_device *dev)
{
	struct kunit *test = model->test;
	unsigned int i;

	if (!(dev->q[0] & 3ULL << 61) || !(dev->q[0] & BIT_ULL(55)))
		return;
	KUNIT_EXPECT_TRUE(test, model->control & BIT_ULL(16));
	KUNIT_EXPECT_EQ(test, dev->q[0] & 3, 3);
	KUNIT_EXPECT_EQ(test, dev->q[0] >> 9 & 7, 0);
	KUNIT_EXPECT_LE(test, dev->q[0] >> 56 & 3, model->efr >> 14 & 3);
	if (dev->q[0] & BIT_ULL(54))
		request(model, dev, 0);
	else
		model->guest.untranslated++;
	for (i = 0; i < model->guest.nr_pasids; i++)
		request(model, dev, model->guest.pasids[i]);
}

static void drop(struct amd_guest_list *list, bool entry, u16 rid,
		 u16 domain_id, u32 pasid)
{
	unsigned int i, nr = 0;

	for (i = 0; i < list->nr; i++)
		if (entry ? list->at[i].rid != rid :
			    !covers(&list->at[i], domain_id, pasid))
			list->at[nr++] = list->at[i];
	list->nr = nr;
}

/**
 * amd_guest_invalidate_entry() - INVALIDATE_DEVTAB_ENTRY
 * @model: the unit
 * @rid: the DeviceID
 *
 * Context: @model->lock is held.
 */
void amd_guest_invalidate_entry(struct amd_model *model, u16 rid)
{
	if (model->guest.with_entry)
		drop(&model->guest.entries, true, rid, 0, 0);
}

/**
 * amd_guest_invalidate_pages() - INVALIDATE_IOMMU_PAGES with GN (bit 66) set
 * @model: the unit
 * @lo: bits 63:0: the PASID is bits 19:0, the DomainID bits 47:32
 * @hi: bits 127:64: S is bit 0, PDE bit 1
 *
 * It covers everything if S and all address bits are set; the model caches nothing
 * smaller. What is not a leaf is covered only with PDE.
 *
 * Context: @model->lock is held.
 */
void amd_guest_invalidate_pages(struct amd_model *model, u64 lo, u64 hi)
{
	u16 domain_id = lo >> 32;
	u32 pasid = lo & 0xfffff;

	if ((hi | 0x8000000000000000ULL) >> 12 != 0xfffffffffffffULL ||
	    !(hi & 1))
		return;
	drop(&model->guest.walks, false, 0, domain_id, pasid);
	if (!model->guest.with_entry && (hi & 2))
		drop(&model->guest.entries, false, 0, domain_id, pasid);
}

/**
 * amd_guest_invalidate_all() - INVALIDATE_IOMMU_ALL
 * @model: the unit
 *
 * Context: @model->lock is held.
 */
void amd_guest_invalidate_all(struct amd_model *model)
{
	model->guest.entries.nr = 0;
	model->guest.walks.nr = 0;
}

static bool leads_to(const struct amd_guest_cached *c, const struct nyx_pt *pt)
{
	return (c->val & ADDRESS) == virt_to_phys(pt->root);
}

/**
 * amd_guest_caches() - whether the unit caches anything of a table
 * @model: the unit
 * @pt: the table
 *
 * Context: Any.
 * Return: true if it caches translations, or an entry that leads to it.
 */
bool amd_guest_caches(struct amd_model *model, const struct nyx_pt *pt)
{
	const struct amd_guest_list *walks = &model->guest.walks;
	const struct amd_guest_list *entries = &model->guest.entries;
	unsigned int i;

	for (i = 0; i < walks->nr; i++)
		if (leads_to(&walks->at[i], pt))
			return true;
	for (i = 0; i < entries->nr; i++)
		if (leads_to(&entries->at[i], pt))
			return true;
	return false;
}

/**
 * amd_guest_reaches() - whether a device reaches a table
 * @model: the unit
 * @rid: the DeviceID
 * @pasid: the PASID, 0 for requests without PASID
 * @pt: the table
 *
 * The device uses whatever is cached under the DomainID of its entry, also if
 * another device caused it.
 *
 * Context: Any.
 * Return: true if it does.
 */
bool amd_guest_reaches(struct amd_model *model, u16 rid, u32 pasid,
		       const struct nyx_pt *pt)
{
	const struct amd_model_device *dev = amd_model_find(model, rid);
	const struct amd_guest_list *walks = &model->guest.walks;
	unsigned int i;

	if (!dev->cached || !(dev->q[0] & BIT_ULL(55)) ||
	    !(dev->q[0] & 3ULL << 61))
		return false;
	for (i = 0; i < walks->nr; i++)
		if (covers(&walks->at[i], dev->q[1], pasid) &&
		    leads_to(&walks->at[i], pt))
			return true;
	return false;
}

/**
 * amd_guest_tagged() - whether the unit has ever cached a table under a DomainID
 * @model: the unit
 * @domain_id: the DomainID
 * @pt: the table
 *
 * Context: Any.
 * Return: true if it has.
 */
bool amd_guest_tagged(struct amd_model *model, u16 domain_id,
		      const struct nyx_pt *pt)
{
	const struct amd_guest_list *ever = &model->guest.ever;
	unsigned int i;

	for (i = 0; i < ever->nr; i++)
		if (ever->at[i].domain_id == domain_id &&
		    leads_to(&ever->at[i], pt))
			return true;
	return false;
}
