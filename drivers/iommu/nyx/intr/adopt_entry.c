// SPDX-License-Identifier: GPL-2.0-only
/*
 * Adopting and returning the MSIs of a device whose own entry in the unit decides
 * about the format of its interrupt requests.
 *
 * The change of that entry is the switch for all messages of the device at once:
 * before it they specify CPU and vector, and afterwards an index. With MSI-X, all
 * messages are masked meanwhile; the device keeps what is pending. An MSI is the
 * device's only message. Its data is its vector in one format, and its index in the
 * other, so it gets the interrupt entry with that index, and leads to the same vector
 * on the same CPU throughout.
 *
 * From the first to the last step no driver requests or frees an interrupt of the
 * device, and no CPU goes offline, which would move interrupts by force. Other moves
 * change only the interrupt entry, which the unit may not use yet: the old vector
 * stays valid until an interrupt arrives at the new one.
 */
#include <linux/bits.h>
#include <linux/cleanup.h>
#include <linux/err.h>
#include <linux/irq.h>
#include <linux/irqdesc.h>
#include <linux/msi.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/sched/mm.h>

#include <nyx/compat.h>
#include <nyx/device.h>
#include <nyx/intr.h>
#include <nyx/unit.h>

#include "adopt.h"
#include "msi.h"
#include "splice.h"

/* The part of the data that is the index; its low eight bits are the vector. */
#define NYX_ADOPT_INDEX GENMASK(10, 0)

static bool nyx_adopt_is_masked(struct irq_data *top)
{
	return irq_data_get_msi_desc(top)->pci.msi_attrib.is_msix;
}

static int nyx_adopt_index(struct irq_data *top)
{
	struct msi_msg msg;

	if (nyx_adopt_is_masked(top) || !irqd_is_activated(top))
		return -1;
	nyx_adopt_compose(top->parent_data, &msg);
	return msg.data & NYX_ADOPT_INDEX;
}

static void nyx_adopt_write(struct irq_data *top)
{
	struct msi_msg msg;

	nyx_adopt_compose(top->parent_data, &msg);
	pci_write_msi_msg(top->irq, &msg);
}

/* An MSI is the same in both formats. */
static void nyx_adopt_write_masked(struct irq_data *top)
{
	if (nyx_adopt_is_masked(top))
		nyx_adopt_write(top);
}

static const struct nyx_splice_source nyx_adopt_entry_source = {
	.chip = &nyx_msi_chip,
	.max_index = U16_MAX,
	.index = nyx_adopt_index,
	.write = nyx_adopt_write_masked,
};

/*
 * Masks all messages of a device that has MSI-X. The kernel does not touch this bit
 * meanwhile, whatever it does with single messages: it would need the lock of the MSI
 * descriptors. The read at the end cannot overtake requests that the device sent
 * before, so all of them have passed the unit. A device without power sends none.
 */
static void nyx_adopt_mask(struct pci_dev *pdev, bool mask)
{
	u16 control;

	if (!pdev->msix_enabled)
		return;
	pci_read_config_word(pdev, pdev->msix_cap + PCI_MSIX_FLAGS, &control);
	if (PCI_POSSIBLE_ERROR(control))
		return;
	control &= ~PCI_MSIX_FLAGS_MASKALL;
	pci_write_config_word(pdev, pdev->msix_cap + PCI_MSIX_FLAGS,
			      control | (mask ? PCI_MSIX_FLAGS_MASKALL : 0));
	pci_read_config_word(pdev, pdev->msix_cap + PCI_MSIX_FLAGS, &control);
}

static struct mutex *nyx_adopt_request_mutex(const struct msi_desc *desc)
{
	return &irq_data_to_desc(irq_get_irq_data(desc->irq))->request_mutex;
}

static void nyx_adopt_unlock_until(struct device *dev,
				   const struct msi_desc *end)
{
	struct msi_desc *desc;

	msi_for_each_desc(desc, dev, MSI_DESC_ASSOCIATED) {
		if (desc == end)
			return;
		mutex_unlock(nyx_adopt_request_mutex(desc));
	}
}

/*
 * Keeps drivers from requesting and freeing interrupts of the device. One that does so
 * now may wait for a lock that the caller holds, so this does not wait for it. lockdep
 * counts the mutexes as one, because a task may hold only 48 locks.
 *
 * The device may be a disk that is masked: until the end, allocations must not wait for
 * it.
 */
static int nyx_adopt_begin(struct device *dev, unsigned int *noio)
{
	struct msi_desc *desc;

	msi_for_each_desc(desc, dev, MSI_DESC_ASSOCIATED) {
		if (mutex_trylock_nest_lock(nyx_adopt_request_mutex(desc),
					    &nyx_devices_lock))
			continue;
		nyx_adopt_unlock_until(dev, desc);
		return -EBUSY;
	}
	*noio = memalloc_noio_save();
	nyx_adopt_mask(to_pci_dev(dev), true);
	return 0;
}

static void nyx_adopt_end(struct device *dev, unsigned int noio)
{
	nyx_adopt_mask(to_pci_dev(dev), false);
	memalloc_noio_restore(noio);
	nyx_adopt_unlock_until(dev, NULL);
}

