// SPDX-License-Identifier: GPL-2.0-only
/*
 * Inserting a unit into the chain of an interrupt that is in use.
 *
 * The kernel describes an interrupt by a chain of irq_data: that of the source's
 * domain refers by parent_data to that of the CPUs' vectors. Splicing inserts the
 * unit's between the two. Afterwards the interrupt is what it would be if it had
 * been allocated from the unit: the kernel activates, moves and frees it through
 * the operations in msi.c.
 *
 * Two locks keep others from reading the chain while it changes: that of the
 * interrupt's descriptor, for flow handlers, activation and moves; and the mutex
 * of the root domain, for allocation and freeing.
 *
 * The source changes from one format to the other by a single store of 32 bits.
 * Both formats lead to the same vector on the same CPU at that time, so no
 * interrupt is lost.
 */
#include <linux/cleanup.h>
#include <linux/err.h>
#include <linux/irq.h>
#include <linux/irqdesc.h>
#include <linux/irqdomain.h>
#include <linux/lockdep.h>
#include <linux/radix-tree.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>

#include <nyx/compat.h>
#include <nyx/device.h>
#include <nyx/intr.h>
#include <nyx/unit.h>

#include "msi.h"
#include "splice.h"

/**
 * nyx_splice_top() - find the chain of an interrupt that the caller does not own
 * @irq: its Linux number
 *
 * The kernel frees a chain after it has released the mutex. But it has removed the
 * chip before, with the mutex held, and put one without operations in its place.
 *
 * Context: The root domain's mutex is held. The chain, its domains and the MSI
 *	descriptor exist until it is released.
 * Return: the irq_data at the top; NULL if there is no such interrupt, it is being
 *	freed, or it has no domain.
 */
struct irq_data *nyx_splice_top(unsigned int irq)
{
	struct irq_data *top;

	guard(rcu)();
	top = irq_get_irq_data(irq);
	return top && top->domain && top->chip && top->chip->irq_set_affinity ?
	       top : NULL;
}

/**
 * nyx_splice_is_direct() - check whether an interrupt bypasses remapping
 * @top: its irq_data at the top of the chain
 *
 * The domain of the CPUs' vectors is the root of all domains.
 *
 * Context: The root domain's mutex or the lock of the descriptor is held.
 * Return: true if the CPUs' vectors are directly below.
 */
bool nyx_splice_is_direct(const struct irq_data *top)
{
	const struct irq_data *data = top->parent_data;

	return data && data->domain == data->domain->root;
}

/*
 * An activated interrupt has a vector, which does not change under the lock. If it
 * has changed before, so has the index of the message.
 */
static int nyx_splice_insert(struct irq_data *top, struct irq_data *data,
			     int index, const struct nyx_splice_source *source)
{
	int ret;

	guard(raw_spinlock_irqsave)(&irq_data_to_desc(top)->lock);
	if (source->index && source->index(top) != index)
		return -EAGAIN;
	if (irqd_is_activated(top)) {
		ret = nyx_msi_program(data);
		if (ret)
			return ret;
	}
	/* Orders the initialization of @data before others can find it. */
	smp_store_release(&top->parent_data, data);
	if (irqd_is_activated(top))
		source->write(top);
	return 0;
}

