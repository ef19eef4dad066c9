// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cutting devices off.
 *
 * A device is cut off from the context in which its faults are reported, which
 * may not sleep. So its entries are only stored there, and a work item does the
 * rest. From the store on, every other change of the entries blocks them too: see
 * nyx_entry_set().
 */
#include <linux/cleanup.h>
#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/rculist.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/workqueue.h>

#include <nyx/device.h>
#include <nyx/domain.h>
#include <nyx/entry.h>
#include <nyx/quarantine.h>
#include <nyx/unit.h>

/*
 * A storm of faults keeps a CPU busy, so the work has a high priority and may run
 * on any other CPU.
 */
static struct workqueue_struct *nyx_cut_off_queue;

/**
 * nyx_cut_off_init() - prepare to cut devices off
 *
 * To be called before the first unit is started.
 *
 * Context: May sleep.
 * Return: 0 or -ENOMEM.
 */
int nyx_cut_off_init(void)
{
	nyx_cut_off_queue = alloc_workqueue("nyx_quarantine",
					    WQ_UNBOUND | WQ_HIGHPRI, 0);
	return nyx_cut_off_queue ? 0 : -ENOMEM;
}

/**
 * nyx_cut_off_exit() - undo nyx_cut_off_init()
 *
 * Context: May sleep; no device is cut off any more.
 */
void nyx_cut_off_exit(void)
{
	destroy_workqueue(nyx_cut_off_queue);
}

/**
 * nyx_cut_off_wait() - wait until the work of all cut-off devices is done
 *
 * Context: May sleep; no lock that the work takes is held.
 */
void nyx_cut_off_wait(void)
{
	flush_workqueue(nyx_cut_off_queue);
}

/* Returns true if the device was active: nyx_cut_off_complete() has to follow. */
static bool nyx_cut_off_store(struct nyx_device *ndev,
			      const struct nyx_cut *cut, const char *origin)
{
	const struct nyx_entry quiet = {
		.kind = NYX_ENTRY_BLOCKED,
		.quiet = true,
	};
	enum nyx_cut_state was = ndev->cut_off;
	struct nyx_unit *unit = ndev->unit;
	u16 domain_id;
	unsigned int i;

	lockdep_assert_held(&unit->store_lock);
	/* A command may disable a device that is already quarantined. */
	WRITE_ONCE(ndev->cut_off, max(was, cut->state));
	if (was != NYX_ACTIVE)
		return false;
	WRITE_ONCE(ndev->intr_cut_off, true);
	ndev->quarantine.cut = *cut;
	strscpy(ndev->quarantine.origin, origin);
	atomic_set(&ndev->quarantine.suppressed, 0);
	for (i = 0; i < ndev->nr_rids; i++)
		unit->ops->entries->replace(unit, ndev->rids[i], &quiet,
					    &domain_id);
	/*
	 * The entries are stored before the flag. A caller of nyx_entry_set()
	 * that clears the flag invalidates all caches after that, and so what
	 * the unit cached of the old entries. Pairs with xchg() in
	 * nyx_change_invalidate_blocked().
	 */
	smp_store_release(&ndev->cut_off_cached, true);
	return true;
}

static void nyx_cut_off_complete(struct nyx_device *ndev)
{
	nyx_device_hold(ndev);
	/*
	 * If the work of an earlier time is still queued, it does this as well
	 * and holds a reference, so the one dropped here is not the last.
	 */
	if (!queue_work(nyx_cut_off_queue, &ndev->quarantine.work))
		nyx_device_drop(ndev);
}

static void nyx_cut_off_one(struct nyx_device *ndev, const struct nyx_cut *cut,
			    const char *origin)
{
	bool was_active;

	scoped_guard(raw_spinlock_irqsave, &ndev->unit->store_lock)
		was_active = nyx_cut_off_store(ndev, cut, origin);
	if (was_active)
		nyx_cut_off_complete(ndev);
}

/*
 * Gives a device the state of another one below the same unit, with which it
 * shares a requester ID. Returns true if its state changed. Under the lock,
 * because the other one may be recovered meanwhile: see nyx_cut_off_end_all().
 */
static bool nyx_cut_off_follow(struct nyx_device *ndev,
			       const struct nyx_device *other)
{
	bool raised, was_active = false;
	struct nyx_cut cut;

	scoped_guard(raw_spinlock_irqsave, &ndev->unit->store_lock) {
		raised = ndev->cut_off < other->cut_off;
		if (raised) {
			cut = other->quarantine.cut;
			cut.state = other->cut_off;
			cut.reason = NYX_CUT_REQUESTER;
			was_active = nyx_cut_off_store(ndev, &cut,
						       other->quarantine.origin);
		}
	}
	if (was_active)
		nyx_cut_off_complete(ndev);
	return raised;
}

