// SPDX-License-Identifier: GPL-2.0-only
/*
 * Devices that cache translations themselves: Address Translation Services.
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
 * nyx_ats_enable() - let a device ask for translations
 * @ndev: the device; its entry allows translation requests by now
 *
 * Context: May sleep; @ndev->entry_lock is held.
 * Return: false if the device refuses.
 */
bool nyx_ats_enable(struct nyx_device *ndev)
{
	int ret = nyx_ats_device_enable(ndev);

	if (ret)
		dev_warn(ndev->dev,
			 "ATS does not come on (%d): goes on without\n", ret);
	ndev->ats_enabled = !ret;
	return !ret;
}

/**
 * nyx_ats_disable() - have a device forget translations and ask for no more
 * @ndev: the device; its entry still allows translation requests
 *
 * A device that may ask cannot be made to forget for good, so first it is told
 * to ask no more. One that was unplugged is not asked to forget, for it would
 * not answer.
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
	if (!nyx_ats_device_disable(ndev) || READ_ONCE(ndev->ats_lost))
		return 0;
	cmd = unit->ops->invalidate->device(unit, ndev,
					    nyx_range_around(0, U64_MAX));
	return nyx_invalidate(unit, &cmd, 1);
}

