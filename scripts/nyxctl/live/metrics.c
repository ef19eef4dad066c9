// SPDX-License-Identifier: GPL-2.0-only
/*
 * Metrics in the text format of Prometheus. Documentation/metrics.md lists them. Labels
 * have few values: units, devices, and words of fixed sets. Domains have no label, because
 * their numbers are never used again. What is counted by domain is shown for the first of
 * its devices, and by type: a device returns from a domain of VFIO to the one that it had
 * before, and one counter for both would jump.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "metrics.h"
#include "nyxctl.h"

#define WORDS(...) ((const char * const []){ __VA_ARGS__, NULL })
#define TABLE_PAGE 4096

/**
 * struct column - a column of a table that is a metric
 * @metric: name of the metric; those with the same name follow each other
 * @type: counter or gauge
 * @help: what it is
 * @column: the column
 * @label: a label that tells apart columns with the same metric; NULL without one
 * @value: its value
 */
struct column {
	const char *metric, *type, *help, *column, *label, *value;
};

#define COUNTER(metric, help, column) { metric, "counter", help, column, NULL, NULL }
#define GAUGE(metric, help, column) { metric, "gauge", help, column, NULL, NULL }
#define FLUSHES(column, kind) \
	{ "nyx_unit_flushes_total", "counter", "Invalidations that the unit was sent.", \
	  column, "kind", kind }

static const struct column unit_columns[] = {
	FLUSHES("flush_page", "page"),
	FLUSHES("flush_domain", "domain"),
	FLUSHES("flush_global", "global"),
	FLUSHES("flush_entry", "device_entry"),
	FLUSHES("flush_device", "device_tlb"),
	FLUSHES("flush_intr", "interrupt_entry"),
	COUNTER("nyx_unit_write_buffer_flushes_total", "Write-buffer flushes.", "write_buffer"),
	COUNTER("nyx_unit_waits_total",
		"Wait commands, after which the unit confirms its invalidations.", "waits"),
	COUNTER("nyx_unit_flush_errors_total",
		"Invalidations that failed or timed out.", "flush_errors"),
	COUNTER("nyx_unit_faults_total", "Faults read from the log of the unit.", "faults"),
	COUNTER("nyx_unit_fault_log_overflows_total",
		"Overflows of the log; each lost at least one fault.", "overflows"),
	GAUGE("nyx_unit_domain_ids", "Domain IDs in use.", "domain_ids"),
	GAUGE("nyx_unit_domain_id_limit", "Largest domain ID.", "max_domain_id"),
	GAUGE("nyx_unit_interrupt_entries",
	      "Interrupt entries in use; with AMD-Vi in all tables together.", "intr_used"),
	GAUGE("nyx_unit_interrupt_table_entries",
	      "Entries of the interrupt table; with AMD-Vi of the table of each device.",
	      "intr_entries"),
};

static const struct column domain_columns[] = {
	COUNTER("nyx_domain_maps_total", "Maps in the domain of the device.", "map_calls"),
	COUNTER("nyx_domain_unmaps_total", "Unmaps in the domain of the device.", "unmap_calls"),
	COUNTER("nyx_domain_map_bytes_total",
		"Bytes mapped in the domain of the device.", "map_bytes"),
	COUNTER("nyx_domain_unmap_bytes_total",
		"Bytes unmapped in the domain of the device.", "unmap_bytes"),
	GAUGE("nyx_domain_mapped_bytes",
	      "Bytes mapped now in the domain of the device.", "mapped_bytes"),
};

static const char * const domain_types[] = { "dma", "dma-fq", "unmanaged", NULL };

static void print_family(FILE *file, const char *metric, const char *type, const char *help)
{
	fprintf(file, "# HELP %s %s\n# TYPE %s %s\n", metric, help, metric, type);
}

/* The format escapes three characters, and is UTF-8. */
static void print_value(FILE *file, const char *value)
{
	for (; *value; value++) {
		if (*value == '\\' || *value == '"')
			fprintf(file, "\\%c", *value);
		else
			fputc(isprint((unsigned char)*value) ? *value : '?', file);
	}
}

/* @labels are names and values, in turn, ended by NULL. A label without a value is left out. */
static void print_sample(FILE *file, const char *metric, const char * const *labels,
			 unsigned long long number)
{
	char separator = '{';

	fputs(metric, file);
	for (; *labels; labels += 2) {
		if (!labels[1])
			continue;
		fprintf(file, "%c%s=\"", separator, labels[0]);
		print_value(file, labels[1]);
		fputc('"', file);
		separator = ',';
	}
	fprintf(file, "%s %llu\n", separator == ',' ? "}" : "", number);
}

