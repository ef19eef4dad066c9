// SPDX-License-Identifier: GPL-2.0-only
/*
 * The handler of the interrupt that a unit raises for faults. The vendor
 * allocates the interrupt and programs the unit to send it.
 */
#include <linux/interrupt.h>
#include <linux/sprintf.h>

#include <nyx/fault.h>
#include <nyx/unit.h>

/* Threaded, so that a storm of faults cannot monopolize a CPU. */
static irqreturn_t nyx_fault_irq_thread(int irq, void *unit)
{
	nyx_fault_service(unit);
	return IRQ_HANDLED;
}

/**
 * nyx_fault_irq_init() - prepare the fault interrupt of a unit
 * @unit: the unit, whose interrupt then has a name, but no number
 *
 * Context: Any; there is no handler.
 */
void nyx_fault_irq_init(struct nyx_unit *unit)
{
	struct nyx_fault_irq *irq = &unit->fault_irq;

	irq->stopping = false;
	snprintf(irq->name, sizeof(irq->name), "%s-fault", unit->name);
}

/**
 * nyx_fault_irq_request() - install the handler of the fault interrupt
 * @unit: the unit, after nyx_fault_irq_init()
 * @nr: number of the interrupt
 *
 * Context: May sleep.
 * Return: 0, or an error of the kernel's interrupt code.
 */
int nyx_fault_irq_request(struct nyx_unit *unit, unsigned int nr)
{
	unit->fault_irq.nr = nr;
	return request_threaded_irq(nr, NULL, nyx_fault_irq_thread,
				    IRQF_ONESHOT, unit->fault_irq.name, unit);
}

/**
 * nyx_fault_irq_wake() - read the fault log without an interrupt
 * @unit: the unit
 *
 * For an interrupt that may have been lost.
 *
 * Context: Any.
 */
void nyx_fault_irq_wake(struct nyx_unit *unit)
{
	irq_wake_thread(unit->fault_irq.nr, unit);
}

/**
 * nyx_fault_irq_free() - undo nyx_fault_irq_request()
 * @unit: the unit
 *
 * Context: May sleep; waits for the handler to return.
 * Return: number of the interrupt, which the vendor frees.
 */
unsigned int nyx_fault_irq_free(struct nyx_unit *unit)
{
	/* Without this a storm of faults would keep the handler running. */
	WRITE_ONCE(unit->fault_irq.stopping, true);
	free_irq(unit->fault_irq.nr, unit);
	return unit->fault_irq.nr;
}
