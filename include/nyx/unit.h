/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A unit is one remapping hardware unit, of whichever vendor. The core knows it
 * by its capabilities and by one narrow table of operations.
 */
#ifndef NYX_UNIT_H
#define NYX_UNIT_H

#include <linux/idr.h>
#include <linux/iommu.h>
#include <linux/list.h>
#include <linux/spinlock_types.h>
#include <linux/types.h>

#include <nyx/intr.h>
#include <nyx/pt.h>
#include <nyx/stats.h>

struct nyx_device;
struct nyx_entry_ops;
struct nyx_fault;
struct nyx_invalidate_ops;
struct nyx_unit;
struct seq_file;

/**
 * struct nyx_unit_caps - what the core needs to know of a unit
 * @format: entry format of the tables that the unit walks
 * @pgsizes: leaf sizes that the unit walks
 * @levels: bit n set: the unit walks tables of n levels
 * @addr_bits: widest IOVA, in bits
 * @phys_bits: widest output address, in bits
 * @max_domain_id: largest domain ID; the smallest the core hands out is 1
 * @coherent: the walker snoops CPU caches
 * @passthrough: entries can say identity without a table
 * @snoop: leaves can force snooping
 * @map_flush: a new mapping needs nyx_unit_ops.flush with @map set, because
 *	the unit caches non-present entries or buffers writes
 * @blocked_cached: the unit caches that an entry of a device blocks
 */
struct nyx_unit_caps {
	const struct nyx_pt_format *format;
	unsigned long pgsizes;
	u32 levels;
	u8 addr_bits;
	u8 phys_bits;
	u32 max_domain_id;
	bool coherent;
	bool passthrough;
	bool snoop;
	bool map_flush;
	bool blocked_cached;
};

/**
 * enum nyx_entry_kind - what a device's hardware entry says
 * @NYX_ENTRY_BLOCKED: every request faults
 * @NYX_ENTRY_IDENTITY: requests pass untranslated; needs caps.passthrough
 * @NYX_ENTRY_TABLE: requests go through a page table
 */
enum nyx_entry_kind {
	NYX_ENTRY_BLOCKED,
	NYX_ENTRY_IDENTITY,
	NYX_ENTRY_TABLE,
};

/**
 * struct nyx_entry - the hardware entry that the core wants for a device
 * @kind: what it says
 * @domain_id: the domain ID to tag caches with; unused for BLOCKED
 * @pt: the table, for TABLE
 * @ats: allow translation requests; only with TABLE
 */
struct nyx_entry {
	enum nyx_entry_kind kind;
	u16 domain_id;
	const struct nyx_pt *pt;
	bool ats;
};

/**
 * struct nyx_flush - one invalidation, of one domain on one unit
 * @domain_id: the domain ID on that unit
 * @start: first IOVA
 * @last: last IOVA, inclusive; 0 to U64_MAX means the whole domain
 * @leaf_only: no table was freed, caches of upper levels may stay
 * @map: mappings appeared and none went; only what caches non-present entries
 *	or buffers writes needs anything
 * @ats: the domain's devices with ATS on, linked by nyx_device.ats_node, read
 *	under RCU; NULL if there are none on any unit. The unit takes those
 *	whose nyx_device.unit is itself
 */
struct nyx_flush {
	u16 domain_id;
	u64 start;
	u64 last;
	bool leaf_only;
	bool map;
	const struct list_head *ats;
};

/**
 * struct nyx_unit_ops - what a vendor does for the core
 *
 * The folder of each vendor has one such table. All hardware waits are bounded.
 */
struct nyx_unit_ops {
	/**
	 * @start: bring the unit up: its tables, queues and fault interrupt.
	 * Translation stays off. May sleep. Undoes itself on error.
	 */
	int (*start)(struct nyx_unit *unit);

	/**
	 * @enable: switch translation on. Every entry that must pass DMA has
	 * been set before. May sleep.
	 */
	int (*enable)(struct nyx_unit *unit);

	/**
	 * @disable: switch translation off, with bounded waits; callable with
	 * interrupts off (reboot, kexec) and on a unit that vanished.
	 */
	void (*disable)(struct nyx_unit *unit);

	/**
	 * @stop: undo @start: interrupt, queues, tables, mappings. Translation
	 * is off. May sleep.
	 */
	void (*stop)(struct nyx_unit *unit);

	/**
	 * @destroy: free the unit, allocated by the vendor.
	 */
	void (*destroy)(struct nyx_unit *unit);

	/**
	 * @flush: invalidate, and return when the hardware has confirmed it.
	 * Any context, interrupts may be off. An error is counted, logged and
	 * handled by the vendor: a unit that does not confirm is taken out of
	 * service.
	 *
	 * Returns 0, or -EIO where the unit may not have forgotten: then what
	 * it could reach must not be used for anything else.
	 */
	int (*flush)(struct nyx_unit *unit, const struct nyx_flush *flush);

