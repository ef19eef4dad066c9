// SPDX-License-Identifier: GPL-2.0-only
/*
 * Detecting tboot, which starts the kernel in a measured environment (Intel TXT
 * Software Development Guide, appendix B). The kernel does not export whether it
 * was started that way. Such an environment requires DMA protection from the
 * start, so the kernel then enables its built-in driver whatever the user asked
 * for.
 */
#include <linux/bits.h>
#include <linux/io.h>
#include <linux/sizes.h>

#include <asm/cpufeature.h>

#include "tboot.h"

/* Public registers of TXT, and the first one, TXT.STS */
#define TXT_PUBLIC		0xfed30000
#define TXT_STS			0x000
#define TXT_STS_SENTER_DONE	BIT(0)

/**
 * vtd_tboot() - test whether the machine is in a measured environment
 *
 * Context: May sleep.
 * Return: true if it is, so that tboot or a similar program started it.
 */
bool vtd_tboot(void)
{
	void __iomem *txt;
	u32 sts;

	if (!boot_cpu_has(X86_FEATURE_SMX))
		return false;
	txt = ioremap(TXT_PUBLIC, SZ_4K);
	if (!txt)
		return false;
	sts = readl(txt + TXT_STS);
	iounmap(txt);
	/* Chipsets without TXT have no such register. */
	return sts != ~0U && (sts & TXT_STS_SENTER_DONE);
}
