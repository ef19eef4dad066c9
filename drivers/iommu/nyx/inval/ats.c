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
	return nyx_invalidate(unit, cmds, nyx_device_tlb_times(ndev));
}

/*
 * Sets nyx_device.ats_enabled before the device can use ATS: from then on a
 * device that does not respond is at fault. The lock orders this with
 * nyx_isolate_block(). Returns false if the device must not use ATS any more.
 */
static bool nyx_ats_claim(struct nyx_device *ndev, bool *stale)
{
	guard(raw_spinlock_irqsave)(&ndev->unit->store_lock);
	if (READ_ONCE(ndev->ats_lost) || READ_ONCE(ndev->unit->ats_off))
		return false;
	*stale = READ_ONCE(ndev->ats_stale);
	WRITE_ONCE(ndev->ats_enabled, true);
	return true;
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

/*
 * A flush that found ATS disabled left the device TLB out. Its changes of the
 * page table precede nyx_ats_claim(), but the unit may still cache what it is
 * about to invalidate, and the device must not obtain that. Flushes that find
 * ATS enabled invalidate the device TLB.
 */
static int nyx_ats_forget(struct nyx_device *ndev, u16 domain_id)
{
	struct nyx_unit *unit = ndev->unit;
	struct nyx_cmd cmd;
	int ret;

	nyx_stat_inc(unit, NYX_STAT_FLUSH_DOMAIN);
	cmd = unit->ops->entries->inv_domain(unit, domain_id);
	ret = nyx_invalidate(unit, &cmd, 1);
	if (!ret && READ_ONCE(ndev->ats_lost))
		ret = -ETIME;
	return ret;
}

/**
 * nyx_ats_enable() - enable ATS of a device
 * @ndev: the device. Its entry already allows translation requests, unless
 *	nyx_device.ats_stale is set
 * @domain_id: domain ID in its entry
 *
 * Context: May sleep; @ndev->entry_lock is held.
 * Return: 0 if ATS is enabled; 1 if it is enabled and the entry has to be set
 *	again, because it did not allow ATS before; -EIO or -ETIME if the device
 *	is unresponsive or the unit out of service, or the error of
 *	nyx_ats_device_enable(): then ATS stays disabled.
 */
int nyx_ats_enable(struct nyx_device *ndev, u16 domain_id)
{
	bool stale;
	int ret;

	if (!nyx_ats_claim(ndev, &stale))
		return -EIO;
	ret = nyx_ats_forget(ndev, domain_id);
	if (ret)
		goto disabled;
	ret = nyx_ats_device_enable(ndev);
	if (ret) {
		dev_warn(ndev->dev,
			 "cannot enable ATS (%d): continues without\n", ret);
		goto disabled;
	}
	if (!stale)
		return 0;
	ret = nyx_ats_confirm(ndev);
	if (!ret)
		return 1;
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
 * seconds. The TLB stays empty, because the unit refuses new requests. It is not
 * invalidated if the device does not matter or cannot respond: it was found
 * unresponsive, it is unplugged or without power, or nyx_unit.ats_off is set.
 *
 * From then on flushes leave the device out. One that has already composed its
 * commands may still send an invalidation: see nyx_device.ats_stale.
 *
 * Context: May sleep; @ndev->entry_lock is held.
 * Return: 0, or -EIO if the unit is out of service.
 */
int nyx_ats_disable(struct nyx_device *ndev)
{
	int ret = 0;

	if (!ndev->ats_enabled)
		return 0;
	if (!READ_ONCE(ndev->ats_lost) && !READ_ONCE(ndev->unit->ats_off) &&
	    nyx_ats_device_responds(ndev))
		ret = nyx_ats_invalidate(ndev);
	WRITE_ONCE(ndev->ats_enabled, false);
	nyx_ats_device_disable(ndev);
	return ret;
}
