// SPDX-License-Identifier: GPL-2.0-only
/*
 * Taking devices from their drivers for virtual machines, and giving them back.
 *
 * The IOMMU core forms no group while one of its devices still has the driver that it had
 * when the module was loaded. So all devices are unbound before one is bound.
 */
#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/pcidev.h"
#include "nyxctl.h"
#include "record.h"
#include "take.h"

/* What may end the program. Others, such as SIGCHLD, say nothing about a step. */
static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE };
/* The signals that were blocked before, for programs that are run. */
static sigset_t blocked_before;

/* Runs modprobe. A driver may be built in, so its result says nothing. */
static void load_module(const char *name)
{
	const char * const argv[] = { "modprobe", "-q", name, NULL };
	posix_spawnattr_t attributes;
	int status;
	pid_t pid;

	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigmask(&attributes, &blocked_before);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
	if (!posix_spawnp(&pid, argv[0], NULL, &attributes, (char * const *)argv, environ))
		waitpid(pid, &status, 0);
	posix_spawnattr_destroy(&attributes);
}

/* Before anything is changed. */
static int load_driver(void)
{
	struct names files;
	size_t count;

	load_module(VFIO_DRIVER);
	load_module("vfio_iommu_type1");
	files = names_in("bus/pci/drivers/" VFIO_DRIVER);
	count = files.count;
	names_free(&files);
	if (!count)
		return fail(NYX_FAILED, "this kernel has no driver " VFIO_DRIVER);
	return NYX_OK;
}

/**
 * is_stranded() - check for a device whose driver has not bound it again
 * @device: the kernel's name
 *
 * Return: true if the device has no driver, and nyxctl recorded what it had.
 */
bool is_stranded(const char *device)
{
	char *driver = pcidev_driver(device);
	bool stranded = !driver && record_exists(device);

	free(driver);
	return stranded;
}

static int write_record(const char *device)
{
	struct record record;
	int ret;

	/* That names the driver to return to. */
	if (is_stranded(device))
		return NYX_OK;
	record = (struct record){
		.driver = pcidev_driver(device),
		.override = pcidev_override_of(device),
	};
	if (!record.driver)
		record.driver = must(strdup(""));
	ret = record_write(device, &record);
	record_free(&record);
	if (ret)
		return fail(NYX_FAILED,
			    "the driver of %s cannot be recorded in /run/nyxctl: %s",
			    device, strerror(-ret));
	return NYX_OK;
}

/* The override comes first, so that no other driver can bind the device. */
static int unbind_driver(const char *device)
{
	int ret = pcidev_override(device, VFIO_DRIVER);

	if (!ret)
		ret = pcidev_unbind(device);
	if (ret)
		return fail(NYX_FAILED, "the driver of %s cannot be unbound: %s", device,
			    strerror(-ret));
	return NYX_OK;
}

static int bind_driver(const char *device)
{
	int ret = pcidev_probe(device);

	if (ret)
		return fail(NYX_FAILED, "%s cannot be bound to " VFIO_DRIVER ": %s", device,
			    strerror(-ret));
	if (!pcidev_is_assigned(device))
		return fail(NYX_FAILED, VFIO_DRIVER " did not bind %s: another device of its "
			    "group may still have a driver; see dmesg", device);
	return NYX_OK;
}

/* As nohup does with SIGHUP. A blocked signal stays pending all the same. */
static bool is_ignored(int number)
{
	struct sigaction action;

	return !sigaction(number, NULL, &action) && action.sa_handler == SIG_IGN;
}

/* A signal that is pending is a step that failed. */
static int check_signals(void)
{
	sigset_t pending;
	size_t i;

	sigpending(&pending);
	for (i = 0; i < COUNT_OF(signals); i++)
		if (sigismember(&pending, signals[i]) == 1 && !is_ignored(signals[i]))
			return fail(NYX_FAILED, "interrupted");
	return NYX_OK;
}

/**
 * block_signals() - keep signals from ending the program while drivers change
 * @before: set to the signals that were blocked before, for sigprocmask()
 *
 * A signal between two steps, or while they are undone, would leave a device without a
 * driver.
 */
void block_signals(sigset_t *before)
{
	sigset_t set;
	size_t i;

	sigemptyset(&set);
	for (i = 0; i < COUNT_OF(signals); i++)
		sigaddset(&set, signals[i]);
	sigprocmask(SIG_BLOCK, &set, before);
	blocked_before = *before;
}

static int take_each(const struct names *devices, bool interruptible, struct names *taken)
{
	int ret = NYX_OK;
	size_t i;

	for (i = 0; !ret && i < devices->count; i++) {
		if (pcidev_is_assigned(devices->name[i]))
			continue;
		ret = interruptible ? check_signals() : NYX_OK;
		if (!ret)
			ret = write_record(devices->name[i]);
		if (ret)
			break;
		names_add(taken, devices->name[i]);
		ret = unbind_driver(devices->name[i]);
	}
	for (i = 0; !ret && i < taken->count; i++) {
		ret = interruptible ? check_signals() : NYX_OK;
		if (!ret)
			ret = bind_driver(taken->name[i]);
	}
	return ret;
}

/**
 * take_all() - bind devices to the driver for virtual machines
 * @devices: the kernel's names. Those that have that driver are left alone
 * @interruptible: a pending signal is a step that failed; false while the caller undoes
 *	what it did
 *
 * Context: block_signals() was called.
 * Return: NYX_OK, or NYX_FAILED after the error was reported and everything was undone.
 */
int take_all(const struct names *devices, bool interruptible)
{
	struct names taken = { 0 };
	int ret;
	size_t i;

	ret = load_driver();
	if (ret)
		return ret;
	ret = take_each(devices, interruptible, &taken);
	for (i = taken.count; ret && i-- > 0;)
		give_back(taken.name[i]);
	names_free(&taken);
	return ret;
}

/* Binds the driver that the device had, whichever others match. */
static int return_driver(const char *device, const char *name)
{
	char *driver;
	int ret;

	load_module(name);
	ret = pcidev_override(device, name);
	if (!ret)
		ret = pcidev_probe(device);
	driver = pcidev_driver(device);
	if (!ret && (!driver || strcmp(driver, name)))
		ret = -ENODEV;
	free(driver);
	if (ret)
		return fail(NYX_FAILED, "the driver %s did not bind %s again: %s; see dmesg",
			    name, device, strerror(-ret));
	return NYX_OK;
}

/**
 * give_back() - return a device to the driver that it had
 * @device: the kernel's name
 *
 * A device that somebody else has given to another driver stays there. Without a record
 * any driver may bind the device.
 *
 * Context: block_signals() was called.
 * Return: NYX_OK, or NYX_FAILED after the error was reported. The record is kept then, so
 *	that it can be tried again.
 */
int give_back(const char *device)
{
	struct record record;
	bool recorded = record_read(device, &record);
	int error = 0, ret = NYX_OK;

	if (pcidev_is_assigned(device))
		error = pcidev_unbind(device);
	if (error)
		ret = fail(NYX_FAILED, "%s cannot be released: %s", device, strerror(-error));
	else if (recorded && *record.driver)
		ret = return_driver(device, record.driver);
	error = pcidev_override(device, recorded ? record.override : "");
	if (error && !ret)
		ret = fail(NYX_FAILED, "the override of %s cannot be restored: %s", device,
			   strerror(-error));
	if (!ret && !recorded)
		pcidev_probe(device);
	if (!ret)
		record_remove(device);
	record_free(&record);
	return ret;
}
