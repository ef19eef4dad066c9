/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The page-table engine: one algorithm, and one small file for each entry
 * format.
 *
 * The engine maps and unmaps ranges. An IOMMU core with pt_iommu_ops passes
 * whole ranges to it. Older ones split a range into runs of pages of one size
 * and pass each run to io_pgtable_ops, which call the same range functions.
 */
#ifndef NYX_PT_H
#define NYX_PT_H

#include <linux/atomic.h>
#include <linux/io-pgtable.h>
#include <linux/iommu.h>
#include <linux/types.h>

#include <nyx/compat.h>

struct nyx_latency;
struct nyx_pt;

/**
 * struct nyx_pt_stats - counters of one page table, per CPU
 * @map_calls: ranges mapped
 * @map_bytes: bytes mapped
 * @unmap_calls: ranges unmapped
 * @unmap_bytes: bytes unmapped
 * @tables_allocated: page-table pages allocated
 * @tables_freed: page-table pages freed or added to a freelist
 *
 * Readers use the sum over all CPUs. The count of one CPU has no meaning of its
 * own: a table allocated on one CPU may be freed on another.
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
 * struct nyx_pt_cfg - configuration of a page table
 * @levels: number of table levels; 1 is a single table of leaves
 * @va_bits: input address width in bits, at most 12 + 9 * @levels, and 64
 * @oa_bits: output address width in bits, at most 52
 * @pgsizes: leaf sizes that the walker supports. 4 KiB is required. A larger
 *	size is used only if all smaller sizes of the format are supported too
 * @coherent: the walker snoops CPU caches; if not, each change is flushed
 * @dirty: the walker can record in leaves that a device has written. Then each
 *	leaf is one entry, and the walker is coherent
 * @snoop: every leaf has the format's force-snoop bit, so that requests of
 *	devices snoop CPU caches even with the No Snoop attribute; ignored by
 *	formats with nyx_pt_format.always_snoops
 * @writable: every mapping allows writes; others are refused
 * @nid: NUMA node to allocate table pages on, or NUMA_NO_NODE
 *
 * Describes the hardware that walks the page table.
 */
struct nyx_pt_cfg {
	u8 levels;
	u8 va_bits;
	u8 oa_bits;
	unsigned long pgsizes;
	bool coherent;
	bool dirty;
	bool snoop;
	bool writable;
	int nid;
};

/**
 * struct nyx_pt_span - a leaf, as reported by a walk
 * @iova: first IOVA
 * @paddr: physical address that @iova translates to
 * @len: bytes
 * @prot: IOMMU_READ, IOMMU_WRITE, IOMMU_CACHE, as encoded in the entry
 * @pgsize: size of the leaf in bytes
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
 * @arg: the argument passed to nyx_pt_walk()
 *
 * Return: 0 to continue; any other value ends the walk and is returned by it.
 */
typedef int (*nyx_pt_visit)(const struct nyx_pt_span *leaf, void *arg);

/**
 * typedef nyx_pt_record - called by nyx_pt_read_dirty() for pages that were written
 * @iova: first IOVA, a multiple of 4 KiB
 * @len: bytes
 * @arg: the argument passed to nyx_pt_read_dirty()
 */
typedef void (*nyx_pt_record)(u64 iova, u64 len, void *arg);

/**
 * struct nyx_pt_dirty_read - what a call of nyx_pt_read_dirty() does
 * @iova: first IOVA, a multiple of 4 KiB
 * @last: last IOVA, inclusive; one less than a multiple of 4 KiB
 * @gather: extended by what has to be flushed; NULL to leave all dirty bits set
 * @split: replace dirty superpages in the range by smaller leaves, to find out
 *	later which part of them is written
 * @record: called for each dirty range, in order of IOVAs; may be NULL
 * @arg: passed to @record
 */
struct nyx_pt_dirty_read {
	u64 iova;
	u64 last;
	struct iommu_iotlb_gather *gather;
	bool split;
	nyx_pt_record record;
	void *arg;
};

