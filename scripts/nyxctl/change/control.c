// SPDX-License-Identifier: GPL-2.0-only
/* The commands that change something: disable, reset, policy and forensics. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/output.h"
#include "base/pcidev.h"
#include "commands.h"
#include "nyxctl.h"
#include "show/show.h"

/* What an error of the module means, and what to do. See Documentation/debugfs.md. */
static int report_refusal(const char *command, const char *device, int error)
{
	switch (error) {
	case ENODEV:
		return fail(NYX_FAILED,
			    "%s: no unit serves %s, or a detach has begun; see nyxctl devices",
			    command, device);
	case EIO:
		return fail(NYX_FAILED,
			    "%s: the unit of %s is out of service, so it stays blocked; see dmesg",
			    command, device);
	case EINVAL:
		return fail(NYX_USAGE,
			    "%s: the module does not accept these words; see nyxctl %s --help",
			    command, command);
	case ENOSYS:
		return fail(NYX_FAILED, "%s: this kernel has no tracepoints", command);
	default:
		return fail(NYX_FAILED, "%s: %s: %s", command, device, strerror(error));
	}
}

/* Writes the words, separated by blanks, as one command. */
static int write_words(const char *command, const char *file, int n,
		       const char * const *words)
{
	size_t length = 1;
	char *text;
	int i, ret;

	for (i = 0; i < n; i++)
		length += strlen(words[i]) + 1;
	text = must(calloc(1, length));
	for (i = 0; i < n; i++) {
		if (i)
			strcat(text, " ");
		strcat(text, words[i]);
	}
	ret = write_debugfs(file, text);
	free(text);
	return ret < 0 ? report_refusal(command, words[0], -ret) : ret;
}

/* One device that is refused does not keep the others from being handled. */
static int write_each(int argc, char **argv)
{
	int i, ret, worst = NYX_OK;
	char *device;

	for (i = 1; i < argc; i++) {
		device = pcidev_name(argv[i]);
		ret = write_words(argv[0], argv[0], 1, (const char **)&device);
		free(device);
		if (ret > worst)
			worst = ret;
	}
	return worst;
}

/**
 * cmd_disable() - cut devices off until they are reset
 * @argc: number of arguments, with the command
 * @argv: the command, and the devices
 *
 * Return: an exit code.
 */
int cmd_disable(int argc, char **argv)
{
	return write_each(argc, argv);
}

/**
 * cmd_reset() - make devices work again that are cut off or isolated
 * @argc: number of arguments, with the command
 * @argv: the command, and the devices
 *
 * Return: an exit code.
 */
int cmd_reset(int argc, char **argv)
{
	return write_each(argc, argv);
}

/**
 * cmd_policy() - show or set when devices are cut off because of their faults
 * @argc: number of arguments, with the command
 * @argv: the command; "get" and perhaps a device, or "set", a device and words
 *
 * Return: an exit code.
 */
int cmd_policy(int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "get";
	char *device = argc > 2 ? pcidev_name(argv[2]) : NULL;
	int ret;

	if (device)
		argv[2] = device;
	if (!strcmp(verb, "get") && argc <= 3)
		ret = show_table("policy", device);
	else if (!strcmp(verb, "set") && argc > 3)
		ret = write_words("policy", "policy", argc - 2, (const char **)argv + 2);
	else
		ret = fail(NYX_USAGE,
			   "policy: use get [DEVICE], or set DEVICE and words, such as action=log");
	free(device);
	return ret;
}

/**
 * cmd_forensics() - show or change for which devices operations are recorded
 * @argc: number of arguments, with the command
 * @argv: the command; a mode and devices, or nothing
 *
 * Return: an exit code.
 */
int cmd_forensics(int argc, char **argv)
{
	int i, n = argc > 2 ? argc - 2 : 1, ret, worst = NYX_OK;
	const char *words[2];
	char *device;

	if (argc < 2)
		return show_table("forensics", NULL);
	for (i = 0; i < n; i++) {
		device = pcidev_name(argc > 2 ? argv[2 + i] : "all");
		words[0] = device;
		words[1] = argv[1];
		ret = write_words("forensics", "forensics", 2, words);
		free(device);
		if (ret > worst)
			worst = ret;
	}
	return worst;
}
