// SPDX-License-Identifier: GPL-2.0-only
/*
 * Corrections that the user makes to the IVRS table. Firmware may omit an I/O
 * APIC or an HPET, or give it the DeviceID of another function. Users know the
 * syntax from the built-in driver.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "firmware/fw_table.h"
#include "ivrs.h"
#include "ivrs_override.h"

/* Reads [segment:]bus:device.function, all in hexadecimal. */
static int parse_device(const char *text, struct amd_ivrs_override *o)
{
	unsigned int segment = 0, bus, device, function;
	int end = 0;

	if (sscanf(text, "%x:%x:%x.%x%n", &segment, &bus, &device, &function,
		   &end) < 4) {
		segment = 0;
		end = 0;
		if (sscanf(text, "%x:%x.%x%n", &bus, &device, &function,
			   &end) < 3)
			return -EINVAL;
	}
	if (!end || text[end] || segment > 0xffff || bus > 0xff ||
	    device > 31 || function > 7)
		return -EINVAL;
	o->segment = segment;
	o->device_id = bus << 8 | device << 3 | function;
	return 0;
}

/* Reads hid:uid, of which @len characters are present. */
static int parse_acpi(const char *text, size_t len, struct amd_ivrs_override *o)
{
	const char *uid = memchr(text, ':', len), *end = text + len;

	if (!uid || uid == text || uid - text >= sizeof(o->hid))
		return -EINVAL;
	memcpy(o->hid, text, uid - text);
	uid++;
	/* So AMDI0095:00 means _UID 0. */
	while (end - uid > 1 && *uid == '0')
		uid++;
	if (uid == end || end - uid >= sizeof(o->uid))
		return -EINVAL;
	memcpy(o->uid, uid, end - uid);
	return 0;
}

/**
 * amd_override_parse() - parse the value of a parameter
 * @text: ID@[segment:]bus:device.function, or hid:uid@... for an ACPI device; a
 *	newline at the end is ignored
 * @variety: AMD_IVRS_IOAPIC or AMD_IVRS_HPET; 0 for an ACPI device
 * @o: filled in
 *
 * Context: Any.
 * Return: 0, or -EINVAL.
 */
int amd_override_parse(const char *text, u8 variety,
		       struct amd_ivrs_override *o)
{
	const char *at = strchr(text, '@');
	unsigned int id;
	int end = 0;

	*o = (struct amd_ivrs_override) { .variety = variety };
	if (!at || parse_device(at + 1, o))
		return -EINVAL;
	if (!variety)
		return parse_acpi(text, at - text, o);
	if (sscanf(text, "%u%n", &id, &end) != 1 || text + end != at ||
	    id > 0xff)
		return -EINVAL;
	o->handle = id;
	return 0;
}

/**
 * amd_override_print() - print a correction as the parameter has it
 * @o: the correction
 * @buf: filled with the text
 * @size: size of @buf
 *
 * Context: Any.
 * Return: the length of the text, as from snprintf().
 */
int amd_override_print(const struct amd_ivrs_override *o, char *buf,
		       size_t size)
{
	char name[sizeof(o->hid) + sizeof(o->uid)];

	if (o->variety)
		snprintf(name, sizeof(name), "%u", o->handle);
	else
		snprintf(name, sizeof(name), "%s:%s", o->hid, o->uid);
	return snprintf(buf, size, "%s@%04x:%02x:%02x.%x", name, o->segment,
			o->device_id >> 8, o->device_id >> 3 & 31,
			o->device_id & 7);
}

/* Returns the unit of the I/O APIC's or HPET's own entry, if there is one. */
static int find_special_unit(const struct amd_ivrs *ivrs,
			     const struct amd_ivrs_override *o)
{
	const struct amd_ivrs_special *s;

	for (s = ivrs->special; s < ivrs->special + ivrs->nr_special; s++)
		if (s->variety == o->variety && s->handle == o->handle &&
		    ivrs->unit[s->unit].segment == o->segment)
			return s->unit;
	return -ENODEV;
}

/*
 * Device entries often omit the DeviceIDs of I/O APICs and HPETs. Such a DeviceID
 * belongs to the unit to which the table assigns the I/O APIC or HPET, else to
 * the first unit of the segment. An ACPI device does DMA, so its unit must not be
 * guessed: it is known only if the segment has no other unit.
 */
