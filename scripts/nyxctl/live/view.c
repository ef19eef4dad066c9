// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the command top shows, as lines for people and as JSON for programs. The module
 * counts maps and bytes by domain, faults by device, and flushes and waits by unit, so a
 * device is shown with what is done with its domain. If devices share one, the first of
 * them has these numbers, and the others have a mark.
 */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/output.h"
#include "nyxctl.h"
#include "view.h"

#define LARGEST 9.2e18		/* it fits json_int_t */
#define UNIT_FORMAT "%-13s %9s %9s %9s %9s %9s "
#define ROW_FORMAT "%-13s %6s %8s %8s %8s %8s %8s "
#define SAME_DOMAIN "\""

/* Keys of the keyboard, and names. */
static const struct {
	char key;
	const char *name;
} keys[SORT_KEYS] = {
	[BY_MAPS] = { 'm', "maps" },
	[BY_UNMAPS] = { 'u', "unmaps" },
	[BY_BYTES] = { 'b', "bytes" },
	[BY_MAPPED] = { 'n', "mapped" },
	[BY_FAULTS] = { 'f', "faults" },
	[BY_FLUSHES] = { 'l', "flushes" },
	[BY_WAITS] = { 'w', "waits" },
	[BY_DEVICE] = { 'd', "device" },
};

/* A device, a domain without devices, or both. */
struct row {
	const struct device_rates *device;
	const struct domain_rates *domain;
};

/* qsort() passes no argument on. */
static enum sort_key sorted_by;

/**
 * sort_name() - name what rows are sorted by
 * @key: the sort key
 *
 * Return: its name.
 */
const char *sort_name(enum sort_key key)
{
	return keys[key].name;
}

/**
 * sort_key_named() - look up a sort key
 * @name: its name
 *
 * Return: the sort key, or SORT_KEYS if there is none.
 */
enum sort_key sort_key_named(const char *name)
{
	int i;

	for (i = 0; i < SORT_KEYS; i++)
		if (!strcmp(keys[i].name, name))
			break;
	return i;
}

/**
 * sort_key_pressed() - look up a sort key by a key of the keyboard
 * @key: the key
 *
 * Return: the sort key, or SORT_KEYS if there is none.
 */
enum sort_key sort_key_pressed(int key)
{
	int i;

	for (i = 0; i < SORT_KEYS; i++)
		if (keys[i].key == key)
			break;
	return i;
}

/**
 * sort_help() - list the keys of the keyboard
 *
 * Return: a line, which the caller frees.
 */
char *sort_help(void)
{
	char *line = must(strdup("")), *longer;
	int i;

	for (i = 0; i < SORT_KEYS; i++) {
		longer = text_of("%s%c %s ", line, keys[i].key, keys[i].name);
		free(line);
		line = longer;
	}
	longer = text_of("%s q quit", line);
	free(line);
	return longer;
}

static double unit_value(const struct unit_rates *unit, enum sort_key key)
{
	switch (key) {
	case BY_FAULTS:
		return unit->faults;
	case BY_WAITS:
		return unit->waits;
	case BY_DEVICE:
		return 0;
	default:
		return unit->flushes;
	}
}

static double domain_value(const struct domain_rates *domain, enum sort_key key)
{
	switch (key) {
	case BY_MAPS:
		return domain->maps;
	case BY_UNMAPS:
		return domain->unmaps;
	case BY_BYTES:
		return domain->map_bytes;
	case BY_MAPPED:
		return domain->mapped;
	default:
		return UNKNOWN;
	}
}

static double row_value(const struct row *row)
{
	switch (sorted_by) {
	case BY_DEVICE:
		return 0;
	case BY_FAULTS:
		return row->device ? row->device->faults : UNKNOWN;
	case BY_FLUSHES:
	case BY_WAITS:
		return row->device && row->device->unit ?
		       unit_value(row->device->unit, sorted_by) : UNKNOWN;
	default:
		return row->domain ? domain_value(row->domain, sorted_by) : UNKNOWN;
	}
}

