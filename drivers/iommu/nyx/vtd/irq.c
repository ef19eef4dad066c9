// SPDX-License-Identifier: GPL-2.0-only
/*
 * The fault event interrupt (7.3), whose message is also that of page request events
 * (7.8). The unit itself is the source of the message, so it has its own interrupt domain
 * directly on top of the CPUs' vectors.
 */
#define pr_fmt(fmt) "nyx: " fmt

#include <linux/errno.h>
#include <linux/irq.h>
#include <linux/irqdomain.h>
#include <linux/msi.h>

#include <asm/apic.h>
#include <asm/hw_irq.h>
#include <asm/irqdomain.h>

#include <nyx/compat.h>
#include <nyx/fault.h>

#include "event.h"
#include "fault.h"
#include "vtd.h"

static void vtd_irq_mask(struct irq_data *data)
{
	vtd_event_mask(irq_data_get_irq_chip_data(data), true);
}

/* The unit now sends a message that was held back while masked (7.3). */
static void vtd_irq_unmask(struct irq_data *data)
{
	vtd_event_mask(irq_data_get_irq_chip_data(data), false);
}

/*
 * Programs address and data of the message (5.1.6). In x2APIC mode the upper 24
 * bits of an APIC ID are in the upper address; in xAPIC mode they are 0.
 */
static void vtd_irq_write(struct irq_data *data)
{
	const struct vtd_unit *vu = irq_data_get_irq_chip_data(data);
	const struct irq_cfg *cfg = irqd_cfg(data);
	struct msi_msg msg = { };

	msg.arch_addr_lo.base_address = X86_MSI_BASE_ADDRESS_LOW;
	msg.arch_addr_lo.dest_mode_logical = apic->dest_mode_logical;
	msg.arch_addr_lo.destid_0_7 = cfg->dest_apicid & 0xff;
	msg.arch_addr_hi.destid_8_31 = cfg->dest_apicid >> 8;
	msg.arch_data.vector = cfg->vector;

	vtd_event_set_message(vu, &msg);
}

static int vtd_irq_set_affinity(struct irq_data *data,
				const struct cpumask *mask, bool force)
{
	struct irq_data *parent = data->parent_data;
	int ret;

	ret = parent->chip->irq_set_affinity(parent, mask, force);
	if (ret < 0 || ret == IRQ_SET_MASK_OK_DONE)
		return ret;
	vtd_irq_write(data);
	return ret;
}

static struct irq_chip vtd_irq_chip = {
	.name = "VT-d",
	.irq_mask = vtd_irq_mask,
	.irq_unmask = vtd_irq_unmask,
	.irq_ack = irq_chip_ack_parent,
	.irq_retrigger = irq_chip_retrigger_hierarchy,
	.irq_set_affinity = vtd_irq_set_affinity,
	.flags = IRQCHIP_SKIP_SET_WAKE | IRQCHIP_AFFINITY_PRE_STARTUP,
};

static int vtd_irq_alloc(struct irq_domain *domain, unsigned int virq,
			 unsigned int nr, void *arg)
{
	int ret;

	ret = irq_domain_alloc_irqs_parent(domain, virq, nr, arg);
	if (ret)
		return ret;
	irq_domain_set_info(domain, virq, 0, &vtd_irq_chip, domain->host_data,
			    handle_edge_irq, NULL, "edge");
	nyx_irq_move_anytime(virq);
	return 0;
}

/* The vector is assigned when the interrupt is activated. */
static int vtd_irq_activate(struct irq_domain *domain, struct irq_data *data,
			    bool reserve)
{
	vtd_irq_write(data);
	return 0;
}

static const struct irq_domain_ops vtd_irq_domain_ops = {
	.alloc = vtd_irq_alloc,
	.free = irq_domain_free_irqs_common,
	.activate = vtd_irq_activate,
};

static int vtd_irq_domain_create(struct vtd_unit *vu)
{
	struct fwnode_handle *fwnode;

	fwnode = irq_domain_alloc_named_fwnode(vu->unit.fault_irq.name);
	if (!fwnode)
		return -ENOMEM;
	vu->irq_domain = irq_domain_create_hierarchy(x86_vector_domain, 0, 1,
						     fwnode,
						     &vtd_irq_domain_ops, vu);
	if (vu->irq_domain)
		return 0;
	irq_domain_free_fwnode(fwnode);
	return -ENOMEM;
}

static void vtd_irq_domain_remove(struct vtd_unit *vu)
{
	struct fwnode_handle *fwnode = vu->irq_domain->fwnode;

	irq_domain_remove(vu->irq_domain);
	irq_domain_free_fwnode(fwnode);
	vu->irq_domain = NULL;
}

/**
 * vtd_irq_init() - set up the fault event interrupt
 * @vu: the unit
 *
 * Context: May sleep.
 * Return: 0; -ENOMEM, -ENOSPC or another error of the kernel's interrupt code.
 */
int vtd_irq_init(struct vtd_unit *vu)
{
	struct irq_alloc_info info = { .type = X86_IRQ_ALLOC_TYPE_DMAR };
	int ret, irq;

	nyx_fault_irq_init(&vu->unit);
	vtd_event_mask(vu, true);
	ret = vtd_irq_domain_create(vu);
	if (ret)
		return ret;
	irq = irq_domain_alloc_irqs(vu->irq_domain, 1, vu->unit.nid, &info);
	if (irq < 0) {
		ret = irq;
		goto err_domain;
	}
	ret = nyx_fault_irq_request(&vu->unit, irq);
	if (!ret)
		return 0;
	irq_dispose_mapping(irq);
err_domain:
	vtd_irq_domain_remove(vu);
	return ret;
}

/**
 * vtd_irq_restore() - program the fault event interrupt after a sleep
 * @vu: the unit, which lost its registers
 *
 * Context: Any.
 */
void vtd_irq_restore(struct vtd_unit *vu)
{
	struct irq_data *data = irq_get_irq_data(vu->unit.fault_irq.nr);

	vtd_event_mask(vu, true);
	vtd_irq_write(data);
	if (!irqd_irq_masked(data))
		vtd_event_mask(vu, false);
}

/**
 * vtd_irq_exit() - undo vtd_irq_init()
 * @vu: the unit
 *
 * Context: May sleep; waits for the handler to return.
 */
void vtd_irq_exit(struct vtd_unit *vu)
{
	irq_dispose_mapping(nyx_fault_irq_free(&vu->unit));
	vtd_irq_domain_remove(vu);
}
