// SPDX-License-Identifier: GPL-2.0-only
/*
 * Records of remapped interrupts: the entries that a device has, and their
 * targets. msi.c connects them to the kernel's interrupts.
 */
#define pr_fmt(fmt) "nyx: " fmt

#include <linux/cleanup.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/log2.h>
#include <linux/module.h>
#include <linux/printk.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include <nyx/compat.h>
#include <nyx/device.h>
#include <nyx/intr.h>
#include <nyx/unit.h>

LIST_HEAD(nyx_intrs);
DEFINE_MUTEX(nyx_intrs_lock);	/* protects nyx_intrs, and all users in it */

/**
 * nyx_intr_compat_word() - describe how compatibility format is handled
 * @compat: how the unit handles it
 *
 * Context: Any.
 * Return: a word for debugfs; NULL for NYX_INTR_COMPAT_NONE.
 */
const char *nyx_intr_compat_word(enum nyx_intr_compat compat)
{
	switch (compat) {
	case NYX_INTR_COMPAT_NONE:
		break;
	case NYX_INTR_COMPAT_ALLOWED:
		return "allowed";
	case NYX_INTR_COMPAT_BLOCKED:
		return "blocked";
	}
	return NULL;
}

/**
 * nyx_intr_is_compat() - check whether a device may send compatibility format
 * @unmapped: the device gets its MSIs directly from the CPUs' vectors, neither
 *	from a unit nor from a device above it that does
 * @driver: a driver is bound
 * @msi: MSIs are enabled
 *
 * A driver may request MSIs at any time, so it counts even without MSIs.
 * Without a driver, firmware or a former driver may have left MSIs enabled.
 *
 * Context: Any.
 * Return: true if the device may send such requests.
 */
bool nyx_intr_is_compat(bool unmapped, bool driver, bool msi)
{
	return unmapped && (driver || msi);
}

/**
 * nyx_intr_log() - log the state of a unit's interrupt remapping
 * @unit: the unit
 *
 * Context: Any.
 */
void nyx_intr_log(const struct nyx_unit *unit)
{
	const struct nyx_intr_unit *intr = &unit->intr;

	if (!intr->on) {
		pr_info("%s: interrupts are not remapped: %s\n", unit->name,
			intr->why_off ?: "not supported");
		return;
	}
	switch (intr->compat) {
	case NYX_INTR_COMPAT_NONE:
		pr_info("%s: interrupts are remapped\n", unit->name);
		break;
	case NYX_INTR_COMPAT_ALLOWED:
		pr_info("%s: interrupts are remapped; compatibility format is allowed for %s, and devices can forge it: VFIO accepts devices with allow_unsafe_interrupts only. Load with compat_interrupts=block if nothing needs that format\n",
			unit->name, intr->compat_fixed ? "I/O APICs or HPETs" :
			"drivers that were bound before the module was loaded");
		break;
	case NYX_INTR_COMPAT_BLOCKED:
		pr_info("%s: interrupts are remapped; compatibility format is blocked%s\n",
			unit->name, intr->extended ? ", as x2APIC mode requires" :
			"");
		break;
	}
}

/**
 * nyx_intr_log_forgery() - log that an assigned device can now forge interrupts
 * @unit: the unit, which no longer blocks compatibility format
 * @sender: the device that needs compatibility format
 * @assigned: a device that was assigned while compatibility format was blocked
 *
 * Context: Any.
 */
void nyx_intr_log_forgery(const struct nyx_unit *unit,
			  const struct device *sender,
			  const struct device *assigned)
{
	pr_crit("%s: compatibility format is now allowed for %s. %s was assigned to VFIO or a similar driver while that format was blocked, and can now forge interrupts. Unbind one of the two devices, or load with compat_interrupts=block\n",
		unit->name, dev_name(sender), dev_name(assigned));
}