/* The largest first. What is unknown follows the numbers. */
static int compare_values(double a, double b)
{
	if (isnan(a) || isnan(b))
		return isnan(a) - isnan(b);
	return (a < b) - (a > b);
}

static int compare_units(const void *a, const void *b)
{
	const struct unit_rates *x = *(const struct unit_rates * const *)a;
	const struct unit_rates *y = *(const struct unit_rates * const *)b;
	int order = compare_values(unit_value(x, sorted_by), unit_value(y, sorted_by));

	return order ? order : strcmp(x->unit, y->unit);
}

static int compare_rows(const void *a, const void *b)
{
	const struct row *x = a, *y = b;
	int order = compare_values(row_value(x), row_value(y));

	if (order)
		return order;
	/* Devices that share a domain stay together, unless they are sorted by name. */
	if (sorted_by != BY_DEVICE && x->domain != y->domain) {
		if (!x->domain || !y->domain)
			return x->domain ? -1 : 1;
		return x->domain < y->domain ? -1 : 1;
	}
	if (!x->device || !y->device)
		return !x->device - !y->device;
	return strcmp(x->device->device, y->device->device);
}

static const struct unit_rates **sorted_units(const struct rates *rates, enum sort_key key)
{
	const struct unit_rates **units;
	size_t i;

	units = must(calloc(rates->unit_count + 1, sizeof(*units)));
	for (i = 0; i < rates->unit_count; i++)
		units[i] = &rates->units[i];
	sorted_by = key;
	qsort(units, rates->unit_count, sizeof(*units), compare_units);
	return units;
}

static struct row *sorted_rows(const struct rates *rates, enum sort_key key, size_t *count)
{
	struct row *rows;
	size_t i;

	rows = must(calloc(rates->device_count + rates->domain_count + 1, sizeof(*rows)));
	for (i = 0; i < rates->device_count; i++)
		rows[i] = (struct row){ .device = &rates->devices[i],
					.domain = rates->devices[i].domain };
	*count = rates->device_count;
	for (i = 0; i < rates->domain_count; i++)
		if (!rates->domains[i].devices)
			rows[(*count)++] = (struct row){ .domain = &rates->domains[i] };
	sorted_by = key;
	qsort(rows, *count, sizeof(*rows), compare_rows);
	return rows;
}

/* A number in at most eight characters. */
static char *number_text(double number, int digits)
{
	static const char units[] = "kMGTPE";
	size_t i = 0;

	if (isnan(number))
		return must(strdup("-"));
	if (number < 99999.5)
		return text_of("%.*f", number < 999.95 ? digits : 0, number);
	for (number /= 1000; number >= 9999.5 && i + 2 < sizeof(units); i++)
		number /= 1000;
	return text_of("%.0f%c", number, units[i]);
}

static char *bytes_text(double bytes)
{
	return isnan(bytes) ? must(strdup("-")) : size_in_words(bytes);
}

static const char *shade(const char *state)
{
	return strcmp(state, "on") && strcmp(state, "ACTIVE") && strcmp(state, "-") ?
	       color(BAD) : "";
}

static void add_state(struct names *lines, char *line, const char *state)
{
	const char *bad = shade(state);

	names_addf(lines, "%s%s%s%s", line, bad, state, *bad ? color(PLAIN) : "");
	free(line);
}

static void add_unit(struct names *lines, const struct unit_rates *unit)
{
	char *flushes = number_text(unit->flushes, 1), *waits = number_text(unit->waits, 1);
	char *faults = number_text(unit->faults, 1), *errors = number_text(unit->errors, 0);
	char *overflows = number_text(unit->overflows, 0);

	add_state(lines, text_of(UNIT_FORMAT, unit->unit, flushes, waits, faults, errors,
				 overflows), unit->state);
	free(flushes);
	free(waits);
	free(faults);
	free(errors);
	free(overflows);
}

