// SPDX-License-Identifier: GPL-2.0-only
/*
 * Quarantine of devices: completes what nyx_cut_off() began, tells the user, and
 * recovers the device later.
 */
#include <linux/cleanup.h>
#include <linux/device.h>
#include <linux/kobject.h>
#include <linux/lockdep.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/rculist.h>
#include <linux/sched/clock.h>
#include <linux/sprintf.h>
#include <linux/string.h>
#include <linux/time64.h>
#include <linux/workqueue.h>

#include <nyx/device.h>
#include <nyx/domain.h>
#include <nyx/intr.h>
#include <trace/events/nyx.h>

#include "domain/domain.h"
#include "episodes.h"
#include "quarantine.h"

/*
 * The longest time that a device stays cut off before a driver that is bound or a
 * reset recovers it; and how long it has to work until its episodes are
 * forgotten.
 */
#define NYX_QUARANTINE_MAX_NS (3600 * NSEC_PER_SEC)

/**
 * nyx_cut_state_word() - name the state of a device
 * @state: the state
 *
 * Context: Any.
 * Return: a word.
 */
const char *nyx_cut_state_word(enum nyx_cut_state state)
{
	switch (state) {
	case NYX_ACTIVE:
		break;
	case NYX_QUARANTINED:
		return "QUARANTINED";
	case NYX_DISABLED:
		return "DISABLED";
	}
	return "ACTIVE";
}

/**
 * nyx_cut_reason_word() - name the reason why a device was cut off
 * @reason: the reason
 *
 * Context: Any.
 * Return: a word.
 */
const char *nyx_cut_reason_word(enum nyx_cut_reason reason)
{
	switch (reason) {
	case NYX_CUT_FAULTS:
		break;
	case NYX_CUT_REQUESTER:
		return "requester";
	case NYX_CUT_DOMAIN:
		return "domain";
	case NYX_CUT_COMMAND:
		return "command";
	}
	return "faults";
}

static u32 nyx_quarantine_domain(const struct nyx_device *ndev)
{
	const struct nyx_domain *domain;

	/* Domains are freed a grace period after the last device left them. */
	guard(rcu)();
	domain = READ_ONCE(ndev->domain);
	return domain ? domain->pt.id : 0;
}

static void nyx_quarantine_tell(struct nyx_device *ndev)
{
	const struct nyx_quarantine *q = &ndev->quarantine;
	enum nyx_cut_state state = READ_ONCE(ndev->cut_off);
	const char *reason = nyx_cut_reason_word(q->cut.reason);
	u32 domain = nyx_quarantine_domain(ndev);
	char text[6][48], *env[7] = { };
	size_t i;

	trace_nyx_quarantine(dev_name(ndev->dev), domain, q->cut.faults, state,
			     q->cut.reason);
	snprintf(text[0], sizeof(text[0]), "NYX_STATE=%s",
		 nyx_cut_state_word(state));
	snprintf(text[1], sizeof(text[1]), "NYX_DEVICE=%s",
		 dev_name(ndev->dev));
	snprintf(text[2], sizeof(text[2]), "NYX_DOMAIN=%u", domain);
	snprintf(text[3], sizeof(text[3]), "NYX_FAULTS=%u", q->cut.faults);
	snprintf(text[4], sizeof(text[4]), "NYX_REASON=%s", reason);
	snprintf(text[5], sizeof(text[5]), "NYX_CAUSED_BY=%s", q->origin);
	for (i = 0; i < ARRAY_SIZE(text); i++)
		env[i] = text[i];
	/* Without memory or listeners the log still tells it. */
	kobject_uevent_env(&ndev->dev->kobj, KOBJ_CHANGE, env);
}

static void nyx_quarantine_log(const struct nyx_device *ndev)
{
	const struct nyx_quarantine *q = &ndev->quarantine;
	char why[80] = "disabled by command";

	switch (q->cut.reason) {
	case NYX_CUT_FAULTS:
		snprintf(why, sizeof(why),
			 "quarantined (faults: %u, episode: %u)",
			 q->cut.faults, q->episodes);
		break;
	case NYX_CUT_REQUESTER:
		snprintf(why, sizeof(why),
			 "cut off, because the unit cannot isolate it from %s",
			 q->origin);
		break;
	case NYX_CUT_DOMAIN:
		snprintf(why, sizeof(why),
			 "cut off together with %s, which is in the same domain",
			 q->origin);
		break;
	case NYX_CUT_COMMAND:
		break;
	}
	dev_err(ndev->dev, "%s: its DMA and its interrupts are blocked. Write its name to debugfs nyx/reset%s\n",
		why, q->cut.state == NYX_DISABLED ? "" :
		", or unbind and bind its driver");
}

