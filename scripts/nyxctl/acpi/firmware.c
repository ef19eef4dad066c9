// SPDX-License-Identifier: GPL-2.0-only
/*
 * The command firmware: decodes a firmware table, shows what the module's parser finds in it,
 * and says what the module would do, before it is loaded.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "acpi.h"
#include "base/output.h"
#include "commands.h"
#include "nyxctl.h"

#define SIGNATURE_SIZE 4

/* The module tries them in this order. */
static const struct format * const formats[] = { &dmar_format, &ivrs_format };

static int report(const char *path, int error)
{
	if (error == EACCES || error == EPERM)
		return fail(NYX_PERMISSION, "%s needs root; run the command with sudo", path);
	return fail(NYX_FAILED, "%s: %s", path, strerror(error));
}

static int read_live(char **path, char **bytes, size_t *len)
{
	size_t i;
	int ret;

	for (i = 0; i < sizeof(formats) / sizeof(*formats); i++) {
		*path = text_of("%s/firmware/acpi/tables/%s", options.sysfs,
				formats[i]->signature);
		ret = -read_bytes(*path, TABLE_MAX, bytes, len);
		if (ret != ENOENT && ret != ENOTDIR)
			return ret ? report(*path, ret) : NYX_OK;
		free(*path);
		*path = NULL;
	}
	return fail(NYX_FAILED,
		    "%s/firmware/acpi/tables has neither DMAR nor IVRS: enable the IOMMU (VT-d, AMD-Vi, SVM) in the firmware's setup",
		    options.sysfs);
}

static int read_table(const char *file, char **path, char **bytes, size_t *len)
{
	int ret;

	*bytes = NULL;
	*path = NULL;
	if (!file)
		return read_live(path, bytes, len);
	*path = must(strdup(file));
	ret = -read_bytes(file, TABLE_MAX, bytes, len);
	return ret ? report(file, ret) : NYX_OK;
}

static const struct format *format_of(struct bytes table)
{
	size_t i;

	for (i = 0; i < sizeof(formats) / sizeof(*formats); i++)
		if (table.len >= SIGNATURE_SIZE &&
		    !memcmp(table.at, formats[i]->signature, SIGNATURE_SIZE))
			return formats[i];
	return NULL;
}

static bool is_refused(json_t *findings)
{
	json_t *finding;
	size_t i;

	json_array_foreach(findings, i, finding)
		if (!strcmp(json_string_value(json_object_get(finding, "verdict")), "refused"))
			return true;
	return false;
}

static json_t *describe(const struct format *format, const char *path, struct bytes table,
			const struct machine *machine)
{
	struct findings findings = { .list = must(json_array()) };
	json_t *firmware = must(json_object()), *header, *structures, *plan;

	header = decode_header(format, table);
	structures = decode_structures(format, table);
	plan = format->plan(table, structures, &findings, machine);
	give_findings(&findings, header, structures);
	json_object_set_new(firmware, "source", text_json(path));
	json_object_set_new(firmware, "live", json_boolean(machine));
	json_object_set_new(firmware, "refused", json_boolean(is_refused(findings.list)));
	json_object_set_new(firmware, "header", header);
	json_object_set_new(firmware, "structures", structures);
	json_object_set_new(firmware, "findings", findings.list);
	json_object_set_new(firmware, "module", plan);
	return firmware;
}

static int code_of(json_t *firmware)
{
	json_t *loads = json_object_get(json_object_get(firmware, "module"), "loads");

	if (json_is_true(json_object_get(firmware, "refused")))
		return NYX_FAILED;
	if (json_array_size(json_object_get(firmware, "findings")) || json_is_false(loads))
		return NYX_ATTENTION;
	return NYX_OK;
}

static int show(const char *path, struct bytes table, bool live)
{
	const struct format *format = format_of(table);
	struct machine *machine;
	json_t *firmware;
	int code;

	if (!format)
		return fail(NYX_FAILED, "%s is neither a DMAR nor an IVRS table", path);
	machine = live ? machine_read() : NULL;
	firmware = describe(format, path, table, machine);
	code = code_of(firmware);
	if (options.json)
		print_json(json_incref(firmware));
	else
		print_firmware(firmware);
	json_decref(firmware);
	machine_free(machine);
	return code;
}

/**
 * cmd_firmware() - decode and check a firmware table, and say what the module would do
 * @argc: number of arguments, with the command
 * @argv: the command, then the file, or --live for the table of this machine
 *
 * Return: NYX_OK; NYX_ATTENTION if the table has errors or parts that the module does not
 *	know, or if the module could not be loaded with it; NYX_FAILED if the module refuses
 *	the table; another exit code after an error, which has been reported.
 */
int cmd_firmware(int argc, char **argv)
{
	const char *file = argc > 1 && strcmp(argv[1], "--live") ? argv[1] : NULL;
	char *path, *bytes;
	size_t len = 0;
	int ret;

	if (file && file[0] == '-')
		return fail(NYX_USAGE, "firmware has no option %s: name a file, or use --live",
			    file);
	ret = read_table(file, &path, &bytes, &len);
	if (!ret)
		ret = show(path, (struct bytes){ (u8 *)bytes, len }, !file);
	free(bytes);
	free(path);
	return ret;
}
