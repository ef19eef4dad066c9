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

/* Returns true if the device was active. */
static bool nyx_cut_off_store(struct nyx_device *ndev,
			      const struct nyx_cut *cut, const char *origin)
{
	const struct nyx_entry quiet = {
		.kind = NYX_ENTRY_BLOCKED,
		.quiet = true,
	};
	struct nyx_unit *unit = ndev->unit;
	enum nyx_cut_state was;
	u16 domain_id;
	unsigned int i;

	guard(raw_spinlock_irqsave)(&unit->store_lock);
	was = ndev->cut_off;
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

static void nyx_cut_off_one(struct nyx_device *ndev, const struct nyx_cut *cut,
			    const char *origin)
{
	if (!nyx_cut_off_store(ndev, cut, origin))
		return;
	nyx_device_hold(ndev);
	/*
	 * If the work of an earlier time is still queued, it does this as well
	 * and holds a reference, so the one dropped here is not the last.
	 */
	if (!queue_work(nyx_cut_off_queue, &ndev->quarantine.work))
		nyx_device_drop(ndev);
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
 * The unit cannot distinguish devices that share a requester ID, so these are
 * cut off as well, and the other devices of the domain if @cut says so. Nothing
 * happens to devices that are cut off already, except that a command disables
 * them.
 *
 * Context: Any; the caller is in an RCU read-side critical section. Takes
 *	nyx_unit.store_lock.
 */
void nyx_cut_off(struct nyx_device *ndev, const struct nyx_cut *cut)
{
	const struct nyx_domain *domain = READ_ONCE(ndev->domain);
	const char *origin = dev_name(ndev->dev);
	struct nyx_cut other_cut = *cut;
	struct nyx_device *other;

	nyx_cut_off_one(ndev, cut, origin);
	list_for_each_entry_rcu(other, &nyx_devices, node) {
		if (other == ndev)
			continue;
		if (nyx_device_nr_shared(ndev, other))
			other_cut.reason = NYX_CUT_REQUESTER;
		else if (cut->domain && domain &&
			 READ_ONCE(other->domain) == domain)
			other_cut.reason = NYX_CUT_DOMAIN;
		else
			continue;
		nyx_cut_off_one(other, &other_cut, origin);
	}
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
 * @ndev: the device
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
