/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Every difference between kernels. Code elsewhere is written for the newest
 * kernel; what an older kernel lacks is defined here.
 *
 * compat.mk searches the kernel's headers for each interface, and defines
 * NYX_HAVE_<name> where it finds the newest variant. It also lists which kernels
 * have which variant. No version is compared, because stable branches and
 * distributions backport interfaces.
 */
#ifndef NYX_COMPAT_H
#define NYX_COMPAT_H

#include <linux/iommu.h>
#include <linux/irq.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/msi.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/syscore_ops.h>
#include <uapi/linux/iommufd.h>

#ifndef NYX_HAVE_KZALLOC_OBJ

/* The last argument of kzalloc_*() is optional. */
#define __nyx_gfp(unused, gfp, ...) gfp
#define nyx_gfp(...) __nyx_gfp(, ##__VA_ARGS__, GFP_KERNEL)

#define kzalloc_obj(p, ...) kzalloc(sizeof(p), nyx_gfp(__VA_ARGS__))
#define kzalloc_objs(p, count, ...) \
	kcalloc(count, sizeof(p), nyx_gfp(__VA_ARGS__))
#define kzalloc_flex(p, member, count, ...)				\
	kzalloc(struct_size_t(typeof(p), member, count),		\
		nyx_gfp(__VA_ARGS__))

#endif

#ifndef NYX_HAVE_MSI_DESCS_LOCK

DEFINE_LOCK_GUARD_1(msi_descs_lock, struct device, msi_lock_descs(_T->lock),
		    msi_unlock_descs(_T->lock))

#endif

/* Since 6.16. Only lockdep uses the second argument. */
#ifndef mutex_trylock_nest_lock
#define mutex_trylock_nest_lock(lock, nest_lock) mutex_trylock(lock)
#endif

/* What the owner of a virtual CPU passes to irq_set_vcpu_affinity(). */
#ifdef NYX_HAVE_PI_DATA
#define nyx_vcpu_data intel_iommu_pi_data
#else
#define nyx_vcpu_data vcpu_data
#endif

#ifdef NYX_HAVE_IOMMU_PAGES_LIST

/* Exported, but drivers/iommu/iommu-pages.h is not shipped with the headers. */
void *iommu_alloc_pages_node_sz(int nid, gfp_t gfp, size_t size);
void iommu_free_pages(void *virt);
void iommu_put_pages_list(struct iommu_pages_list *list);

static inline struct iommu_pages_list *
nyx_gather_freelist(struct iommu_iotlb_gather *gather)
{
	return &gather->freelist;
}

#else

#include <linux/mmzone.h>
#include <linux/vmstat.h>

struct iommu_pages_list {
	struct list_head pages;
};

#define IOMMU_PAGES_LIST_INIT(name) \
	((struct iommu_pages_list){ .pages = LIST_HEAD_INIT((name).pages) })

/*
 * The IOMMU core frees the pages of a gather's freelist itself, and decrements
 * these two counters for each page. So allocation increments them.
 */
static inline void nyx_account_page(struct page *page, int pages)
{
	mod_node_page_state(page_pgdat(page), NR_IOMMU_PAGES, pages);
	mod_lruvec_page_state(page, NR_SECONDARY_PAGETABLE, pages);
}

static inline void *iommu_alloc_pages_node_sz(int nid, gfp_t gfp, size_t size)
{
	unsigned int order = get_order(size);
	struct page *page = alloc_pages_node(nid, gfp | __GFP_ZERO | __GFP_COMP,
					     order);

	if (!page)
		return NULL;
	nyx_account_page(page, 1 << order);
	return page_address(page);
}

