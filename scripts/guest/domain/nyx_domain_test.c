// SPDX-License-Identifier: GPL-2.0-only
/*
 * Uses the IOMMU API as another driver would: one domain for two devices,
 * mapped by hand, with a fault handler. Logs one line for each check. The
 * domain exists until the module is unloaded.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/iommu.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/sizes.h>

static char *device[2];
static int nr_devices;
module_param_array(device, charp, &nr_devices, 0444);
MODULE_PARM_DESC(device, "PCI addresses of two devices without a driver");

/* Above the machine's memory, so that an IOVA is never a physical address. */
#define IOVA		0x140000000UL
#define HUGE_PHYS	0x40000000UL	/* never used, only mapped */

static struct iommu_domain *domain;
static struct device *dev[2];
static bool attached[2];
static struct page *page;

#define expect(name, condition) \
	pr_info("%s %s\n", (condition) ? "ok" : "not ok", name)

static int note_fault(struct iommu_domain *faulted, struct device *by,
		      unsigned long iova, int flags, void *token)
{
	pr_info("handler %s 0x%lx %s %s\n", dev_name(by), iova,
		flags == IOMMU_FAULT_WRITE ? "write" : "read",
		faulted == domain && token == &domain ? "right" : "wrong");
	return 0;
}

static void check_pages(phys_addr_t phys)
{
	expect("map", !iommu_map(domain, IOVA, phys, SZ_4K,
				 IOMMU_READ | IOMMU_WRITE, GFP_KERNEL));
	expect("phys", iommu_iova_to_phys(domain, IOVA + 5) == phys + 5);
	expect("neighbours-not-mapped",
	       !iommu_iova_to_phys(domain, IOVA + SZ_4K) &&
	       !iommu_iova_to_phys(domain, IOVA - 1));
	expect("overlapping-map-refused",
	       iommu_map(domain, IOVA - SZ_4K, HUGE_PHYS, 4 * SZ_4K,
			 IOMMU_READ, GFP_KERNEL) == -EEXIST);
	expect("refused-map-changes-nothing",
	       iommu_iova_to_phys(domain, IOVA) == phys &&
	       !iommu_iova_to_phys(domain, IOVA - SZ_4K) &&
	       !iommu_iova_to_phys(domain, IOVA + SZ_4K));
}

/*
 * A range that needs 4 KiB and 2 MiB leaves at both ends and a 1 GiB leaf in
 * the middle.
 */
static void check_range(void)
{
	const unsigned long begin = IOVA + SZ_1G - SZ_2M - SZ_4K;
	const size_t size = SZ_1G + 2 * (SZ_2M + SZ_4K);
	const phys_addr_t phys = HUGE_PHYS + SZ_1G - SZ_2M - SZ_4K;

	expect("map-large", !iommu_map(domain, begin, phys, size,
				       IOMMU_READ, GFP_KERNEL));
	expect("phys-large",
	       iommu_iova_to_phys(domain, begin) == phys &&
	       iommu_iova_to_phys(domain, begin + size - 1) == phys + size - 1);
	expect("unmap-large", iommu_unmap(domain, begin, size) == size);
	expect("unmapped-large", !iommu_iova_to_phys(domain, begin) &&
	       !iommu_iova_to_phys(domain, begin + size / 2) &&
	       !iommu_iova_to_phys(domain, begin + size - 1));
	expect("unmap-nothing", !iommu_unmap(domain, begin, size));
}

static void leave(void)
{
	int i;

	for (i = 0; i < 2; i++) {
		if (attached[i])
			iommu_detach_device(domain, dev[i]);
		put_device(dev[i]);
	}
	if (!IS_ERR_OR_NULL(domain))
		iommu_domain_free(domain);
	if (page)
		__free_page(page);
}

static int enter(void)
{
	int i;

	for (i = 0; i < 2; i++) {
		dev[i] = bus_find_device_by_name(&pci_bus_type, NULL, device[i]);
		if (!dev[i])
			return -ENODEV;
	}
	page = alloc_page(GFP_KERNEL);
	domain = iommu_paging_domain_alloc(dev[0]);
	if (!page || IS_ERR(domain))
		return -ENOMEM;
	iommu_set_fault_handler(domain, note_fault, &domain);
	for (i = 0; i < 2; i++) {
		attached[i] = !iommu_attach_device(domain, dev[i]);
		expect(i ? "attach-second" : "attach-first", attached[i]);
	}
	return 0;
}

static int __init domain_test_init(void)
{
	int ret = nr_devices == 2 ? enter() : -EINVAL;

	if (ret) {
		leave();
		return ret;
	}
	check_pages(page_to_phys(page));
	check_range();
	expect("unmap", iommu_unmap(domain, IOVA, SZ_4K) == SZ_4K);
	pr_info("complete\n");
	return 0;
}
module_init(domain_test_init);

static void __exit domain_test_exit(void)
{
	leave();
}
module_exit(domain_test_exit);

MODULE_DESCRIPTION("Uses a domain like a driver that calls the IOMMU API");
MODULE_LICENSE("GPL");
