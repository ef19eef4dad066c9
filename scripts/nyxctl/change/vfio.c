// SPDX-License-Identifier: GPL-2.0-only
/* Whether VFIO accepts a group, as a virtual machine would find out. */
#include <errno.h>
#include <fcntl.h>
#include <linux/vfio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/acs.h"
#include "base/list.h"
#include "base/pcidev.h"
#include "base/table.h"
#include "holders.h"
#include "iommufd.h"
#include "nyxctl.h"
#include "vfio.h"

/* The state of a device's unit, which may explain a refusal. */
static bool unit_has(const char *device, const char *column, const char *value)
{
	struct table units = { 0 }, devices = { 0 };
	bool has = false;
	long row = -1;

	if (!table_read(&units, "units") && !table_read(&devices, "devices")) {
		row = table_find(&devices, "device", device);
		if (row >= 0)
			row = table_find(&units, "unit",
					 table_cell(&devices, row, "unit"));
		has = row >= 0 && table_is(&units, row, column, value);
	}
	table_free(&units);
	table_free(&devices);
	return has;
}

static int report_refusal(const char *group, const char *device, int error)
{
	if (group_is_reserved(group))
		return fail(NYX_FAILED,
			    "VFIO refuses %s: firmware reserved memory for a device of its group, "
			    "see /sys/kernel/iommu_groups/%s/reserved_regions; the parameter "
			    "relax_reserved permits it all the same", device, group);
	if (unit_has(device, "intr", "off"))
		return fail(NYX_FAILED,
			    "VFIO refuses %s: its unit does not remap interrupts; see nyxctl status",
			    device);
	if (unit_has(device, "compat", "allowed"))
		return fail(NYX_FAILED,
			    "VFIO refuses %s: interrupts that bypass its unit are allowed, see nyxctl "
			    "interrupts; unbind their drivers, or load the module with "
			    "compat_interrupts=block", device);
	return fail(NYX_FAILED, "VFIO refuses %s: %s; see dmesg", device, strerror(error));
}

static int report_not_viable(const char *device)
{
	char *gap = acs_gap(device);

	fail(NYX_FAILED,
	     "VFIO refuses %s: a bridge of its group has a driver that does DMA; %s%suse another slot",
	     device, gap ? gap : "", gap ? ": " : "");
	free(gap);
	return NYX_FAILED;
}

static int try_group(int container, int fd, const char *group, const char *device)
{
	struct vfio_group_status status = { .argsz = sizeof(status) };

	if (ioctl(fd, VFIO_GROUP_GET_STATUS, &status))
		return fail(NYX_FAILED, "VFIO: %s: %s", device, strerror(errno));
	if (!(status.flags & VFIO_GROUP_FLAGS_VIABLE))
		return report_not_viable(device);
	if (ioctl(fd, VFIO_GROUP_SET_CONTAINER, &container) ||
	    ioctl(container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU))
		return report_refusal(group, device, errno);
	return NYX_OK;
}

/* Whether report_refusal() knows the cause from the state of the group. */
static bool is_explained(const char *group, const char *device)
{
	return group_is_reserved(group) || unit_has(device, "intr", "off") ||
	       unit_has(device, "compat", "allowed");
}

static int report_open(const char *group, const char *path, int error)
{
	char *holder = error == EBUSY ? holder_of(group) : NULL;
	int ret;

	if (holder)
		ret = fail(NYX_FAILED, "process %s has group %s", holder, group);
	else
		ret = fail(NYX_FAILED, "%s: %s", path, strerror(error));
	free(holder);
	return ret;
}

/*
 * Without containers. The group is claimed with its first device: with EBUSY somebody has its
 * file open. EPERM means that a driver of the group does DMA, or that interrupts are not
 * isolated.
 */
static int try_iommufd(const char *group, const char *device)
{
	int error = -iommufd_accepts(device);
	char *holder;
	int ret;

	if (!error)
		return NYX_OK;
	holder = holder_of(group);
	if (holder)
		ret = fail(NYX_FAILED, "process %s has group %s", holder, group);
	else if (error == ENOENT || error == ENODEV)
		ret = fail(NYX_FAILED,
			   "VFIO offers neither /dev/vfio/vfio nor a file in /dev/vfio/devices "
			   "for %s: use a kernel with CONFIG_VFIO_CONTAINER or "
			   "CONFIG_VFIO_DEVICE_CDEV",
			   device);
	else if (error == EBUSY)
		ret = fail(NYX_FAILED, "another process has group %s", group);
	else if (error == EPERM && !is_explained(group, device))
		ret = report_not_viable(device);
	else
		ret = report_refusal(group, device, error);
	free(holder);
	return ret;
}

static int try_container(int container, const char *group, const char *device)
{
	char *path = path_of("/dev/vfio", group);
	int fd = open(path, O_RDWR | O_CLOEXEC);
	int ret = fd < 0 ? report_open(group, path, errno) :
			   try_group(container, fd, group, device);

	if (fd >= 0)
		close(fd);
	free(path);
	return ret;
}

/**
 * vfio_accepts() - check whether VFIO accepts a group
 * @group: its number; all its devices are bound to vfio-pci, or have no driver
 * @device: a device of the group that is bound to vfio-pci
 *
 * Return: NYX_OK, or NYX_FAILED after the cause and a remedy have been reported.
 */
int vfio_accepts(const char *group, const char *device)
{
	int container = open("/dev/vfio/vfio", O_RDWR | O_CLOEXEC), ret;

	if (container < 0 && errno == ENOENT && !access("/dev/iommu", F_OK))
		return try_iommufd(group, device);
	if (container < 0)
		return fail(NYX_FAILED, "/dev/vfio/vfio: %s; run: modprobe vfio_iommu_type1",
			    strerror(errno));
	ret = try_container(container, group, device);
	close(container);
	return ret;
}
