/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Everything about kernel versions. Code elsewhere is written for the newest
 * kernel and has no version check: what an older one lacks is made up here.
 *
 * Two generations of the IOMMU core are known and tested: 6.12 LTS, and 7.2 and
 * later. What lies between changed from release to release.
 */
#ifndef NYX_COMPAT_H
#define NYX_COMPAT_H

#include <linux/iommu.h>
#include <linux/irq.h>
#include <linux/mm.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/syscore_ops.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE >= KERNEL_VERSION(7, 2, 0)

#include <linux/generic_pt/iommu.h>

/* Exported, but drivers/iommu/iommu-pages.h is not shipped with the headers. */
void *iommu_alloc_pages_node_sz(int nid, gfp_t gfp, size_t size);
void iommu_free_pages(void *virt);
void iommu_put_pages_list(struct iommu_pages_list *list);

/* The list runs through page->lru, where struct ioptdesc has its element. */
static inline void iommu_pages_list_add(struct iommu_pages_list *list,
					void *virt)
{
	list_add_tail(&virt_to_page(virt)->lru, &list->pages);
}

static inline struct iommu_pages_list *
nyx_gather_freelist(struct iommu_iotlb_gather *gather)
{
	return &gather->freelist;
}

/* The core hands whole ranges to pt_iommu_ops where is_iommupt says so. */
static inline void nyx_domain_set_iommupt(struct iommu_domain *domain)
{
	domain->is_iommupt = true;
}

/* attach_dev() tells the domain that the device leaves; we know it ourselves. */
#define NYX_ATTACH_OP(op, fn)						\
static int op(struct iommu_domain *domain, struct device *dev,		\
	      struct iommu_domain *old)					\
{									\
	return fn(domain, dev);						\
}

/* Of ACS, less what the kernel knows to be broken. */
static inline u16 nyx_pci_acs_offered(struct pci_dev *pdev)
{
	return pdev->acs_capabilities;
}

/* An interrupt can be moved at any time unless its chip defers that. */
static inline void nyx_irq_move_anytime(unsigned int irq)
{
}

#elif LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0) && \
	LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)

#include <linux/mmzone.h>
#include <linux/vmstat.h>

/* A bridge quirk that came later; no bridge has it here. */
#define PCI_DEV_FLAGS_PCI_BRIDGE_NO_ALIAS 0

struct pt_iommu;

struct pt_iommu_info {
	u64 pgsize_bitmap;
};

/* The part of 7.2's interface that the engine implements. */
struct pt_iommu_ops {
	int (*map_range)(struct pt_iommu *iommu_table, dma_addr_t iova,
			 phys_addr_t paddr, dma_addr_t len, unsigned int prot,
			 gfp_t gfp, size_t *mapped);
	size_t (*unmap_range)(struct pt_iommu *iommu_table, dma_addr_t iova,
			      dma_addr_t len,
			      struct iommu_iotlb_gather *iotlb_gather);
	void (*get_info)(struct pt_iommu *iommu_table,
			 struct pt_iommu_info *info);
	void (*deinit)(struct pt_iommu *iommu_table);
};

struct pt_iommu {
	struct iommu_domain domain;
	const struct pt_iommu_ops *ops;
	int nid;
};

struct iommu_pages_list {
	struct list_head pages;
};

#define IOMMU_PAGES_LIST_INIT(name) \
	((struct iommu_pages_list){ .pages = LIST_HEAD_INIT((name).pages) })

/*
 * The core frees what is on a gather's freelist itself, and takes these two
 * counters down for each page: so they go up at allocation.
 */
static inline void nyx_account_page(struct page *page, int pages)
{
	mod_node_page_state(page_pgdat(page), NR_IOMMU_PAGES, pages);
	mod_lruvec_page_state(page, NR_SECONDARY_PAGETABLE, pages);
}

