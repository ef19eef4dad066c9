// SPDX-License-Identifier: GPL-2.0-only
/*
 * What becomes of the interrupts of a device, which its device table entries tell.
 *
 * At first they all pass, as before the module came. Once a device is to get its
 * interrupts from the unit they are blocked, and from the first that it is given
 * on its table tells. Devices that share a DeviceID share the table, for the unit
 * cannot tell them apart.
 */
#define pr_fmt(fmt) "nyx: " fmt

#include <linux/build_bug.h>
#include <linux/cleanup.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/lockdep.h>
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

/* DeviceIDs that the unit is told of in one go; few devices have more. */
#define AMD_INTR_RIDS 8U
static_assert(2 * AMD_INTR_RIDS + 1 <= NYX_QUEUE_BATCH);

/**
 * struct amd_intr_device - a device whose plain interrupt requests are blocked
 * @rids: the DeviceIDs that its requests may carry
 * @nr_rids: how many
 * @irt: its table; NULL until it is given its first interrupt
 * @refusal_logged: that it cannot be given one was in the log
 */
struct amd_intr_device {
	u16 rids[NYX_MAX_RIDS];
	u16 nr_rids;
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
 * What the device table entry of a DeviceID shall say of interrupts. Where a table
 * counts firmware's bits do not: by them NMIs and the like would pass it, and a
 * device could raise what it was not given. Nobody blocks what comes from I/O
 * APICs, which need them: see amd_intr_sends_unmapped().
 */
static u64 amd_intr_want(struct amd_unit *au, u16 rid)
{
	const struct amd_intr_device *dev;
	const struct amd_irt *irt = NULL;
	unsigned long key;
	bool block = false;

	lockdep_assert_held(&au->intr_lock);
	xa_for_each(&au->intr_devices, key, dev) {
		if (!amd_intr_uses(dev, rid))
			continue;
		block = true;
		irt = irt ?: dev->irt;
	}
	if (irt)
		return amd_irt_dte(irt);
	if (block)
		return amd_irt_dte_abort();
	return amd_dte_interrupts(amd_ivrs_dte(au->ivrs, au->index, rid));
}

/*
 * Has the device table say what it shall of DeviceIDs. Entries go before the
 * table: a request that still finds the old entry would bring what is cached of
 * the old table back.
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
		guard(raw_spinlock_irqsave)(&au->unit.store_lock);
		/* Out of service, entries block, or are about to. */
		if (READ_ONCE(au->unit.dead))
			return -EIO;
		if (amd_dte_set_interrupts(dte, want))
			changed[nr++] = rids[i];
	}
	if (!nr)
		return 0;
	for (i = 0; i < nr; i++)
		cmds[n++] = amd_cmd_devtab_entry(changed[i]);
	cmds[n++] = amd_cmd_fence();
	for (i = 0; i < nr; i++)
		cmds[n++] = amd_cmd_interrupt_table(changed[i]);
	nyx_stat_inc(&au->unit, NYX_STAT_FLUSH_ENTRY);
	return nyx_invalidate_intr(&au->unit, cmds, n);
}

/* A table is cached by the DeviceID that used it: so each is on its own. */
static int amd_intr_update(struct amd_unit *au,
			   const struct amd_intr_device *dev)
{
	unsigned int i;
	int ret = 0;

	for (i = 0; i < dev->nr_rids && !ret; i += AMD_INTR_RIDS)
		ret = amd_intr_update_rids(au, &dev->rids[i],
					   min(dev->nr_rids - i,
					       AMD_INTR_RIDS));
	return ret;
}

/* The unit may use it until it is off, if it did not confirm that it forgot it. */
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

/* The one that devices have which share a DeviceID with it, or a new one. */
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
				    au->unit.intr.extended, au->unit.nid);
	return irt ?: ERR_PTR(-ENOMEM);
}

/* Once for each device: its driver asks several times. */
static int amd_intr_refuse(const struct nyx_device *ndev,
			   struct amd_intr_device *dev, int err)
{
	if (dev->refusal_logged)
		return err;
	dev->refusal_logged = true;
	if (err == -EBUSY)
		dev_err(ndev->dev, "it shares DeviceIDs with devices that have interrupts by tables of their own: unbind those first\n");
	if (err == -E2BIG)
		dev_err(ndev->dev, "it shares DeviceIDs with devices that have %u, and no more can share an interrupt remapping table: unbind some of those\n",
			AMD_IRT_RIDS);
	return err;
}

/*
 * A device that had interrupts left when it was managed no longer kept its table.
 * What its requests carry may be something else by now.
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

/**
 * amd_intr_block_unmapped() - nyx_intr_ops.block_compat
 * @unit: the unit
 * @ndev: the device
 *
 * Context: May sleep.
 * Return: false if its plain requests go on passing, since an I/O APIC or the like
 *	has its DeviceID, there is no memory, or the unit is out of service; and,
 *	after a log line, if its table is of no use to it any more, as it shares
 *	DeviceIDs with others by now.
 */
bool amd_intr_block_unmapped(struct nyx_unit *unit, struct nyx_device *ndev)
{
	struct amd_unit *au = to_amd_unit(unit);
	struct amd_intr_device *dev;

	if (!amd_intr_can_block(au, ndev))
		return false;
	guard(mutex)(&au->intr_lock);
	dev = xa_load(&au->intr_devices, ndev->rid);
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

static int amd_intr_give_table(struct amd_unit *au,
			       const struct nyx_device *ndev,
			       struct amd_intr_device *dev)
{
	struct amd_irt *irt = amd_intr_find_table(au, dev);
	int ret;

	if (IS_ERR(irt))
		return amd_intr_refuse(ndev, dev, PTR_ERR(irt));
	/* One that nobody has yet has room for all that a device has. */
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
 * amd_intr_provide_table() - see to it that a device has a table
 * @au: the unit
 * @ndev: the device
 *
 * Context: May sleep; &amd_unit.intr_lock is held.
 * Return: 0; -ENXIO if its plain requests are not blocked; after a log line,
 *	-EBUSY if it shares DeviceIDs with devices that have different ones, or
 *	-E2BIG if too many share it; -ENOMEM; -EIO if the unit is out of service.
 */
int amd_intr_provide_table(struct amd_unit *au, const struct nyx_device *ndev)
{
	struct amd_intr_device *dev = xa_load(&au->intr_devices, ndev->rid);

	if (!dev)
		return -ENXIO;
	return dev->irt ? 0 : amd_intr_give_table(au, ndev, dev);
}

/**
 * amd_intr_table() - the table of a device
 * @au: the unit
 * @ndev: the device, which has entries of it, or is about to be given some
 *
 * Context: Any. Without a lock: it keeps its table as long as it has entries.
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
 * amd_intr_free_devices() - free what devices have
 * @au: the unit, which is off and uses nothing of it
 *
 * Context: May sleep.
 */
void amd_intr_free_devices(struct amd_unit *au)
{
	struct amd_intr_device *dev;
	struct amd_irt *irt;
	unsigned long key;

	guard(mutex)(&au->intr_lock);
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
