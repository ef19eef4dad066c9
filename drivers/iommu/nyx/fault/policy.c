// SPDX-License-Identifier: GPL-2.0-only
/*
 * Policies: how many faults of a device are accepted, and what happens then.
 *
 * Only managed devices are cut off because of faults. An unmanaged device has a
 * driver whose DMA the IOMMU core does not know of, or is used by firmware: it
 * may be the disk that the system runs from.
 */
#define pr_fmt(fmt) "nyx: " fmt

#include <linux/cleanup.h>
#include <linux/errno.h>
#include <linux/kstrtox.h>
#include <linux/module.h>
#include <linux/printk.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/sysfs.h>
#include <linux/time64.h>

#include <nyx/device.h>
#include <nyx/domain.h>
#include <nyx/pasid.h>
#include <nyx/quarantine.h>

static struct nyx_policy nyx_policy_default = {
	.max_faults = 10,
	.window = 10,
	.action = NYX_POLICY_QUARANTINE,
	.vfio_action = NYX_POLICY_LOG,
	.scope = NYX_POLICY_DEVICE,
};

/*
 * Protects policies and windows of all devices. Raw, because faults may be
 * reported from hard interrupt context.
 */
static DEFINE_RAW_SPINLOCK(nyx_policy_lock);

static const char *const nyx_policy_actions[] = {
	[NYX_POLICY_LOG] = "log",
	[NYX_POLICY_QUARANTINE] = "quarantine",
};

static const char *const nyx_policy_scopes[] = {
	[NYX_POLICY_DEVICE] = "device",
	[NYX_POLICY_DOMAIN] = "domain",
};

/**
 * struct nyx_policy_key - a member of struct nyx_policy in text form
 * @name: its name
 * @offset: its position
 * @words: names of its values 0 and 1; NULL if it is a number
 * @min: smallest number
 * @max: largest number
 */
struct nyx_policy_key {
	const char *name;
	size_t offset;
	const char *const *words;
	u32 min;
	u32 max;
};

#define NYX_POLICY_NUMBER(key, lo, hi)					\
	{ .name = #key, .offset = offsetof(struct nyx_policy, key),	\
	  .min = lo, .max = hi }
#define NYX_POLICY_WORD(key, list)					\
	{ .name = #key, .offset = offsetof(struct nyx_policy, key),	\
	  .words = list }

static const struct nyx_policy_key nyx_policy_keys[] = {
	NYX_POLICY_NUMBER(max_faults, 0, 1000000),
	NYX_POLICY_NUMBER(window, 1, 3600),
	NYX_POLICY_WORD(action, nyx_policy_actions),
	NYX_POLICY_WORD(vfio_action, nyx_policy_actions),
	NYX_POLICY_WORD(scope, nyx_policy_scopes),
};

static u32 *nyx_policy_member(struct nyx_policy *policy,
			      const struct nyx_policy_key *key)
{
	return (void *)policy + key->offset;
}

static int nyx_policy_parse_value(const struct nyx_policy_key *key,
				  const char *text, u32 *value)
{
	int ret;

	if (key->words) {
		ret = match_string(key->words, 2, text);
		if (ret < 0)
			return -EINVAL;
		*value = ret;
		return 0;
	}
	if (kstrtou32(text, 10, value) || *value < key->min ||
	    *value > key->max)
		return -EINVAL;
	return 0;
}

static int nyx_policy_format_value(const struct nyx_policy_key *key,
				   u32 value, char *buf, size_t size)
{
	return key->words ? scnprintf(buf, size, "%s", key->words[value]) :
			    scnprintf(buf, size, "%u", value);
}

/* The module parameters: each one is a member of the default. */
static const struct nyx_policy_key *nyx_policy_param(const void *arg)
{
	const struct nyx_policy_key *key = nyx_policy_keys;

	while (nyx_policy_member(&nyx_policy_default, key) != arg)
		key++;
	return key;
}

static int nyx_policy_param_set(const char *val, const struct kernel_param *kp)
{
	const struct nyx_policy_key *key = nyx_policy_param(kp->arg);
	char text[16];
	u32 value;

	/* A value that sysfs or a shell passes may end with a newline. */
	if (strscpy(text, val) < 0 ||
	    nyx_policy_parse_value(key, strim(text), &value)) {
		if (key->words)
			pr_err("%s=%s is invalid: use %s or %s\n", kp->name,
			       val, key->words[0], key->words[1]);
		else
			pr_err("%s=%s is invalid: use %u to %u\n", kp->name,
			       val, key->min, key->max);
		return -EINVAL;
	}
	*(u32 *)kp->arg = value;
	return 0;
}

