// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupts of a device, as its device table entries (DTEs) specify.
 *
 * At first all interrupts pass unmapped, as before the module was loaded. At
 * the end of loading, the DTEs of all DeviceIDs without a device block them. A
 * device that is added later passes them only if the IOMMU core cannot manage
 * it. When a device is about to get its interrupts from the unit, its DTEs
 * block them. From its first interrupt on, the DTEs lead to its interrupt
 * remapping table. Devices that share a DeviceID share the table, because the
 * unit cannot distinguish them.
 */
#define pr_fmt(fmt) "nyx: " fmt

#include <linux/bitmap.h>
#include <linux/build_bug.h>
#include <linux/cleanup.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/lockdep.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include <nyx/compat.h>
#include <nyx/device.h>
#include <nyx/invalidate.h>
#include <nyx/stats.h>
#include <nyx/unit.h>

#include "amd.h"
#include "cmd.h"
#include "dte.h"
#include "intr.h"
#include "irt.h"
#include "ivrs.h"

/* Vectors of a CPU, from 0. */
#define AMD_VECTORS 256U

/* DeviceIDs that are changed at a time; few devices have more. */
#define AMD_INTR_RIDS 8U
static_assert(2 * AMD_INTR_RIDS + 1 <= NYX_QUEUE_BATCH);

/**
 * struct amd_intr_device - a device whose unmapped interrupts are blocked
 * @rids: the DeviceIDs that its requests may carry
 * @nr_rids: number of entries in @rids
 * @passes: its unmapped interrupts still pass, or pass again: it is being adopted
 *	or returned
 * @irt: its table; NULL until its first interrupt is allocated
 * @refusal_logged: the log has a line on why it cannot have a table
 */
struct amd_intr_device {
	u16 rids[NYX_MAX_RIDS];
	u16 nr_rids;
	bool passes;
	struct amd_irt *irt;
	bool refusal_logged;
};

static void amd_intr_copy_rids(struct amd_intr_device *dev,
			       const struct nyx_device *ndev)
{
	dev->nr_rids = ndev->nr_rids;
	memcpy(dev->rids, ndev->rids, dev->nr_rids * sizeof(*dev->rids));
}

static bool amd_intr_uses(const struct amd_intr_device *dev, u16 rid)
{
	unsigned int i;

	for (i = 0; i < dev->nr_rids; i++)
		if (dev->rids[i] == rid)
			return true;
	return false;
}

/*
 * Computes the interrupt half of a DTE. The pass bits of firmware do not apply
 * to blocked devices: NMIs and similar interrupts would bypass the table, so a
 * device could raise interrupts that it was not given. I/O APICs need these
 * bits, but they are never blocked: see amd_intr_sends_unmapped().
 *
 * A device can forge the DeviceID of no device, so that is blocked in the same
 * way.
 */
static u64 amd_intr_want(struct amd_unit *au, u16 rid)
{
	const struct amd_intr_device *dev;
	const struct amd_irt *irt = NULL;
	unsigned long key;
	bool block = false;

	lockdep_assert_held(&au->intr_lock);
	xa_for_each(&au->intr_devices, key, dev) {
		if (dev->passes || !amd_intr_uses(dev, rid))
			continue;
		block = true;
		irt = irt ?: dev->irt;
	}
	if (irt)
		return amd_irt_dte(irt);
	if (block || (au->unowned_blocked && !amd_intr_has_sender(au, rid)))
		return amd_irt_dte_abort();
	return amd_dte_interrupts(amd_ivrs_dte(au->ivrs, au->index, rid));
}

/*
 * Updates the DTEs of some DeviceIDs. Entries are invalidated before the table:
 * a request that still uses the old entry would load entries of the old table
 * into the cache again.
 */