static void nyx_quarantine_record(struct nyx_device *ndev)
{
	struct nyx_quarantine *q = &ndev->quarantine;
	struct nyx_episode episode = {
		.start_ns = q->cut.now_ns,
		.reason = q->cut.reason,
		.domain = nyx_quarantine_domain(ndev),
		.faults = q->cut.faults,
		.number = q->episodes,
	};

	strscpy(episode.device, dev_name(ndev->dev));
	strscpy(episode.origin, q->origin);
	q->seq = nyx_episode_begin(&episode);
}

static void nyx_quarantine_work(struct work_struct *work)
{
	struct nyx_device *ndev = container_of(work, struct nyx_device,
					       quarantine.work);
	struct nyx_quarantine *q = &ndev->quarantine;

	/* An error means that the unit is out of service, which is logged. */
	nyx_device_stop(ndev);
	nyx_intr_refresh(ndev);
	if ((s64)(q->cut.now_ns - q->ended_ns) >= (s64)NYX_QUARANTINE_MAX_NS)
		q->episodes = 0;
	q->episodes++;
	nyx_quarantine_record(ndev);
	nyx_quarantine_log(ndev);
	nyx_quarantine_tell(ndev);
	nyx_device_drop(ndev);
}

/**
 * nyx_quarantine_init() - prepare a record for quarantine
 * @ndev: the device, not on the list of devices
 *
 * Context: Any.
 */
void nyx_quarantine_init(struct nyx_device *ndev)
{
	INIT_WORK(&ndev->quarantine.work, nyx_quarantine_work);
	INIT_LIST_HEAD(&ndev->quarantine.together);
	nyx_policy_init(ndev);
}

/*
 * Waits until the work of a cut-off device is done. nyx_cut_off() queues it in the
 * RCU read-side critical section in which it sets the state.
 */
static void nyx_quarantine_settle(struct nyx_device *ndev)
{
	synchronize_rcu();
	flush_work(&ndev->quarantine.work);
}

/**
 * nyx_quarantine_inherit() - let a new device continue the episodes of those with
 *	which it shares a requester ID
 * @ndev: the device, not on the list of devices
 *
 * So the back-off goes on if one of several devices below a bridge is removed and
 * found again, or if another one appears there. nyx_quarantine_join() has to follow.
 *
 * Context: May sleep; nyx_devices_lock is held.
 */
void nyx_quarantine_inherit(struct nyx_device *ndev)
{
	struct nyx_quarantine *q = &ndev->quarantine;
	struct nyx_device *other;

	lockdep_assert_held(&nyx_devices_lock);
	list_for_each_entry(other, &nyx_devices, node) {
		if (!nyx_device_is_cut_off(other) ||
		    !nyx_device_nr_shared(ndev, other))
			continue;
		nyx_quarantine_settle(other);
		/* The work of @ndev counts the episode that has begun. */
		if (other->quarantine.episodes > q->episodes + 1) {
			q->episodes = other->quarantine.episodes - 1;
			q->ended_ns = other->quarantine.ended_ns;
		}
	}
}

/**
 * nyx_quarantine_join() - cut devices off that share a requester ID with one that
 *	is cut off
 *
 * To be called after a device was added to the list of devices or got requester
 * IDs, and before its entries are set: they would open those of the other device.
 *
 * Context: Any; nyx_devices_lock is held.
 */
void nyx_quarantine_join(void)
{
	lockdep_assert_held(&nyx_devices_lock);
	scoped_guard(rcu)
		nyx_cut_off_spread();
}

/*
 * Collects the devices that are recovered together: those that share requester IDs
 * with @ndev, directly or through others. All of them are cut off: see
 * nyx_cut_off_spread(). Waits for their work.
 */
static void nyx_quarantine_gather(struct nyx_device *ndev,
				  struct list_head *devices)
{
	struct nyx_device *member, *other;

	lockdep_assert_held(&nyx_devices_lock);
	synchronize_rcu();
	list_add_tail(&ndev->quarantine.together, devices);
	list_for_each_entry(member, devices, quarantine.together)
		list_for_each_entry(other, &nyx_devices, node)
			if (nyx_device_is_cut_off(other) &&
			    list_empty(&other->quarantine.together) &&
			    nyx_device_nr_shared(member, other))
				list_add_tail(&other->quarantine.together,
					      devices);
	/* Restored last, so that shared entries become those of @ndev. */
	list_move_tail(&ndev->quarantine.together, devices);
	list_for_each_entry(member, devices, quarantine.together)
		flush_work(&member->quarantine.work);
}

