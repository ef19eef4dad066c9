// SPDX-License-Identifier: GPL-2.0-only
/*
 * Keeps the probing of all devices and the removal of any one apart.
 *
 * The IOMMU core looks through the buses without a lock that a removal would
 * take. A device that it has found there and that goes meanwhile would be probed
 * after it was released, and never be released again; and its group would be
 * freed while it is on the core's list of groups to be set up.
 *
 * The PCI core's lock would keep removals away, but a driver may be unbound with
 * or without it held. So removals wait for a probing that has begun, and one
 * that is wanted meanwhile is done at the end of the last removal.
 */
#include <linux/cleanup.h>
#include <linux/slab.h>

#include <nyx/compat.h>

#include "adopt_gate.h"

/**
 * struct nyx_adopt_removal - a device that is being removed
 * @node: in nyx_adopt_gate.removals
 * @dev: the device, never looked into
 */
struct nyx_adopt_removal {
	struct list_head node;
	struct device *dev;
};

/**
 * nyx_adopt_gate_init() - a gate where nobody is being removed
 * @gate: the gate
 * @probe: nyx_adopt_gate.probe
 *
 * Context: Any.
 */
void nyx_adopt_gate_init(struct nyx_adopt_gate *gate, void (*probe)(void))
{
	mutex_init(&gate->lock);
	INIT_LIST_HEAD(&gate->removals);
	gate->pending = false;
	gate->probe = probe;
}

/**
 * nyx_adopt_gate_kick() - probe now, or as soon as no removal is under way
 * @gate: the gate
 *
 * Context: May sleep. Locks of devices and of the PCI core may be held.
 */
void nyx_adopt_gate_kick(struct nyx_adopt_gate *gate)
{
	guard(mutex)(&gate->lock);
	if (list_empty(&gate->removals))
		gate->probe();
	else
		gate->pending = true;
}

/**
 * nyx_adopt_gate_begin_removal() - a removal begins
 * @gate: the gate
 * @dev: the device; it is still on its bus
 *
 * Waits for a probing under way. To forget the device for want of memory would
 * open the gate too early: it is a few bytes.
 *
 * Context: May sleep. Locks of devices and of the PCI core may be held.
 */
void nyx_adopt_gate_begin_removal(struct nyx_adopt_gate *gate, struct device *dev)
{
	struct nyx_adopt_removal *removal;

	removal = kzalloc_obj(*removal, GFP_KERNEL | __GFP_NOFAIL);
	removal->dev = dev;
	guard(mutex)(&gate->lock);
	list_add(&removal->node, &gate->removals);
}

static void nyx_adopt_gate_drop(struct nyx_adopt_removal *removal)
{
	list_del(&removal->node);
	kfree(removal);
}

/**
 * nyx_adopt_gate_end_removal() - a removal is over
 * @gate: the gate
 * @dev: the device; the IOMMU core has released it, and finds it on no bus. If
 *	its removal began before the gate was there, nothing happens
 *
 * Context: May sleep. Locks of devices and of the PCI core may be held.
 */
void nyx_adopt_gate_end_removal(struct nyx_adopt_gate *gate, struct device *dev)
{
	struct nyx_adopt_removal *removal;

	guard(mutex)(&gate->lock);
	list_for_each_entry(removal, &gate->removals, node) {
		if (removal->dev != dev)
			continue;
		nyx_adopt_gate_drop(removal);
		break;
	}
	if (!list_empty(&gate->removals) || !gate->pending)
		return;
	gate->pending = false;
	gate->probe();
}

/**
 * nyx_adopt_gate_close() - have removals wait, unless one is under way
 * @gate: the gate
 *
 * For who takes units from the IOMMU core: that finds all their devices on the
 * buses, but not one that is just being removed, which would be released when the
 * unit is gone.
 *
 * Context: May sleep. Locks of devices and of the PCI core may be held.
 * Return: true, and nyx_adopt_gate_open() is to follow; false if one is.
 */
bool nyx_adopt_gate_close(struct nyx_adopt_gate *gate)
{
	mutex_lock(&gate->lock);
	if (list_empty(&gate->removals))
		return true;
	mutex_unlock(&gate->lock);
	return false;
}

/**
 * nyx_adopt_gate_open() - undo nyx_adopt_gate_close()
 * @gate: the gate
 *
 * Context: May sleep.
 */
void nyx_adopt_gate_open(struct nyx_adopt_gate *gate)
{
	mutex_unlock(&gate->lock);
}

/**
 * nyx_adopt_gate_clear() - forget removals whose end will not be told
 * @gate: the gate, which nobody uses any more
 *
 * Context: May sleep.
 */
void nyx_adopt_gate_clear(struct nyx_adopt_gate *gate)
{
	struct nyx_adopt_removal *removal, *next;

	guard(mutex)(&gate->lock);
	list_for_each_entry_safe(removal, next, &gate->removals, node)
		nyx_adopt_gate_drop(removal);
	gate->pending = false;
}
