// SPDX-License-Identifier: GPL-2.0-only
/*
 * Remapped interrupts, as the core keeps them: which device has which entries,
 * and where they lead. msi.c ties them to the kernel's interrupts.
 */
#define pr_fmt(fmt) "nyx: " fmt

#include <linux/cleanup.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/log2.h>
#include <linux/module.h>
#include <linux/printk.h>
#include <linux/slab.h>

#include <nyx/compat.h>
#include <nyx/device.h>
#include <nyx/intr.h>
#include <nyx/unit.h>

LIST_HEAD(nyx_intrs);
DEFINE_MUTEX(nyx_intrs_lock);	/* protects nyx_intrs, and all users in it */

/**
 * nyx_intr_compat_word() - what becomes of requests that are not remappable
 * @compat: what
 *
 * Context: Any.
 * Return: a word for debugfs; NULL where it is no question.
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
 * nyx_intr_is_compat() - whether a device may send what is not remapped
 * @unmapped: it gets its MSIs from the CPUs' vectors, not from a unit, nor from a
 *	device above it that has its own from there
 * @driver: it has a driver
 * @msi: it sends MSIs
 *
 * A driver may ask for MSIs at any time: that there are none right now means
 * nothing. Without a driver, firmware or a driver that is gone left them on.
 *
 * Context: Any.
 * Return: true if it may.
 */
bool nyx_intr_is_compat(bool unmapped, bool driver, bool msi)
{
	return unmapped && (driver || msi);
}

/**
 * nyx_intr_log() - say in the log what becomes of a unit's interrupts
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
		pr_info("%s: interrupts are remapped; compatibility format is allowed for %s, and a device could forge it: VFIO takes devices with allow_unsafe_interrupts only, or load with compat_interrupts=block if nothing needs that format\n",
			unit->name, intr->compat_fixed ? "I/O APICs" :
			"drivers that came before the module");
		break;
	case NYX_INTR_COMPAT_BLOCKED:
		pr_info("%s: interrupts are remapped; compatibility format is blocked%s\n",
			unit->name, intr->extended ? ", as x2APIC mode has it" :
			"");
		break;
	}
}

/**
 * nyx_intr_log_forgery() - say that a device in use can forge interrupts now
 * @unit: the unit, which lets plain requests pass from now on
 * @sender: the device that needs them
 * @assigned: the device, which somebody took when they were blocked
 *
 * Context: Any.
 */
void nyx_intr_log_forgery(const struct nyx_unit *unit,
			  const struct device *sender,
			  const struct device *assigned)
{
	pr_crit("%s: compatibility format is allowed from now on, for %s: %s, which VFIO or another driver maps memory for, can forge interrupts, and was taken when it could not. Unbind one of them, or load with compat_interrupts=block\n",
		unit->name, dev_name(sender), dev_name(assigned));
}

/* Once for each table: the next driver of that would meet the same. */
static void nyx_intr_log_full(struct nyx_device *ndev, unsigned int nr)
{
	struct nyx_intr_unit *intr = &ndev->unit->intr;
	bool *logged = intr->own_tables ? &ndev->intr_full_logged :
					  &intr->full_logged;

	if (*logged)
		return;
	*logged = true;
	dev_err(ndev->dev, "%s has no %u interrupt entries left of %u%s; later shortages%s are not logged\n",
		ndev->unit->name, nr, intr->entries,
		intr->entries < intr->entries_max ?
		": load with more intr_entries" :
		", the most that there can be: have the driver use fewer interrupts",
		intr->own_tables ? " of this device" : "");
}

static void nyx_intr_log_not_blocked(struct nyx_device *ndev)
{
	if (ndev->intr_compat_logged)
		return;
	ndev->intr_compat_logged = true;
	dev_err(ndev->dev, "%s lets its plain interrupts pass, and gives it no remapped ones: unbind its driver, and bind it again\n",
		ndev->unit->name);
}

/* A device with one message for all counts in its low bits. */
static unsigned int nyx_intr_run_entries(const struct nyx_intr_run *run)
{
	return roundup_pow_of_two(run->nr);
}

/**
 * nyx_intr_alloc() - give a device interrupts
 * @ndev: the device
 * @irq: the kernel's number of the first
 * @nr: how many, following each other; 1 to NYX_INTR_MAX_RUN
 *
 * Their entries block all requests until they are set. They keep the device's
 * record, and the module.
 *
 * Context: May sleep.
 * Return: them, freed when each was given to nyx_intr_free(); ERR_PTR(-ENOSPC)
 *	if the table is full, or -ENXIO if the device's plain requests pass, both
 *	after a log line at first; -EINVAL for a bad number, -ENOMEM, -EIO if the
 *	unit is out of service, -ENODEV if the module is being unloaded, or what
 *	else nyx_intr_ops.alloc says.
 */
