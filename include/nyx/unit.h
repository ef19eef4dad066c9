/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Units: the contract between the core and the vendors.
 *
 * A unit is one piece of remapping hardware. The core does not depend on its
 * vendor. It reads the capabilities of the unit, struct nyx_unit_caps, and
 * calls its operations, struct nyx_unit_ops.
 */
#ifndef NYX_UNIT_H
#define NYX_UNIT_H

#include <linux/idr.h>
#include <linux/iommu.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/spinlock_types.h>
#include <linux/types.h>
#include <uapi/linux/iommufd.h>

#include <nyx/fault.h>
#include <nyx/intr.h>
#include <nyx/page_request.h>
#include <nyx/pt.h>
#include <nyx/stats.h>

struct iopf_queue;
struct nyx_device;
struct nyx_entry_ops;
struct nyx_invalidate_ops;
struct nyx_latency;
struct nyx_nested_ops;
struct nyx_pasid_ops;
struct nyx_unit;
struct nyx_flush_ticket;
struct seq_file;

/**
 * struct nyx_walk_caps - the first-stage tables that a unit walks
 * @format: format of the entries; NULL if the unit walks no such tables
 * @pgsizes: supported leaf sizes, as a bitmap of page sizes
 * @levels: supported table depths: bit n is set if the unit walks tables of n
 *	levels
 * @addr_bits: width of the largest IOVA, in bits
 * @per_device: each device has its own domain ID for all tables of this kind,
 *	because the unit finds the domain ID in the entry of the device. Otherwise
 *	devices that share a table share a domain ID
 */
struct nyx_walk_caps {
	const struct nyx_pt_format *format;
	unsigned long pgsizes;
	u32 levels;
	u8 addr_bits;
	bool per_device;
};

/**
 * struct nyx_unit_caps - capabilities of a unit
 * @format: format of the page-table entries that the unit walks
 * @pgsizes: supported leaf sizes, as a bitmap of page sizes
 * @levels: supported table depths: bit n is set if the unit walks tables of n
 *	levels
 * @addr_bits: width of the largest IOVA, in bits
 * @phys_bits: width of the largest output address, in bits
 * @max_domain_id: largest domain ID; the core allocates IDs from 1
 * @coherent: the unit snoops CPU caches when it walks tables
 * @passthrough: device entries can select identity without a page table
 * @snoop: leaf entries can force snooping
 * @dirty: entries can make the unit record in leaves that a device has written
 * @map_flush: new mappings need a call of nyx_unit_ops.flush with
 *	nyx_flush.map set, because the unit caches non-present entries or
 *	buffers writes
 * @blocked_cached: the unit caches device entries that block DMA
 * @first: first-stage tables, which have the format of the CPU's page tables. Their
 *	translations are tagged with PASID and domain ID; those of @format with a
 *	domain ID only. @first.format is equal to
 *	@format if the unit walks no others
 * @pasid_bits: width of PASIDs, in bits; 0 if the unit supports none
 * @nested: entries can lead to two tables (nyx_entry.guest), the second of which has
 *	@format. Then the unit caches no non-present entries, buffers no writes and has
 *	@snoop. Cached translations are tagged as those of @first
 * @page_requests: the unit logs page requests
 * @response_pasid: responses to page requests with a PASID have the PASID, which not all
 *	devices accept
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
	bool dirty;
	bool map_flush;
	bool blocked_cached;
	struct nyx_walk_caps first;
	u8 pasid_bits;
	bool nested;
	bool page_requests;
	bool response_pasid;
};

/**
 * enum nyx_entry_kind - how a unit treats the DMA of a device
 * @NYX_ENTRY_BLOCKED: every request faults
 * @NYX_ENTRY_IDENTITY: requests pass untranslated; needs
 *	nyx_unit_caps.passthrough
 * @NYX_ENTRY_TABLE: requests are translated by a page table
 * @NYX_ENTRY_FOREIGN: requests are treated as by the kernel that crashed, whose
 *	entry was copied. Only a device that this driver has not used yet has it
 */
enum nyx_entry_kind {
	NYX_ENTRY_BLOCKED,
	NYX_ENTRY_IDENTITY,
	NYX_ENTRY_TABLE,
	NYX_ENTRY_FOREIGN,
};

/**
 * struct nyx_guest_table - first-stage table that a guest manages in its own memory
 * @root: address of the root table in the address space that the second stage
 *	translates, a multiple of 4 KiB
 * @levels: number of table levels
 * @flags: further properties, in the encoding of the vendor's struct for user space
 */
struct nyx_guest_table {
	u64 root;
	u8 levels;
	u64 flags;
};