/* Logged once for each table: later drivers meet the same shortage. */
static void nyx_intr_log_full(struct nyx_device *ndev, unsigned int nr)
{
	struct nyx_intr_unit *intr = &ndev->unit->intr;
	bool *logged = intr->own_tables ? &ndev->intr_full_logged :
					  &intr->full_logged;

	if (*logged)
		return;
	*logged = true;
	dev_err(ndev->dev, "%s has no %u free interrupt entries of %u%s; later shortages%s are not logged\n",
		ndev->unit->name, nr, intr->entries,
		intr->entries < intr->entries_max ?
		": load with a larger intr_entries" :
		", which is the maximum: configure the driver to use fewer interrupts",
		intr->own_tables ? " of this device" : "");
}

static void nyx_intr_log_not_blocked(struct nyx_device *ndev)
{
	if (ndev->intr_compat_logged)
		return;
	ndev->intr_compat_logged = true;
	dev_err(ndev->dev, "%s does not block its unmapped interrupts and therefore remaps none: unbind its driver and bind it again\n",
		ndev->unit->name);
}

/* A device with a single message puts the interrupt number in its low bits. */
static unsigned int nyx_intr_run_entries(const struct nyx_intr_run *run)
{
	return roundup_pow_of_two(run->nr);
}

/* With @at, allocates the entry with that index instead of any @nr. */
static int nyx_intr_alloc_entries(struct nyx_device *ndev, unsigned int nr,
				  const u16 *at)
{
	const struct nyx_intr_ops *ops = ndev->unit->intr.ops;
	int index;

	if (at)
		return ops->alloc_at ? ops->alloc_at(ndev->unit, ndev, *at) :
				       -EOPNOTSUPP;
	index = ops->alloc(ndev->unit, ndev, nr);
	if (index == -ENOSPC)
		nyx_intr_log_full(ndev, nr);
	if (index == -ENXIO)
		nyx_intr_log_not_blocked(ndev);
	return index;
}

static struct nyx_intr_run *nyx_intr_alloc_run(struct nyx_device *ndev,
					       unsigned int irq,
					       unsigned int nr, const u16 *at)
{
	struct nyx_intr_run *run;
	unsigned int noio, i;
	int index;

	if (!nr || nr > NYX_INTR_MAX_RUN)
		return ERR_PTR(-EINVAL);
	/* The kernel calls this module whenever such an interrupt moves. */
	if (!try_module_get(THIS_MODULE))
		return ERR_PTR(-ENODEV);
	run = kzalloc_flex(*run, intr, nr);
	if (!run) {
		module_put(THIS_MODULE);
		return ERR_PTR(-ENOMEM);
	}
	run->ndev = ndev;
	run->nr = nr;
	run->users = nr;
	raw_spin_lock_init(&run->lock);

	guard(mutex)(&nyx_intrs_lock);
	/*
	 * An adoption may be waiting for this lock while it masks the interrupts
	 * of a disk. Allocations must not wait for that disk.
	 */
	noio = memalloc_noio_save();
	index = nyx_intr_alloc_entries(ndev, nyx_intr_run_entries(run), at);
	memalloc_noio_restore(noio);
	if (index < 0) {
		kfree(run);
		module_put(THIS_MODULE);
		return ERR_PTR(index);
	}
	nyx_device_hold(ndev);
	run->index = index;
	for (i = 0; i < nr; i++) {
		run->intr[i].run = run;
		run->intr[i].offset = i;
		run->intr[i].irq = irq + i;
		run->intr[i].used = true;
	}
	list_add_tail(&run->node, &nyx_intrs);
	return run;
}

/**
 * nyx_intr_alloc() - allocate remapped interrupts for a device
 * @ndev: the device
 * @irq: Linux number of the first interrupt
 * @nr: number of consecutive interrupts, 1 to NYX_INTR_MAX_RUN
 *
 * The entries block all requests until nyx_intr_set(). They hold the device's
 * record and the module.
 *
 * Context: May sleep.
 * Return: the interrupts, freed when nyx_intr_free() was called for each of
 *	them; ERR_PTR(-ENOSPC) if the table is full, or -ENXIO if the unit does
 *	not block compatibility format of the device, both logged the first
 *	time; -EINVAL for a bad number, -ENOMEM, -EIO if the unit is out of
 *	service, -ENODEV if the module is being unloaded, or another error of
 *	nyx_intr_ops.alloc.
 */
