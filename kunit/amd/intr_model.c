// SPDX-License-Identifier: GPL-2.0-only
/*
 * The interrupt remapping of the model. Numbers are those of the AMD IOMMU
 * specification (48882).
 */
#include <linux/atomic.h>
#include <linux/io.h>
#include <linux/string.h>

#include "model.h"

/**
 * amd_intr_invalidate_entry() - execute INVALIDATE_DEVTAB_ENTRY
 * @model: the unit
 * @rid: the DeviceID
 *
 * Context: @model->lock is held.
 */
void amd_intr_invalidate_entry(struct amd_model *model, u16 rid)
{
	unsigned int i;

	for (i = 0; i < AMD_INTR_CACHE; i++)
		if (model->intr.dtes[i].rid == rid)
			model->intr.dtes[i].valid = false;
}

/**
 * amd_intr_invalidate_table() - execute INVALIDATE_INTERRUPT_TABLE
 * @model: the unit
 * @rid: the DeviceID
 *
 * Context: @model->lock is held.
 */
void amd_intr_invalidate_table(struct amd_model *model, u16 rid)
{
	unsigned int i;

	model->intr.table_cmds++;
	for (i = 0; i < AMD_INTR_CACHE; i++)
		if (model->intr.irtes[i].rid == rid)
			model->intr.irtes[i].valid = false;
}

/**
 * amd_intr_invalidate_all() - execute INVALIDATE_IOMMU_ALL
 * @model: the unit
 *
 * Context: @model->lock is held.
 */
void amd_intr_invalidate_all(struct amd_model *model)
{
	memset(model->intr.dtes, 0, sizeof(model->intr.dtes));
	memset(model->intr.irtes, 0, sizeof(model->intr.irtes));
}

static u64 read_dte(struct amd_model *model, u16 rid)
{
	struct amd_intr_model *intr = &model->intr;
	const u64 *entry;
	unsigned int i;

	for (i = 0; i < AMD_INTR_CACHE; i++)
		if (intr->dtes[i].valid && intr->dtes[i].rid == rid)
			return intr->dtes[i].q2;
	entry = amd_model_entry(model, rid);
	i = intr->next_dte++ % AMD_INTR_CACHE;
	intr->dtes[i].valid = true;
	intr->dtes[i].rid = rid;
	intr->dtes[i].q2 = entry ? READ_ONCE(entry[2]) : 1;
	return intr->dtes[i].q2;
}

/*
 * The unit reads an entry of 128 bits at once, as the driver changes it: only with
 * nyx_store128(). A comparison with zero that stores zero changes nothing.
 */
static void read_wide(u128 *entry, u64 *lo, u64 *hi)
{
#ifdef system_has_cmpxchg128
	u128 value = cmpxchg128(entry, 0, 0);

	*lo = value;
	*hi = value >> 64;
#endif
}

/* With GAEn, bit 17 of the Control Register, entries have 128 bits. */
static void read_irte(struct amd_model *model, u16 rid, u64 q2, u32 index,
		      u64 *lo, u64 *hi)
{
	u32 *table = phys_to_virt(q2 & 0x000fffffffffffc0);
	struct amd_intr_model *intr = &model->intr;
	unsigned int i;

	for (i = 0; i < AMD_INTR_CACHE; i++) {
		if (!intr->irtes[i].valid || intr->irtes[i].rid != rid ||
		    intr->irtes[i].index != index)
			continue;
		*lo = intr->irtes[i].lo;
		*hi = intr->irtes[i].hi;
		return;
	}
	if (q2 & 0x40)
		intr->violation = "a table is not aligned";
	*hi = 0;
	if (model->control & BIT_ULL(17))
		read_wide(&((u128 *)table)[index], lo, hi);
	else
		*lo = READ_ONCE(table[index]);
	/* An entry that blocks is cached, too. */
	i = intr->next_irte++ % AMD_INTR_CACHE;
	intr->irtes[i].valid = true;
	intr->irtes[i].rid = rid;
	intr->irtes[i].index = index;
	intr->irtes[i].lo = *lo;
	intr->irtes[i].hi = *hi;
}

/*
 * RemapEn is bit 0, IntType bits 4:2, DM bit 6, GuestMode bit 7. The driver
 * uses only the fixed type without GuestMode.
 */
