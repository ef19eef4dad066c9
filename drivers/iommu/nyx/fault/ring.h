/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The ring of recent faults.
 */
#ifndef NYX_FAULT_RING_H
#define NYX_FAULT_RING_H

#include <linux/spinlock_types.h>
#include <linux/types.h>

#include <nyx/fault.h>
#include <nyx/isolation.h>

#include "forensics/explain.h"

/**
 * struct nyx_fault_record - one fault, and the state when it was read
 * @seq: number of the fault, counted from 1 since the module was loaded
 * @time_ns: time when the fault was read from the unit, on the clock of the
 *	kernel log
 * @unit: name of the unit that reported the fault
 * @device: name of the device that uses the requester ID, "" if it is unknown
 * @driver: name of the driver that the device was bound to, "" if there was
 *	none
 * @segment: PCI segment of the requester
 * @domain: number of the domain that the device was attached to, 0 if there was
 *	none
 * @isolation: isolation of the device at that time
 * @fault: the decoded fault
 * @explanation: why the address was not accessible; not set in a storm of faults
 */
struct nyx_fault_record {
	u64 seq;
	u64 time_ns;
	char unit[16];
	char device[24];
	char driver[32];
	u16 segment;
	u32 domain;
	enum nyx_isolation isolation;
	struct nyx_fault fault;
	struct nyx_explanation explanation;
};

/**
 * struct nyx_fault_ring - a ring of fault records
 * @lock: protects the other members; raw, because faults may be reported from
 *	hard interrupt context
 * @size: number of records that fit
 * @pushed: number of records ever added, which is the number of the newest
 *	record
 * @slots: the records; record n is in slot n % @size
 */
struct nyx_fault_ring {
	raw_spinlock_t lock;
	unsigned int size;
	u64 pushed;
	struct nyx_fault_record *slots;
};

int nyx_fault_ring_init(struct nyx_fault_ring *ring, unsigned int size);
void nyx_fault_ring_destroy(struct nyx_fault_ring *ring);
u64 nyx_fault_ring_push(struct nyx_fault_ring *ring,
			const struct nyx_fault_record *rec);
bool nyx_fault_ring_read(struct nyx_fault_ring *ring, u64 seq,
			 struct nyx_fault_record *rec);
u64 nyx_fault_ring_count(struct nyx_fault_ring *ring, u64 *lost);

#endif /* NYX_FAULT_RING_H */