/**
 * nyx_adopt_entry_in() - adopt all MSIs of a device, and change its entry
 * @ndev: the device
 *
 * Context: May sleep; the device's lock, nyx_devices_lock, the lock of the MSI
 *	descriptors, and the root domain's mutex are held. No CPU goes offline.
 * Return: 0; -EBUSY if a driver is requesting or freeing an interrupt; an error of
 *	nyx_intr_ops.prepare_block or nyx_splice_in(), or -EIO. On error nothing
 *	has changed.
 */
int nyx_adopt_entry_in(struct nyx_device *ndev)
{
	struct nyx_unit *unit = ndev->unit;
	LIST_HEAD(removed);
	unsigned int noio;
	int ret;

	ret = unit->intr.ops->prepare_block(unit, ndev);
	if (ret)
		return ret;
	ret = nyx_adopt_begin(ndev->dev, &noio);
	if (ret)
		goto err_allow;
	ret = nyx_adopt_all(ndev, &nyx_adopt_entry_source);
	if (!ret && !unit->intr.ops->block_compat(unit, ndev)) {
		nyx_adopt_return_all(ndev->dev, &nyx_adopt_entry_source,
				     &removed);
		ret = -EIO;
	}
	nyx_adopt_end(ndev->dev, noio);
	nyx_splice_free(&removed);
	if (!ret)
		return 0;

err_allow:
	unit->intr.ops->allow_compat(unit, ndev);
	return ret;
}

/*
 * Gives an MSI the form that it has in both formats. Its vector may have changed, so
 * that takes an interrupt entry with the index of the present one, which the caller
 * frees.
 */
static struct nyx_intr_run *nyx_adopt_align(struct nyx_device *ndev,
					    struct irq_data *top)
{
	struct nyx_intr *intr = irq_data_get_irq_chip_data(top->parent_data);
	struct irq_desc *desc = irq_data_to_desc(top);
	struct nyx_intr_run *alias = NULL;
	struct msi_msg direct;
	u16 index;

	scoped_guard(raw_spinlock_irqsave, &desc->lock) {
		intr->frozen = true;
		if (!irqd_is_activated(top))
			return NULL;
		nyx_adopt_compose(top->parent_data->parent_data, &direct);
	}
	index = direct.data & NYX_ADOPT_INDEX;
	if (index != intr->run->index + intr->offset) {
		alias = nyx_intr_alloc_at(ndev, top->irq, index);
		if (IS_ERR(alias))
			return alias;
		nyx_intr_set(&alias->intr[0], &intr->target);
	}
	guard(raw_spinlock_irqsave)(&desc->lock);
	pci_write_msi_msg(top->irq, &direct);
	return alias;
}

static struct nyx_intr_run *nyx_adopt_align_all(struct nyx_device *ndev)
{
	struct msi_desc *desc;
	struct irq_data *top;

	msi_for_each_desc(desc, ndev->dev, MSI_DESC_ASSOCIATED) {
		top = irq_get_irq_data(desc->irq);
		if (!nyx_adopt_is_masked(top))
			return nyx_adopt_align(ndev, top);
	}
	return NULL;
}

/* Undoes nyx_adopt_align_all(), except for the interrupt entry. */
static void nyx_adopt_thaw(struct device *dev)
{
	struct nyx_intr *intr;
	struct msi_desc *desc;
	struct irq_data *top;

	msi_for_each_desc(desc, dev, MSI_DESC_ASSOCIATED) {
		top = irq_get_irq_data(desc->irq);
		intr = irq_data_get_irq_chip_data(top->parent_data);
		guard(raw_spinlock_irqsave)(&irq_data_to_desc(top)->lock);
		intr->frozen = false;
		if (!nyx_adopt_is_masked(top) && irqd_is_activated(top))
			nyx_adopt_write(top);
	}
}

/**
 * nyx_adopt_entry_out() - undo nyx_adopt_entry_in()
 * @ndev: the device
 *
 * Context: May sleep; the device's lock, nyx_devices_lock, the lock of the MSI
 *	descriptors, and the root domain's mutex are held. No CPU goes offline.
 * Return: 0; -EBUSY if a driver is requesting or freeing an interrupt; an error of
 *	nyx_intr_alloc_at(), or -EIO if the unit is out of service. On error the
 *	interrupts are still adopted.
 */
int nyx_adopt_entry_out(struct nyx_device *ndev)
{
	struct nyx_unit *unit = ndev->unit;
	struct nyx_intr_run *alias;
	LIST_HEAD(removed);
	unsigned int noio;
	int ret;

	ret = nyx_adopt_begin(ndev->dev, &noio);
	if (ret)
		return ret;
	alias = nyx_adopt_align_all(ndev);
	ret = PTR_ERR_OR_ZERO(alias) ?: unit->intr.ops->unblock(unit, ndev);
	if (ret)
		nyx_adopt_thaw(ndev->dev);
	else
		nyx_adopt_return_all(ndev->dev, &nyx_adopt_entry_source,
				     &removed);
	nyx_adopt_end(ndev->dev, noio);
	nyx_splice_free(&removed);
	if (!IS_ERR_OR_NULL(alias))
		nyx_intr_free(&alias->intr[0]);
	if (!ret)
		unit->intr.ops->allow_compat(unit, ndev);
	return ret;
}
