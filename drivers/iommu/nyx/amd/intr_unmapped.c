// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupts that must pass unmapped: they were set up before the module was
 * loaded, and are not set up again, or their devices are not managed.
 */
#include <linux/bitmap.h>
#include <linux/list.h>
#include <linux/lockdep.h>

#include <nyx/device.h>

#include "firmware/madt.h"

#include "amd.h"
#include "dte.h"
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
 * may any device with the same DeviceID. So do IOMMUs themselves: the kernel
 * set up their MSIs without remapping.
 *
 * Context: Any.
 * Return: true if they must pass.
 */
bool amd_intr_sends_unmapped(const struct amd_unit *au, u16 rid)
{
	const struct amd_ivrs *ivrs = au->ivrs;
	u16 segment = au->unit.segment;
	unsigned int i;

	if (rid == AMD_SOUTHBRIDGE && !segment)
		return true;
	for (i = 0; i < ivrs->nr_unit; i++)
		if (ivrs->unit[i].segment == segment &&
		    ivrs->unit[i].device_id == rid)
			return true;
	for (i = 0; i < ivrs->nr_special; i++)
		if (ivrs->unit[ivrs->special[i].unit].segment == segment &&
		    ivrs->special[i].source == rid)
			return true;
	for (i = 0; i < ivrs->nr_acpi; i++)
		if (ivrs->unit[ivrs->acpi[i].unit].segment == segment &&
		    ivrs->acpi[i].device_id == rid)
			return true;
	return false;
}

/*
 * Unknown devices have no driver that would need interrupts. In a capture kernel
 * devices without a driver may send those of the crashed kernel.
 */
static bool amd_intr_is_sender(const struct amd_unit *au,
			       const struct nyx_device *ndev)
{
	return ndev->unit == &au->unit && ndev->state != NYX_DEVICE_UNKNOWN &&
	       (!au->unit.foreign || READ_ONCE(ndev->dev->driver));
}

/**
 * amd_intr_has_sender() - check whether anything may send unmapped interrupts
 *	with a DeviceID
 * @au: the unit
 * @rid: the DeviceID
 *
 * If DMA with a DeviceID passes although no device has it, the driver lets all
 * its requests pass.
 *
 * Context: May sleep; nyx_devices_lock is held.
 * Return: false if unmapped interrupts with the DeviceID must be blocked. If
 *	true, it may still be that of a device whose interrupts are remapped.
 */
bool amd_intr_has_sender(const struct amd_unit *au, u16 rid)
{
	const struct amd_dte *dte = amd_devtab_lookup(&au->devtab, rid);
	const struct nyx_device *ndev;
	unsigned int i;

	lockdep_assert_held(&nyx_devices_lock);
	if (amd_intr_sends_unmapped(au, rid) ||
	    (dte && amd_dte_passes(dte) && !nyx_unit_foreign_has(&au->unit, rid)))
		return true;
	list_for_each_entry(ndev, &nyx_devices, node)
		for (i = 0; amd_intr_is_sender(au, ndev) && i < ndev->nr_rids;
		     i++)
			if (ndev->rids[i] == rid)
				return true;
	return false;
}

/**
 * amd_intr_collect_senders() - collect the DeviceIDs of devices that may send
 *	unmapped interrupts
 * @au: the unit
 * @senders: AMD_DEVICE_IDS bits, all clear; those of such DeviceIDs are set.
 *	For the others amd_intr_has_sender() does not need to search devices
 *
 * Context: May sleep; nyx_devices_lock is held.
 */
void amd_intr_collect_senders(const struct amd_unit *au, unsigned long *senders)
{
	const struct nyx_device *ndev;
	unsigned int i;

	lockdep_assert_held(&nyx_devices_lock);
	list_for_each_entry(ndev, &nyx_devices, node)
		for (i = 0; amd_intr_is_sender(au, ndev) && i < ndev->nr_rids;
		     i++)
			__set_bit(ndev->rids[i], senders);
}
