// SPDX-License-Identifier: GPL-2.0-only
/*
 * What assigned devices had before: a file for each device, with the driver in the first
 * line and the override in the second. A reboot forgets it, as it does the assignment.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "nyxctl.h"
#include "record.h"

#define FOLDER "/run/nyxctl"

/* A record that was written in part must not be taken for one. */
static int write_part(const char *part, const struct record *record)
{
	FILE *file = fopen(part, "we");
	int ret = 0;

	if (!file)
		return -errno;
	if (fprintf(file, "%s\n%s\n", record->driver, record->override) < 0)
		ret = -errno;
	if (fclose(file) && !ret)
		ret = -errno;
	return ret;
}

/**
 * record_write() - record what a device has before it is assigned
 * @device: the kernel's name
 * @record: what it has
 *
 * Return: 0, or a negative error number with nothing recorded.
 */
int record_write(const char *device, const struct record *record)
{
	char *path = path_of(FOLDER, device), *part;
	int ret;

	part = text_of("%s/.%s", FOLDER, device);
	mkdir(FOLDER, 0755);
	ret = write_part(part, record);
	if (!ret && rename(part, path))
		ret = -errno;
	if (ret)
		unlink(part);
	free(part);
	free(path);
	return ret;
}

/**
 * record_read() - look up what an assigned device had
 * @device: the kernel's name
 * @record: filled in; record_free() frees it, also if there is no record
 *
 * Return: true if nyxctl assigned the device.
 */
bool record_read(const char *device, struct record *record)
{
	char *path = path_of(FOLDER, device), *text, *end;
	bool found;

	*record = (struct record){ 0 };
	found = !read_path(path, &text);
	if (found) {
		end = text + strcspn(text, "\n");
		record->driver = must(strndup(text, end - text));
		end += *end == '\n';
		record->override = must(strndup(end, strcspn(end, "\n")));
	}
	free(text);
	free(path);
	return found;
}

/**
 * record_exists() - check whether it is recorded what a device had
 * @device: the kernel's name
 *
 * Return: true if it is.
 */
bool record_exists(const char *device)
{
	struct record record;
	bool exists = record_read(device, &record);

	record_free(&record);
	return exists;
}

/**
 * record_free() - free a record
 * @record: the record; it may be empty
 */
void record_free(struct record *record)
{
	free(record->driver);
	free(record->override);
	*record = (struct record){ 0 };
}

/**
 * record_remove() - forget what a device had
 * @device: the kernel's name
 */
void record_remove(const char *device)
{
	char *path = path_of(FOLDER, device);

	unlink(path);
	free(path);
}
