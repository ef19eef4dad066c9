// SPDX-License-Identifier: GPL-2.0-only
/*
 * Errata of units that firmware should have worked around. The workarounds are
 * bits of the configuration registers of the L2 cache (BIOS and Kernel
 * Developer's Guides for AMD Family 15h, D0F2xF4).
 */
#define pr_fmt(fmt) "nyx: " fmt

#include <linux/bits.h>
#include <linux/kernel.h>
#include <linux/printk.h>

#include "amd.h"
#include "function.h"
#include "indirect.h"

#define AMD_L2_DEBUG_3		0x47
#define AMD_L2_ATS_IGNORE_IW_DIS BIT(0)
#define AMD_L2_L2B_CK_GATE_CONTROL 0x90
#define AMD_L2_CK_GATE_L2B_MISC_DISABLE BIT(2)

/**
 * struct amd_erratum - an erratum and its workaround
 * @family: family of the CPU that contains the unit
 * @first: first affected model
 * @last: last affected model
 * @index: index of the L2 register
 * @bit: bit of that register to set
 * @what: description for the log
 */
struct amd_erratum {
	u8 family;
	u8 first;
	u8 last;
	u8 index;
	u32 bit;
	const char *what;
};

static const struct amd_erratum amd_errata[] = {
	{
		.family = 0x15,
		.first = 0x10,
		.last = 0x1f,
		.index = AMD_L2_L2B_CK_GATE_CONTROL,
		.bit = AMD_L2_CK_GATE_L2B_MISC_DISABLE,
		.what = "erratum 746: logging stalls translations",
	}, {
		.family = 0x15,
		.first = 0x30,
		.last = 0x3f,
		.index = AMD_L2_DEBUG_3,
		.bit = AMD_L2_ATS_IGNORE_IW_DIS,
		.what = "write permission is not checked with ATS",
	},
};

static void amd_erratum_apply(struct amd_unit *au,
			      const struct amd_erratum *erratum)
{
	u32 val = amd_l2_read(au, erratum->index);

	if (val & erratum->bit)
		return;
	amd_l2_write(au, erratum->index, val | erratum->bit);
	pr_info("%s: applied a workaround that firmware lacks: %s\n",
		au->unit.name, erratum->what);
}

/**
 * amd_errata_apply() - work around the errata of a unit
 * @au: the unit; its translation is disabled
 *
 * Context: Any.
 */
void amd_errata_apply(struct amd_unit *au)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(amd_errata); i++)
		if (au->cpu_family == amd_errata[i].family &&
		    au->cpu_model >= amd_errata[i].first &&
		    au->cpu_model <= amd_errata[i].last)
			amd_erratum_apply(au, &amd_errata[i]);
}