static void print_unit_columns(FILE *file, const struct table *units)
{
	const struct column *column, *end;
	unsigned long long number;
	const char *label;
	size_t row;

	end = unit_columns + sizeof(unit_columns) / sizeof(*unit_columns);
	for (column = unit_columns; column < end; column++) {
		label = column->label ? column->label : "-";
		if (column == unit_columns || strcmp(column->metric, column[-1].metric))
			print_family(file, column->metric, column->type, column->help);
		for (row = 0; row < units->rows; row++)
			if (table_has_number(units, row, column->column, &number))
				print_sample(file, column->metric,
					     WORDS("unit", table_cell(units, row, "unit"),
						   label, column->value), number);
	}
}

/* One sample for each word: 1 if it is in the cell, and 0 otherwise. */
static void print_words(FILE *file, const char *metric, const struct table *table,
			size_t row, const char *column, const char * const *words)
{
	const char *device = table_has(table, "device") ? table_cell(table, row, "device") :
							  NULL;

	for (; *words; words++) {
		char *word = must(strdup(*words)), *c;

		for (c = word; *c; c++)
			*c = tolower((unsigned char)*c);
		print_sample(file, metric,
			     WORDS("device", device, "unit", table_cell(table, row, "unit"),
				   "state", word), table_is(table, row, column, *words));
		free(word);
	}
}

/* A column with two words is 1 if it has the first of them. Other words have no sample. */
static void print_flag(FILE *file, const char *metric, const char *help,
		       const struct table *table, const char *column, const char *yes,
		       const char *no)
{
	const char *device;
	size_t row;

	print_family(file, metric, "gauge", help);
	for (row = 0; row < table->rows; row++) {
		device = table_has(table, "device") ? table_cell(table, row, "device") : NULL;
		if (table_is(table, row, column, yes) || !no ||
		    table_is(table, row, column, no))
			print_sample(file, metric,
				     WORDS("device", device,
					   "unit", table_cell(table, row, "unit")),
				     table_is(table, row, column, yes));
	}
}

static void print_units(FILE *file, const struct table *units)
{
	size_t row;

	print_family(file, "nyx_unit_state", "gauge",
		     "1 for the state of the unit, and 0 for the others.");
	for (row = 0; row < units->rows; row++)
		print_words(file, "nyx_unit_state", units, row, "state",
			    WORDS("on", "off", "dead"));
	print_flag(file, "nyx_unit_interrupt_remapping", "1 if the unit remaps interrupts.",
		   units, "intr", "on", "off");
	print_flag(file, "nyx_unit_compatibility_format_allowed",
		   "1 if interrupts in compatibility format bypass the unit.", units, "compat",
		   "allowed", "blocked");
	print_unit_columns(file, units);
}

static size_t count_both(const struct table *table, const char *column, const char *value,
			 const char *other, const char *word)
{
	size_t row, count = 0;

	for (row = 0; row < table->rows; row++)
		count += table_is(table, row, column, value) &&
			 table_is(table, row, other, word);
	return count;
}

/*
 * How many rows a unit has with each word in a column, which is the label as well. Rows may
 * be of a unit that is not known.
 */
static void print_counts(FILE *file, const char *metric, const char *help,
			 const struct counters *counters, int table, const char *column,
			 const char * const *words)
{
	const struct table *units = &counters->tables[UNITS];
	const struct table *rows = &counters->tables[table];
	bool others = table_count(rows, "unit", "-");
	const char *unit;
	size_t row, i;

	print_family(file, metric, "gauge", help);
	for (row = 0; row < units->rows + others; row++) {
		unit = row < units->rows ? table_cell(units, row, "unit") : "-";
		for (i = 0; words[i]; i++)
			print_sample(file, metric,
				     WORDS("unit", row < units->rows ? unit : "unknown",
					   column, words[i]),
				     count_both(rows, "unit", unit, column, words[i]));
	}
}

static void print_devices(FILE *file, const struct counters *counters)
{
	const struct table *devices = &counters->tables[DEVICES];
	unsigned long long number;
	size_t row;

	print_counts(file, "nyx_unit_devices", "Devices below the unit.", counters, DEVICES,
		     "managed", WORDS("yes", "waiting", "no"));
	print_counts(file, "nyx_unit_device_entries",
		     "Devices below the unit, by what it does with their requests.", counters,
		     DEVICES, "entry",
		     WORDS("translated", "identity", "blocked", "foreign", "isolated"));
	print_family(file, "nyx_device_state", "gauge",
		     "1 for the state of the device, and 0 for the others.");
	for (row = 0; row < devices->rows; row++)
		print_words(file, "nyx_device_state", devices, row, "state",
			    WORDS("ACTIVE", "QUARANTINED", "DISABLED"));
	print_flag(file, "nyx_device_isolated",
		   "1 if the device did not respond to an invalidation and is blocked.",
		   devices, "entry", "isolated", NULL);
	print_flag(file, "nyx_device_ats_lost",
		   "1 if the device did not respond to an invalidation and may not use ATS.",
		   devices, "ats", "lost", NULL);
	print_family(file, "nyx_device_faults_total", "counter",
		     "Faults with a requester ID of the device; a recovery sets it to 0.");
	for (row = 0; row < devices->rows; row++)
		if (table_has_number(devices, row, "faults", &number))
			print_sample(file, "nyx_device_faults_total",
				     WORDS("device", table_cell(devices, row, "device"),
					   "unit", table_cell(devices, row, "unit")), number);
}

