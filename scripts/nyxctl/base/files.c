// SPDX-License-Identifier: GPL-2.0-only
/* Reading and writing the module's files, and reporting why that failed. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "nyxctl.h"
#include "snapfile.h"
#include "text.h"

/**
 * fail() - report an error
 * @code: the exit code
 * @format: what failed and what to do, without a newline
 *
 * Return: @code.
 */
int fail(int code, const char *format, ...)
{
	va_list args;

	fflush(stdout);
	fputs("nyxctl: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	return code;
}

/**
 * must() - end the program if there is no memory
 * @pointer: what an allocation returned
 *
 * Return: @pointer, which is not NULL.
 */
void *must(void *pointer)
{
	if (!pointer)
		exit(fail(NYX_FAILED, "no memory"));
	return pointer;
}

/**
 * format_text() - format a text
 * @format: the text
 * @args: its arguments
 *
 * Return: the text, which the caller frees.
 */
char *format_text(const char *format, va_list args)
{
	char *text;

	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	return must(text);
}

/**
 * text_of() - format a text
 * @format: the text and its arguments, as for printf()
 *
 * Return: the text, which the caller frees.
 */
char *text_of(const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	text = format_text(format, args);
	va_end(args);
	return text;
}

/**
 * path_of() - join a folder and a name
 * @folder: the folder
 * @name: a path below it
 *
 * Return: the path, which the caller frees.
 */
char *path_of(const char *folder, const char *name)
{
	return text_of("%s/%s", folder, name);
}

/* Files in sysfs and debugfs have no size. Sets @length to the number of bytes before the zero. */
static char *read_all(int fd, size_t most, size_t *length)
{
	size_t size = 65536, used = 0;
	char *text = must(malloc(size + 1));
	ssize_t n;

	while (used < most && (n = read(fd, text + used, size - used)) != 0) {
		if (n < 0) {
			if (errno == EINTR)
				continue;
			free(text);
			return NULL;
		}
		used += n;
		if (used == size) {
			size *= 2;
			text = must(realloc(text, size + 1));
		}
	}
	text[used] = '\0';
	*length = used;
	return text;
}

/**
 * read_open() - read a file that is open
 * @fd: the file, which is closed
 * @most: reading ends when there are as many bytes, or more
 * @bytes: set to the content, with a zero byte after it, which the caller frees; NULL on
 *	error
 * @length: set to the number of bytes
 *
 * Return: 0, or a negative error number.
 */
int read_open(int fd, size_t most, char **bytes, size_t *length)
{
	int error;

	*bytes = read_all(fd, most, length);
	error = errno;
	close(fd);
	return *bytes ? 0 : -error;
}

/**
 * read_bytes() - read a file that may contain zero bytes, without reporting an error
 * @path: its path
 * @most: reading ends when there are as many bytes, or more
 * @bytes: set to the content, with a zero byte after it, which the caller frees; NULL on
 *	error
 * @length: set to the number of bytes
 *
 * Return: 0, or a negative error number.
 */
int read_bytes(const char *path, size_t most, char **bytes, size_t *length)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	*bytes = NULL;
	return fd < 0 ? -errno : read_open(fd, most, bytes, length);
}

/**
 * read_path() - read a file without reporting an error
 * @path: its path
 * @text: set to the content, which the caller frees; NULL on error
 *
 * Return: 0, or a negative error number.
 */
int read_path(const char *path, char **text)
{
	size_t length;

	return read_bytes(path, SIZE_MAX, text, &length);
}

/**
 * read_line() - read the first line of a file below the folder of sysfs, or of what a
 *	snapshot has of it
 * @format: the path below that folder
 *
 * Return: the line without its newline, which the caller frees; NULL if the file cannot
 *	be read.
 */
char *read_line(const char *format, ...)
{
	char *name, *path, *text;
	va_list args;

	va_start(args, format);
	name = format_text(format, args);
	va_end(args);
	if (snapshot_in_use()) {
		text = snapshot_line(name);
		free(name);
		return text;
	}
	path = path_of(options.sysfs, name);
	free(name);
	if (!read_path(path, &text))
		text[strcspn(text, "\n")] = '\0';
	free(path);
	return text;
}

/**
 * open_proc() - open a file of procfs for reading
 * @name: its path
 *
 * Return: the file, or NULL if there is none.
 */
FILE *open_proc(const char *name)
{
	char *path = path_of(options.procfs, name);
	FILE *file = fopen(path, "re");

	free(path);
	return file;
}

/**
 * is_below() - check where a link of sysfs leads
 * @folder: name of a folder, such as a device
 * @link: path of the link below the folder of sysfs
 *
 * Return: true if what it refers to is below a folder with that name.
 */
