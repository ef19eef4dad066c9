/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Faults: vendors read and decode the fault log of a unit, and report each
 * fault to the core in a format that is the same for all vendors.
 */
#ifndef NYX_FAULT_H
#define NYX_FAULT_H

#include <linux/types.h>

struct nyx_unit;

/**
 * enum nyx_access - type of a faulting request
 * @NYX_ACCESS_READ: read
 * @NYX_ACCESS_WRITE: write
 * @NYX_ACCESS_EXECUTE: instruction fetch
 * @NYX_ACCESS_ATOMIC: AtomicOp
 * @NYX_ACCESS_INTERRUPT: interrupt request
 * @NYX_ACCESS_UNKNOWN: not reported by the unit
 */
enum nyx_access {
	NYX_ACCESS_READ,
	NYX_ACCESS_WRITE,
	NYX_ACCESS_EXECUTE,
	NYX_ACCESS_ATOMIC,
	NYX_ACCESS_INTERRUPT,
	NYX_ACCESS_UNKNOWN,
};

/**
 * struct nyx_fault - one decoded fault
 * @rid: requester ID, bus << 8 | devfn
 * @access: type of the request
 * @iova: address of the request; only a 4 KiB page on some units
 * @has_iova: @iova is valid
 * @index: index of an interrupt request into the interrupt remapping table
 * @has_index: @index is valid
 * @code: fault reason or event code of the vendor
 * @reason: meaning of @code in the words of the specification; a string
 *	constant, never NULL
 * @phys: physical address that the unit itself failed to access: of a table
 *	entry or of a command
 * @has_phys: @phys is valid
 * @pasid: PASID of the request
 * @has_pasid: the request carried a PASID
 */
struct nyx_fault {
	u16 rid;
	enum nyx_access access;
	u64 iova;
	bool has_iova;
	u16 index;
	bool has_index;
	u16 code;
	const char *reason;
	u64 phys;
	bool has_phys;
	u32 pasid;
	bool has_pasid;
};

/**
 * struct nyx_fault_irq - the interrupt that a unit raises for faults
 * @nr: its number, valid while the handler is installed
 * @name: its name, the unit's with "-fault" appended
 * @stopping: the handler is being removed, and returns early; may be set while
 *	the handler reads it
 */
struct nyx_fault_irq {
	unsigned int nr;
	char name[24];
	bool stopping;
};

void nyx_fault_report(struct nyx_unit *unit, const struct nyx_fault *fault);
void nyx_fault_overflow(struct nyx_unit *unit);
void nyx_fault_service(struct nyx_unit *unit);

/* irq.c */
void nyx_fault_irq_init(struct nyx_unit *unit);
int nyx_fault_irq_request(struct nyx_unit *unit, unsigned int nr);
void nyx_fault_irq_wake(struct nyx_unit *unit);
unsigned int nyx_fault_irq_free(struct nyx_unit *unit);

#endif /* NYX_FAULT_H */
