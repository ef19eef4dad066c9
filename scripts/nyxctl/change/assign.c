// SPDX-License-Identifier: GPL-2.0-only
/* The command assign: gives devices to a virtual machine, with their groups. */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/acs.h"
#include "base/names.h"
#include "base/pcidev.h"
#include "base/text.h"
#include "commands.h"
#include "inuse.h"
#include "machine.h"
#include "nyxctl.h"
#include "take.h"
#include "vfio.h"

/**
 * struct plan - what the user wants
 * @named: the devices that were named
 * @members: all devices that get the driver: those, and the others of their groups
 * @force: also devices that the machine uses
 * @yes: ask nothing
 * @format: print lines for this kind of virtual machine; NULL for none
 */
struct plan {
	struct names named, members;
	bool force, yes;
	const char *format;
};

/* VFIO accepts a group whose bridges have the drivers of ports. */
static void add_group(struct plan *plan, const char *device)
{
	struct names group = pcidev_group_members(device);
	size_t i;

	for (i = 0; i < group.count; i++)
		if (!pcidev_is_bridge(group.name[i]) &&
		    !names_have(&plan->members, group.name[i]))
			names_add(&plan->members, group.name[i]);
	names_free(&group);
}

/* Prints what would lose its driver. Returns the number of uses by the machine. */
static size_t show_member(const struct plan *plan, const char *device)
{
	char *name = device_name(device), *driver = pcidev_driver(device);
	char *group = pcidev_group(device);
	struct names uses = uses_of(device);
	size_t i, count = uses.count;

	fprintf(stderr, "%s  group %s  %s  %s%s\n", device, group ? group : "-", name,
		driver ? driver : "no driver",
		names_have(&plan->named, device) ? "" : "  (in the same group)");
	/* Devices, interfaces and files may have names that somebody else chose. */
	for (i = 0; i < uses.count; i++) {
		remove_controls(uses.name[i], "");
		fprintf(stderr, "  in use: %s\n", uses.name[i]);
	}
	names_free(&uses);
	free(group);
	free(driver);
	free(name);
	return count;
}

/* Shows why the group of a device has several members. */
static void show_gap(const struct plan *plan, const char *device)
{
	struct names group = pcidev_group_members(device);
	char *gap = plan->members.count > plan->named.count && group.count > 1 ?
		    acs_gap(device) : NULL;

	if (gap)
		fprintf(stderr,
			"%s shares its group because %s: assign the whole group, or use a slot below another port\n",
			device, gap);
	free(gap);
	names_free(&group);
}

static int refuse(void)
{
	return fail(NYX_FAILED,
		    "the machine uses a device; nothing was changed; --force assigns it all the same");
}

/* Without a unit VFIO would refuse every device, after its driver was unbound. */
static int check_units(void)
{
	struct names units = names_in("class/iommu");
	size_t count = units.count;

	names_free(&units);
	return count ? NYX_OK :
	       fail(NYX_ABSENT, "no IOMMU translates; run: modprobe nyx_iommu");
}

static int check_uses(const struct plan *plan)
{
	size_t i, uses = 0;

	for (i = 0; i < plan->members.count; i++)
		uses += show_member(plan, plan->members.name[i]);
	for (i = 0; i < plan->named.count; i++)
		show_gap(plan, plan->named.name[i]);
	if (uses && !plan->force)
		return refuse();
	return NYX_OK;
}

static size_t count_uses(const struct plan *plan)
{
	struct names uses;
	size_t i, count = 0;

	for (i = 0; i < plan->members.count; i++) {
		uses = uses_of(plan->members.name[i]);
		count += uses.count;
		names_free(&uses);
	}
	return count;
}

static int confirm(const struct plan *plan)
{
	char answer[8];

	if (plan->yes)
		return NYX_OK;
	if (!isatty(STDIN_FILENO))
		return fail(NYX_USAGE, "nobody can answer: use --yes");
	fprintf(stderr, "These devices lose their drivers. Continue? [y/N] ");
	if (!fgets(answer, sizeof(answer), stdin) || (*answer != 'y' && *answer != 'Y'))
		return fail(NYX_FAILED, "nothing was changed");
	/* A disk may have been mounted since the uses were shown. */
	return !plan->force && count_uses(plan) ? refuse() : NYX_OK;
}

/*
 * The group of a device that was bound when the module was loaded is known only now. Its
 * members must have been named, too.
 */
