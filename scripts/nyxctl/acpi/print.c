// SPDX-License-Identifier: GPL-2.0-only
/* Prints a decoded table for people. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "acpi.h"
#include "base/output.h"
#include "nyxctl.h"

#define LABEL 20	/* width of the names of fields */

static const char *text_at(json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key)) ?: "-";
}

static bool is_set(json_t *object, const char *key)
{
	return json_is_true(json_object_get(object, key));
}

static long long number_at(json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

static json_t *list_at(json_t *object, const char *key)
{
	return json_object_get(object, key);
}

static bool is_one_of(const char *key, const char * const *keys)
{
	for (; keys && *keys; keys++)
		if (!strcmp(*keys, key))
			return true;
	return false;
}

/* Names of fields have blanks where JSON has underscores. */
static void print_label(const char *key, int width)
{
	int printed;

	for (printed = 0; *key; key++, printed++)
		putchar(*key == '_' ? ' ' : *key);
	printf("%*s", printed < width ? width - printed : 1, "");
}

static void print_value(json_t *value)
{
	json_t *item;
	size_t i;

	if (json_is_string(value))
		fputs(*json_string_value(value) ? json_string_value(value) : "-", stdout);
	else if (json_is_integer(value))
		printf("%lld", (long long)json_integer_value(value));
	else if (json_is_boolean(value))
		fputs(json_is_true(value) ? "yes" : "no", stdout);
	else if (!json_array_size(value))
		fputs(json_is_array(value) ? "none" : "-", stdout);
	json_array_foreach(value, i, item)
		printf("%s%s", i ? ", " : "", json_string_value(item));
}

static void print_fields(json_t *object, const char * const *without)
{
	const char *key;
	json_t *value;

	json_object_foreach(object, key, value) {
		if (is_one_of(key, without))
			continue;
		printf("  ");
		print_label(key, LABEL);
		print_value(value);
		putchar('\n');
	}
}

static void print_findings(json_t *object)
{
	json_t *finding;
	size_t i;

	json_array_foreach(list_at(object, "findings"), i, finding) {
		printf("  %s", color(BAD));
		print_label("finding", LABEL);
		printf("%s%s\n", json_string_value(finding), color(PLAIN));
	}
}

static void print_header(json_t *firmware)
{
	static const char * const without[] = { "signature", "findings", NULL };
	json_t *header = json_object_get(firmware, "header");

	printf("%s%s table%s %s\n", color(STRONG), text_at(header, "signature"), color(PLAIN),
	       text_at(firmware, "source"));
	print_fields(header, without);
	print_findings(header);
}

static void print_scope(json_t *scope)
{
	json_t *hop, *path = list_at(scope, "path");
	size_t i;

	printf("  ");
	print_label("scope", LABEL);
	printf("%s %s:", text_at(scope, "name"), text_at(scope, "bus"));
	json_array_foreach(path, i, hop)
		printf("%s%s", i ? "/" : "", json_string_value(hop));
	printf(", ID %lld, flags %s\n", number_at(scope, "id"), text_at(scope, "flags"));
}

/* A device entry is one line. */
static void print_entry(json_t *entry)
{
	static const char * const without[] = { "offset", "type", "name", NULL };
	const char *key, *separator = "";
	json_t *value;

	printf("  0x%04llx  %-22s", number_at(entry, "offset"), text_at(entry, "name"));
	json_object_foreach(entry, key, value) {
		if (is_one_of(key, without))
			continue;
		printf("%s", separator);
		print_label(key, 0);
		print_value(value);
		separator = ", ";
	}
	putchar('\n');
}

static void print_structure(json_t *structure)
{
	static const char * const without[] = {
		"offset", "length", "complete", "type", "name", "scopes", "entries", "findings",
		NULL,
	};
	json_t *item;
	size_t i;

	printf("\n%s%s%s at 0x%04llx, %lld bytes%s\n", color(STRONG),
	       text_at(structure, "name"), color(PLAIN), number_at(structure, "offset"),
	       number_at(structure, "length"), is_set(structure, "complete") ? "" :
	       ", of which the table does not have all");
	print_fields(structure, without);
	json_array_foreach(list_at(structure, "scopes"), i, item)
		print_scope(item);
	json_array_foreach(list_at(structure, "entries"), i, item)
		print_entry(item);
	print_findings(structure);
}

static void print_unit(json_t *unit)
{
	bool used = is_set(unit, "used");

	printf("  %s, registers %s, segment %s: ", text_at(unit, "unit"),
	       text_at(unit, "registers"), text_at(unit, "segment"));
	if (!used) {
		printf("%snot used: %s%s\n", color(BAD), text_at(unit, "why_not"), color(PLAIN));
		return;
	}
	printf("used, if its registers respond and have what the module needs\n");
	if (is_set(unit, "serves_rest"))
		printf("    serves all devices of the segment that no other unit lists\n");
	if (is_set(unit, "compatibility_format"))
		printf("    needs compatibility format at first, for an I/O APIC or HPET\n");
}

/* What happens with a device whose memory is reserved. */
static const char *vfio_words(const char *vfio)
{
	if (!strcmp(vfio, "allowed"))
		return "VFIO may have it all the same, as a USB controller or display";
	if (!strcmp(vfio, "depends"))
		return "VFIO refuses it, unless it is for USB or display, or in relax_reserved";
	return "VFIO refuses it, unless it is in relax_reserved";
}

static void print_region(json_t *region, bool live)
{
	json_t *device, *devices = list_at(region, "devices");
	const char *access = json_string_value(json_object_get(region, "access"));
	size_t i;

	if (!is_set(region, "used")) {
		printf("  structure at 0x%04llx: ignored, see its finding\n",
		       number_at(region, "offset"));
		return;
	}
	printf("  %s to %s: mapped 1:1", text_at(region, "first"), text_at(region, "last"));
	if (access)
		printf(" (%s) for DeviceIDs %s to %s of segment %s%s", access,
		       text_at(region, "first_id"), text_at(region, "last_id"),
		       text_at(region, "segment"), is_set(region, "whole_bus") ?
		       ", and so for a whole bus" : "");
	putchar('\n');
	if (access && !live)
		puts("    VFIO refuses these devices, unless they are in relax_reserved");
	if (live && !json_array_size(devices))
		puts("    no device of this machine needs it");
	json_array_foreach(devices, i, device)
		printf("    for %s: %s\n", text_at(device, "device"),
		       vfio_words(text_at(device, "vfio")));
}

static void print_others(json_t *plan, const char *list, const char *what)
{
	json_t *item, *id, *uid;
	size_t i;

	json_array_foreach(list_at(plan, list), i, item) {
		id = json_object_get(item, "id");
		uid = json_object_get(item, "uid");
		printf("  %s ", what);
		if (json_object_get(item, "hid"))
			printf("%s%s%s", text_at(item, "hid"), json_is_string(uid) ? ":" : "",
			       json_is_string(uid) ? json_string_value(uid) : "");
		else if (json_object_get(item, "device"))
			fputs(text_at(item, "device"), stdout);
		else
			print_value(id);
		printf(": %s, requests from %s\n", text_at(item, "unit"),
		       text_at(item, "source"));
	}
}

static void print_devices(json_t *plan)
{
	json_t *device;
	size_t i;

	json_array_foreach(list_at(plan, "devices"), i, device)
		printf("  %-12s  %-6s  %s%s%s%s\n", text_at(device, "device"),
		       text_at(device, "unit"), text_at(device, "name"),
		       json_is_string(json_object_get(device, "why_not")) ? " (" : "",
		       json_string_value(json_object_get(device, "why_not")) ?: "",
		       json_is_string(json_object_get(device, "why_not")) ? ")" : "");
}

static void print_title(json_t *plan, const char *list, const char *title)
{
	if (json_array_size(list_at(plan, list)))
		printf("\n%s%s%s\n", color(STRONG), title, color(PLAIN));
}

static void print_plan(json_t *plan, bool live)
{
	json_t *item;
	size_t i;

	print_title(plan, "units", "Units");
	json_array_foreach(list_at(plan, "units"), i, item)
		print_unit(item);
	print_title(plan, "reserved", "Reserved memory");
	json_array_foreach(list_at(plan, "reserved"), i, item)
		print_region(item, live);
	if (json_array_size(list_at(plan, "io_apics")) || json_array_size(list_at(plan, "hpets")) ||
	    json_array_size(list_at(plan, "acpi_devices")))
		printf("\n%sI/O APICs, HPETs and ACPI devices%s\n", color(STRONG),
		       color(PLAIN));
	print_others(plan, "io_apics", "I/O APIC");
	print_others(plan, "hpets", "HPET");
	print_others(plan, "acpi_devices", "ACPI device");
	print_title(plan, "absent", "Named, but not present");
	json_array_foreach(list_at(plan, "absent"), i, item)
		printf("  %s, by the %s at 0x%04llx\n", text_at(item, "device"),
		       text_at(item, "where"), number_at(item, "offset"));
	print_title(plan, "devices", "Devices of this machine");
	print_devices(plan);
	print_title(plan, "notes", "Also");
	json_array_foreach(list_at(plan, "notes"), i, item)
		printf("  %s\n", json_string_value(item));
}

/* What the module finds in comparison with other tables. */
static void print_other_findings(json_t *findings)
{
	json_t *finding;
	size_t i;

	json_array_foreach(findings, i, finding)
		if (json_is_null(json_object_get(finding, "offset")))
			printf("%s%s%s\n", color(BAD), text_at(finding, "text"), color(PLAIN));
}

/**
 * print_firmware() - print a decoded table for people
 * @firmware: the object that --json prints
 */
void print_firmware(json_t *firmware)
{
	json_t *structure, *plan = json_object_get(firmware, "module");
	size_t nr = json_array_size(list_at(firmware, "findings")), i;

	print_header(firmware);
	json_array_foreach(list_at(firmware, "structures"), i, structure)
		print_structure(structure);
	printf("\n%sWhat the module would do%s\n", color(STRONG), color(PLAIN));
	if (!is_set(plan, "loads"))
		printf("  %sit cannot be loaded: %s%s\n", color(BAD), text_at(plan, "why_not"),
		       color(PLAIN));
	print_plan(plan, is_set(firmware, "live"));
	print_other_findings(list_at(firmware, "findings"));
	if (options.header)
		printf("\n%zu finding%s\n", nr, plural(nr));
}
