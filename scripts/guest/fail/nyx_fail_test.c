// SPDX-License-Identifier: GPL-2.0-only
/*
 * Makes one call of a function fail while nyx_iommu is being loaded: the call
 * returns an error at once, and its function does nothing. Any function will do
 * that is not inlined, nyx_iommu's or the kernel's; a kprobe is at its entry.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/sched.h>
#include <linux/string.h>

static char *function;
module_param(function, charp, 0444);
MODULE_PARM_DESC(function, "the function that is to fail");

static int error;
module_param(error, int, 0444);
MODULE_PARM_DESC(error, "what it returns: 0, or an error such as -12, which a pointer can be too");

static unsigned int call = 1;
module_param(call, uint, 0444);
MODULE_PARM_DESC(call, "which call of it, from 1 (default 1)");

static unsigned int calls;
module_param(calls, uint, 0444);
MODULE_PARM_DESC(calls, "how many there were, to be read");

/* Others may call the function too: only who loads the module counts. */
static struct task_struct *loader;

/* Entered in place of the function, so it returns to the function's caller. */
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
		/* Its functions can be found now, and none has run. */
		ret = register_kprobe(&probe);
		if (ret) {
			pr_err("no probe at %s (%d)\n", function, ret);
			return notifier_from_errno(ret);
		}
		WRITE_ONCE(loader, current);
	} else if (loader) {	/* loaded or failed: in any case its init is over */
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