static int check_group(const struct plan *plan, const char *device)
{
	struct names group = pcidev_group_members(device);
	char *driver, *number = pcidev_group(device);
	int ret = NYX_OK;
	size_t i;

	if (!number)
		ret = fail(NYX_FAILED,
			   "%s is in no group: the module does not manage it; see dmesg", device);
	for (i = 0; !ret && i < group.count; i++) {
		driver = pcidev_driver(group.name[i]);
		if (driver && !pcidev_is_bridge(group.name[i]) &&
		    !names_have(&plan->members, group.name[i]))
			ret = fail(NYX_FAILED,
				   "%s is in the group of %s and has the driver %s: name it as well",
				   group.name[i], device, driver);
		free(driver);
	}
	free(number);
	names_free(&group);
	return ret;
}

static int check_vfio(const struct plan *plan)
{
	char *group;
	int ret = NYX_OK;
	size_t i;

	for (i = 0; !ret && i < plan->named.count; i++) {
		ret = check_group(plan, plan->named.name[i]);
		if (ret)
			break;
		group = pcidev_group(plan->named.name[i]);
		ret = vfio_accepts(group, plan->named.name[i]);
		free(group);
	}
	return ret;
}

/* Undoes everything if a step fails. */
static int carry_out(const struct plan *plan)
{
	struct names new = { 0 };
	sigset_t before;
	int ret;
	size_t i;

	for (i = 0; i < plan->members.count; i++)
		if (!pcidev_is_assigned(plan->members.name[i]))
			names_add(&new, plan->members.name[i]);
	block_signals(&before);
	ret = take_all(&new, true);
	if (!ret) {
		ret = check_vfio(plan);
		for (i = new.count; ret && i-- > 0;)
			give_back(new.name[i]);
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	names_free(&new);
	return ret;
}

static int parse_options(int argc, char **argv, struct plan *plan)
{
	static const struct option longopts[] = {
		{ "force", no_argument, NULL, 'f' },
		{ "yes", no_argument, NULL, 'y' },
		{ "print", required_argument, NULL, 'p' },
		{ 0 },
	};
	int c;

	optind = 0;
	opterr = 0;
	while ((c = getopt_long(argc, argv, "", longopts, NULL)) != -1) {
		switch (c) {
		case 'f':
			plan->force = true;
			break;
		case 'y':
			plan->yes = true;
			break;
		case 'p':
			plan->format = optarg;
			break;
		default:
			return fail(NYX_USAGE, "assign: wrong option; see nyxctl assign --help");
		}
	}
	if (plan->format && !machine_has(plan->format))
		return fail(NYX_USAGE,
			    "--print %s: use qemu, libvirt or cloud-hypervisor", plan->format);
	return NYX_OK;
}

static int parse(int argc, char **argv, struct plan *plan)
{
	int ret = parse_options(argc, argv, plan);
	char *device;

	if (!ret && optind == argc)
		ret = fail(NYX_USAGE, "assign: name a device");
	for (; !ret && optind < argc; optind++) {
		device = pcidev_name(argv[optind]);
		if (!pcidev_exists(device))
			ret = fail(NYX_FAILED, "there is no PCI device %s", device);
		else if (pcidev_is_bridge(device))
			ret = fail(NYX_FAILED, "%s is a bridge: name the devices below it",
				   device);
		else if (!names_have(&plan->named, device))
			names_add(&plan->named, device);
		if (!ret)
			add_group(plan, device);
		free(device);
	}
	return ret;
}

/**
 * cmd_assign() - give devices to a virtual machine
 * @argc: number of arguments, with the command
 * @argv: the command, options, and devices
 *
 * Return: an exit code.
 */
int cmd_assign(int argc, char **argv)
{
	struct plan plan = { 0 };
	int ret = parse(argc, argv, &plan);
	size_t i;

	if (!ret && geteuid())
		ret = fail(NYX_PERMISSION, "assign needs root; run the command with sudo");
	if (!ret)
		ret = check_units();
	if (!ret)
		ret = check_uses(&plan);
	if (!ret)
		ret = confirm(&plan);
	if (!ret)
		ret = carry_out(&plan);
	for (i = 0; !ret && plan.format && i < plan.named.count; i++)
		machine_print(plan.format, plan.named.name[i]);
	names_free(&plan.named);
	names_free(&plan.members);
	return ret;
}