/**
 * struct nyx_pt_format - the engine, instantiated for one entry format
 * @name: shown in debugfs and test names, e.g. "vtdss"
 * @min_levels: fewest table levels that the format allows
 * @max_levels: most table levels that the format allows
 * @leaf_sizes: every leaf size that the format can express
 * @always_snoops: every leaf forces snooping
 * @iommupt_ops: operations on ranges
 * @iop_ops: operations on runs of pages of one size
 * @iova_to_phys: see nyx_pt_iova_to_phys()
 * @leaf: see nyx_pt_peek(); false if nothing is mapped
 * @walk: see nyx_pt_walk()
 * @read_dirty: see nyx_pt_read_dirty()
 */
struct nyx_pt_format {
	const char *name;
	u8 min_levels;
	u8 max_levels;
	unsigned long leaf_sizes;
	bool always_snoops;
	struct pt_iommu_ops iommupt_ops;
	struct io_pgtable_ops iop_ops;
	phys_addr_t (*iova_to_phys)(struct nyx_pt *pt, u64 iova);
	bool (*leaf)(const struct nyx_pt *pt, u64 iova,
		     struct nyx_pt_span *leaf);
	int (*walk)(struct nyx_pt *pt, u64 iova, u64 last, nyx_pt_visit visit,
		    void *arg);
	void (*read_dirty)(struct nyx_pt *pt,
			   const struct nyx_pt_dirty_read *read);
};

/**
 * struct nyx_pt - one page table
 * @iommu: the part known to the IOMMU core. Its first member is the
 *	iommu_domain on every kernel, so a structure that embeds struct nyx_pt
 *	as its first member can be used as an iommu_domain
 * @id: the domain's number in debugfs and traces, set by the domain; 0 for a
 *	page table that belongs to no domain
 * @root: the top table, one page; does not change while the page table exists
 * @last_iova: last IOVA that can be mapped, a power of two minus one
 * @last_paddr: last output address, a power of two minus one
 * @access: a mapping allows at least one of these accesses, IOMMU_READ and IOMMU_WRITE
 * @cfg: the configuration passed to nyx_pt_init(), with @cfg.pgsizes reduced to
 *	the sizes in use; @cfg.snoop may be set later by nyx_pt_force_snoop()
 * @stats: counters, never NULL
 * @latency: latency histograms, NULL until they are switched on
 * @fmt: the entry format
 * @walkers: number of calls in progress of nyx_pt_walk(), nyx_pt_read_dirty() and
 *	nyx_pt_peek(), plus one for each call of nyx_pt_keep_tables(). Unless it is 0, no table is
 *	removed from the tree
 * @removers: number of calls in progress that may remove tables
 * @iop: copy of @fmt's iop_ops; io_pgtable users pass a pointer to it
 *
 * Concurrency: mapping and unmapping disjoint ranges needs no lock. The IOMMU
 * core guarantees that a caller owns the range that it changes. A table is
 * removed only by a caller whose range covers everything that the table can
 * translate, so no other caller can be using it.
 */
struct nyx_pt {
	struct pt_iommu iommu;
	u32 id;
	u64 *root;
	u64 last_iova;
	phys_addr_t last_paddr;
	unsigned int access;
	struct nyx_pt_cfg cfg;
	struct nyx_pt_stats __percpu *stats;
	struct nyx_latency __percpu *latency;
	const struct nyx_pt_format *fmt;
	atomic_t walkers;
	atomic_t removers;
	struct io_pgtable_ops iop;
};

extern const struct nyx_pt_format nyx_pt_vtdss;
extern const struct nyx_pt_format nyx_pt_amdv1;
extern const struct nyx_pt_format nyx_pt_x86;

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
int nyx_pt_read_dirty(struct nyx_pt *pt, const struct nyx_pt_dirty_read *read);
int nyx_pt_peek(struct nyx_pt *pt, u64 iova, struct nyx_pt_span *leaf);
void nyx_pt_keep_tables(struct nyx_pt *pt);
bool nyx_pt_force_snoop(struct nyx_pt *pt);
void nyx_pt_stats_read(const struct nyx_pt *pt, struct nyx_pt_stats *sum);

#endif /* NYX_PT_H */
