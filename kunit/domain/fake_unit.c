// SPDX-License-Identifier: GPL-2.0-only
/*
 * A unit for tests of the core.
 */
#include <kunit/test.h>
#include <linux/bitfield.h>
#include <linux/rcupdate.h>
#include <linux/string.h>

#include <nyx/device.h>
#include <nyx/domain.h>
#include <nyx/entry.h>
#include <nyx/invalidate.h>

#include "domain/domain.h"
#include "../unit_core.h"
#include "fake_unit.h"

const struct nyx_unit_caps fake_pasid_caps = {
	.format = &nyx_pt_vtdss,
	.pgsizes = SZ_4K,
	.levels = BIT(4),
	.addr_bits = 48,
	.phys_bits = 46,
	.max_domain_id = 8,
	.coherent = true,
	.passthrough = true,
	.pasid_bits = 20,
};

/* Commands about PASIDs; all others are 0 and have no effect. */
#define FAKE_CMD_KIND GENMASK_ULL(63, 62)
#define FAKE_CMD_RID GENMASK_ULL(15, 0)
#define FAKE_CMD_PASID GENMASK_ULL(35, 16)
#define FAKE_CMD_DOMAIN GENMASK_ULL(51, 36)

enum { FAKE_OTHER, FAKE_INV, FAKE_TLB };

static int fake_result(const struct fake_unit *fake)
{
	return fake->changes + 1 == fake->refuse ? -EIO : fake->error;
}

/* Called before a change of an entry, except one that blocks. */
static int fake_provide(struct nyx_unit *unit, const struct nyx_device *ndev)
{
	return fake_result(to_fake_unit(unit));
}

static bool fake_replace(struct nyx_unit *unit, u16 rid,
			 const struct nyx_entry *want, u16 *domain_id)
{
	struct fake_unit *fake = to_fake_unit(unit);
	struct nyx_entry *entry = &fake->entries[rid];

	fake->changes++;
	if (fake->on_change)
		fake->on_change(fake, rid, want);
	if (entry->kind == NYX_ENTRY_BLOCKED) {
		if (want->kind == NYX_ENTRY_BLOCKED)
			*entry = *want;
		return false;
	}
	*domain_id = entry->domain_id;
	*entry = *want;
	return true;
}

static bool fake_fill(struct nyx_unit *unit, u16 rid,
		      const struct nyx_entry *want)
{
	struct nyx_entry *entry = &to_fake_unit(unit)->entries[rid];

	if (rid >= FAKE_RIDS || entry->kind != NYX_ENTRY_BLOCKED)
		return false;
	*entry = *want;
	return true;
}

static bool fake_block_ats(struct nyx_unit *unit, u16 rid)
{
	struct nyx_entry *entry = &to_fake_unit(unit)->entries[rid];

	if (!entry->ats)
		return false;
	*entry = (struct nyx_entry) { .kind = NYX_ENTRY_BLOCKED };
	return true;
}

static bool fake_set_dirty(struct nyx_unit *unit, u16 rid, bool on,
			   u16 *domain_id)
{
	struct fake_unit *fake = to_fake_unit(unit);
	struct nyx_entry *entry = &fake->entries[rid];

	fake->changes++;
	if (entry->kind != NYX_ENTRY_TABLE || entry->dirty == on)
		return false;
	entry->dirty = on;
	*domain_id = entry->domain_id;
	if (fake->on_change)
		fake->on_change(fake, rid, entry);
	return true;
}

static int fake_publish(struct nyx_unit *unit)
{
	return 0;
}

static unsigned int fake_inv_entry(const struct nyx_unit *unit, u16 rid,
				   u16 domain_id, struct nyx_cmd *cmds)
{
	cmds[0] = (struct nyx_cmd) { };
	return 1;
}

static struct nyx_cmd fake_inv_domain(const struct nyx_unit *unit,
				      u16 domain_id)
{
	return (struct nyx_cmd) { };
}

static const struct nyx_entry_ops fake_entry_ops = {
	.provide = fake_provide,
	.replace = fake_replace,
	.fill = fake_fill,
	.block_ats = fake_block_ats,
	.set_dirty = fake_set_dirty,
	.publish = fake_publish,
	.inv_entry = fake_inv_entry,
	.inv_domain = fake_inv_domain,
};

static int fake_provide_pasid(struct nyx_unit *unit,
			      const struct nyx_device *ndev, u32 pasid)
{
	struct fake_unit *fake = to_fake_unit(unit);

	fake->provides++;
	return fake->provide_error;
}

static bool fake_block_pasid(struct nyx_unit *unit, u16 rid, u32 pasid,
			     u16 *domain_id)
{
	struct nyx_entry *entry = &to_fake_unit(unit)->pasids[rid][pasid].entry;

	if (entry->kind == NYX_ENTRY_BLOCKED)
		return false;
	*domain_id = entry->domain_id;
	*entry = (struct nyx_entry) { .kind = NYX_ENTRY_BLOCKED };
	return true;
}

