// SPDX-License-Identifier: GPL-2.0-only
/*
 * A driver with mistakes: has the edu device use addresses that it must not use.
 * Everything happens when the driver is bound; it leaves the device at once.
 *
 * Registers: docs/specs/edu in QEMU.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/delay.h>
#include <linux/dma-mapping.h>
#include <linux/io.h>
#include <linux/io-64-nonatomic-lo-hi.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/smp.h>
#include <linux/string.h>

#define EDU_DMA_SOURCE		0x80
#define EDU_DMA_DESTINATION	0x88
#define EDU_DMA_COUNT		0x90
#define EDU_DMA_COMMAND		0x98
#define EDU_DMA_RUN		0x1
#define EDU_DMA_TO_MEMORY	0x2
#define EDU_BUFFER		0x40000
#define EDU_DMA_TRIES		300
#define EDU_DMA_WAIT_MS		10

/* A few bytes, so that each DMA causes one fault. */
#define COUNT			8

/* Contents of the buffer that was unmapped, and of another one. */
#define OLD			'o'
#define OTHER			's'

/* How long a mapping exists after a mistake, in ms. */
#define FAULT_MS 1500

/* Longer than the flush queue of the IOMMU core usually waits, in ms. */
#define DRAIN_MS		50

static char *device;
module_param(device, charp, 0444);
MODULE_PARM_DESC(device, "PCI address of the device");

static char *mistake;
module_param(mistake, charp, 0444);
MODULE_PARM_DESC(mistake, "address, past-end, physical, read-only, unmapped or reused");

static ulong address;
module_param(address, ulong, 0444);
MODULE_PARM_DESC(address, "where the device reads with mistake=address");

/**
 * struct edu - the device
 * @dev: the device
 * @bar: its registers
 * @pages: three pages: a buffer, another buffer, and what the device read
 */
struct edu {
	struct device *dev;
	void __iomem *bar;
	u8 *pages[3];
};

/*
 * The next two functions are what explanations of faults name. They are not
 * inlined, and what they call returns to them.
 */
static noinline dma_addr_t edu_map_buffer(struct edu *edu, void *buffer,
					  enum dma_data_direction dir)
{
	dma_addr_t iova = dma_map_single(edu->dev, buffer, PAGE_SIZE, dir);

	if (dma_mapping_error(edu->dev, iova))
		pr_err("cannot map\n");
	return iova;
}

static noinline void edu_unmap_buffer(struct edu *edu, dma_addr_t iova,
				      enum dma_data_direction dir)
{
	dma_unmap_single(edu->dev, iova, PAGE_SIZE, dir);
	barrier();
}

/* Transfers COUNT bytes, a tenth of a second later. */
static void edu_dma(struct edu *edu, u64 command, u64 iova)
{
	u64 from = iova, to = EDU_BUFFER;
	int tries;

	if (command & EDU_DMA_TO_MEMORY)
		swap(from, to);
	writeq(from, edu->bar + EDU_DMA_SOURCE);
	writeq(to, edu->bar + EDU_DMA_DESTINATION);
	writeq(COUNT, edu->bar + EDU_DMA_COUNT);
	writeq(command | EDU_DMA_RUN, edu->bar + EDU_DMA_COMMAND);
	for (tries = 0; tries < EDU_DMA_TRIES; tries++) {
		msleep(EDU_DMA_WAIT_MS);
		if (!(readq(edu->bar + EDU_DMA_COMMAND) & EDU_DMA_RUN))
			return;
	}
	pr_err("edu does not finish its DMA\n");
}

/*
 * Has the device write what it read before to the third page. It has read zeros
 * if the request was refused.
 */
static const char *edu_has_read(struct edu *edu)
{
	dma_addr_t iova = edu_map_buffer(edu, edu->pages[2], DMA_FROM_DEVICE);

	memset(edu->pages[2], 'x', PAGE_SIZE);
	edu_dma(edu, EDU_DMA_TO_MEMORY, iova);
	edu_unmap_buffer(edu, iova, DMA_FROM_DEVICE);
	switch (edu->pages[2][0]) {
	case 0:
		return "nothing";
	case OLD:
		return "old";
	case OTHER:
		return "other";
	default:
		return "garbage";
	}
}

