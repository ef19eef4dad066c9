/* SPDX-License-Identifier: GPL-2.0-only */
/* State and registers of an AMD IOMMU. */
#ifndef NYX_AMD_AMD_H
#define NYX_AMD_AMD_H

#include <linux/cleanup.h>
#include <linux/container_of.h>
#include <linux/idr.h>
#include <linux/io.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>

#include <nyx/queue.h>
#include <nyx/unit.h>

#include "devtab.h"
#include "gcr3.h"
#include "log.h"
#include "rd890.h"
#include "regs.h"
#include "timeout.h"

struct amd_irt;
struct amd_ivrs;
struct list_head;
struct pci_dev;

/**
 * struct amd_unit - one IOMMU
 * @unit: the unit as the core sees it
 * @regs: the register window
 * @ivrs: the parsed IVRS table
 * @index: index of this unit in @ivrs
 * @pdev: PCI function of the unit, with a reference held, or NULL
 * @bridge: the host bridge on the bus of the unit, with a reference held; NULL
 *	unless @loses_config
 * @loses_config: firmware may not restore the configuration of the unit after a
 *	sleep
 * @rd890: what the driver restores then
 * @device_id: DeviceID of the unit itself
 * @cpu_family: family of the CPU that contains the unit, for errata
 * @cpu_model: model of that CPU
 * @cap: Capability Header
 * @efr: Extended Feature Register, from the IVHD block or else from the unit
 * @efr2: Extended Feature 2 Register, from the same source
 * @control: bits of the Control Register that the IVHD block requests
 * @reg_lock: serializes changes of the Control Register; raw and taken with
 *	interrupts off, because they happen in any context
 * @crashed: the unit was found with the tables of a kernel that crashed; this is
 *	the capture kernel
 * @devtab: the device table
 * @gcr3: the GCR3 tables
 * @queue: the command buffer
 * @restarted_at: position at which @queue was restarted because the unit did not
 *	complete commands
 * @intr_lock: protects @intr_devices and the tables that it leads to; taken
 *	before &nyx_unit.store_lock
 * @intr_devices: devices whose unmapped interrupts are blocked, by DeviceID
 * @unowned_blocked: DeviceIDs without a device cannot send unmapped interrupts;
 *	protected by @intr_lock
 * @intr_wide: entries of interrupt remapping tables have 128 bits (GAEn)
 * @stale_irts: interrupt remapping tables that no device uses any more, but
 *	whose invalidation the unit did not confirm; protected by @intr_lock
 * @log_lock: protects @event, @ppr and @timeouts; taken before all other locks
 *	of the unit, in any context
 * @event: the event log
 * @timeouts: progress of the search of @event for unresponsive devices
 * @ppr: the PPR log, unused where there is none
 * @contested_logged: DeviceIDs of contested devices that stay blocked, and whose
 *	drivers were logged
 * @ats_off_work: work item that follows amd_ats_off()
 * @contain_end: deadline of amd_contain()
 */
struct amd_unit {
	struct nyx_unit unit;
	void __iomem *regs;
	const struct amd_ivrs *ivrs;
	unsigned int index;
	struct pci_dev *pdev;
	struct pci_dev *bridge;
	bool loses_config;
	struct amd_rd890 rd890;
	u16 device_id;
	u8 cpu_family;
	u8 cpu_model;
	u32 cap;
	u64 efr;
	u64 efr2;
	u64 control;
	raw_spinlock_t reg_lock;
	bool crashed;
	struct amd_devtab devtab;
	struct amd_gcr3_tables gcr3;
	struct nyx_queue queue;
	u32 restarted_at;
	struct mutex intr_lock;		/* see @intr_lock above */
	struct xarray intr_devices;
	bool unowned_blocked;
	bool intr_wide;
	struct amd_irt *stale_irts;
	raw_spinlock_t log_lock;
	struct amd_log event;
	struct amd_timeouts_seen timeouts;
	struct amd_log ppr;
	struct ida contested_logged;
	struct work_struct ats_off_work;
	u64 contain_end;
};

static inline struct amd_unit *to_amd_unit(struct nyx_unit *unit)
{
	return container_of(unit, struct amd_unit, unit);
}

/* Registers are accessed with their full width. */
static inline u32 amd_readl(const struct amd_unit *au, u32 reg)
{
	return readl(au->regs + reg);
}

static inline u64 amd_readq(const struct amd_unit *au, u32 reg)
{
	return readq(au->regs + reg);
}

static inline void amd_writel(const struct amd_unit *au, u32 reg, u32 val)
{
	writel(val, au->regs + reg);
}

static inline void amd_writeq(const struct amd_unit *au, u32 reg, u64 val)
{
	writeq(val, au->regs + reg);
}

/* Result of a 32-bit read if the unit is gone. */
#define AMD_GONE	(~0U)

/* control.c */
void amd_control(struct amd_unit *au, u64 clear, u64 set);
int amd_wait_status(struct amd_unit *au, u32 mask, u32 want);
int amd_wait_running(struct amd_unit *au, u32 run);

/**
 * struct amd_host - properties of the machine that concern all units
 * @snp: SEV-SNP is enabled
 * @takeover: a unit that another system left running may be taken over
 * @capture: this kernel writes the dump of a kernel that crashed
 * @encrypted: memory is encrypted
 */
struct amd_host {
	bool snp;
	bool takeover;
	bool capture;
	bool encrypted;
};

/* probe.c */
int amd_units_create(const struct amd_ivrs *ivrs, const struct amd_host *host,
		     struct amd_unit **at, struct list_head *units);
void amd_units_destroy(struct list_head *units);

#endif /* NYX_AMD_AMD_H */
