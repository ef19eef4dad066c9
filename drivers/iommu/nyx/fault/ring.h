/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The ring of the last faults, apart from where they come from and go to.
 */
#ifndef NYX_FAULT_RING_H
#define NYX_FAULT_RING_H

#include <linux/spinlock_types.h>
#include <linux/types.h>

#include <nyx/fault.h>

/**
 * struct nyx_fault_record - one fault, with what was known when it came
 * @seq: 1 for the first fault since the module came, then counted up
 * @time_ns: when it was read from the unit, on the clock of the kernel's log
 * @unit: name of the unit that reported it
 * @device: the device that uses the requester ID, "" where none is known
 * @driver: driver that the device was bound to, "" where none was
 * @segment: PCI segment of the requester
 * @domain: number of the domain that the device was attached to; 0: none
 * @fault: as the vendor decoded it
 */
struct nyx_fault_record {
	u64 seq;
	u64 time_ns;
	char unit[16];
	char device[24];
	char driver[32];
	u16 segment;
	u32 domain;
	struct nyx_fault fault;
};

/**
 * struct nyx_fault_ring - the last records
 * @lock: protects all that follows; raw, for a fault may be reported from hard
 *	interrupt context
 * @size: records that fit
 * @pushed: records ever pushed, and so the newest record's number
 * @slots: record number n lies in slot n % @size
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
