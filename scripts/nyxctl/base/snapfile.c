// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reading snapshots. Somebody else may have written them, so each part may be missing or
 * have another type, and texts may contain anything.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nyxctl.h"
#include "snapfile.h"
#include "text.h"

/* What the commands that show read instead of debugfs and sysfs. */
static const json_t *used;
static const char *used_name;

/* A terminal obeys control characters, so they must not come from a snapshot. */
static json_t *clean_string(const json_t *string)
{
	char *text = must(strdup(json_string_value(string)));
	json_t *clean;

	remove_controls(text, "\t");
	clean = must(json_string(text));
	free(text);
	return clean;
}

static bool has_controls(const char *name)
{
	char *copy = must(strdup(name));
	bool found = remove_controls(copy, "\t");

	free(copy);
	return found;
}

/* Returns a copy without control characters; without members that have such names. */
static json_t *clean(const json_t *json)
{
	json_t *copy, *value;
	const char *name;
	size_t i;

	if (json_is_string(json))
		return clean_string(json);
	if (json_is_array(json)) {
		copy = must(json_array());
		json_array_foreach(json, i, value)
			json_array_append_new(copy, clean(value));
		return copy;
	}
	if (!json_is_object(json))
		return must(json_copy((json_t *)json));
	copy = must(json_object());
	/* json_object_foreach() does not take a constant object. */
	json_object_foreach((json_t *)json, name, value)
		if (!has_controls(name))
			json_object_set_new(copy, name, clean(value));
	return copy;
}

static int check_format(const char *path, const json_t *json)
{
	const char *format = json_string_value(json_object_get(json, "format"));
	const json_t *version = json_object_get(json, "version");

	if (!format || strcmp(format, SNAPSHOT_FORMAT) || !json_is_integer(version) ||
	    !json_is_object(json_object_get(json, "files")))
		return fail(NYX_FAILED, "%s is no snapshot of nyxctl", path);
	if (json_integer_value(version) != SNAPSHOT_VERSION)
		return fail(NYX_FAILED,
			    "%s has version %" JSON_INTEGER_FORMAT
			    " of the format; use the nyxctl that wrote it", path,
			    json_integer_value(version));
	return NYX_OK;
}

/**
 * snapshot_load() - read a snapshot
 * @path: its path
 * @snapshot: set to the snapshot, without control characters, which the caller frees by
 *	json_decref(); NULL on error
 *
 * Return: NYX_OK, or the exit code of an error, which has been reported.
 */
int snapshot_load(const char *path, json_t **snapshot)
{
	json_error_t error;
	json_t *json;
	char *text;
	size_t length;
	int ret;

	*snapshot = NULL;
	ret = read_bytes(path, SIZE_MAX, &text, &length);
	if (ret)
		return fail(ret == -EACCES ? NYX_PERMISSION : NYX_FAILED, "%s: %s", path,
			    strerror(-ret));
	json = json_loadb(text, length, 0, &error);
	free(text);
	if (!json) {
		/* It quotes the file. */
		remove_controls(error.text, "");
		return fail(NYX_FAILED, "%s is no snapshot, or is truncated: line %d: %s", path,
			    error.line, error.text);
	}
	ret = check_format(path, json);
	if (!ret)
		*snapshot = clean(json);
	json_decref(json);
	return ret;
}

/**
 * snapshot_use() - read from a snapshot instead of debugfs and sysfs
 * @snapshot: the snapshot, which must exist while it is used; NULL to end this
 * @name: what errors call it
 */
void snapshot_use(const json_t *snapshot, const char *name)
{
	used = snapshot;
	used_name = name;
}

/**
 * snapshot_in_use() - check whether a snapshot is read
 *
 * Return: true between the calls of snapshot_use() that begin and end it.
 */
bool snapshot_in_use(void)
{
	return used;
}

/**
 * snapshot_part() - look up a part of a snapshot
 * @snapshot: the snapshot
 * @part: name of a member
 * @name: name of a member of that; NULL for the first one itself
 *
 * Return: the part, which belongs to the snapshot; NULL if there is none.
 */
const json_t *snapshot_part(const json_t *snapshot, const char *part, const char *name)
{
	const json_t *json = json_object_get(snapshot, part);

	return name ? json_object_get(json, name) : json;
}

/**
 * snapshot_string() - look up a text in a snapshot
 * @snapshot: the snapshot
 * @part: name of a member
 * @name: name of a member of that
 *
 * Return: the text, which belongs to the snapshot; "-" if there is none.
 */
const char *snapshot_string(const json_t *snapshot, const char *part, const char *name)
{
	const char *text = json_string_value(snapshot_part(snapshot, part, name));

	return text ? text : "-";
}

/**
 * snapshot_line() - look up what the snapshot in use has of sysfs
 * @path: the path of the file below the folder of sysfs
 *
 * Return: its first line, which the caller frees; NULL if the snapshot does not have it.
 */
char *snapshot_line(const char *path)
{
	static const char devices[] = "bus/pci/devices/";
	const char *text = NULL, *slash;
	char *device;

	if (!strcmp(path, "module/nyx_iommu/version")) {
		text = json_string_value(snapshot_part(used, "module", "version"));
	} else if (!strncmp(path, devices, strlen(devices))) {
		path += strlen(devices);
		slash = strchrnul(path, '/');
		device = must(strndup(path, slash - path));
		if (*slash)
			text = json_string_value(json_object_get(snapshot_part(used, "pci",
									       device),
								 slash + 1));
		free(device);
	}
	return text ? must(strdup(text)) : NULL;
}

/**
 * snapshot_text() - look up one of the module's files in the snapshot in use
 * @name: its path below the module's folder in debugfs
 * @text: set to its content, which the caller frees; NULL on error
 *
 * Return: 0, or -ENOENT if the snapshot does not have it.
 */
int snapshot_text(const char *name, char **text)
{
	const json_t *file = snapshot_part(used, "files", name);
	const json_t *lines = json_object_get(file, "lines"), *line;
	const char *state = json_string_value(json_object_get(file, "state"));
	size_t i, size = 0;
	FILE *stream;

	*text = NULL;
	if (!json_is_array(lines))
		return -ENOENT;
	stream = must(open_memstream(text, &size));
	json_array_foreach(lines, i, line)
		if (json_is_string(line))
			fprintf(stream, "%s\n", json_string_value(line));
	fclose(stream);
	must(*text);
	/* The last line lacked its end. */
	if (size && state && !strcmp(state, "truncated"))
		(*text)[size - 1] = '\0';
	return 0;
}

/**
 * snapshot_report() - report that the snapshot in use does not have a file
 * @name: its path below the module's folder in debugfs
 *
 * Return: the exit code.
 */
int snapshot_report(const char *name)
{
	const json_t *file = snapshot_part(used, "files", name);
	const char *state = json_string_value(json_object_get(file, "state"));

	return fail(NYX_ABSENT, "%s does not have the file %s%s%s%s", used_name, name,
		    state ? " (it was " : "", state ? state : "", state ? ")" : "");
}