/* @shared is true if a row above has the numbers of the domain. */
static void add_row(struct names *lines, const struct row *row, bool shared)
{
	const struct domain_rates *domain = row->domain;
	const struct device_rates *device = row->device;
	char *maps = number_text(domain ? domain->maps : UNKNOWN, 1);
	char *unmaps = number_text(domain ? domain->unmaps : UNKNOWN, 1);
	char *bytes = bytes_text(domain ? domain->map_bytes : UNKNOWN);
	char *mapped = bytes_text(domain ? domain->mapped : UNKNOWN);
	char *faults = number_text(device ? device->faults : UNKNOWN, 1);

	add_state(lines, text_of(ROW_FORMAT, device ? device->device : "-",
				 domain ? domain->domain : "-",
				 shared ? SAME_DOMAIN : maps, shared ? SAME_DOMAIN : unmaps,
				 shared ? SAME_DOMAIN : bytes, shared ? SAME_DOMAIN : mapped,
				 faults), device ? device->state : "-");
	free(maps);
	free(unmaps);
	free(bytes);
	free(mapped);
	free(faults);
}

static void add_heading(struct names *lines, char *heading)
{
	if (options.header)
		names_addf(lines, "%s%s%s", color(STRONG), heading, color(PLAIN));
	free(heading);
}

static void add_units(struct names *lines, const struct rates *rates, enum sort_key key,
		      size_t max)
{
	const struct unit_rates **units = sorted_units(rates, key);
	size_t i;

	add_heading(lines, text_of(UNIT_FORMAT "state", "unit", "flushes/s", "waits/s",
				   "faults/s", "errors", "overflows"));
	for (i = 0; i < rates->unit_count && i < max; i++)
		add_unit(lines, units[i]);
	if (i < rates->unit_count)
		names_addf(lines, "... and %zu more", rates->unit_count - i);
	free(units);
}

static void add_rows(struct names *lines, const struct rates *rates, enum sort_key key,
		     size_t max)
{
	bool *shown = must(calloc(rates->domain_count + 1, sizeof(*shown))), *first;
	size_t count, i;
	struct row *rows = sorted_rows(rates, key, &count);

	add_heading(lines, text_of(ROW_FORMAT "state", "device", "domain", "maps/s",
				   "unmaps/s", "bytes/s", "mapped", "faults/s"));
	if (count > max && max)
		max--;
	for (i = 0; i < count && i < max; i++) {
		first = rows[i].domain ? &shown[rows[i].domain - rates->domains] : NULL;
		add_row(lines, &rows[i], first && *first);
		if (first)
			*first = true;
	}
	if (i < count)
		names_addf(lines, "... and %zu more", count - i);
	free(rows);
	free(shown);
}

static void add_notes(struct names *lines)
{
	if (!options.header)
		return;
	names_addf(lines, "Maps and bytes are counted by domain, faults by device, flushes and");
	names_addf(lines, "waits only by unit. %s: shares the domain of a device above.",
		   SAME_DOMAIN);
}

/**
 * view_lines() - write rates for people
 * @lines: the lines are added to it
 * @rates: the rates
 * @key: what rows are sorted by
 * @height: how many lines fit; 0 for any number
 *
 * If not all rows fit, a line says how many are left out.
 */
void view_lines(struct names *lines, const struct rates *rates, enum sort_key key,
		size_t height)
{
	size_t units = height ? height / 4 : rates->unit_count;

	if (options.header)
		names_addf(lines,
			   "%zu unit%s, %zu device%s, %zu domain%s; over %.1f s; sorted by %s",
			   rates->unit_count, plural(rates->unit_count), rates->device_count,
			   plural(rates->device_count), rates->domain_count,
			   plural(rates->domain_count), rates->seconds, sort_name(key));
	add_units(lines, rates, key, units);
	add_notes(lines);
	/* The heading of the rows is a line, too. */
	add_rows(lines, rates, key, !height ? SIZE_MAX : height > lines->count + 1 ?
		 height - lines->count - 1 : 0);
}

