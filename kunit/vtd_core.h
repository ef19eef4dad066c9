/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is around the unit code, for tests: the core, the interrupt, the devices.
 */
#ifndef NYX_KUNIT_VTD_CORE_H
#define NYX_KUNIT_VTD_CORE_H

#include <nyx/device.h>
#include <nyx/fault.h>

struct kunit;
struct vtd_model;

enum {
	CORE_FAULTS = 600,
	CORE_DEVICES = 8,
};

/**
 * struct vtd_core - what is around
 * @model: the unit
 * @faults: faults that were reported
 * @nr_faults: how many, even if they are more than fit
 * @overflows: overflows that were reported
 * @on_fault: called for each fault
 * @devices: devices that can be found by their requester ID
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
struct vtd_core {
	struct vtd_model *model;
	struct nyx_fault faults[CORE_FAULTS];
	unsigned int nr_faults;
	unsigned int overflows;
	void (*on_fault)(struct vtd_model *model);
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

extern struct vtd_core vtd_core;

void vtd_core_reset(struct vtd_model *model);
struct nyx_device *vtd_core_device(struct kunit *test, struct vtd_model *model,
				   u16 rid);
void vtd_core_alias(struct vtd_model *model, struct nyx_device *ndev, u16 rid);
struct nyx_entry vtd_core_identity(u16 did);
struct nyx_entry vtd_core_table(struct kunit *test, u16 did, bool ats);
u64 vtd_core_table_lo(const struct nyx_entry *entry, u8 tt);
int vtd_core_set(struct vtd_model *model, struct nyx_device *ndev,
		 const struct nyx_entry *entry);

#endif /* NYX_KUNIT_VTD_CORE_H */
