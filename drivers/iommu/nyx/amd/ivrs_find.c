// SPDX-License-Identifier: GPL-2.0-only
/*
 * Searches for a DeviceID in the IVRS table (48882, 5.2.2).
 *
 * Firmware may name a device more than once: an entry for all devices of a
 * unit, and entries with other settings for some of them. The entry with the
 * fewest devices applies, and the last one of several such entries.
 *
 * Two units may also name the same device. On some servers and workstations the
 * first unit has an alias range for a bridge that does not exist, on the last
 * bus, which belongs to the last unit. A unit serves the devices below the root
 * bus that its own function is on, so that bus decides. If it does not, the
 * device has no unit.
 */
#include <linux/align.h>
#include <linux/errno.h>
#include <linux/sort.h>
#include <linux/string.h>

#include "ivrs.h"
#include "ivrs_parser.h"

#define DEVICES_PER_BUS	256

static bool is_all(const struct amd_ivrs_range *range)
{
	return !range->first && range->last == U16_MAX;
}

static bool has(const struct amd_ivrs_range *range, u16 device_id)
{
	return range->first <= device_id && device_id <= range->last;
}

static int compare(const void *left, const void *right, const void *priv)
{
	const struct amd_ivrs *ivrs = priv;
	const struct amd_ivrs_range *a = left, *b = right;
	u16 a_segment = ivrs->unit[a->unit].segment;
	u16 b_segment = ivrs->unit[b->unit].segment;

	if (a_segment != b_segment)
		return a_segment < b_segment ? -1 : 1;
	return (int)a->first - (int)b->first;
}

/*
 * Searches sorted ranges, either those of all devices or the others, for the
 * first range that has a device of another unit. All previous ranges that
 * extend beyond the start of the next one belong to one unit.
 */
static const struct amd_ivrs_range *find_clash(const struct amd_ivrs *ivrs,
					       const struct amd_ivrs_range *sorted,
					       bool all)
{
	const struct amd_ivrs_range *r, *last = NULL;

	for (r = sorted; r < sorted + ivrs->nr_range; r++) {
		if (is_all(r) != all)
			continue;
		if (last && ivrs->unit[last->unit].segment !=
			    ivrs->unit[r->unit].segment)
			last = NULL;
		if (last && r->first <= last->last && r->unit != last->unit)
			return r;
		if (!last || r->last > last->last)
			last = r;
	}
	return NULL;
}

/**
 * amd_ivrs_check_ranges() - check that no device has two units
 * @p: the parser, after all units were read
 *
 * One unit of a segment may name all devices; entries of other units take
 * precedence.
 *
 * Context: As for the parser.
 * Return: 0, or -EINVAL after a note if two units name all devices. If they
 *	only have some devices in common, there is a note.
 */
int amd_ivrs_check_ranges(struct amd_ivrs_parser *p)
{
	const struct amd_ivrs *ivrs = p->ivrs;
	const struct amd_ivrs_range *clash;

	memcpy(p->sorted, ivrs->range, ivrs->nr_range * sizeof(*p->sorted));
	sort_r(p->sorted, ivrs->nr_range, sizeof(*p->sorted), compare, NULL,
	       ivrs);
	p->t.where = "IVHD";
	clash = find_clash(ivrs, p->sorted, true);
	if (clash) {
		p->t.pos = ivrs->unit[clash->unit].offset;
		return nyx_fw_refuse(&p->t, "segment has two units with all devices",
				     ivrs->unit[clash->unit].segment);
	}
	clash = find_clash(ivrs, p->sorted, false);
	if (clash) {
		p->t.pos = ivrs->unit[clash->unit].offset;
		nyx_fw_note(&p->t, NYX_FW_SKIPPED,
			    "DeviceIDs are also another unit's, their root bus decides",
			    clash->first);
	}
	return 0;
}

/* Units on all buses qualify. */
#define ANY_BUS		-1

/* Of two ranges with a DeviceID, the smaller one applies, else the later one. */
static bool applies_before(const struct amd_ivrs_range *r,
			   const struct amd_ivrs_range *best)
{
	return !best || r->last - r->first <= best->last - best->first;
}

/*
 * Returns the range that applies to a DeviceID, among those of units on @bus;
 * NULL if there is none. Sets @contested if they are of several units.
 */
static const struct amd_ivrs_range *find_range(const struct amd_ivrs *ivrs,
					       u16 segment, u16 device_id,
					       int bus, bool *contested)
{
	const struct amd_ivrs_range *r, *best = NULL;
	const struct amd_ivrs_unit *unit;

	*contested = false;
	for (r = ivrs->range; r < ivrs->range + ivrs->nr_range; r++) {
		unit = &ivrs->unit[r->unit];
		if (unit->segment != segment || !has(r, device_id) ||
		    (bus != ANY_BUS && unit->device_id >> 8 != bus) ||
		    (best && is_all(r) && !is_all(best)))
			continue;
		if (best && is_all(best) && !is_all(r)) {
			best = NULL;
			*contested = false;
		}
		if (best && r->unit != best->unit)
			*contested = true;
		if (applies_before(r, best))
			best = r;
	}
	return best;
}

/**
 * amd_ivrs_find() - find the properties of a DeviceID
 * @ivrs: the table
 * @segment: PCI segment
 * @device_id: the DeviceID, bus << 8 | devfn
 * @root_bus: number of the root bus above the device
 * @found: filled in
 *
 * Context: Any.
 * Return: 0; -ENODEV if no unit serves it, or it is the DeviceID of an IOMMU;
 *	-ENXIO if its unit is not usable; -ENOTUNIQ if several units name it,
 *	and the function of none or of several of them is on @root_bus.
 */