static int find_unit(const struct amd_ivrs *ivrs,
		     const struct amd_ivrs_override *o)
{
	struct amd_ivrs_device found;
	int first = -ENODEV, unit;
	unsigned int i, nr = 0;

	/* The function is on a root bus, or no entry of the table names it. */
	if (!amd_ivrs_find(ivrs, o->segment, o->device_id, o->device_id >> 8,
			   &found))
		return found.unit;
	unit = o->variety ? find_special_unit(ivrs, o) : -ENODEV;
	if (unit >= 0)
		return unit;
	for (i = 0; i < ivrs->nr_unit; i++)
		if (ivrs->unit[i].segment == o->segment && !nr++)
			first = i;
	return o->variety || nr == 1 ? first : -ENODEV;
}

static bool is_same(const struct amd_ivrs_acpi *a,
		    const struct amd_ivrs_override *o)
{
	return a->uid_text && !strcmp(a->hid, o->hid) &&
	       !strcmp(a->uid_text, o->uid);
}

/* Replaces the entry of the same I/O APIC or HPET, or adds one. */
static void put_special(struct amd_ivrs *ivrs,
			const struct amd_ivrs_override *o, unsigned int unit)
{
	struct amd_ivrs_special *s;

	for (s = ivrs->special; s < ivrs->special + ivrs->nr_special; s++)
		if (s->variety == o->variety && s->handle == o->handle)
			break;
	if (s == ivrs->special + ivrs->nr_special) {
		ivrs->nr_special++;
		*s = (struct amd_ivrs_special) {
			.variety = o->variety,
			.handle = o->handle,
		};
	}
	s->unit = unit;
	s->source = o->device_id;
}

/*
 * Adds an entry before all others, because the first that matches applies:
 * firmware may name the device by its path instead.
 */
static void put_acpi(struct amd_ivrs *ivrs, const struct amd_ivrs_override *o,
		     unsigned int unit)
{
	struct amd_ivrs_acpi *a = ivrs->acpi;
	unsigned int i;

	for (i = 0; i < ivrs->nr_acpi && !is_same(&a[i], o); i++)
		;
	if (i == ivrs->nr_acpi)
		ivrs->nr_acpi++;
	memmove(a + 1, a, i * sizeof(*a));
	*a = (struct amd_ivrs_acpi) {
		.unit = unit,
		.device_id = o->device_id,
		.uid_format = AMD_IVRS_UID_STRING,
		.uid_text = o->uid,
	};
	strscpy(a->hid, o->hid);
}

/**
 * amd_ivrs_override() - correct a parsed table
 * @ivrs: the table, before any device is looked up in it
 * @list: the corrections; must outlive @ivrs. @ignored of each is set
 * @nr: number of @list
 *
 * Context: May sleep.
 * Return: 0, or -ENOMEM; then the table is as before.
 */
int amd_ivrs_override(struct amd_ivrs *ivrs, struct amd_ivrs_override *list,
		      unsigned int nr)
{
	size_t acpis = ivrs->nr_acpi + nr, specials = ivrs->nr_special + nr;
	struct amd_ivrs_override *o;
	struct amd_ivrs_acpi *acpi;
	int unit;

	if (!nr)
		return 0;
	acpi = nyx_fw_alloc(acpis * sizeof(*ivrs->acpi) +
			    specials * sizeof(*ivrs->special));
	if (!acpi)
		return -ENOMEM;
	memcpy(acpi, ivrs->acpi, ivrs->nr_acpi * sizeof(*acpi));
	memcpy(acpi + acpis, ivrs->special,
	       ivrs->nr_special * sizeof(*ivrs->special));
	ivrs->override_mem = acpi;
	ivrs->acpi = acpi;
	ivrs->special = (void *)(acpi + acpis);
	for (o = list; o < list + nr; o++) {
		unit = find_unit(ivrs, o);
		o->ignored = unit < 0;
		if (unit < 0)
			continue;
		if (o->variety)
			put_special(ivrs, o, unit);
		else
			put_acpi(ivrs, o, unit);
	}
	return 0;
}
