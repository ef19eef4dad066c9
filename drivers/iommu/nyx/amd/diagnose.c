// SPDX-License-Identifier: GPL-2.0-only
/*
 * Diagnostics only: reads a unit and its event log, which another driver may be
 * using. Everything here gets the registers as const memory.
 */
#define pr_fmt(fmt) "nyx: " fmt

#include <linux/bitfield.h>
#include <linux/build_bug.h>
#include <linux/io.h>
#include <linux/mem_encrypt.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/sprintf.h>

#include <nyx/compat.h>
#include <nyx/diagnose.h>
#include <nyx/fault.h>

#include "amd.h"
#include "caps.h"
#include "diagnose.h"
#include "event.h"
#include "function.h"
#include "ivrs.h"
#include "lib/phys.h"
#include "log.h"
#include "show.h"

#define AMD_ENTRIES_PER_PAGE	(SZ_4K / sizeof(struct amd_entry))

/**
 * struct amd_diag - a unit that is only looked at
 * @unit: the unit as the core sees it
 * @device_id: DeviceID of the unit itself
 * @cap: Capability Header
 * @efr: features, as amd_caps_efr() determines them
 * @efr2: further features
 */
struct amd_diag {
	struct nyx_diag_unit unit;
	u16 device_id;
	u32 cap;
	u64 efr;
	u64 efr2;
};

static_assert(!offsetof(struct amd_diag, unit));

static const struct amd_diag *to_amd_diag(const struct nyx_diag_unit *unit)
{
	return container_of(unit, struct amd_diag, unit);
}

static void amd_diag_state(const struct nyx_diag_unit *unit,
			   struct nyx_diag_state *state)
{
	u64 control = readq(unit->regs + AMD_CONTROL);
	u32 status = readl(unit->regs + AMD_STATUS);

	*state = (struct nyx_diag_state) {
		.responds = control != ~0ULL || status != AMD_GONE,
	};
	if (!state->responds)
		return;
	state->translation = control & AMD_CTRL_IOMMU_EN;
	state->queue = control & AMD_CTRL_CMD_BUF_EN;
	state->overflow = status & AMD_STATUS_EVENT_OVERFLOW;
}

/* Decodes one page of the log. Returns false if no more events are wanted. */
static bool amd_diag_page(const struct amd_diag *ad,
			  const struct amd_entry *page, u32 first, u32 last,
			  nyx_diag_found found, void *arg)
{
	struct nyx_fault fault;
	struct amd_entry entry;
	u32 i;

	for (i = first; i <= last; i++) {
		entry.lo = READ_ONCE(page[i].lo);
		entry.hi = READ_ONCE(page[i].hi);
		/* Not written yet, or removed meanwhile by the unit's driver */
		if (!entry.lo)
			continue;
		/* Whether interrupts are remapped depends on their device. */
		amd_event_decode(entry.lo, entry.hi, ad->device_id, true,
				 &fault);
		if (!found(&ad->unit, &fault, arg))
			return false;
	}
	return true;
}

/*
 * The log is in memory that another driver or firmware allocated (2.5). Its
 * registers may be wrong, so each page is checked to be memory before it is read.
 */
static void amd_diag_faults(const struct nyx_diag_unit *unit,
			    nyx_diag_found found, void *arg)
{
	const void __iomem *regs = unit->regs;
	u64 base = readq(regs + AMD_EVENT_LOG_BASE);
	u32 nr = BIT(FIELD_GET(AMD_RING_LEN, base));
	u32 head = FIELD_GET(AMD_RING_PTR, readl(regs + AMD_EVENT_LOG_HEAD));
	u32 tail = FIELD_GET(AMD_RING_PTR, readl(regs + AMD_EVENT_LOG_TAIL));
	u32 pos, first, count;
	bool more = true;

	if (nr < BIT(AMD_LOG_LEN_MIN) || head >= nr || tail >= nr)
		return;
	for (pos = head; pos != tail && more; pos = (pos + count) % nr) {
		const struct amd_entry *page __free(nyx_phys_unmap) = NULL;

		first = pos % AMD_ENTRIES_PER_PAGE;
		count = AMD_ENTRIES_PER_PAGE - first;
		if (tail > pos)
			count = min(count, tail - pos);
		page = nyx_phys_map((__sme_clr(base) & AMD_RING_ADDR) +
				    (pos - first) * sizeof(*page));
		more = page && amd_diag_page(to_amd_diag(unit), page, first,
					     first + count - 1, found, arg);
	}
}