static inline void *iommu_alloc_pages_node_sz(int nid, gfp_t gfp, size_t size)
{
	struct page *page = alloc_pages_node(nid, gfp | __GFP_ZERO, 0);

	if (size > PAGE_SIZE || !page) {
		if (page)
			__free_page(page);
		return NULL;
	}
	nyx_account_page(page, 1);
	return page_address(page);
}

static inline void iommu_free_pages(void *virt)
{
	if (!virt)
		return;
	nyx_account_page(virt_to_page(virt), -1);
	__free_page(virt_to_page(virt));
}

static inline void iommu_pages_list_add(struct iommu_pages_list *list,
					void *virt)
{
	list_add_tail(&virt_to_page(virt)->lru, &list->pages);
}

static inline void iommu_put_pages_list(struct iommu_pages_list *list)
{
	struct page *page, *next;

	list_for_each_entry_safe(page, next, &list->pages, lru) {
		list_del(&page->lru);
		iommu_free_pages(page_address(page));
	}
}

static inline struct iommu_pages_list *
nyx_gather_freelist(struct iommu_iotlb_gather *gather)
{
	return container_of(&gather->freelist, struct iommu_pages_list, pages);
}

static inline void nyx_domain_set_iommupt(struct iommu_domain *domain)
{
}

#define NYX_ATTACH_OP(op, fn)						\
static int op(struct iommu_domain *domain, struct device *dev)		\
{									\
	return fn(domain, dev);						\
}

static inline u16 nyx_pci_acs_offered(struct pci_dev *pdev)
{
	u16 cap;

	pci_read_config_word(pdev, pdev->acs_cap + PCI_ACS_CAP, &cap);
	return PCI_POSSIBLE_ERROR(cap) ? 0 : cap;
}

/* Here each interrupt says that it can be moved outside of its handler. */
static inline void nyx_irq_move_anytime(unsigned int irq)
{
	irq_set_status_flags(irq, IRQ_MOVE_PCNTXT);
}

#else
#error "Nyx knows the IOMMU core of Linux 6.12 and of 7.2 and later"
#endif

#ifdef NYX_HAVE_SYSCORE_DATA

struct nyx_syscore {
	struct syscore syscore;
	struct syscore_ops ops;
	int (*suspend)(void);
	void (*shutdown)(void);
};

static inline int nyx_syscore_suspend(void *data)
{
	struct nyx_syscore *sc = data;

	return sc->suspend();
}

static inline void nyx_syscore_shutdown(void *data)
{
	struct nyx_syscore *sc = data;

	sc->shutdown();
}

static inline void nyx_syscore_register(struct nyx_syscore *sc,
					int (*suspend)(void),
					void (*shutdown)(void))
{
	sc->suspend = suspend;
	sc->shutdown = shutdown;
	sc->ops.suspend = nyx_syscore_suspend;
	sc->ops.shutdown = nyx_syscore_shutdown;
	sc->syscore.ops = &sc->ops;
	sc->syscore.data = sc;
	register_syscore(&sc->syscore);
}

static inline void nyx_syscore_unregister(struct nyx_syscore *sc)
{
	unregister_syscore(&sc->syscore);
}

#else

/* The callbacks take no argument, so there can be only one user. */
struct nyx_syscore {
	struct syscore_ops ops;
};

static inline void nyx_syscore_register(struct nyx_syscore *sc,
					int (*suspend)(void),
					void (*shutdown)(void))
{
	sc->ops.suspend = suspend;
	sc->ops.shutdown = shutdown;
	register_syscore_ops(&sc->ops);
}

static inline void nyx_syscore_unregister(struct nyx_syscore *sc)
{
	unregister_syscore_ops(&sc->ops);
}

#endif

/* Exported, but no header declares it. */
#ifdef CONFIG_INTEL_IOMMU
extern int intel_iommu_enabled;

static inline bool nyx_intel_iommu_enabled(void)
{
	return intel_iommu_enabled;
}
#else
static inline bool nyx_intel_iommu_enabled(void)
{
	return false;
}
#endif

#endif /* NYX_COMPAT_H */