static inline void iommu_free_pages(void *virt)
{
	unsigned int order;

	if (!virt)
		return;
	order = compound_order(virt_to_page(virt));
	nyx_account_page(virt_to_page(virt), -(1 << order));
	__free_pages(virt_to_page(virt), order);
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

#endif

/* The list runs through page->lru, where struct ioptdesc has its element. */
static inline void iommu_pages_list_add(struct iommu_pages_list *list,
					void *virt)
{
	list_add_tail(&virt_to_page(virt)->lru, &list->pages);
}

#ifdef NYX_HAVE_IOMMUPT

#include <linux/generic_pt/iommu.h>

/* The IOMMU core passes whole ranges to pt_iommu_ops if is_iommupt is set. */
static inline void nyx_domain_set_iommupt(struct iommu_domain *domain)
{
	domain->is_iommupt = true;
}

#else

struct pt_iommu;

struct pt_iommu_info {
	u64 pgsize_bitmap;
};

/* The part of the kernel's interface that the engine implements. */
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

static inline void nyx_domain_set_iommupt(struct iommu_domain *domain)
{
}

#endif

/* The domain that a device leaves is not needed: its record has it. */
#ifdef NYX_HAVE_ATTACH_OLD_DOMAIN
#define NYX_ATTACH_OP(op, fn)						\
static int op(struct iommu_domain *domain, struct device *dev,		\
	      struct iommu_domain *old)					\
{									\
	return fn(domain, dev);						\
}
#else
#define NYX_ATTACH_OP(op, fn)						\
static int op(struct iommu_domain *domain, struct device *dev)		\
{									\
	return fn(domain, dev);						\
}
#endif

/*
 * Allocation of domains with flags. Older kernels pass the parent of a nested domain
 * to the same operation. NYX_NESTED_OP is to be used without a comma.
 */
#ifdef NYX_HAVE_ALLOC_FLAGS
#define NYX_NESTED_OP(nested) .domain_alloc_nested = nested,
#define NYX_ALLOC_FLAGS_OP(op, fn, nested)				\
static struct iommu_domain *(op)(struct device *dev, u32 flags,		\
				 const struct iommu_user_data *data)	\
{									\
	return fn(dev, flags, data);					\
}
#else
#define domain_alloc_paging_flags domain_alloc_user
#define NYX_NESTED_OP(nested)
#define NYX_ALLOC_FLAGS_OP(op, fn, nested)				\
static struct iommu_domain *(op)(struct device *dev, u32 flags,		\
				 struct iommu_domain *parent,		\
				 const struct iommu_user_data *data)	\
{									\
	return parent ? nested(dev, parent, flags, data) :		\
			fn(dev, flags, data);				\
}
#endif

/*
 * How the IOMMU core blocks a PASID again: by an operation of the blocked domain, which
 * older ones ignore, or by remove(dev, pasid). Drivers of devices ask older ones for
 * page requests and SVA: offers(dev, sva) tells whether they are available.
 * NYX_PASID_OPS is to be used without a comma.
 */
#ifdef NYX_HAVE_PASID_BLOCKED
#define NYX_PASID_FUNCTIONS(remove, offers)
#define NYX_PASID_OPS
#else
#define NYX_PASID_FUNCTIONS(remove, offers)				\
static void nyx_remove_dev_pasid(struct device *dev, ioasid_t pasid,	\
				 struct iommu_domain *domain)		\
{									\
	remove(dev, pasid);						\
}									\
									\
static int nyx_dev_enable_feat(struct device *dev,			\
			       enum iommu_dev_features feature)		\
{									\
	return offers(dev, feature == IOMMU_DEV_FEAT_SVA) ? 0 : -ENODEV; \
}									\
									\
static int nyx_dev_disable_feat(struct device *dev,			\
				enum iommu_dev_features feature)	\
{									\
	return 0;							\
}

#define NYX_PASID_OPS							\
	.remove_dev_pasid = nyx_remove_dev_pasid,			\
	.dev_enable_feat = nyx_dev_enable_feat,				\
	.dev_disable_feat = nyx_dev_disable_feat,
#endif

#ifndef NYX_HAVE_HWPT_PASID
#define IOMMU_HWPT_ALLOC_PASID BIT(3)
#endif

/*
 * Description of a unit for user space. The caller of a newer kernel may ask for a
 * certain type.
 */
#ifdef NYX_HAVE_HW_INFO_ENUM
#define NYX_HW_INFO_OP(op, fn)						\
static void *(op)(struct device *dev, u32 *length,			\
		  enum iommu_hw_info_type *type)			\
{									\
	return fn(dev, length, type);					\
}
#else
#define IOMMU_HW_INFO_TYPE_DEFAULT IOMMU_HW_INFO_TYPE_NONE
#define NYX_HW_INFO_OP(op, fn)						\
static void *(op)(struct device *dev, u32 *length, u32 *type)		\
{									\
	enum iommu_hw_info_type found = IOMMU_HW_INFO_TYPE_DEFAULT;	\
	void *info = fn(dev, length, &found);				\
									\
	*type = found;							\
	return info;							\
}
#endif

static inline bool nyx_cap_is_ats(enum iommu_cap cap)
{
#ifdef NYX_HAVE_CAP_ATS
	return cap == IOMMU_CAP_PCI_ATS_SUPPORTED;
#else
	return false;
#endif
}

/*
 * Whether the IOMMU core can report dirty pages: without this option iova_bitmap_set()
 * does nothing, and IOMMUFD takes all pages for clean. Tests do not need it.
 */
static inline bool nyx_reports_dirty(void)
{
	return IS_ENABLED(CONFIG_IOMMUFD_DRIVER) ||
	       IS_ENABLED(CONFIG_NYX_IOMMU_KUNIT_TEST);
}

/* The namespace of iova_bitmap_set(). */
#ifdef NYX_HAVE_NS_STRING
#define NYX_IMPORT_NS_IOMMUFD() MODULE_IMPORT_NS("IOMMUFD")
#else
#define NYX_IMPORT_NS_IOMMUFD() MODULE_IMPORT_NS(IOMMUFD)
#endif

/* A quirk of bridges; on kernels without it no bridge has the flag. */
#ifndef NYX_HAVE_BRIDGE_NO_ALIAS
#define PCI_DEV_FLAGS_PCI_BRIDGE_NO_ALIAS 0
#endif

/*
 * The ACS capabilities of a device. acs_capabilities leaves out those that the
 * kernel knows to be broken.
 */
static inline u16 nyx_pci_acs_offered(struct pci_dev *pdev)
{
#ifdef NYX_HAVE_ACS_CAPABILITIES
	return pdev->acs_capabilities;
#else
	u16 cap;

	pci_read_config_word(pdev, pdev->acs_cap + PCI_ACS_CAP, &cap);
	return PCI_POSSIBLE_ERROR(cap) ? 0 : cap;
#endif
}

#ifdef NYX_HAVE_SYSCORE_DATA

struct nyx_syscore {
	struct syscore syscore;
	struct syscore_ops ops;
	int (*suspend)(void);
	void (*resume)(void);
	void (*shutdown)(void);
};

static inline int nyx_syscore_suspend(void *data)
{
	struct nyx_syscore *sc = data;

	return sc->suspend();
}

static inline void nyx_syscore_resume(void *data)
{
	struct nyx_syscore *sc = data;

	sc->resume();
}

static inline void nyx_syscore_shutdown(void *data)
{
	struct nyx_syscore *sc = data;

	sc->shutdown();
}

static inline void nyx_syscore_register(struct nyx_syscore *sc,
					int (*suspend)(void),
					void (*resume)(void),
					void (*shutdown)(void))
{
	sc->suspend = suspend;
	sc->resume = resume;
	sc->shutdown = shutdown;
	sc->ops.suspend = nyx_syscore_suspend;
	sc->ops.resume = nyx_syscore_resume;
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

/* The callbacks take no argument, so only one caller can use these. */
struct nyx_syscore {
	struct syscore_ops ops;
};

static inline void nyx_syscore_register(struct nyx_syscore *sc,
					int (*suspend)(void),
					void (*resume)(void),
					void (*shutdown)(void))
{
	sc->ops.suspend = suspend;
	sc->ops.resume = resume;
	sc->ops.shutdown = shutdown;
	register_syscore_ops(&sc->ops);
}

static inline void nyx_syscore_unregister(struct nyx_syscore *sc)
{
	unregister_syscore_ops(&sc->ops);
}

#endif

/*
 * Lets an interrupt be moved outside of its handler. Kernels that have
 * IRQCHIP_MOVE_DEFERRED allow it unless the chip sets that flag.
 */
static inline void nyx_irq_move_anytime(unsigned int irq)
{
#ifndef NYX_HAVE_IRQ_MOVE_DEFERRED
	irq_set_status_flags(irq, IRQ_MOVE_PCNTXT);
#endif
}

/* Undoes nyx_irq_move_anytime(). */
static inline void nyx_irq_move_in_handler(unsigned int irq)
{
#ifndef NYX_HAVE_IRQ_MOVE_DEFERRED
	irq_clear_status_flags(irq, IRQ_MOVE_PCNTXT);
#endif
}

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
