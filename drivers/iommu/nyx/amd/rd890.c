// SPDX-License-Identifier: GPL-2.0-only
/*
 * The unit of the RD890 chipset (990FX, 990X, 970, SR5690, SR5670, SR5650).
 * Firmware sets up its base address and its caches when the machine boots, and
 * may not do so after a sleep. So the driver saves what it finds when the unit is
 * started, and restores it before anything else is accessed.
 *
 * Which registers are lost, and the order in which they are restored, is what the
 * built-in driver does (Linux 7.3, drivers/iommu/amd/init.c:
 * iommu_apply_resume_quirks()). That firmware also sets up the Miscellaneous
 * Information Register, and may write to the caches' registers after it set the
 * enable bit, is what coreboot does (southbridge/amd/sr5650:
 * detect_and_enable_iommu()).
 */
#include <linux/bits.h>
#include <linux/errno.h>

#include "amd.h"
#include "function.h"
#include "indirect.h"
#include "ivrs.h"
#include "rd890.h"

/* Registers of the capability block */
#define AMD_CAP_BASE_LO		0x04
#define AMD_CAP_BASE_LO_ENABLE	BIT(0)
#define AMD_CAP_BASE_LO_ADDR	GENMASK(31, 14)
#define AMD_CAP_BASE_HI		0x08
#define AMD_CAP_MISC		0x10

/* Miscellaneous registers of the host bridge, and the one that has the unit. */
#define RD890_MISC_INDEX	0x60
#define RD890_MISC_INDEX_WRITE	BIT(7)
#define RD890_MISC_DATA		0x64
#define RD890_FEATURES		0x75
#define RD890_FEATURES_IOMMU	BIT(0)

static int amd_rd890_reg(const struct amd_unit *au, int reg)
{
	return au->ivrs->unit[au->index].capability + reg;
}

static u64 amd_rd890_base(struct amd_unit *au)
{
	u32 lo = amd_config_read(au, amd_rd890_reg(au, AMD_CAP_BASE_LO));
	u32 hi = amd_config_read(au, amd_rd890_reg(au, AMD_CAP_BASE_HI));

	return (u64)hi << 32 | (lo & AMD_CAP_BASE_LO_ADDR);
}

/**
 * amd_rd890_save() - save what a sleep may lose
 * @au: the unit; its translation may be enabled. If the registers in
 *	configuration space are not those at which the unit is mapped, or cannot
 *	be enabled again, &nyx_unit.no_sleep is set
 *
 * Does nothing with other chipsets.
 *
 * Context: Any; no other CPU accesses the configuration space of the unit.
 */
void amd_rd890_save(struct amd_unit *au)
{
	struct amd_rd890 *save = &au->rd890;
	unsigned int i, j;

	if (!au->loses_config)
		return;
	save->base_lo = amd_config_read(au, amd_rd890_reg(au, AMD_CAP_BASE_LO));
	save->base_hi = amd_config_read(au, amd_rd890_reg(au, AMD_CAP_BASE_HI));
	save->misc = amd_config_read(au, amd_rd890_reg(au, AMD_CAP_MISC));
	for (i = 0; i < AMD_RD890_L1S; i++)
		for (j = 0; j < AMD_RD890_L1_REGS; j++)
			save->l1[i][j] = amd_l1_read(au, i, j);
	for (i = 0; i < AMD_RD890_L2_REGS; i++)
		save->l2[i] = amd_l2_read(au, i);
	au->unit.no_sleep = !au->bridge ||
			    amd_rd890_base(au) != au->unit.phys;
}

/* Without this the function of the unit does not respond. */
static void amd_rd890_switch_on(struct amd_unit *au)
{
	u32 index = amd_bridge_read(au, RD890_MISC_INDEX), features;

	amd_bridge_write(au, RD890_MISC_INDEX,
			 RD890_FEATURES | RD890_MISC_INDEX_WRITE);
	features = amd_bridge_read(au, RD890_MISC_DATA);
	if (!(features & RD890_FEATURES_IOMMU))
		amd_bridge_write(au, RD890_MISC_DATA,
				 features | RD890_FEATURES_IOMMU);
	/* Firmware and other drivers use the same index register. */
	amd_bridge_write(au, RD890_MISC_INDEX, index);
}

/**
 * amd_rd890_restore() - restore what a sleep may have lost
 * @au: the unit; amd_rd890_save() has saved its registers
 *
 * The enable bit makes the unit respond at its base address, and locks the
 * registers of the capability block until the next reset, so it is set last. If
 * firmware has set it, or there was no sleep, writes to these have no effect.
 * Does nothing with other chipsets.
 *
 * Context: Any; interrupts are disabled on the only CPU. Configuration accesses
 *	do not sleep: the kernel serializes them with a raw spinlock.
 * Return: 0; -ENODEV if the unit is not at its base address.
 */
int amd_rd890_restore(struct amd_unit *au)
{
	const struct amd_rd890 *save = &au->rd890;
	u32 base_lo = save->base_lo & ~(u32)AMD_CAP_BASE_LO_ENABLE;
	unsigned int i, j;

	if (!au->loses_config)
		return 0;
	amd_rd890_switch_on(au);
	amd_config_write(au, amd_rd890_reg(au, AMD_CAP_BASE_LO), base_lo);
	amd_config_write(au, amd_rd890_reg(au, AMD_CAP_BASE_HI), save->base_hi);
	amd_config_write(au, amd_rd890_reg(au, AMD_CAP_MISC), save->misc);
	for (i = 0; i < AMD_RD890_L1S; i++)
		for (j = 0; j < AMD_RD890_L1_REGS; j++)
			amd_l1_write(au, i, j, save->l1[i][j]);
	for (i = 0; i < AMD_RD890_L2_REGS; i++)
		amd_l2_write(au, i, save->l2[i]);
	amd_config_write(au, amd_rd890_reg(au, AMD_CAP_BASE_LO),
			 base_lo | AMD_CAP_BASE_LO_ENABLE);
	return amd_rd890_base(au) == au->unit.phys ? 0 : -ENODEV;
}
