// SPDX-License-Identifier: GPL-2.0-only
/* The CPUs that firmware lists in the MADT. */
#include <stdlib.h>

#include "acpi.h"
#include "apic.h"
#include "firmware/madt.h"
#include "nyxctl.h"

/**
 * count_wide_cpus() - count the CPUs that need x2APIC mode
 *
 * Return: the number of CPUs with an APIC ID above 254; -1 if the MADT cannot be read.
 */
int count_wide_cpus(void)
{
	char *path = path_of(options.sysfs, "firmware/acpi/tables/APIC"), *madt;
	size_t len;
	int count = -1;

	if (!read_bytes(path, TABLE_MAX, &madt, &len) && len >= ACPI_HEADER_SIZE)
		count = nyx_madt_wide_cpus(madt, len);
	free(madt);
	free(path);
	return count;
}