static void nyx_quarantine_scatter(struct list_head *devices)
{
	struct nyx_device *member, *next;

	list_for_each_entry_safe(member, next, devices, quarantine.together)
		list_del_init(&member->quarantine.together);
}

/* Everything that belongs to the episode, before the next one can begin. */
static void nyx_quarantine_end_episode(struct nyx_device *ndev, const char *how)
{
	struct nyx_quarantine *q = &ndev->quarantine;

	q->ended_suppressed = atomic_read(&q->suppressed);
	q->ended_ns = local_clock();
	nyx_episode_end(q->seq, q->ended_ns, q->ended_suppressed, how);
	nyx_policy_clear(ndev);
}

static int nyx_quarantine_restore(struct nyx_device *ndev, const char *how)
{
	int ret = nyx_device_restore(ndev);

	if (ret)
		dev_err(ndev->dev, "stays blocked (%d): power the machine off and on\n",
			ret);
	else
		dev_info(ndev->dev, "no longer blocked (%s); faults that were not logged: %u\n",
			 how, ndev->quarantine.ended_suppressed);
	nyx_quarantine_tell(ndev);
	return ret;
}

/*
 * Recovers @ndev and the other @devices. Each step is done for all of them before
 * the next one: an entry that is open for one is open for all that share it.
 */
static int nyx_quarantine_end(struct nyx_device *ndev,
			      struct list_head *devices, const char *how)
{
	struct nyx_device *member;
	int ret = 0, err;

	/*
	 * Before DMA passes, so that no interrupt that follows it is lost. Until
	 * then faults count as those of a cut-off device: the unit may have
	 * logged them long ago.
	 */
	list_for_each_entry(member, devices, quarantine.together) {
		nyx_cut_off_end_intr(member);
		nyx_intr_refresh(member);
	}
	list_for_each_entry(member, devices, quarantine.together)
		nyx_quarantine_end_episode(member, how);
	nyx_cut_off_end_all(devices);
	list_for_each_entry(member, devices, quarantine.together) {
		err = nyx_quarantine_restore(member, how);
		if (member == ndev)
			ret = err;
	}
	return ret;
}

/**
 * nyx_quarantine_recover() - let a device work again
 * @ndev: the device
 * @how: the reason, one word, a string constant
 *
 * Ends quarantine, or the isolation of an unresponsive device. The device stays in
 * its domain, and its faults so far are forgotten. Devices that share a requester
 * ID with it, directly or through others, are recovered as well, because they were
 * cut off together. Does nothing if the device is neither cut off nor isolated.
 *
 * Context: May sleep; nyx_devices_lock is held.
 * Return: 0, or an error of nyx_device_recover() or nyx_device_restore(): then the
 *	device stays blocked.
 */
int nyx_quarantine_recover(struct nyx_device *ndev, const char *how)
{
	LIST_HEAD(devices);
	int ret;

	lockdep_assert_held(&nyx_devices_lock);
	if (!nyx_device_is_cut_off(ndev))
		return nyx_device_recover(ndev);
	nyx_quarantine_gather(ndev, &devices);
	ret = nyx_quarantine_end(ndev, &devices, how);
	nyx_quarantine_scatter(&devices);
	return ret;
}

/**
 * nyx_quarantine_left() - how long a driver or a reset does not recover a device
 * @ndev: the device, which is cut off, its work done
 * @now_ns: the time, on the clock of the kernel log
 *
 * It is zero in the first episode: before its first driver, a device may still do
 * DMA of an earlier system. From the second episode on it doubles with each one,
 * from one second to an hour.
 *
 * Context: Any.
 * Return: the time that is left, in nanoseconds.
 */
u64 nyx_quarantine_left(const struct nyx_device *ndev, u64 now_ns)
{
	const struct nyx_quarantine *q = &ndev->quarantine;
	u64 wait;
	s64 left;

	if (q->episodes < 2)
		return 0;
	wait = min(NSEC_PER_SEC << min(q->episodes - 2, 12U),
		   (u64)NYX_QUARANTINE_MAX_NS);
	/* The time may be slightly earlier than before: clocks of CPUs differ. */
	left = q->cut.now_ns + wait - now_ns;
	return max(left, 0);
}

