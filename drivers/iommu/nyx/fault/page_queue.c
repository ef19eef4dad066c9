// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls of the kernel's I/O page-fault framework.
 */
#include <linux/iommu.h>

#include <nyx/device.h>
#include <nyx/unit.h>

#include "page_request.h"

/**
 * nyx_page_request_report() - hand a page request to the framework
 * @dev: the device
 * @evt: the request
 *
 * The framework calls nyx_page_response() in the end, also after an error.
 *
 * Context: May sleep.
 */
void nyx_page_request_report(struct device *dev, struct iopf_fault *evt)
{
	/* Without a record in the core, no page request was enabled in the device. */
	if (dev->iommu)
		iommu_report_device_fault(dev, evt);
}

/**
 * nyx_page_queue_add() - prepare the framework for page requests of a device
 * @ndev: the device; its unit has a queue
 *
 * Context: May sleep.
 * Return: 0, or the error of iopf_queue_add_device().
 */
int nyx_page_queue_add(const struct nyx_device *ndev)
{
	return iopf_queue_add_device(ndev->unit->page_queue, ndev->dev);
}

/**
 * nyx_page_queue_discard() - drop requests of groups that are not complete
 * @unit: the unit
 *
 * Context: May sleep.
 */
void nyx_page_queue_discard(struct nyx_unit *unit)
{
	if (unit->page_queue)
		iopf_queue_discard_partial(unit->page_queue);
}

/**
 * nyx_page_queue_flush() - wait for the handlers of a device's page requests
 * @ndev: the device, after nyx_page_queue_add()
 *
 * Context: May sleep.
 */
void nyx_page_queue_flush(const struct nyx_device *ndev)
{
	iopf_queue_flush_dev(ndev->dev);
}

/**
 * nyx_page_queue_remove() - undo nyx_page_queue_add()
 * @ndev: the device, which sends no more page requests
 *
 * Requests without a response get NYX_PAGE_INVALID.
 *
 * Context: May sleep.
 */
void nyx_page_queue_remove(const struct nyx_device *ndev)
{
	iopf_queue_remove_device(ndev->unit->page_queue, ndev->dev);
}
