/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Two units that share a parent of nested domains, for tests of the core.
 */
#ifndef NYX_KUNIT_DOMAIN_NESTED_FIXTURE_H
#define NYX_KUNIT_DOMAIN_NESTED_FIXTURE_H

#include <linux/iommu.h>

#include <nyx/domain.h>
#include <nyx/unit.h>

#include "fake_unit.h"
#include "lib/range.h"

struct kunit;

/*
 * NESTED_TYPE is the type of invalidations. A table with the flags NESTED_REFUSED, or an
 * invalidation with this domain ID, cannot be read.
 */
enum { DEVICES = 3, NESTED_TYPE = 5, NESTED_REFUSED = 7, FLUSHES = 16, NO_TLB = U8_MAX };

/**
 * struct nested_fake - two units, one device below the first and two below the second
 * @units: the units
 * @ops: their operations
 * @devices: the devices, which have ATS
 * @flushes: the last flushes of units
 * @tlbs: for each, the range of a device TLB that was invalidated last, by requester ID,
 *	or one of order NO_TLB
 * @nr_flushes: number of them
 * @on_flush: called after a flush was noted; may be NULL
 */
struct nested_fake {
	struct fake_unit units[2];
	struct nyx_unit_ops ops;
	struct fake_device devices[DEVICES];
	struct nyx_flush flushes[FLUSHES];
	struct nyx_range tlbs[FLUSHES][FAKE_RIDS];
	unsigned int nr_flushes;
	void (*on_flush)(struct nested_fake *fake);
};

int nested_fake_init(struct kunit *test);
void nested_fake_exit(struct kunit *test);
struct iommu_domain *nested_new_parent(struct kunit *test, u32 flags);
struct iommu_domain *nested_alloc(struct nested_fake *fake, struct iommu_domain *parent,
				  const struct nyx_guest_table *table, u32 flags);
struct iommu_domain *nested_new(struct kunit *test, struct iommu_domain *parent,
				u64 root);
int nested_attach(struct nested_fake *fake, int device, struct iommu_domain *domain);
const struct nyx_entry *nested_entry(const struct nested_fake *fake, int device);

#endif /* NYX_KUNIT_DOMAIN_NESTED_FIXTURE_H */
