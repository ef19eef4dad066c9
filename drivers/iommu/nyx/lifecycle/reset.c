// SPDX-License-Identifier: GPL-2.0-only
/*
 * Recovery of isolated devices after a reset.
 *
 * Newer kernels attach a device to the blocked domain before a reset of the
 * function, and to its domain again afterwards, which ends the isolation. Older
 * ones do not, and no kernel does it for resets of a bus or slot, for error
 * recovery, or for resets that drivers perform on their own. There is no
 * notification of these. But all of them end with pci_restore_state(), which the
 * PCI core or the driver calls for each device that was reset. So a probe is
 * placed at the end of that function. A call without a reset does no harm,
 * because a device can be recovered at any time.
 */
#define pr_fmt(fmt) "nyx: " fmt

#include <linux/kprobes.h>
#include <linux/pci.h>
#include <linux/rculist.h>
#include <linux/workqueue.h>

#include <nyx/device.h>

#include "domain/domain.h"
#include "lifecycle.h"

static void nyx_reset_recover(struct work_struct *work)
{
	struct nyx_device *ndev;

	guard(mutex)(&nyx_devices_lock);
	if (nyx_is_detaching())
		return;
	list_for_each_entry(ndev, &nyx_devices, node)
		if (xchg(&ndev->was_reset, false))
			nyx_device_recover(ndev);
}

/* The probe may not sleep, and a recovery has to. */
static DECLARE_WORK(nyx_reset_work, nyx_reset_recover);

static struct nyx_device *nyx_reset_find(const struct device *dev)
{
	struct nyx_device *ndev;

	list_for_each_entry_rcu(ndev, &nyx_devices, node)
		if (ndev->dev == dev)
			return READ_ONCE(ndev->isolated) ? ndev : NULL;
	return NULL;
}

/**
 * struct nyx_reset_call - a call of pci_restore_state()
 * @dev: its argument; only compared when the call returns
 */
struct nyx_reset_call {
	const struct device *dev;
};

/* Returns 0 if nyx_reset_left() has to be called at the end of the function. */
static int nyx_reset_entered(struct kretprobe_instance *ri,
			     struct pt_regs *regs)
{
	struct nyx_reset_call *call = (struct nyx_reset_call *)ri->data;
	const struct pci_dev *pdev;

	pdev = (const struct pci_dev *)regs_get_kernel_argument(regs, 0);
	if (!pdev)
		return 1;
	call->dev = &pdev->dev;
	guard(rcu)();
	return nyx_reset_find(call->dev) ? 0 : 1;
}

static int nyx_reset_left(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	const struct nyx_reset_call *call =
		(const struct nyx_reset_call *)ri->data;
	struct nyx_device *ndev;

	guard(rcu)();
	ndev = nyx_reset_find(call->dev);
	if (ndev) {
		WRITE_ONCE(ndev->was_reset, true);
		schedule_work(&nyx_reset_work);
	}
	return 0;
}

static struct kretprobe nyx_reset_probe = {
	.kp.symbol_name = "pci_restore_state",
	.entry_handler = nyx_reset_entered,
	.handler = nyx_reset_left,
	.data_size = sizeof(struct nyx_reset_call),
};

static bool nyx_reset_watched;

/**
 * nyx_reset_init() - start to watch resets
 *
 * Kernels may be built without kprobes. Then isolated devices are recovered when
 * a driver is bound, and on request.
 *
 * Context: May sleep.
 */
void nyx_reset_init(void)
{
	int ret = register_kretprobe(&nyx_reset_probe);

	nyx_reset_watched = !ret;
	if (ret)
		pr_info("resets of devices are not noticed (%d): write the name of a device to debugfs nyx/reset if it stays blocked after a reset\n",
			ret);
}

/**
 * nyx_reset_exit() - undo nyx_reset_init()
 *
 * Context: May sleep; waits for recoveries that are under way.
 */
void nyx_reset_exit(void)
{
	if (!nyx_reset_watched)
		return;
	unregister_kretprobe(&nyx_reset_probe);
	cancel_work_sync(&nyx_reset_work);
}