struct nyx_intr_run *nyx_intr_alloc(struct nyx_device *ndev, unsigned int irq,
				    unsigned int nr)
{
	return nyx_intr_alloc_run(ndev, irq, nr, NULL);
}

/**
 * nyx_intr_alloc_at() - allocate a remapped interrupt with a certain entry
 * @ndev: the device
 * @irq: Linux number of the interrupt
 * @index: index of the entry, of any value
 *
 * Context: May sleep.
 * Return: as nyx_intr_alloc(), but nothing is logged; ERR_PTR(-ENOSPC) if the
 *	entry is in use or does not exist; ERR_PTR(-EOPNOTSUPP) without
 *	nyx_intr_ops.alloc_at.
 */
struct nyx_intr_run *nyx_intr_alloc_at(struct nyx_device *ndev,
				       unsigned int irq, u16 index)
{
	return nyx_intr_alloc_run(ndev, irq, 1, &index);
}

/**
 * nyx_intr_free() - free an interrupt
 * @intr: the interrupt, no longer used; its run is freed with the last one
 *
 * Context: May sleep.
 */
void nyx_intr_free(struct nyx_intr *intr)
{
	struct nyx_intr_run *run = intr->run;
	struct nyx_device *ndev = run->ndev;
	struct nyx_unit *unit = ndev->unit;

	if (intr->active)
		nyx_intr_block(intr);
	scoped_guard(mutex, &nyx_intrs_lock) {
		intr->used = false;
		if (--run->users)
			return;
		list_del(&run->node);
		unit->intr.ops->free(unit, ndev, run->index,
				     nyx_intr_run_entries(run));
	}
	kfree(run);
	nyx_device_drop(ndev);
	module_put(THIS_MODULE);
}

/*
 * Stores a target, or NULL to block. nyx_cut_off() changes the state of the device
 * without nyx_intr_run.lock. But its work item calls nyx_intr_refresh() later,
 * and so corrects an entry that was stored here with the earlier state.
 */
static int nyx_intr_store(struct nyx_intr *intr,
			  const struct nyx_intr_target *target)
{
	struct nyx_device *ndev = intr->run->ndev;
	struct nyx_unit *unit = ndev->unit;

	lockdep_assert_held(&intr->run->lock);
	return unit->intr.ops->set(unit, ndev, intr->run->index + intr->offset,
				   READ_ONCE(ndev->intr_cut_off) ? NULL : target);
}

/* The same for a virtual CPU. */
static int nyx_intr_store_posting(struct nyx_intr *intr,
				  const struct nyx_intr_posting *posting)
{
	struct nyx_device *ndev = intr->run->ndev;
	struct nyx_unit *unit = ndev->unit;

	if (READ_ONCE(ndev->intr_cut_off))
		return nyx_intr_store(intr, NULL);
	return unit->intr.ops->post(unit, ndev, intr->run->index + intr->offset,
				    posting);
}

static void nyx_intr_count_update(struct nyx_intr *intr)
{
	WRITE_ONCE(intr->updates, intr->updates + 1);
}

/**
 * nyx_intr_set() - set the target of an interrupt
 * @intr: the interrupt
 * @target: CPU and vector
 *
 * On return no request goes to the old target any more. If the device is cut off,
 * its interrupts stay blocked, and nyx_intr_refresh() sets the target later. If the
 * interrupt is posted, it stays posted, and nyx_intr_unpost() sets the target.
 *
 * Context: Any; takes nyx_intr_run.lock.
 * Return: 0; -EINVAL for a destination that the entry cannot hold; -EIO if the
 *	unit is out of service.
 */
int nyx_intr_set(struct nyx_intr *intr, const struct nyx_intr_target *target)
{
	int ret;

	guard(raw_spinlock_irqsave)(&intr->run->lock);
	if (intr->posted) {
		intr->target = *target;
		return 0;
	}
	ret = nyx_intr_store(intr, target);
	if (ret)
		return ret;
	intr->target = *target;
	if (intr->active)
		nyx_intr_count_update(intr);
	WRITE_ONCE(intr->active, true);
	return 0;
}

