// SPDX-License-Identifier: GPL-2.0-only
/*
 * Remapped interrupts as the kernel's interrupt code sees them: each unit has
 * an interrupt domain on top of the CPUs' vectors, and the unit's devices get
 * their MSIs from it.
 */
#define pr_fmt(fmt) "nyx: " fmt

#include <linux/device.h>
#include <linux/err.h>
#include <linux/irq.h>
#include <linux/irqdomain.h>
#include <linux/msi.h>

#include <asm/apic.h>
#include <asm/hw_irq.h>
#include <asm/irqdomain.h>
#include <asm/msi.h>

#include <nyx/compat.h>
#include <nyx/device.h>
#include <nyx/intr.h>
#include <nyx/remedy.h>
#include <nyx/unit.h>

#include "ioapic.h"
#include "msi.h"

/**
 * nyx_intr_extended() - test whether interrupt destinations have 32 bits
 *
 * Context: Any.
 * Return: true if the CPUs are in x2APIC mode.
 */
bool nyx_intr_extended(void)
{
	return x2apic_mode;
}

/**
 * nyx_msi_program() - let the entry of an interrupt lead to its vector
 * @data: the unit's irq_data of the interrupt
 *
 * Context: Any; the kernel does not change the vector meanwhile.
 * Return: an error of nyx_intr_set(), or 0.
 */
int nyx_msi_program(struct irq_data *data)
{
	struct nyx_intr *intr = irq_data_get_irq_chip_data(data);
	const struct irq_cfg *cfg = irqd_cfg(data);
	const struct nyx_intr_target target = {
		.dest = cfg->dest_apicid,
		.vector = cfg->vector,
		.logical = apic->dest_mode_logical,
		.level = intr->run->ndev->ioapic && irqd_is_level_type(data),
	};

	return nyx_intr_set(intr, &target);
}

/*
 * The parent allocates a new vector and keeps the old one until an interrupt
 * arrives at the new one, so no interrupt in flight is lost. If the unit fails
 * meanwhile, it may continue to use the old vector, which then is never freed.
 */
static int nyx_msi_move(struct irq_data *data, const struct cpumask *mask,
			bool force)
{
	const struct nyx_intr *intr = irq_data_get_irq_chip_data(data);
	struct irq_data *parent = data->parent_data;
	int ret;

	/*
	 * The entries of a dead unit do not change any more. Those that containment
	 * spared lead to the old vector.
	 */
	if (READ_ONCE(intr->run->ndev->unit->dead))
		return -EIO;
	ret = parent->chip->irq_set_affinity(parent, mask, force);
	if (ret < 0 || ret == IRQ_SET_MASK_OK_DONE)
		return ret;
	nyx_msi_program(data);
	return ret;
}

static int nyx_msi_set_affinity(struct irq_data *data,
				const struct cpumask *mask, bool force)
{
	const struct nyx_intr *intr = irq_data_get_irq_chip_data(data);
	int ret;

	if (intr->frozen)
		return -EBUSY;
	ret = nyx_msi_move(data, mask, force);
	/* The message of the device does not change. */
	return ret < 0 ? ret : IRQ_SET_MASK_OK_DONE;
}

/* Called by the owner of a virtual CPU, with NULL when posting ends. */
static int nyx_msi_set_vcpu_affinity(struct irq_data *data, void *info)
{
	struct nyx_intr *intr = irq_data_get_irq_chip_data(data);
	const struct nyx_intr_unit *unit = &intr->run->ndev->unit->intr;
	struct nyx_intr_posting posting;

	if (!info)
		return nyx_intr_unpost(intr);
	if (!unit->posts)
		return -EOPNOTSUPP;
	if (!unit->ops->posting(info, &posting))
		return -EINVAL;
	return nyx_intr_post(intr, &posting);
}

static void nyx_msi_compose(struct irq_data *data, struct msi_msg *msg)
{
	struct nyx_intr_message message;

	nyx_intr_message(irq_data_get_irq_chip_data(data), &message);
	*msg = (struct msi_msg) {
		.address_lo = lower_32_bits(message.address),
		.address_hi = upper_32_bits(message.address),
		.data = message.data,
	};
}

struct irq_chip nyx_msi_chip = {
	.name = "Nyx",
	.irq_ack = irq_chip_ack_parent,
	.irq_set_affinity = nyx_msi_set_affinity,
	.irq_set_vcpu_affinity = nyx_msi_set_vcpu_affinity,
	.irq_compose_msi_msg = nyx_msi_compose,
};

/*
 * The I/O APIC needs the vector, because the CPU names it when it broadcasts the
 * end of the interrupt.
 */