/**
 * struct nyx_entry - contents of the hardware entry of a device
 * @kind: how requests are treated
 * @domain_id: domain ID that tags cached translations; unused with
 *	NYX_ENTRY_BLOCKED
 * @pt: the page table, with NYX_ENTRY_TABLE
 * @guest: first stage of a nested translation: @guest translates the addresses of
 *	requests, and @pt, the second stage, the results and the addresses of the tables
 *	of @guest. NULL if there is only @pt. Needs nyx_unit_caps.nested
 * @ats: translation requests are allowed; only with NYX_ENTRY_TABLE, or with
 *	NYX_ENTRY_IDENTITY and @pasids
 * @dirty: the unit records writes in the leaves of the table; only with
 *	NYX_ENTRY_TABLE and nyx_pt_cfg.dirty
 * @pasids: requests with a PASID are translated as the PASID entries of the device say
 *	(<nyx/pasid.h>), else they are blocked; not with NYX_ENTRY_BLOCKED. With
 *	nyx_walk_caps.per_device, only with NYX_ENTRY_IDENTITY or a first-stage @pt
 * @page_requests: the unit logs page requests of the device; only with @ats
 * @quiet: the unit does not log faults of the device; only with
 *	NYX_ENTRY_BLOCKED
 */
struct nyx_entry {
	enum nyx_entry_kind kind;
	u16 domain_id;
	const struct nyx_pt *pt;
	const struct nyx_guest_table *guest;
	bool ats;
	bool dirty;
	bool pasids;
	bool page_requests;
	bool quiet;
};

/**
 * struct nyx_flush - invalidation of one domain on one unit
 * @domain_id: ID of the domain on this unit
 * @first: the table is a first-stage table (nyx_unit_caps.first)
 * @pasid: with @first, the PASID whose translations are invalidated; 0 stands for
 *	requests without PASID
 * @only: with nyx_walk_caps.per_device, the device that uses @domain_id; else NULL
 * @second: the second stage of a nested translation was changed, at IOVAs that do not
 *	matter: the flush is about the whole domain
 * @start: first IOVA
 * @last: last IOVA, inclusive; 0 to U64_MAX means the whole domain
 * @leaf_only: no table was freed, so cached non-leaf entries may stay
 * @map: mappings were added and none was removed; only units that cache
 *	non-present entries or buffer writes have anything to do
 * @ats: devices of the domain that use ATS or are about to, linked by
 *	nyx_device.ats_node and read under RCU; NULL if there are none. Devices
 *	of all units are on the list: the unit invalidates those whose
 *	nyx_device.unit is the unit itself
 * @pasids: PASIDs of devices that the domain is attached to or about to be, a list of
 *	struct nyx_pasid, read under RCU; NULL if there are none. As with @ats, the
 *	unit invalidates the device TLBs of its own devices
 */
struct nyx_flush {
	u16 domain_id;
	bool first;
	u32 pasid;
	const struct nyx_device *only;
	bool second;
	u64 start;
	u64 last;
	bool leaf_only;
	bool map;
	const struct list_head *ats;
	const struct list_head *pasids;
};

/**
 * struct nyx_unit_ops - operations of a unit
 *
 * Each vendor defines one such table. All waits for hardware are bounded.
 */
struct nyx_unit_ops {
	/**
	 * @start: set up the tables, the queue and the fault interrupt of the
	 * unit. Translation stays off. On error nothing remains set up. May
	 * sleep.
	 *
	 * Returns 0 or an error.
	 */
	int (*start)(struct nyx_unit *unit);

	/**
	 * @enable: enable translation. The core has already set every entry
	 * that must pass DMA. May sleep, except after @wake.
	 *
	 * Returns 0 or an error.
	 */
	int (*enable)(struct nyx_unit *unit);

	/**
	 * @disable: disable translation, except with nyx_unit.stays_on. The
	 * core also calls it with interrupts disabled (reboot, kexec), and on a
	 * unit that is gone.
	 */
	void (*disable)(struct nyx_unit *unit);

	/**
	 * @block: block all DMA of the unit for good, and leave translation
	 * enabled. With @next, for reboot and kexec, interrupts pass afterwards
	 * as if there were no remapping; otherwise those that are blocked stay
	 * blocked, and none is remapped. Any context; interrupts may be
	 * disabled. Also called on a unit that is out of service or gone, and
	 * without @next on one whose @enable failed.
	 *
	 * Returns true if the unit confirmed that it blocks all DMA.
	 */
	bool (*block)(struct nyx_unit *unit, bool next);

