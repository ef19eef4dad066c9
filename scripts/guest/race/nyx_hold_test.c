// SPDX-License-Identifier: GPL-2.0-only
/*
 * Holds one call of a function until it is released, so that a test can act in
 * the meantime, or makes the call fail. If a device is given, only calls whose
 * first argument is this device count.
 */
#include <linux/bitops.h>
#include <linux/delay.h>
#include <linux/device.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/string.h>

/* A call that is never released does not hang the machine. */
#define HOLD_MS		30000
#define HOLD_STEP_MS	10

static char *function;
module_param(function, charp, 0444);
MODULE_PARM_DESC(function, "name of the function: not inlined, with up to six arguments");

static char *device;
module_param(device, charp, 0444);
MODULE_PARM_DESC(device, "name of the device (default: any call)");

static int error;
module_param(error, int, 0444);
MODULE_PARM_DESC(error, "error that the call returns, such as -19, also as a pointer; 0 runs the function");

static bool held;
module_param(held, bool, 0444);
MODULE_PARM_DESC(held, "whether a call was held (read-only)");

static bool release;
module_param(release, bool, 0644);
MODULE_PARM_DESC(release, "release the held call; if set at load time, the call does not wait");

static struct kprobe probe;
static unsigned long taken;	/* bit 0: a call was chosen */

/* Runs instead of the function, as if called by the function's caller. */
static noinline notrace long hold_call(unsigned long a, unsigned long b,
				       unsigned long c, unsigned long d,
				       unsigned long e, unsigned long f)
{
	long (*call)(unsigned long a, unsigned long b, unsigned long c,
		     unsigned long d, unsigned long e, unsigned long f);
	unsigned int waited;

	WRITE_ONCE(held, true);
	for (waited = 0; waited < HOLD_MS && !READ_ONCE(release);
	     waited += HOLD_STEP_MS)
		msleep(HOLD_STEP_MS);
	if (error)
		return error;
	call = (void *)probe.addr;
	return call(a, b, c, d, e, f);
}

static int hold_enter(struct kprobe *p, struct pt_regs *regs)
{
	struct device *dev = (void *)regs_get_kernel_argument(regs, 0);

	if ((device && strcmp(dev_name(dev), device)) ||
	    test_and_set_bit(0, &taken))
		return 0;
	instruction_pointer_set(regs, (unsigned long)hold_call);
	return 1;
}

static int __init hold_test_init(void)
{
	if (!function)
		return -EINVAL;
	probe.symbol_name = function;
	probe.pre_handler = hold_enter;
	return register_kprobe(&probe);
}
module_init(hold_test_init);

static void __exit hold_test_exit(void)
{
	unregister_kprobe(&probe);
}
module_exit(hold_test_exit);

MODULE_DESCRIPTION("Holds a call of a function");
MODULE_LICENSE("GPL");