static void nyx_pin_compose(struct irq_data *data, struct msi_msg *msg)
{
	const struct nyx_intr *intr = irq_data_get_irq_chip_data(data);
	struct irq_data *parent = data->parent_data;

	if (READ_ONCE(intr->run->ndev->unit->intr.pins_pass)) {
		parent->chip->irq_compose_msi_msg(parent, msg);
		return;
	}
	nyx_msi_compose(data, msg);
	msg->arch_data.vector = irqd_cfg(data)->vector;
}

/* After a move IRQ_SET_MASK_OK has the entry of the I/O APIC get the new vector. */
struct irq_chip nyx_pin_chip = {
	.name = "Nyx",
	.irq_ack = irq_chip_ack_parent,
	.irq_set_affinity = nyx_msi_move,
	.irq_compose_msi_msg = nyx_pin_compose,
};

/**
 * nyx_msi_set_data() - connect the unit's irq_data of an interrupt to the record
 * @data: the irq_data
 * @intr: the interrupt
 * @chip: nyx_msi_chip or nyx_pin_chip
 *
 * Devices may have tables of their own: the index is not unique.
 *
 * Context: Any.
 */
void nyx_msi_set_data(struct irq_data *data, struct nyx_intr *intr,
		      struct irq_chip *chip)
{
	const struct nyx_intr_run *run = intr->run;

	data->hwirq = (irq_hw_number_t)run->ndev->rid << 16 |
		      (run->index + intr->offset);
	data->chip = chip;
	data->chip_data = intr;
}

static int nyx_msi_alloc_for(struct nyx_device *ndev, struct irq_domain *domain,
			     unsigned int virq, unsigned int nr, void *arg,
			     struct irq_chip *chip)
{
	struct nyx_intr_run *run;
	unsigned int i;
	int ret;

	ret = irq_domain_alloc_irqs_parent(domain, virq, nr, arg);
	if (ret)
		return ret;
	run = nyx_intr_alloc(ndev, virq, nr);
	if (IS_ERR(run)) {
		irq_domain_free_irqs_common(domain, virq, nr);
		return PTR_ERR(run);
	}
	for (i = 0; i < nr; i++) {
		nyx_msi_set_data(irq_domain_get_irq_data(domain, virq + i),
				 &run->intr[i], chip);
		/* The chip of an adopted device expects deferred moves. */
		if (!ndev->adopted && !ndev->ioapic)
			nyx_irq_move_anytime(virq + i);
	}
	return 0;
}

static int nyx_msi_alloc(struct irq_domain *domain, unsigned int virq,
			 unsigned int nr, void *arg)
{
	const struct irq_alloc_info *info = arg;
	struct nyx_device *ndev;
	int ret;

	/* The mutex of the root domain protects the record of an I/O APIC. */
	if (info->type == X86_IRQ_ALLOC_TYPE_IOAPIC) {
		ndev = nyx_ioapic_find(domain->host_data, info->devid);
		return ndev ? nyx_msi_alloc_for(ndev, domain, virq, nr, arg,
						&nyx_pin_chip) : -ENODEV;
	}
	ndev = nyx_device_hold_remapped(domain->host_data, info->desc->dev);
	if (!ndev)
		return -ENODEV;
	/*
	 * The CPUs' vectors, to which the interrupts of an adopted device are
	 * returned, do not offer several interrupts with one message.
	 */
	if (READ_ONCE(ndev->adopted) && nr > 1)
		ret = -ENOSPC;
	else
		ret = nyx_msi_alloc_for(ndev, domain, virq, nr, arg,
					&nyx_msi_chip);
	nyx_device_drop(ndev);
	return ret;
}

static void nyx_msi_free(struct irq_domain *domain, unsigned int virq,
			 unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		nyx_intr_free(irq_domain_get_irq_data(domain,
						      virq + i)->chip_data);
	/* Vectors are freed after the entries that refer to them. */
	irq_domain_free_irqs_common(domain, virq, nr);
}

static int nyx_msi_activate(struct irq_domain *domain, struct irq_data *data,
			    bool reserve)
{
	if (data->chip == &nyx_pin_chip)
		nyx_ioapic_set_chip(data);
	return nyx_msi_program(data);
}

/*
 * Called before the parent frees the vector. If the unit does not confirm the
 * change, it is out of service, and nyx_unit_fail() has logged that.
 */
static void nyx_msi_deactivate(struct irq_domain *domain,
			       struct irq_data *data)
{
	nyx_intr_block(irq_data_get_irq_chip_data(data));
}

