// SPDX-License-Identifier: GPL-2.0-only
/* The command release: returns devices, with their groups, to their drivers. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/pcidev.h"
#include "commands.h"
#include "holders.h"
#include "nyxctl.h"
#include "record.h"
#include "take.h"

/* Unbinding would wait until the process ends. */
static int check_free(const char *device)
{
	char *group = pcidev_group(device), *holder = group ? holder_of(group) : NULL;
	int ret = NYX_OK;

	if (holder)
		ret = fail(NYX_FAILED, "process %s has %s: stop it first", holder, device);
	free(holder);
	free(group);
	return ret;
}

/* Adds the device, and those of its group that are assigned or whose drivers did not return. */
static int add_group(struct names *devices, const char *device)
{
	struct names group;
	size_t i;

	if (!pcidev_exists(device) || (!pcidev_is_assigned(device) && !record_exists(device)))
		return fail(NYX_FAILED, "%s is not assigned; see nyxctl list", device);
	if (check_free(device))
		return NYX_FAILED;
	if (!names_have(devices, device))
		names_add(devices, device);
	group = pcidev_group_members(device);
	for (i = 0; i < group.count; i++)
		if ((pcidev_is_assigned(group.name[i]) || is_stranded(group.name[i])) &&
		    !names_have(devices, group.name[i]))
			names_add(devices, group.name[i]);
	names_free(&group);
	return NYX_OK;
}

/* If one cannot be returned, all that were assigned are assigned again. */
static int release_all(const struct names *devices)
{
	struct names unbound = { 0 };
	int ret = NYX_OK;
	size_t i;

	for (i = 0; !ret && i < devices->count; i++) {
		if (pcidev_is_assigned(devices->name[i]))
			names_add(&unbound, devices->name[i]);
		ret = give_back(devices->name[i]);
	}
	if (ret && unbound.count)
		take_all(&unbound, false);
	names_free(&unbound);
	return ret;
}

/**
 * cmd_release() - return devices, and the others of their groups, to their drivers
 * @argc: number of arguments, with the command
 * @argv: the command, and the devices
 *
 * Return: an exit code.
 */
int cmd_release(int argc, char **argv)
{
	struct names devices = { 0 };
	int i, ret = NYX_OK;
	sigset_t before;
	char *device;

	if (geteuid())
		return fail(NYX_PERMISSION, "release needs root; run the command with sudo");
	for (i = 1; !ret && i < argc; i++) {
		device = pcidev_name(argv[i]);
		ret = add_group(&devices, device);
		free(device);
	}
	block_signals(&before);
	if (!ret)
		ret = release_all(&devices);
	sigprocmask(SIG_SETMASK, &before, NULL);
	names_free(&devices);
	return ret;
}
