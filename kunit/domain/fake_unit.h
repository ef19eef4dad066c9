/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A unit for tests of the core: nyx_entry_set() changes its entries through
 * struct nyx_entry_ops and struct nyx_invalidate_ops, and nothing else happens.
 */
#ifndef NYX_KUNIT_FAKE_UNIT_H
#define NYX_KUNIT_FAKE_UNIT_H

#include <linux/iommu.h>

#include <nyx/device.h>
#include <nyx/pasid.h>
#include <nyx/unit.h>

struct kunit;

enum { FAKE_RIDS = 4, FAKE_PASIDS = 8 };

/**
 * struct fake_pasid - a PASID of a requester ID
 * @entry: the PASID entry
 * @cached: domain ID of what the unit caches of the entry and its translations, 0 if
 *	it caches nothing
 * @tlb: the device TLB holds translations of the PASID
 */
struct fake_pasid {
	struct nyx_entry entry;
	u16 cached;
	bool tlb;
};

/**
 * struct fake_unit - a unit with one entry for each requester ID
 * @unit: the unit as the core sees it
 * @entries: current entries, by requester ID from 0 on; all block at first
 * @pasids: PASIDs of each requester ID
 * @provides: calls of nyx_pasid_ops.provide
 * @provide_error: their result, unless it is 0
 * @tlbs: commands that invalidated device TLBs of PASIDs
 * @request: a page request in the log of the unit, if @has_request
 * @has_request: see @request
 * @unexpected: number of requests that the core did not expect
 * @responses: number of responses to page requests
 * @response: the last of them
 * @responded: the request to which it was
 * @changes: changes of entries that were requested from the unit
 * @refuse: number of the change that the unit refuses with -EIO, from 1; 0 for
 *	none. The core then blocks the entry instead, which is that change
 * @error: result of every request to the unit, unless it is 0
 * @no_post: nyx_unit_ops.flush_post sends nothing
 * @await_error: result of nyx_unit_ops.flush_await, unless it is 0
 * @await_rid: device to blame for @await_error
 * @globals: calls of nyx_invalidate_ops.global
 * @posted_at: number of the last call of flush_post among the calls of all units
 * @awaited_at: number of the last call of flush_await among them
 * @flushes: calls of nyx_unit_ops.flush, and flushes that were posted and awaited
 *	without error
 * @in_rcu: one of these was in an RCU read-side critical section, as far as
 *	lockdep knows
 * @last: the last of these flushes
 * @on_change: called for each change before the entry is stored, and after a change
 *	of nyx_entry.dirty alone; may be NULL
 * @on_submit: called for commands before they are executed; may be NULL
 * @on_flush: called for each successful flush; may be NULL
 */
struct fake_unit {
	struct nyx_unit unit;
	struct nyx_entry entries[FAKE_RIDS];
	struct fake_pasid pasids[FAKE_RIDS][FAKE_PASIDS];
	unsigned int provides;
	int provide_error;
	unsigned int tlbs;
	struct nyx_page_request request;
	bool has_request;
	unsigned int unexpected;
	unsigned int responses;
	enum nyx_page_response response;
	struct nyx_page_request responded;
	unsigned int changes;
	unsigned int refuse;
	int error;
	bool no_post;
	int await_error;
	u16 await_rid;
	unsigned int globals;
	unsigned int posted_at;
	unsigned int awaited_at;
	unsigned int flushes;
	bool in_rcu;
	struct nyx_flush last;
	void (*on_change)(struct fake_unit *fake, u16 rid,
			  const struct nyx_entry *want);
	void (*on_submit)(struct fake_unit *fake);
	void (*on_flush)(struct fake_unit *fake, const struct nyx_flush *flush);
};

/* Capabilities of a unit with second-stage tables and PASIDs. */
extern const struct nyx_unit_caps fake_pasid_caps;

static inline struct fake_unit *to_fake_unit(struct nyx_unit *unit)
{
	return container_of(unit, struct fake_unit, unit);
}

/**
 * struct fake_device - a device below such a unit, with one requester ID
 * @dev: the device
 * @iommu: the IOMMU core's data of the device
 * @ndev: its record
 */
struct fake_device {
	struct device dev;
	struct dev_iommu iommu;
	struct nyx_device ndev;
};

void fake_unit_init(struct kunit *test, struct fake_unit *fake,
		    const char *name);
void fake_device_init(struct fake_device *device, struct fake_unit *fake,
		      u16 rid);
void fake_device_add(struct fake_device *device);
int fake_device_attach(struct fake_device *device, struct iommu_domain *domain);
void fake_device_leave(struct fake_device *device);
u16 fake_request(struct fake_device *device, u32 pasid);

#endif /* NYX_KUNIT_FAKE_UNIT_H */
