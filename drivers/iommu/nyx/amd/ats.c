// SPDX-License-Identifier: GPL-2.0-only
/*
 * Devices that cache translations themselves, behind an AMD IOMMU.
 */
#include <linux/cleanup.h>
#include <linux/rcupdate.h>

#include <nyx/ats.h>
#include <nyx/device.h>

#include "amd.h"
#include "ats.h"
#include "cmd.h"
#include "dte.h"
#include "flush.h"

/**
 * amd_ats_disable() - have a device forget translations and ask for no more
 * @au: the unit
 * @ndev: the device; its entry still allows translation requests
 *
 * Context: May sleep; @ndev->entry_lock is held.
 * Return: 0, or -EIO if the unit is out of service.
 */
int amd_ats_disable(struct amd_unit *au, struct nyx_device *ndev)
{
	struct nyx_cmd cmd;

	if (!nyx_ats_disable(ndev))
		return 0;
	cmd = amd_flush_device_all(au, ndev);
	return amd_invalidate(au, &cmd, 1);
}

/**
 * amd_ats_isolate() - block a device that does not forget translations
 * @au: the unit
 * @device_id: its DeviceID
 *
 * With I = 0 the unit refuses its translated requests too (2.2.2.1).
 *
 * Context: Any.
 * Return: 0, or -EIO if the unit is out of service.
 */
int amd_ats_isolate(struct amd_unit *au, u16 device_id)
{
	static const struct nyx_entry entry = { .kind = NYX_ENTRY_BLOCKED };
	struct amd_dte *dte = amd_devtab_lookup(&au->devtab, device_id);
	struct amd_dte blocked;
	struct nyx_cmd cmds[3];
	u16 domain_id;

	scoped_guard(rcu)
		nyx_ats_lose(&au->unit, device_id);
	if (!dte || !amd_dte_passes(dte))
		return 0;
	domain_id = amd_dte_domain(dte);
	blocked = amd_dte_encode(&entry, 0, au->devtab.nowhere);
	amd_dte_block(dte, &blocked);
	cmds[0] = amd_cmd_devtab_entry(device_id);
	cmds[1] = amd_cmd_fence();
	cmds[2] = amd_cmd_domain(domain_id);
	return amd_invalidate(au, cmds, ARRAY_SIZE(cmds));
}
