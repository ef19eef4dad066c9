// SPDX-License-Identifier: GPL-2.0-only
/*
 * After a reset of a device: enables ACS again, which the reset disabled, and
 * ends the isolation of an unresponsive device, and the quarantine of a device,
 * which may work again.
 *
 * Newer kernels attach a device to the blocked domain before a reset of the
 * function, and to its domain again afterwards, which ends the isolation and
 * enables ACS. Older ones do not, and no kernel does it for resets of a bus or
 * slot, for error recovery, for resets that drivers perform on their own, or
 * when a device gets power again (D3cold). There is no notification of these.
 * But all of them end with pci_restore_state(), which the PCI core or the driver
 * calls for each device that lost its state. So a probe is placed at the end of
 * that function. A call without a reset does no harm.
 *
 * ACS is enabled before the caller of pci_restore_state() continues, so that no
 * driver starts DMA without it. An isolated device is recovered later, by a work
 * item, because a recovery sleeps: see nyx_reset_left().
 */
#define pr_fmt(fmt) "nyx: " fmt

#include <linux/kprobes.h>
#include <linux/pci.h>
#include <linux/rculist.h>
#include <linux/workqueue.h>

#include <nyx/device.h>

#include "lifecycle.h"
#include "pci/pci.h"
#include "quarantine/quarantine.h"

static void nyx_reset_recover(struct work_struct *work)
{
	struct nyx_device *ndev;

	guard(mutex)(&nyx_devices_lock);
	/* If the detach fails, nyx_reset_kick() follows. */
	if (nyx_is_detaching())
		return;
	list_for_each_entry(ndev, &nyx_devices, node)
		if (xchg(&ndev->was_reset, false))
			nyx_quarantine_retry(ndev, "reset");
}

/* The probe may not sleep, and a recovery has to. */
static DECLARE_WORK(nyx_reset_work, nyx_reset_recover);

/**
 * nyx_reset_kick() - recover devices that were reset during a detach that failed
 *
 * They must not wait for the next reset of any device, and not be taken for reset
 * when they are cut off later.
 *
 * Context: Any; nyx_is_detaching() is false again.
 */
void nyx_reset_kick(void)
{
	schedule_work(&nyx_reset_work);
}

static void nyx_reset_mark(const struct device *dev)
{
	struct nyx_device *ndev;

	guard(rcu)();
	list_for_each_entry_rcu(ndev, &nyx_devices, node) {
		if (ndev->dev != dev || READ_ONCE(ndev->resetting) ||
		    (!READ_ONCE(ndev->isolated) && !nyx_device_is_cut_off(ndev)))
			continue;
		WRITE_ONCE(ndev->was_reset, true);
		schedule_work(&nyx_reset_work);
	}
}

/**
 * struct nyx_reset_call - a call of pci_restore_state()
 * @pdev: its argument
 */
struct nyx_reset_call {
	const struct pci_dev *pdev;
};

/*
 * Calls that can be under way at the same time, because the kernel resumes
 * devices in parallel. A further one would be missed.
 */
#define NYX_RESET_CALLS 256

/*
 * Returns 0, so that nyx_reset_left() is called for every device: ACS may be
 * enabled, and the device isolated, while pci_restore_state() runs.
 */
static int nyx_reset_entered(struct kretprobe_instance *ri,
			     struct pt_regs *regs)
{
	struct nyx_reset_call *call = (struct nyx_reset_call *)ri->data;

	call->pdev = (const struct pci_dev *)regs_get_kernel_argument(regs, 0);
	return 0;
}

/**
 * nyx_reset_left() - handle the return of pci_restore_state()
 * @ri: the call
 * @regs: not used
 *
 * ACS is enabled on return. An isolated device is not: it stays blocked until
 * nyx_reset_work has run, which waits for nyx_devices_lock and for the unit. DMA
 * that a driver starts immediately after it reset its device may therefore still
 * be refused, and the driver has to repeat it. There is no such delay when a
 * driver is bound: nyx_adopt_bind() recovers the device before the driver's
 * probe function is called.
 *
 * Context: Any; preemption is disabled. The caller of pci_restore_state() holds
 *	a reference to the function.
 * Return: 0, which is ignored.
 */
static int nyx_reset_left(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	const struct nyx_reset_call *call =
		(const struct nyx_reset_call *)ri->data;

	if (!call->pdev)
		return 0;
	nyx_acs_enable_again(call->pdev);
	nyx_reset_mark(&call->pdev->dev);
	return 0;
}

static struct kretprobe nyx_reset_probe = {
	.kp.symbol_name = "pci_restore_state",
	.entry_handler = nyx_reset_entered,
	.handler = nyx_reset_left,
	.data_size = sizeof(struct nyx_reset_call),
	.maxactive = NYX_RESET_CALLS,
};

static bool nyx_reset_watched;

/**
 * nyx_reset_init() - start to watch resets
 *
 * Kernels may be built without kprobes. Then ACS is enabled again when a driver
 * is bound, when a domain is attached, and after a sleep; an isolated device is
 * recovered when a driver is bound, and on a write to debugfs reset.
 *
 * Context: May sleep.
 */
void nyx_reset_init(void)
{
	int ret = register_kretprobe(&nyx_reset_probe);

	nyx_reset_watched = !ret;
	if (ret)
		pr_info("resets of devices are not noticed (%d): write the name of a device to debugfs nyx/reset if it stays blocked after a reset. Peer-to-peer requests may bypass translation below a port that was reset, until a driver is bound there\n",
			ret);
}

/**
 * nyx_reset_exit() - undo nyx_reset_init()
 *
 * Context: May sleep; waits for recoveries that are under way.
 */
void nyx_reset_exit(void)
{
	if (nyx_reset_watched)
		unregister_kretprobe(&nyx_reset_probe);
	cancel_work_sync(&nyx_reset_work);
}
