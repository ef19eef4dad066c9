// SPDX-License-Identifier: GPL-2.0-only
/*
 * Page requests: from the log of a unit to the kernel's I/O page-fault framework, which
 * calls the handler of the domain, and back to the device.
 */
#define pr_fmt(fmt) "nyx: " fmt

#include <linux/cleanup.h>
#include <linux/device.h>
#include <linux/errno.h>
#include <linux/iommu.h>
#include <linux/printk.h>

#include <nyx/device.h>
#include <nyx/page_request.h>
#include <nyx/stats.h>
#include <nyx/unit.h>

#include "inval/ats.h"
#include "page_request.h"

/* How often a drain is attempted while the log of the unit overflows. */
#define NYX_PAGE_DRAINS 8

/**
 * nyx_page_requests_init() - prepare a unit for page requests
 * @unit: the unit, with its capabilities
 *
 * Page requests are not enabled in any device below the unit if this fails.
 *
 * Context: May sleep.
 */
void nyx_page_requests_init(struct nyx_unit *unit)
{
	if (!unit->caps.page_requests)
		return;
	unit->page_queue = iopf_queue_alloc(unit->name);
	if (!unit->page_queue)
		pr_warn("%s: no memory for page requests: devices cannot use the address spaces of processes\n",
			unit->name);
}

/**
 * nyx_page_requests_exit() - undo nyx_page_requests_init()
 * @unit: the unit; page requests are not enabled in any device
 *
 * Context: May sleep.
 */
void nyx_page_requests_exit(struct nyx_unit *unit)
{
	/* Does nothing with NULL. */
	iopf_queue_free(unit->page_queue);
	unit->page_queue = NULL;
}

/* Returns NULL if the device is not expected to send page requests. */
static struct device *nyx_page_request_device(struct nyx_unit *unit, u16 rid)
{
	const struct nyx_device *ndev;

	guard(rcu)();
	ndev = nyx_device_find(unit, rid);
	return ndev && READ_ONCE(ndev->page_users) ? get_device(ndev->dev) :
						     NULL;
}

/**
 * nyx_page_request() - handle a page request
 * @unit: the unit
 * @req: the request, no stop marker
 *
 * Context: May sleep; @unit->page_lock is held.
 * Return: false if page requests are not enabled in the device: the vendor reports a
 *	fault, and responds NYX_PAGE_INVALID to the last request of a group.
 */
bool nyx_page_request(struct nyx_unit *unit, const struct nyx_page_request *req)
{
	struct iommu_fault_page_request *prm;
	struct iopf_fault evt = {
		.fault = {
			.type = IOMMU_FAULT_PAGE_REQ,
			.prm = {
				.pasid = req->has_pasid ? req->pasid :
							  IOMMU_NO_PASID,
				.grpid = req->group,
				.addr = req->iova,
			},
		},
	};
	struct device *dev;

	lockdep_assert_held(&unit->page_lock);
	prm = &evt.fault.prm;
	if (req->has_pasid)
		prm->flags |= IOMMU_FAULT_PAGE_REQUEST_PASID_VALID;
	if (req->last)
		prm->flags |= IOMMU_FAULT_PAGE_REQUEST_LAST_PAGE;
	prm->perm = (req->read ? IOMMU_FAULT_PERM_READ : 0) |
		    (req->write ? IOMMU_FAULT_PERM_WRITE : 0) |
		    (req->exec ? IOMMU_FAULT_PERM_EXEC : 0) |
		    (req->priv ? IOMMU_FAULT_PERM_PRIV : 0);

	dev = nyx_page_request_device(unit, req->rid);
	if (!dev)
		return false;
	nyx_page_request_report(dev, &evt);
	put_device(dev);
	return true;
}

/**
 * nyx_page_requests_lost() - forget groups whose last request may have been lost
 * @unit: the unit, whose log of page requests was full. It logs none until the caller,
 *	after this call, has cleared that condition
 *
 * Context: May sleep; @unit->page_lock is held.
 */
void nyx_page_requests_lost(struct nyx_unit *unit)
{
	lockdep_assert_held(&unit->page_lock);
	unit->page_losses++;
	nyx_page_queue_discard(unit);
}

/**
 * nyx_page_requests_read() - handle all page requests that a unit has logged
 * @unit: the unit, with nyx_unit_caps.page_requests
 *
 * Context: May sleep. All requests that the log held have reached their handler on
 *	return, even if another task read them.
 */
void nyx_page_requests_read(struct nyx_unit *unit)
{
	guard(mutex)(&unit->page_lock);
	unit->ops->read_requests(unit);
}