static bool nyx_cut_off_spread_from(const struct nyx_device *ndev)
{
	struct nyx_device *other;
	bool raised = false;

	list_for_each_entry_rcu(other, &nyx_devices, node)
		if (other != ndev &&
		    READ_ONCE(other->cut_off) < READ_ONCE(ndev->cut_off) &&
		    nyx_device_nr_shared(ndev, other))
			raised |= nyx_cut_off_follow(other, ndev);
	return raised;
}

/**
 * nyx_cut_off_spread() - cut off all devices that share a requester ID with one
 *	that is cut off
 *
 * The unit cannot distinguish such devices, and an entry that is open for one is
 * open for all of them. So all devices that share requester IDs, directly or
 * through others, have the same state. To be called after a device was cut off,
 * was added to the list of devices, or got more requester IDs.
 *
 * Context: Any; the caller is in an RCU read-side critical section. Takes
 *	nyx_unit.store_lock.
 */
void nyx_cut_off_spread(void)
{
	const struct nyx_device *ndev;
	bool raised;

	/*
	 * A device may be cut off on one CPU while one that shares a requester ID
	 * is added to the list on another. Both CPUs call this function then, and
	 * read what the other one writes after what they wrote themselves: so at
	 * least one of them finds both changes.
	 */
	smp_mb();
	/* Repeated, because a device may follow one that comes later in the list. */
	do {
		raised = false;
		list_for_each_entry_rcu(ndev, &nyx_devices, node)
			if (nyx_device_is_cut_off(ndev))
				raised |= nyx_cut_off_spread_from(ndev);
	} while (raised);
}

/**
 * nyx_cut_off() - cut a device off
 * @ndev: the device, on the list of devices
 * @cut: the decision
 *
 * On return the entries of the device block and suppress the logging of faults,
 * but the unit may use what it cached of the old ones.
 * nyx_device.quarantine.work, which is queued here, completes it: it has to call
 * nyx_entry_set(), which invalidates the caches.
 *
 * Devices that share a requester ID are cut off as well, and the other devices
 * of the domain if @cut says so. Nothing happens to devices that are cut off
 * already, except that a command disables them.
 *
 * Context: Any; the caller is in an RCU read-side critical section. Takes
 *	nyx_unit.store_lock.
 */
void nyx_cut_off(struct nyx_device *ndev, const struct nyx_cut *cut)
{
	const struct nyx_domain *domain =
		nyx_domain_base(READ_ONCE(ndev->domain));
	const char *origin = dev_name(ndev->dev);
	struct nyx_cut other_cut = *cut;
	struct nyx_device *other;

	nyx_cut_off_one(ndev, cut, origin);
	nyx_cut_off_spread();
	if (!cut->domain || !domain)
		return;
	other_cut.reason = NYX_CUT_DOMAIN;
	list_for_each_entry_rcu(other, &nyx_devices, node)
		if (nyx_domain_base(READ_ONCE(other->domain)) == domain)
			nyx_cut_off_one(other, &other_cut, origin);
	nyx_cut_off_spread();
}

/**
 * nyx_cut_off_end_intr() - let the interrupts of a cut-off device pass again
 * @ndev: the device, its work done
 *
 * Its DMA stays blocked. The interrupt entries themselves do not change:
 * nyx_intr_refresh() sets them.
 *
 * Context: Any; takes nyx_unit.store_lock.
 */
void nyx_cut_off_end_intr(struct nyx_device *ndev)
{
	guard(raw_spinlock_irqsave)(&ndev->unit->store_lock);
	WRITE_ONCE(ndev->intr_cut_off, false);
}

/**
 * nyx_cut_off_end() - let the entries of a device have other contents again
 * @ndev: the device, no longer used or on its own: see nyx_cut_off_end_all()
 *
 * The entries themselves do not change: the next nyx_entry_set() sets them.
 *
 * Context: Any; takes nyx_unit.store_lock.
 */
void nyx_cut_off_end(struct nyx_device *ndev)
{
	guard(raw_spinlock_irqsave)(&ndev->unit->store_lock);
	WRITE_ONCE(ndev->intr_cut_off, false);
	WRITE_ONCE(ndev->cut_off, NYX_ACTIVE);
}

/**
 * nyx_cut_off_end_all() - let the entries of several devices have other contents
 *	again
 * @devices: all devices that share requester IDs, directly or through others,
 *	linked by nyx_quarantine.together
 *
 * All of them at once: if one is cut off again, that finds the others active, and
 * they are cut off with it.
 *
 * Context: Any; takes nyx_unit.store_lock.
 */
void nyx_cut_off_end_all(struct list_head *devices)
{
	struct nyx_device *ndev = list_first_entry(devices, struct nyx_device,
						   quarantine.together);

	/* They share requester IDs, so the same unit serves them. */
	guard(raw_spinlock_irqsave)(&ndev->unit->store_lock);
	list_for_each_entry(ndev, devices, quarantine.together)
		WRITE_ONCE(ndev->cut_off, NYX_ACTIVE);
}