static int nyx_policy_param_get(char *buffer, const struct kernel_param *kp)
{
	const struct nyx_policy_key *key = nyx_policy_param(kp->arg);
	char text[16];

	nyx_policy_format_value(key, *(u32 *)kp->arg, text, sizeof(text));
	return sysfs_emit(buffer, "%s\n", text);
}

static const struct kernel_param_ops nyx_policy_ops = {
	.set = nyx_policy_param_set,
	.get = nyx_policy_param_get,
};

module_param_cb(max_faults, &nyx_policy_ops, &nyx_policy_default.max_faults,
		0444);
__MODULE_PARM_TYPE(max_faults, "uint");
MODULE_PARM_DESC(max_faults,
		 "Faults of a device within a window that are accepted, 0 to 1000000 (default: 10)");

module_param_cb(fault_window, &nyx_policy_ops, &nyx_policy_default.window,
		0444);
__MODULE_PARM_TYPE(fault_window, "uint");
MODULE_PARM_DESC(fault_window,
		 "Length of the window in which faults of a device are counted, 1 to 3600 seconds (default: 10)");

module_param_cb(fault_action, &nyx_policy_ops, &nyx_policy_default.action,
		0444);
__MODULE_PARM_TYPE(fault_action, "charp");
MODULE_PARM_DESC(fault_action,
		 "A device that causes more faults than max_faults: quarantine cuts it off, log does not (default: quarantine)");

module_param_cb(vfio_fault_action, &nyx_policy_ops,
		&nyx_policy_default.vfio_action, 0444);
__MODULE_PARM_TYPE(vfio_fault_action, "charp");
MODULE_PARM_DESC(vfio_fault_action,
		 "The same for a device that VFIO or IOMMUFD has: quarantine or log (default: log)");

module_param_cb(quarantine_scope, &nyx_policy_ops, &nyx_policy_default.scope,
		0444);
__MODULE_PARM_TYPE(quarantine_scope, "charp");
MODULE_PARM_DESC(quarantine_scope,
		 "What is cut off with quarantine: the device alone, or all devices of its domain (default: device)");

/**
 * nyx_policy_init() - give a device the policy that the module parameters set
 * @ndev: the device, not on the list of devices
 *
 * Context: Any.
 */
void nyx_policy_init(struct nyx_device *ndev)
{
	ndev->policy = nyx_policy_default;
}

static int nyx_policy_parse(struct nyx_policy *policy, const char *text)
{
	char buf[NYX_POLICY_TEXT], *rest = buf, *name, *value;
	const struct nyx_policy_key *key, *end;
	bool any = false;

	end = nyx_policy_keys + ARRAY_SIZE(nyx_policy_keys);
	if (strscpy(buf, text) < 0)
		return -EINVAL;
	while ((name = strsep(&rest, " \t\n"))) {
		if (!*name)
			continue;
		value = strchr(name, '=');
		if (!value)
			return -EINVAL;
		*value++ = '\0';
		for (key = nyx_policy_keys; key != end; key++)
			if (!strcmp(key->name, name))
				break;
		if (key == end ||
		    nyx_policy_parse_value(key, value,
					   nyx_policy_member(policy, key)))
			return -EINVAL;
		any = true;
	}
	return any ? 0 : -EINVAL;
}

/**
 * nyx_policy_set() - change the policy of a device
 * @ndev: the device
 * @text: members as "name=value", separated by blanks; the others keep their
 *	values. A newline may follow
 *
 * The current window ends: the new limit applies to faults from now on.
 *
 * Context: Any.
 * Return: 0; -EINVAL if any part of @text is invalid, or if it contains nothing;
 *	then the policy is unchanged.
 */
int nyx_policy_set(struct nyx_device *ndev, const char *text)
{
	struct nyx_policy policy;
	int ret;

	guard(raw_spinlock_irqsave)(&nyx_policy_lock);
	policy = ndev->policy;
	ret = nyx_policy_parse(&policy, text);
	if (ret)
		return ret;
	ndev->policy = policy;
	ndev->window.faults = 0;
	return 0;
}

