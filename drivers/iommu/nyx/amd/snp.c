// SPDX-License-Identifier: GPL-2.0-only
/*
 * Detecting SEV-SNP (AMD64 Architecture Programmer's Manual, volume 2, 15.36).
 *
 * Once it is initialized, the units ignore writes to the registers that locate
 * their buffers, and check each access against a table that only the secure
 * processor changes. This kernel enables it only together with its built-in
 * driver, but an earlier kernel may have done so before kexec.
 */
#include <asm/msr.h>
#include <asm/processor.h>

#include "snp.h"

/**
 * amd_snp() - test whether SEV-SNP is enabled
 *
 * Context: Any.
 * Return: true if it is.
 */
bool amd_snp(void)
{
	u32 lo, hi;

	if (boot_cpu_data.x86_vendor != X86_VENDOR_AMD &&
	    boot_cpu_data.x86_vendor != X86_VENDOR_HYGON)
		return false;
	if (rdmsr_safe(MSR_AMD64_SYSCFG, &lo, &hi))
		return false;
	return lo & MSR_AMD64_SYSCFG_SNP_EN;
}