struct nyx_intr_run *nyx_intr_alloc(struct nyx_device *ndev, unsigned int irq,
				    unsigned int nr)
{
	struct nyx_unit *unit = ndev->unit;
	struct nyx_intr_run *run;
	unsigned int i;
	int index;

	if (!nr || nr > NYX_INTR_MAX_RUN)
		return ERR_PTR(-EINVAL);
	/* Whoever has an interrupt comes here for each move of it. */
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

	guard(mutex)(&nyx_intrs_lock);
	index = unit->intr.ops->alloc(unit, ndev, nyx_intr_run_entries(run));
	if (index < 0) {
		if (index == -ENOSPC)
			nyx_intr_log_full(ndev, nyx_intr_run_entries(run));
		if (index == -ENXIO)
			nyx_intr_log_not_blocked(ndev);
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
 * nyx_intr_free() - take an interrupt back
 * @intr: the interrupt; nobody uses it any more, and it is gone with the last
 *	of its neighbours
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

/**
 * nyx_intr_set() - have an interrupt go somewhere
 * @intr: the interrupt
 * @target: where to
 *
 * From then on no request goes to where it went before.
 *
 * Context: Any; calls for one interrupt are serialized.
 * Return: 0; -EINVAL for a destination that the entry cannot hold; -EIO if the
 *	unit is out of service.
 */
int nyx_intr_set(struct nyx_intr *intr, const struct nyx_intr_target *target)
{
	struct nyx_device *ndev = intr->run->ndev;
	struct nyx_unit *unit = ndev->unit;
	int ret;

	ret = unit->intr.ops->set(unit, ndev, intr->run->index + intr->offset,
				  target);
	if (ret)
		return ret;
	intr->target = *target;
	if (intr->active)
		WRITE_ONCE(intr->updates, intr->updates + 1);
	WRITE_ONCE(intr->active, true);
	return 0;
}

/**
 * nyx_intr_block() - have an interrupt go nowhere
 * @intr: the interrupt
 *
 * Context: Any; calls for one interrupt are serialized.
 * Return: 0, or -EIO if the unit is out of service.
 */
int nyx_intr_block(struct nyx_intr *intr)
{
	struct nyx_device *ndev = intr->run->ndev;
	struct nyx_unit *unit = ndev->unit;

	WRITE_ONCE(intr->active, false);
	return unit->intr.ops->set(unit, ndev, intr->run->index + intr->offset,
				   NULL);
}

/**
 * nyx_intr_message() - what the device is to write to raise an interrupt
 * @intr: the interrupt
 * @msg: filled in
 *
 * Context: Any.
 */
void nyx_intr_message(const struct nyx_intr *intr, struct nyx_intr_message *msg)
{
	const struct nyx_intr_run *run = intr->run;

	run->ndev->unit->intr.ops->message(run->index, intr->offset, msg);
}

/**
 * nyx_intr_count() - how many entries of a unit are in use
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
	list_for_each_entry(run, &nyx_intrs, node)
		if (run->ndev->unit == ndev->unit &&
		    run->ndev->rid == ndev->rid)
			return true;
	return false;
}

/**
 * nyx_intr_device_has_any() - whether a device has remapped interrupts
 * @ndev: the device, or one that came after it in its place: what interrupts lead
 *	through goes by the requester ID
 *
 * Context: May sleep.
 * Return: true if it has.
 */
bool nyx_intr_device_has_any(const struct nyx_device *ndev)
{
	guard(mutex)(&nyx_intrs_lock);
	return nyx_intr_has(ndev);
}

/**
 * nyx_intr_allow_compat() - let plain requests of a device pass again
 * @ndev: the device; unless it has remapped interrupts yet
 *
 * Where the unit decides for all that is no question.
 *
 * Context: May sleep.
 */
void nyx_intr_allow_compat(struct nyx_device *ndev)
{
	const struct nyx_intr_ops *ops = ndev->unit->intr.ops;

	if (!ops->allow_compat)
		return;
	/* Whoever is about to get one finds the table gone, or has it first. */
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
 * nyx_intr_check_none() - whether all interrupts were given back
 *
 * A driver that is gone may have forgotten some. The kernel still has them, and
 * comes here for each.
 *
 * Context: May sleep; no managed device has a driver.
 * Return: 0; -EBUSY after a log line for each device that has some.
 */
int nyx_intr_check_none(void)
{
	const struct nyx_intr_run *run;

	guard(mutex)(&nyx_intrs_lock);
	list_for_each_entry(run, &nyx_intrs, node) {
		if (!nyx_intr_is_first(run))
			continue;
		/* One came while the core probed, and could not be kept. */
		if (READ_ONCE(run->ndev->dev->driver))
			pr_err("detach: %s has a driver and interrupts: unbind it\n",
			       dev_name(run->ndev->dev));
		else
			pr_err("detach: %s has interrupts that its driver did not give back: reboot instead\n",
			       dev_name(run->ndev->dev));
	}
	return list_empty(&nyx_intrs) ? 0 : -EBUSY;
}
