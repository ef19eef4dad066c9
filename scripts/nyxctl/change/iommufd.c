// SPDX-License-Identifier: GPL-2.0-only
/* Whether IOMMUFD accepts a device, for kernels without containers of VFIO. */
#include <errno.h>
#include <fcntl.h>
#include <linux/iommufd.h>
#include <linux/vfio.h>
#include <sys/ioctl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/list.h"
#include "iommufd.h"
#include "nyxctl.h"

/*
 * Binding claims the DMA of the group, and checks that its interrupts are isolated. Attaching
 * needs an address space in which what firmware reserved is mapped.
 */
static int try_device(int iommufd, int fd)
{
	struct vfio_device_bind_iommufd bind = { .argsz = sizeof(bind), .iommufd = iommufd };
	struct iommu_ioas_alloc space = { .size = sizeof(space) };
	struct vfio_device_attach_iommufd_pt attach = { .argsz = sizeof(attach) };

	if (ioctl(fd, VFIO_DEVICE_BIND_IOMMUFD, &bind) ||
	    ioctl(iommufd, IOMMU_IOAS_ALLOC, &space))
		return -errno;
	attach.pt_id = space.out_ioas_id;
	return ioctl(fd, VFIO_DEVICE_ATTACH_IOMMUFD_PT, &attach) ? -errno : 0;
}

/**
 * iommufd_accepts() - check whether IOMMUFD accepts a device
 * @device: the kernel's name of a device that is bound to vfio-pci
 *
 * Closing the files, which this function does, undoes everything.
 *
 * Return: 0, or a negative error number; -ENOENT if the kernel has no IOMMUFD, or offers no
 *	file for the device.
 */
int iommufd_accepts(const char *device)
{
	struct names files = names_in("bus/pci/devices/%s/vfio-dev", device);
	int iommufd = -1, fd = -1, ret = -ENOENT;
	char *path = NULL;

	if (files.count) {
		path = path_of("/dev/vfio/devices", files.name[0]);
		fd = open(path, O_RDWR | O_CLOEXEC);
		iommufd = fd < 0 ? -1 : open("/dev/iommu", O_RDWR | O_CLOEXEC);
		ret = iommufd < 0 ? -errno : try_device(iommufd, fd);
	}
	if (fd >= 0)
		close(fd);
	if (iommufd >= 0)
		close(iommufd);
	free(path);
	names_free(&files);
	return ret;
}
