// SPDX-License-Identifier: GPL-2.0-only
/* Reading what other programs print. */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "nyxctl.h"
#include "program.h"

/* Starts a program, and returns a file with what it prints; NULL if it cannot be started. */
static FILE *start(const char * const *argv, pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	int pipes[2], error;

	if (pipe2(pipes, O_CLOEXEC))
		return NULL;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, pipes[1], STDOUT_FILENO);
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	error = posix_spawnp(pid, argv[0], &actions, NULL, (char * const *)argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	close(pipes[1]);
	if (!error)
		return must(fdopen(pipes[0], "r"));
	close(pipes[0]);
	return NULL;
}

/**
 * program_prints() - look for a text in what a program prints
 * @argv: the program and its arguments, ended by NULL
 * @text: the text
 *
 * Return: 1 if a line has it; 0 if none has; -1 if the program cannot be run, or fails.
 */
int program_prints(const char * const *argv, const char *text)
{
	FILE *file;
	int status = 0, prints = 0;
	char *line = NULL;
	size_t size = 0;
	pid_t pid;

	file = start(argv, &pid);
	if (!file)
		return -1;
	while (getline(&line, &size, file) > 0)
		if (strstr(line, text))
			prints = 1;
	free(line);
	fclose(file);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return prints || !status ? prints : -1;
}
