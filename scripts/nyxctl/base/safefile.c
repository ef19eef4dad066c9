// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replacing a file as a whole: a temporary file in the same folder gets the content, and
 * then its name. If that fails, or a signal ends the program, the temporary file is removed
 * and the old file is as it was.
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "nyxctl.h"
#include "safefile.h"

#define TRIES 16		/* to open a file that others replace, too */

static const int endings[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGALRM, SIGXCPU };

/* The path of the temporary file while there is one; else empty. */
static char temporary[PATH_MAX];

/* Everything that it calls may be called by a signal handler. */
static void remove_and_end(int number)
{
	if (*temporary)
		unlink(temporary);
	signal(number, SIG_DFL);
	raise(number);
}

/* Signals that the caller ignores, as nohup does, stay ignored. */
static void handle_signals(void)
{
	struct sigaction action = { .sa_handler = remove_and_end }, old;
	size_t i;

	for (i = 0; i < COUNT_OF(endings); i++)
		if (!sigaction(endings[i], NULL, &old) && old.sa_handler != SIG_IGN)
			sigaction(endings[i], &action, NULL);
	/* A file that exceeds the limit is then an error of the write. */
	signal(SIGXFSZ, SIG_IGN);
}

static void block_endings(int how)
{
	sigset_t set;
	size_t i;

	sigemptyset(&set);
	for (i = 0; i < COUNT_OF(endings); i++)
		sigaddset(&set, endings[i]);
	sigprocmask(how, &set, NULL);
}

/* A signal must not come between the file and the note of its name. */
static int create_temporary(const char *path)
{
	int fd = -1, n;

	block_endings(SIG_BLOCK);
	n = snprintf(temporary, sizeof(temporary), "%s.XXXXXX", path);
	if (n >= 0 && (size_t)n < sizeof(temporary))
		fd = mkostemp(temporary, O_CLOEXEC);
	else
		errno = ENAMETOOLONG;
	if (fd < 0)
		*temporary = '\0';
	block_endings(SIG_UNBLOCK);
	return fd;
}

static int write_all(int fd, const char *text)
{
	size_t left = strlen(text);
	ssize_t n;

	while (left) {
		n = write(fd, text, left);
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0) {
			text += n;
			left -= n;
		}
	}
	return fsync(fd) ? -errno : 0;
}

/* The new name is lost in a crash until the folder is written. */
static int sync_folder(const char *path)
{
	char *copy = must(strdup(path));
	int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC), ret = 0;

	free(copy);
	if (fd < 0 || fsync(fd))
		ret = -errno;
	if (fd >= 0)
		close(fd);
	/* Some file systems cannot do this. */
	return ret == -EINVAL ? 0 : ret;
}

static int write_temporary(const char *path, const char *text, mode_t mode)
{
	int fd = create_temporary(path), ret;

	if (fd < 0)
		return -errno;
	ret = fchmod(fd, mode) ? -errno : write_all(fd, text);
	if (close(fd) && !ret)
		ret = -errno;
	block_endings(SIG_BLOCK);
	if (!ret && rename(temporary, path))
		ret = -errno;
	if (ret)
		unlink(temporary);
	*temporary = '\0';
	block_endings(SIG_UNBLOCK);
	return ret ? ret : sync_folder(path);
}

/*
 * Writes the path of an open file, by which it is replaced, into a buffer of PATH_MAX bytes.
 * Returns -ESTALE if somebody removed or replaced the file after it was opened.
 */
static int path_of_open(int fd, char *real)
{
	struct stat status;
	char link[32];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, real, PATH_MAX);
	if (n < 0 || fstat(fd, &status))
		return -errno;
	if (n == PATH_MAX)
		return -ENAMETOOLONG;
	real[n] = '\0';
	if (!S_ISREG(status.st_mode))
		return -EINVAL;
	return status.st_nlink ? 0 : -ESTALE;
}

/*
 * Finds the file that a path refers to. Opening it obeys fs.protected_symlinks, which
 * realpath() does not, and the path of the open file is not that of another one, even if
 * somebody replaces the link at the same time.
 */
static int resolve(const char *path, char *real)
{
	int fd, ret, tries = TRIES;

	do {
		fd = open(path, O_PATH | O_CLOEXEC);
		if (fd < 0)
			return -errno;
		ret = path_of_open(fd, real);
		close(fd);
	} while (ret == -ESTALE && --tries);
	return ret;
}

/**
 * replace_file() - write a file as a whole
 * @path: its path. If it is a link, the file that it refers to is replaced
 * @text: the content
 * @mode: permissions of the new file
 *
 * Return: NYX_OK, or the exit code of an error, which has been reported. The file is then
 *	as it was.
 */
int replace_file(const char *path, const char *text, mode_t mode)
{
	char real[PATH_MAX];
	int ret = resolve(path, real);

	if (ret == -EINVAL)
		return fail(NYX_FAILED, "%s exists, and is not a file; choose another name", path);
	if (!ret || ret == -ENOENT) {
		handle_signals();
		ret = write_temporary(ret ? path : real, text, mode);
	}
	if (ret)
		return fail(ret == -EACCES || ret == -EPERM ? NYX_PERMISSION : NYX_FAILED,
			    "cannot write %s: %s", path, strerror(-ret));
	return NYX_OK;
}