static int nyx_splice_try(struct irq_data *top, struct nyx_device *ndev,
			  const struct nyx_splice_source *source)
{
	struct irq_domain *domain = ndev->unit->intr.domain;
	struct nyx_intr_run *run;
	int index, ret;

	struct irq_data *data __free(kfree) = kzalloc_obj(*data);
	if (!data)
		return -ENOMEM;
	lockdep_assert_held(&domain->root->mutex);
	index = source->index ? source->index(top) : -1;
	run = index < 0 ? nyx_intr_alloc(ndev, top->irq, 1) :
			  nyx_intr_alloc_at(ndev, top->irq, index);
	if (IS_ERR(run))
		return PTR_ERR(run);
	if (run->index > source->max_index) {
		nyx_intr_free(&run->intr[0]);
		return -ENOSPC;
	}
	data->common = top->common;
	data->irq = top->irq;
	data->domain = domain;
	data->parent_data = top->parent_data;
	run->intr[0].adopted = true;
	nyx_msi_set_data(data, &run->intr[0], source->chip);
	/* As the kernel does: it removes this when the interrupt is freed. */
	ret = radix_tree_insert(&domain->revmap_tree, data->hwirq, data);
	if (ret)
		goto err_free;
	ret = nyx_splice_insert(top, data, index, source);
	if (ret)
		goto err_remove;
	domain->mapcount++;
	retain_and_null_ptr(data);	/* the kernel frees it with the interrupt */
	return 0;

err_remove:
	radix_tree_delete(&domain->revmap_tree, data->hwirq);
err_free:
	nyx_intr_free(&run->intr[0]);
	return ret;
}

/**
 * nyx_splice_in() - insert a unit into the chain of an interrupt
 * @top: its irq_data at the top of the chain, for which nyx_splice_is_direct()
 * @ndev: the device that sends the interrupt. Its unit remaps interrupts and lets
 *	compatibility format pass
 * @source: operations of the interrupt's source
 *
 * Context: May sleep; the root domain's mutex is held.
 * Return: 0; -ENOSPC if the index of the free entry is too large for the source;
 *	-ENOMEM, or an error of nyx_intr_alloc(), nyx_intr_alloc_at() or
 *	nyx_intr_set(), with nothing changed.
 */
int nyx_splice_in(struct irq_data *top, struct nyx_device *ndev,
		  const struct nyx_splice_source *source)
{
	int ret;

	do
		ret = nyx_splice_try(top, ndev, source);
	while (ret == -EAGAIN);
	return ret;
}

/**
 * nyx_splice_out() - undo nyx_splice_in()
 * @top: irq_data of the interrupt at the top of the chain. Nothing happens if
 *	nyx_splice_is_direct()
 * @source: operations of the interrupt's source
 * @removed: a list for nyx_splice_free(), to which the interrupt is added
 *
 * Also for an interrupt that was allocated from the unit, if its chip can write a
 * message in compatibility format.
 *
 * Context: May sleep; the root domain's mutex is held. The unit lets compatibility
 *	format pass.
 */
void nyx_splice_out(struct irq_data *top, const struct nyx_splice_source *source,
		    struct list_head *removed)
{
	struct irq_data *data = top->parent_data;
	struct nyx_intr *intr;

	lockdep_assert_held(&data->domain->root->mutex);
	if (nyx_splice_is_direct(top))
		return;
	scoped_guard(raw_spinlock_irqsave, &irq_data_to_desc(top)->lock) {
		if (irqd_is_activated(top) && source->prepare)
			source->prepare(top);
		/* Readers of the chain hold the lock, or the mutex. */
		WRITE_ONCE(top->parent_data, data->parent_data);
		/*
		 * Reads from the source at its end. The read cannot overtake
		 * the requests that were sent before, so that none finds the
		 * entry blocked.
		 */
		if (irqd_is_activated(top))
			source->write(top);
	}
	radix_tree_delete(&data->domain->revmap_tree, data->hwirq);
	data->domain->mapcount--;
	intr = irq_data_get_irq_chip_data(data);
	intr->data = data;
	list_add_tail(&intr->removed, removed);
}

/**
 * nyx_splice_free() - free what nyx_splice_out() has removed
 * @removed: the list; empty on return
 *
 * Context: May sleep.
 */
void nyx_splice_free(struct list_head *removed)
{
	struct nyx_intr *intr, *next;

	if (list_empty(removed))
		return;
	/* Look-ups by hwirq use RCU only. */
	synchronize_rcu();
	list_for_each_entry_safe(intr, next, removed, removed) {
		list_del(&intr->removed);
		kfree(intr->data);
		nyx_intr_free(intr);
	}
}