static void fake_fill_pasid(struct nyx_unit *unit, u16 rid, u32 pasid,
			    const struct nyx_entry *want)
{
	to_fake_unit(unit)->pasids[rid][pasid].entry = *want;
}

static struct nyx_cmd fake_cmd(unsigned int kind, u16 rid, u32 pasid, u16 id)
{
	return (struct nyx_cmd) {
		.lo = FIELD_PREP(FAKE_CMD_KIND, kind) |
		      FIELD_PREP(FAKE_CMD_RID, rid) |
		      FIELD_PREP(FAKE_CMD_PASID, pasid) |
		      FIELD_PREP(FAKE_CMD_DOMAIN, id),
	};
}

static unsigned int fake_inv_pasid(const struct nyx_unit *unit, u16 rid,
				   u32 pasid, u16 domain_id,
				   struct nyx_cmd *cmds)
{
	cmds[0] = fake_cmd(FAKE_INV, rid, pasid, domain_id);
	return 1;
}

static struct nyx_cmd fake_pasid_tlb(const struct nyx_unit *unit,
				     const struct nyx_device *ndev, u32 pasid,
				     struct nyx_range range)
{
	return fake_cmd(FAKE_TLB, ndev->rid, pasid, 0);
}

static const struct nyx_pasid_ops fake_pasid_ops = {
	.provide = fake_provide_pasid,
	.block = fake_block_pasid,
	.fill = fake_fill_pasid,
	.inv = fake_inv_pasid,
	.device = fake_pasid_tlb,
};

static void fake_execute(struct fake_unit *fake, const struct nyx_cmd *cmd)
{
	struct fake_pasid *pasid =
		&fake->pasids[FIELD_GET(FAKE_CMD_RID, cmd->lo)]
			     [FIELD_GET(FAKE_CMD_PASID, cmd->lo)];

	switch (FIELD_GET(FAKE_CMD_KIND, cmd->lo)) {
	case FAKE_INV:
		if (pasid->cached == FIELD_GET(FAKE_CMD_DOMAIN, cmd->lo))
			pasid->cached = 0;
		break;
	case FAKE_TLB:
		fake->tlbs++;
		/* It obtains the old translation again if the unit has it. */
		pasid->tlb = pasid->cached;
		break;
	}
}

static int fake_submit(struct nyx_unit *unit, const struct nyx_cmd *cmds,
		       unsigned int nr, u16 *rid)
{
	struct fake_unit *fake = to_fake_unit(unit);
	unsigned int i;

	if (fake->on_submit)
		fake->on_submit(fake);
	/* After a change that blocks an entry. */
	if (fake->changes == fake->refuse)
		return -EIO;
	for (i = 0; !fake->error && i < nr; i++)
		fake_execute(fake, &cmds[i]);
	return fake->error;
}

static int fake_global(struct nyx_unit *unit)
{
	struct fake_unit *fake = to_fake_unit(unit);
	int rid, pasid;

	fake->globals++;
	for (rid = 0; rid < FAKE_RIDS; rid++)
		for (pasid = 0; pasid < FAKE_PASIDS; pasid++)
			fake->pasids[rid][pasid].cached = 0;
	return fake_result(fake);
}

static bool fake_targets_device(const struct nyx_cmd *cmd, u16 *rid)
{
	return false;
}

static struct nyx_cmd fake_device(const struct nyx_unit *unit,
				  const struct nyx_device *ndev,
				  struct nyx_range range)
{
	return (struct nyx_cmd) { };
}

static const struct nyx_invalidate_ops fake_invalidate_ops = {
	.submit = fake_submit,
	.global = fake_global,
	.targets_device = fake_targets_device,
	.device = fake_device,
	.device_tries = 1,
};

static int fake_flush(struct nyx_unit *unit, const struct nyx_flush *flush)
{
	struct fake_unit *fake = to_fake_unit(unit);

	fake->flushes++;
	fake->in_rcu |= debug_lockdep_rcu_enabled() && rcu_read_lock_held();
	fake->last = *flush;
	if (!fake->error && fake->on_flush)
		fake->on_flush(fake, flush);
	return fake->error;
}

/* Numbers the calls of all fake units. */
static unsigned int fake_calls;

static bool fake_flush_post(struct nyx_unit *unit,
			    const struct nyx_flush *flush,
			    struct nyx_flush_ticket *ticket)
{
	struct fake_unit *fake = to_fake_unit(unit);

	if (fake->no_post)
		return false;
	fake->last = *flush;
	fake->posted_at = ++fake_calls;
	return true;
}

static int fake_flush_await(struct nyx_unit *unit,
			    const struct nyx_flush_ticket *ticket, u16 *rid)
{
	struct fake_unit *fake = to_fake_unit(unit);

	*rid = fake->await_rid;
	fake->awaited_at = ++fake_calls;
	return fake->await_error ?: fake_flush(unit, &fake->last);
}

static void fake_drain_requests(struct nyx_unit *unit,
				const struct nyx_device *ndev)
{
	unit_core_step('D');
}

