// SPDX-License-Identifier: GPL-2.0-only
/*
 * Nyx: an IOMMU driver for stock kernels with disabled built-in IOMMU drivers.
 */
#define pr_fmt(fmt) "nyx: " fmt

#include <linux/module.h>

#include <nyx/compat.h>
#include <nyx/device.h>
#include <nyx/diagnose.h>
#include <nyx/intr.h>
#include <nyx/unit.h>

#include "debugfs/debugfs.h"
#include "domain/domain.h"
#include "fault/report.h"
#include "intr/msi.h"
#include "lifecycle/lifecycle.h"
#include "pci/pci.h"
#include "quarantine/quarantine.h"
#include "version.h"

static const struct nyx_vendor *const nyx_vendors[] = {
	&nyx_vtd,
	&nyx_amd,
};

static bool diagnose;
module_param(diagnose, bool, 0444);
MODULE_PARM_DESC(diagnose,
		 "Only show units, firmware tables and pending faults; claim and change nothing, also while the built-in driver is active (default: no)");

static struct nyx_syscore nyx_syscore;

/* A machine has units of one vendor only. */
static int __init nyx_vendor_probe(void)
{
	size_t i;
	int ret;

	for (i = 0; i < ARRAY_SIZE(nyx_vendors); i++) {
		ret = diagnose ? nyx_vendors[i]->diagnose() :
				 nyx_vendors[i]->probe(&nyx_units);
		if (ret == -ENODEV)
			continue;
		nyx_vendor = nyx_vendors[i];
		return ret;
	}
	for (i = 0; i < ARRAY_SIZE(nyx_vendors); i++)
		pr_err("no %s table and therefore no %s unit: enable the IOMMU in the firmware setup\n",
		       nyx_vendors[i]->table, nyx_vendors[i]->name);
	return -ENODEV;
}

/* Diagnostics only: nothing of nyx_init() happens, and nothing holds the module. */
static int __init nyx_diagnose_init(void)
{
	int ret = nyx_vendor_probe();

	if (ret) {
		nyx_diag_release();
		return ret;
	}
	pr_info("diagnostics only: " NYX_DIAG_LABELS "\n");
	nyx_debugfs_diagnose();
	return 0;
}

static void nyx_diagnose_exit(void)
{
	nyx_debugfs_exit();
	nyx_diag_release();
	nyx_vendor->release();
}

static int __init nyx_init(void)
{
	int ret;

	if (diagnose)
		return nyx_diagnose_init();
	ret = nyx_intr_check_parameters();
	if (!ret)
		ret = nyx_shutdown_check_parameter();
	if (ret)
		return ret;
	ret = nyx_record_init();
	if (ret)
		return ret;
	ret = nyx_fault_init();
	if (ret)
		return ret;
	ret = nyx_cut_off_init();
	if (ret)
		goto err_fault;
	ret = nyx_vendor_probe();
	if (ret)
		goto err_cut_off;
	nyx_intr_report_wide_cpus();
	ret = nyx_units_start();
	if (ret)
		goto err_stop;
	/* Before the scan, so that no bind after the scan is missed. */
	ret = nyx_adopt_init();
	if (ret)
		goto err_stop;
	ret = nyx_awake_init();
	if (ret)
		goto err_adopt;
	/* Before the scan, so that functions that get power later get ACS. */
	nyx_reset_init();
	ret = nyx_devices_scan();
	if (ret)
		goto err_devices;
	ret = nyx_msi_init();
	if (ret)
		goto err_msi;
	ret = nyx_detach_init();
	if (ret)
		goto err_withdraw;
	ret = nyx_units_enable();
	if (ret)
		goto err_disable;
	nyx_debugfs_init();
	ret = nyx_units_register();
	if (ret)
		goto err_detach;
	nyx_syscore_register(&nyx_syscore, nyx_units_suspend, nyx_units_resume,
			     nyx_units_shutdown);
	nyx_crash_init();
	nyx_msi_open();
	nyx_quarantine_sysfs_open();
	nyx_detach_offer();
	/* Without translation, DMA of the crashed kernel would reach this one. */
	if (nyx_units_are_foreign())
		__module_get(THIS_MODULE);
	return 0;

err_detach:
	nyx_detach_final();
	nyx_debugfs_exit();
err_disable:
	nyx_units_disable();
err_withdraw:
	nyx_detach_withdraw();
err_msi:
	nyx_msi_close();
	nyx_msi_exit();
err_devices:
	nyx_reset_exit();
	nyx_awake_exit();
err_adopt:
	nyx_adopt_exit();
	nyx_devices_free();
err_stop:
	nyx_units_stop();
	nyx_units_destroy();
	nyx_vendor->release();
	nyx_sva_exit();
err_cut_off:
	nyx_cut_off_exit();
err_fault:
	nyx_fault_exit();
	return ret;
}

static void __exit nyx_exit(void)
{
	if (diagnose) {
		nyx_diagnose_exit();
		return;
	}
	nyx_detach_withdraw();
	nyx_crash_exit();
	nyx_syscore_unregister(&nyx_syscore);
	nyx_detach_final();
	nyx_quarantine_sysfs_close();
	nyx_debugfs_exit();
	nyx_msi_close();
	nyx_msi_exit();
	nyx_reset_exit();
	nyx_awake_exit();
	nyx_adopt_exit();
	nyx_devices_free();
	nyx_units_stop();
	nyx_units_destroy();
	nyx_vendor->release();
	nyx_sva_exit();
	nyx_cut_off_exit();
	nyx_fault_exit();
}

module_init(nyx_init);
module_exit(nyx_exit);

MODULE_DESCRIPTION("Nyx IOMMU driver");
MODULE_LICENSE("GPL");
MODULE_VERSION(NYX_VERSION);
