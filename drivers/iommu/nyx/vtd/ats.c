// SPDX-License-Identifier: GPL-2.0-only
/*
 * Devices that cache translations themselves: Address Translation Services.
 */
#include <linux/errno.h>
#include <linux/pci.h>
#include <linux/pci-ats.h>
#include <linux/rcupdate.h>

#include <nyx/device.h>

#include "ats.h"
#include "flush.h"
#include "vtd.h"

/**
 * vtd_ats_prepare() - have a physical function ready for its virtual ones
 * @ndev: the device, its ATS off
 *
 * Virtual functions take the unit of translation (STU) that their physical
 * function was given, even where its own ATS stays off.
 *
 * Context: May sleep; @ndev->entry_lock is held.
 */
void vtd_ats_prepare(struct nyx_device *ndev)
{
	if (ndev->ats_supported && !ndev->ats_enabled)
		pci_prepare_ats(to_pci_dev(ndev->dev), PAGE_SHIFT);
}

/**
 * vtd_ats_enable() - let a device ask for translations
 * @ndev: the device; its entry allows translation requests by now (4.5.1)
 *
 * Context: May sleep; @ndev->entry_lock is held.
 * Return: false if the device refuses.
 */
bool vtd_ats_enable(struct nyx_device *ndev)
{
	struct pci_dev *pdev = to_pci_dev(ndev->dev);
	int ret = pci_enable_ats(pdev, PAGE_SHIFT);

	if (ret)
		pci_warn(pdev, "ATS does not come on (%d): goes on without\n",
			 ret);
	ndev->ats_enabled = !ret;
	return !ret;
}

/**
 * vtd_ats_disable() - have a device forget translations and ask for no more
 * @vu: the unit
 * @ndev: the device; its entry still allows translation requests
 *
 * In the order of section 4.5.2: a device that may ask cannot be made to forget
 * for good. A device that was unplugged is not asked, for it would not answer.
 *
 * Context: May sleep; @ndev->entry_lock is held.
 * Return: 0, or -EIO if the unit is out of service.
 */
int vtd_ats_disable(struct vtd_unit *vu, struct nyx_device *ndev)
{
	struct pci_dev *pdev = to_pci_dev(ndev->dev);
	struct vtd_dsc dsc;

	if (!ndev->ats_enabled)
		return 0;
	pci_disable_ats(pdev);
	ndev->ats_enabled = false;
	if (READ_ONCE(ndev->ats_lost) || !pci_device_is_present(pdev))
		return 0;
	dsc = vtd_flush_device_all(vu, ndev);
	return vtd_invalidate(vu, &dsc, 1);
}

/**
 * vtd_ats_isolate() - block a device that does not forget translations
 * @vu: the unit
 * @sid: the device's requester ID
 *
 * What it cached may lead to memory that is handed to somebody else next, so
 * its entry goes: then the unit refuses its translated requests too (9.3). The
 * core learns nothing of it, and sets the entry anew when the device is attached
 * to something, without ATS.
 *
 * Context: Any.
 * Return: 0, or -EIO if the unit is out of service.
 */
int vtd_ats_isolate(struct vtd_unit *vu, u16 sid)
{
	struct vtd_context *context = vtd_tables_lookup(&vu->tables, sid);
	struct nyx_device *ndev;
	struct vtd_dsc dscs[2];
	u16 did;

	rcu_read_lock();
	ndev = nyx_device_find(&vu->unit, sid);
	if (ndev && !xchg(&ndev->ats_lost, true))
		dev_err(ndev->dev,
			"does not answer invalidations of its TLB: blocked. Reset or remove it\n");
	rcu_read_unlock();

	if (!context || !vtd_context_present(context))
		return 0;
	did = vtd_context_domain(context);
	vtd_tables_block(&vu->tables, context);
	dscs[0] = vtd_dsc_cc_device(did, sid);
	dscs[1] = vtd_dsc_iotlb_domain(did, vtd_flush_drain(vu));
	return vtd_invalidate(vu, dscs, ARRAY_SIZE(dscs));
}