	/**
	 * @block_end: make the unit access no memory any more except for the
	 * tables whose entries block. Called after @block was called for all
	 * units, because a unit may not be able to invalidate once the queue of
	 * another one is disabled. Any context; interrupts may be disabled.
	 *
	 * Returns true if the unit confirmed it.
	 */
	bool (*block_end)(struct nyx_unit *unit);

	/**
	 * @wake: restore what @start programmed, after a sleep in which the
	 * unit lost its registers. @disable was called before the sleep. Called
	 * for all units before @enable is called for any. Interrupts are
	 * disabled.
	 *
	 * Returns 0 or an error.
	 */
	int (*wake)(struct nyx_unit *unit);

	/**
	 * @stop: undo @start: release the interrupt, the queue and the tables.
	 * Translation is off, or @stuck is set and the tables stay in use. May
	 * sleep.
	 */
	void (*stop)(struct nyx_unit *unit);

	/**
	 * @destroy: free the unit, which the vendor allocated.
	 */
	void (*destroy)(struct nyx_unit *unit);

	/**
	 * @flush: invalidate cached translations, and return when the unit has
	 * confirmed the invalidation. Any context; interrupts may be disabled.
	 * The vendor counts, logs and handles errors, and takes a unit that
	 * does not confirm out of service.
	 *
	 * Returns 0, or -EIO if the unit may still cache the translations. Then
	 * the memory that they lead to must not be reused.
	 */
	int (*flush)(struct nyx_unit *unit, const struct nyx_flush *flush);

	/**
	 * @flush_post: send the commands of @flush to the unit, and return
	 * without waiting. Any context; interrupts may be disabled.
	 *
	 * Returns true, and @flush_await has to follow; false if nothing was
	 * sent, and @flush has to be used, for example because the commands do
	 * not fit into one submission.
	 */
	bool (*flush_post)(struct nyx_unit *unit, const struct nyx_flush *flush,
			   struct nyx_flush_ticket *ticket);

	/**
	 * @flush_await: wait for the commands of @flush_post. Any context;
	 * interrupts may be disabled.
	 *
	 * Returns 0 if the unit has confirmed the invalidation. After an error
	 * @flush has to be used, which repeats the commands and handles errors;
	 * after -ETIME, the device @rid has to be isolated first, unless @rid
	 * is 0.
	 */
	int (*flush_await)(struct nyx_unit *unit,
			   const struct nyx_flush_ticket *ticket, u16 *rid);

	/**
	 * @read_faults: read some entries of the fault log and report them, in
	 * the thread of the fault interrupt. May sleep.
	 *
	 * Returns the number of entries, 0 if the log is empty.
	 */
	u32 (*read_faults)(struct nyx_unit *unit);

	/**
	 * @drain_requests: wait until the log holds all page requests that a device
	 * sent before. The device sends no more, or the unit refuses them. May
	 * sleep. NULL if no unit of the vendor has nyx_unit_caps.page_requests.
	 */
	void (*drain_requests)(struct nyx_unit *unit,
			       const struct nyx_device *ndev);

	/**
	 * @read_requests: call nyx_page_request() for each entry of the log of page
	 * requests, until it is empty. Called with nyx_unit.page_lock held, by
	 * nyx_page_requests_read(). May sleep. NULL as @drain_requests.
	 */
	void (*read_requests)(struct nyx_unit *unit);

	/**
	 * @respond: send the response to the group of a page request to the
	 * device. May sleep. NULL as @drain_requests.
	 */
	void (*respond)(struct nyx_unit *unit,
			const struct nyx_page_request *req,
			enum nyx_page_response response);

	/**
	 * @contain: block all DMA and all remapped interrupts of the unit, and
	 * invalidate all its caches, as far as it still responds. DMA of
	 * devices with identity may continue. Called once, by
	 * nyx_unit_contain(). It keeps the time short in which devices can use
	 * translations that the unit failed to invalidate. Any context;
	 * interrupts may be disabled.
	 *
	 * Returns true if the unit no longer uses any translation or interrupt
	 * entry, false if that is not certain.
	 */
	bool (*contain)(struct nyx_unit *unit);

	/**
	 * @entries: operations for nyx_entry_set() and nyx_isolate_block()
	 */
	const struct nyx_entry_ops *entries;

	/**
	 * @pasids: operations for PASID entries; NULL if no unit of the vendor has
	 * nyx_unit_caps.pasid_bits
	 */
	const struct nyx_pasid_ops *pasids;

	/**
	 * @nested: operations for nested domains; NULL if no unit of the vendor has
	 * nyx_unit_caps.nested
	 */
	const struct nyx_nested_ops *nested;

