/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is around the unit code, for tests: the core, the interrupt, the devices.
 */
#ifndef NYX_KUNIT_UNIT_CORE_H
#define NYX_KUNIT_UNIT_CORE_H

#include <nyx/device.h>
#include <nyx/fault.h>

struct kunit;

enum {
	CORE_FAULTS = 600,
	CORE_DEVICES = 8,
};

/**
 * struct unit_core - what is around
 * @model: what those below are given
 * @faults: faults that were reported
 * @nr_faults: how many, even if they are more than fit
 * @overflows: overflows that were reported
 * @on_fault: called for each fault
 * @on_ats: called when a device's ATS goes on or off
 * @devices: devices that were created, in nyx_devices as well
 * @nr_devices: how many
 * @ats_refuses: devices refuse ATS
 * @unplugged: devices are gone
 * @disconnected: requester ID of a device that is known to be; 0: none is
 * @irq_fails: there is no interrupt
 * @extended: the CPUs are in x2APIC mode
 * @intr_remap: the platform remaps interrupts
 * @intr_sources: an I/O APIC is below the unit
 * @irqs: interrupts set up and not given back
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
	bool ats_refuses;
	bool unplugged;
	u16 disconnected;
	bool irq_fails;
	bool extended;
	bool intr_remap;
	bool intr_sources;
	int irqs;
};

extern struct unit_core unit_core;

void unit_core_reset(void);
struct nyx_device *unit_core_device(struct kunit *test, struct nyx_unit *unit,
				    u16 rid);
struct nyx_entry unit_core_identity(u16 did);
struct nyx_entry unit_core_table(struct kunit *test, u16 did, bool ats);

#endif /* NYX_KUNIT_UNIT_CORE_H */