/**
 * nyx_policy_format() - write the policy of a device as text
 * @ndev: the device
 * @buf: output, in the form that nyx_policy_set() accepts
 * @size: size of @buf; NYX_POLICY_TEXT is enough
 *
 * Context: Any.
 */
void nyx_policy_format(struct nyx_device *ndev, char *buf, size_t size)
{
	struct nyx_policy policy;
	size_t i, len = 0;

	scoped_guard(raw_spinlock_irqsave, &nyx_policy_lock)
		policy = ndev->policy;
	for (i = 0; i < ARRAY_SIZE(nyx_policy_keys); i++) {
		const struct nyx_policy_key *key = &nyx_policy_keys[i];

		len += scnprintf(buf + len, size - len, "%s%s=", i ? " " : "",
				 key->name);
		len += nyx_policy_format_value(key,
					       *nyx_policy_member(&policy, key),
					       buf + len, size - len);
	}
}

/**
 * nyx_policy_clear() - forget the faults of a device
 * @ndev: the device
 *
 * Context: Any.
 */
void nyx_policy_clear(struct nyx_device *ndev)
{
	guard(raw_spinlock_irqsave)(&nyx_policy_lock);
	ndev->window.faults = 0;
	atomic_set(&ndev->faults, 0);
}

/**
 * nyx_policy_suppress() - count a fault of a device that is cut off
 * @ndev: the device
 *
 * Such faults come from units that cannot suppress them, or were logged before
 * the unit had read the new entry of the device.
 *
 * Context: Any.
 * Return: false if the device is not cut off; then the fault has to be reported.
 */
bool nyx_policy_suppress(struct nyx_device *ndev)
{
	if (!nyx_device_is_cut_off(ndev))
		return false;
	atomic_inc(&ndev->quarantine.suppressed);
	return true;
}

/*
 * User space owns a device that is attached to a domain of its own. It has just
 * claimed the device if that is blocked: the IOMMU core blocks no other one.
 */
static bool nyx_policy_is_user(const struct nyx_device *ndev)
{
	const struct nyx_domain *domain =
		nyx_domain_base(READ_ONCE(ndev->domain));

	if (!domain)
		return READ_ONCE(ndev->entry.kind) == NYX_ENTRY_BLOCKED;
	return domain->pt.iommu.domain.type == IOMMU_DOMAIN_UNMANAGED;
}

/* Returns true if the device exceeds its limit, and sets the rest of @cut. */
static bool nyx_policy_count(struct nyx_device *ndev, struct nyx_cut *cut)
{
	struct nyx_window *window = &ndev->window;
	const struct nyx_policy *policy = &ndev->policy;
	u32 action;

	guard(raw_spinlock_irqsave)(&nyx_policy_lock);
	/* The time may be slightly earlier than before: clocks of CPUs differ. */
	if (!window->faults || (s64)(cut->now_ns - window->since_ns) >=
			       (s64)policy->window * NSEC_PER_SEC) {
		window->since_ns = cut->now_ns;
		window->faults = 0;
	}
	window->faults++;
	cut->faults = window->faults;
	cut->domain = policy->scope == NYX_POLICY_DOMAIN;
	action = nyx_policy_is_user(ndev) ? policy->vfio_action :
					    policy->action;
	return window->faults > policy->max_faults &&
	       action == NYX_POLICY_QUARANTINE;
}

/**
 * nyx_policy_fault() - count a fault of a device, and cut it off if it exceeds its
 *	limit
 * @ndev: the device, which is not cut off
 * @fault: the fault
 * @now_ns: the time, on the clock of the kernel log
 *
 * A request with the PASID of a process that has ended is not counted: the device cannot
 * know of the end before its driver stops it, and the PASID blocks until then.
 *
 * Context: Any; the caller is in an RCU read-side critical section. Takes a lock
 *	of its own, and nyx_unit.store_lock.
 */
void nyx_policy_fault(struct nyx_device *ndev, const struct nyx_fault *fault,
		      u64 now_ns)
{
	struct nyx_cut cut = {
		.state = NYX_QUARANTINED,
		.reason = NYX_CUT_FAULTS,
		.now_ns = now_ns,
	};

	if (nyx_fault_is_after_end(ndev, fault))
		return;
	if (nyx_policy_count(ndev, &cut) && nyx_device_is_managed(ndev))
		nyx_cut_off(ndev, &cut);
}
