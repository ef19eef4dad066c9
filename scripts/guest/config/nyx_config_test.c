// SPDX-License-Identifier: GPL-2.0-only
/*
 * Clears bits of the Capability Header of AMD IOMMUs: software reads them as 0
 * from configuration space while this module is loaded. QEMU offers no property
 * for them, and real units differ from its own (NpCache).
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/pci.h>

/* Class 08h, subclass 06h: an IOMMU. */
#define CONFIG_CLASS_IOMMU 0x0806

static uint clear;
module_param(clear, uint, 0444);
MODULE_PARM_DESC(clear, "bits of the Capability Header that read as 0");

static uint reads;
module_param(reads, uint, 0444);
MODULE_PARM_DESC(reads, "number of reads that were changed (read-only)");

/* struct config_read - a read of 32 bits from configuration space */
struct config_read {
	u32 *val;
};

static int config_enter(struct kretprobe_instance *instance,
			struct pt_regs *regs)
{
	struct config_read *read = (struct config_read *)instance->data;
	const struct pci_dev *pdev;

	pdev = (const struct pci_dev *)regs_get_kernel_argument(regs, 0);
	read->val = (u32 *)regs_get_kernel_argument(regs, 2);
	/* Only reads from IOMMUs end in config_return(). */
	return pdev->class >> 8 != CONFIG_CLASS_IOMMU;
}

/* A secure device (15) of type 3 (bits 18:16) is the header of an IOMMU. */
static int config_return(struct kretprobe_instance *instance,
			 struct pt_regs *regs)
{
	struct config_read *read = (struct config_read *)instance->data;

	if ((*read->val & 0x000700ff) == 0x0003000f && (*read->val & clear)) {
		*read->val &= ~clear;
		reads++;
	}
	return 0;
}

static struct kretprobe probe = {
	.kp.symbol_name = "pci_read_config_dword",
	.entry_handler = config_enter,
	.handler = config_return,
	.data_size = sizeof(struct config_read),
};

static int __init config_test_init(void)
{
	return register_kretprobe(&probe);
}
module_init(config_test_init);

static void __exit config_test_exit(void)
{
	unregister_kretprobe(&probe);
}
module_exit(config_test_exit);

MODULE_DESCRIPTION("Clears bits of the Capability Header of AMD IOMMUs");
MODULE_LICENSE("GPL");
