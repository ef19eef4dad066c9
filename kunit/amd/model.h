/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A model of an AMD IOMMU, after the specification (48882): a command buffer,
 * an event log, a PPR log, and caches of device table entries, translations and
 * interrupt remapping tables. It shares no constant with the driver.
 *
 * The model executes commands only when software reads the Status Register.
 * Tests can hook this read, so that something happens before or after the
 * commands are executed.
 */
#ifndef NYX_KUNIT_AMD_MODEL_H
#define NYX_KUNIT_AMD_MODEL_H

#include <kunit/test.h>
#include <linux/bitmap.h>
#include <linux/spinlock.h>
#include <nyx/device.h>

#include "guest_model.h"
#include "intr_model.h"

struct amd_unit;

/* Bits of the Extended Feature Register. */
#define PPR_SUP BIT_ULL(1)
#define XT_SUP BIT_ULL(2)
#define IA_SUP BIT_ULL(6)
#define GA_SUP BIT_ULL(7)
#define DEV_TBL_SEG_SUP(n) ((u64)(n) << 38)

enum {
	AMD_MODEL_DEVICES = 4,
	AMD_MODEL_WALKS = 16,
	AMD_MODEL_CMDS = 128,
};

/**
 * struct amd_model_device - a device below the unit
 * @rid: its DeviceID
 * @cached: its device table entry is cached
 * @q: the cached entry, bits 127:0
 * @ats: its ATS is enabled
 * @iotlb_cmds: number of INVALIDATE_IOTLB_PAGES commands for the device
 */
struct amd_model_device {
	u16 rid;
	bool cached;
	u64 q[2];
	bool ats;
	unsigned int iotlb_cmds;
};

/**
 * struct amd_model_walk - a cached translation
 * @domain_id: the DomainID
 * @root: physical address of the table that the unit walked
 */
struct amd_model_walk {
	u16 domain_id;
	u64 root;
};

/**
 * struct amd_model - one unit
 * @test: the test
 * @au: the driver's record of the unit
 * @lock: serializes accesses to the registers
 * @on_status: hook, called without @lock when software reads the Status
 *	Register with interrupts enabled, before and after commands are executed
 * @on_config: the configuration space of the unit's function, or with @bridge
 *	that of its host bridge: reads or writes the dword at @where. NULL: there
 *	are only the registers @l2
 * @unresponsive: DeviceID of a device that does not respond to
 *	INVALIDATE_IOTLB_PAGES; 0: all devices respond
 * @all_unresponsive: no device responds
 * @flood: number of page faults that another device causes at every
 *	INVALIDATE_IOTLB_PAGES
 * @late: number of devices that the unit waits for, one after the other, before it
 *	executes its commands. Each wait ends with the timeout of @unresponsive
 * @late_ns: duration of each wait
 * @late_until: end of the current wait
 * @tail_reset_in: number of reads of the event log's tail after which the tail
 *	jumps to @tail_reset_to; 0: it never does
 * @tail_reset_to: the entry
 * @unwritten: number of events for which the unit moves the tail of the event
 *	log, but never writes the entry
 * @locked: writes to the Control Register have no effect
 * @frozen: bits of the Status Register that no longer follow the Control
 *	Register
 * @sticky: bits of the Status Register that stay set when software clears them
 *	the next time
 * @read_only: software must not write any register
 * @gone: all registers read as ones
 * @hidden: the unit's PCI function is hidden
 * @no_msi: the function has no MSI
 * @stalled: the unit fetches no commands until the command buffer is disabled
 * @stays_stalled: disabling the command buffer does not end @stalled
 * @stall_stops: disabling the command buffer ends @stalled only after it did so
 *	this often without effect
 * @illegal_opcode: commands with this opcode stop the command buffer
 * @illegal_count: number of commands that @illegal_opcode still stops
 * @watched: DeviceID of a device that does DMA at every write to a register;
 *	0: none
 * @split_stores: the CPU stores the halves of an entry one by one, and the unit
 *	reads the entry in between
 * @base: physical address of the registers
 * @cap: Capability Header of the unit's PCI function
 * @functions: number of users of the PCI function
 * @efr: Extended Feature Register
 * @control: Control Register
 * @status: Status Register
 * @devtab: Device Table Base Address Register, and those of other segments
 * @exclusion: Exclusion Base and Limit Registers
 * @cmd_base: Command Buffer Base Address Register
 * @cmd_head: Command Buffer Head Pointer Register
 * @cmd_tail: Command Buffer Tail Pointer Register
 * @log_base: Event Log Base Address Register
 * @log_head: Event Log Head Pointer Register
 * @log_tail: Event Log Tail Pointer Register
 * @ppr_base: PPR Log Base Address Register
 * @ppr_head: PPR Log Head Pointer Register
 * @ppr_tail: PPR Log Tail Pointer Register
 * @l2_index: IOMMU L2 Config Index, in configuration space
 * @l2: registers that @l2_index selects
 * @l2_writes: number of writes to them
 * @atomic: the last read of the Status Register was with interrupts disabled
 * @blocked: number of requests of @watched that the unit blocked
 * @untranslated: number of its requests that passed because translation was
 *	disabled
 * @irq_control: Control Register when the fault interrupt was set up
 * @globals: number of INVALIDATE_IOMMU_ALL commands
 * @globals_atomic: number of those for which software waited with interrupts
 *	disabled
 * @entries: DeviceIDs of INVALIDATE_DEVTAB_ENTRY commands
 * @domains: DomainIDs of INVALIDATE_IOMMU_PAGES commands for a whole domain
 * @response: the last COMPLETE_PPR_REQUEST command
 * @nr_responses: number of these commands
 * @cmds: the first AMD_MODEL_CMDS commands since a test set @nr_cmds to 0
 * @nr_cmds: number of commands executed
 * @walks: cached translations
 * @nr_walks: number of them
 * @guest: guest translations
 * @dropped: events that were not logged, as the log was full or disabled
 * @intr: the unit's interrupt remapping
 * @devices: devices below the unit
 * @nr_devices: number of them
 * @log_reads: number of reads of the event log's tail
 * @status_reads: number of reads of the Status Register
 */
