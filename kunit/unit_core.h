/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stand-ins for the code around a unit: the core, the fault interrupt and the
 * devices.
 */
#ifndef NYX_KUNIT_UNIT_CORE_H
#define NYX_KUNIT_UNIT_CORE_H

#include <linux/iommu.h>
#include <nyx/device.h>
#include <nyx/fault.h>

struct kunit;

enum {
	CORE_FAULTS = 600,
	CORE_DEVICES = 8,
};

/**
 * struct unit_core - state of the stand-ins, and their record of calls
 * @model: argument of @on_fault and @on_ats
 * @faults: the first CORE_FAULTS reported faults
 * @nr_faults: number of all reported faults
 * @overflows: number of reported overflows
 * @on_fault: hook, called for each fault
 * @on_ats: hook, called when ATS of a device is enabled or disabled
 * @devices: devices that were created; nyx_devices lists them as well
 * @nr_devices: number of them
 * @has_pasid: devices have a PASID capability
 * @pasid_bits: width of the PASIDs that devices support; 0 if they refuse them
 * @pasids_on: number of devices whose PASIDs are enabled
 * @offers_ats: devices offer ATS, with a queue depth of 32
 * @ats_refuses: enabling ATS of a device fails
 * @offers_pri: devices can send page requests
 * @pri_refuses: enabling page requests of a device fails
 * @pris_on: number of devices whose page requests are enabled
 * @queue_refuses: the I/O page-fault framework does not accept a device
 * @queued: number of devices that it has accepted
 * @reports: page requests that it was given
 * @last_report: the last of them
 * @steps: the last steps that concern page requests, a letter for each: q, p: a device
 *	was accepted, page requests enabled; P, Q: the reverse; D: the unit has logged
 *	all requests; R: the log was read; F: the handlers have returned; L: requests
 *	were lost
 * @unplugged: nyx_ats_device_responds() returns false
 * @disconnected: requester ID of a device known to be unplugged; 0: none
 * @off: requester ID of a device without power; 0: none
 * @off_reads: how often the power of device @off is read before it returns; 0:
 *	it never does
 * @irq_fails: setting up the fault interrupt fails
 * @extended: the CPUs are in x2APIC mode
 * @intr_remap: the platform remaps interrupts
 * @intr_sources: an I/O APIC is below the unit
 * @capture: this kernel writes the dump of a kernel that crashed
 * @own: physical address of a page that is memory of a capture kernel; 0: none
 * @quirks: flags of the machine, NYX_QUIRK_*
 * @irqs: number of fault interrupts that are set up
 * @irq_restores: how often a fault interrupt was restored after a sleep
 * @isolated: last argument of nyx_msi_set_isolated(), or -1
 * @irq_wakes: how often the thread of a fault interrupt was woken
 */
struct unit_core {
	void *model;
	struct nyx_fault faults[CORE_FAULTS];
	unsigned int nr_faults;
	unsigned int overflows;
	void (*on_fault)(void *model);
	void (*on_ats)(void *model, struct nyx_device *ndev, bool on);
	struct nyx_device *devices[CORE_DEVICES];
	unsigned int nr_devices;
	bool has_pasid;
	u8 pasid_bits;
	int pasids_on;
	bool offers_ats;
	bool ats_refuses;
	bool offers_pri;
	bool pri_refuses;
	int pris_on;
	bool queue_refuses;
	int queued;
	unsigned int reports;
	struct iopf_fault last_report;
	char steps[16];
	bool unplugged;
	u16 disconnected;
	u16 off;
	unsigned int off_reads;
	bool irq_fails;
	bool extended;
	bool intr_remap;
	bool intr_sources;
	bool capture;
	u64 own;
	u32 quirks;
	int irqs;
	unsigned int irq_restores;
	int isolated;
	unsigned int irq_wakes;
};

extern struct unit_core unit_core;

void unit_core_reset(void);
void unit_core_step(char step);
struct nyx_device *unit_core_device(struct kunit *test, struct nyx_unit *unit,
				    u16 rid);
struct nyx_entry unit_core_identity(u16 did);
struct nyx_entry unit_core_table(struct kunit *test, u16 did, bool ats);

#endif /* NYX_KUNIT_UNIT_CORE_H */
