// SPDX-License-Identifier: GPL-2.0-only
/*
 * First-stage tables of guests: VT-d's struct nyx_nested_ops (3.8, 9.6).
 */
#include <linux/errno.h>
#include <linux/iommu.h>
#include <linux/math.h>
#include <linux/overflow.h>
#include <linux/sizes.h>
#include <uapi/linux/iommufd.h>

#include <nyx/domain.h>
#include <nyx/unit.h>

#include "nested.h"
#include "unit_ops.h"
#include "vtd.h"

/* Address widths that user space calls 4 and 5 levels. */
#define VTD_GUEST_BITS_4 48
#define VTD_GUEST_BITS_5 57

/**
 * vtd_nested_table() - check and convert the description of a guest's table
 * @user: the description
 * @table: set by this function
 *
 * Context: Any.
 * Return: 0; -EOPNOTSUPP for unknown flags; or -EINVAL if the address is not aligned, a
 *	reserved field is set, or there is no such address width.
 */
int vtd_nested_table(const struct iommu_hwpt_vtd_s1 *user,
		     struct nyx_guest_table *table)
{
	if (user->flags & ~(u64)(IOMMU_VTD_S1_SRE | IOMMU_VTD_S1_EAFE |
				 IOMMU_VTD_S1_WPE))
		return -EOPNOTSUPP;
	if (user->__reserved || !IS_ALIGNED(user->pgtbl_addr, SZ_4K) ||
	    (user->addr_width != VTD_GUEST_BITS_4 &&
	     user->addr_width != VTD_GUEST_BITS_5))
		return -EINVAL;
	table->root = user->pgtbl_addr;
	table->levels = user->addr_width == VTD_GUEST_BITS_5 ? 5 : 4;
	table->flags = user->flags;
	return 0;
}

static int vtd_nested_read_table(const struct iommu_user_data *data,
				 struct nyx_guest_table *table)
{
	struct iommu_hwpt_vtd_s1 user;
	int ret;

	if (data->type != IOMMU_HWPT_DATA_VTD_S1)
		return -EOPNOTSUPP;
	ret = iommu_copy_struct_from_user(&user, data, IOMMU_HWPT_DATA_VTD_S1,
					  __reserved);
	return ret ?: vtd_nested_table(&user, table);
}

/* nyx_unit_can_walk() checks the levels. */
static bool vtd_nested_supports(const struct nyx_unit *unit,
				const struct nyx_guest_table *table)
{
	const struct vtd_unit *vu = container_of(unit, struct vtd_unit, unit);

	if ((table->flags & IOMMU_VTD_S1_SRE) && !(vu->ecap & VTD_ECAP_SRS))
		return false;
	return !(table->flags & IOMMU_VTD_S1_EAFE) ||
	       (vu->ecap & VTD_ECAP_EAFS);
}

/**
 * vtd_nested_range() - check and convert an invalidation from user space
 * @user: the invalidation; address 0 and U64_MAX pages mean everything
 * @flush: its range is set by this function
 *
 * Context: Any.
 * Return: 0; -EOPNOTSUPP if a flag is unknown or the reserved field is set; or -EINVAL
 *	if the range is empty, not aligned, or exceeds 64 bits.
 */
int vtd_nested_range(const struct iommu_hwpt_vtd_s1_invalidate *user,
		     struct nyx_flush *flush)
{
	u64 len;

	if ((user->flags & ~IOMMU_VTD_INV_FLAGS_LEAF) || user->__reserved)
		return -EOPNOTSUPP;
	flush->leaf_only = user->flags & IOMMU_VTD_INV_FLAGS_LEAF;
	flush->start = user->addr;
	flush->last = U64_MAX;
	if (!user->addr && user->npages == U64_MAX)
		return 0;
	if (!user->npages || !IS_ALIGNED(user->addr, SZ_4K) ||
	    check_mul_overflow(user->npages, (u64)SZ_4K, &len) ||
	    check_add_overflow(user->addr, len - 1, &flush->last))
		return -EINVAL;
	return 0;
}

static int
vtd_nested_read_invalidation(const struct iommu_user_data_array *array,
			     u32 index, struct nyx_flush *flush)
{
	struct iommu_hwpt_vtd_s1_invalidate user;
	int ret;

	ret = iommu_copy_struct_from_user_array(&user, array,
						IOMMU_HWPT_INVALIDATE_DATA_VTD_S1,
						index, __reserved);
	return ret ?: vtd_nested_range(&user, flush);
}

const struct nyx_nested_ops vtd_nested_ops = {
	.read_table = vtd_nested_read_table,
	.supports = vtd_nested_supports,
	.invalidation = IOMMU_HWPT_INVALIDATE_DATA_VTD_S1,
	.read_invalidation = vtd_nested_read_invalidation,
};
