// SPDX-License-Identifier: GPL-2.0-only
/* Creation and destruction of the units that the IVRS table describes. */
#define pr_fmt(fmt) "nyx: " fmt

#include <linux/err.h>
#include <linux/errno.h>
#include <linux/list.h>
#include <linux/printk.h>
#include <linux/slab.h>

#include <nyx/compat.h>
#include <nyx/remedy.h>
#include <nyx/unit.h>
#include <nyx/window.h>

#include "amd.h"
#include "caps.h"
#include "entry.h"
#include "event.h"
#include "flush.h"
#include "function.h"
#include "intr.h"
#include "ivrs.h"
#include "pasid.h"
#include "ppr.h"
#include "takeover.h"
#include "unit_ops.h"

#define AMD_REMEDY "boot with amd_iommu=off"

static void amd_destroy(struct nyx_unit *unit)
{
	struct amd_unit *au = to_amd_unit(unit);

	nyx_window_unmap(unit, au->regs, AMD_WINDOW);
	amd_function_put(au);
	ida_destroy(&au->contested_logged);
	nyx_unit_cleanup(unit);
	kfree(au);
}

const struct nyx_unit_ops amd_unit_ops = {
	.start = amd_start,
	.wake = amd_wake,
	.enable = amd_enable,
	.disable = amd_disable,
	.block = amd_block,
	.block_end = amd_block_end,
	.stop = amd_stop,
	.destroy = amd_destroy,
	.flush = amd_flush,
	.flush_post = amd_flush_post,
	.flush_await = amd_flush_await,
	.read_faults = amd_read_faults,
	.contain = amd_contain,
	.entries = &amd_entry_ops,
	.pasids = &amd_pasid_ops,
	.drain_requests = amd_drain_requests,
	.read_requests = amd_read_requests,
	.respond = amd_ppr_respond,
	.invalidate = &amd_invalidate_ops,
	.show_registers = amd_show_registers,
	.show_capabilities = amd_show_capabilities,
	.show_entry = amd_show_entry,
};

static int amd_read_caps(struct amd_unit *au, const struct amd_ivrs_unit *fw)
{
	u64 efr = amd_readq(au, AMD_EFR), efr2 = amd_readq(au, AMD_EFR2);
	const char *why = NULL;
	int ret;

	if (amd_readl(au, AMD_STATUS) == AMD_GONE && efr == ~0ULL) {
		pr_err(NYX_LOG_NO_RESPONSE("IVRS"), au->unit.name,
		       &au->unit.phys);
		return -ENXIO;
	}
	au->efr = amd_caps_efr(fw, au->cap, efr);
	au->efr2 = amd_caps_efr2(fw, au->cap, efr2);
	if (fw->has_efr && (au->efr != fw->efr || au->efr2 != fw->efr2))
		pr_warn(FW_BUG "%s: the IVRS table reports features that the unit does not report: they are not used (efr %llx, efr2 %llx, the unit's %llx, %llx)\n",
			au->unit.name, fw->efr, fw->efr2, efr, efr2);
	au->control = amd_caps_control(fw->flags);
	ret = amd_caps_decode(au->ivrs, au->index, au->cap, au->efr,
			      &au->unit.caps, &why);
	if (ret)
		pr_err(NYX_LOG_NOT_SUPPORTED, au->unit.name, why);
	return ret;
}

static int amd_unit_probe(struct amd_unit *au, const struct amd_ivrs_unit *fw,
			  const struct amd_host *host)
{
	int ret;

	ret = amd_function_find(au, fw);
	if (ret)
		return ret;
	au->regs = nyx_window_map(&au->unit, AMD_WINDOW, AMD_REMEDY);
	if (IS_ERR(au->regs)) {
		ret = PTR_ERR(au->regs);
		goto err_put;
	}
	ret = amd_read_caps(au, fw);
	if (!ret)
		ret = amd_takeover_check(au, host);
	if (ret)
		goto err_unmap;
	amd_intr_init(au);
	pr_info("%s: at %pa, function %s, capability %x, efr %llx, efr2 %llx\n",
		au->unit.name, &au->unit.phys, amd_function_name(au), au->cap,
		au->efr, au->efr2);
	return 0;

err_unmap:
	nyx_window_unmap(&au->unit, au->regs, AMD_WINDOW);
err_put:
	amd_function_put(au);
	return ret;
}

static struct amd_unit *amd_unit_create(const struct amd_ivrs *ivrs,
					unsigned int index,
					const struct amd_host *host)
{
	const struct amd_ivrs_unit *fw = &ivrs->unit[index];
	struct amd_unit *au;
	int ret;

	au = kzalloc_obj(*au);
	if (!au)
		return ERR_PTR(-ENOMEM);
	ret = nyx_unit_init(&au->unit, &amd_unit_ops);
	if (ret)
		goto err_free;
	raw_spin_lock_init(&au->reg_lock);
	raw_spin_lock_init(&au->log_lock);
	ida_init(&au->contested_logged);
	au->ivrs = ivrs;
	au->index = index;
	snprintf(au->unit.name, sizeof(au->unit.name), "amd%u", index);
	au->unit.segment = fw->segment;
	au->unit.phys = fw->base;
	ret = amd_unit_probe(au, fw, host);
	if (ret)
		goto err_cleanup;
	return au;

err_cleanup:
	nyx_unit_cleanup(&au->unit);
err_free:
	kfree(au);
	return ERR_PTR(ret);
}

/**
 * amd_units_destroy() - undo amd_units_create()
 * @units: the units; none is started
 *
 * Context: May sleep.
 */
void amd_units_destroy(struct list_head *units)
{
	struct nyx_unit *unit, *next;

	list_for_each_entry_safe(unit, next, units, node) {
		list_del(&unit->node);
		amd_destroy(unit);
	}
}

/**
 * amd_units_create() - create the units that the IVRS table describes
 * @ivrs: the table; it must outlive the units
 * @host: the machine
 * @at: array with a slot for each unit of the table, all NULL; the slots of
 *	units that stay off, because they cannot be used, stay NULL
 * @units: list to which the units are added
 *
 * Context: May sleep.
 * Return: 0 with at least one unit; amd_units_destroy() undoes it. -ENOMEM, or
 *	after a log line -EBUSY, or if no unit can be used -ENXIO or -EOPNOTSUPP;
 *	then there are no units.
 */
int amd_units_create(const struct amd_ivrs *ivrs, const struct amd_host *host,
		     struct amd_unit **at, struct list_head *units)
{
	struct amd_unit *au;
	int ret, off = -ENXIO;
	unsigned int i;

	if (host->snp) {
		pr_err("SEV-SNP is enabled: the units belong to the secure processor, which ignores other drivers: disable SEV-SNP in the firmware setup, and power the machine off and on\n");
		return -EBUSY;
	}

	for (i = 0; i < ivrs->nr_unit; i++) {
		if (!ivrs->unit[i].usable)
			continue;
		au = amd_unit_create(ivrs, i, host);
		ret = PTR_ERR_OR_ZERO(au);
		if (ret == -ENXIO || ret == -EOPNOTSUPP) {
			off = ret;
			continue;
		}
		if (ret) {
			amd_units_destroy(units);
			return ret;
		}
		at[i] = au;
		list_add_tail(&au->unit.node, units);
	}
	return list_empty(units) ? off : 0;
}
