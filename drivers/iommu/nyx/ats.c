// SPDX-License-Identifier: GPL-2.0-only
/*
 * Devices that cache translations themselves: Address Translation Services.
 */
#include <linux/device.h>

#include <nyx/ats.h>
#include <nyx/device.h>

#include "ats_device.h"

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
 * nyx_ats_disable() - have a device ask for no more translations
 * @ndev: the device; its entry still allows translation requests
 *
 * A device that may ask cannot be made to forget for good, so this comes first.
 * A device that was unplugged is not asked to forget, for it would not answer.
 *
 * Context: May sleep; @ndev->entry_lock is held.
 * Return: true if the device may have something to forget, and can.
 */
bool nyx_ats_disable(struct nyx_device *ndev)
{
	if (!ndev->ats_enabled)
		return false;
	ndev->ats_enabled = false;
	return nyx_ats_device_disable(ndev) && !READ_ONCE(ndev->ats_lost);
}

/**
 * nyx_ats_lose() - a device does not forget translations
 * @unit: its unit, which is about to block it
 * @rid: its requester ID
 *
 * What it cached may lead to memory that is handed to somebody else next. The
 * core learns nothing of it, and sets the entry anew when the device is attached
 * to something, without ATS.
 *
 * Context: Any; in an RCU read-side section.
 * Return: the device, or NULL if it is gone.
 */
struct nyx_device *nyx_ats_lose(struct nyx_unit *unit, u16 rid)
{
	struct nyx_device *ndev = nyx_device_find(unit, rid);

	if (ndev && !xchg(&ndev->ats_lost, true))
		dev_err(ndev->dev,
			"does not answer invalidations of its TLB: blocked. Reset or remove it\n");
	return ndev;
}