/**
 * nyx_intr_block() - block an interrupt
 * @intr: the interrupt; if it is posted, that ends
 *
 * Context: Any; takes nyx_intr_run.lock.
 * Return: 0, or -EIO if the unit is out of service.
 */
int nyx_intr_block(struct nyx_intr *intr)
{
	guard(raw_spinlock_irqsave)(&intr->run->lock);
	WRITE_ONCE(intr->active, false);
	WRITE_ONCE(intr->posted, false);
	return nyx_intr_store(intr, NULL);
}

/**
 * nyx_intr_post() - post an interrupt to a virtual CPU
 * @intr: the interrupt; it may be posted to another virtual CPU
 * @posting: the virtual CPU. Its descriptor must exist until nyx_intr_unpost(),
 *	nyx_intr_block() or another nyx_intr_post() has returned
 *
 * No request is lost or handled twice. On return none goes to the old target or to the
 * virtual CPU before. If the device is cut off, its interrupts stay blocked, and are
 * posted later.
 *
 * Context: Any; takes nyx_intr_run.lock.
 * Return: 0; -EOPNOTSUPP if the unit cannot post; -EINVAL if the interrupt has no
 *	target or @posting is invalid; -EIO if the unit is out of service.
 */
int nyx_intr_post(struct nyx_intr *intr, const struct nyx_intr_posting *posting)
{
	int ret;

	if (!intr->run->ndev->unit->intr.posts)
		return -EOPNOTSUPP;
	if (!IS_ALIGNED(posting->descriptor, NYX_INTR_DESCRIPTOR_ALIGN))
		return -EINVAL;
	guard(raw_spinlock_irqsave)(&intr->run->lock);
	if (!intr->active)
		return -EINVAL;
	ret = nyx_intr_store_posting(intr, posting);
	if (ret)
		return ret;
	intr->posting = *posting;
	nyx_intr_count_update(intr);
	WRITE_ONCE(intr->posted, true);
	return 0;
}

/**
 * nyx_intr_unpost() - let a posted interrupt go to its target again
 * @intr: the interrupt; nothing happens if it is not posted
 *
 * No request is lost or handled twice. On return none is posted any more. If the target
 * does not fit in the entry, the interrupt is blocked.
 *
 * Context: Any; takes nyx_intr_run.lock.
 * Return: 0; an error of nyx_intr_set(). With -EIO the unit may still write to the
 *	descriptor.
 */
int nyx_intr_unpost(struct nyx_intr *intr)
{
	int ret;

	guard(raw_spinlock_irqsave)(&intr->run->lock);
	if (!intr->posted)
		return 0;
	WRITE_ONCE(intr->posted, false);
	ret = nyx_intr_store(intr, &intr->target);
	if (ret)
		nyx_intr_store(intr, NULL);
	nyx_intr_count_update(intr);
	return ret;
}

/* Stores again what the entry leads to. */
static int nyx_intr_restore(struct nyx_intr *intr)
{
	if (intr->posted)
		return nyx_intr_store_posting(intr, &intr->posting);
	return nyx_intr_store(intr, intr->active ? &intr->target : NULL);
}

static void nyx_intr_refresh_run(struct nyx_intr_run *run)
{
	struct nyx_intr *intr;
	unsigned int i;
	int ret;

	for (i = 0; i < run->nr; i++) {
		intr = &run->intr[i];
		if (!intr->used)
			continue;
		scoped_guard(raw_spinlock_irqsave, &run->lock)
			ret = nyx_intr_restore(intr);
		if (ret && ret != -EIO)
			dev_err(run->ndev->dev, "interrupt %u cannot be set again (%d): unbind the driver and bind it\n",
				intr->irq, ret);
	}
}

/**
 * nyx_intr_refresh() - block the interrupts of a device, or restore their entries
 * @ndev: the device, which was cut off or is no longer cut off
 *
 * Context: May sleep.
 */
void nyx_intr_refresh(const struct nyx_device *ndev)
{
	struct nyx_intr_run *run;

	guard(mutex)(&nyx_intrs_lock);
	list_for_each_entry(run, &nyx_intrs, node)
		if (run->ndev == ndev)
			nyx_intr_refresh_run(run);
}