struct amd_model {
	struct kunit *test;
	struct amd_unit *au;
	raw_spinlock_t lock;	/* see @lock above */
	void (*on_status)(struct amd_model *model, bool done);
	void (*on_config)(struct amd_model *model, bool bridge, int where,
			  u32 *val, bool write);
	u16 unresponsive;
	bool all_unresponsive;
	unsigned int flood;
	unsigned int unwritten;
	unsigned int late;
	u64 late_ns;
	u64 late_until;
	bool locked;
	u32 frozen;
	u32 sticky;
	bool read_only;
	bool gone;
	bool hidden;
	bool no_msi;
	bool stalled;
	bool stays_stalled;
	unsigned int stall_stops;
	u8 illegal_opcode;
	unsigned int illegal_count;
	u16 watched;
	bool split_stores;
	u64 base;
	u32 cap;
	int functions;
	u64 efr;

	u64 control;
	u32 status;
	u64 devtab[8];
	u64 exclusion[2];
	u64 cmd_base;
	u32 cmd_head;
	u32 cmd_tail;
	u64 log_base;
	u32 log_head;
	u32 log_tail;
	u32 tail_reset_in;
	u32 tail_reset_to;
	u64 ppr_base;
	u32 ppr_head;
	u32 ppr_tail;
	u32 l2_index;
	u32 l2[256];
	unsigned int l2_writes;
	bool atomic;
	unsigned int blocked;
	unsigned int untranslated;
	u64 irq_control;
	unsigned int globals;
	unsigned int globals_atomic;
	DECLARE_BITMAP(entries, 65536);
	DECLARE_BITMAP(domains, 65536);
	u64 response[2];
	unsigned int nr_responses;
	u64 cmds[AMD_MODEL_CMDS][2];
	unsigned int nr_cmds;
	struct amd_model_walk walks[AMD_MODEL_WALKS];
	unsigned int nr_walks;
	struct amd_guest_model guest;
	unsigned int dropped;
	struct amd_intr_model intr;
	struct amd_model_device devices[AMD_MODEL_DEVICES];
	unsigned int nr_devices;
	unsigned int log_reads;
	unsigned int status_reads;
};

u64 amd_model_read(struct amd_model *model, u32 reg);
void amd_model_write(struct amd_model *model, u32 reg, u64 val);
void amd_model_run(struct amd_model *model);
void amd_model_reread(struct amd_model *model);
void amd_model_log(struct amd_model *model, u64 lo, u64 hi);
const u64 *amd_model_entry(struct amd_model *model, u16 rid);
struct amd_model_device *amd_model_find(struct amd_model *model, u16 rid);
bool amd_model_reaches(struct amd_model *model, const struct nyx_entry *entry);
bool amd_model_mixes(struct amd_model *model, const struct nyx_entry *entry);

struct amd_model *amd_model_at(unsigned int index);
struct amd_model *amd_model_of(phys_addr_t base);
struct amd_model *amd_model_new(struct kunit *test, u64 efr, u16 last);
void amd_model_ioapic(struct amd_model *model, u16 source);
void amd_model_scatter(struct amd_model *model, unsigned int segments);
void amd_model_start(struct amd_model *model);
struct amd_model *amd_model_running(struct kunit *test);
void amd_model_fail_once(struct amd_model *model, bool done);
void amd_model_free(struct amd_model *model);
struct nyx_device *amd_model_add(struct amd_model *model, u16 rid);
void amd_model_alias(struct amd_model *model, struct nyx_device *ndev, u16 rid);
struct nyx_entry amd_model_table(struct amd_model *model, u16 domain_id);
int amd_model_set(struct nyx_device *ndev, const struct nyx_entry *entry);

#endif /* NYX_KUNIT_AMD_MODEL_H */