int amd_ivrs_find(const struct amd_ivrs *ivrs, u16 segment, u16 device_id,
		  u8 root_bus, struct amd_ivrs_device *found)
{
	const struct amd_ivrs_range *range;
	bool contested;
	unsigned int i;

	for (i = 0; i < ivrs->nr_unit; i++)
		if (ivrs->unit[i].segment == segment &&
		    ivrs->unit[i].device_id == device_id)
			return -ENODEV;
	range = find_range(ivrs, segment, device_id, ANY_BUS, &contested);
	if (contested) {
		range = find_range(ivrs, segment, device_id, root_bus,
				   &contested);
		if (!range || is_all(range) || contested)
			return -ENOTUNIQ;
	}
	if (!range)
		return -ENODEV;
	if (!ivrs->unit[range->unit].usable)
		return -ENXIO;
	found->unit = range->unit;
	found->alias = range->alias ? range->source : device_id;
	found->ats_disabled = range->ats_disabled;
	return 0;
}

/**
 * amd_ivrs_only_hid() - find the only ACPI device entry with a _HID
 * @ivrs: the table
 * @hid: the _HID
 *
 * For devices whose _UID no entry has. An entry without _UID belongs to the first
 * device with the _HID, and never to another one.
 *
 * Context: Any.
 * Return: the entry; NULL if there is none with a _UID, or more than one entry
 *	has the _HID.
 */
const struct amd_ivrs_acpi *amd_ivrs_only_hid(const struct amd_ivrs *ivrs,
					      const char *hid)
{
	const struct amd_ivrs_acpi *a, *only = NULL;

	for (a = ivrs->acpi; a < ivrs->acpi + ivrs->nr_acpi; a++) {
		if (strcmp(a->hid, hid))
			continue;
		if (only)
			return NULL;
		only = a;
	}
	return only && only->uid_format != AMD_IVRS_UID_NONE ? only : NULL;
}

/**
 * amd_ivmd_has_bus() - check whether memory is reserved for all devices of a bus
 * @m: the memory
 *
 * Some firmware reserves for all devices what one of them needs.
 *
 * Context: Any.
 * Return: true if @m is for all DeviceIDs of at least one bus.
 */
bool amd_ivmd_has_bus(const struct amd_ivrs_memory *m)
{
	return ALIGN((u32)m->first, DEVICES_PER_BUS) + DEVICES_PER_BUS - 1 <=
	       m->last;
}

/**
 * amd_ivrs_names() - check whether entries of a unit name a DeviceID
 * @ivrs: the table
 * @unit: index of the unit
 * @device_id: the DeviceID
 * @alias: set to the DeviceID that its requests carry according to this unit;
 *	@device_id unless the entry that applies has another
 *
 * Context: Any.
 * Return: true if an entry other than one for all devices does.
 */
bool amd_ivrs_names(const struct amd_ivrs *ivrs, unsigned int unit,
		    u16 device_id, u16 *alias)
{
	const struct amd_ivrs_range *r, *best = NULL;

	for (r = ivrs->range; r < ivrs->range + ivrs->nr_range; r++)
		if (r->unit == unit && !is_all(r) && has(r, device_id) &&
		    applies_before(r, best))
			best = r;
	*alias = best && best->alias ? best->source : device_id;
	return best;
}

/* Returns the DTE setting of the entry that applies to @device_id. */
static u8 range_dte(const struct amd_ivrs *ivrs, unsigned int unit,
		    u16 device_id)
{
	unsigned int i, width, best = U16_MAX + 1;
	const struct amd_ivrs_range *range;
	u8 dte = 0;

	for (i = 0; i < ivrs->nr_range; i++) {
		range = &ivrs->range[i];
		if (range->unit != unit)
			continue;
		if (range->alias && range->source == device_id)
			width = 0;
		else if (has(range, device_id))
			width = range->last - range->first;
		else
			continue;
		if (width > best)
			continue;
		dte = width < best ? range->dte : dte | range->dte;
		best = width;
	}
	return dte;
}

/**
 * amd_ivrs_special_dte() - find the DTE setting for I/O APICs and HPETs
 * @ivrs: the table
 * @unit: index of the unit that owns the DTE
 * @device_id: the DeviceID that their requests carry
 *
 * Context: Any.
 * Return: AMD_DTE_SETTING_*; 0 if the DeviceID has no such device or setting.
 */
u8 amd_ivrs_special_dte(const struct amd_ivrs *ivrs, unsigned int unit,
			u16 device_id)
{
	unsigned int i;
	u8 dte = 0;

	for (i = 0; i < ivrs->nr_special; i++)
		if (ivrs->special[i].unit == unit &&
		    ivrs->special[i].source == device_id)
			dte |= ivrs->special[i].dte;
	return dte;
}

/**
 * amd_ivrs_dte() - find the DTE setting of a DeviceID
 * @ivrs: the table
 * @unit: index of the unit that owns the DTE
 * @device_id: the DeviceID; may be an alias only
 *
 * Several devices may share a DeviceID, for instance an I/O APIC and a PCI
 * function. Then the DTE passes what any of them needs.
 *
 * Context: Any.
 * Return: AMD_DTE_SETTING_*; 0 if firmware requests nothing.
 */
u8 amd_ivrs_dte(const struct amd_ivrs *ivrs, unsigned int unit, u16 device_id)
{
	u8 dte = range_dte(ivrs, unit, device_id) |
		 amd_ivrs_special_dte(ivrs, unit, device_id);
	unsigned int i;

	for (i = 0; i < ivrs->nr_acpi; i++)
		if (ivrs->acpi[i].unit == unit &&
		    ivrs->acpi[i].device_id == device_id)
			dte |= ivrs->acpi[i].dte;
	return dte;
}
