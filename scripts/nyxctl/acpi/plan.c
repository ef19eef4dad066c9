// SPDX-License-Identifier: GPL-2.0-only
/* What both vendors have in common in what the module would do. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "acpi.h"
#include "base/names.h"
#include "nyxctl.h"
#include "plan.h"

/* Lists of a plan, in the order in which they are printed. */
static const char * const lists[] = {
	"units", "reserved", "io_apics", "hpets", "acpi_devices", "absent", "devices", "notes",
};

/**
 * plan_new() - start the plan for a table that the module accepts
 *
 * Return: an object with empty lists.
 */
json_t *plan_new(void)
{
	json_t *plan = must(json_object());
	size_t i;

	json_object_set_new(plan, "loads", json_true());
	json_object_set_new(plan, "why_not", json_null());
	for (i = 0; i < sizeof(lists) / sizeof(*lists); i++)
		json_object_set_new(plan, lists[i], must(json_array()));
	return plan;
}

/**
 * plan_refuses() - say that the module cannot be loaded with this table
 * @why: the reason
 *
 * Return: an object with empty lists.
 */
json_t *plan_refuses(const char *why)
{
	json_t *plan = plan_new();

	json_object_set_new(plan, "loads", json_false());
	json_object_set_new(plan, "why_not", json_text("%s", why));
	return plan;
}

/**
 * plan_add() - add an item to a list
 * @plan: the plan
 * @list: name of the list
 * @item: the item, which the plan owns from now on
 */
void plan_add(json_t *plan, const char *list, json_t *item)
{
	json_array_append_new(json_object_get(plan, list), item);
}

/**
 * plan_note() - add a sentence
 * @plan: the plan
 * @format: the sentence and its arguments, as for printf()
 */
void plan_note(json_t *plan, const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	text = format_text(format, args);
	va_end(args);
	plan_add(plan, "notes", json_text("%s", text));
	free(text);
}

/**
 * plan_absent() - record that the table names a device that this machine does not have
 * @plan: the plan
 * @where: name of the structure
 * @structure: the structure
 * @device: what it names, which the plan owns from now on
 */
void plan_absent(json_t *plan, const char *where, json_t *structure, json_t *device)
{
	json_t *item = must(json_object());

	json_object_set(item, "offset", json_object_get(structure, "offset"));
	json_object_set_new(item, "where", json_text("%s", where));
	json_object_set_new(item, "device", device);
	plan_add(plan, "absent", item);
}

/**
 * plan_device() - describe what the module would do with a PCI function
 * @function: the function
 * @unit: number of its unit, or a negative number without one
 * @vendor: how the names of units start
 * @why_not: why it has no unit that is used, or NULL
 *
 * Return: an object.
 */
json_t *plan_device(const struct function *function, int unit, const char *vendor,
		    const char *why_not)
{
	json_t *device = must(json_object());
	char *name = device_name(function->name);

	json_object_set_new(device, "device", json_text("%s", function->name));
	json_object_set_new(device, "name", json_text("%s", name));
	json_object_set_new(device, "unit", unit < 0 ? json_null() :
			    json_text("%s%d", vendor, unit));
	json_object_set_new(device, "why_not", why_not ? json_text("%s", why_not) :
			    json_null());
	free(name);
	return device;
}

/**
 * plan_region() - describe reserved memory
 * @structure: the structure that reserves it
 * @base: first address
 * @limit: last address
 * @segment: PCI segment of the devices
 *
 * Return: an object, without devices.
 */
json_t *plan_region(json_t *structure, u64 base, u64 limit, u16 segment)
{
	json_t *region = must(json_object());

	json_object_set(region, "offset", json_object_get(structure, "offset"));
	put_hex(region, "first", base, 1);
	put_hex(region, "last", limit, 1);
	put_segment(region, segment);
	json_object_set_new(region, "used", json_true());
	json_object_set_new(region, "devices", must(json_array()));
	return region;
}

/**
 * plan_ignored_region() - say that a structure that reserves memory has no effect
 * @plan: the plan
 * @structure: the structure; its findings have the reason
 */
void plan_ignored_region(json_t *plan, json_t *structure)
{
	json_t *region = must(json_object());

	json_object_set(region, "offset", json_object_get(structure, "offset"));
	json_object_set_new(region, "used", json_false());
	plan_add(plan, "reserved", region);
}

/**
 * plan_check_units() - say that the module cannot be loaded if it would use no unit
 * @plan: the plan, with all units
 */
void plan_check_units(json_t *plan)
{
	json_t *unit;
	size_t i;

	json_array_foreach(json_object_get(plan, "units"), i, unit)
		if (json_is_true(json_object_get(unit, "used")))
			return;
	json_object_set_new(plan, "loads", json_false());
	json_object_set_new(plan, "why_not", json_text("no unit can be used"));
}
