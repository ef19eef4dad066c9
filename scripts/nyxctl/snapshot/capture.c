// SPDX-License-Identifier: GPL-2.0-only
/*
 * Taking snapshots. The module's files are kept as they are, as lists of lines, so that
 * nothing is lost that this program does not understand.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/output.h"
#include "base/snapfile.h"
#include "capture.h"
#include "nyxctl.h"

/* The files that a module has, and those with diagnose=1. */
static const char * const usual[] = { "summary", "units", "devices", "pasids", "domains",
				      "interrupts", "faults", "forensics", "latency",
				      "quarantine", "policy", NULL };
static const char * const diagnosing[] = { "summary", "notes", "units", "faults", NULL };
/* The files of a unit. */
static const char * const of_unit[] = { "capabilities", "registers", "entries", NULL };
static const char * const diagnosed_unit[] = { "capabilities", "registers", NULL };

static json_t *lines_of(char *text)
{
	json_t *lines = must(json_array());
	char *end;

	for (; *text; text = end) {
		end = strchrnul(text, '\n');
		if (*end)
			*end++ = '\0';
		json_array_append_new(lines, text_json(text));
	}
	return lines;
}

/* The module ends each line. A file without that was cut off, for example in a copy. */
static bool is_truncated(const char *text, size_t length)
{
	return !length || strlen(text) != length || text[length - 1] != '\n';
}

static void add_problem(struct capture *capture, const char *problem)
{
	if (!names_have(&capture->problems, problem))
		names_add(&capture->problems, problem);
}

/*
 * Adds what is known about a file, and notes what is wrong with it. Returns NULL if the
 * snapshot cannot have a file with that name.
 */
static json_t *add_file(struct capture *capture, const char *name, const char *state)
{
	json_t *file = must(json_object());

	json_object_set_new(file, "state", text_json(state));
	if (json_object_set_new(json_object_get(capture->snapshot, "files"), name, file)) {
		add_problem(capture, "a file has a name that is not UTF-8");
		return NULL;
	}
	if (strcmp(state, FILE_COMPLETE))
		names_addf(&capture->problems, "%s is %s", name, state);
	return file;
}

static void add_absent(struct capture *capture, const char *name, int error)
{
	json_t *file;

	if (error == ENOENT || error == ENOTDIR) {
		add_file(capture, name, FILE_MISSING);
	} else {
		file = add_file(capture, name, FILE_UNREADABLE);
		if (file)
			json_object_set_new(file, "error", text_json(strerror(error)));
	}
}

/*
 * Opens a file of the module. A copy of its files may have links, which lead out of it, and
 * pipes, which never end, instead. Returns a negative error number on failure.
 */
static int open_file(const char *name)
{
	struct open_how how = {
		.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS,
	};
	int folder = open(options.debugfs, O_PATH | O_DIRECTORY | O_CLOEXEC), fd, error;
	struct stat status;

	if (folder < 0)
		return -errno;
	fd = syscall(SYS_openat2, folder, name, &how, sizeof(how));
	error = errno;
	close(folder);
	if (fd < 0)
		return -error;
	if (!fstat(fd, &status) && S_ISREG(status.st_mode))
		return fd;
	close(fd);
	return -EINVAL;
}

/* A domain may end before its files are read. Returns 0 or a negative error number. */
static int read_file(struct capture *capture, const char *name, bool expected)
{
	int fd = open_file(name), ret = fd;
	char *text = NULL;
	size_t length;
	json_t *file;

	if (fd >= 0)
		ret = read_open(fd, SIZE_MAX, &text, &length);
	if (ret && (ret != -ENOENT || expected))
		add_absent(capture, name, -ret);
	if (!ret) {
		file = add_file(capture, name, is_truncated(text, length) ? FILE_TRUNCATED :
									    FILE_COMPLETE);
		if (file)
			json_object_set_new(file, "lines", lines_of(text));
	}
	free(text);
	return ret;
}

/* Files without read permission are commands. */
static bool is_wanted(const struct capture *capture, const char *name,
		      const struct stat *status)
{
	const char *slash = strrchr(name, '/');

	if (!S_ISREG(status->st_mode) || !(status->st_mode & 0400))
		return false;
	return capture->page_tables || !slash || strcmp(slash, "/page_table");
}

