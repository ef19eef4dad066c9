// SPDX-License-Identifier: GPL-2.0-only
/*
 * CPUs that the kernel leaves out because it does not use x2APIC mode.
 */
#define pr_fmt(fmt) "nyx: " fmt

#include <linux/acpi.h>

#include <nyx/intr.h>

#include "firmware/madt.h"

/**
 * nyx_intr_report_wide_cpus() - report CPUs that run only in x2APIC mode
 *
 * Without a built-in driver that remaps interrupts at boot, the kernel uses
 * xAPIC mode, which has 8-bit APIC IDs. This module cannot change the mode
 * later.
 *
 * Context: May sleep.
 */
void nyx_intr_report_wide_cpus(void)
{
	struct acpi_table_header *madt;
	unsigned int nr;

	if (nyx_intr_extended() ||
	    ACPI_FAILURE(acpi_get_table(ACPI_SIG_MADT, 0, &madt)))
		return;
	nr = nyx_madt_wide_cpus(madt, madt->length);
	acpi_put_table(madt);
	if (nr)
		pr_warn("CPUs that need x2APIC mode and stay offline, because the kernel remapped no interrupts at boot: %u. They work only with the built-in driver\n",
			nr);
}