bool is_below(const char *folder, const char *link)
{
	char *path = path_of(options.sysfs, link), *real = realpath(path, NULL), *part;
	bool below;

	part = text_of("/%s/", folder);
	below = real && strstr(real, part);
	free(part);
	free(real);
	free(path);
	return below;
}

/**
 * is_locked_down() - check whether the kernel is locked down
 *
 * Return: true if it is, whether for integrity or for confidentiality.
 */
bool is_locked_down(void)
{
	char *line = read_line("kernel/security/lockdown");
	bool locked = line && !strstr(line, "[none]");

	free(line);
	return locked;
}

/**
 * is_loaded() - check whether the module is loaded
 *
 * Return: true if it is.
 */
bool is_loaded(void)
{
	char *path = path_of(options.sysfs, "module/nyx_iommu");
	bool loaded = !access(path, F_OK);

	free(path);
	return loaded;
}

/* A file that is missing is explained by what is missing above it. */
static int report_absent(const char *path)
{
	if (!strcmp(options.sysfs, NO_SYSFS))
		return fail(NYX_ABSENT, "there is no %s", path);
	if (!is_loaded())
		return fail(NYX_ABSENT,
			    "the module is not loaded; run: modprobe nyx_iommu");
	if (access(options.debugfs, F_OK))
		return fail(NYX_ABSENT,
			    "there is no %s: mount debugfs, or boot without debugfs=off",
			    options.debugfs);
	return fail(NYX_ABSENT,
		    "there is no %s: the module was loaded with diagnose=1, or is of another version",
		    path);
}

/**
 * report_unreadable() - report why one of the module's files or folders cannot be opened
 * @path: its path
 * @error: the error number
 *
 * Return: the exit code.
 */
int report_unreadable(const char *path, int error)
{
	switch (error) {
	case EACCES:
		return fail(NYX_PERMISSION, "%s needs root; run the command with sudo",
			    path);
	case EPERM:
		return fail(NYX_PERMISSION,
			    "%s: the kernel is locked down, see /sys/kernel/security/lockdown",
			    path);
	case ENOENT:
	case ENOTDIR:
		return report_absent(path);
	default:
		return fail(NYX_FAILED, "%s: %s", path, strerror(error));
	}
}

/**
 * try_debugfs() - read one of the module's files without reporting an error
 * @name: its path below the module's folder in debugfs, or in the snapshot in use
 * @text: set to the content, without control characters, which the caller frees; NULL on error
 *
 * Return: 0, or a negative error number.
 */
int try_debugfs(const char *name, char **text)
{
	char *path;
	int ret;

	if (snapshot_in_use())
		return snapshot_text(name, text);
	path = path_of(options.debugfs, name);
	ret = read_path(path, text);
	/* A copy of the files may have been changed, as a snapshot may. */
	if (!ret)
		remove_controls(*text, "\n\t");
	free(path);
	return ret;
}

/**
 * report_debugfs() - report why one of the module's files cannot be read
 * @name: its path below the module's folder, or in the snapshot in use
 * @error: what try_debugfs() returned
 *
 * Return: an exit code.
 */
int report_debugfs(const char *name, int error)
{
	char *path;
	int ret;

	if (snapshot_in_use())
		return snapshot_report(name);
	path = path_of(options.debugfs, name);
	ret = report_unreadable(path, -error);
	free(path);
	return ret;
}

/**
 * read_debugfs() - read one of the module's files
 * @name: its path below the module's folder in debugfs, or in the snapshot in use
 * @text: set to the content, which the caller frees; NULL on error
 *
 * Return: NYX_OK, or the exit code of an error, which has been reported.
 */
int read_debugfs(const char *name, char **text)
{
	int ret = try_debugfs(name, text);

	return ret ? report_debugfs(name, ret) : NYX_OK;
}

/*
 * The module takes a command as a whole, so it is written by a single call. What an error
 * means depends on the command, so the caller reports it.
 */
static int write_path(const char *path, const char *text)
{
	size_t length = strlen(text);
	int error = 0, fd;
	ssize_t n;

	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return report_unreadable(path, errno);
	do
		n = write(fd, text, length);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		error = -errno;
	else if ((size_t)n != length)
		error = -EIO;
	close(fd);
	return error;
}

/**
 * write_debugfs() - write a command to one of the module's files in debugfs
 * @name: its path below the module's folder
 * @text: the command
 *
 * Return: NYX_OK; an exit code if the file cannot be opened, which has been reported; or
 *	a negative error number if the module refused the command, which has not.
 */
int write_debugfs(const char *name, const char *text)
{
	char *path;
	int ret;

	if (snapshot_in_use())
		return fail(NYX_USAGE, "a snapshot only shows, and cannot be changed");
	path = path_of(options.debugfs, name);
	ret = write_path(path, text);
	free(path);
	return ret;
}
