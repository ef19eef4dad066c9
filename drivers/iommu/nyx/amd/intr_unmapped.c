// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who goes on sending interrupts that are not remapped: what was set up long
 * before the module came, and nobody sets up again.
 */
#include "firmware/madt.h"

#include "amd.h"
#include "intr.h"
#include "ivrs.h"

/*
 * AMD's southbridges send under the DeviceID of their function 00:14.0 what comes
 * from their I/O APIC, which has timer and keyboard. Firmware is known to give
 * that one a wrong DeviceID.
 */
#define AMD_SOUTHBRIDGE 0x00a0

/**
 * amd_intr_has_ioapic() - whether firmware names an I/O APIC
 * @ivrs: what it says
 *
 * Context: Any.
 * Return: true if it does.
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
 * amd_intr_sends_unmapped() - whether plain requests of a DeviceID are to pass
 * @au: the unit
 * @rid: the DeviceID
 *
 * I/O APICs, HPETs and ACPI devices go on sending plain requests: so may whoever
 * has the same DeviceID.
 *
 * Context: Any.
 * Return: true if they are.
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
