// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stands in for a device that does not respond to an invalidation of its device
 * TLB, for a driver that resets its device without the PCI core, and for a
 * device that is pulled out. QEMU has none of them.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/errno.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/pci.h>

static ushort silent;
module_param(silent, ushort, 0444);
MODULE_PARM_DESC(silent, "requester ID of a device: the next invalidation of any unit fails because of it");

static ushort restored;
module_param(restored, ushort, 0444);
MODULE_PARM_DESC(restored, "bus and function number of a device of segment 0, whose configuration is saved and restored");

static ushort unplugged;
module_param(unplugged, ushort, 0444);
MODULE_PARM_DESC(unplugged, "bus and function number of a device of segment 0, which is marked as pulled out");

static bool done;
module_param(done, bool, 0444);
MODULE_PARM_DESC(done, "an invalidation has failed (read-only)");

/* Runs instead of nyx_invalidate_once(), and so returns to its caller. */
static noinline notrace long time_out(void)
{
	return -ETIME;
}

static int intercept(struct kprobe *probe, struct pt_regs *regs)
{
	u16 *rid = (u16 *)regs_get_kernel_argument(regs, 3);

	if (xchg(&done, true))
		return 0;
	*rid = silent;
	instruction_pointer_set(regs, (unsigned long)time_out);
	return 1;
}

static struct kprobe probe = {
	.symbol_name = "nyx_invalidate_once",
	.pre_handler = intercept,
};

static int __init lost_test_init(void)
{
	struct pci_dev *pdev;
	u16 rid;

	if (silent)
		return register_kprobe(&probe);
	rid = unplugged ?: restored;
	pdev = pci_get_domain_bus_and_slot(0, rid >> 8, rid & 0xff);
	if (!pdev)
		return -ENODEV;
	if (unplugged) {
		pdev->error_state = pci_channel_io_perm_failure;
	} else {
		pci_save_state(pdev);
		pci_restore_state(pdev);
	}
	pci_dev_put(pdev);
	return 0;
}
module_init(lost_test_init);

static void __exit lost_test_exit(void)
{
	if (silent)
		unregister_kprobe(&probe);
}
module_exit(lost_test_exit);

MODULE_DESCRIPTION("Stands in for a device that does not respond");
MODULE_LICENSE("GPL");
