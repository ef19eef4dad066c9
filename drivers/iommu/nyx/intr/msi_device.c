// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which domain a device gets its MSIs from, and who still needs plain ones.
 *
 * A driver uses the domain when it asks for MSIs: so it changes only while no
 * driver is bound.
 */
#include <linux/device.h>
#include <linux/irqdomain.h>
#include <linux/list.h>
#include <linux/msi.h>
#include <linux/mutex.h>
#include <linux/pci.h>

#include <asm/irqdomain.h>

#include <nyx/device.h>
#include <nyx/domain.h>
#include <nyx/intr.h>
#include <nyx/unit.h>

#include "msi.h"
#include "pci/pci.h"

/* Domains are there, and nothing can fail any more; under nyx_devices_lock. */
static bool nyx_msi_is_open;

static bool nyx_msi_is_sending(const struct nyx_device *ndev)
{
	const struct pci_dev *pdev;

	if (!dev_is_pci(ndev->dev))
		return false;
	pdev = to_pci_dev(ndev->dev);
	return pdev->msi_enabled || pdev->msix_enabled;
}

/* Whether somebody sends interrupts, or may at any time, that are not remapped. */
static bool nyx_msi_is_compat(struct nyx_device *ndev)
{
	return dev_is_pci(ndev->dev) &&
	       nyx_intr_is_compat(dev_get_msi_domain(ndev->dev) ==
				 x86_vector_domain, ndev->dev->driver,
				 nyx_msi_is_sending(ndev));
}

/*
 * What is blocked of one device is blocked of each that sends under its requester
 * IDs. Such are adopted together, but a driver may come to one of them before
 * nyx_msi_open(), and have plain MSIs.
 */
static bool nyx_msi_peer_is_compat(const struct nyx_device *ndev)
{
	struct nyx_device *peer;

	list_for_each_entry(peer, &nyx_devices, node)
		if (peer != ndev && nyx_group_same_rid(peer, ndev) &&
		    nyx_msi_is_compat(peer))
			return true;
	return false;
}

/**
 * nyx_msi_attach() - have a device get its MSIs from the unit
 * @ndev: the device; managed from now on, and without a driver
 *
 * A driver that is being bound meanwhile has asked for none: nyx_msi_bind() comes
 * before that, and waits for the lock.
 *
 * Context: May sleep; nyx_devices_lock is held.
 */
void nyx_msi_attach(struct nyx_device *ndev)
{
	struct nyx_intr_unit *intr = &ndev->unit->intr;

	lockdep_assert_held(&nyx_devices_lock);
	if (ndev->remapped)
		return;
	nyx_msi_reset_inherited(ndev->dev);
	/* One below a VMD has the VMD's, which gets its own from the unit. */
	if (!nyx_msi_is_open || !intr->on ||
	    dev_get_msi_domain(ndev->dev) != x86_vector_domain)
		return;
	if (intr->ops->block_compat &&
	    (nyx_msi_is_sending(ndev) || nyx_msi_peer_is_compat(ndev) ||
	     !intr->ops->block_compat(ndev->unit, ndev)))
		return;
	dev_set_msi_domain(ndev->dev, intr->domain);
	ndev->remapped = true;
}

/**
 * nyx_msi_detach() - have a device get plain MSIs again
 * @ndev: the device; managed no longer
 *
 * Context: May sleep; nyx_devices_lock is held.
 */
void nyx_msi_detach(struct nyx_device *ndev)
{
	struct nyx_intr_unit *intr = &ndev->unit->intr;

	lockdep_assert_held(&nyx_devices_lock);
	nyx_msi_reset_inherited(ndev->dev);
	ndev->remapped = false;
	/* A driver that came meanwhile keeps what it has until it goes. */
	if (intr->domain)
		nyx_intr_allow_compat(ndev);
}

/*
 * By one who maps for it himself, as VFIO does for a virtual machine. Others of its
 * group that have no driver, such as the bridge above it, follow it there.
 */
static bool nyx_msi_is_assigned(struct nyx_device *ndev)
{
	if (!READ_ONCE(ndev->dev->driver))
		return false;
	guard(mutex)(&ndev->entry_lock);
	return ndev->domain && ndev->domain->pt.iommu.domain.type ==
			       IOMMU_DOMAIN_UNMANAGED;
}

/* The first of a unit's devices that is so. */
static struct nyx_device *nyx_msi_find(const struct nyx_unit *unit,
				       bool (*is)(struct nyx_device *ndev))
{
	struct nyx_device *ndev;

	list_for_each_entry(ndev, &nyx_devices, node)
		if (ndev->unit == unit && is(ndev))
			return ndev;
	return NULL;
}