/**
 * nyx_intr_message() - compose the message that raises an interrupt
 * @intr: the interrupt
 * @msg: set by this function
 *
 * Context: Any.
 */
void nyx_intr_message(const struct nyx_intr *intr, struct nyx_intr_message *msg)
{
	intr->run->ndev->unit->intr.ops->message(intr, msg);
}

/**
 * nyx_intr_count() - count the allocated interrupt entries of a unit
 * @unit: the unit
 *
 * Context: May sleep.
 * Return: their number.
 */
unsigned int nyx_intr_count(const struct nyx_unit *unit)
{
	const struct nyx_intr_run *run;
	unsigned int n = 0;

	guard(mutex)(&nyx_intrs_lock);
	list_for_each_entry(run, &nyx_intrs, node)
		if (run->ndev->unit == unit)
			n += nyx_intr_run_entries(run);
	return n;
}

static bool nyx_intr_has(const struct nyx_device *ndev)
{
	const struct nyx_intr_run *run;

	lockdep_assert_held(&nyx_intrs_lock);
	list_for_each_entry(run, &nyx_intrs, node) {
		/* Those of other devices that were adopted can be returned. */
		if (run->ndev != ndev && run->ndev->adopted)
			continue;
		if (run->ndev->unit == ndev->unit &&
		    run->ndev->rid == ndev->rid && !run->ndev->ioapic)
			return true;
	}
	return false;
}

/**
 * nyx_intr_device_has_any() - check whether a device has remapped interrupts
 * @ndev: the device, or a later one with the same requester ID: the tables and
 *	entries of interrupts are found by that ID
 *
 * Context: May sleep.
 * Return: true if interrupts are allocated for the requester ID.
 */
bool nyx_intr_device_has_any(const struct nyx_device *ndev)
{
	guard(mutex)(&nyx_intrs_lock);
	return nyx_intr_has(ndev);
}

/**
 * nyx_intr_allow_compat() - stop blocking compatibility format of a device
 * @ndev: the device; nothing happens while it still has remapped interrupts
 *
 * Does nothing either on units that allow or block compatibility format for all
 * devices together.
 *
 * Context: May sleep.
 */
void nyx_intr_allow_compat(struct nyx_device *ndev)
{
	const struct nyx_intr_ops *ops = ndev->unit->intr.ops;

	if (!ops->allow_compat)
		return;
	/* nyx_intr_alloc() either has added its run, or fails with -ENXIO. */
	guard(mutex)(&nyx_intrs_lock);
	if (!nyx_intr_has(ndev))
		ops->allow_compat(ndev->unit, ndev);
}

static bool nyx_intr_is_first(const struct nyx_intr_run *run)
{
	const struct nyx_intr_run *first;

	list_for_each_entry(first, &nyx_intrs, node)
		if (first->ndev == run->ndev)
			break;
	return first == run;
}

/**
 * nyx_intr_check_none() - check that all interrupts were freed
 *
 * A former driver may have failed to free its interrupts. The kernel still owns
 * them and would call this module for each of them. Interrupts that were adopted do
 * not count, because they can be returned.
 *
 * Context: May sleep; nyx_devices_lock is held.
 * Return: 0; -EBUSY after a log line for each device that has interrupts.
 */
int nyx_intr_check_none(void)
{
	const struct nyx_intr_run *run;
	bool none = true;

	guard(mutex)(&nyx_intrs_lock);
	list_for_each_entry(run, &nyx_intrs, node) {
		if (run->ndev->adopted || run->ndev->ioapic)
			continue;
		none = false;
		if (!nyx_intr_is_first(run))
			continue;
		/*
		 * The driver was bound while the IOMMU core probed the device.
		 */
		if (READ_ONCE(run->ndev->dev->driver))
			pr_err("detach: %s has a driver and interrupts; unbind it and retry\n",
			       dev_name(run->ndev->dev));
		else
			pr_err("detach: %s has interrupts that its driver did not free; reboot instead\n",
			       dev_name(run->ndev->dev));
	}
	return none ? 0 : -EBUSY;
}
