// SPDX-License-Identifier: GPL-2.0-only
/*
 * Makes one call of a function fail while nyx_iommu is being loaded: the call
 * returns an error immediately, without running the function. The function may
 * belong to nyx_iommu or to the kernel, and must not be inlined, because a
 * kprobe at its entry intercepts the call.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/sched.h>
#include <linux/string.h>

static char *function;
module_param(function, charp, 0444);
MODULE_PARM_DESC(function, "name of the function that fails");

static int error;
module_param(error, int, 0444);
MODULE_PARM_DESC(error, "value that the call returns: 0, or an error such as -12, also as a pointer");

static unsigned int call = 1;
module_param(call, uint, 0444);
MODULE_PARM_DESC(call, "number of the call that fails, from 1 (default 1)");

static unsigned int calls;
module_param(calls, uint, 0444);
MODULE_PARM_DESC(calls, "number of calls so far (read-only)");

/* Only calls by the task that loads nyx_iommu are counted. */
static struct task_struct *loader;

/* Runs instead of the function, and so returns to the function's caller. */
static noinline notrace long fail_call(void)
{
	return error;
}

static int fail_enter(struct kprobe *probe, struct pt_regs *regs)
{
	if (current != READ_ONCE(loader) || ++calls != call)
		return 0;
	instruction_pointer_set(regs, (unsigned long)fail_call);
	return 1;
}

static struct kprobe probe = {
	.pre_handler = fail_enter,
};

static int fail_notify(struct notifier_block *nb, unsigned long state,
		       void *data)
{
	const struct module *module = data;
	int ret;

	if (strcmp(module->name, "nyx_iommu"))
		return NOTIFY_DONE;
	if (state == MODULE_STATE_COMING) {
		/* kprobes find its functions from now on, and none has run. */
		ret = register_kprobe(&probe);
		if (ret) {
			pr_err("no probe at %s (%d)\n", function, ret);
			return notifier_from_errno(ret);
		}
		WRITE_ONCE(loader, current);
	} else if (loader) {	/* loaded or failed: its init has ended */
		WRITE_ONCE(loader, NULL);
		unregister_kprobe(&probe);
	}
	return NOTIFY_OK;
}

static struct notifier_block watch = {
	.notifier_call = fail_notify,
};

static int __init fail_test_init(void)
{
	if (!function)
		return -EINVAL;
	probe.symbol_name = function;
	return register_module_notifier(&watch);
}
module_init(fail_test_init);

static void __exit fail_test_exit(void)
{
	unregister_module_notifier(&watch);
}
module_exit(fail_test_exit);

MODULE_DESCRIPTION("Makes a function fail while nyx_iommu is being loaded");
MODULE_LICENSE("GPL");
