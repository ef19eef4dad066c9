// SPDX-License-Identifier: GPL-2.0-only
/*
 * Leaves the unit of QEMU's machine running, as firmware may do before it starts
 * the kernel. The unit passes all DMA through. Removing the module disables the
 * unit, if nyx_iommu has not taken it over.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/delay.h>
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/module.h>

static bool amd;
module_param(amd, bool, 0444);
MODULE_PARM_DESC(amd, "the unit is an AMD IOMMU (default: VT-d)");

static unsigned int what;
module_param(what, uint, 0444);
MODULE_PARM_DESC(what, "what is enabled: 1 translation, 2 interrupt remapping or event log, 4 queue or command buffer");

static unsigned int elsewhere;
module_param(elsewhere, uint, 0444);
MODULE_PARM_DESC(elsewhere, "what is wrong with the table of 00:06.0: 1 it leads to other addresses, 2 it is in configuration space");

static bool blocked;
module_param(blocked, bool, 0444);
MODULE_PARM_DESC(blocked, "the unit blocks 00:05.0; needs the command buffer of an AMD IOMMU");

enum {
	LEFT_TRANSLATION = 1,
	LEFT_SECOND = 2,
	LEFT_QUEUE = 4,

	LEFT_DEVFN = 0x30,	/* 00:06.0 */
	LEFT_BLOCKED = 0x28,	/* 00:05.0 */
	LEFT_DEVTAB_ORDER = 9,
};

/* Memory-mapped configuration space (PCIEXBAR), which firmware reserves */
#define LEFT_CONFIG 0xb0000000

/* Registers and status bits of VT-d (11.4) */
#define GCMD	0x18
#define GSTS	0x1c
#define RTADDR	0x20
#define CCMD	0x28
#define IQT	0x88
#define IQA	0x90
#define IRTA	0xb8
#define GCMD_TE	BIT(31)
#define GCMD_SRTP	BIT(30)
#define GCMD_QIE	BIT(26)
#define GCMD_IRE	BIT(25)
#define GCMD_SIRTP	BIT(24)

static void __iomem *regs;
static u64 *page[5];
static u64 *devtab;

/*
 * Tables with one page of 1 GiB, which leads to the second GiB after it. Returns
 * the address of the root.
 */
static u64 left_elsewhere(u64 rights, u64 next, u64 leaf)
{
	if (elsewhere == 2)
		return LEFT_CONFIG;
	page[2][0] = virt_to_phys(page[3]) | next | rights;
	page[3][1] = 2ULL << 30 | leaf | rights;
	return virt_to_phys(page[2]);
}

static void left_gcmd(u32 bit, bool on)
{
	u32 status = readl(regs + GSTS) & 0x96ffffff;
	int i;

	writel(on ? status | bit : status & ~bit, regs + GCMD);
	for (i = 0; i < 1000 && !(readl(regs + GSTS) & bit) == on; i++)
		usleep_range(10, 20);
}

static void left_vtd(void)
{
	u32 iotlb = (readq(regs + 0x10) >> 8 & 0x3ff) * 16 + 8;
	int i;

	if (what & LEFT_TRANSLATION) {
		for (i = 0; i < 256; i++) {
			page[0][2 * i] = virt_to_phys(page[1]) | 1;
			/* Pass-through, 4 levels, domain 1 */
			page[1][2 * i] = 2 << 2 | 1;
			page[1][2 * i + 1] = 1 << 8 | 2;
		}
		if (elsewhere)
			page[1][2 * LEFT_DEVFN] =
				left_elsewhere(3, 0, 0x80) | 1;
		if (blocked)
			page[1][2 * LEFT_BLOCKED] = 0;
		writeq(virt_to_phys(page[0]), regs + RTADDR);
		left_gcmd(GCMD_SRTP, true);
		writeq(BIT_ULL(63) | BIT_ULL(61), regs + CCMD);
		writeq(BIT_ULL(63) | BIT_ULL(60), regs + iotlb);
		left_gcmd(GCMD_TE, true);
	}
	if (what & LEFT_QUEUE) {
		writeq(0, regs + IQT);
		writeq(virt_to_phys(page[4]), regs + IQA);
		left_gcmd(GCMD_QIE, true);
	}
	if (what & LEFT_SECOND) {
		writeq(virt_to_phys(page[3]) | 7, regs + IRTA);
		left_gcmd(GCMD_SIRTP, true);
		left_gcmd(GCMD_IRE, true);
	}
}

static int left_amd(void)
{
	u64 control = readq(regs + 0x18);
	int i;

	devtab = (u64 *)__get_free_pages(GFP_KERNEL | __GFP_ZERO,
					 LEFT_DEVTAB_ORDER);
	if (!devtab)
		return -ENOMEM;
	/* V, TV, IR, IW */
	for (i = 0; i < 65536; i++)
		devtab[4 * i] = 3ULL << 61 | 3;
	if (elsewhere)
		devtab[4 * LEFT_DEVFN] |= 4 << 9 |
			left_elsewhere(3ULL << 61 | 1, 3 << 9, 0);
	/* V, TV, and an empty table of one level: QEMU ignores IR and IW. */
	if (blocked)
		devtab[4 * LEFT_BLOCKED] = virt_to_phys(page[4]) | 1 << 9 | 3;
	writeq(virt_to_phys(devtab) | 0x1ff, regs);
	writeq(virt_to_phys(page[0]) | 8ULL << 56, regs + 0x08);
	writeq(virt_to_phys(page[1]) | 8ULL << 56, regs + 0x10);
	writeq(control | (what & LEFT_TRANSLATION ? BIT(0) : 0) |
	       (what & LEFT_SECOND ? BIT(2) | BIT(3) : 0) |
	       (what & LEFT_QUEUE ? BIT(12) : 0), regs + 0x18);
	/* QEMU's unit uses an entry when it was invalidated: see testing.md. */
	if (blocked) {
		page[0][0] = 2ULL << 60 | LEFT_BLOCKED;
		writeq(16, regs + 0x2008);
	}
	return 0;
}

static void left_free(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(page); i++)
		free_page((unsigned long)page[i]);
	free_pages((unsigned long)devtab, LEFT_DEVTAB_ORDER);
}

static int __init left_test_init(void)
{
	int i, ret = 0;

	for (i = 0; i < ARRAY_SIZE(page); i++) {
		page[i] = (u64 *)get_zeroed_page(GFP_KERNEL);
		ret = page[i] ? ret : -ENOMEM;
	}
	regs = ioremap(amd ? 0xfed80000 : 0xfed90000, 0x4000);
	if (!ret && !regs)
		ret = -ENOMEM;
	if (!ret && amd)
		ret = left_amd();
	else if (!ret)
		left_vtd();
	if (ret) {
		left_free();
		if (regs)
			iounmap(regs);
	}
	return ret;
}
module_init(left_test_init);

static void __exit left_test_exit(void)
{
	if (amd) {
		writeq(readq(regs + 0x18) & ~(BIT(0) | BIT(2) | BIT(3) |
					      BIT(12)), regs + 0x18);
	} else {
		left_gcmd(GCMD_TE, false);
		left_gcmd(GCMD_IRE, false);
		left_gcmd(GCMD_QIE, false);
	}
	iounmap(regs);
	left_free();
}
module_exit(left_test_exit);

MODULE_DESCRIPTION("Leaves the unit running, as firmware may do");
MODULE_LICENSE("GPL");
