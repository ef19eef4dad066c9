/* SPDX-License-Identifier: GPL-2.0-only */
/* Shared by the files of the command firmware. */
#ifndef NYXCTL_ACPI_H
#define NYXCTL_ACPI_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "firmware/fw_table.h"
#include "machine.h"

/* Header of all ACPI tables (ACPI specification 6.5, 5.2.6), and its fields. */
#define ACPI_LENGTH		4
#define ACPI_REVISION		8
#define ACPI_CHECKSUM		9
#define ACPI_OEM_ID		10
#define ACPI_OEM_TABLE_ID	16
#define ACPI_OEM_REVISION	24
#define ACPI_CREATOR_ID		28
#define ACPI_CREATOR_REVISION	32
#define ACPI_HEADER_SIZE	36

/* No table is larger, and reading a file without an end stops here. */
#define TABLE_MAX (2 << 20)

/**
 * struct bytes - a part of a table
 * @at: its first byte
 * @len: number of bytes
 */
struct bytes {
	const u8 *at;
	size_t len;
};

/**
 * struct findings - what the module's parser found
 * @list: JSON objects, in the order in which the log has them
 */
struct findings {
	json_t *list;
};

/**
 * struct format - a type of firmware table
 * @signature: its signature, four letters
 * @header: adds the fields of its header to an object; all of the header is present
 * @structure: adds the fields of a structure to an object
 * @plan: says what the module would do; @structures are those of the table
 */
struct format {
	const char *signature;
	void (*header)(struct bytes table, json_t *object);
	void (*structure)(struct bytes structure, size_t offset, json_t *object);
	json_t *(*plan)(struct bytes table, json_t *structures, struct findings *findings,
			const struct machine *machine);
};

extern const struct format dmar_format;
extern const struct format ivrs_format;

/* plan_dmar.c and plan_ivrs.c */
json_t *dmar_plan(struct bytes table, json_t *structures, struct findings *findings,
		  const struct machine *machine);
json_t *ivrs_plan(struct bytes table, json_t *structures, struct findings *findings,
		  const struct machine *machine);

/* decode.c */
json_t *decode_header(const struct format *format, struct bytes table);
json_t *decode_structures(const struct format *format, struct bytes table);

/* fields.c */
json_t *json_hex(unsigned long long value, int digits);
json_t *json_text(const char *format, ...) __attribute__((format(printf, 1, 2)));
json_t *json_letters(const u8 *text, size_t size);
json_t *json_requester(u16 id);
json_t *json_flags(unsigned int value, const char * const *names, size_t count);
void put_hex(json_t *object, const char *key, unsigned long long value, int digits);
void put_segment(json_t *object, u16 segment);
void put_number(json_t *object, const char *key, long long value);

/* findings.c */
void note_finding(const struct nyx_fw_note *note, void *arg);
void add_warning(struct findings *findings, const char *table, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void give_findings(const struct findings *findings, json_t *header, json_t *structures);

/* print.c */
void print_firmware(json_t *firmware);

#endif