/**
 * struct next_buffer - a buffer that is mapped after another one was unmapped
 * @edu: the device
 * @iova: its address
 */
struct next_buffer {
	struct edu *edu;
	dma_addr_t iova;
};

static void map_next(void *arg)
{
	struct next_buffer *next = arg;

	next->iova = edu_map_buffer(next->edu, next->edu->pages[1],
				    DMA_TO_DEVICE);
}

/*
 * The device reads a buffer late: it was unmapped, and other buffers were mapped
 * since. Each CPU has its own list of free addresses, so each one maps a buffer.
 */
static void read_after_unmap(struct edu *edu)
{
	struct next_buffer next[4] = { };
	bool reused = false;
	dma_addr_t iova;
	int cpu;

	memset(edu->pages[0], OLD, PAGE_SIZE);
	memset(edu->pages[1], OTHER, PAGE_SIZE);
	iova = edu_map_buffer(edu, edu->pages[0], DMA_TO_DEVICE);
	/* The unit caches the translation, unless it is invalidated. */
	edu_dma(edu, 0, iova);
	edu_unmap_buffer(edu, iova, DMA_TO_DEVICE);
	msleep(DRAIN_MS);
	for (cpu = 0; cpu < ARRAY_SIZE(next); cpu++) {
		next[cpu].edu = edu;
		if (!cpu_online(cpu))
			continue;
		smp_call_function_single(cpu, map_next, &next[cpu], true);
		reused |= next[cpu].iova == iova;
	}
	edu_dma(edu, 0, iova);
	for (cpu = 0; cpu < ARRAY_SIZE(next); cpu++)
		if (next[cpu].iova)
			edu_unmap_buffer(edu, next[cpu].iova, DMA_TO_DEVICE);
	pr_info("reused %d read %s\n", reused, edu_has_read(edu));
}

static void err(struct edu *edu)
{
	dma_addr_t iova = 0;

	if (!strcmp(mistake, "address")) {
		edu_dma(edu, 0, address);
		return;
	}
	if (!strcmp(mistake, "reused")) {
		read_after_unmap(edu);
		return;
	}
	iova = edu_map_buffer(edu, edu->pages[0], DMA_TO_DEVICE);
	pr_info("mapped 0x%llx\n", iova);
	if (!strcmp(mistake, "past-end"))
		edu_dma(edu, 0, iova + PAGE_SIZE);
	else if (!strcmp(mistake, "physical"))
		edu_dma(edu, 0, virt_to_phys(edu->pages[0]) + COUNT);
	else if (!strcmp(mistake, "read-only"))
		edu_dma(edu, EDU_DMA_TO_MEMORY, iova);
	/* On a busy machine, the fault is read some time after the DMA. */
	if (strcmp(mistake, "unmapped"))
		msleep(FAULT_MS);
	edu_unmap_buffer(edu, iova, DMA_TO_DEVICE);
	if (!strcmp(mistake, "unmapped"))
		edu_dma(edu, 0, iova);
}

static int stray_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct edu edu = { .dev = &pdev->dev };
	int i, ret;

	if (!device || !mistake || strcmp(pci_name(pdev), device))
		return -ENODEV;
	ret = pcim_enable_device(pdev);
	if (ret)
		return ret;
	edu.bar = pcim_iomap(pdev, 0, 0);
	for (i = 0; i < ARRAY_SIZE(edu.pages); i++)
		edu.pages[i] = (u8 *)devm_get_free_pages(&pdev->dev, GFP_KERNEL,
							 0);
	if (!edu.bar || !edu.pages[0] || !edu.pages[1] || !edu.pages[2])
		return -ENOMEM;
	ret = dma_set_mask_and_coherent(&pdev->dev, DMA_BIT_MASK(64));
	if (ret)
		return ret;
	pci_set_master(pdev);
	err(&edu);
	pr_info("complete\n");
	return -ENODEV;
}

static const struct pci_device_id stray_ids[] = {
	{ PCI_DEVICE(0x1234, 0x11e8) },
	{ }
};

static struct pci_driver stray_driver = {
	.name = KBUILD_MODNAME,
	.id_table = stray_ids,
	.probe = stray_probe,
};
module_pci_driver(stray_driver);

MODULE_DESCRIPTION("Has a device use addresses that it must not use");
MODULE_LICENSE("GPL");
