/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The device table (2.2.2).
 */
#ifndef NYX_AMD_DEVTAB_H
#define NYX_AMD_DEVTAB_H

#include <linux/types.h>

struct amd_unit;

#define AMD_SEGMENTS_MAX 8
#define AMD_DEVICE_IDS 65536U

/**
 * struct amd_dte - a device table entry as the unit reads it
 * @q: bits 63:0, 127:64, 191:128 and 255:192
 */
struct amd_dte {
	u64 q[4];
} __aligned(32);

/**
 * struct amd_dte_setting - DTE settings that firmware requests for a DeviceID
 * @all: AMD_DTE_SETTING_* of all devices whose requests carry it
 * @special: AMD_DTE_SETTING_* of the I/O APICs and HPETs among them
 */
struct amd_dte_setting {
	u8 all;
	u8 special;
};

/**
 * struct amd_devtab - the device table of a unit
 * @segments: number of segments, a power of two up to AMD_SEGMENTS_MAX
 * @segment: the segments; the upper bits of a DeviceID select one
 * @order: allocation order of each segment
 * @nowhere: an empty page table of one level, one page; blocking entries use it
 *
 * Entries of DeviceIDs without a device block requests. All others are written
 * under nyx_unit.store_lock.
 */
struct amd_devtab {
	unsigned int segments;
	struct amd_dte *segment[AMD_SEGMENTS_MAX];
	u8 order[AMD_SEGMENTS_MAX];
	void *nowhere;
};

/**
 * typedef amd_devtab_setting - look up the DTE settings of a DeviceID
 * @arg: argument given to amd_devtab_init()
 * @device_id: the DeviceID
 *
 * Return: the settings that firmware requests.
 */
typedef struct amd_dte_setting (*amd_devtab_setting)(const void *arg,
						     u16 device_id);

int amd_devtab_init(struct amd_devtab *tab, unsigned int segments, u16 last,
		    int nid, amd_devtab_setting setting, const void *arg);
void amd_devtab_destroy(struct amd_devtab *tab);
void amd_devtab_block(struct amd_devtab *tab, const void *identity);
void amd_devtab_block_all(struct amd_devtab *tab, bool interrupts);
u64 amd_devtab_base(const struct amd_devtab *tab, unsigned int segment);
struct amd_dte *amd_devtab_lookup(const struct amd_devtab *tab, u16 device_id);

#endif /* NYX_AMD_DEVTAB_H */