	/**
	 * @invalidate: operations for nyx_invalidate() and its variants
	 */
	const struct nyx_invalidate_ops *invalidate;

	/**
	 * @show_registers: print the registers of the unit, with their fields
	 * by name, to debugfs.
	 */
	void (*show_registers)(struct nyx_unit *unit, struct seq_file *m);

	/**
	 * @show_capabilities: print the capabilities of the unit by name, to
	 * debugfs.
	 */
	void (*show_capabilities)(struct nyx_unit *unit, struct seq_file *m);

	/**
	 * @show_entry: print the entry of a requester ID to debugfs: its quads
	 * from bits 63:0 upwards, joined by "+", then its fields by name; "- -"
	 * if the tables hold no entry for @rid.
	 */
	void (*show_entry)(struct nyx_unit *unit, u16 rid, struct seq_file *m);
};

/**
 * struct nyx_unit - one remapping unit; the struct of the vendor embeds it
 * @iommu: handle of the unit in the IOMMU core
 * @ops: operations of the vendor
 * @caps: capabilities, set by the vendor's probe function
 * @name: short name of the vendor and a number, for the log, debugfs and sysfs
 * @segment: PCI segment that the unit serves
 * @phys: physical address of the register window
 * @nid: NUMA node, or NUMA_NO_NODE
 * @node: entry in nyx_units
 * @domain_ids: allocator of domain IDs
 * @foreign: a bit for each requester ID whose entry was copied from the crashed
 *	kernel and not replaced yet; NULL except in a capture kernel whose
 *	crashed kernel used the unit
 * @identity: identity page table of a unit without nyx_unit_caps.passthrough,
 *	else NULL
 * @identity_id: domain ID of identity entries
 * @intr: interrupt remapping
 * @fault_irq: the fault interrupt
 * @page_lock: serializes readers of the log of page requests
 * @page_losses: how often the log of page requests was full; under @page_lock
 * @page_queue: queue of the kernel's I/O page-fault framework, with
 *	nyx_unit_caps.page_requests; NULL if page requests are not handled
 * @started: nyx_unit_ops.start succeeded
 * @enabled: translation is enabled
 * @dead: the unit is out of service; set once, by nyx_unit_retire()
 * @contained: nyx_unit_ops.contain was called; set once, by nyx_unit_contain()
 * @ats_off: no device below the unit gets ATS any more, because the unit cannot
 *	report unresponsive devices. Set once, by the vendor
 * @stuck: the unit did not confirm that it started or stopped, and may use its
 *	memory at any time; that memory is never freed. Set by the vendor, and
 *	by the core for a unit that was to block all DMA
 * @blocks: the unit has confirmed that it blocks all DMA for good
 * @stays_on: translation is never disabled, because the unit could hang. All
 *	DMA below it passes untranslated instead (nyx_unit_set_identity()), and
 *	@stuck is set, except with @asleep. Set by the vendor's probe function
 * @left_on: the driver has left the unit with translation enabled, because of
 *	@stays_on: all requests pass for good. Set by nyx_units_disable()
 * @no_sleep: firmware may not restore the unit after a sleep, and the driver
 *	cannot. Set by nyx_unit_ops.start
 * @asleep: translation is disabled, or about to be, for a sleep of the machine,
 *	although @enabled is set; written with interrupts disabled on the only
 *	CPU
 * @registered: the unit is registered with the IOMMU core
 * @store_lock: serializes stores to device entries. Entries are changed under
 *	nyx_device.entry_lock of their device, but nyx_isolate_block() and
 *	nyx_cut_off() store from any context without it. Therefore the lock is
 *	raw, and taken with interrupts disabled
 * @stats: per-CPU counters
 * @latency: latency histograms, NULL until they are switched on
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
	unsigned long *foreign;
	struct nyx_pt *identity;
	u16 identity_id;
	struct nyx_intr_unit intr;
	struct nyx_fault_irq fault_irq;
	struct mutex page_lock;		/* see @page_lock above */
	unsigned int page_losses;
	struct iopf_queue *page_queue;
	bool started;
	bool enabled;
	bool dead;
	bool contained;
	bool ats_off;
	bool stuck;
	bool blocks;
	bool stays_on;
	bool left_on;
	bool no_sleep;
	bool asleep;
	bool registered;
	raw_spinlock_t store_lock;	/* see @store_lock above */
	struct nyx_unit_stats __percpu *stats;
	struct nyx_latency __percpu *latency;
};