static json_t *rate_json(double number)
{
	return must(isnan(number) ? json_null() : json_real(number));
}

/* A number that is no rate. One that does not fit an integer is a real number. */
static json_t *count_json(double number)
{
	if (isnan(number))
		return must(json_null());
	return must(number < LARGEST ? json_integer((json_int_t)number) : json_real(number));
}

/* The number of a domain. */
static json_t *domain_number(const char *cell)
{
	return must(json_integer(strtoll(cell, NULL, 10)));
}

static json_t *unit_json(const struct unit_rates *unit)
{
	json_t *json = must(json_object());

	json_object_set_new(json, "unit", text_json(unit->unit));
	json_object_set_new(json, "state", text_json(unit->state));
	json_object_set_new(json, "flushes_per_s", rate_json(unit->flushes));
	json_object_set_new(json, "waits_per_s", rate_json(unit->waits));
	json_object_set_new(json, "faults_per_s", rate_json(unit->faults));
	json_object_set_new(json, "flush_errors", count_json(unit->errors));
	json_object_set_new(json, "overflows", count_json(unit->overflows));
	return json;
}

static json_t *domain_json(const struct domain_rates *domain)
{
	json_t *json = must(json_object());

	json_object_set_new(json, "domain", domain_number(domain->domain));
	json_object_set_new(json, "type", text_json(domain->type));
	json_object_set_new(json, "devices", must(json_integer(domain->devices)));
	json_object_set_new(json, "maps_per_s", rate_json(domain->maps));
	json_object_set_new(json, "unmaps_per_s", rate_json(domain->unmaps));
	json_object_set_new(json, "map_bytes_per_s", rate_json(domain->map_bytes));
	json_object_set_new(json, "unmap_bytes_per_s", rate_json(domain->unmap_bytes));
	json_object_set_new(json, "mapped_bytes", count_json(domain->mapped));
	return json;
}

static json_t *device_json(const struct device_rates *device)
{
	json_t *json = must(json_object());

	json_object_set_new(json, "device", text_json(device->device));
	json_object_set_new(json, "unit", device->unit ? text_json(device->unit->unit) :
			    json_null());
	json_object_set_new(json, "domain", device->domain ?
			    domain_number(device->domain->domain) : json_null());
	json_object_set_new(json, "state", text_json(device->state));
	json_object_set_new(json, "faults_per_s", rate_json(device->faults));
	return json;
}

/**
 * view_json() - write rates for programs
 * @rates: the rates
 * @key: what rows are sorted by
 *
 * Return: an object with units, domains and devices. A rate that is not known is null.
 */
json_t *view_json(const struct rates *rates, enum sort_key key)
{
	json_t *units = must(json_array()), *domains = must(json_array());
	json_t *devices = must(json_array()), *json = must(json_object());
	const struct unit_rates **sorted = sorted_units(rates, key);
	bool *shown = must(calloc(rates->domain_count + 1, sizeof(*shown)));
	const struct domain_rates *domain;
	size_t count, i;
	struct row *rows = sorted_rows(rates, key, &count);

	for (i = 0; i < rates->unit_count; i++)
		json_array_append_new(units, unit_json(sorted[i]));
	for (i = 0; i < count; i++) {
		domain = rows[i].domain;
		if (domain && !shown[domain - rates->domains]) {
			shown[domain - rates->domains] = true;
			json_array_append_new(domains, domain_json(domain));
		}
		if (rows[i].device)
			json_array_append_new(devices, device_json(rows[i].device));
	}
	json_object_set_new(json, "seconds", rate_json(rates->seconds));
	json_object_set_new(json, "units", units);
	json_object_set_new(json, "domains", domains);
	json_object_set_new(json, "devices", devices);
	free(sorted);
	free(rows);
	free(shown);
	return json;
}
