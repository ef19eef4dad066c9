// SPDX-License-Identifier: GPL-2.0-only
/*
 * Measures what the IOMMU API and the DMA API cost with the driver that is loaded. The machine
 * runs with a time stamp counter that counts instructions (-icount shift=0), so each figure is
 * a number of instructions: the median of many calls. Logs one line for each figure.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/dma-mapping.h>
#include <linux/gfp.h>
#include <linux/iommu.h>
#include <linux/irqflags.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/sizes.h>
#include <linux/sort.h>
#include <linux/timex.h>

static char *device;
module_param(device, charp, 0444);
MODULE_PARM_DESC(device, "PCI address of a device without a driver, alone in its group");

static char *dma;
module_param(dma, charp, 0444);
MODULE_PARM_DESC(dma, "measure only the DMA API, and call the figure so");

#define IOVA		0x100000000UL
#define PHYS		0x40000000UL	/* never used, only mapped */
#define ROUNDS		401
#define WARM_UP		20
#define PROT		(IOMMU_READ | IOMMU_WRITE)

#if __has_include("linux/generic_pt/iommu.h")
#include <linux/generic_pt/iommu.h>
#endif

static const char *prefix = "";
static struct device *dev;
static struct iommu_domain *domain;
static u32 first[ROUNDS], second[ROUNDS];

static int compare(const void *a, const void *b)
{
	u32 x = *(const u32 *)a, y = *(const u32 *)b;

	return x < y ? -1 : x > y;
}

static u32 median(u32 *figures)
{
	sort(figures, ROUNDS, sizeof(*figures), compare, NULL);
	return figures[ROUNDS / 2];
}

static void report(const char *what, const char *name, u32 figure)
{
	pr_info("figure %s%s%s %u\n", prefix, what, name, figure);
}

/*
 * Calls @one and @two in turn, and reports what each costs, less what reading the counter
 * costs; not that of @two if @b is NULL. Both return 0, or an error that ends the measurement.
 */
static int measure(const char *name, const char *a, int (*one)(void *arg),
		   const char *b, int (*two)(void *arg), void *arg)
{
	unsigned long flags;
	cycles_t t[4];
	int i, ret = 0;

	for (i = -WARM_UP; i < ROUNDS && !ret; i++) {
		/* What the driver does is measured, not interrupts that happen meanwhile. */
		local_irq_save(flags);
		t[0] = get_cycles();
		t[1] = get_cycles();
		local_irq_restore(flags);
		ret = one(arg);
		t[2] = get_cycles();
		ret = ret ?: two(arg);
		t[3] = get_cycles();
		if (i < 0)
			continue;
		first[i] = t[2] - t[1] - (t[1] - t[0]);
		second[i] = t[3] - t[2] - (t[1] - t[0]);
	}
	if (ret) {
		pr_err("%s: error %d\n", name, ret);
		return ret;
	}
	report(a, name, median(first));
	if (b)
		report(b, name, median(second));
	return 0;
}

/**
 * struct bench_range - a range that is mapped and unmapped
 * @name: name of the figures
 * @iova: first IOVA
 * @phys: first physical address
 * @len: bytes
 */
struct bench_range {
	const char *name;
	unsigned long iova;
	phys_addr_t phys;
	size_t len;
};

static const struct bench_range ranges[] = {
	{ "4k", IOVA + SZ_4K, PHYS, SZ_4K },
	{ "2m-leaf", IOVA + SZ_2M, PHYS, SZ_2M },
	{ "1g-leaf", IOVA + SZ_1G, PHYS, SZ_1G },
	{ "64m", IOVA + SZ_64M, PHYS, SZ_64M },
	{ "1m-pages", IOVA + SZ_2M, PHYS + SZ_4K, SZ_1M },
	{ "2m-pages", IOVA + SZ_2M, PHYS + SZ_4K, SZ_2M },
};

static int map_range(void *arg)
{
	const struct bench_range *range = arg;

	return iommu_map(domain, range->iova, range->phys, range->len, PROT,
			 GFP_KERNEL);
}

static int unmap_range(void *arg)
{
	const struct bench_range *range = arg;

	return iommu_unmap(domain, range->iova, range->len) == range->len ?
	       0 : -EIO;
}

static int look_up(void *arg)
{
	return iommu_iova_to_phys(domain, IOVA) == PHYS ? 0 : -EIO;
}

static int attach(void *arg)
{
	return iommu_attach_device(domain, dev);
}

static int detach(void *arg)
{
	iommu_detach_device(domain, dev);
	return 0;
}

static int alloc(void *arg)
{
	struct iommu_domain **new = arg;

	*new = iommu_paging_domain_alloc(dev);
	return PTR_ERR_OR_ZERO(*new);
}

static int free(void *arg)
{
	struct iommu_domain **old = arg;

	iommu_domain_free(*old);
	return 0;
}

struct mapping {
	struct page *page;
	dma_addr_t addr;
};

static int dma_map(void *arg)
{
	struct mapping *mapping = arg;

	mapping->addr = dma_map_page(dev, mapping->page, 0, SZ_4K,
				     DMA_BIDIRECTIONAL);
	return dma_mapping_error(dev, mapping->addr) ? -EIO : 0;
}

