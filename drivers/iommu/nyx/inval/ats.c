// SPDX-License-Identifier: GPL-2.0-only
/*
 * Address Translation Services (ATS): devices with ATS request translations
 * from the unit and cache them in a device TLB.
 */
#include <linux/cleanup.h>
#include <linux/device.h>
#include <linux/limits.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>

#include <nyx/device.h>
#include <nyx/entry.h>
#include <nyx/invalidate.h>
#include <nyx/unit.h>

#include "ats.h"

/**
 * nyx_ats_enable() - enable ATS of a device
 * @ndev: the device; its entry already allows translation requests
 *
 * Context: May sleep; @ndev->entry_lock is held.
 * Return: false if ATS could not be enabled.
 */
bool nyx_ats_enable(struct nyx_device *ndev)
{
	int ret = nyx_ats_device_enable(ndev);

	if (ret)
		dev_warn(ndev->dev,
			 "cannot enable ATS (%d): continues without\n", ret);
	ndev->ats_enabled = !ret;
	return !ret;
}

/**
 * nyx_ats_disable() - disable ATS of a device and invalidate its device TLB
 * @ndev: the device; its entry still allows translation requests
 *
 * ATS is disabled first: while it is enabled, the device may request the
 * invalidated translations again. With nyx_unit.ats_off the unit refuses
 * translated requests, so the TLB does not matter. The TLB of an unplugged device is not
 * invalidated, because the device would not respond.
 *
 * Context: May sleep; @ndev->entry_lock is held.
 * Return: 0, or -EIO if the unit is out of service.
 */
int nyx_ats_disable(struct nyx_device *ndev)
{
	struct nyx_unit *unit = ndev->unit;
	struct nyx_cmd cmd;

	if (!ndev->ats_enabled)
		return 0;
	ndev->ats_enabled = false;
	if (!nyx_ats_device_disable(ndev) || READ_ONCE(ndev->ats_lost) ||
	    READ_ONCE(unit->ats_off))
		return 0;
	cmd = unit->ops->invalidate->device(unit, ndev,
					    nyx_range_around(0, U64_MAX));
	return nyx_invalidate(unit, &cmd, 1);
}
