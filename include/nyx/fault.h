/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The fault ring: the last faults of all units, decoded.
 */
#ifndef NYX_FAULT_H
#define NYX_FAULT_H

#include <linux/types.h>

struct nyx_unit;

/**
 * enum nyx_access - what a faulting request wanted
 * @NYX_ACCESS_READ: to read
 * @NYX_ACCESS_WRITE: to write
 * @NYX_ACCESS_EXECUTE: to fetch instructions
 * @NYX_ACCESS_ATOMIC: an AtomicOp
 * @NYX_ACCESS_INTERRUPT: to raise an interrupt
 * @NYX_ACCESS_UNKNOWN: the unit does not tell
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
 * struct nyx_fault - one fault, as a vendor decodes it
 * @rid: requester ID, bus << 8 | devfn
 * @access: what was wanted
 * @iova: the address, 4 KiB granular where the unit reports no more
 * @has_iova: the unit reported an address
 * @index: for an interrupt, that of the table entry that it was to use
 * @has_index: the unit reported one
 * @code: the vendor's reason or event code
 * @reason: the same in the specification's words, a string constant
 * @phys: physical address that the unit itself failed to use: of an entry of its
 *	tables, or of a command
 * @has_phys: the unit reported one
 * @pasid: the request's PASID
 * @has_pasid: the request carried one
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

void nyx_fault_report(struct nyx_unit *unit, const struct nyx_fault *fault);
void nyx_fault_overflow(struct nyx_unit *unit);
void nyx_fault_service(struct nyx_unit *unit,
		       u32 (*read)(struct nyx_unit *unit), const bool *stopping);

#endif /* NYX_FAULT_H */
