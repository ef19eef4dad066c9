// SPDX-License-Identifier: GPL-2.0-only
/*
 * Keeps the probing of all devices and the removal of single devices apart.
 *
 * The IOMMU core iterates over the buses without a lock that removals take. A
 * device that is removed during the iteration could be probed after its
 * release, and would never be released again. Its group would be freed while it
 * is on the IOMMU core's list of groups to be set up.
 *
 * The PCI core's lock would exclude removals, but drivers are unbound with and
 * without that lock. So a removal waits for a probe that has begun, and a probe
 * that is requested during removals runs at the end of the last one.
 */
#include <linux/cleanup.h>
#include <linux/slab.h>

#include <nyx/compat.h>

#include "adopt_gate.h"

/**
 * struct nyx_adopt_removal - a device that is being removed
 * @node: entry of nyx_adopt_gate.removals
 * @dev: the device, compared but never dereferenced
 */
struct nyx_adopt_removal {
	struct list_head node;
	struct device *dev;
};

/**
 * nyx_adopt_gate_init() - set up a gate without any removal
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
 * nyx_adopt_gate_kick() - probe now, or after all removals under way
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
 * nyx_adopt_gate_begin_removal() - record the beginning of a removal
 * @gate: the gate
 * @dev: the device, still on its bus
 *
 * Waits for a probe under way. The small allocation must not fail, because an
 * unrecorded removal would let a probe run too early.
 *
 * Context: May sleep. Locks of devices and of the PCI core may be held.
 */
void nyx_adopt_gate_begin_removal(struct nyx_adopt_gate *gate,
				  struct device *dev)
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
 * nyx_adopt_gate_end_removal() - record the end of a removal
 * @gate: the gate
 * @dev: the device, which the IOMMU core has released and which is on no bus
 *	any more; ignored if its removal began before the gate existed
 *
 * Context: May sleep. Locks of devices and of the PCI core may be held.
 */
void nyx_adopt_gate_end_removal(struct nyx_adopt_gate *gate,
				struct device *dev)
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
 * nyx_adopt_gate_close() - block removals, unless one is under way
 * @gate: the gate
 *
 * For callers that unregister units from the IOMMU core, which finds the
 * devices of a unit on the buses. It does not find a device that is being
 * removed, and would release that device when the unit no longer exists.
 *
 * Context: May sleep. Locks of devices and of the PCI core may be held.
 * Return: true if removals are blocked until nyx_adopt_gate_open(); false if a
 *	removal is under way.
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
 * nyx_adopt_gate_clear() - drop removals whose end will not be recorded
 * @gate: the gate, no longer used
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