static void amd_diag_registers(const struct nyx_diag_unit *unit,
			       struct seq_file *m)
{
	amd_show_window(unit->regs, to_amd_diag(unit)->efr, m);
}

static void amd_diag_capabilities(const struct nyx_diag_unit *unit,
				  struct seq_file *m)
{
	const struct amd_diag *ad = to_amd_diag(unit);

	amd_show_caps(ad->cap, ad->efr, ad->efr2, NYX_DIAG_INTR, m);
}

static const struct nyx_diag_ops amd_diag_ops = {
	.read_state = amd_diag_state,
	.read_faults = amd_diag_faults,
	.show_registers = amd_diag_registers,
	.show_capabilities = amd_diag_capabilities,
};

/* Returns false, after a note, if the unit does not respond. */
static bool amd_diag_caps(struct amd_diag *ad, const struct amd_ivrs *ivrs,
			  unsigned int index)
{
	const struct amd_ivrs_unit *fw = &ivrs->unit[index];
	struct nyx_diag_unit *unit = &ad->unit;
	u64 efr = readq(unit->regs + AMD_EFR);
	const char *why = NULL;

	if (readl(unit->regs + AMD_STATUS) == AMD_GONE && efr == ~0ULL) {
		nyx_diag_note(NYX_DIAG_OFF, unit->name,
			      "its registers do not respond");
		return false;
	}
	ad->efr = amd_caps_efr(fw, ad->cap, efr);
	ad->efr2 = amd_caps_efr2(fw, ad->cap, readq(unit->regs + AMD_EFR2));
	unit->supported = !amd_caps_decode(ivrs, index, ad->cap, ad->efr,
					   &unit->caps, &why);
	if (!unit->supported)
		nyx_diag_note("%s: has %s: without diagnose=1 the unit stays off",
			      unit->name, why);
	return true;
}

/**
 * amd_diag_unit() - look at a unit
 * @ivrs: the IVRS table
 * @index: index of the unit, which is usable
 *
 * Only reads registers. The unit is added to nyx_diag_units, unless its PCI
 * function or its registers do not respond, which is noted.
 *
 * Context: May sleep.
 * Return: 0, or -ENOMEM.
 */
int amd_diag_unit(const struct amd_ivrs *ivrs, unsigned int index)
{
	const struct amd_ivrs_unit *fw = &ivrs->unit[index];
	struct amd_diag *ad = kzalloc_obj(*ad);
	struct nyx_diag_unit *unit;
	int ret = 0;
	bool msi;

	if (!ad)
		return -ENOMEM;
	unit = &ad->unit;
	unit->ops = &amd_diag_ops;
	snprintf(unit->name, sizeof(unit->name), "amd%u", index);
	unit->segment = fw->segment;
	unit->phys = fw->base;
	ad->device_id = fw->device_id;
	if (!amd_function_look(fw, &ad->cap, &msi)) {
		nyx_diag_note(NYX_DIAG_OFF, unit->name,
			      "its PCI function is hidden or no IOMMU");
		goto err_free;
	}
	if (!msi)
		nyx_diag_note(NYX_DIAG_OFF, unit->name,
			      "its PCI function has no MSI, so there is no fault interrupt");
	ret = nyx_diag_open(unit, AMD_WINDOW);
	if (ret)
		goto err_free;
	if (!amd_diag_caps(ad, ivrs, index))
		goto err_close;
	nyx_diag_add(unit, AMD_WINDOW);
	return 0;

err_close:
	nyx_diag_close(unit);
err_free:
	kfree(ad);
	return ret;
}