/**
 * struct nyx_vendor - entry points of a vendor
 * @name: name of the vendor's technology in log messages
 * @table: signature of the ACPI table that describes the units
 * @probe: parse the ACPI table and append its units to @units. Reads the
 *	capabilities of the units, but does not change their state. A unit that
 *	cannot be used is left out, after a message. Returns 0 with at least one
 *	unit; -ENODEV, without a message, if there is no such table; or another
 *	error after a message with cause and remedy. On error @units is empty
 * @diagnose: parse the ACPI table and append its units to nyx_diag_units, and to
 *	nyx_diag_notes what is worth knowing. Reads registers and claims none.
 *	Returns 0, also without any unit, for example if the table is refused;
 *	-ENODEV, without a message, if there is no such table; or -ENOMEM. On
 *	error the parsed table is freed
 * @find_unit: find the unit that serves a device, and the requester ID that
 *	identifies the device to the unit. Returns ERR_PTR(-ENODEV) if no unit
 *	serves it, or ERR_PTR(-ENXIO) if its unit stays off. If several units
 *	claim the device, none serves it, and they let its requests pass
 *	untranslated afterwards, which is logged. Called with nyx_devices_lock
 *	held
 * @ioapic: find the unit that serves an I/O APIC, and the requester ID of its
 *	interrupt requests. Returns ERR_PTR(-ENODEV) if firmware names none, or
 *	ERR_PTR(-ENXIO) if the unit stays off. NULL if the vendor does not support
 *	that interrupts of I/O APICs are adopted
 * @alias: find the additional requester ID that the firmware assigns to a
 *	device. Returns false if there is none; may be NULL
 * @get_resv_regions: append the reserved regions that the firmware describes
 *	for a device, as iommu_ops.get_resv_regions does
 * @ats_allowed: whether the unit supports ATS, the firmware allows it on the
 *	path to a device, and the unit can serve the translation requests of the
 *	device
 * @pre_boot_protection: whether firmware blocked DMA until it started the
 *	system, and requests that the system continues to do so
 * @identity_needed: whether a device gets identity by default, because it does
 *	not work otherwise, or because the kernel's own driver does the same. May
 *	be NULL
 * @hw_info: describe a unit for iommu_ops.hw_info. Sets @type to the type of the
 *	result and @length to its size in bytes. Returns a buffer that the caller
 *	frees with kfree(); or NULL if there is no memory
 * @release: free the data that @probe parsed; the units are already destroyed
 */
struct nyx_vendor {
	const char *name;
	const char *table;
	int (*probe)(struct list_head *units);
	int (*diagnose)(void);
	struct nyx_unit *(*find_unit)(struct device *dev, u16 *rid);
	struct nyx_unit *(*ioapic)(u8 id, u16 *rid);
	bool (*alias)(struct device *dev, u16 *alias);
	void (*get_resv_regions)(struct device *dev, struct list_head *head);
	bool (*ats_allowed)(struct device *dev, struct nyx_unit *unit);
	bool (*pre_boot_protection)(void);
	bool (*identity_needed)(const struct nyx_device *ndev);
	void *(*hw_info)(const struct nyx_unit *unit, u32 *length,
			 enum iommu_hw_info_type *type);
	void (*release)(void);
};

extern const struct nyx_vendor nyx_vtd;
extern const struct nyx_vendor nyx_amd;

/*
 * All units, and their vendor. Both are set before the first device is probed,
 * and stay constant until the last device has been released.
 */
extern struct list_head nyx_units;
extern const struct nyx_vendor *nyx_vendor;

/* Reason why a unit is out of service if a register of a unit reads as all ones. */
#define NYX_UNIT_GONE_WHY "its registers read as all ones"

/* core/takeover.c */
bool nyx_takeover_allowed(void);

/* core/foreign.c */
int nyx_unit_foreign_init(struct nyx_unit *unit);
int nyx_unit_foreign_add(struct nyx_unit *unit, u16 rid, u16 domain_id);
bool nyx_unit_foreign_has(const struct nyx_unit *unit, u16 rid);
void nyx_unit_foreign_drop(struct nyx_unit *unit, u16 rid);
bool nyx_units_are_foreign(void);

/* core/shutdown.c */
int nyx_shutdown_check_parameter(void);
bool nyx_shutdown_blocks(void);
gfp_t nyx_shutdown_gfp(void);

int nyx_unit_init(struct nyx_unit *unit, const struct nyx_unit_ops *ops);
void nyx_unit_cleanup(struct nyx_unit *unit);
void nyx_unit_retire(struct nyx_unit *unit, const char *why);
void nyx_unit_contain(struct nyx_unit *unit);
void nyx_unit_fail(struct nyx_unit *unit, const char *why);

#endif /* NYX_UNIT_H */
