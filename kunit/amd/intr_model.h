/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The interrupt remapping of the model (48882, sections 2.2.2.1 and 2.2.5),
 * with its caches of device table entries and of interrupt remapping tables. It
 * shares no constant with the driver.
 */
#ifndef NYX_KUNIT_AMD_INTR_MODEL_H
#define NYX_KUNIT_AMD_INTR_MODEL_H

#include <linux/types.h>

struct amd_model;

enum { AMD_INTR_CACHE = 64 };

/**
 * struct amd_intr_model - the interrupt remapping of a unit
 * @dtes: cached device table entries, bits 191:128
 * @next_dte: the one to be replaced next
 * @irtes: cached table entries
 * @next_irte: the one to be replaced next
 * @table_cmds: number of INVALIDATE_INTERRUPT_TABLE commands
 * @violation: rule of the specification that software violated, or NULL
 */
struct amd_intr_model {
	struct {
		bool valid;
		u16 rid;
		u64 q2;
	} dtes[AMD_INTR_CACHE];
	unsigned int next_dte;
	struct {
		bool valid;
		u16 rid;
		u32 index;
		u64 lo;
		u64 hi;
	} irtes[AMD_INTR_CACHE];
	unsigned int next_irte;
	unsigned int table_cmds;
	const char *violation;
};

/* What the unit does with an interrupt request. */
enum amd_fate {
	AMD_FATE_UNMAPPED,	/* passes without remapping */
	AMD_FATE_REMAPPED,
	AMD_FATE_ABORTED,	/* INVALID_DEVICE_REQUEST */
	AMD_FATE_FAULT,		/* IO_PAGE_FAULT */
};

/**
 * struct amd_delivery - outcome of an interrupt request
 * @fate: what the unit does with it
 * @dest: if remapped, APIC ID or logical destination
 * @logical: @dest is a logical destination
 * @vector: if remapped, the vector
 */
struct amd_delivery {
	enum amd_fate fate;
	u32 dest;
	bool logical;
	u8 vector;
};

/* For model.c, with the model's lock held. */
void amd_intr_invalidate_entry(struct amd_model *model, u16 rid);
void amd_intr_invalidate_table(struct amd_model *model, u16 rid);
void amd_intr_invalidate_all(struct amd_model *model);

/* For tests, without the lock. */
struct amd_delivery amd_intr_request(struct amd_model *model, u16 rid,
				     u64 address, u32 data);

#endif /* NYX_KUNIT_AMD_INTR_MODEL_H */