/**
 * nyx_page_response() - iommu_ops.page_response
 * @dev: the device
 * @evt: last request of the group
 * @msg: the response
 *
 * Context: May sleep.
 */
void nyx_page_response(struct device *dev, struct iopf_fault *evt,
		       struct iommu_page_response *msg)
{
	const struct iommu_fault_page_request *prm = &evt->fault.prm;
	const struct nyx_device *ndev = dev_iommu_priv_get(dev);
	const struct nyx_page_request req = {
		.rid = ndev->rid,
		.has_pasid = prm->flags & IOMMU_FAULT_PAGE_REQUEST_PASID_VALID,
		.pasid = prm->pasid,
		.iova = prm->addr,
		.group = prm->grpid,
		.last = prm->flags & IOMMU_FAULT_PAGE_REQUEST_LAST_PAGE,
	};

	/* Only the last request of a group gets a response. */
	if (!req.last)
		return;
	ndev->unit->ops->respond(ndev->unit, &req,
				 msg->code == IOMMU_PAGE_RESP_SUCCESS ?
				 NYX_PAGE_SUCCESS :
				 msg->code == IOMMU_PAGE_RESP_INVALID ?
				 NYX_PAGE_INVALID : NYX_PAGE_FAILURE);
}

/**
 * nyx_page_requests_get() - let a device send page requests
 * @ndev: the device; a domain that handles them is about to be attached
 *
 * Context: May sleep; @ndev->entry_lock is held.
 * Return: 0; -ENODEV if the device or its unit does not support page requests; or an
 *	error of iopf_queue_add_device() or nyx_pri_device_enable().
 */
int nyx_page_requests_get(struct nyx_device *ndev)
{
	int ret;

	lockdep_assert_held(&ndev->entry_lock);
	if (ndev->page_users++)
		return 0;
	ret = -ENODEV;
	if (!ndev->page_requests || !ndev->unit->page_queue)
		goto err_users;
	ret = nyx_page_queue_add(ndev);
	if (ret)
		goto err_users;
	ret = nyx_pri_device_enable(ndev);
	if (ret)
		goto err_queue;
	return 0;

err_queue:
	nyx_page_queue_remove(ndev);
err_users:
	ndev->page_users--;
	return ret;
}

static unsigned int nyx_page_losses(struct nyx_unit *unit)
{
	guard(mutex)(&unit->page_lock);
	return unit->page_losses;
}

/* Returns false if the log was full, so that requests may still be on their way. */
static bool nyx_page_requests_drain_once(struct nyx_device *ndev)
{
	struct nyx_unit *unit = ndev->unit;
	unsigned int losses = nyx_page_losses(unit);

	unit->ops->drain_requests(unit, ndev);
	nyx_page_requests_read(unit);
	return nyx_page_losses(unit) == losses;
}

/**
 * nyx_page_requests_drain() - wait until page requests of a device are answered
 * @ndev: the device. Nothing it requests now can succeed
 *
 * The unit has invalidated what the device could use, including its device TLB; it has
 * logged all requests; the log is read; and the handlers have returned. If the log was
 * full meanwhile, requests may be lost, and this is repeated, a limited number of times:
 * other devices may fill it again and again.
 *
 * Context: May sleep; @ndev->entry_lock is held. The handlers may take locks of
 *	processes, but not this one.
 */
void nyx_page_requests_drain(struct nyx_device *ndev)
{
	unsigned int i;

	if (!ndev->page_users)
		return;
	for (i = 0; i < NYX_PAGE_DRAINS; i++)
		if (nyx_page_requests_drain_once(ndev))
			break;
	if (i == NYX_PAGE_DRAINS)
		dev_warn(ndev->dev, "%s: the log of page requests was full in each of %u attempts to drain it: a late request of the device may be handled for its next process\n",
			 ndev->unit->name, NYX_PAGE_DRAINS);
	nyx_page_queue_flush(ndev);
}

/**
 * nyx_page_requests_put() - undo nyx_page_requests_get()
 * @ndev: the device; the domain is not attached any more
 *
 * Context: May sleep; @ndev->entry_lock is held.
 */
void nyx_page_requests_put(struct nyx_device *ndev)
{
	struct nyx_unit *unit = ndev->unit;

	lockdep_assert_held(&ndev->entry_lock);
	nyx_page_requests_drain(ndev);
	/* No request is handed to the framework any more when it loses the device. */
	scoped_guard(mutex, &unit->page_lock)
		if (--ndev->page_users)
			return;
	nyx_pri_device_disable(ndev);
	nyx_page_queue_remove(ndev);
}