	/**
	 * @contain: called once, by nyx_unit_fail(): have the unit block all
	 * DMA and all remapped interrupts, and forget all that it cached, as
	 * far as it still obeys, so that what it did not forget lives as short
	 * as possible. Any context, interrupts may be off; with bounded waits.
	 *
	 * Returns true if no translation and no interrupt entry is in use any
	 * more.
	 */
	bool (*contain)(struct nyx_unit *unit);

	/**
	 * @entries: for nyx_entry_set() and nyx_ats_block()
	 */
	const struct nyx_entry_ops *entries;

	/**
	 * @invalidate: for nyx_invalidate() and what it is based on
	 */
	const struct nyx_invalidate_ops *invalidate;

	/**
	 * @show_registers: the unit's registers, decoded by name, for debugfs.
	 */
	void (*show_registers)(struct nyx_unit *unit, struct seq_file *m);

	/**
	 * @show_capabilities: capabilities, decoded by name, for debugfs.
	 */
	void (*show_capabilities)(struct nyx_unit *unit, struct seq_file *m);

	/**
	 * @show_entry: what the table has for a requester ID, for debugfs: its
	 * quads from bits 63:0 on, joined by "+", and its fields, decoded by
	 * name; "- -" if it has nothing.
	 */
	void (*show_entry)(struct nyx_unit *unit, u16 rid, struct seq_file *m);
};

/**
 * struct nyx_unit - one remapping unit; the vendor's struct embeds it
 * @iommu: the core's handle
 * @ops: the vendor's operations
 * @caps: filled in by the vendor before the core sees the unit
 * @name: the vendor's word and a number: for logs, debugfs and sysfs
 * @segment: PCI segment that the unit serves
 * @phys: physical address of the register window
 * @nid: NUMA node, or NUMA_NO_NODE
 * @node: in the list of units, nyx_units
 * @domain_ids: domain IDs in use on this unit
 * @identity: 1:1 table for a unit without pass-through entries, else NULL
 * @identity_id: domain ID of identity entries
 * @intr: interrupt remapping
 * @started: nyx_unit_ops.start() succeeded
 * @enabled: translation is on
 * @dead: does not answer any more; set once, by nyx_unit_fail()
 * @stuck: it was told to stop and did not confirm: whatever it may go on using
 *	is never freed; set by the vendor
 * @registered: the kernel's IOMMU core knows it
 * @store_lock: orders stores to entries of devices. What an entry shall say is up
 *	to whoever holds nyx_device.entry_lock of its device, but
 *	nyx_ats_block() stores in any context: neither sees half of what the
 *	other stored. Hence raw, and taken with interrupts off
 * @stats: per-CPU counters
 */
struct nyx_unit {
	struct iommu_device iommu;
	const struct nyx_unit_ops *ops;
	struct nyx_unit_caps caps;
	char name[16];
	u16 segment;
	phys_addr_t phys;
	int nid;
	struct list_head node;
	struct ida domain_ids;
	struct nyx_pt *identity;
	u16 identity_id;
	struct nyx_intr_unit intr;
	bool started;
	bool enabled;
	bool dead;
	bool stuck;
	bool registered;
	raw_spinlock_t store_lock;	/* see @store_lock above */
	struct nyx_unit_stats __percpu *stats;
};

/**
 * struct nyx_vendor - a vendor's way in
 * @name: as in log lines
 * @table: signature of the ACPI table that describes its units
 * @probe: read the firmware's table, check it and append units to @units. The
 *	units are not touched beyond reading capabilities. Returns 0, -ENODEV
 *	where the table is absent (silently), or another error after one log
 *	line that names cause and remedy; then @units is empty
 * @find_unit: the unit that serves a device, and the requester ID by which the
 *	unit knows it; NULL if none does
 * @alias: whether firmware gives a device, which a unit serves, another
 *	requester ID that its DMA carries, and which; may be NULL
 * @get_resv_regions: append the firmware's reserved regions of a device, as
 *	nyx_ops.get_resv_regions wants them
 * @ats_allowed: firmware says that ATS works on the path to this device
 * @release: free what @probe parsed, after the units have been destroyed
 */
struct nyx_vendor {
	const char *name;
	const char *table;
	int (*probe)(struct list_head *units);
	struct nyx_unit *(*find_unit)(struct device *dev, u16 *rid);
	bool (*alias)(struct device *dev, u16 *alias);
	void (*get_resv_regions)(struct device *dev, struct list_head *head);
	bool (*ats_allowed)(struct device *dev, struct nyx_unit *unit);
	void (*release)(void);
};

extern const struct nyx_vendor nyx_vtd;
extern const struct nyx_vendor nyx_amd;

/*
 * All units and the vendor they came from: set up before the first device is
 * probed, taken down after the last was released, constant in between.
 */
extern struct list_head nyx_units;
extern const struct nyx_vendor *nyx_vendor;

/* Why a unit is out of service that reads as all ones. */
#define NYX_UNIT_GONE_WHY "its registers read as all ones"

int nyx_unit_init(struct nyx_unit *unit, const struct nyx_unit_ops *ops);
void nyx_unit_cleanup(struct nyx_unit *unit);
void nyx_unit_fail(struct nyx_unit *unit, const char *why);

#endif /* NYX_UNIT_H */