static int amd_intr_update_rids(struct amd_unit *au, const u16 *rids,
				unsigned int nr_rids)
{
	struct nyx_cmd cmds[2 * AMD_INTR_RIDS + 1];
	u16 changed[AMD_INTR_RIDS];
	unsigned int i, nr = 0, n = 0;
	struct amd_dte *dte;

	for (i = 0; i < nr_rids; i++) {
		u64 want = amd_intr_want(au, rids[i]);

		dte = amd_devtab_lookup(&au->devtab, rids[i]);
		if (!dte)
			continue;
		guard(raw_spinlock_irqsave)(&au->unit.store_lock);
		/* The entries of a dead unit block, or are about to. */
		if (READ_ONCE(au->unit.dead))
			return -EIO;
		if (amd_dte_set_interrupts(dte, want))
			changed[nr++] = rids[i];
	}
	/* When a unit is enabled, everything is invalidated. */
	if (!nr || !READ_ONCE(au->unit.intr.on))
		return 0;
	for (i = 0; i < nr; i++)
		cmds[n++] = amd_cmd_devtab_entry(changed[i]);
	cmds[n++] = amd_cmd_fence();
	for (i = 0; i < nr; i++)
		cmds[n++] = amd_cmd_interrupt_table(changed[i]);
	nyx_stat_inc(&au->unit, NYX_STAT_FLUSH_ENTRY);
	return nyx_invalidate_intr(&au->unit, cmds, n);
}

/* A table is cached by DeviceID, so DeviceIDs are independent of each other. */
static int amd_intr_update_all(struct amd_unit *au, const u16 *rids,
			       unsigned int nr)
{
	unsigned int i;
	int ret = 0;

	for (i = 0; i < nr && !ret; i += AMD_INTR_RIDS)
		ret = amd_intr_update_rids(au, &rids[i],
					   min(nr - i, AMD_INTR_RIDS));
	return ret;
}

static int amd_intr_update(struct amd_unit *au,
			   const struct amd_intr_device *dev)
{
	return amd_intr_update_all(au, dev->rids, dev->nr_rids);
}

/*
 * Without confirmation of its invalidation, the unit may use the table until it
 * is disabled.
 */
static void amd_intr_drop_table(struct amd_unit *au,
				struct amd_intr_device *dev, bool confirmed)
{
	struct amd_irt *irt = dev->irt;

	if (!irt)
		return;
	dev->irt = NULL;
	if (confirmed)
		amd_irt_drop_rids(irt, dev->rids, dev->nr_rids);
	if (--irt->users)
		return;
	if (confirmed) {
		amd_irt_destroy(irt);
		return;
	}
	irt->next_stale = au->stale_irts;
	au->stale_irts = irt;
}

static bool amd_intr_can_block(const struct amd_unit *au,
			       const struct nyx_device *ndev)
{
	unsigned int i;

	for (i = 0; i < ndev->nr_rids; i++)
		if (!amd_devtab_lookup(&au->devtab, ndev->rids[i]) ||
		    amd_intr_sends_unmapped(au, ndev->rids[i]))
			return false;
	return true;
}

/*
 * Finds the table of the devices that share a DeviceID with @dev, or creates
 * one.
 */
static struct amd_irt *amd_intr_find_table(struct amd_unit *au,
					   const struct amd_intr_device *dev)
{
	const struct amd_intr_device *other;
	struct amd_irt *irt = NULL;
	unsigned long key;
	unsigned int i;

	xa_for_each(&au->intr_devices, key, other) {
		for (i = 0; i < dev->nr_rids; i++) {
			if (!other->irt || !amd_intr_uses(other, dev->rids[i]))
				continue;
			if (irt && irt != other->irt)
				return ERR_PTR(-EBUSY);
			irt = other->irt;
		}
	}
	irt = irt ?: amd_irt_create(au->unit.intr.entries,
				    au->intr_wide, au->unit.nid);
	return irt ?: ERR_PTR(-ENOMEM);
}

/* Logs once for each device, because its driver tries several times. */
static int amd_intr_refuse(const struct nyx_device *ndev,
			   struct amd_intr_device *dev, int err)
{
	if (dev->refusal_logged)
		return err;
	dev->refusal_logged = true;
	if (err == -EBUSY)
		dev_err(ndev->dev, "shares DeviceIDs with devices that use different interrupt remapping tables: unbind those devices first\n");
	if (err == -E2BIG)
		dev_err(ndev->dev, "shares DeviceIDs with devices that have %u, the maximum for an interrupt remapping table: unbind some of those devices\n",
			AMD_IRT_RIDS);
	return err;
}

/*
 * A device that had allocated interrupts when it became unmanaged has kept its
 * table. Since then its DeviceIDs may have changed.
 */
