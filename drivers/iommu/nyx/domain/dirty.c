// SPDX-License-Identifier: GPL-2.0-only
/*
 * Dirty tracking: which pages of a domain devices have written. It lets a virtual
 * machine migrate while its devices work.
 */
#include <linux/cleanup.h>
#include <linux/iommu.h>
#include <linux/iova_bitmap.h>

#include <nyx/compat.h>
#include <nyx/device.h>
#include <nyx/domain.h>
#include <nyx/entry.h>
#include <nyx/unit.h>

#include "domain.h"

NYX_IMPORT_NS_IOMMUFD();

static int nyx_device_set_dirty(struct nyx_device *ndev,
				const struct nyx_domain *domain, bool on)
{
	guard(mutex)(&ndev->entry_lock);
	if (nyx_domain_base(ndev->domain) != domain ||
	    ndev->entry.dirty == on)
		return 0;
	ndev->entry.dirty = on;
	return nyx_entry_set_dirty(ndev->unit, ndev, on);
}

/*
 * An attach reads @domain->dirty and sets nyx_device.domain under the same
 * entry_lock: either it reads the new value, or the device is found here.
 */
static int nyx_devices_set_dirty(struct nyx_domain *domain, bool on)
{
	struct nyx_flush all = { .last = U64_MAX };
	struct nyx_device *ndev;
	int ret = 0, err;

	lockdep_assert_held(&nyx_devices_lock);
	WRITE_ONCE(domain->dirty, on);
	list_for_each_entry(ndev, &nyx_devices, node) {
		err = nyx_device_set_dirty(ndev, domain, on);
		ret = ret ?: err;
	}
	/* Cached translations would hide writes, or set bits for no use. */
	err = nyx_domain_flush(domain, &all);
	return ret ?: err;
}

/*
 * iommu_dirty_ops.set_dirty_tracking. The IOMMU core has cleared the dirty bits
 * before it enables tracking.
 */
static int nyx_domain_set_dirty(struct iommu_domain *iommu_domain, bool on)
{
	struct nyx_domain *domain = to_nyx_domain(iommu_domain);
	int ret;

	guard(mutex)(&nyx_devices_lock);
	if (domain->dirty == on)
		return 0;
	ret = nyx_devices_set_dirty(domain, on);
	if (ret && on)
		nyx_devices_set_dirty(domain, false);
	return ret;
}

static void nyx_dirty_record(u64 iova, u64 len, void *arg)
{
	const struct iommu_dirty_bitmap *dirty = arg;

	if (dirty->bitmap)
		iova_bitmap_set(dirty->bitmap, iova, len);
}

/*
 * iommu_dirty_ops.read_and_clear_dirty. The IOMMU core flushes what is gathered, by
 * iotlb_sync. Superpages are split only while writes are recorded: before that, the
 * core merely clears bits.
 */
static int nyx_domain_read_dirty(struct iommu_domain *iommu_domain,
				 unsigned long iova, size_t size,
				 unsigned long flags,
				 struct iommu_dirty_bitmap *dirty)
{
	struct nyx_domain *domain = to_nyx_domain(iommu_domain);
	const struct nyx_pt_dirty_read read = {
		.iova = iova,
		.last = iova + size - 1,
		.gather = flags & IOMMU_DIRTY_NO_CLEAR ? NULL : dirty->gather,
		.split = READ_ONCE(domain->dirty),
		.record = nyx_dirty_record,
		.arg = dirty,
	};

	return nyx_pt_read_dirty(&domain->pt, &read);
}

const struct iommu_dirty_ops nyx_dirty_ops = {
	.set_dirty_tracking = nyx_domain_set_dirty,
	.read_and_clear_dirty = nyx_domain_read_dirty,
};