static void fake_read_requests(struct nyx_unit *unit)
{
	struct fake_unit *fake = to_fake_unit(unit);

	unit_core_step('R');
	if (fake->has_request)
		fake->unexpected += !nyx_page_request(unit, &fake->request);
	fake->has_request = false;
}

static void fake_respond(struct nyx_unit *unit,
			 const struct nyx_page_request *req,
			 enum nyx_page_response response)
{
	struct fake_unit *fake = to_fake_unit(unit);

	fake->responses++;
	fake->responded = *req;
	fake->response = response;
}

static bool fake_contain(struct nyx_unit *unit)
{
	return true;
}

static const struct nyx_unit_ops fake_ops = {
	.flush = fake_flush,
	.flush_post = fake_flush_post,
	.flush_await = fake_flush_await,
	.drain_requests = fake_drain_requests,
	.read_requests = fake_read_requests,
	.respond = fake_respond,
	.contain = fake_contain,
	.entries = &fake_entry_ops,
	.pasids = &fake_pasid_ops,
	.invalidate = &fake_invalidate_ops,
};

static void fake_cleanup(void *data)
{
	struct fake_unit *fake = data;

	nyx_unit_cleanup(&fake->unit);
}

/**
 * fake_unit_init() - set up a unit that blocks all devices
 * @test: the test
 * @fake: the unit, zeroed; cleaned up with the test
 * @name: name of the unit
 *
 * The caller sets @fake->unit.caps.
 *
 * Context: May sleep.
 */
void fake_unit_init(struct kunit *test, struct fake_unit *fake,
		    const char *name)
{
	KUNIT_ASSERT_EQ(test, 0, nyx_unit_init(&fake->unit, &fake_ops));
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, fake_cleanup, fake));
	strscpy(fake->unit.name, name);
	fake->unit.nid = NUMA_NO_NODE;
}

/**
 * fake_device_init() - set up a device that is blocked
 * @device: the device, zeroed
 * @fake: the unit that serves it
 * @rid: its requester ID, less than FAKE_RIDS
 *
 * Context: Any.
 */
void fake_device_init(struct fake_device *device, struct fake_unit *fake,
		      u16 rid)
{
	struct nyx_device *ndev = &device->ndev;

	device->dev.iommu = &device->iommu;
	device->iommu.priv = ndev;
	ndev->dev = &device->dev;
	ndev->unit = &fake->unit;
	ndev->rid = rid;
	ndev->rids[0] = rid;
	ndev->nr_rids = 1;
	mutex_init(&ndev->entry_lock);
	INIT_LIST_HEAD(&ndev->ats_node);
	xa_init(&ndev->pasids);
}

/**
 * fake_device_add() - let a device have PASIDs and ATS, and add it to nyx_devices
 * @device: the device
 *
 * Context: May sleep.
 */
void fake_device_add(struct fake_device *device)
{
	struct nyx_device *ndev = &device->ndev;

	ndev->pasid = true;
	ndev->ats_supported = true;
	ndev->ats_qdep = 32;
	nyx_pasids_init(ndev);
	list_add_tail_rcu(&ndev->node, &nyx_devices);
}

/**
 * fake_device_attach() - attach a device to a domain, as the IOMMU core does
 * @device: the device
 * @domain: the domain
 *
 * Context: May sleep.
 * Return: the result of attach_dev.
 */
int fake_device_attach(struct fake_device *device, struct iommu_domain *domain)
{
	return nyx_paging_ops.attach_dev(domain, &device->dev, NULL);
}

/**
 * fake_device_leave() - block a device, as the core does when it leaves its domain
 * @device: the device
 *
 * Context: May sleep.
 */
void fake_device_leave(struct fake_device *device)
{
	static const struct nyx_entry blocked = { .kind = NYX_ENTRY_BLOCKED };

	guard(mutex)(&device->ndev.entry_lock);
	nyx_device_set_entry(&device->ndev, &blocked, NULL);
}

/**
 * fake_request() - let a device send a request with a PASID
 * @device: the device
 * @pasid: the PASID
 *
 * The unit caches what it used. A device with ATS caches the translation as well, and
 * does not ask the unit the next time.
 *
 * Context: Any.
 * Return: domain ID that the request was translated with; 0 if it faulted;
 *	U16_MAX if it used the device TLB.
 */
u16 fake_request(struct fake_device *device, u32 pasid)
{
	const struct nyx_device *ndev = &device->ndev;
	struct fake_unit *fake = to_fake_unit(ndev->unit);
	struct fake_pasid *use = &fake->pasids[ndev->rid][pasid];
	const struct nyx_entry *entry = &fake->entries[ndev->rid];

	if (use->tlb)
		return U16_MAX;
	if (entry->kind == NYX_ENTRY_BLOCKED || !entry->pasids)
		return 0;
	if (!use->cached && use->entry.kind != NYX_ENTRY_BLOCKED)
		use->cached = use->entry.domain_id;
	use->tlb = use->cached && entry->ats && ndev->ats_enabled;
	return use->cached;
}
