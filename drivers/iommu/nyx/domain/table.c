// SPDX-License-Identifier: GPL-2.0-only
/*
 * Page-table configurations: the best one for a unit, and whether a unit can
 * walk a table that was set up for another.
 */
#define pr_fmt(fmt) "nyx: " fmt

#include <linux/bitops.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/sprintf.h>

#include <nyx/domain.h>
#include <nyx/unit.h>

static unsigned int levels;

static int nyx_levels_set(const char *val, const struct kernel_param *kp)
{
	unsigned int n;
	int ret = kstrtouint(val, 0, &n);

	if (ret || (n && (n < 3 || n > 6))) {
		pr_err("levels=%s is invalid: use 3 to 6, or 0 to let the units decide\n",
		       val);
		return -EINVAL;
	}
	levels = n;
	return 0;
}

static const struct kernel_param_ops nyx_levels_ops = {
	.set = nyx_levels_set,
	.get = param_get_uint,
};
module_param_cb(levels, &nyx_levels_ops, &levels, 0444);
MODULE_PARM_DESC(levels,
		 "Page-table levels of new domains, 3 to 6, on units that support them (default: 0, the fewest that reach the unit's address width, at most 4 unless the unit supports only more)");

/* Four levels cover 256 TiB; more are used only if the unit requires them. */
static u8 nyx_unit_levels(const struct nyx_unit *unit)
{
	u32 offered = unit->caps.levels;
	u8 n;

	if (levels && (offered & BIT(levels)))
		return levels;
	for (n = 1; n <= 4; n++)
		if ((offered & BIT(n)) && 12 + 9 * n >= unit->caps.addr_bits)
			return n;
	for (n = 4; n; n--)
		if (offered & BIT(n))
			return n;
	return __ffs(offered);
}

/**
 * nyx_unit_check_levels() - log that a unit does not support the wanted levels
 * @unit: the unit, with its name and capabilities set
 *
 * Context: Any.
 */
void nyx_unit_check_levels(const struct nyx_unit *unit)
{
	const unsigned long offered = unit->caps.levels;
	char words[32] = "";
	unsigned int n;
	int len = 0;

	if (!levels || (offered & BIT(levels)))
		return;
	for_each_set_bit(n, &offered, BITS_PER_TYPE(u32))
		len += scnprintf(words + len, sizeof(words) - len, "%u, ", n);
	pr_warn("%s: does not support page tables of %u levels, uses %u; load with levels=%sor 0 to let the units decide\n",
		unit->name, levels, nyx_unit_levels(unit), words);
}

/**
 * nyx_unit_table_config() - choose the table configuration for a unit
 * @unit: the unit
 * @cfg: set by this function
 *
 * Context: Any.
 */
void nyx_unit_table_config(const struct nyx_unit *unit, struct nyx_pt_cfg *cfg)
{
	const struct nyx_unit_caps *caps = &unit->caps;
	u8 n = nyx_unit_levels(unit);

	*cfg = (struct nyx_pt_cfg) {
		.levels = n,
		.va_bits = min(caps->addr_bits, 12 + 9 * n),
		.oa_bits = caps->phys_bits,
		.pgsizes = caps->pgsizes,
		.coherent = caps->coherent,
		.nid = unit->nid,
	};
}

/**
 * nyx_unit_first_config() - choose the configuration of a first-stage table
 * @unit: the unit, with nyx_unit_caps.first
 * @cfg: set by this function
 *
 * Context: Any.
 */
void nyx_unit_first_config(const struct nyx_unit *unit, struct nyx_pt_cfg *cfg)
{
	const struct nyx_walk_caps *first = &unit->caps.first;
	u8 n = __ffs(first->levels);

	nyx_unit_table_config(unit, cfg);
	cfg->levels = n;
	cfg->va_bits = min(first->addr_bits, 12 + 9 * n - 1);
	cfg->pgsizes = first->pgsizes;
}

/**
 * nyx_unit_can_walk() - check whether a unit can walk a table
 * @unit: the unit
 * @pt: the table, possibly set up for another unit
 *
 * Context: Any.
 * Return: true if the unit can walk @pt.
 */
bool nyx_unit_can_walk(const struct nyx_unit *unit, const struct nyx_pt *pt)
{
	const struct nyx_unit_caps *caps = &unit->caps;
	const struct nyx_pt_cfg *cfg = &pt->cfg;
	bool first = pt->fmt == caps->first.format;

	if (pt->fmt != caps->format && !first)
		return false;
	return ((first ? caps->first.levels : caps->levels) &
		BIT(cfg->levels)) &&
	       cfg->va_bits <= (first ? caps->first.addr_bits :
					caps->addr_bits) &&
	       cfg->oa_bits <= caps->phys_bits &&
	       !(cfg->pgsizes &
		 ~(first ? caps->first.pgsizes : caps->pgsizes)) &&
	       (caps->coherent || !cfg->coherent) &&
	       (caps->dirty || !cfg->dirty) &&
	       (caps->snoop || !cfg->snoop);
}

/**
 * nyx_unit_can_nest() - check whether a unit can use both tables of a nested domain
 * @unit: the unit, which can walk the first-stage table as far as nyx_unit_can_walk()
 *	knows
 * @domain: the domain
 *
 * Context: Any.
 * Return: true if the unit can use @domain.
 */
bool nyx_unit_can_nest(const struct nyx_unit *unit,
		       const struct nyx_domain *domain)
{
	return unit->caps.nested &&
	       unit->ops->nested->supports(unit, domain->guest) &&
	       nyx_unit_can_walk(unit, &domain->parent->pt);
}
