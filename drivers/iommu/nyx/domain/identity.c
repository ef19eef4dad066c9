// SPDX-License-Identifier: GPL-2.0-only
/*
 * Domain ID and page table of a unit for identity.
 *
 * Where the unit supports entries that pass requests through, identity needs a
 * domain ID only. Otherwise it needs a page table, which maps everything that a
 * device may have a reason to access: the whole physical address space if 1 GiB
 * leaves keep the table small, else memory and the windows of the host
 * bridges.
 */
#define pr_fmt(fmt) "nyx: " fmt

#include <linux/module.h>
#include <linux/pci.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <asm/processor.h>

#include <nyx/compat.h>
#include <nyx/domain.h>
#include <nyx/remedy.h>
#include <nyx/unit.h>

#include "domain.h"

static bool identity_tables;
module_param(identity_tables, bool, 0444);
MODULE_PARM_DESC(identity_tables,
		 "Use page tables for identity even on units that can pass requests through (default: no)");

/* All addresses below are mapped: memory, and MMIO windows in between. */
#define NYX_IDENTITY_LOW SZ_4G

static int nyx_identity_map(struct nyx_pt *pt, u64 start, u64 end)
{
	u64 limit = BIT_ULL(min3(pt->cfg.va_bits, pt->cfg.oa_bits,
				 boot_cpu_data.x86_phys_bits));

	start = ALIGN_DOWN(start, SZ_2M);
	end = end >= limit ? limit : ALIGN(end, SZ_2M);
	if (start >= end)
		return 0;
	return nyx_pt_map(pt, start, start, end - start,
			  IOMMU_READ | IOMMU_WRITE, GFP_KERNEL);
}

/* Like nyx_identity_map(), but skips what is already mapped. */
static int nyx_identity_add(struct nyx_pt *pt, u64 start, u64 end, u64 step)
{
	u64 next;
	int ret;

	for (; start < end; start = next) {
		next = min(ALIGN_DOWN(start, step) + step, end);
		ret = nyx_identity_map(pt, start, next);
		if (ret == -EEXIST)
			ret = step > SZ_2M ?
			      nyx_identity_add(pt, start, next, SZ_2M) : 0;
		if (ret)
			return ret;
	}
	return 0;
}

/* Maps the memory windows of the host bridges, for peer-to-peer requests. */
static int nyx_identity_add_windows(struct nyx_pt *pt)
{
	struct pci_bus *bus = NULL;
	struct resource *res;
	int ret;

	while ((bus = pci_find_next_bus(bus))) {
		pci_bus_for_each_resource(bus, res) {
			if (!res || resource_type(res) != IORESOURCE_MEM)
				continue;
			ret = nyx_identity_add(pt, res->start, res->end + 1,
					       SZ_1G);
			if (ret)
				return ret;
		}
	}
	return 0;
}

static int nyx_identity_fill(struct nyx_pt *pt)
{
	u64 top = virt_to_phys(high_memory - 1) + 1;
	int ret;

	if (pt->cfg.pgsizes & SZ_1G)
		return nyx_identity_map(pt, 0, U64_MAX);

	ret = nyx_identity_map(pt, 0, max_t(u64, top, NYX_IDENTITY_LOW));
	return ret ?: nyx_identity_add_windows(pt);
}

static struct nyx_pt *nyx_identity_table(struct nyx_unit *unit)
{
	struct nyx_pt_cfg cfg;
	struct nyx_pt *pt;
	int ret;

	pt = kzalloc_obj(*pt);
	if (!pt)
		return ERR_PTR(-ENOMEM);
	nyx_unit_table_config(unit, &cfg);
	ret = nyx_pt_init(pt, unit->caps.format, &cfg, GFP_KERNEL);
	if (ret) {
		kfree(pt);
		return ERR_PTR(ret);
	}
	ret = nyx_identity_fill(pt);
	if (ret) {
		nyx_pt_destroy(pt);
		kfree(pt);
		return ERR_PTR(ret);
	}
	return pt;
}

/**
 * nyx_identity_init() - allocate what a unit needs for identity
 * @unit: the unit, started
 *
 * Context: May sleep.
 * Return: 0, -ENOMEM, or -ENOSPC if the unit has no free domain ID;
 *	nyx_identity_exit() undoes what was done.
 */
int nyx_identity_init(struct nyx_unit *unit)
{
	struct nyx_pt *pt;
	int id;

	id = ida_alloc_range(&unit->domain_ids, 1, unit->caps.max_domain_id,
			     GFP_KERNEL);
	if (id < 0)
		return id;
	unit->identity_id = id;

	if (unit->caps.passthrough && !identity_tables)
		return 0;
	pt = nyx_identity_table(unit);
	if (IS_ERR(pt)) {
		pr_err("%s: no page table for identity (%ld): " NYX_REMEDY_MEMORY "\n",
		       unit->name, PTR_ERR(pt));
		return PTR_ERR(pt);
	}
	unit->identity = pt;
	pr_info("%s: identity uses a page table\n", unit->name);
	return 0;
}

/**
 * nyx_identity_exit() - undo nyx_identity_init()
 * @unit: the unit, with translation disabled; no-op without nyx_identity_init()
 *
 * Context: May sleep.
 */
void nyx_identity_exit(struct nyx_unit *unit)
{
	if (unit->identity) {
		nyx_put_table(unit->identity, unit->stuck);
		kfree(unit->identity);
		unit->identity = NULL;
	}
	if (unit->identity_id)
		ida_free(&unit->domain_ids, unit->identity_id);
	unit->identity_id = 0;
}