/* The labels that tell whose domain it is. Returns false if it has no device. */
static bool domain_labels(const struct counters *counters, size_t row, const char **labels)
{
	const struct table *domains = &counters->tables[DOMAINS];
	const struct table *devices = &counters->tables[DEVICES];
	long device = table_find(devices, "domain", table_cell(domains, row, "domain"));

	if (device < 0)
		return false;
	labels[0] = "device";
	labels[1] = table_cell(devices, device, "device");
	labels[2] = "unit";
	labels[3] = table_cell(devices, device, "unit");
	labels[4] = "type";
	labels[5] = table_cell(domains, row, "type");
	labels[6] = NULL;
	return true;
}

static void print_domains(FILE *file, const struct counters *counters)
{
	const struct table *domains = &counters->tables[DOMAINS];
	unsigned long long number;
	const struct column *column;
	const char *labels[7];
	size_t i, row;

	print_family(file, "nyx_domains", "gauge", "Paging domains.");
	for (i = 0; domain_types[i]; i++)
		print_sample(file, "nyx_domains", WORDS("type", domain_types[i]),
			     table_count(domains, "type", domain_types[i]));
	for (i = 0; i < sizeof(domain_columns) / sizeof(*domain_columns); i++) {
		column = &domain_columns[i];
		print_family(file, column->metric, column->type, column->help);
		for (row = 0; row < domains->rows; row++)
			if (domain_labels(counters, row, labels) &&
			    table_has_number(domains, row, column->column, &number))
				print_sample(file, column->metric, labels, number);
	}
	print_family(file, "nyx_domain_table_bytes", "gauge",
		     "Size of the page table of the domain of the device.");
	for (row = 0; row < domains->rows; row++)
		if (domain_labels(counters, row, labels) &&
		    table_has_number(domains, row, "table_pages", &number))
			print_sample(file, "nyx_domain_table_bytes", labels,
				     number * TABLE_PAGE);
}

static void print_interrupts(FILE *file, const struct counters *counters)
{
	print_counts(file, "nyx_unit_interrupts",
		     "Interrupts of the unit, remapped and not remapped.", counters, INTERRUPTS,
		     "state", WORDS("remapped", "adopted", "posted", "passes", "blocked"));
}

static void print_faults(FILE *file, const struct table *faults)
{
	static const char * const words[] = { "read", "write", "execute", "atomic",
					      "interrupt", "unknown", NULL };
	size_t i;

	print_family(file, "nyx_kept_faults", "gauge",
		     "The most recent faults, which the module keeps, by access.");
	for (i = 0; words[i]; i++)
		print_sample(file, "nyx_kept_faults", WORDS("access", words[i]),
			     table_count(faults, "access", words[i]));
}

static void print_quarantine(FILE *file, const struct table *quarantine)
{
	static const char * const words[] = { "faults", "requester", "domain", "command",
					      NULL };
	size_t i;

	print_family(file, "nyx_cut_off_devices", "gauge",
		     "Devices that are cut off now, by reason.");
	for (i = 0; words[i]; i++)
		print_sample(file, "nyx_cut_off_devices", WORDS("reason", words[i]),
			     count_both(quarantine, "ended", "ongoing", "reason", words[i]));
}

/**
 * metrics_text() - write metrics in the text format of Prometheus
 * @counters: all tables; if they could not be read, the only metric is that
 * @length: set to the length of the text
 *
 * Return: the text, which the caller frees.
 */
char *metrics_text(const struct counters *counters, size_t *length)
{
	char *text = NULL;
	FILE *file = must(open_memstream(&text, length));

	print_family(file, "nyx_up", "gauge",
		     "1 if the files of the module nyx_iommu could be read.");
	print_sample(file, "nyx_up", WORDS(NULL), !counters->error);
	if (!counters->error) {
		print_units(file, &counters->tables[UNITS]);
		print_devices(file, counters);
		print_domains(file, counters);
		print_interrupts(file, counters);
		print_faults(file, &counters->tables[FAULTS]);
		print_quarantine(file, &counters->tables[QUARANTINE]);
	}
	if (fclose(file))
		must(NULL);
	return text;
}