static int dma_unmap(void *arg)
{
	struct mapping *mapping = arg;

	dma_unmap_page(dev, mapping->addr, SZ_4K, DMA_BIDIRECTIONAL);
	return 0;
}

static int measure_dma(void)
{
	struct mapping mapping = { .page = alloc_page(GFP_KERNEL) };
	int ret;

	if (!mapping.page)
		return -ENOMEM;
	ret = dma_set_mask_and_coherent(dev, DMA_BIT_MASK(64)) ?:
	      measure(dma, "dma-map-", dma_map, "dma-unmap-", dma_unmap,
		      &mapping);
	__free_page(mapping.page);
	return ret;
}

/* A neighbour in the same leaf table stays mapped, so a page needs no new table. */
static int measure_ranges(void)
{
	int ret, i;

	ret = iommu_map(domain, IOVA, PHYS, SZ_4K, PROT, GFP_KERNEL);
	for (i = 0; i < ARRAY_SIZE(ranges) && !ret; i++)
		ret = measure(ranges[i].name, "map-", map_range, "unmap-",
			      unmap_range, (void *)&ranges[i]);
	return ret ?: measure("iova-to-phys", "", look_up, NULL, look_up, NULL);
}

/*
 * The floor: what the IOMMU core costs with a driver whose operations return at once. Newer
 * kernels pass whole ranges to operations of the page table.
 */
static int floor_map(struct iommu_domain *floor, unsigned long iova,
		     phys_addr_t paddr, size_t pgsize, size_t count, int prot,
		     gfp_t gfp, size_t *mapped)
{
	*mapped = pgsize * count;
	return 0;
}

static size_t floor_unmap(struct iommu_domain *floor, unsigned long iova,
			  size_t pgsize, size_t count,
			  struct iommu_iotlb_gather *gather)
{
	return pgsize * count;
}

static int floor_sync_map(struct iommu_domain *floor, unsigned long iova,
			  size_t size)
{
	return 0;
}

static void floor_sync(struct iommu_domain *floor,
		       struct iommu_iotlb_gather *gather)
{
}

static phys_addr_t floor_look_up(struct iommu_domain *floor, dma_addr_t iova)
{
	return PHYS;
}

static const struct iommu_domain_ops floor_ops = {
	.map_pages = floor_map,
	.unmap_pages = floor_unmap,
	.iotlb_sync_map = floor_sync_map,
	.iotlb_sync = floor_sync,
	.iova_to_phys = floor_look_up,
};

#if __has_include("linux/generic_pt/iommu.h")
static int floor_map_range(struct pt_iommu *pt, dma_addr_t iova, phys_addr_t paddr,
			   dma_addr_t len, unsigned int prot, gfp_t gfp,
			   size_t *mapped)
{
	*mapped = len;
	return 0;
}

static size_t floor_unmap_range(struct pt_iommu *pt, dma_addr_t iova,
				dma_addr_t len,
				struct iommu_iotlb_gather *gather)
{
	return len;
}

static const struct pt_iommu_ops floor_pt_ops = {
	.map_range = floor_map_range,
	.unmap_range = floor_unmap_range,
};

static struct pt_iommu floor = {
	.domain.is_iommupt = true,
	.ops = &floor_pt_ops,
};
#else
static struct {
	struct iommu_domain domain;
} floor;
#endif

static int measure_floor(void)
{
	floor.domain.type = IOMMU_DOMAIN_UNMANAGED;
	floor.domain.ops = &floor_ops;
	floor.domain.pgsize_bitmap = SZ_4K | SZ_2M | SZ_1G;
	floor.domain.geometry.aperture_end = ~0UL;
	floor.domain.geometry.force_aperture = true;
	domain = &floor.domain;
	prefix = "floor-";
	return measure_ranges();
}

static int measure_domain(void)
{
	struct iommu_domain *other;
	int ret;

	domain = iommu_paging_domain_alloc(dev);
	if (IS_ERR(domain))
		return PTR_ERR(domain);
	/* A driver may wait for RCU in free, and the counter also counts idle time. */
	ret = measure("domain", "alloc-", alloc, NULL, free, &other) ?:
	      measure("device", "attach-", attach, "detach-", detach, NULL);
	if (ret)
		goto out;
	ret = attach(NULL) ?: measure_ranges();
	detach(NULL);
out:
	iommu_domain_free(domain);
	return ret;
}

static int __init bench_init(void)
{
	int ret;

	dev = bus_find_device_by_name(&pci_bus_type, NULL, device ?: "");
	if (!dev)
		return -ENODEV;
	ret = dma ? measure_dma() : measure_domain() ?: measure_floor();
	put_device(dev);
	if (!ret)
		pr_info("complete\n");
	/* There is nothing to keep. */
	return ret ?: -EAGAIN;
}
module_init(bench_init);

MODULE_DESCRIPTION("Counts the instructions of the IOMMU API and of the DMA API");
MODULE_LICENSE("GPL");