/* Lists the files in a folder, and in the folders in it. Returns 0 or an error number. */
static int list_files(struct capture *capture, struct names *files, const char *folder)
{
	char *path = path_of(options.debugfs, folder ? folder : ""), *name;
	DIR *dir = opendir(path);
	int error = errno;
	struct dirent *entry;
	struct stat status;

	free(path);
	if (!dir)
		return error;
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		name = folder ? path_of(folder, entry->d_name) : must(strdup(entry->d_name));
		if (fstatat(dirfd(dir), entry->d_name, &status, AT_SYMLINK_NOFOLLOW)) {
			free(name);
			continue;
		}
		if (is_wanted(capture, name, &status))
			names_add(files, name);
		else if (!folder && S_ISDIR(status.st_mode))
			list_files(capture, files, name);
		else if (!S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode))
			names_addf(&capture->problems, "%s is not a file", name);
		free(name);
	}
	closedir(dir);
	return 0;
}

static void expect(struct names *files, const char *folder, const char * const *names)
{
	char *name;

	for (; *names; names++) {
		name = folder ? path_of(folder, *names) : must(strdup(*names));
		if (!names_have(files, name))
			names_add(files, name);
		free(name);
	}
}

/* The files that the module must have. Domains come and go. */
static struct names expected_files(const struct names *files)
{
	struct names names = { 0 };
	bool diagnose = names_have(files, "notes");
	struct table units = { 0 };
	size_t row;

	expect(&names, NULL, diagnose ? diagnosing : usual);
	if (names_have(files, "units") && !table_try(&units, "units"))
		for (row = 0; row < units.rows; row++)
			if (!strchr(table_cell(&units, row, "unit"), '/'))
				expect(&names, table_cell(&units, row, "unit"),
				       diagnose ? diagnosed_unit : of_unit);
	table_free(&units);
	return names;
}

static int capture_files(struct capture *capture)
{
	struct names files = { 0 }, expected;
	int ret = list_files(capture, &files, NULL);
	size_t i;

	/* What else is known about the machine helps even if the module is not loaded. */
	if (ret && (ret != ENOENT || !strcmp(options.sysfs, NO_SYSFS)))
		return report_unreadable(options.debugfs, ret);
	expected = expected_files(&files);
	for (i = 0; i < expected.count; i++)
		if (!names_have(&files, expected.name[i]))
			names_add(&files, expected.name[i]);
	names_sort(&files);
	for (i = 0, ret = 0; i < files.count && ret != -EACCES; i++)
		ret = read_file(capture, files.name[i],
				names_have(&expected, files.name[i]));
	if (ret == -EACCES)
		ret = report_unreadable(options.debugfs, EACCES);
	else
		ret = NYX_OK;
	names_free(&files);
	names_free(&expected);
	return ret;
}

/**
 * capture() - take a snapshot
 * @capture: what to take. Its snapshot and its problems are filled in; the caller frees
 *	them, also after an error
 *
 * Of a copy of the module's files nothing else is known, because it may be of another
 * machine.
 *
 * Return: NYX_OK, also with problems, or the exit code of an error, which has been reported.
 */
int capture(struct capture *capture)
{
	bool here = strcmp(options.sysfs, NO_SYSFS);
	json_t *snapshot = must(json_object());
	int ret;

	capture->snapshot = snapshot;
	json_object_set_new(snapshot, "format", text_json(SNAPSHOT_FORMAT));
	json_object_set_new(snapshot, "version", must(json_integer(SNAPSHOT_VERSION)));
	json_object_set_new(snapshot, "clock", here ? capture_clock() : json_null());
	json_object_set_new(snapshot, "kernel", here ? capture_kernel() : json_null());
	json_object_set_new(snapshot, "module", here ? capture_module() : json_null());
	json_object_set_new(snapshot, "files", must(json_object()));
	if (here && !is_loaded())
		names_add(&capture->problems, "the module is not loaded");
	ret = capture_files(capture);
	json_object_set_new(snapshot, "firmware",
			    here ? capture_firmware(&capture->problems) : json_null());
	json_object_set_new(snapshot, "pci", here ? capture_pci() : json_null());
	return ret;
}