static struct amd_delivery use_irte(struct amd_model *model, u64 lo, u64 hi)
{
	bool ga = model->control & BIT_ULL(17);
	bool xt = model->control & BIT_ULL(50);
	struct amd_delivery d = { .fate = AMD_FATE_FAULT };

	if (!(lo & 1))
		return d;
	if ((lo & 0xbe) || (ga ? lo >> 32 || (hi & 0x00ffffffffffff00) :
				 lo >> 24)) {
		model->intr.violation = "reserved bits in an entry";
		return d;
	}
	d.fate = AMD_FATE_REMAPPED;
	d.logical = lo & 0x40;
	if (!ga) {
		d.dest = lo >> 8 & 0xff;
		d.vector = lo >> 16;
		return d;
	}
	d.dest = xt ? (lo >> 8 & 0xffffff) | (hi >> 56 << 24) : lo >> 8 & 0xff;
	d.vector = hi;
	return d;
}

/*
 * InitPass is bit 184, EIntPass 185, NMIPass 186; NMI is message type 4, INIT
 * 5, EInt 7. No bit lets SMI (2) or the reserved types pass.
 */
static bool passes_by_type(u64 q2, u32 data)
{
	switch (data >> 8 & 7) {
	case 4:
		return q2 >> 58 & 1;
	case 5:
		return q2 >> 56 & 1;
	case 7:
		return q2 >> 57 & 1;
	default:
		return false;
	}
}

static struct amd_delivery remap(struct amd_model *model, u16 rid, u64 address,
				 u32 data)
{
	struct amd_delivery d = { .fate = AMD_FATE_UNMAPPED };
	/* NumIntRemapMode is bits 44:43; DM of the address is bit 2. */
	bool more = (model->control >> 43 & 3) == 1 && (address & 4);
	u64 q2, lo, hi;

	if (!(model->control & 1))
		return d;
	q2 = read_dte(model, rid);
	/* IV is bit 128, IntTabLen bits 132:129, IntCtl bits 189:188. */
	if (!(q2 & 1))
		return d;
	d.fate = AMD_FATE_ABORTED;
	/* Only types 0 and 1, fixed and arbitrated, are remapped. */
	if (!more && (data >> 8 & 7) > 1) {
		if (passes_by_type(q2, data))
			d.fate = AMD_FATE_UNMAPPED;
		return d;
	}
	switch (q2 >> 60 & 3) {
	case 0:
		return d;
	case 1:
		d.fate = AMD_FATE_UNMAPPED;
		return d;
	case 3:
		model->intr.violation = "IntCtl is reserved";
		return d;
	}
	d.fate = AMD_FATE_FAULT;
	if ((q2 >> 1 & 0xf) > 11)
		model->intr.violation = "IntTabLen is reserved";
	if ((data & 0x7ff) >= 1U << (q2 >> 1 & 0xf))
		return d;
	read_irte(model, rid, q2, data & 0x7ff, &lo, &hi);
	return use_irte(model, lo, hi);
}

/*
 * INVALID_DEVICE_REQUEST of type 101b, as IntCtl is 00b (2.5.9), or
 * IO_PAGE_FAULT with I, bit 51 (2.5.3). The address is HyperTransport's
 * interrupt range: bits 23:16 are the vector, bits 4:2 the message type.
 */
static void log_fate(struct amd_model *model, u16 rid, u32 data,
		     enum amd_fate fate)
{
	u64 address = 0xfffffffdf8000000 | (data & 0xff) << 16 |
		      (data >> 8 & 7) << 2;

	if (fate == AMD_FATE_ABORTED)
		amd_model_log(model, 8ULL << 60 | 5ULL << 57 | rid, address);
	if (fate == AMD_FATE_FAULT)
		amd_model_log(model, 2ULL << 60 | BIT_ULL(51) | rid, address);
}

/**
 * amd_intr_request() - handle a message that a device writes
 * @model: the unit
 * @rid: the DeviceID that the request carries
 * @address: address of the message, fee00000h to feefffffh
 * @data: data of the message
 *
 * Context: Any; takes @model->lock.
 * Return: the outcome.
 */
struct amd_delivery amd_intr_request(struct amd_model *model, u16 rid,
				     u64 address, u32 data)
{
	struct amd_delivery d;
	unsigned long flags;

	raw_spin_lock_irqsave(&model->lock, flags);
	d = remap(model, rid, address, data);
	log_fate(model, rid, data, d.fate);
	raw_spin_unlock_irqrestore(&model->lock, flags);
	return d;
}
