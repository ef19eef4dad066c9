/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The interrupt remapping table (5.1.3, 9.10).
 */
#ifndef NYX_VTD_IRTE_H
#define NYX_VTD_IRTE_H

#include <linux/mutex.h>
#include <linux/types.h>

#include "lib/slots.h"

struct nyx_device;
struct nyx_intr_message;
struct nyx_intr_posting;
struct nyx_intr_target;

/* The largest table that IRTA.S can encode; the smallest has 2 (11.4.10). */
#define VTD_IRT_ENTRIES_MAX 65536

/**
 * struct vtd_irte - an interrupt remapping table entry as a unit reads it
 * @lo: bits 63:0: present, vector, destination or the low part of a descriptor's
 *	address
 * @hi: bits 127:64: source-id verification, and the upper half of that address
 */
struct vtd_irte {
	u64 lo;
	u64 hi;
} __aligned(16);

/**
 * struct vtd_irt - an interrupt remapping table
 * @base: the IRTEs, 4 KiB aligned; NULL if there is no table
 * @entries: number of IRTEs, a power of two
 * @coherent: the unit snoops CPU caches
 * @lock: protects @slots
 * @slots: the IRTEs that are allocated or must not be used again
 */
struct vtd_irt {
	struct vtd_irte *base;
	u32 entries;
	bool coherent;
	struct mutex lock;	/* see @lock above */
	struct nyx_slots slots;
};

bool vtd_irte_encode(const struct nyx_device *ndev,
		     const struct nyx_intr_target *target, bool extended,
		     struct vtd_irte *irte);
void vtd_irte_encode_posted(const struct nyx_device *ndev,
			    const struct nyx_intr_posting *posting,
			    struct vtd_irte *irte);
void vtd_irte_message(const struct nyx_intr *intr,
		      struct nyx_intr_message *msg);
int vtd_irt_init(struct vtd_irt *irt, u32 entries, u32 least, bool coherent,
		 int nid);
void vtd_irt_destroy(struct vtd_irt *irt);
u64 vtd_irt_register(const struct vtd_irt *irt, bool extended);
int vtd_irt_get(struct vtd_irt *irt, unsigned int nr);
void vtd_irt_put(struct vtd_irt *irt, u16 index, unsigned int nr);
bool vtd_irt_is_clear(const struct vtd_irt *irt, u16 index);
void vtd_irt_store(struct vtd_irt *irt, u16 index,
		   const struct vtd_irte *irte);
void vtd_irt_block_all(struct vtd_irt *irt);

#endif /* NYX_VTD_IRTE_H */
