// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupts that must pass unmapped: they were set up before the module was
 * loaded, and are not set up again.
 */
#include "firmware/madt.h"

#include "amd.h"
#include "intr.h"
#include "ivrs.h"

/*
 * The I/O APIC in AMD southbridges, which serves timer and keyboard, uses the
 * DeviceID of their function 00:14.0. Some firmware specifies a wrong DeviceID
 * for it.
 */
#define AMD_SOUTHBRIDGE 0x00a0

/**
 * amd_intr_has_ioapic() - check whether the IVRS table names an I/O APIC
 * @ivrs: the table
 *
 * Context: Any.
 * Return: true if it names one or more.
 */
bool amd_intr_has_ioapic(const struct amd_ivrs *ivrs)
{
	unsigned int i;

	for (i = 0; i < ivrs->nr_special; i++)
		if (ivrs->special[i].variety == AMD_IVRS_IOAPIC)
			return true;
	return false;
}

static bool amd_intr_names_ioapic(const void *arg, u8 id)
{
	const struct amd_ivrs *ivrs = arg;
	unsigned int i;

	for (i = 0; i < ivrs->nr_special; i++)
		if (ivrs->special[i].variety == AMD_IVRS_IOAPIC &&
		    ivrs->special[i].handle == id)
			return true;
	return false;
}

/**
 * amd_intr_unnamed_ioapic() - find an I/O APIC whose DeviceID is not known
 * @madt: the MADT
 * @len: its length
 * @ivrs: the IVRS table
 *
 * Context: Any.
 * Return: the ID of the first I/O APIC in @madt that @ivrs does not name, 0 to
 *	255; -ENOENT if it names all.
 */
int amd_intr_unnamed_ioapic(const void *madt, size_t len,
			    const struct amd_ivrs *ivrs)
{
	return nyx_madt_unnamed(madt, len, amd_intr_names_ioapic, ivrs);
}

/**
 * amd_intr_sends_unmapped() - check whether unmapped interrupts of a DeviceID
 *	must pass
 * @au: the unit
 * @rid: the DeviceID
 *
 * I/O APICs, HPETs and ACPI devices keep sending unmapped interrupts, and so
 * may any device with the same DeviceID.
 *
 * Context: Any.
 * Return: true if they must pass.
 */
bool amd_intr_sends_unmapped(const struct amd_unit *au, u16 rid)
{
	const struct amd_ivrs *ivrs = au->ivrs;
	unsigned int i;

	if (rid == AMD_SOUTHBRIDGE && !au->unit.segment)
		return true;
	for (i = 0; i < ivrs->nr_special; i++)
		if (ivrs->special[i].unit == au->index &&
		    ivrs->special[i].source == rid)
			return true;
	for (i = 0; i < ivrs->nr_acpi; i++)
		if (ivrs->acpi[i].unit == au->index &&
		    ivrs->acpi[i].device_id == rid)
			return true;
	return false;
}
