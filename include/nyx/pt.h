/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The page-table engine: one algorithm, one small file per entry format.
 *
 * The engine's primitive is the range. pt_iommu_ops (7.2 and later) hand it a
 * range as it is; io_pgtable_ops are a thin face on top for kernels that split
 * requests into runs of one page size.
 */
#ifndef NYX_PT_H
#define NYX_PT_H

#include <linux/atomic.h>
#include <linux/io-pgtable.h>
#include <linux/iommu.h>
#include <linux/types.h>

#include <nyx/compat.h>

struct nyx_pt;

/**
 * struct nyx_pt_stats - what one table did, counted per CPU
 * @map_calls: ranges mapped
 * @map_bytes: bytes mapped
 * @unmap_calls: ranges unmapped
 * @unmap_bytes: bytes unmapped
 * @tables_allocated: page-table pages allocated
 * @tables_freed: page-table pages handed to a freelist or freed
 *
 * A reader adds up all CPUs; a single CPU's figure means nothing by itself.
 */
struct nyx_pt_stats {
	u64 map_calls;
	u64 map_bytes;
	u64 unmap_calls;
	u64 unmap_bytes;
	u64 tables_allocated;
	u64 tables_freed;
};

/**
 * struct nyx_pt_cfg - what the hardware that will walk a table can do
 * @levels: number of table levels, 1 = one table of leaves
 * @va_bits: input address width in bits, at most 12 + 9 * @levels, and 64
 * @oa_bits: output address width in bits, at most 52
 * @pgsizes: leaf sizes that the walker takes; 4 KiB is always among them, and a
 *	larger one counts only where the table has all the smaller ones too
 * @coherent: the walker snoops CPU caches; if not, each change is flushed
 * @snoop: leaves carry the format's force-snoop bit for IOMMU_CACHE mappings;
 *	formats whose leaves always force it take no notice
 * @nid: NUMA node to take table pages from, or NUMA_NO_NODE
 */
struct nyx_pt_cfg {
	u8 levels;
	u8 va_bits;
	u8 oa_bits;
	unsigned long pgsizes;
	bool coherent;
	bool snoop;
	int nid;
};

/**
 * struct nyx_pt_span - one run of equal mappings, as a walk reports it
 * @iova: first IOVA
 * @paddr: physical address that @iova translates to
 * @len: bytes
 * @prot: IOMMU_READ, IOMMU_WRITE, IOMMU_CACHE as the entries say
 * @pgsize: size of the leaf that holds it, bytes
 */
struct nyx_pt_span {
	u64 iova;
	phys_addr_t paddr;
	u64 len;
	int prot;
	size_t pgsize;
};

/**
 * typedef nyx_pt_visit - called by nyx_pt_walk() for each leaf, in IOVA order
 * @leaf: the leaf, valid during the call
 * @arg: what nyx_pt_walk() was given
 *
 * Return: 0 to go on; anything else ends the walk, which returns it.
 */
typedef int (*nyx_pt_visit)(const struct nyx_pt_span *leaf, void *arg);

/**
 * struct nyx_pt_format - one entry format, instantiated from the engine
 * @name: for debugfs and test names, e.g. "vtdss"
 * @min_levels: fewest table levels that the format allows
 * @max_levels: most table levels that the format allows
 * @leaf_sizes: every leaf size that the format can express
 * @iommupt_ops: the range operations; map_range and unmap_range are the engine
 * @iop_ops: the same engine for runs of pages of one size
 * @iova_to_phys: see nyx_pt_iova_to_phys()
 * @walk: see nyx_pt_walk()
 */
struct nyx_pt_format {
	const char *name;
	u8 min_levels;
	u8 max_levels;
	unsigned long leaf_sizes;
	struct pt_iommu_ops iommupt_ops;
	struct io_pgtable_ops iop_ops;
	phys_addr_t (*iova_to_phys)(struct nyx_pt *pt, u64 iova);
	int (*walk)(struct nyx_pt *pt, u64 iova, u64 last, nyx_pt_visit visit,
		    void *arg);
};

/**
 * struct nyx_pt - one page table
 * @iommu: the core's view; its iommu_domain is the first member, on every
 *	kernel, so a domain that embeds struct nyx_pt first is an iommu_domain
 * @id: the domain's number in debugfs and traces; 0: it belongs to no domain.
 *	Set by the owner after nyx_pt_init()
 * @root: the top table, a page; never changes while the table lives
 * @last_iova: last IOVA that the table translates, a power of two less one
 * @last_paddr: last output address, a power of two less one
 * @cfg: what the table was built for
 * @stats: counters, never NULL
 * @fmt: the entry format
 * @walkers: nyx_pt_walk() calls under way, and one for good after
 *	nyx_pt_keep_tables(); while there are any, no table is taken out of the
 *	tree
 * @iop: copy of @fmt's iop_ops, from which io_pgtable users reach this table
 *
 * Concurrency: map and unmap of disjoint ranges need no lock. The caller owns
 * the range that it changes, as the kernel's IOMMU core demands. A table is
 * taken out only by a caller whose range covers all that the table can
 * translate, so that nobody else can be in it.
 */
struct nyx_pt {
	struct pt_iommu iommu;
	u32 id;
	u64 *root;
	u64 last_iova;
	phys_addr_t last_paddr;
	struct nyx_pt_cfg cfg;
	struct nyx_pt_stats __percpu *stats;
	const struct nyx_pt_format *fmt;
	atomic_t walkers;
	struct io_pgtable_ops iop;
};

extern const struct nyx_pt_format nyx_pt_vtdss;
extern const struct nyx_pt_format nyx_pt_amdv1;

static inline struct nyx_pt *nyx_pt_from_iommupt(struct pt_iommu *iommupt)
{
	return container_of(iommupt, struct nyx_pt, iommu);
}

int nyx_pt_init(struct nyx_pt *pt, const struct nyx_pt_format *fmt,
		const struct nyx_pt_cfg *cfg, gfp_t gfp);
void nyx_pt_destroy(struct nyx_pt *pt);
int nyx_pt_map(struct nyx_pt *pt, u64 iova, phys_addr_t paddr, u64 len,
	       int prot, gfp_t gfp);
size_t nyx_pt_unmap(struct nyx_pt *pt, u64 iova, u64 len,
		    struct iommu_iotlb_gather *gather);
phys_addr_t nyx_pt_iova_to_phys(struct nyx_pt *pt, u64 iova);
int nyx_pt_walk(struct nyx_pt *pt, u64 iova, u64 last, nyx_pt_visit visit,
		void *arg);
void nyx_pt_keep_tables(struct nyx_pt *pt);
void nyx_pt_stats_read(const struct nyx_pt *pt, struct nyx_pt_stats *sum);

#endif /* NYX_PT_H */
