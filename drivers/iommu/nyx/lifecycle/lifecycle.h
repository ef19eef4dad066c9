/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From loading to detaching: all units, all devices, and the operations that
 * the IOMMU core calls.
 */
#ifndef NYX_LIFECYCLE_H
#define NYX_LIFECYCLE_H

#include <linux/iommu.h>

struct nyx_device;
struct nyx_unit;

/* All units, units.c */
void nyx_units_destroy(void);
int nyx_units_start(void);
void nyx_units_stop(void);
int nyx_units_enable(void);
void nyx_units_disable(void);
void nyx_units_shutdown(void);
bool nyx_units_left_on(void);
int nyx_units_register(void);
bool nyx_units_are_registered(void);
void nyx_units_unregister(void);

/* Units that block all DMA, block.c */
void nyx_units_block_next(void);
void nyx_units_block_foreign(bool enabled);

/* Creation of records, record.c */
struct nyx_device *nyx_device_create(struct device *dev, struct nyx_unit *unit,
				     u16 rid);

/* Sleep states, sleep.c */
int nyx_units_suspend(void);
void nyx_units_resume(void);
void nyx_units_read_faults(void);

/* The end of a sleep, awake.c */
int nyx_awake_init(void);
void nyx_awake_exit(void);

/* Records of devices, device.c */
bool nyx_device_has_dma_driver(struct device *dev);
void nyx_device_log_untrusted(const struct nyx_device *ndev);
int nyx_devices_scan(void);
void nyx_devices_free(void);
struct nyx_device *nyx_device_get(struct device *dev);

/* Release and removal of devices, release.c */
void nyx_device_release(struct nyx_device *ndev);
void nyx_device_remove(struct nyx_device *ndev);
void nyx_device_take_over(struct nyx_device *ndev);
void nyx_device_free_left(void);

/* Memory that firmware reserves for devices, resv.c */
bool nyx_resv_is_direct(struct device *dev);
void nyx_resv_probed(struct nyx_device *ndev);
void nyx_get_resv_regions(struct device *dev, struct list_head *head);

/* Operations that the IOMMU core calls, ops.c */
extern const struct iommu_ops nyx_ops;

/* Adoption of devices that were bound when the module was loaded, adopt.c */
int nyx_adopt_init(void);
void nyx_adopt_exit(void);
void nyx_adopt_kick(void);
void nyx_adopt_update_compat(void);
bool nyx_adopt_close(void);
void nyx_adopt_open(void);

/* Recovery of devices that were reset, reset.c */
void nyx_reset_init(void);
void nyx_reset_exit(void);
void nyx_reset_kick(void);

/* Commands for one device, command.c */
int nyx_command_reset(const char *name);
int nyx_command_disable(const char *name);

/* Detaching, detach.c */
int nyx_detach(void);
void nyx_detach_final(void);

/* The command to detach, detach_file.c */
int nyx_detach_init(void);
void nyx_detach_offer(void);
void nyx_detach_withdraw(void);

#endif /* NYX_LIFECYCLE_H */
