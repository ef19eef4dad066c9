// SPDX-License-Identifier: GPL-2.0-only
/*
 * Address Translation Services (ATS): devices with ATS request translations
 * from the unit and cache them in a device TLB.
 */
#include <linux/cleanup.h>
#include <linux/device.h>
#include <linux/errno.h>
#include <linux/limits.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>

#include <nyx/device.h>
#include <nyx/entry.h>
#include <nyx/invalidate.h>
#include <nyx/pasid.h>
#include <nyx/stats.h>
#include <nyx/unit.h>

#include "ats.h"

static int nyx_ats_invalidate(struct nyx_device *ndev)
{
	struct nyx_unit *unit = ndev->unit;
	struct nyx_cmd cmds[2];

	cmds[0] = unit->ops->invalidate->device(unit, ndev,
						nyx_range_around(0, U64_MAX));
	cmds[1] = cmds[0];
	return nyx_invalidate(unit, cmds, nyx_device_tlb_times(ndev)) ?:
	       nyx_pasids_tlb_invalidate(ndev);
}

/*
 * Sets nyx_device.ats_enabled before the device can use ATS: from then on flushes
 * invalidate the device TLB. The lock orders this with nyx_isolate_block().
 * Returns false if the device must not use ATS any more.
 */
static bool nyx_ats_claim(struct nyx_device *ndev)
{
	guard(raw_spinlock_irqsave)(&ndev->unit->store_lock);
	if (READ_ONCE(ndev->ats_lost) || READ_ONCE(ndev->unit->ats_off) ||
	    nyx_device_is_cut_off(ndev))
		return false;
	WRITE_ONCE(ndev->ats_enabled, true);
	return true;
}

static void nyx_ats_set_on(struct nyx_device *ndev, bool on)
{
	guard(raw_spinlock_irqsave)(&ndev->unit->store_lock);
	WRITE_ONCE(ndev->ats_on, on);
}

/*
 * A flush that found ATS disabled skipped the device TLB. The page table was
 * changed before nyx_ats_claim(), but the unit may still cache translations that
 * this flush has yet to invalidate. They are invalidated here, so that the
 * device cannot obtain them. Flushes that find ATS enabled invalidate the device
 * TLB.
 */
static int nyx_ats_invalidate_domain(struct nyx_device *ndev, u16 domain_id)
{
	struct nyx_unit *unit = ndev->unit;
	struct nyx_cmd cmd;

	/* The same applies to the domains of PASIDs. */
	if (!xa_empty(&ndev->pasids))
		return nyx_invalidate_global(unit);
	nyx_stat_inc(unit, NYX_STAT_FLUSH_DOMAIN);
	cmd = unit->ops->entries->inv_domain(unit, domain_id);
	return nyx_invalidate(unit, &cmd, 1);
}

/*
 * Empties a device TLB that may hold old translations. The device has no excuse
 * not to respond now, and its entry does not accept translated requests. A
 * device without power has an empty TLB.
 */
static int nyx_ats_confirm(struct nyx_device *ndev)
{
	int ret = 0;

	if (!nyx_ats_device_off(ndev))
		ret = nyx_ats_invalidate(ndev);
	guard(raw_spinlock_irqsave)(&ndev->unit->store_lock);
	if (!ret && READ_ONCE(ndev->ats_lost))
		ret = -ETIME;
	if (!ret)
		WRITE_ONCE(ndev->ats_stale, false);
	return ret;
}

/**
 * nyx_ats_enable() - enable ATS of a device
 * @ndev: the device. Its entry already allows translation requests, unless
 *	nyx_device.ats_stale is set: a device whose request is refused may give
 *	up ATS
 * @domain_id: domain ID in its entry
 *
 * Until the ATS enable bit is set, a device that does not respond to the
 * invalidation of a concurrent flush is not at fault: nyx_device.ats_stale is
 * set.
 *
 * Context: May sleep; @ndev->entry_lock is held.
 * Return: 0 if ATS is enabled; 1 if it is enabled and the entry has to be set
 *	again, because it does not allow ATS; -EIO or -ETIME if the device is
 *	unresponsive or the unit out of service, or the error of
 *	nyx_ats_device_enable(): then ATS stays disabled.
 */
int nyx_ats_enable(struct nyx_device *ndev, u16 domain_id)
{
	int ret;

	if (!nyx_ats_claim(ndev))
		return -EIO;
	ret = nyx_ats_invalidate_domain(ndev, domain_id);
	if (ret)
		goto disabled;
	ret = nyx_ats_device_enable(ndev);
	if (ret) {
		dev_warn(ndev->dev,
			 "cannot enable ATS (%d): continues without\n", ret);
		goto disabled;
	}
	nyx_ats_set_on(ndev, true);
	if (!READ_ONCE(ndev->ats_stale))
		return 0;
	ret = nyx_ats_confirm(ndev);
	if (!ret)
		return 1;
	nyx_ats_set_on(ndev, false);
	nyx_ats_device_disable(ndev);
disabled:
	WRITE_ONCE(ndev->ats_enabled, false);
	return ret;
}

/**
 * nyx_ats_disable() - empty the device TLB of a device and disable its ATS
 * @ndev: the device; the unit refuses its translation requests
 *
 * The device TLB is invalidated before ATS is disabled: a device may ignore
 * invalidations while its ATS is disabled, and a unit may wait for it for 90
 * seconds. The TLB stays empty, because the unit refuses new requests. The
 * invalidation is left out if the device cannot respond (it was found
 * unresponsive, is unplugged, or has no power), or if the unit refuses translated
 * requests anyway (nyx_unit.ats_off).
 *
 * From the beginning flushes skip the device, which can obtain nothing more. One
 * that has already composed its commands may still send an invalidation. A
 * device that does not respond now may have a reason, such as a reset: see
 * nyx_device.ats_stale.
 *
 * Context: May sleep; @ndev->entry_lock is held.
 * Return: 0, or -EIO if the unit is out of service.
 */
int nyx_ats_disable(struct nyx_device *ndev)
{
	int ret = 0;

	if (!ndev->ats_enabled)
		return 0;
	nyx_ats_set_on(ndev, false);
	WRITE_ONCE(ndev->ats_enabled, false);
	if (!READ_ONCE(ndev->ats_lost) && !READ_ONCE(ndev->unit->ats_off) &&
	    nyx_ats_device_responds(ndev))
		ret = nyx_ats_invalidate(ndev);
	nyx_ats_device_disable(ndev);
	return ret;
}
