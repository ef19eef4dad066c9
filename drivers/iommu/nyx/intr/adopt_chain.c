// SPDX-License-Identifier: GPL-2.0-only
/*
 * The messages and the chains of all MSIs of a device, while they are adopted or
 * returned.
 */
#include <linux/irq.h>
#include <linux/list.h>
#include <linux/msi.h>

#include <nyx/device.h>

#include "adopt.h"
#include "splice.h"

/**
 * nyx_adopt_compose() - compose the message of an interrupt
 * @data: its irq_data in the unit's domain, or in that of the CPUs' vectors
 * @msg: set by this function
 *
 * Context: Any.
 */
void nyx_adopt_compose(struct irq_data *data, struct msi_msg *msg)
{
	data->chip->irq_compose_msi_msg(data, msg);
}

/**
 * nyx_adopt_return_all() - remove the unit from the chains of a device's MSIs
 * @dev: the device
 * @source: operations of the MSIs
 * @removed: as for nyx_splice_out()
 *
 * Context: As nyx_splice_out(); the lock of the MSI descriptors is held, too.
 */
void nyx_adopt_return_all(struct device *dev,
			  const struct nyx_splice_source *source,
			  struct list_head *removed)
{
	struct msi_desc *desc;

	msi_for_each_desc(desc, dev, MSI_DESC_ASSOCIATED)
		nyx_splice_out(irq_get_irq_data(desc->irq), source, removed);
}

/**
 * nyx_adopt_all() - insert the unit into the chains of a device's MSIs
 * @ndev: the device
 * @source: operations of the MSIs
 *
 * Context: As nyx_splice_in(); the lock of the MSI descriptors is held, too.
 * Return: 0, or an error of nyx_splice_in() with nothing changed.
 */
int nyx_adopt_all(struct nyx_device *ndev,
		  const struct nyx_splice_source *source)
{
	LIST_HEAD(removed);
	struct msi_desc *desc;
	int ret;

	msi_for_each_desc(desc, ndev->dev, MSI_DESC_ASSOCIATED) {
		ret = nyx_splice_in(irq_get_irq_data(desc->irq), ndev, source);
		if (ret) {
			nyx_adopt_return_all(ndev->dev, source, &removed);
			nyx_splice_free(&removed);
			return ret;
		}
	}
	return 0;
}
