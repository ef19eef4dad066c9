/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A device that is bound to vfio-pci, and its address space.
 */
#ifndef NYX_GUEST_VFIO_H
#define NYX_GUEST_VFIO_H

#include <stddef.h>
#include <stdint.h>

#define VFIO_READ 1
#define VFIO_WRITE 2

struct vfio {
	int container;
	int group;
	int device;
	uint64_t last_iova;
	int coherent;
};

void vfio_claim_group(struct vfio *vfio, const char *group);
void vfio_claim(struct vfio *vfio, const char *group);
void vfio_open(struct vfio *vfio, const char *bdf);
volatile void *vfio_map_bar0(struct vfio *vfio, size_t size);
void vfio_map(struct vfio *vfio, void *memory, uint64_t iova, size_t size,
	      int access);
void vfio_unmap(struct vfio *vfio, uint64_t iova, size_t size);

#endif /* NYX_GUEST_VFIO_H */