static const struct irq_domain_ops nyx_msi_domain_ops = {
	.alloc = nyx_msi_alloc,
	.free = nyx_msi_free,
	.activate = nyx_msi_activate,
	.deactivate = nyx_msi_deactivate,
};

/* The domain of the vectors knows what its MSIs require. */
static bool nyx_msi_init_dev_info(struct device *dev, struct irq_domain *domain,
				  struct irq_domain *real_parent,
				  struct msi_domain_info *info)
{
	struct irq_domain *parent = domain->parent;
	struct nyx_device *ndev;

	/*
	 * From now on the unit's domain is the parent of the device's domain. A
	 * domain that was adopted no longer exists.
	 */
	ndev = nyx_device_hold_remapped(domain->host_data, dev);
	if (ndev) {
		WRITE_ONCE(ndev->adopted, NULL);
		WRITE_ONCE(ndev->msi_requested, true);
		nyx_device_drop(ndev);
	}
	return parent->msi_parent_ops->init_dev_msi_info(dev, parent,
							 real_parent, info);
}

static const struct msi_parent_ops nyx_msi_parent_ops = {
	.supported_flags = X86_VECTOR_MSI_FLAGS_SUPPORTED |
			   MSI_FLAG_MULTI_PCI_MSI,
	.prefix = "Nyx-",
	.init_dev_msi_info = nyx_msi_init_dev_info,
};

/**
 * nyx_msi_set_isolated() - report whether devices can forge interrupts
 * @unit: the unit, its domain created
 * @isolated: no device below the unit can forge interrupts
 *
 * VFIO requires this flag before it accepts a device. A request in
 * compatibility format contains CPU and vector, so any device can forge one
 * where the unit allows that format.
 *
 * Context: Any; nyx_devices_lock is held, or only one CPU runs after a sleep.
 */
void nyx_msi_set_isolated(struct nyx_unit *unit, bool isolated)
{
	if (isolated)
		unit->intr.domain->flags |= IRQ_DOMAIN_FLAG_ISOLATED_MSI;
	else
		unit->intr.domain->flags &= ~IRQ_DOMAIN_FLAG_ISOLATED_MSI;
}

static int nyx_msi_create(struct nyx_unit *unit)
{
	struct fwnode_handle *fwnode;
	struct irq_domain *domain;

	fwnode = irq_domain_alloc_named_fwnode(unit->name);
	if (!fwnode)
		return -ENOMEM;
	domain = irq_domain_create_hierarchy(x86_vector_domain,
					     IRQ_DOMAIN_FLAG_MSI_PARENT, 0,
					     fwnode, &nyx_msi_domain_ops, unit);
	if (!domain) {
		irq_domain_free_fwnode(fwnode);
		return -ENOMEM;
	}
	irq_domain_update_bus_token(domain, unit->intr.bus_token);
	domain->msi_parent_ops = &nyx_msi_parent_ops;
	unit->intr.domain = domain;
	return 0;
}

/*
 * The MSIs of the devices of @unit bypass remapping again; none is remapped.
 */
static void nyx_msi_remove(struct nyx_unit *unit)
{
	struct irq_domain *domain = unit->intr.domain;
	struct fwnode_handle *fwnode;

	if (!domain)
		return;
	fwnode = domain->fwnode;
	unit->intr.domain = NULL;
	/*
	 * The call that freed the last interrupt may still run in this module.
	 */
	mutex_lock(&domain->root->mutex);
	mutex_unlock(&domain->root->mutex);
	irq_domain_remove(domain);
	irq_domain_free_fwnode(fwnode);
}

/**
 * nyx_msi_init() - create the interrupt domains of all units that are started
 *
 * No device uses the domains before nyx_msi_open().
 *
 * Context: May sleep.
 * Return: 0; -ENOMEM after a log line. nyx_msi_exit() undoes what was done.
 */
int nyx_msi_init(void)
{
	struct nyx_unit *unit;
	int ret;

	list_for_each_entry(unit, &nyx_units, node) {
		ret = unit->started && unit->intr.ops ? nyx_msi_create(unit) : 0;
		if (ret) {
			pr_err("%s: no memory for an interrupt domain: " NYX_REMEDY_MEMORY "\n",
			       unit->name);
			return ret;
		}
	}
	return 0;
}

/**
 * nyx_msi_exit() - undo nyx_msi_init()
 *
 * Context: May sleep; no device is managed, and nyx_msi_close() was called.
 */
void nyx_msi_exit(void)
{
	struct nyx_unit *unit;

	list_for_each_entry(unit, &nyx_units, node)
		nyx_msi_remove(unit);
}
