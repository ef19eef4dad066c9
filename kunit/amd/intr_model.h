/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What an AMD IOMMU does with interrupt requests (48882, sections 2.2.2.1 and
 * 2.2.5), and what it caches of device table entries and tables. It shares no
 * constant with the driver.
 */
#ifndef NYX_KUNIT_AMD_INTR_MODEL_H
#define NYX_KUNIT_AMD_INTR_MODEL_H

#include <linux/types.h>

struct amd_model;

enum { AMD_INTR_CACHE = 64 };

/**
 * struct amd_intr_model - the interrupt remapping of a unit
 * @dtes: device table entries that it has read, bits 191:128
 * @next_dte: the one to be filled next
 * @irtes: table entries that it has read
 * @next_irte: the one to be filled next
 * @forgotten: commands to forget a table
 * @broken: something that no software may do
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
	unsigned int forgotten;
	const char *broken;
};

/* What becomes of a request. */
enum amd_fate {
	AMD_FATE_PLAIN,		/* it passes as it is */
	AMD_FATE_REMAPPED,
	AMD_FATE_ABORTED,	/* INVALID_DEVICE_REQUEST */
	AMD_FATE_FAULT,		/* IO_PAGE_FAULT */
};

/**
 * struct amd_delivery - what a request became
 * @fate: which kind
 * @dest: APIC ID, or logical destination, if remapped
 * @logical: it is one
 * @vector: the vector
 */
struct amd_delivery {
	enum amd_fate fate;
	u32 dest;
	bool logical;
	u8 vector;
};

/* With the model's lock held. */
void amd_intr_forget_entry(struct amd_model *model, u16 rid);
void amd_intr_forget_table(struct amd_model *model, u16 rid);
void amd_intr_forget_all(struct amd_model *model);

/* For tests, without it. */
struct amd_delivery amd_intr_request(struct amd_model *model, u16 rid,
				     u64 address, u32 data);

#endif /* NYX_KUNIT_AMD_INTR_MODEL_H */