static int amd_intr_refresh(struct amd_unit *au, const struct nyx_device *ndev,
			    struct amd_intr_device *dev)
{
	struct amd_intr_device *old __free(kfree) = NULL;
	struct amd_irt *irt = dev->irt;
	int ret = 0;

	if (dev->nr_rids == ndev->nr_rids &&
	    !memcmp(dev->rids, ndev->rids, ndev->nr_rids * sizeof(*dev->rids)))
		return 0;
	old = kmemdup(dev, sizeof(*dev), GFP_KERNEL);
	if (!old)
		return -ENOMEM;
	amd_intr_copy_rids(dev, ndev);
	if (irt)
		ret = PTR_ERR_OR_ZERO(amd_intr_find_table(au, dev)) ?:
		      amd_irt_add_rids(irt, dev->rids, dev->nr_rids);
	if (ret) {
		*dev = *old;
		return amd_intr_refuse(ndev, dev, ret);
	}
	ret = amd_intr_update(au, dev) ?: amd_intr_update(au, old);
	if (!ret && irt)
		amd_irt_drop_rids(irt, old->rids, old->nr_rids);
	return ret;
}

static bool amd_intr_is_updated(struct amd_unit *au,
				const struct amd_intr_device *dev)
{
	const struct amd_dte *dte;
	unsigned int i;

	for (i = 0; i < dev->nr_rids; i++) {
		dte = amd_devtab_lookup(&au->devtab, dev->rids[i]);
		if (dte && READ_ONCE(dte->q[2]) != amd_intr_want(au, dev->rids[i]))
			return false;
	}
	return true;
}

/*
 * On error the unit is out of service. If that happens when the DTEs have just been
 * changed, they stay as they are if they pass DMA, so the interrupts must follow them.
 */
static int amd_intr_set_passes(struct amd_unit *au, struct amd_intr_device *dev,
			       bool passes)
{
	int ret;

	dev->passes = passes;
	ret = amd_intr_update(au, dev);
	if (!ret || amd_intr_is_updated(au, dev))
		return 0;
	dev->passes = !passes;
	amd_intr_update(au, dev);
	return ret;
}

/**
 * amd_intr_block_unmapped() - nyx_intr_ops.block_compat
 * @unit: the unit
 * @ndev: the device
 *
 * Context: May sleep.
 * Return: true if its unmapped interrupts are blocked; false if they keep
 *	passing, because its DeviceID is that of an I/O APIC or similar, there
 *	is no memory, or the unit is out of service; false also, after a log
 *	line, if it cannot keep its table because it now shares DeviceIDs with
 *	other devices.
 */
bool amd_intr_block_unmapped(struct nyx_unit *unit, struct nyx_device *ndev)
{
	struct amd_unit *au = to_amd_unit(unit);
	struct amd_intr_device *dev;

	if (!amd_intr_can_block(au, ndev))
		return false;
	guard(mutex)(&au->intr_lock);
	dev = xa_load(&au->intr_devices, ndev->rid);
	if (dev && dev->passes)
		return !amd_intr_set_passes(au, dev, false);
	if (dev)
		return !amd_intr_refresh(au, ndev, dev);
	dev = kzalloc_obj(*dev);
	if (!dev)
		return false;
	amd_intr_copy_rids(dev, ndev);
	if (!xa_err(xa_store(&au->intr_devices, ndev->rid, dev, GFP_KERNEL))) {
		if (!amd_intr_update(au, dev))
			return true;
		xa_erase(&au->intr_devices, ndev->rid);
		amd_intr_update(au, dev);
	}
	kfree(dev);
	return false;
}

/**
 * amd_intr_prepare_block() - nyx_intr_ops.prepare_block
 * @unit: the unit
 * @ndev: the device
 *
 * Context: May sleep.
 * Return: 0; -EPERM if its DeviceID is that of an I/O APIC or similar; -ENOSPC if
 *	a table does not have an entry for each vector; -EEXIST if its unmapped
 *	interrupts are blocked already; -ENOMEM.
 */
