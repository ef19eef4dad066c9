// SPDX-License-Identifier: GPL-2.0-only
/*
 * Shared virtual addressing (SVA): a PASID uses the page table of a process. Pages that
 * are not present are a matter of page requests.
 */
#include <linux/cleanup.h>
#include <linux/err.h>
#include <linux/iommu.h>
#include <linux/mm.h>
#include <linux/mmu_notifier.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <asm/cpufeature.h>
#include <asm/processor.h>

#include <nyx/compat.h>
#include <nyx/device.h>
#include <nyx/domain.h>
#include <nyx/pasid.h>
#include <nyx/unit.h>

#include "domain.h"

/**
 * struct nyx_sva - the address space of a process
 * @domain: the domain, which is on no list. The kernel owns the page table: only its
 *	root and its configuration are known here
 * @notifier: tells when the process changes its page table, and when it ends
 * @rcu: frees the struct after reports of faults that may still see it
 */
struct nyx_sva {
	struct nyx_domain domain;
	struct mmu_notifier notifier;
	struct rcu_head rcu;
};

static struct nyx_sva *nyx_sva_of(struct mmu_notifier *notifier)
{
	return container_of(notifier, struct nyx_sva, notifier);
}

/* Called after the entries have changed; the caller may hold spinlocks. */
static void nyx_sva_invalidate(struct mmu_notifier *notifier,
			       struct mm_struct *mm, unsigned long start,
			       unsigned long end)
{
	/* @end is exclusive; 0 and ULONG_MAX mean everything. */
	struct nyx_flush flush = {
		.start = start,
		.last = end == ULONG_MAX ? U64_MAX : end - 1,
	};

	if (start < end)
		nyx_domain_flush(&nyx_sva_of(notifier)->domain, &flush);
}

/*
 * The process ends, and its page table is about to be freed. This may be called by a
 * handler of page requests, for which a holder of entry_lock waits, so that lock must
 * not be taken.
 */
static void nyx_sva_release(struct mmu_notifier *notifier, struct mm_struct *mm)
{
	nyx_pasids_end(&nyx_sva_of(notifier)->domain);
}

static void nyx_sva_free_notifier(struct mmu_notifier *notifier)
{
	kfree_rcu(nyx_sva_of(notifier), rcu);
}

static const struct mmu_notifier_ops nyx_sva_notifier_ops = {
	.arch_invalidate_secondary_tlbs = nyx_sva_invalidate,
	.release = nyx_sva_release,
	.free_notifier = nyx_sva_free_notifier,
};

static int nyx_sva_set_pasid(struct iommu_domain *domain, struct device *dev,
			     ioasid_t pasid, struct iommu_domain *old)
{
	return nyx_pasid_attach(to_nyx_domain(domain), dev_iommu_priv_get(dev),
				pasid);
}

static void nyx_sva_free(struct iommu_domain *iommu_domain)
{
	struct nyx_domain *domain = to_nyx_domain(iommu_domain);

	/* The notifier may be called until the grace period that this begins. */
	mmu_notifier_put(&container_of(domain, struct nyx_sva, domain)->notifier);
}

static const struct iommu_domain_ops nyx_sva_ops = {
	.set_dev_pasid = nyx_sva_set_pasid,
	.free = nyx_sva_free,
};

static void nyx_sva_config(const struct mm_struct *mm, struct nyx_pt *pt)
{
	pt->fmt = &nyx_pt_x86;
	pt->root = (u64 *)mm->pgd;
	pt->cfg = (struct nyx_pt_cfg) {
		.levels = pgtable_l5_enabled() ? 5 : 4,
		.va_bits = pgtable_l5_enabled() ? 56 : 47,
		.oa_bits = boot_cpu_data.x86_phys_bits,
		.pgsizes = SZ_4K | SZ_2M,
		.coherent = true,
	};
	if (boot_cpu_has(X86_FEATURE_GBPAGES))
		pt->cfg.pgsizes |= SZ_1G;
}

/**
 * nyx_sva_alloc() - allocate a domain for the address space of a process
 * @dev: a device that the domain is for
 * @mm: the address space; the caller holds a reference
 *
 * Implements nyx_ops.domain_alloc_sva.
 *
 * Context: May sleep.
 * Return: the domain; ERR_PTR(-EOPNOTSUPP) if @dev cannot use PASIDs or page requests,
 *	or its unit cannot walk the page tables of the CPU; ERR_PTR(-ENOMEM), or another
 *	error of mmu_notifier_register().
 */
struct iommu_domain *nyx_sva_alloc(struct device *dev, struct mm_struct *mm)
{
	const struct nyx_device *ndev = dev_iommu_priv_get(dev);
	struct nyx_domain *domain;
	struct nyx_sva *sva;
	int ret;

	if (!ndev->pasid_bits || !ndev->page_requests)
		return ERR_PTR(-EOPNOTSUPP);
	sva = kzalloc_obj(*sva);
	if (!sva)
		return ERR_PTR(-ENOMEM);
	domain = &sva->domain;
	mutex_init(&domain->lock);
	INIT_LIST_HEAD(&domain->links);
	INIT_LIST_HEAD(&domain->ats);
	INIT_LIST_HEAD(&domain->pasids);
	nyx_sva_config(mm, &domain->pt);
	domain->pt.iommu.domain.ops = &nyx_sva_ops;
	if (!nyx_unit_can_walk(ndev->unit, &domain->pt)) {
		kfree(sva);
		return ERR_PTR(-EOPNOTSUPP);
	}
	sva->notifier.ops = &nyx_sva_notifier_ops;
	ret = mmu_notifier_register(&sva->notifier, mm);
	if (ret) {
		kfree(sva);
		return ERR_PTR(ret);
	}
	return &domain->pt.iommu.domain;
}

/**
 * nyx_sva_exit() - wait until no domain of a process is left
 *
 * To be called before the module is unloaded.
 *
 * Context: May sleep; no device is managed.
 */
void nyx_sva_exit(void)
{
	mmu_notifier_synchronize();
}