/* Returns whether all @devices may be recovered now; if not, the log says why. */
static bool nyx_quarantine_is_over(const struct nyx_device *ndev,
				   struct list_head *devices)
{
	const struct nyx_device *member, *last = ndev;
	u64 now = local_clock(), left = 0, of;

	list_for_each_entry(member, devices, quarantine.together) {
		if (READ_ONCE(member->cut_off) == NYX_DISABLED) {
			dev_warn(ndev->dev, "stays blocked, because a command disabled %s: write its name to debugfs nyx/reset\n",
				 member == ndev ? "it" : dev_name(member->dev));
			return false;
		}
		of = nyx_quarantine_left(member, now);
		if (of > left) {
			left = of;
			last = member;
		}
	}
	if (!left)
		return true;
	dev_warn(ndev->dev, "stays blocked, because %s was cut off %u times: write its name to debugfs nyx/reset, or try again in %llu s\n",
		 last == ndev ? "it" : dev_name(last->dev),
		 last->quarantine.episodes,
		 div_u64(left + NSEC_PER_SEC - 1, NSEC_PER_SEC));
	return false;
}

/**
 * nyx_quarantine_retry() - let a device work again if it has been cut off for long
 *	enough
 * @ndev: the device, whose driver is being bound, or which was reset
 * @how: the reason, one word, a string constant
 *
 * A device that faults again and again would otherwise be recovered just as often.
 * The isolation of an unresponsive device always ends. A device that a command
 * disabled stays so. The same applies to devices that would be recovered with it.
 *
 * Context: May sleep; nyx_devices_lock is held.
 * Return: 0, also if the device stays cut off; otherwise as
 *	nyx_quarantine_recover().
 */
int nyx_quarantine_retry(struct nyx_device *ndev, const char *how)
{
	LIST_HEAD(devices);
	int ret = 0;

	lockdep_assert_held(&nyx_devices_lock);
	if (!nyx_device_is_cut_off(ndev))
		return nyx_device_recover(ndev);
	nyx_quarantine_gather(ndev, &devices);
	if (nyx_quarantine_is_over(ndev, &devices))
		ret = nyx_quarantine_end(ndev, &devices, how);
	nyx_quarantine_scatter(&devices);
	return ret;
}

/**
 * nyx_quarantine_disable() - cut a device off until a command recovers it
 * @ndev: the device
 *
 * Context: May sleep; nyx_devices_lock is held.
 */
void nyx_quarantine_disable(struct nyx_device *ndev)
{
	const struct nyx_cut cut = {
		.state = NYX_DISABLED,
		.reason = NYX_CUT_COMMAND,
		.now_ns = local_clock(),
	};

	lockdep_assert_held(&nyx_devices_lock);
	scoped_guard(rcu)
		nyx_cut_off(ndev, &cut);
	nyx_quarantine_settle(ndev);
}

/**
 * nyx_quarantine_remove() - end the quarantine of a device that is removed
 * @ndev: the device, no longer on the list of devices since the last grace period
 *
 * Context: May sleep; nyx_devices_lock is held.
 */
void nyx_quarantine_remove(struct nyx_device *ndev)
{
	struct nyx_quarantine *q = &ndev->quarantine;

	if (!nyx_device_is_cut_off(ndev))
		return;
	flush_work(&q->work);
	nyx_episode_end(q->seq, local_clock(), atomic_read(&q->suppressed),
			"removed");
	nyx_cut_off_end(ndev);
	if (nyx_device_restore(ndev))
		dev_err(ndev->dev, "%s: cannot block the device's entry\n",
			ndev->unit->name);
}

/**
 * nyx_quarantine_detach() - end the quarantine of all devices, for a detach
 *
 * To be called before the units are disabled: the entries block until then, and a
 * unit that stays enabled keeps the entries that it gets then. The log names the
 * devices.
 *
 * Context: May sleep; takes nyx_devices_lock. No device is managed any more, so
 *	none is cut off meanwhile.
 */
void nyx_quarantine_detach(void)
{
	struct nyx_device *ndev;

	guard(mutex)(&nyx_devices_lock);
	synchronize_rcu();
	nyx_cut_off_wait();
	list_for_each_entry(ndev, &nyx_devices, node) {
		struct nyx_quarantine *q = &ndev->quarantine;

		if (!nyx_device_is_cut_off(ndev))
			continue;
		dev_warn(ndev->dev, "was cut off; its DMA is not blocked any more, because translation is being disabled\n");
		nyx_episode_end(q->seq, local_clock(),
				atomic_read(&q->suppressed), "detach");
		nyx_cut_off_end(ndev);
	}
}