int amd_intr_prepare_block(struct nyx_unit *unit, struct nyx_device *ndev)
{
	struct amd_unit *au = to_amd_unit(unit);
	int ret;

	if (!amd_intr_can_block(au, ndev))
		return -EPERM;
	if (unit->intr.entries < AMD_VECTORS)
		return -ENOSPC;
	guard(mutex)(&au->intr_lock);
	if (xa_load(&au->intr_devices, ndev->rid))
		return -EEXIST;
	struct amd_intr_device *dev __free(kfree) = kzalloc_obj(*dev);
	if (!dev)
		return -ENOMEM;
	amd_intr_copy_rids(dev, ndev);
	dev->passes = true;
	ret = xa_err(xa_store(&au->intr_devices, ndev->rid, dev, GFP_KERNEL));
	if (!ret)
		retain_and_null_ptr(dev);	/* the array has it */
	return ret;
}

/**
 * amd_intr_unblock() - nyx_intr_ops.unblock
 * @unit: the unit
 * @ndev: the device; amd_intr_block_unmapped() succeeded for it
 *
 * Context: May sleep; nyx_devices_lock is held.
 * Return: 0, or -EIO if the unit is out of service.
 */
int amd_intr_unblock(struct nyx_unit *unit, struct nyx_device *ndev)
{
	struct amd_unit *au = to_amd_unit(unit);
	struct amd_intr_device *dev;

	guard(mutex)(&au->intr_lock);
	dev = xa_load(&au->intr_devices, ndev->rid);
	return dev ? amd_intr_set_passes(au, dev, true) : 0;
}

/**
 * amd_intr_allow_unmapped() - nyx_intr_ops.allow_compat
 * @unit: the unit
 * @ndev: the device
 *
 * Context: May sleep.
 */
void amd_intr_allow_unmapped(struct nyx_unit *unit, struct nyx_device *ndev)
{
	struct amd_unit *au = to_amd_unit(unit);
	struct amd_intr_device *dev;

	guard(mutex)(&au->intr_lock);
	dev = xa_erase(&au->intr_devices, ndev->rid);
	if (!dev)
		return;
	amd_intr_drop_table(au, dev, !amd_intr_update(au, dev));
	kfree(dev);
}

/**
 * amd_intr_update_unowned() - nyx_intr_ops.update_unowned
 * @unit: the unit
 * @ndev: the device
 *
 * Context: May sleep; nyx_devices_lock is held.
 */
void amd_intr_update_unowned(struct nyx_unit *unit, struct nyx_device *ndev)
{
	struct amd_unit *au = to_amd_unit(unit);

	guard(mutex)(&au->intr_lock);
	if (au->unowned_blocked)
		amd_intr_update_all(au, ndev->rids, ndev->nr_rids);
}

/* Unless DMA with the DeviceID passes, as in amd_intr_has_sender(). */
static void amd_intr_block_id(struct amd_unit *au, u16 rid)
{
	struct amd_dte *dte = amd_devtab_lookup(&au->devtab, rid);

	if (!dte || amd_intr_sends_unmapped(au, rid))
		return;
	guard(raw_spinlock_irqsave)(&au->unit.store_lock);
	if (!READ_ONCE(au->unit.dead) && !amd_dte_passes(dte))
		amd_dte_set_interrupts(dte, amd_irt_dte_abort());
}

/**
 * amd_intr_block_unowned() - nyx_intr_ops.block_unowned
 * @unit: the unit, which remaps interrupts
 *
 * Context: May sleep; nyx_devices_lock is held.
 */
void amd_intr_block_unowned(struct nyx_unit *unit)
{
	unsigned long *senders __free(bitmap) = NULL;
	struct amd_unit *au = to_amd_unit(unit);
	u32 id;

	/* 8 KiB: a failure would leave a gap in the isolation of devices. */
	senders = bitmap_zalloc(AMD_DEVICE_IDS, GFP_KERNEL | __GFP_NOFAIL);
	guard(mutex)(&au->intr_lock);
	au->unowned_blocked = true;
	amd_intr_collect_senders(au, senders);
	for_each_clear_bit(id, senders, AMD_DEVICE_IDS) {
		amd_intr_block_id(au, id);
		/* Each call searches the special devices of the IVRS. */
		cond_resched();
	}
	/* The unit may cache any of these entries. */
	nyx_invalidate_global(unit);
}

