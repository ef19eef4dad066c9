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

/**
 * nyx_ats_enable() - enable ATS of a device
 * @ndev: the device. Its entry already allows translation requests, unless
 *	nyx_device.ats_stale is set
 *
 * Context: May sleep; @ndev->entry_lock is held.
 * Return: 0 if ATS is enabled; 1 if it is enabled and the entry has to be set
 *	again, because it did not allow ATS before; -EIO or -ETIME if the device
 *	is unresponsive or the unit out of service, or the error of
 *	nyx_ats_device_enable(): then ATS stays disabled.
 */
int nyx_ats_enable(struct nyx_device *ndev)
{
	bool stale;
	int ret;

	if (!nyx_ats_claim(ndev, &stale))
		return -EIO;
	ret = nyx_ats_device_enable(ndev);
	if (ret)
		dev_warn(ndev->dev,
			 "cannot enable ATS (%d): continues without\n", ret);
	if (!ret && stale) {
		ret = nyx_ats_confirm(ndev);
		if (ret)
			nyx_ats_device_disable(ndev);
	}
	if (ret)
		WRITE_ONCE(ndev->ats_enabled, false);
	return ret ?: stale;
}

/**
 * nyx_ats_disable() - disable ATS of a device and invalidate its device TLB
 * @ndev: the device; its entry still allows translation requests
 *
 * ATS is disabled first: while it is enabled, the device may request the
 * invalidated translations again. A device that does not confirm the
 * invalidation may ignore it because ATS is disabled: nyx_device.ats_stale then
 * records that its TLB may hold old translations. The TLB of an unplugged or
 * unpowered device is not invalidated, because the device would not respond.
 * With nyx_unit.ats_off the unit refuses translated requests, so the TLB does
 * not matter.
 *
 * Context: May sleep; @ndev->entry_lock is held.
 * Return: 0, or -EIO if the unit is out of service.
 */
int nyx_ats_disable(struct nyx_device *ndev)
{
	if (!ndev->ats_enabled)
		return 0;
	WRITE_ONCE(ndev->ats_enabled, false);
	if (!nyx_ats_device_disable(ndev) || READ_ONCE(ndev->ats_lost) ||
	    READ_ONCE(ndev->unit->ats_off))
		return 0;
	return nyx_ats_invalidate(ndev);
}
