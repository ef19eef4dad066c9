// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a snapshot contains of the machine: clocks, kernel, module, PCI devices and firmware
 * tables. It has neither names of the machine, addresses of its network, nor serial numbers.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/output.h"
#include "base/pcidev.h"
#include "base/snapfile.h"
#include "base/wallclock.h"
#include "capture.h"
#include "cmdline.h"
#include "nyxctl.h"

#define LENGTH_OFFSET 4		/* of the length in a table's header (ACPI 6.5, 5.2.6) */
#define MILLION 1000000.0

static double seconds_of(clockid_t clock)
{
	struct timespec time;

	clock_gettime(clock, &time);
	/* More digits than microseconds would not be exact. */
	return time.tv_sec + time.tv_nsec / 1000 / MILLION;
}

static json_t *real_json(double number)
{
	return must(json_real(number));
}

/* The first line of a file of procfs, or null. */
static json_t *proc_json(const char *name)
{
	char *path = path_of(options.procfs, name), *text;
	json_t *json = json_null();

	if (!read_path(path, &text)) {
		text[strcspn(text, "\n")] = '\0';
		json = text_json(text);
	}
	free(text);
	free(path);
	return json;
}

/**
 * capture_clock() - record what relates the clock of the kernel log to the time of day
 *
 * The clock of the kernel log stands still while the machine is suspended, as
 * CLOCK_MONOTONIC does.
 *
 * Return: a JSON object.
 */
json_t *capture_clock(void)
{
	json_t *json = must(json_object());
	double now = seconds_of(CLOCK_REALTIME), log = seconds_of(CLOCK_MONOTONIC);
	double boot = seconds_of(CLOCK_BOOTTIME);
	char *created = time_in_words(now);

	json_object_set_new(json, "created", text_json(created));
	json_object_set_new(json, "created_s", real_json(now));
	json_object_set_new(json, "booted_s", real_json(now - boot));
	json_object_set_new(json, "kernel_log_s", real_json(log));
	json_object_set_new(json, "suspended_s", real_json(boot - log));
	json_object_set_new(json, "boot_id", proc_json("sys/kernel/random/boot_id"));
	free(created);
	return json;
}

/**
 * capture_kernel() - record the version and the parameters of the kernel
 *
 * Return: a JSON object.
 */
json_t *capture_kernel(void)
{
	json_t *json = must(json_object()), *words = must(json_array());
	char *path = path_of(options.procfs, "cmdline"), *line;
	struct names names = { 0 };
	size_t left_out = 0, i;

	if (!read_path(path, &line))
		names = public_parameters(line, &left_out);
	for (i = 0; i < names.count; i++)
		json_array_append_new(words, text_json(names.name[i]));
	json_object_set_new(json, "release", proc_json("sys/kernel/osrelease"));
	json_object_set_new(json, "build", proc_json("sys/kernel/version"));
	json_object_set_new(json, "parameters", words);
	json_object_set_new(json, "parameters_left_out", must(json_integer(left_out)));
	names_free(&names);
	free(line);
	free(path);
	return json;
}

/**
 * capture_module() - record the version and the parameters of the module
 *
 * Return: a JSON object, or null if the module is not loaded.
 */
json_t *capture_module(void)
{
	struct names names;
	json_t *json, *parameters;
	char *value;
	size_t i;

	if (!is_loaded())
		return json_null();
	names = names_in("module/nyx_iommu/parameters");
	json = must(json_object());
	parameters = must(json_object());
	for (i = 0; i < names.count; i++) {
		value = read_line("module/nyx_iommu/parameters/%s", names.name[i]);
		json_object_set_new(parameters, names.name[i],
				    value ? text_json(value) : json_null());
		free(value);
	}
	value = read_line("module/nyx_iommu/version");
	json_object_set_new(json, "version", value ? text_json(value) : json_null());
	json_object_set_new(json, "parameters", parameters);
	free(value);
	names_free(&names);
	return json;
}

static json_t *device_json(const char *device)
{
	static const char * const files[] = { "vendor", "device", "subsystem_vendor",
					      "subsystem_device", "class", "revision" };
	char *driver = pcidev_driver(device), *group = pcidev_group(device), *line;
	json_t *json = must(json_object());
	size_t i;

	for (i = 0; i < COUNT_OF(files); i++) {
		line = read_line("bus/pci/devices/%s/%s", device, files[i]);
		json_object_set_new(json, files[i], line ? text_json(line) : json_null());
		free(line);
	}
	json_object_set_new(json, "driver", driver ? text_json(driver) : json_null());
	json_object_set_new(json, "group", group ? text_json(group) : json_null());
	free(driver);
	free(group);
	return json;
}

/**
 * capture_pci() - record the PCI devices
 *
 * Return: a JSON object with a member for each device.
 */
json_t *capture_pci(void)
{
	struct names devices = names_in("bus/pci/devices");
	json_t *json = must(json_object());
	size_t i;

	for (i = 0; i < devices.count; i++)
		json_object_set_new(json, devices.name[i], device_json(devices.name[i]));
	names_free(&devices);
	return json;
}

/* RFC 4648, section 4. */
static char *base64_of(const unsigned char *bytes, size_t length)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	char *text = must(malloc(length / 3 * 4 + 5)), *c = text;
	unsigned int group;
	size_t i, k;

	for (i = 0; i < length; i += 3) {
		group = 0;
		for (k = 0; k < 3; k++)
			group = group << 8 | (i + k < length ? bytes[i + k] : 0);
		for (k = 0; k < 4; k++)
			*c++ = i + k > length ? '=' : digits[group >> (18 - 6 * k) & 63];
	}
	*c = '\0';
	return text;
}

static bool is_whole(const unsigned char *table, size_t length)
{
	const unsigned char *c = table + LENGTH_OFFSET;

	return length >= LENGTH_OFFSET + 4 &&
	       length == (c[0] | c[1] << 8 | c[2] << 16 | (size_t)c[3] << 24);
}

static json_t *table_file_json(const char *name, struct names *problems)
{
	char *path = text_of("%s/firmware/acpi/tables/%s", options.sysfs, name);
	json_t *json = must(json_object());
	const char *state = FILE_COMPLETE;
	char *bytes, *text;
	size_t length;
	int ret;

	ret = read_bytes(path, SIZE_MAX, &bytes, &length);
	if (ret) {
		state = ret == -ENOENT ? FILE_MISSING : FILE_UNREADABLE;
	} else {
		if (!is_whole((unsigned char *)bytes, length))
			state = FILE_TRUNCATED;
		text = base64_of((unsigned char *)bytes, length);
		json_object_set_new(json, "base64", text_json(text));
		free(text);
	}
	json_object_set_new(json, "state", text_json(state));
	/* A machine has only some of the tables. */
	if (strcmp(state, FILE_COMPLETE) && strcmp(state, FILE_MISSING))
		names_addf(problems, "the firmware table %s is %s", name, state);
	free(bytes);
	free(path);
	return json;
}

/**
 * capture_firmware() - record the firmware tables of the units and interrupt controllers
 * @problems: what is wrong with them is added
 *
 * Return: a JSON object with a member for each table.
 */
json_t *capture_firmware(struct names *problems)
{
	static const char * const tables[] = { "DMAR", "IVRS", "APIC" };
	json_t *json = must(json_object());
	size_t i;

	for (i = 0; i < COUNT_OF(tables); i++)
		json_object_set_new(json, tables[i], table_file_json(tables[i], problems));
	return json;
}