/**
 * amd_intr_block_foreign() - block the interrupts of devices that work for a
 *	kernel that crashed
 * @au: the unit, with an entry of that kernel for each such device
 *
 * They would pass unmapped, with the index of a remapped interrupt as their
 * vector. Devices with a driver send interrupts of this kernel.
 *
 * Context: Any; nothing but the caller changes the devices. Does something only
 *	once, before the driver's table is used.
 */
void amd_intr_block_foreign(struct amd_unit *au)
{
	unsigned long *senders __free(bitmap) = NULL;
	struct amd_dte *dte;
	u32 id;

	if (au->unowned_blocked || !au->unit.intr.ops || au->unit.intr.why_off)
		return;
	senders = bitmap_zalloc(AMD_DEVICE_IDS, GFP_KERNEL | __GFP_NOFAIL);
	guard(mutex)(&nyx_devices_lock);
	guard(mutex)(&au->intr_lock);
	au->unowned_blocked = true;
	amd_intr_collect_senders(au, senders);
	for_each_set_bit(id, au->unit.foreign, AMD_DEVICE_IDS) {
		dte = amd_devtab_lookup(&au->devtab, id);
		if (!test_bit(id, senders) && !amd_intr_sends_unmapped(au, id))
			amd_dte_set_interrupts(dte, amd_irt_dte_abort());
	}
}

static int amd_intr_give_table(struct amd_unit *au,
			       const struct nyx_device *ndev,
			       struct amd_intr_device *dev)
{
	struct amd_irt *irt = amd_intr_find_table(au, dev);
	int ret;

	if (IS_ERR(irt))
		return amd_intr_refuse(ndev, dev, PTR_ERR(irt));
	/* A new table has room for all DeviceIDs that a device can have. */
	BUILD_BUG_ON(NYX_MAX_RIDS > AMD_IRT_RIDS);
	ret = amd_irt_add_rids(irt, dev->rids, dev->nr_rids);
	if (ret)
		return amd_intr_refuse(ndev, dev, ret);
	irt->users++;
	dev->irt = irt;
	ret = amd_intr_update(au, dev);
	if (ret)
		amd_intr_drop_table(au, dev, false);
	return ret;
}

/**
 * amd_intr_provide_table() - make sure that a device has a table
 * @au: the unit
 * @ndev: the device
 *
 * Context: May sleep; &amd_unit.intr_lock is held.
 * Return: 0; -ENXIO if its unmapped interrupts are not blocked; after a log
 *	line, -EBUSY if it shares DeviceIDs with devices that have different
 *	tables, or -E2BIG if too many DeviceIDs share the table; -ENOMEM; -EIO
 *	if the unit is out of service.
 */
int amd_intr_provide_table(struct amd_unit *au, const struct nyx_device *ndev)
{
	struct amd_intr_device *dev = xa_load(&au->intr_devices, ndev->rid);

	if (!dev)
		return -ENXIO;
	return dev->irt ? 0 : amd_intr_give_table(au, ndev, dev);
}

/**
 * amd_intr_table() - get the table of a device
 * @au: the unit
 * @ndev: the device, which has entries of the table or is about to get some
 *
 * Context: Any. Needs no lock: a device keeps its table as long as it has
 *	entries.
 * Return: the table.
 */
struct amd_irt *amd_intr_table(struct amd_unit *au,
			       const struct nyx_device *ndev)
{
	const struct amd_intr_device *dev = xa_load(&au->intr_devices,
						    ndev->rid);

	return dev->irt;
}

/**
 * amd_intr_free_devices() - free the interrupt data of all devices
 * @au: the unit, which is disabled
 *
 * Context: May sleep.
 */
void amd_intr_free_devices(struct amd_unit *au)
{
	struct amd_intr_device *dev;
	struct amd_irt *irt;
	unsigned long key;

	guard(mutex)(&au->intr_lock);
	au->unowned_blocked = false;
	xa_for_each(&au->intr_devices, key, dev) {
		amd_intr_drop_table(au, dev, true);
		kfree(dev);
	}
	xa_destroy(&au->intr_devices);
	while (au->stale_irts) {
		irt = au->stale_irts;
		au->stale_irts = irt->next_stale;
		amd_irt_destroy(irt);
	}
}
