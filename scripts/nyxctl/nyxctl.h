/* SPDX-License-Identifier: GPL-2.0-only */
/* Shared by all files of nyxctl: options, exit codes, and reading the module's files. */
#ifndef NYXCTL_H
#define NYXCTL_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define COUNT_OF(array) (sizeof(array) / sizeof(*(array)))

/* Exit codes. nyxctl(8) documents them. */
enum {
	NYX_OK,
	NYX_ATTENTION,		/* done; something needs attention */
	NYX_USAGE,		/* wrong arguments */
	NYX_ABSENT,		/* the module, or one of its files, is not there */
	NYX_PERMISSION,		/* needs root, or the kernel is locked down */
	NYX_FAILED,		/* the module refused it, or a step failed */
};

/* A folder that does not exist, for a report, which has no copy of sysfs. */
#define NO_SYSFS "/nonexistent"

/**
 * struct options - what the user chose before the command
 * @json: print JSON
 * @header: print the names of the columns
 * @wide: print all columns
 * @color: use colour
 * @debugfs: folder with the module's files in debugfs
 * @sysfs: folder where sysfs is mounted
 * @procfs: folder where procfs is mounted
 */
struct options {
	bool json;
	bool header;
	bool wide;
	bool color;
	const char *debugfs;
	const char *sysfs;
	const char *procfs;
};

extern struct options options;

int fail(int code, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
char *path_of(const char *folder, const char *name);
int read_open(int fd, size_t most, char **bytes, size_t *length);
int read_bytes(const char *path, size_t most, char **bytes, size_t *length);
int read_path(const char *path, char **text);
bool is_loaded(void);
int report_unreadable(const char *path, int error);
int try_debugfs(const char *name, char **text);
int report_debugfs(const char *name, int error);
int read_debugfs(const char *name, char **text);
int write_debugfs(const char *name, const char *text);
FILE *open_proc(const char *name);
bool is_locked_down(void);
bool is_below(const char *folder, const char *link);
char *read_line(const char *format, ...) __attribute__((format(printf, 1, 2)));
void *must(void *pointer);
char *format_text(const char *format, va_list args);
char *text_of(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