/* Returns whether something changed. */
static bool nyx_msi_update_unit_compat(struct nyx_unit *unit)
{
	struct nyx_device *sender = nyx_msi_find(unit, nyx_msi_is_compat);
	struct nyx_intr_unit *intr = &unit->intr;
	enum nyx_intr_compat old = intr->compat;
	struct nyx_device *assigned;
	bool allow, allowed;

	if (!intr->on || !intr->ops->set_compat)
		return false;
	allow = (intr->compat_fixed || sender) && !intr->compat_never;
	allowed = old == NYX_INTR_COMPAT_ALLOWED;
	if (allow == allowed)
		return false;
	/* Nobody is told that they are blocked at a time when they may pass. */
	if (allow)
		nyx_msi_set_isolated(unit, false);
	intr->compat = intr->ops->set_compat(unit, allow);
	nyx_msi_set_isolated(unit, intr->compat != NYX_INTR_COMPAT_ALLOWED);
	/* Whoever took it was told that it can forge none. */
	assigned = allow && sender ? nyx_msi_find(unit, nyx_msi_is_assigned) :
				     NULL;
	if (assigned)
		nyx_intr_log_forgery(unit, sender->dev, assigned->dev);
	return intr->compat != old;
}

/**
 * nyx_msi_update_compat() - let plain requests pass only as long as somebody needs them
 *
 * Context: May sleep; nyx_devices_lock is held.
 */
void nyx_msi_update_compat(void)
{
	struct nyx_unit *unit;

	lockdep_assert_held(&nyx_devices_lock);
	if (!nyx_msi_is_open)
		return;
	list_for_each_entry(unit, &nyx_units, node)
		if (nyx_msi_update_unit_compat(unit))
			nyx_intr_log(unit);
}

/**
 * nyx_msi_bind() - a driver comes to a device
 * @ndev: the device
 *
 * Context: May sleep; the device's lock and nyx_devices_lock are held, and the
 *	driver has asked for no interrupt yet.
 */
void nyx_msi_bind(struct nyx_device *ndev)
{
	device_lock_assert(ndev->dev);
	if (nyx_device_is_managed(ndev))
		nyx_msi_attach(ndev);
	else
		nyx_msi_detach(ndev);
	/* Its MSIs are remapped from now on, or it is one more that needs plain ones. */
	nyx_msi_update_compat();
}

/**
 * nyx_msi_unbound() - a driver is gone from a device
 * @ndev: the device; managed
 *
 * It may have kept the device from getting its MSIs from the unit, because it came
 * before those were remapped, and others that send under the same requester ID.
 *
 * Context: May sleep; the device's lock and nyx_devices_lock are held.
 */
void nyx_msi_unbound(struct nyx_device *ndev)
{
	struct nyx_device *peer;

	WRITE_ONCE(ndev->msi_requested, false);
	nyx_msi_attach(ndev);
	/* One to which a driver comes right now is seen to when that is told. */
	list_for_each_entry(peer, &nyx_devices, node)
		if (nyx_device_is_managed(peer) && !READ_ONCE(peer->dev->driver) &&
		    nyx_group_same_rid(peer, ndev))
			nyx_msi_attach(peer);
	nyx_msi_update_compat();
}

/**
 * nyx_msi_open() - remap interrupts from now on
 *
 * To be called when nothing can fail any more: drivers may ask for interrupts
 * at once, and those cannot be taken from them.
 *
 * Context: May sleep.
 */
void nyx_msi_open(void)
{
	struct nyx_device *ndev;
	struct nyx_unit *unit;

	guard(mutex)(&nyx_devices_lock);
	nyx_msi_is_open = true;
	list_for_each_entry(ndev, &nyx_devices, node)
		if (nyx_device_is_managed(ndev) && !READ_ONCE(ndev->dev->driver))
			nyx_msi_attach(ndev);
	list_for_each_entry(unit, &nyx_units, node) {
		if (unit->intr.on)
			nyx_msi_set_isolated(unit, unit->intr.compat !=
					     NYX_INTR_COMPAT_ALLOWED);
		nyx_msi_update_unit_compat(unit);
		nyx_intr_log(unit);
	}
}

/**
 * nyx_msi_close() - give no device the unit's MSIs any more
 *
 * Context: May sleep.
 */
void nyx_msi_close(void)
{
	guard(mutex)(&nyx_devices_lock);
	nyx_msi_is_open = false;
}
